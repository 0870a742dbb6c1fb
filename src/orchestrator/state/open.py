"""Stores by their address: `memory:`, `sqlite:PATH`, `files:DIR`."""

from pathlib import Path

from orchestrator.core.store import Store
from orchestrator.errors import SetupError

KINDS = ("memory", "sqlite", "files")


def open_store(url: str) -> Store:
    """Return the store at an address, not opened yet; raises `SetupError` for an address that names none."""
    kind, colon, place = url.partition(":")
    place = place.removeprefix("//")
    if kind == "memory" and colon and not place:
        from orchestrator.state.memory import MemoryStore

        return MemoryStore()
    if kind == "sqlite" and place:
        from orchestrator.state.sqlite import SqliteStore

        return SqliteStore(Path(place).expanduser())
    if kind == "files" and place:
        from orchestrator.state.files import FileStore

        return FileStore(Path(place).expanduser())
    raise SetupError(f"{url!r} is not the address of a store", hint=_advice(kind))


def _advice(kind: str) -> str:
    from difflib import get_close_matches

    known = "stores are `memory:`, `sqlite:PATH` and `files:DIR`."
    near = get_close_matches(kind, KINDS, n=1)
    if near and near[0] != kind:
        return f"did you mean `{near[0]}:`? {known}"
    if kind.startswith("postgres"):
        return f"PostgreSQL is not among the stores of this version; {known}"
    return known
