"""Exports leave in pieces, whatever serves them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.test import AsyncRequestFactory, RequestFactory

from crm_assist.web.streaming import LINES, streamed


def numbered(made: list[int]) -> Iterator[str]:
    for number in range(3 * LINES):
        made.append(number)
        yield f"{number}\n"


def awaited(coroutine: Coroutine[Any, Any, bytes]) -> bytes:
    """Run it in a thread of its own: a browser's event loop may be running in this one."""
    with ThreadPoolExecutor(max_workers=1) as threads:
        return threads.submit(asyncio.run, coroutine).result()


async def first_piece(response: Any) -> bytes:
    return await anext(aiter(response))  # type: ignore[no-any-return]


async def whole(response: Any) -> bytes:
    return b"".join([piece async for piece in response])


def test_streamed__asgi__makes_no_more_than_a_piece_at_a_time() -> None:
    made: list[int] = []
    response = streamed(AsyncRequestFactory().get("/"), numbered(made), content_type="text/csv")
    assert response.is_async
    assert awaited(first_piece(response)).startswith(b"0\n1\n")
    assert len(made) == LINES


def test_streamed__either_server__gives_every_line() -> None:
    under_asgi = streamed(AsyncRequestFactory().get("/"), numbered([]), content_type="text/csv")
    under_wsgi = streamed(RequestFactory().get("/"), numbered([]), content_type="text/csv")
    assert awaited(whole(under_asgi)) == b"".join(under_wsgi) == "".join(numbered([])).encode()
