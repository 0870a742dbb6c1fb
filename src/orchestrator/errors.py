"""Every exception of py-orc, sorted by who must act.

    OrchestratorError
    ├── UserError                the file, the call or the set-up is wrong: exit code 2, never a traceback
    │   ├── CompileError         all problems of a pipeline file at once
    │   ├── InputError           the values given for a pipeline's inputs
    │   ├── SetupError           something must be installed, configured, started or freed
    │   ├── UnknownRunError      no run has that id
    │   ├── RunBusyError         another process holds the run
    │   └── RunExistsError       a run with that key was started before
    ├── TemplateError            a template that cannot be read or evaluated, with its offset
    ├── ActionError              one attempt failed; classified for `retry` and `on_error`
    ├── StoreError               the journal cannot be read or written; the run stays resumable
    └── RunInterruptedError      the run was asked to stop and can be resumed

Anything else that escapes is a bug of py-orc and is shown as one. Exceptions take facts and write their sentence:
*what happened — where — what to do next*.
"""

from collections.abc import Sequence

from msgspec import Struct


class Location(Struct, frozen=True, gc=False):
    """A stretch of source text; lines and columns count from 1."""

    file: str
    line: int
    column: int
    length: int = 1
    excerpt: str = ""
    """The whole source line, without its line break."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Problem(Struct, frozen=True):
    """One thing that is wrong (or doubtful) in what a user wrote."""

    message: str
    location: Location | None = None
    hint: str = ""
    """What to do next; a whole sentence or empty."""
    path: str = ""
    """Where in the document, as `steps.digest.with.prompt`; stands in where no source text is known."""

    def __str__(self) -> str:
        where = str(self.location) if self.location else self.path
        lines = [f"{where}: {self.message}" if where else self.message]
        if self.location and self.location.excerpt:
            lines += _underlined(self.location)
        if self.hint:
            lines.append(f"  → {self.hint}")
        return "\n".join(lines)


class OrchestratorError(Exception):
    """The root of all errors that py-orc raises on purpose."""


class UserError(OrchestratorError):
    """What the user wrote, gave or installed is wrong."""


class CompileError(UserError):
    """A pipeline file does not compile; carries every problem found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class InputError(UserError):
    """Values given for a pipeline's inputs do not fit; carries every problem found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class SetupError(UserError):
    """Something outside the file must be installed, configured, started or freed."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message}\n  → {hint}" if hint else message)


class UnknownRunError(UserError):
    """No run in the store has that id."""

    def __init__(self, run: str, *, nearest: Sequence[str] = (), ambiguous: bool = False) -> None:
        self.run = run
        if ambiguous:
            shown = ", ".join(nearest[:5]) + (", …" if len(nearest) > 5 else "")
            super().__init__(f"{len(nearest)} runs begin or end with {run!r}\n  → say more of it: {shown}")
            return
        advice = f"did you mean {nearest[0]}?" if nearest else "`py-orc runs` lists the runs of this store."
        super().__init__(f"no run {run!r} in this store\n  → {advice}")


class RunBusyError(UserError):
    """Another process holds the run."""

    def __init__(self, run: str, holder: str) -> None:
        self.run = run
        self.holder = holder
        super().__init__(
            f"run {run} is held by {holder}\n  → wait for it, or stop it with: py-orc cancel {run}"
        )


class RunExistsError(UserError):
    """A run with that key was started before."""

    def __init__(self, run: str, key: str, *, pipeline: str = "", differences: Sequence[str] = ()) -> None:
        self.run = run
        self.key = key
        self.differences = tuple(differences)
        """What that run began with otherwise; empty where nobody compared."""
        if differences:
            super().__init__(
                f"the key {key!r} belongs to run {run} of `{pipeline}`, which was started differently: "
                f"{'; '.join(differences)}\n"
                f"  → start it with another key, or see that run with: py-orc show {run}"
            )
            return
        super().__init__(f"the key {key!r} already belongs to run {run}\n  → show it with: py-orc show {run}")


class TemplateError(OrchestratorError):
    """A template cannot be read or evaluated.

    `offset` and `length` count characters of the template's own text, so that the compiler can point into the middle
    of a long block.
    """

    def __init__(self, message: str, *, offset: int = 0, length: int = 1, hint: str = "") -> None:
        self.message = message
        self.offset = offset
        self.length = length
        self.hint = hint
        super().__init__(f"{message}\n  → {hint}" if hint else message)


class ActionError(OrchestratorError):
    """One attempt of a task failed.

    `error_class` is a word of `core.failure.ERROR_CLASSES` (or a tool's own); `retry.on` and `on_error.match` name it.
    """

    def __init__(
        self,
        message: str,
        *,
        error_class: str = "failed",
        retryable: bool | None = None,
        retry_after: float | None = None,
        details: object = None,
        usage: object = None,
    ) -> None:
        self.message = message
        self.error_class = error_class
        self.retryable = retryable
        """None leaves the decision to the error class."""
        self.retry_after = retry_after
        """Seconds the other side asked us to wait."""
        self.details = details
        self.usage = usage
        """What the attempt consumed all the same: a `core.usage.Usage`, or None."""
        super().__init__(message)


class NotAskedError(ActionError):
    """A model was not asked at all: it cannot do what is needed, or money, a limit or its breaker forbids it."""


class StoreError(OrchestratorError):
    """The store cannot be read or written; the run is not failed, it can be resumed."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message}\n  → {hint}" if hint else message)


class RunInterruptedError(OrchestratorError):
    """The run was asked to stop; `py-orc resume` continues it."""

    def __init__(self, run_id: str) -> None:
        self.run_id = run_id
        super().__init__(f"run {run_id} was interrupted\n  → continue it with: py-orc resume {run_id}")


def _underlined(location: Location) -> list[str]:
    """Return the excerpt and a caret line beneath it; long lines are cut around the caret."""
    number = str(location.line)
    start = max(0, location.column - 61)
    shown = location.excerpt[start : start + 120].replace("\t", " ")
    caret = " " * (location.column - 1 - start) + "^" * max(
        1, min(location.length, len(shown) - location.column + 1 + start)
    )
    return [f"  {number} | {shown}", f"  {' ' * len(number)} | {caret}"]
