"""Lock files: `<pipeline>.lock` beside a pipeline file, with every value that a model decided for it.

The file is data that people review: YAML with one entry per value, in the order of the pipeline, read as plain data only.
A first run writes it; after that a run uses it and never changes it, and `py-orc lock` brings it up to date.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final, cast

from msgspec import Struct, field

from orchestrator.core.lock import LockedAnswer
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.errors import SetupError

VERSION: Final = 1
_HEAD: Final = (
    "# Values that a model decided for the `<AUTO>` tags of {name}. Review changes as you review code.\n"
)
_LARGEST: Final = 5_000_000


def lock_path(file: str) -> Path:
    """Return where the lock of a pipeline file stands."""
    return Path(f"{file}.lock")


class _Locked(Struct):
    """The lock of one file in this process."""

    answers: dict[str, LockedAnswer] = field(default_factory=dict[str, LockedAnswer])
    """What the file holds, by place."""
    fresh: dict[str, LockedAnswer] = field(default_factory=dict[str, LockedAnswer])
    """What was decided since, by place."""
    is_there: bool = False


class LockFiles:
    """Keeps the answers of pipeline files beside them."""

    def __init__(self, *, frozen: bool = False) -> None:
        self.frozen = frozen
        self._files: dict[str, _Locked] = {}

    def find(self, file: str, at: str, context: str) -> LockedAnswer | None:
        """Return the answer unless it is missing or stale."""
        locked = self._locked(file)
        for answers in (locked.fresh, locked.answers):
            answer = answers.get(at)
            if answer is not None and answer.context == context:
                return answer
        return None

    def keep(self, file: str, answer: LockedAnswer) -> str:
        """Remember an answer; a lock that nobody has written yet is written, one that is there stays as it is."""
        locked = self._locked(file)
        locked.fresh[answer.at] = answer
        if not file:
            return ""
        path = lock_path(file)
        if locked.is_there:
            what = "is out of date" if answer.at in locked.answers else "is missing"
            return f"{answer.at} {what} in {path}: bring it up to date with `py-orc lock {file}`"
        try:
            write_lock(file, [*locked.fresh.values()])
        except OSError as error:
            return f"{path} could not be written ({error.strerror}); the answers are kept with this run alone"
        return ""

    def _locked(self, file: str) -> _Locked:
        if file not in self._files:
            path = lock_path(file)
            found = {answer.at: answer for answer in read_lock(file)} if file and path.is_file() else {}
            self._files[file] = _Locked(answers=found, is_there=bool(file) and path.is_file())
        return self._files[file]


def read_lock(file: str) -> list[LockedAnswer]:
    """Return the answers in the lock of a pipeline file; raises `SetupError` where it is none."""
    path = lock_path(file)
    try:
        data = _data(path)
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"{path} cannot be read: {error}") from error
    if not is_mapping(data) or data.get("lock") != VERSION or not is_list(entries := data.get("values")):
        raise _damaged(path, f"it does not say `lock: {VERSION}` and `values`")
    return [_answer(entry, path, number) for number, entry in enumerate(entries, start=1)]


def write_lock(file: str, answers: Sequence[LockedAnswer]) -> Path:
    """Write the lock of a pipeline file in one go."""
    import os

    import yaml

    path = lock_path(file)
    entries = [_entry(answer) for answer in answers]
    text = yaml.dump(
        {"lock": VERSION, "values": entries},
        Dumper=yaml.SafeDumper,
        sort_keys=False,
        allow_unicode=True,
        width=100,
    )
    draft = path.with_name(f"{path.name}.{os.getpid()}.draft")
    draft.write_text(_HEAD.format(name=Path(file).name) + text, encoding="utf-8")
    draft.replace(path)
    return path


def _data(path: Path) -> object:
    from orchestrator.compiler.source import compose, plain_data
    from orchestrator.compiler.text import Text
    from orchestrator.errors import CompileError

    if path.stat().st_size > _LARGEST:
        raise _damaged(path, "it is too large")
    text = Text(path.read_text(encoding="utf-8"), str(path))
    try:
        return plain_data(compose(text), text)
    except CompileError as error:
        raise _damaged(path, str(error.problems[0].message)) from error


def _entry(answer: LockedAnswer) -> dict[str, object]:
    entry: dict[str, object] = {
        "at": answer.at,
        "question": answer.question,
        "value": answer.value,
        "model": answer.model,
        "context": answer.context,
    }
    return entry if answer.cost is None else {**entry, "cost": str(answer.cost)}


def _answer(entry: object, path: Path, number: int) -> LockedAnswer:
    if not is_mapping(entry):
        raise _damaged(path, f"value {number} is no mapping")
    texts = {name: entry.get(name) for name in ("at", "question", "model", "context")}
    wrong = [name for name, text in texts.items() if not isinstance(text, str)]
    if wrong or "value" not in entry:
        raise _damaged(path, f"value {number} lacks `{(wrong or ['value'])[0]}`")
    try:
        cost = Decimal(str(entry["cost"])) if "cost" in entry else None
    except InvalidOperation as error:
        raise _damaged(path, f"the cost of value {number} is no number") from error
    known = cast("Mapping[str, str]", texts)
    return LockedAnswer(
        at=known["at"],
        question=known["question"],
        value=entry["value"],
        model=known["model"],
        context=known["context"],
        cost=cost,
    )


def _damaged(path: Path, why: str) -> SetupError:
    return SetupError(
        f"{path} is no lock of py-orc: {why}", hint="delete it and write it anew with `py-orc lock`."
    )
