"""The marks of values (`web`, `model`): every value carries those of everything that was read to make it."""

from collections.abc import Iterable

from msgspec import Struct

from orchestrator.core.template import Template

NO_LABELS: frozenset[str] = frozenset()
_UNMARKED = frozenset({"status", "run"})
"""Names whose values nobody outside the engine can influence."""


class Reads(Struct, frozen=True):
    """What templates read, as far as it can carry marks."""

    steps: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Names other than steps: inputs, the items of loops."""
    all_steps: bool = False
    """Some step is chosen by a computed name, so any may be read."""


NOTHING_READ = Reads()


def reads_of(*templates: Template | None) -> Reads:
    """Return what the templates read together."""
    return _reads(
        path for template in templates if template for path in (r.path for r in template.references)
    )


def _reads(paths: Iterable[tuple[str | int, ...]]) -> Reads:
    steps: dict[str, None] = {}
    names: dict[str, None] = {}
    all_steps = False
    for path in paths:
        root = str(path[0])
        if root not in {"steps", "errors"}:
            if root not in _UNMARKED:
                names[root] = None
        elif len(path) > 1:
            steps[str(path[1])] = None
        else:
            all_steps = True
    return Reads(tuple(steps), tuple(names), all_steps) if steps or names or all_steps else NOTHING_READ
