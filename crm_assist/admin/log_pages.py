"""The log's seals in the admin: how it stands, and its verification, a few seconds at a time, from where it ended."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_assist import flow
from crm_assist.admin.own_page import OwnPage, number_in
from crm_assist.types import Principal
from crm_assist.web.panel_view import moment

MOST_FAULTS = 100


class LogPages(OwnPage):
    """Is the log still what was written?"""

    readers = ("view_log",)
    seconds: ClassVar[float] = 3.0
    """For how long one request verifies; one link of the chain, at most 5,000 rows, is always finished."""

    def addresses(self) -> list[URLPattern]:
        """How it stands, and the verification."""
        return [self.route("", self.state, "changelist"), self.route("verify/", self.verify, "verify")]

    def state(self, request: HttpRequest, principal: Principal) -> HttpResponse:
        """Seals, what no seal covers yet, and the guards in the database."""
        return self._page(request, principal, {})

    def verify(self, request: HttpRequest, principal: Principal) -> HttpResponse:
        """Verify from the seal in the address on; the browser asks for the rest by itself until a fault is found."""
        after, found = number_in(request, "after", most=10**9), number_in(request, "found", most=10**9)
        checked = list(_in_time(flow.verify_log(principal, after=str(after)), self.seconds))
        faults = [fault for one in checked for fault in one.faults]
        last = checked[-1].step if checked else None
        rest = last is not None and last.total is not None and last.done < last.total
        ways = {"after": last.done if last else after, "found": found + len(faults)}
        address = f"{self.address('verify')}?{urlencode(ways)}"
        context = {
            "verified": {
                "done": ways["after"],
                "total": last.total if last else ways["after"],
                "found": ways["found"],
                "found_words": number_format(ways["found"], use_l10n=True, force_grouping=True),
                "faults": [_fault(fault) for fault in islice(faults, MOST_FAULTS)],
                "next": address if rest else "",
                "is_over": not rest,
            }
        }
        response = self._page(request, principal, context)
        if rest and not faults:
            response["Refresh"] = f"0; url={address}"
        return response

    def _page(self, request: HttpRequest, principal: Principal, context: dict[str, Any]) -> HttpResponse:
        state = flow.log_state(principal)
        counted = state.unsealed.count
        told = {
            "seals": number_format(state.seals, use_l10n=True, force_grouping=True),
            "sealed_at": moment(state.sealed_at) if state.sealed_at else "",
            "head": state.head,
            "unsealed": number_format(counted, use_l10n=True, force_grouping=True),
            "is_more": counted >= state.most_unsealed,
            "oldest": moment(state.unsealed.oldest) if state.unsealed.oldest else "",
            "guards": state.guards_expected,
            "guards_missing": state.guards_missing,
        }
        shown = {"log": told, "verify_address": self.address("verify"), **context}
        return self.draw(request, "log.html", shown, title=_("Log verification"))


def _in_time(found: Iterator[flow.Checked], seconds: float) -> Iterator[flow.Checked]:
    """Links until the time is up; the one under way is finished."""
    end = time.monotonic() + seconds
    for one in found:
        yield one
        if time.monotonic() >= end:
            return


KINDS = {
    "changed": gettext_lazy("changed"),
    "missing": gettext_lazy("missing"),
    "inserted": gettext_lazy("inserted"),
    "reordered": gettext_lazy("moved"),
    "truncated": gettext_lazy("cut off"),
    "emptied": gettext_lazy("emptied"),
}
"""What is wrong with a row or a seal, in a word."""


def _fault(fault: Any) -> dict[str, str]:
    return {"kind": str(KINDS[fault.kind]), "table": fault.table, "row": fault.row_id, "message": fault.message}
