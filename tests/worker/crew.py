"""Real worker processes: started, frozen in the middle, killed with all their children."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from celery import Celery
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0


class Crew:
    """The workers of one broker; `one()` is a living one, started when there is none."""

    def __init__(self, folder: Path, broker_url: str) -> None:
        self.folder, self.broker_url = folder, broker_url
        self.queue = f"crm-assist-test-{os.getpid()}-{folder.name}"
        self.workers: list[Worker] = []

    def one(self) -> Worker:
        """A worker that is ready, and nobody beside."""
        alive = [worker for worker in self.workers if worker.is_alive()]
        for other in alive[1:]:
            other.kill()
        return alive[0] if alive else self.another()

    def another(self) -> Worker:
        """One more worker, ready."""
        worker = Worker(self, number=len(self.workers))
        self.workers.append(worker)
        worker.wait_until_ready()
        return worker

    def send(self, name: str, *, task_id: str | None = None, **kwargs: object) -> None:
        """A message, as any process of the host would send it."""
        app = Celery(broker=self.broker_url)
        app.conf.task_default_queue = self.queue
        with app.connection_for_write() as wire:
            app.send_task(name, kwargs=kwargs, task_id=task_id, connection=wire)
        app.close()

    def kill(self) -> None:
        """Nobody is left."""
        for worker in self.workers:
            worker.kill()

    def wait(self, what: str, until: Callable[[], bool], *, every: float = 0.02, supervised: bool = False) -> None:
        """Look until it is so; AssertionError with what the workers said after a minute.

        `supervised`: a worker that ends is started again, as a service would be; some end with their broker.
        """
        deadline = time.monotonic() + PATIENCE_S
        while not until():
            if supervised:
                self.one()
            if time.monotonic() > deadline:
                raise AssertionError("\n".join([f"not {what}", *(worker.said() for worker in self.workers)]))
            time.sleep(every)


class Worker:
    """One `celery worker` with one child and the beat of its own, in a process group of its own."""

    def __init__(self, crew: Crew, *, number: int) -> None:
        self.crew, self.log = crew, crew.folder / f"worker-{number}.log"
        beat = crew.folder / f"beat-{number}"
        words = f"-A tests.worker.app worker -c 1 -l INFO -n crew{number}@%h -B -s {beat}"
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "tests.worker.settings",
            "BROKER_URL": crew.broker_url,
            "WORKER_QUEUE": crew.queue,
            "WORKER_DATABASE": str(connection.settings_dict["NAME"]),
        }
        command = [sys.executable, "-m", "celery", *words.split(), "--without-gossip", "--without-mingle"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def wait_until_ready(self) -> None:
        """It has told that it takes messages."""
        self.crew.wait("ready", lambda: " ready." in self.said() or not self.is_alive(), every=0.1)
        assert self.is_alive(), self.said()

    def is_alive(self) -> bool:
        """Whether the process runs."""
        return self.process.poll() is None

    def kill(self) -> None:
        """SIGKILL for the worker and all its children, wherever they are."""
        if self.is_alive():
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=20)

    def freeze(self) -> None:
        """Stop it as a paused machine would."""
        os.killpg(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on as if nothing had happened."""
        os.killpg(self.process.pid, signal.SIGCONT)

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-6000:] if self.log.exists() else ""
