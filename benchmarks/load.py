"""Requests over connections that stay open, from one process and without a client library: it must cost little."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """What a round of requests came to: answers in a second, and each answer's time in seconds, sorted."""

    rate: float
    seconds: tuple[float, ...]

    def at(self, share: float) -> float:
        """The time within which that share of the answers came, in seconds."""
        return self.seconds[min(int(len(self.seconds) * share), len(self.seconds) - 1)]


def request(path: str, headers: dict[str, str]) -> bytes:
    """A GET as it goes over the wire."""
    lines = [f"GET {path} HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


LEAST = 20
"""However slow a server is, so many answers are waited for."""


def run(port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> Load:
    """Ask in turn on so many connections for so long; any answer but 200 raises RuntimeError."""
    waiting, todo = selectors.DefaultSelector(), cycle(requests)
    lines = [_Line(port) for _ in range(connections)]
    for line in lines:
        waiting.register(line.socket, selectors.EVENT_READ, line)
        line.send(next(todo))
    taken: list[float] = []
    began = time.perf_counter()
    end = began + seconds
    while time.perf_counter() < end or len(taken) < LEAST:
        for key, _ in waiting.select(timeout=1.0):
            line = key.data
            if line.receive():
                taken.append(time.perf_counter() - line.sent)
                line.send(next(todo))
    took = time.perf_counter() - began
    waiting.close()
    for line in lines:
        line.socket.close()
    return Load(rate=len(taken) / took, seconds=tuple(sorted(taken)))


class _Line:
    """One connection with one question under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.read, self.sent = b"", 0.0

    def send(self, asked: bytes) -> None:
        self.read, self.sent = b"", time.perf_counter()
        self.socket.sendall(asked)

    def receive(self) -> bool:
        """Whether the answer is whole now."""
        some = self.socket.recv(65_536)
        self.read += some
        if not some:
            raise RuntimeError(f"the server hung up after {self.read[:300]!r}")
        head, found, body = self.read.partition(b"\r\n\r\n")
        if not found:
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"not a 200: {self.read[:600]!r}")
        return len(body) >= _length(head)


def _length(head: bytes) -> int:
    at = head.lower().index(b"content-length:")
    return int(head[at + 15 :].split(b"\r\n", 1)[0])


def spread(keys: Sequence[str], path: str, headers: dict[str, str]) -> Iterator[bytes]:
    """One request for each key, which the path names as `{key}`."""
    return (request(path.format(key=key), headers) for key in keys)
