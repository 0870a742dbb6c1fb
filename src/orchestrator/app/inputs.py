"""The values of a pipeline's inputs: gathered, read by their declared types, checked all at once.

Precedence, lowest first: the file's defaults, an inputs file, what the call says. Inputs of type `secret` are kept apart
from the first moment: they come from the call or from the environment variable of the same name in upper case, and never
reach the journal.
"""

from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import NamedTuple, cast

from orchestrator.app.sanitising import unfit_text
from orchestrator.core.misfit import shown
from orchestrator.core.pipeline import InputSpec
from orchestrator.core.schema import compile_schema
from orchestrator.core.suggestion import suggestion
from orchestrator.errors import InputError, Problem

MAX_CHARACTERS = 8_000_000
"""Of all texts in one input together; longer material belongs into a file that a step reads."""

MAX_DEPTH = 64


class Written(NamedTuple):
    """A value as text on a command line; its declared type says how to read it."""

    text: str


class InputValues(NamedTuple):
    """What a run starts with."""

    values: Mapping[str, object]
    """By name, after defaults; without secrets."""
    secrets: Mapping[str, str]


def gather_inputs(
    specs: Mapping[str, InputSpec],
    given: Mapping[str, object],
    *,
    environ: Mapping[str, str],
    workspace: str,
) -> InputValues:
    """Return the values for all inputs; raises `InputError` with every problem at once."""
    problems = [_unknown(name, specs) for name in given if name not in specs]
    values: dict[str, object] = {}
    secrets: dict[str, str] = {}
    for name, spec in specs.items():
        if spec.type == "secret":
            _gather_secret(spec, given, environ, secrets=secrets, problems=problems)
        elif name in given:
            found = _value(spec, given[name], workspace)
            problems += found.problems
            values[name] = found.value
        elif spec.required:
            problems.append(_missing(spec))
        else:
            values[name] = spec.default
    if problems:
        raise InputError(problems)
    return InputValues(values, secrets)


def known_inputs(
    specs: Mapping[str, InputSpec], given: Mapping[str, object], *, workspace: str
) -> Mapping[str, object]:
    """Return the values that are known before a run: those given and the defaults, no secrets.

    Raises `InputError` for names and values that do not fit; that something is missing is no problem yet.
    """
    told = {name: spec for name, spec in specs.items() if spec.type != "secret"}
    problems = [_unknown(name, specs) for name in given if name not in specs]
    values = {name: spec.default for name, spec in told.items() if not spec.required}
    for name, spec in told.items():
        if name in given:
            found = _value(spec, given[name], workspace)
            problems += found.problems
            values[name] = found.value
    if problems:
        raise InputError(problems)
    return values


class _Found(NamedTuple):
    value: object
    problems: tuple[Problem, ...] = ()


def _unknown(name: str, specs: Mapping[str, InputSpec]) -> Problem:
    hint = suggestion(name, specs, kind="the inputs are") or "this pipeline takes no inputs."
    return Problem(f"there is no input `{name}`", path=f"inputs.{name}", hint=hint)


def _missing(spec: InputSpec) -> Problem:
    what = f" ({spec.description})" if spec.description else ""
    return Problem(
        f"a value is missing: {_kind(spec)}{what}",
        path=f"inputs.{spec.name}",
        hint=f"give it with `-i {spec.name}=…`, or in an inputs file.",
    )


def _kind(spec: InputSpec) -> str:
    allowed = spec.schema.get("enum")
    if isinstance(allowed, list | tuple):
        return "one of " + ", ".join(str(item) for item in cast("list[object]", allowed))
    return f"{'an' if spec.type[:1] in 'aeio' else 'a'} {spec.type}"


def _gather_secret(
    spec: InputSpec,
    given: Mapping[str, object],
    environ: Mapping[str, str],
    *,
    secrets: dict[str, str],
    problems: list[Problem],
) -> None:
    variable = spec.name.upper()
    value = given.get(spec.name, environ.get(variable))
    if isinstance(value, Written):
        value = value.text
    path = f"inputs.{spec.name}"
    if isinstance(value, str) and value:
        if unfit := unfit_text(value, lines=True):
            problems.append(Problem(f"the secret {unfit}", path=path))
        secrets[spec.name] = value
    elif value is None or value == "":
        if spec.required:
            hint = f"set the environment variable {variable}, or give it with `-i {spec.name}=…`."
            problems.append(Problem("a secret is missing", path=path, hint=hint))
    else:
        problems.append(Problem("a secret must be text", path=path))


def _value(spec: InputSpec, given: object, workspace: str) -> _Found:
    path = f"inputs.{spec.name}"
    if isinstance(given, Written):
        try:
            value = read_written(given.text, spec)
        except ValueError as error:
            return _Found(None, (Problem(str(error), path=path),))
    else:
        value = given
    budget = _Budget()
    try:
        value = budget.clean(value, lines=spec.type not in {"path", "file"})
    except ValueError as error:
        return _Found(None, (Problem(str(error), path=path),))
    problems = [
        Problem(
            misfit.message, path="".join((path, *(f"[{part!r}]" for part in misfit.path))), hint=misfit.hint
        )
        for misfit in compile_schema(spec.schema)(value)
    ]
    if not problems and spec.type == "file" and isinstance(value, str):
        problems += _file_problems(value, workspace, path)
    return _Found(value, tuple(problems))


def _file_problems(value: str, workspace: str, path: str) -> list[Problem]:
    found = Path(workspace, value)
    if found.is_file():
        return []
    what = "is a folder, not a file" if found.is_dir() else "does not exist"
    hint = f"the path is read from the workspace {workspace}."
    return [Problem(f"the file {value} {what}", path=path, hint=hint)]


class _Budget:
    """Cleans one value into fresh plain data, within limits of size and depth."""

    def __init__(self) -> None:
        self.left = MAX_CHARACTERS

    def clean(self, value: object, *, lines: bool, depth: int = 0) -> object:
        if depth > MAX_DEPTH:
            raise ValueError(f"the value is nested deeper than {MAX_DEPTH} levels")
        if isinstance(value, PurePath):
            value = str(value)
        if isinstance(value, str):
            return self._text(value, lines=lines)
        if isinstance(value, Mapping):
            items = cast("Mapping[object, object]", value).items()
            return {self._key(key): self.clean(item, lines=lines, depth=depth + 1) for key, item in items}
        if isinstance(value, list | tuple):
            entries = cast("list[object]", value)
            return [self.clean(item, lines=lines, depth=depth + 1) for item in entries]
        if value is None or isinstance(value, bool | int | float) or type(value).__name__ in _MORE:
            self._spend(8)
            return value
        raise ValueError(
            f"a value of the Python type {type(value).__name__} cannot be an input; give plain data"
        )

    def _key(self, key: object) -> str:
        if not isinstance(key, str):
            raise ValueError(f"the key {key!r} of a mapping is not text")  # noqa: TRY004
        return self._text(key, lines=False)

    def _text(self, value: str, *, lines: bool) -> str:
        self._spend(len(value))
        if unfit := unfit_text(value, lines=lines):
            raise ValueError(f"the value {unfit}")
        return value

    def _spend(self, characters: int) -> None:
        self.left -= characters
        if self.left < 0:
            raise ValueError(
                f"the value is longer than {MAX_CHARACTERS:,} characters; let a step read it from a file instead"
            )


_MORE = frozenset({"Decimal", "date", "datetime"})


def read_written(text: str, spec: InputSpec) -> object:
    """Return the value that a text stands for under the declared type; raises ValueError with what was expected.

    `@path` takes the text from a file, `@@…` is a text that starts with `@`.
    """
    if text.startswith("@@"):
        text = text[1:]
    elif text.startswith("@") and spec.type not in {"path", "file"}:
        text = _from_file(text[1:])
    if spec.type in {"string", "path", "file"}:
        return text
    if spec.type == "boolean":
        return _boolean(text)
    if spec.type == "integer":
        return _number(text, int, "a whole number")
    if spec.type == "number":
        return _number(text, float, "a number") if not _whole(text) else int(text)
    return _structure(text, spec)


def _from_file(name: str) -> str:
    try:
        return Path(name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"the file {name} is not UTF-8 text") from None
    except OSError as error:
        raise ValueError(f"the file {name} cannot be read: {error.strerror}") from None


def _boolean(text: str) -> bool:
    known = {"true": True, "false": False}
    try:
        return known[text.strip().lower()]
    except KeyError:
        raise ValueError(f"{text!r} is not a boolean: write true or false") from None


def _whole(text: str) -> bool:
    return text.strip().lstrip("+-").isdecimal()


def _number(text: str, kind: type[int] | type[float], expected: str) -> int | float:
    try:
        value = kind(text)
    except ValueError:
        raise ValueError(f"{text!r} is not {expected}") from None
    if value - value != 0:  # infinite, or not a number at all
        raise ValueError(f"{text!r} is not {expected}")
    return value


def _structure(text: str, spec: InputSpec) -> object:
    """Read a list, mapping or untyped value as JSON; an untyped one that is none stays text."""
    import json

    try:
        return json.loads(text, parse_constant=_no_constant)
    except ValueError:
        if spec.type in {"array", "object"}:
            example = _as_list(text) if spec.type == "array" else '{"key": "value"}'
            raise ValueError(f"{shown(text)} is not JSON; write for example {example}") from None
        return text


def _as_list(text: str) -> str:
    """Return what somebody probably meant who wrote `a, b`."""
    import json

    plain = len(text) <= 80 and text.strip() and not set(text) & set("[]{}\"'")
    return json.dumps([part.strip() for part in text.split(",")] if plain else ["a", "b"], ensure_ascii=False)


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
