"""Where the parameters of a task came from: what its templates read, with the values that the journal keeps.

A task's parameters are not recorded, but everything they were made of is: inputs, results of other tasks, loop lists. So
an origin is read off the templates and looked up in the state, in the scope where the task stood.
"""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from orchestrator.app.derived import Derived, derived_value
from orchestrator.app.inventory import all_steps
from orchestrator.app.paths import step_id
from orchestrator.app.plain import written
from orchestrator.app.written_steps import NOTHING, written_step
from orchestrator.core.ids import TaskPath
from orchestrator.core.misfit import counted
from orchestrator.core.pipeline import Pipeline, Step
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.core.run_state import RunState
from orchestrator.core.suggestion import suggestion
from orchestrator.core.template import Reference
from orchestrator.errors import TemplateError, UserError
from orchestrator.expressions import TemplateCache


class Origin(Struct, frozen=True):
    """One thing that a template read."""

    name: str
    """As the template writes it: `steps.files.paths[0]`."""
    source: str
    """What kind of place it came from, in words."""
    known: bool
    """Whether the journal still tells the value."""
    value: object = None


class FieldOrigin(Struct, frozen=True):
    """One parameter, as written, with everything it was made of."""

    field: str
    written: str
    origins: tuple[Origin, ...]


class TaskOrigins(Struct, frozen=True):
    """All parameters of a task."""

    task: TaskPath
    does: str
    fields: tuple[FieldOrigin, ...]
    made: Derived | None = None
    """The value of a group or loop, whose inner tasks it was made of."""

    def as_data(self) -> dict[str, object]:
        """Return plain data."""
        value = {} if self.made is None else {"value": self.made.value, "known": self.made.known}
        return {
            "task": self.task,
            "does": self.does,
            **value,
            "fields": {
                field.field: {
                    "written": field.written,
                    "origins": [
                        {"name": one.name, "source": one.source, "known": one.known, "value": one.value}
                        for one in field.origins
                    ],
                }
                for field in self.fields
            },
        }


def origins_of(state: RunState, pipeline: Pipeline, task: str, field: str = "") -> TaskOrigins:
    """Return the origins of a task's parameters; raises `UserError` for a task or field that is not there."""
    path = known_task(state, task)
    if question := _question(state, path):
        return question
    step, document = _written(pipeline, path)
    fields = dict(_fields(document))
    if field:
        chosen = {
            name: text
            for name, text in fields.items()
            if name == field or name.startswith((f"{field}.", f"{field}["))
        }
        if not chosen:
            raise UserError(
                f"{path} has no field `{field}`\n  → {suggestion(field, fields, kind='its fields are')}"
            )
        fields = chosen
    names = _Names(state, path)
    cache = TemplateCache()
    return (
        TaskOrigins(
            task=path,
            does=str(document.get("action", _container(document))),
            fields=tuple(
                FieldOrigin(name, text, (*_decided(state, path, name), *_read(names, cache, text, name)))
                for name, text in fields.items()
            ),
            made=derived_value(state, path) if state.tasks[path].derived and not field else None,
        )
        if step
        else TaskOrigins(path, "an unknown step", ())
    )


def _question(state: RunState, path: TaskPath) -> TaskOrigins | None:
    """Return how an `<AUTO>` value was decided; None for any other task."""
    step, slash, key = path.partition("/")
    task = state.tasks[path]
    if not slash or ":" in key or TaskPath(step) not in state.tasks:
        return None
    source = task.model or "its default"
    value = Origin("answer", source, known=task.status == "completed", value=task.value)
    return TaskOrigins(path, f"decides {key} of {step}", (FieldOrigin(key, "<AUTO>", (value,)),))


def _decided(state: RunState, path: TaskPath, field: str) -> Iterator[Origin]:
    """Yield what models decided for the `<AUTO>` tags of a field."""
    for name, task in state.tasks.items():
        key = name.removeprefix(f"{path}/")
        if (
            key != name
            and key.removeprefix("with.").partition("~")[0] == field
            and task.status == "completed"
        ):
            yield Origin(
                "<AUTO>", f"{task.model or 'its default'}, as task {name}", known=True, value=task.value
            )


def _read(names: "_Names", cache: TemplateCache, text: str, field: str) -> Iterator[Origin]:
    """Yield what the templates of a field read; what stands inside a tag was read by its question."""
    return (names.origin(one) for one in _references(cache, text, field))


def _container(document: Mapping[str, object]) -> str:
    """Return what a step is that calls no action."""
    words = {"for_each": "a loop", "while": "a loop", "until": "a loop", "switch": "a switch"}
    return next((word for key, word in words.items() if key in document), "a group")


def known_task(state: RunState, task: str) -> TaskPath:
    """Return the path of a task; raises `UserError` naming what is near."""
    path = TaskPath(task)
    if path in state.tasks:
        return path
    of_step = [known for known in state.tasks if step_id(known) == task]
    if len(of_step) == 1:
        return of_step[0]
    hint = (
        f"it ran as {', '.join(of_step[:5])}"
        if of_step
        else suggestion(task, state.tasks, kind="its tasks are")
    )
    raise UserError(f"run {state.run_id} has no task `{task}`\n  → {hint or 'it has no tasks yet.'}")


def _written(pipeline: Pipeline, path: TaskPath) -> tuple[Step | None, Mapping[str, object]]:
    """Return the step of a task with its part of the canonical document, also in files that the pipeline runs."""
    wanted = step_id(path)
    for holder in _family(pipeline):
        for _, step in all_steps(holder):
            if step.id == wanted:
                return step, written_step(holder.document, wanted)
    return None, NOTHING


def _family(pipeline: Pipeline) -> Iterator[Pipeline]:
    yield pipeline
    for other in pipeline.pipelines.values():
        yield from _family(other)


def _fields(document: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield name and text of every template of a step: its conditions and lists, then its parameters."""
    for key in ("if", "for_each", "while", "until", "switch"):
        text = document.get(key)
        if isinstance(text, str):
            yield key, text
    if "with" in document:
        yield from _texts(document["with"], "")


def _texts(value: object, name: str) -> Iterator[tuple[str, str]]:
    if is_mapping(value):
        for key, item in value.items():
            yield from _texts(item, f"{name}.{key}" if name else key)
    elif is_list(value):
        for index, item in enumerate(value):
            yield from _texts(item, f"{name}[{index}]")
    else:
        yield name, value if isinstance(value, str) else written(value)


def _references(cache: TemplateCache, text: str, field: str) -> Iterator[Reference]:
    """Yield what a text reads, each chain once."""
    bare = field in {"if", "while", "until", "for_each", "switch"} and "{{" not in text
    try:
        template = cache.expression(text) if bare else cache.template(text)
    except TemplateError:
        return
    seen: set[tuple[str | int, ...]] = set()
    for reference in template.references:
        if reference.path not in seen:
            seen.add(reference.path)
            yield reference


class _Names:
    """The names that a task saw, looked up in the state."""

    def __init__(self, state: RunState, path: TaskPath) -> None:
        self._state = state
        self._scopes = tuple(_scopes(path))
        """Prefixes of the paths that the task could read, the nearest first."""
        self._items = dict(_items(state, path))

    def origin(self, reference: Reference) -> Origin:
        """Return what is known of one chain of names."""
        path, name = reference.path, _chain(reference.path)
        first = path[0]
        if first == "inputs" and len(path) > 1:
            inputs = self._state.inputs
            source = "input of the run" if str(path[1]) in inputs else "secret, or input of an inner pipeline"
            return self._below(name, source, inputs, path[1:])
        if first in {"steps", "status", "errors"} and len(path) > 1:
            return self._of_step(name, str(first), str(path[1]), path[2:])
        if first == "run":
            about = {"id": self._state.run_id, "started_at": self._state.created_at}
            return self._below(name, "the run", about, path[1:])
        if first in self._items:
            index, item = self._items[str(first)]
            return self._below(name, f"item {index} of the loop", {"item": item}, ("item", *path[1:]))
        return Origin(name, "a name of the loop or block", known=False)

    def _of_step(self, name: str, kind: str, step: str, rest: tuple[str | int, ...]) -> Origin:
        found = next((prefix + step for prefix in self._scopes if prefix + step in self._state.tasks), None)
        if found is None:
            return Origin(name, f"step {step}, of which nothing is recorded", known=False)
        task = self._state.tasks[TaskPath(found)]
        if kind == "status":
            return Origin(name, f"task {found}", known=True, value=task.status)
        if kind == "errors":
            return Origin(name, f"task {found}", known=True, value=task.failure and task.failure.as_data())
        source = f"result of {found}" + (f" by {task.model}" if task.model else "")
        if task.status == "skipped":
            return Origin(name, f"{found}, which was skipped", known=False)
        if task.derived:
            made = derived_value(self._state, TaskPath(found))
            source = f"{source}, made of {counted(made.tasks, 'inner task')}"
            if not made.known:
                return Origin(name, source, known=False)
            return self._below(name, source, {"value": made.value}, ("value", *rest))
        return self._below(name, source, {"value": task.value}, ("value", *rest))

    def _below(self, name: str, source: str, value: object, path: tuple[str | int, ...]) -> Origin:
        for key in path:
            if is_mapping(value) and str(key) in value:
                value = value[str(key)]
            elif is_list(value) and isinstance(key, int) and -len(value) <= key < len(value):
                value = value[key]
            else:
                return Origin(name, source, known=False)
        return Origin(name, source, known=True, value=value)


def _scopes(path: TaskPath) -> Iterator[str]:
    """Yield the prefixes under which sibling steps stand, innermost first, the top of the file last."""
    while "." in path:
        path = TaskPath(path.rpartition(".")[0])
        yield f"{path}."
    yield ""


def _items(state: RunState, path: TaskPath) -> Iterator[tuple[str, tuple[int, object]]]:
    """Yield the loop names that a task saw with its item, inner loops first."""
    for (loop, what), value in state.decisions.items():
        if what != "items" or not is_list(value) or not path.startswith(f"{loop}["):
            continue
        number = path[len(loop) + 1 :].partition("]")[0]
        name = _loop_name(state.document, step_id(loop))
        if number.isdecimal() and int(number) < len(value):
            yield name, (int(number), value[int(number)])


def _loop_name(document: Mapping[str, object], step: str) -> str:
    written = written_step(document, step)
    name = written.get("as")
    return name if isinstance(name, str) else "item"


def _chain(path: tuple[str | int, ...]) -> str:
    parts = [str(path[0])]
    parts += [f"[{part}]" if isinstance(part, int) else f".{part}" for part in path[1:]]
    return "".join(parts)
