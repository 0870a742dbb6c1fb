"""Tools of this example: a function, and a class whose public methods are actions."""

from typing import Annotated, Literal, TypedDict

from orchestrator import ActionError, tool


class Reading(TypedDict):
    """A temperature with its unit."""

    value: float
    unit: str


class Limits(TypedDict):
    """What counts as cold and as hot."""

    low: float
    high: float


@tool(effect="pure")
def judge(readings: list[Reading], limits: Limits) -> list[str]:
    """Say of each reading whether it is cold, mild or hot.

    Args:
        readings: What was measured.
        limits: Below `low` is cold, above `high` is hot.
    """
    if limits["low"] > limits["high"]:
        raise ActionError("`low` lies above `high`", error_class="invalid_request")
    return [_word(reading["value"], limits) for reading in readings]


def _word(value: float, limits: Limits) -> str:
    if value < limits["low"]:
        return "cold"
    return "hot" if value > limits["high"] else "mild"


@tool(effect="pure")
class Thermometer:
    """Converts temperatures; one object lives as long as the run's process."""

    def convert(
        self, celsius: Annotated[float, "Degrees Celsius."], to: Literal["fahrenheit", "kelvin"] = "kelvin"
    ) -> Reading:
        """Convert a temperature."""
        value = celsius * 9 / 5 + 32 if to == "fahrenheit" else celsius + 273.15
        return Reading(value=round(value, 2), unit=to)
