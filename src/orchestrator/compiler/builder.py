"""Pipelines written in Python: the same canonical document that a YAML file gives.

    pipeline = (
        build("digest")
        .input("folder", type="path", default="docs")
        .step("files", "filesystem.list", path="{{ inputs.folder }}")
        .for_each("texts", "{{ steps.files.paths }}", as_="path", steps=lambda b: b.step(
            "text", "filesystem.read", path="{{ path }}"))
        .output("count", "{{ steps.texts | length }}")
        .compile(actions)
    )

Keys of the language that have no argument of their own (`retry`, `needs`, `if`, `on_error` …) go into `options`.
"""

from collections.abc import Callable, Mapping
from typing import Self, cast

from orchestrator.compiler.from_document import compile_plain
from orchestrator.core.action import ActionSource
from orchestrator.core.pipeline import Pipeline
from orchestrator.core.plain import is_list, is_mapping

Options = Mapping[str, object]
Inner = Callable[["StepsBuilder"], object]
"""Adds steps to the builder it is given."""
_NONE: Options = {}


class StepsBuilder:
    """A list of steps under construction; every method adds one and returns the builder."""

    def __init__(self) -> None:
        self.steps: list[dict[str, object]] = []
        """The steps so far, as plain data."""

    def step(self, step: str, action: str, options: Options = _NONE, /, **parameters: object) -> Self:
        """Add a step that calls an action with these parameters."""
        given = {"with": _plain(parameters)} if parameters else {}
        return self._add({"id": step, "action": action, **given}, options)

    def group(self, step: str, steps: Inner, options: Options = _NONE, /) -> Self:
        """Add a group of steps."""
        return self._add({"id": step, "steps": _inside(steps)}, options)

    def for_each(
        self,
        step: str,
        items: object,
        options: Options = _NONE,
        /,
        *,
        steps: Inner | None = None,
        action: str | None = None,
        parameters: Options | None = None,
        as_: str | None = None,
        max_parallel: int | None = None,
    ) -> Self:
        """Add a loop over items; its body is either `steps` or one `action` with `parameters`."""
        entry: dict[str, object] = {"id": step, "for_each": _plain(items), **_body(steps, action, parameters)}
        return self._add(entry, {"as": as_, "max_parallel": max_parallel}, options)

    def loop(
        self,
        step: str,
        options: Options = _NONE,
        /,
        *,
        max_iterations: int,
        while_: str | None = None,
        until: str | None = None,
        steps: Inner | None = None,
        action: str | None = None,
        parameters: Options | None = None,
    ) -> Self:
        """Add a loop on a condition."""
        entry: dict[str, object] = {"id": step, "max_iterations": max_iterations}
        entry |= _body(steps, action, parameters)
        return self._add(entry, {"while": while_, "until": until}, options)

    def switch(
        self,
        step: str,
        value: object,
        options: Options = _NONE,
        /,
        *,
        cases: Mapping[object, Inner],
        default: Inner | None = None,
    ) -> Self:
        """Add a choice between branches by a value."""
        entry: dict[str, object] = {"id": step, "switch": value, "cases": _cases(cases)}
        return self._add(entry, {"default": _inside(default) if default else None}, options)

    def _add(self, entry: dict[str, object], *more: Options) -> Self:
        for options in more:
            entry |= {key: _plain(value) for key, value in options.items() if value is not None}
        self.steps.append(entry)
        return self


class PipelineBuilder(StepsBuilder):
    """A pipeline under construction."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._top: dict[str, object] = {"name": name}
        self._inputs: dict[str, object] = {}
        self._outputs: dict[str, object] = {}

    def input(self, name: str, /, **schema: object) -> Self:
        """Declare an input: `type`, `default` and keywords of JSON Schema."""
        self._inputs[name] = _plain(schema)
        return self

    def output(self, name: str, value: object) -> Self:
        """Declare an output."""
        self._outputs[name] = _plain(value)
        return self

    def set(self, **keys: object) -> Self:
        """Set keys of the top level, such as `description`, `defaults` or `timeout`."""
        self._top |= {key: _plain(value) for key, value in keys.items()}
        return self

    def on_failure(self, steps: Inner) -> Self:
        """Say what runs after the run failed."""
        self._top["on_failure"] = _inside(steps)
        return self

    @property
    def document(self) -> dict[str, object]:
        """The canonical document so far."""
        document = {**self._top, "steps": self.steps}
        if self._inputs:
            document["inputs"] = self._inputs
        if self._outputs:
            document["outputs"] = self._outputs
        return document

    def compile(self, actions: ActionSource, *, documents: Mapping[str, object] = _NONE) -> Pipeline:
        """Compile it; raises `CompileError`. `documents` holds those of the pipelines it runs."""
        document = cast("dict[str, object]", _plain(self.document))
        return compile_plain(document, actions=actions, documents=documents)


def build(name: str) -> PipelineBuilder:
    """Start a pipeline of that name."""
    return PipelineBuilder(name)


def _inside(steps: Inner) -> list[dict[str, object]]:
    builder = StepsBuilder()
    steps(builder)
    return builder.steps


def _body(steps: Inner | None, action: str | None, parameters: Options | None) -> dict[str, object]:
    body: dict[str, object] = {}
    if steps is not None:
        body["steps"] = _inside(steps)
    if action is not None:
        body["action"] = action
    if parameters is not None:
        body["with"] = _plain(parameters)
    return body


def _cases(cases: Mapping[object, Inner]) -> object:
    if all(isinstance(key, str) for key in cases):
        return {key: _inside(steps) for key, steps in cases.items()}
    return [{"case": key, "steps": _inside(steps)} for key, steps in cases.items()]


def _plain(value: object) -> object:
    """Return dicts and lists of our own, so that later changes of the caller's do not reach the pipeline."""
    if is_mapping(value):
        return {key: _plain(item) for key, item in value.items()}
    if is_list(value):
        return [_plain(item) for item in value]
    return value
