"""DATABASE_URL to Django's DATABASES entry: the two databases that are supported, nothing else."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlsplit

ENGINES = {
    "postgresql": "django.db.backends.postgresql",
    "postgres": "django.db.backends.postgresql",
    "sqlite": "django.db.backends.sqlite3",
}


class DatabaseUrlError(ValueError):
    """DATABASE_URL cannot be used; the message names the fault and never repeats a password."""


def from_url(url: str) -> dict[str, object]:
    """Return the DATABASES entry of `postgresql://user:password@host:port/name?option=value` or `sqlite:///file`."""
    parts = urlsplit(url)
    engine = ENGINES.get(parts.scheme)
    if engine is None:
        raise DatabaseUrlError(
            f"DATABASE_URL: scheme {parts.scheme!r} is not known; "
            "write postgresql://user:password@host:port/name or sqlite:///file"
        )
    name = unquote(parts.path.removeprefix("/"))
    if engine.endswith("sqlite3"):
        return {"ENGINE": engine, "NAME": name or ":memory:"}
    if not name:
        raise DatabaseUrlError("DATABASE_URL: the name of the database is missing; end the address with /name")
    return {
        "ENGINE": engine,
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": _port(parts.netloc),
        "OPTIONS": dict(parse_qsl(parts.query, strict_parsing=bool(parts.query))),
    }


def _port(netloc: str) -> str:
    """The port as text, empty when none is given; urlsplit's own error would not name the setting."""
    after_host = netloc.rpartition("@")[2].rpartition("]")[2]
    port = after_host.partition(":")[2]
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise DatabaseUrlError(f"DATABASE_URL: port {port!r} is not a number from 1 to 65535")
    return port
