"""A cassette: a folder of JSON files that people can read and compare, one per distinct request.

`cassette.json` says which format it has and how the run began. Every other file holds a kind, a request and its answers in
their order. Names come from the request alone, and keys are sorted, so that recording again changes only what changed.
"""

import json
import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import cast

from msgspec import Struct, field

from orchestrator.core.plain import is_list, is_mapping
from orchestrator.core.tape import Taped
from orchestrator.errors import SetupError

FORMAT = 1
HEADER = "cassette.json"
_LONGEST_NAME = 40
_AGAIN = "record the run again, with: py-orc run FILE --record DIR"


class Recording(Struct, kw_only=True):
    """One request with its answers, as JSON can say them."""

    kind: Taped
    request: Mapping[str, object]
    answers: list[object] = field(default_factory=list[object])


class Beginning(Struct, kw_only=True):
    """How a recorded run began."""

    pipeline: str = ""
    clock: list[float] = field(default_factory=list[float])
    """The first readings of the time of day, in epoch seconds."""
    chance: list[str] = field(default_factory=list[str])
    """The first random bytes, in hex: they make the id of the run."""


def text_of(kind: Taped, request: Mapping[str, object]) -> str:
    """Return the canonical text of a request."""
    return json.dumps([kind, request], sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def name_of(kind: Taped, request: Mapping[str, object]) -> str:
    """Return the name of the file that holds a request's answers."""
    digest = sha256(text_of(kind, request).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    what = next((request[key] for key in ("action", "model", "task") if request.get(key)), "")
    label = re.sub(r"[^A-Za-z0-9]+", "-", str(what)).strip("-")[:_LONGEST_NAME]
    return "-".join(part for part in (kind, label, digest) if part) + ".json"


def write_file(path: Path, data: object) -> None:
    """Write a file of a cassette whole or not at all."""
    text = json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_text(text, encoding="utf-8", errors="surrogatepass")
        draft.replace(path)
    except OSError as error:
        raise SetupError(
            f"the recording {path} cannot be written: {error.strerror}", hint="check its folder."
        ) from error


def prepare_folder(folder: Path) -> None:
    """Make the folder of a new cassette; raises `SetupError` for one that holds anything else."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        there = sorted(entry.name for entry in folder.iterdir())
        if there and HEADER not in there:
            raise SetupError(
                f"{folder} holds {there[0]} and no {HEADER}: it is no cassette",
                hint="record into a new or an empty folder.",
            )
        for name in there:
            if name.endswith(".json"):
                (folder / name).unlink()
    except OSError as error:
        raise SetupError(
            f"{folder} cannot hold a recording: {error.strerror}", hint="name another folder."
        ) from error


def read_cassette(folder: Path) -> tuple[list[Beginning], list[Recording]]:
    """Return what a cassette holds; raises `SetupError` for what is none, has another format or is damaged."""
    header = folder / HEADER
    if not header.is_file():
        raise SetupError(f"{folder} is no cassette: it has no {HEADER}", hint=_AGAIN)
    head = _read(header)
    if head.get("cassette") != FORMAT:
        raise SetupError(
            f"{header} has the format {head.get('cassette')!r}; this py-orc reads {FORMAT}", hint=_AGAIN
        )
    runs = head.get("runs")
    beginnings = [_beginning(header, each) for each in runs] if is_list(runs) else []
    files = sorted(path for path in folder.glob("*.json") if path.name != HEADER)
    return beginnings, [_recording(path) for path in files]


def _beginning(header: Path, data: object) -> Beginning:
    from msgspec import ValidationError, convert

    try:
        return convert(data, Beginning)
    except ValidationError as error:
        raise _damaged(header, str(error)) from None


def _recording(path: Path) -> Recording:
    data = _read(path)
    kind, request, answers = (data.get(key) for key in ("kind", "request", "answers"))
    if not isinstance(kind, str) or not is_mapping(request) or not is_list(answers):
        raise _damaged(path, "it needs `kind`, `request` and `answers`")
    return Recording(kind=cast("Taped", kind), request=request, answers=list(answers))


def _read(path: Path) -> Mapping[str, object]:
    try:
        data: object = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SetupError(f"{path} cannot be read: {error.strerror}", hint="check its permissions.") from None
    except (ValueError, RecursionError) as error:
        raise _damaged(path, str(error)) from None
    if not is_mapping(data):
        raise _damaged(path, "it holds no mapping")
    return data


def _damaged(path: Path, what: str) -> SetupError:
    return SetupError(f"the recording {path} cannot be understood: {what}", hint=_AGAIN)
