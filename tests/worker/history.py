"""What the database saw: triggers note each chunk of a run that was committed, and each score that was written.

On PostgreSQL the pause is inside the chunk's transaction, after its last write: where a kill does the most harm.
"""

from __future__ import annotations

from collections import Counter
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
CREATE TABLE run_history (id integer PRIMARY KEY, {columns})
|
CREATE TRIGGER run_history_note AFTER UPDATE ON crm_assist_run WHEN NEW.done > OLD.done BEGIN
    INSERT INTO run_history (run_id, attempt, done, cursor) VALUES (NEW.id, NEW.attempt, NEW.done, NEW.cursor);
    {idle}
END
"""
IDLE = "SELECT length(hex(zeroblob(20000000)));"
"""What keeps SQLite, which cannot sleep, at work for a tenth of a second."""

SCORES = {
    "postgresql": """
CREATE TABLE score_history (key bigint);
CREATE FUNCTION score_history_note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO score_history (key) VALUES (NEW.key);
    RETURN NEW;
END $$;
CREATE TRIGGER score_history_note AFTER INSERT OR UPDATE ON crm_assist_latestscore FOR EACH ROW
    EXECUTE FUNCTION score_history_note();
""",
    "sqlite": """
CREATE TABLE score_history (key bigint)
|
CREATE TRIGGER score_history_insert AFTER INSERT ON crm_assist_latestscore BEGIN
    INSERT INTO score_history (key) VALUES (NEW.key);
END
|
CREATE TRIGGER score_history_update AFTER UPDATE ON crm_assist_latestscore BEGIN
    INSERT INTO score_history (key) VALUES (NEW.key);
END
""",
}
GONE = {
    "postgresql": "DROP FUNCTION run_history_note CASCADE; DROP TABLE run_history",
    "sqlite": "DROP TRIGGER run_history_note|DROP TABLE run_history",
}
SCORES_GONE = {
    "postgresql": "DROP FUNCTION score_history_note CASCADE; DROP TABLE score_history",
    "sqlite": "DROP TRIGGER score_history_insert|DROP TRIGGER score_history_update|DROP TABLE score_history",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Chunk:
    """A chunk that was committed: by which attempt, and where it ended."""

    attempt: int
    done: int
    cursor: str


def keep(*, pause: float = 0.1, idle: bool = False) -> None:
    """Note every chunk from now on; each lasts about `pause` seconds longer, on SQLite where `idle` says so."""
    text = POSTGRESQL if connection.vendor == "postgresql" else SQLITE
    work = IDLE * round(pause / 0.1) if idle else ""
    _execute(text.format(columns=COLUMNS, pause=pause, idle=work), connection.vendor)


def keep_scores() -> None:
    """Note every score that is written from now on; a table that is watched cannot be exchanged for a new one."""
    _execute(SCORES[connection.vendor], connection.vendor)


def drop() -> None:
    """Note nothing any more."""
    _execute(GONE[connection.vendor], connection.vendor)
    if "score_history" in connection.introspection.table_names():
        _execute(SCORES_GONE[connection.vendor], connection.vendor)


def of(run_id: int) -> list[Chunk]:
    """The chunks of one run, in the order in which they were committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT attempt, done, cursor FROM run_history WHERE run_id = %s ORDER BY id", [run_id])
        return [Chunk(attempt=row[0], done=row[1], cursor=row[2]) for row in cursor.fetchall()]


def scored() -> Counter[int]:
    """How often the score of each key was written since `keep_scores`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, COUNT(*) FROM score_history GROUP BY key")
        return Counter(dict(cursor.fetchall()))


def _execute(text: str, vendor: str) -> None:
    with connection.cursor() as cursor:
        for statement in text.split("|") if vendor == "sqlite" else [text]:
            cursor.execute(statement)
