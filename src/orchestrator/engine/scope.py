"""What the templates of a block can see: its own steps before those around it, loop names, inputs.

A scope's steps settle in three ways: with a value, as skipped (undefined but falsy), or as failed and tolerated (the
same, with the failure under `errors`). Inner scopes read outer ones and never write to them.
"""

from collections.abc import Iterable, Iterator, Mapping

from orchestrator.core.failure import Failure
from orchestrator.core.pipeline import Pipeline
from orchestrator.core.status import SettledStatus
from orchestrator.core.undefined import Undefined
from orchestrator.engine.labels import NO_LABELS, Reads

_NO_MARKS: Mapping[str, frozenset[str]] = {}


class Scope:
    """The names of one block while it runs."""

    __slots__ = (
        "depth", "failures", "labels", "marks", "names", "needs", "outer", "own", "pipeline", "prefix", "seen", "statuses",
    )  # fmt: skip

    def __init__(
        self,
        names: Mapping[str, object],
        pipeline: Pipeline,
        *,
        prefix: str = "",
        outer: "Scope | None" = None,
        depth: int = 0,
        needs: Mapping[str, float],
        marks: Mapping[str, frozenset[str]] = _NO_MARKS,
        seen: set[str] | None = None,
    ) -> None:
        self.pipeline = pipeline
        """The file whose steps these are."""
        self.depth = depth
        """How many `pipeline.run` steps it is inside of."""
        self.prefix = prefix
        """What the task paths of this scope's steps start with, such as `digest[3].`."""
        self.needs = needs
        """Permits that every action in here holds while it acts."""
        self.marks = marks
        """Labels of names other than steps: inputs, the items of loops."""
        self.seen: set[str] = set() if seen is None else seen
        """Every label of the run so far: while there is none, nobody needs to look for them."""
        self.outer = outer
        self.own: dict[str, object] = {}
        """Values of the steps of this scope that have settled."""
        self.statuses: dict[str, str] = {}
        """Statuses that are not `completed`."""
        self.failures: dict[str, Failure] = {}
        self.labels: dict[str, frozenset[str]] = {}
        """Marks of values that carry any."""
        self.names: dict[str, object] = {
            **names,
            "steps": _Steps(self) if outer else self.own,
            "status": _Statuses(self),
            "errors": _Errors(self),
        }

    def child(
        self,
        prefix: str,
        names: Mapping[str, object] | None = None,
        marks: Mapping[str, frozenset[str]] = _NO_MARKS,
    ) -> "Scope":
        """Return the scope of a block inside this one."""
        seen = {**self.names, **names} if names else self.names
        if names and (marks or self.marks):  # a name that is given anew loses the labels it had
            kept = {name: labels for name, labels in self.marks.items() if name not in names}
            marks = {**kept, **marks}
        else:
            marks = self.marks
        return Scope(
            seen,
            self.pipeline,
            prefix=prefix,
            outer=self,
            depth=self.depth,
            needs=self.needs,
            marks=marks,
            seen=self.seen,
        )

    def mark(self, step: str, labels: frozenset[str]) -> None:
        """Note the labels that a step's value carries."""
        if labels:
            self.labels[step] = labels
            self.seen |= labels

    def all_labels(self) -> frozenset[str]:
        """Return the marks of everything in this scope together."""
        return NO_LABELS.union(*self.labels.values()) if self.labels else NO_LABELS

    def labels_read(self, reads: Reads) -> frozenset[str]:
        """Return the marks of everything that templates read."""
        labels = NO_LABELS
        if not self.seen:
            return labels
        for step in reads.steps:
            if found := self._labels_of(step):
                labels |= found
        if self.marks:
            for name in reads.names:
                labels |= self.marks.get(name, NO_LABELS)
        if reads.all_steps:
            scope: Scope | None = self
            while scope is not None:
                labels |= scope.all_labels()
                scope = scope.outer
        return labels

    def learn(self, name: str, value: object, labels: frozenset[str]) -> None:
        """Give a name of this scope a value that became known on the way."""
        self.names[name] = value
        if labels:
            self.marks = {**self.marks, name: labels}
            self.seen |= labels

    def settle(self, step: str, value: object, *, status: SettledStatus = "completed") -> None:
        """Give a step its value."""
        self.own[step] = value
        if status != "completed":
            self.statuses[step] = status

    def skip(self, step: str) -> None:
        """Mark a step as skipped."""
        self.statuses[step] = "skipped"
        self.own[step] = Undefined(
            f"steps.{step}",
            skipped=True,
            hint=f"step {step!r} was skipped: use `default(…)` or test `is defined`.",
        )

    def close(self, steps: Iterable[str]) -> None:
        """Settle what has no outcome, for those who look at a scope that failed."""
        for step in steps:
            if step in self.own:
                continue
            self.statuses[step] = "failed" if step in self.failures else "cancelled"
            hint = f"step {step!r} did not complete: use `default(…)` or test `status.{step}`."
            self.own[step] = Undefined(f"steps.{step}", skipped=True, hint=hint)

    def _labels_of(self, step: str) -> frozenset[str]:
        """Return the marks of a step's value, looked up outwards."""
        scope: Scope | None = self
        while scope is not None:
            if step in scope.own or step in scope.labels:
                return scope.labels.get(step, NO_LABELS)
            scope = scope.outer
        return NO_LABELS


class _Layered(Mapping[str, object]):
    """A view of one table over a scope and those around it."""

    __slots__ = ("_scope",)

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def _tables(self) -> Iterator[Scope]:
        scope: Scope | None = self._scope
        while scope is not None:
            yield scope
            scope = scope.outer

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(step for scope in self._tables() for step in scope.own))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return repr(dict(self))


class _Steps(_Layered):
    __slots__ = ()

    def __getitem__(self, step: str) -> object:
        scope: Scope | None = self._scope
        while scope is not None:
            own = scope.own
            if step in own:
                return own[step]
            scope = scope.outer
        raise KeyError(step)


class _Statuses(_Layered):
    __slots__ = ()

    def __getitem__(self, step: str) -> object:
        for scope in self._tables():
            if step in scope.own:
                return scope.statuses.get(step, "completed")
            if step in scope.failures:
                return "failed"
        raise KeyError(step)


class _Errors(_Layered):
    """Failures by step; of a step that did not fail it is undefined, and only those that did are counted and listed."""

    __slots__ = ()

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys(step for scope in self._tables() for step in scope.failures))

    def __getitem__(self, step: str) -> object:
        for scope in self._tables():
            if step in scope.failures:
                return scope.failures[step].as_data()
            if step in scope.own:
                return Undefined(f"errors.{step}", skipped=True, hint=f"step {step!r} did not fail.")
        raise KeyError(step)
