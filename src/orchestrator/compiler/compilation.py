"""What the parts of one compile share: the problems so far, the known steps and inputs, the cache of templates."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol, cast

from msgspec import Struct, field

from orchestrator.compiler.draft import Draft, View
from orchestrator.compiler.origin import TOP, Place
from orchestrator.compiler.problems import Problems
from orchestrator.core.action import Action, ActionSource
from orchestrator.core.pipeline import ANSWER_NAME, Block, InputSpec, Pipeline
from orchestrator.core.plain import is_mapping
from orchestrator.core.policy import NO_RETRY, Retry
from orchestrator.core.schema import Validator, compile_schema
from orchestrator.core.template import Reference
from orchestrator.expressions import TemplateCache

Shape = Mapping[str, object]
"""What is known of a value, as JSON Schema; empty where nothing is."""


class Reading(NamedTuple):
    """A place where the value of a step is read with nothing beside it for the case that there is none."""

    step: str
    reference: Reference
    place: Place
    view: View


class Defaults(Struct, frozen=True, kw_only=True):
    """What steps do unless they say otherwise."""

    model: object = None
    timeout: float | None = None
    retry_keys: Mapping[str, object] = field(default_factory=dict[str, object])
    retry: Retry = NO_RETRY
    on_error: object = None
    on_error_place: Place = TOP


class ActionInfo(NamedTuple):
    """An action with what its calls are checked against."""

    action: Action
    schema: Shape
    expected: Mapping[str, Shape]
    """The schema of each parameter."""
    loose: bool
    """Whether any parameters will do."""


class BlockReader(Protocol):
    """Reads the steps inside a step."""

    def __call__(
        self,
        c: "Compilation",
        entries: object,
        place: Place,
        view: View,
        /,
        *,
        names: dict[str, object] | None = None,
        handler: bool = False,
        sequential: bool = False,
    ) -> Block:
        """Return them as a block."""
        ...


class Subpipelines(Protocol):
    """Finds and compiles the files that `pipeline.run` names literally."""

    def __call__(self, c: "Compilation", name: str, place: Place, /) -> Pipeline | None:
        """Return the compiled file; None when it cannot be had now, or is wrong (then with problems)."""
        ...


class Compilation:
    """One file on its way from plain data to a pipeline."""

    __slots__ = (
        "_actions",
        "_found",
        "_open_values",
        "_validators",
        "advises",
        "blocks",
        "defaults",
        "file",
        "homes",
        "inputs",
        "lost",
        "names",
        "own_shapes",
        "pipelines",
        "problems",
        "readings",
        "secrets",
        "shapes",
        "subpipeline",
        "templates",
        "title",
        "too_early",
    )  # fmt: skip

    def __init__(
        self,
        *,
        file: str,
        problems: Problems,
        actions: ActionSource,
        blocks: BlockReader,
        subpipeline: Subpipelines,
    ) -> None:
        self.file = file
        self.problems = problems
        self.blocks = blocks
        self.subpipeline = subpipeline
        self.templates = TemplateCache()
        self._actions = actions
        self._found: dict[str, ActionInfo | None] = {}
        self._validators: dict[str, Validator] = {}
        self.inputs: dict[str, InputSpec] = {}
        self.secrets: frozenset[str] = frozenset()
        """Inputs of type `secret`."""
        self.defaults = Defaults()
        self.names: dict[str, object] = {}
        """Shapes of the names that are known everywhere."""
        self.homes: dict[str, tuple[Draft, int]] = {}
        """For each id, the block and index of its step."""
        self.shapes: dict[str, Shape] = {}
        """What is known of each step's value."""
        self.own_shapes: dict[str, Shape] = {}
        """What is known of the result of a step's action, or of its `value`."""
        self.lost: list[tuple[Reference, Place, View]] = []
        """References to steps that were not seen from where they stand."""
        self.readings: list[Reading] = []
        self.too_early: dict[str, str] = {}
        """Names that a loop beside the value being read will bring, with what to do about it."""
        self.pipelines: dict[str, Pipeline] = {}
        self.advises = True
        """Whether to say which models do not fit: not of what a run began with, whose models may be gone."""
        self.title = ""
        """Name and description of the pipeline, as questions of open values show them."""
        self._open_values = 0

    def action(self, name: str) -> Action | None:
        """Return the action of that name."""
        info = self.action_info(name)
        return info.action if info else None

    def action_info(self, name: str) -> ActionInfo | None:
        """Return the action of that name with its schemas."""
        if name not in self._found:
            action = self._actions.find(name)
            self._found[name] = _info(action) if action else None
        return self._found[name]

    def action_names(self) -> list[str]:
        """Return every known name of an action."""
        return sorted(self._actions.names())

    def validator(self, key: str, schema: Mapping[str, object]) -> Validator:
        """Return the checker of a schema that stands under one key for the whole compile."""
        found = self._validators.get(key)
        if found is None:
            found = self._validators[key] = compile_schema(schema)
        return found

    def open_name(self) -> str:
        """Return a fresh name for the answer to an open value; no user can write it in a template."""
        self._open_values += 1
        return f"{ANSWER_NAME}{self._open_values}"

    def line_of_step(self, name: str) -> int:
        """Return the line of a known step's id; 0 without a text."""
        draft, index = self.homes[name]
        return self.problems.line_of(((draft.place, index), "id"))


def _info(action: Action) -> ActionInfo:
    schema = action.spec.parameters
    properties = schema.get("properties")
    expected = cast("Mapping[str, Shape]", properties if is_mapping(properties) else {})
    return ActionInfo(action, schema, expected, loose=not schema or schema == {"type": "object"})
