"""Long answers, a piece at a time on either kind of server: Django alone would hold the whole in memory under ASGI."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from itertools import islice

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

LINES = 200
"""How many lines are made ready in one go."""


def streamed(request: HttpRequest, lines: Iterable[str], *, content_type: str) -> StreamingHttpResponse:
    """The lines as they are made; none of them may be empty."""
    pieces = _pieces(lines) if isinstance(request, ASGIRequest) else lines
    return StreamingHttpResponse(pieces, content_type=content_type)


async def _pieces(lines: Iterable[str]) -> AsyncIterator[str]:
    rest = iter(lines)
    # In the request's own thread, where its database connection is.
    while piece := await sync_to_async(lambda: "".join(islice(rest, LINES)))():
        yield piece
