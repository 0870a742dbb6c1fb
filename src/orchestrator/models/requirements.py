"""What a step requires of a model: the mapping under `model`, read and checked."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, cast, get_args

from msgspec import Struct

from orchestrator.core.budget import dollars
from orchestrator.core.misfit import Misfit, joined, shown
from orchestrator.core.plain import is_list
from orchestrator.core.suggestion import nearest

Strategy = Literal["cost", "quality", "speed", "balanced", "local"]
STRATEGIES: tuple[Strategy, ...] = get_args(Strategy)

TASKS: Mapping[str, int] = MappingProxyType(
    {
        "simple": 1,
        "classify": 1,
        "extract": 2,
        "summarise": 2,
        "summarize": 2,
        "translate": 2,
        "chat": 2,
        "moderate": 3,
        "write": 3,
        "analyse": 3,
        "analyze": 3,
        "complex": 4,
        "code": 4,
        "plan": 4,
        "reason": 4,
        "expert": 5,
        "research": 5,
    }
)
"""The lowest quality that a task asks for."""

_LONGEST_WORDS = 2_000
FLAGS = ("local", "structured", "tools", "vision")


class Requirements(Struct, frozen=True, kw_only=True):
    """What a model must be or do, and by what the fit ones are ranked."""

    task: str = ""
    quality: int | None = None
    """The lowest tier, 1 to 5."""
    speed: int | None = None
    """The lowest tier, 1 to 5."""
    context: int | None = None
    """Tokens."""
    max_cost: Decimal | None = None
    """US dollars that one call may cost at most."""
    local: bool | None = None
    structured: bool | None = None
    tools: bool | None = None
    vision: bool | None = None
    strategy: Strategy | None = None
    about: str = ""
    """What it is wanted for, in words; they name the task where nothing else does."""
    models: tuple[str, ...] = ()
    """The only models to choose from; empty for every one that is there."""
    minimal: bool = False
    """Whether the smallest valid answer stands in when no model gives one."""

    @property
    def tier(self) -> int:
        """The lowest quality that will do."""
        return max(self.quality or 1, TASKS.get(self.task, 1) if self.task else _tier_of(self.about))


NO_REQUIREMENTS = Requirements()
KEYS: tuple[str, ...] = Requirements.__struct_fields__


def read_requirements(wish: Mapping[str, object]) -> tuple[Requirements, list[Misfit]]:
    """Return the requirements of a mapping, as far as they can be read, and everything that is wrong with it."""
    read: dict[str, object] = {}
    misfits: list[Misfit] = []
    for key, wanted in wish.items():
        reader = _READERS.get(key)
        if reader is None:
            near = nearest(key, KEYS)
            advice = f"did you mean {near}?" if near else f"known are {joined(KEYS, last='and')}"
            misfits.append(Misfit((key,), f"there is no requirement {shown(key)}", advice))
            continue
        value = reader(wanted)
        if value is None:
            misfits.append(Misfit((key,), *_expected(key, wanted)))
        else:
            read[key] = value
    return Requirements(**read), misfits  # pyright: ignore[reportArgumentType] - each reader returns its field's type


def _expected(key: str, wanted: object) -> tuple[str, str]:
    """Return the sentence about a value that a requirement cannot have, and what to do."""
    if key in ("task", "strategy"):
        known = list(TASKS) if key == "task" else list(STRATEGIES)
        near = nearest(wanted, known) if isinstance(wanted, str) else ""
        advice = f"did you mean {near}?" if near else f"known are {joined(known, last='and')}"
        return f"the requirement {key} cannot be {shown(wanted)}", advice
    if key in (*FLAGS, "minimal"):
        kind = "true or false"
    else:
        kind = {
            "context": "a number of tokens",
            "about": f"a text of at most {_LONGEST_WORDS} characters",
            "models": "a list of names",
            "max_cost": 'US dollars for one call, such as "0.05 USD"',
        }.get(key, "a tier from 1 to 5")
    return f"the requirement {key} is {kind}, not {shown(wanted)}", ""


def _tier_of(words: str) -> int:
    """Return the highest quality that a task named in the words asks for: `Select a model for summarising` is 2."""
    said = words.lower().split()
    return max(
        [tier for task, tier in TASKS.items() if any(word.startswith(task[:6]) for word in said)], default=1
    )


def _words(value: object) -> str | None:
    return value if isinstance(value, str) and len(value) <= _LONGEST_WORDS else None


def _tier(value: object) -> int | None:
    return value if type(value) is int and 1 <= value <= 5 else None


def _tokens(value: object) -> int | None:
    return value if type(value) is int and value >= 1 else None


def _flag(value: object) -> bool | None:
    return value if type(value) is bool else None


def _task(value: object) -> str | None:
    return value if isinstance(value, str) and value in TASKS else None


def _cost(value: object) -> Decimal | None:
    """Return the sum of a text such as `0.05 USD`; a number is none, for a float is not exact."""
    return dollars(value) or None


def _strategy(value: object) -> str | None:
    return value if value in STRATEGIES else None  # pyright: ignore[reportReturnType] - one of the words


def _models(value: object) -> tuple[str, ...] | None:
    if not is_list(value) or not value or not all(isinstance(name, str) for name in value):
        return None
    return tuple(cast("Sequence[str]", value))


_READERS: Mapping[str, Callable[[object], object]] = {
    "task": _task,
    "quality": _tier,
    "speed": _tier,
    "context": _tokens,
    "max_cost": _cost,
    **dict.fromkeys((*FLAGS, "minimal"), _flag),
    "strategy": _strategy,
    "about": _words,
    "models": _models,
}
