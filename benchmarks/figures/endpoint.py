"""The score endpoint against a greeting on the same server: rounds in turn, a durable log row for every score."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache

from benchmarks.figure import Measured, Run, figure
from benchmarks.load import Load, request, run, spread
from benchmarks.served.serving import Site, served
from benchmarks.timing import duration

NEEDS = ("postgresql", "learn", "served")
CONNECTIONS = 8
SCORE = "?model=till.Buyer&key={key}"


@dataclass(kw_only=True, slots=True)
class Rounds:
    """One address, and what its rounds came to."""

    site: Site
    requests: list[bytes]
    loads: list[Load] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def take(self, seconds: float) -> None:
        """One more round; the server's processor time of one answer is kept beside it."""
        before = self.site.cpu()
        load = run(self.site.port, self.requests, connections=CONNECTIONS, seconds=seconds)
        self.cpu.append((self.site.cpu() - before) / len(load.seconds))
        self.loads.append(load)

    @property
    def rate(self) -> float:
        """Answers in a second."""
        return statistics.median(load.rate for load in self.loads)

    def at(self, share: float) -> float:
        """The time within which that share of answers came, in the middle round."""
        return statistics.median(load.at(share) for load in self.loads)


def _addresses(new: Site, again: Site, known: dict[str, object]) -> dict[str, Rounds]:
    keys = [str(key) for key in known["keys"]]  # type: ignore[attr-defined]
    gateway, session = {"X-Signed-In": str(known["agent"])}, {"Cookie": f"sessionid={known['session']}"}

    def score(path: str, headers: dict[str, str], few: int | None = None) -> list[bytes]:
        return list(spread(keys[:few], path + SCORE, headers))

    return {
        "hello": Rounds(site=new, requests=[request("/hello/", gateway)]),
        "score": Rounds(site=new, requests=score("/assist/score/", gateway)),
        "rest_hello": Rounds(site=new, requests=[request("/rest/hello/", gateway)]),
        "rest": Rounds(site=new, requests=score("/api/assist/v1/assist/", gateway)),
        "hello_signed_in": Rounds(site=new, requests=[request("/hello/signed-in/", session)]),
        "score_signed_in": Rounds(site=new, requests=score("/assist/score/", session)),
        "again": Rounds(site=again, requests=score("/assist/score/", gateway, 100)),
        "panel": Rounds(site=new, requests=score("/assist/panel/", gateway)),
    }


@cache
def measured(run: Run) -> dict[str, Rounds]:
    """All addresses, each in every round; one measurement serves all figures of a run."""
    command = [sys.executable, "-m", "benchmarks.served.filling", str(run.size(full=20_000, quick=3_000))]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "benchmarks.served.settings"}
    known = json.loads(subprocess.run(command, check=True, capture_output=True, env=environment).stdout)
    with ExitStack() as sites:
        new, again = (sites.enter_context(served(BENCH_REUSE_SECONDS=seconds)) for seconds in ("0", "3600"))
        rounds = _addresses(new, again, known)
        wanted = os.environ.get("BENCH_ADDRESSES", "").split() or list(rounds)
        for name in wanted:
            rounds[name].take(run.size(full=3, quick=1))  # code is loaded, cards are read, plans are made
        for taken in rounds.values():
            taken.loads.clear()
            taken.cpu.clear()
        for _ in range(run.size(full=9, quick=3)):
            for name in wanted:
                rounds[name].take(run.size(full=3, quick=1))
    return rounds


def _against(run: Run, name: str, reference: str = "hello") -> Measured:
    rounds = measured(run)
    one, other = rounds[name], rounds[reference]
    ratio = statistics.median(a.rate / b.rate for a, b in zip(one.loads, other.loads, strict=True))
    cpu = statistics.median(one.cpu), statistics.median(other.cpu)
    return Measured(
        value=ratio,
        reference=f"{one.rate:,.0f}/s; {reference} {other.rate:,.0f}/s; p50 {duration(one.at(0.5))} "
        f"p99 {duration(one.at(0.99))}; cpu {duration(cpu[0])} to {duration(cpu[1])}",
        detail={
            "rate": one.rate, "reference_rate": other.rate, "p50_s": one.at(0.5), "p99_s": one.at(0.99),
            "cpu_s": cpu[0], "reference_cpu_s": cpu[1],
        },
    )  # fmt: skip


@figure("endpoint.score", bar=0.40, better="higher", needs=NEEDS)
def score(run: Run) -> Measured:
    """The score of a new decision with its durable row, signed in by a gateway."""
    return _against(run, "score")


@figure("endpoint.rest", bar=0.25, better="higher", needs=NEEDS)
def rest(run: Run) -> Measured:
    """The same by REST, against the plain greeting."""
    return _against(run, "rest")


@figure("endpoint.rest_hello", better="higher", needs=NEEDS)
def rest_hello(run: Run) -> Measured:
    """What REST alone leaves of the plain greeting."""
    return _against(run, "rest_hello")


@figure("endpoint.signed_in", better="higher", needs=NEEDS)
def signed_in(run: Run) -> Measured:
    """The score of a person with a session, against a greeting of the same person."""
    return _against(run, "score_signed_in", "hello_signed_in")


@figure("endpoint.again", better="higher", needs=NEEDS)
def again(run: Run) -> Measured:
    """The score shown again: the decision of a moment ago, nothing logged."""
    return _against(run, "again")


@figure("endpoint.panel", better="higher", needs=NEEDS)
def panel(run: Run) -> Measured:
    """The agent's panel as a fragment, a new decision each time."""
    return _against(run, "panel")
