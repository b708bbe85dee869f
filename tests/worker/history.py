"""What the database saw of runs: a trigger notes each chunk that was committed, and makes it last a while.

On PostgreSQL the pause is inside the chunk's transaction, after its last write: where a kill does the most harm.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

COLUMNS = "run_id bigint, attempt integer, done bigint, cursor text"
POSTGRESQL = """
CREATE TABLE run_history (id bigserial, {columns});
CREATE FUNCTION run_history_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO run_history (run_id, attempt, done, cursor) VALUES (NEW.id, NEW.attempt, NEW.done, NEW.cursor);
    PERFORM pg_sleep({pause});
    RETURN NEW;
END $$;
CREATE TRIGGER run_history_note AFTER UPDATE ON crm_assist_run FOR EACH ROW
    WHEN (NEW.done > OLD.done) EXECUTE FUNCTION run_history_note();
"""
SQLITE = """
CREATE TABLE run_history (id integer PRIMARY KEY, {columns});
CREATE TRIGGER run_history_note AFTER UPDATE ON crm_assist_run WHEN NEW.done > OLD.done BEGIN
    INSERT INTO run_history (run_id, attempt, done, cursor) VALUES (NEW.id, NEW.attempt, NEW.done, NEW.cursor);
END
"""
GONE = {
    "postgresql": "DROP TRIGGER run_history_note ON crm_assist_run; DROP FUNCTION run_history_note; "
    "DROP TABLE run_history",
    "sqlite": "DROP TRIGGER run_history_note; DROP TABLE run_history",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """A chunk that was committed: by which attempt, and where it ended."""

    attempt: int
    done: int
    cursor: str


def keep(*, pause: float = 0.1) -> None:
    """Note every chunk from now on; each lasts `pause` seconds longer where the database can wait."""
    text = POSTGRESQL if connection.vendor == "postgresql" else SQLITE
    _execute(text.format(columns=COLUMNS, pause=pause), connection.vendor)


def drop() -> None:
    """Note nothing any more."""
    _execute(GONE[connection.vendor], connection.vendor)


def of(run_id: int) -> list[Chunk]:
    """The chunks of one run, in the order in which they were committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT attempt, done, cursor FROM run_history WHERE run_id = %s ORDER BY id", [run_id])
        return [Chunk(attempt=row[0], done=row[1], cursor=row[2]) for row in cursor.fetchall()]


def _execute(text: str, vendor: str) -> None:
    with connection.cursor() as cursor:
        if vendor == "postgresql":
            cursor.execute(text)
            return
        table, _, trigger = text.partition(";")
        for statement in (table, trigger):
            cursor.execute(statement)
