"""A test of a pipeline as written beside it: what goes in, what stands in for its steps, what is expected to come out."""

from collections.abc import Mapping
from decimal import Decimal

from msgspec import Struct, field

from orchestrator.errors import Location


class Expected(Struct, frozen=True, kw_only=True):
    """A value that an output must have, or a JSON Schema that it must fit."""

    value: object = None
    schema: Mapping[str, object] | None = None
    """Set where the value is only described."""
    location: Location | None = None


class Fixture(Struct, frozen=True, kw_only=True):
    """What stands in for everything that a step does."""

    value: object = None
    failure: tuple[str, str] | None = None
    """Error class and message, where the step is to fail."""


class PipelineTest(Struct, frozen=True, kw_only=True):
    """One test; what it does not mention, it does not look at."""

    name: str
    inputs: Mapping[str, object] = field(default_factory=dict[str, object])
    fixtures: Mapping[str, Fixture] = field(default_factory=dict[str, Fixture])
    """By the id of the step."""
    replay: str = ""
    """The folder of a cassette, from the folder of the file that holds the test."""
    status: str = "completed"
    outputs: Mapping[str, Expected] = field(default_factory=dict[str, Expected])
    steps: Mapping[str, str] = field(default_factory=dict[str, str])
    """Status by the id of a step (then of each of its tasks) or the path of one task."""
    max_cost: Decimal | None = None
    """US dollars."""
    file: str = ""
    location: Location | None = None
    places: Mapping[str, Location] = field(default_factory=dict[str, Location])
    """Where expectations stand: `status`, `max_cost`, `steps.ID`."""
