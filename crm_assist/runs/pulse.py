"""A heart-beat beside the work, so that a long chunk or a fit is not taken for a dead process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Event, Thread

from django.db import Error, connections, router

from crm_assist.runs.holding import Held, pulse
from crm_assist.runs.models import Run

logger = logging.getLogger("crm_assist.runs")


@contextmanager
def beating(held: Held, *, every: float, clock: Callable[[], datetime]) -> Iterator[None]:
    """Beat every so many seconds for the length of the block, from a thread with a connection of its own."""
    over = Event()
    thread = Thread(target=_beat, args=(held, every, clock, over), name=f"crm-assist-run-{held.run_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat(held: Held, every: float, clock: Callable[[], datetime], over: Event) -> None:
    while not over.wait(every):
        try:
            if not pulse(held, now=clock()):
                return  # overtaken: the next beat of the work itself tells it
        except Error:
            logger.warning("The heart-beat of run %s could not be written", held.run_id, exc_info=True)
        finally:
            connections[router.db_for_write(Run)].close()
