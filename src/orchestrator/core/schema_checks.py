"""The checks that a schema is made of: each takes its limits and returns a closure over them.

A check returns None where the value fits (or the keyword does not concern it), else its misfits with paths from the value
it was given.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from orchestrator.core.misfit import Misfit, counted, joined, shown
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.core.suggestion import nearest

Check = Callable[[object], list[Misfit] | None]

_ENOUGH = 100
"""Misfits of one list or mapping after which the rest is not looked at: each may cost a search for a near name."""

TYPES = {
    "string": "text",
    "number": "a number",
    "integer": "an integer",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}
"""JSON's types with the words for them."""

_EXACT: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float, Decimal),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}

NUMBER_LIMITS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "minimum": (lambda value, limit: value >= limit, "at least"),
    "maximum": (lambda value, limit: value <= limit, "at most"),
    "exclusiveMinimum": (lambda value, limit: value > limit, "more than"),
    "exclusiveMaximum": (lambda value, limit: value < limit, "less than"),
}
LENGTH_LIMITS: dict[str, tuple[tuple[type, ...], str, bool]] = {
    "minLength": ((str,), "character", True),
    "maxLength": ((str,), "character", False),
    "minItems": ((list, tuple), "item", True),
    "maxItems": ((list, tuple), "item", False),
    "minProperties": ((Mapping,), "name", True),
    "maxProperties": ((Mapping,), "name", False),
}
"""Keyword → what it measures, in what, and whether it is the least."""


def has_type(value: object, name: str) -> bool:
    """Return whether a value is of a JSON type; the slow and complete answer."""
    if name == "number":
        return _is_number(value)
    if name == "integer":
        return _is_integer(value)
    if name == "array":
        return is_list(value)
    if name == "object":
        return is_mapping(value)
    return isinstance(value, _EXACT[name])


def type_check(names: Sequence[str]) -> Check:
    """Accept values of any of these types."""
    exact = {kind for name in names for kind in _EXACT[name]}
    usual = _EXACT[names[0]][0]
    wanted = joined([TYPES[name] for name in names])

    def check(value: object) -> list[Misfit] | None:
        if type(value) is usual or type(value) in exact or any(has_type(value, name) for name in names):
            return None
        return [Misfit((), f"expected {wanted}, not {shown(value)}")]

    return check


def enum_check(allowed: Sequence[object]) -> Check:
    """Accept only these values."""
    keys = frozenset(identity(value) for value in allowed)
    texts = [value for value in allowed if isinstance(value, str)]
    listed = joined([shown(value) for value in allowed[:20]]) if allowed else "nothing"
    more = f" and {len(allowed) - 20} more" if len(allowed) > 20 else ""

    def check(value: object) -> list[Misfit] | None:
        if identity(value) in keys:
            return None
        near = nearest(value, texts)
        hint = f"did you mean {shown(near)}?" if near else ""
        return [Misfit((), f"{shown(value)} is not allowed, only {listed}{more}", hint)]

    return check


def number_check(keyword: str, limit: float) -> Check:
    """Accept numbers on the right side of a limit."""
    holds, words = NUMBER_LIMITS[keyword]

    def check(value: object) -> list[Misfit] | None:
        if not _is_number(value) or holds(value, limit):  # pyright: ignore[reportArgumentType]
            return None
        return [Misfit((), f"{shown(value)} is out of range: {words} {limit} is allowed")]

    return check


def multiple_check(step: float) -> Check:
    """Accept whole multiples of a number."""

    def check(value: object) -> list[Misfit] | None:
        if not _is_number(value) or _divides(step, value):  # pyright: ignore[reportArgumentType]
            return None
        return [Misfit((), f"{shown(value)} is not a multiple of {step}")]

    return check


def length_check(keyword: str, limit: int) -> Check:
    """Accept texts, lists or mappings that are long enough, or short enough."""
    kinds, noun, least = LENGTH_LIMITS[keyword]
    words = f"at {'least' if least else 'most'} {limit}"

    def check(value: object) -> list[Misfit] | None:
        if not isinstance(value, kinds):
            return None
        length = len(value)  # pyright: ignore[reportArgumentType]
        if length >= limit if least else length <= limit:
            return None
        return [Misfit((), f"{shown(value)} has {counted(length, noun)}, {words} allowed")]

    return check


def pattern_check(pattern: str) -> Check:
    """Accept texts in which a regular expression is found, and none that it could search for ever.

    Raises ValueError for a pattern whose cost has no bound.
    """
    import re

    from orchestrator.core.backtracking import cost_of

    longest = cost_of(pattern).longest_text()
    search = re.compile(pattern).search

    def check(value: object) -> list[Misfit] | None:
        if not isinstance(value, str):
            return None
        if len(value) > longest:
            return [Misfit((), too_long(len(value), pattern, longest))]
        if search(value):
            return None
        return [Misfit((), f"{shown(value)} does not match the pattern {pattern}")]

    return check


def too_long(length: int, pattern: str, longest: int) -> str:
    """Return why a text is not held against a pattern."""
    return (
        f"a text of {length:,} characters is too long for the pattern {pattern}, which may search {longest:,}"
    )


def unique_check() -> Check:
    """Accept lists without two equal items."""

    def check(value: object) -> list[Misfit] | None:
        if not is_list(value):
            return None
        seen: dict[object, int] = {}
        for index, item in enumerate(value):
            first = seen.setdefault(identity(item), index)
            if first != index:
                return [Misfit((index,), f"{shown(item)} repeats item {first}; each may stand once")]
        return None

    return check


def items_check(prefix: Sequence[Check | None], rest: Check | None, *, closed: bool) -> Check:
    """Hold the first items of a list to a check each and the others to `rest`; `closed` allows no others."""
    count = len(prefix)

    def check(value: object) -> list[Misfit] | None:
        if not is_list(value):
            return None
        found: list[Misfit] = []
        if closed and len(value) > count:
            found.append(Misfit((), f"{shown(value)}, at most {count} allowed"))
        for index, item in enumerate(value):
            each = prefix[index] if index < count else rest
            misfits = each and each(item)
            if misfits:
                found += _below(index, misfits)
                if len(found) >= _ENOUGH:
                    break
        return found or None

    return check


def object_check(
    known: Mapping[str, Check | None], required: Sequence[str], extra: Check | None, *, closed: bool
) -> Check:
    """Hold the properties of a mapping to their checks; others to `extra`, or allow none when `closed`."""
    find = dict(known).get
    names = known.keys()

    def check(value: object) -> list[Misfit] | None:
        if not is_mapping(value):
            return None
        found: list[Misfit] = []
        for name in required:
            if name not in value:
                found.append(Misfit((), f"{shown(name)} is missing"))  # noqa: PERF401 - quicker when none is
        if closed and not value.keys() <= names:
            unknown = [name for name in value if name not in known][:_ENOUGH]
            if found:  # what is only misspelt is not missing as well
                absent = [name for name in required if name not in value]
                found = [Misfit((), f"{shown(name)} is missing") for name in not_misspelt(absent, unknown)]
            found += [_unknown(name, known) for name in unknown]
        for name, item in value.items():
            each = find(name, extra)
            misfits = each and each(item)
            if misfits:
                found += _below(name, misfits)
                if len(found) >= _ENOUGH:
                    break
        return found or None

    return check


def not_misspelt(absent: Sequence[str], unknown: Sequence[str]) -> list[str]:
    """Return those of the absent names that none of the unknown ones was meant to be."""
    meant = {nearest(name, absent) for name in unknown}
    return [name for name in absent if name not in meant]


def all_check(checks: Sequence[Check]) -> Check:
    """Hold a value to every check."""
    if len(checks) == 1:
        return checks[0]

    def check(value: object) -> list[Misfit] | None:
        found = [misfit for each in checks for misfit in each(value) or ()]
        return found or None

    return check


def guarded_check(first: Check, then: Check) -> Check:
    """Ask the second check only when the first is content: a wrong type makes the rest pointless."""

    def check(value: object) -> list[Misfit] | None:
        return first(value) or then(value)

    return check


def any_check(alternatives: Sequence[Check]) -> Check:
    """Accept what fits at least one alternative."""

    def check(value: object) -> list[Misfit] | None:
        refusals: list[list[Misfit]] = []
        for alternative in alternatives:
            misfits = alternative(value)
            if misfits is None:
                return None
            refusals.append(misfits)
        return _nearest_refusal(refusals, value)

    return check


def one_check(alternatives: Sequence[Check]) -> Check:
    """Accept what fits exactly one alternative."""

    def check(value: object) -> list[Misfit] | None:
        refusals = [alternative(value) for alternative in alternatives]
        fitting = [str(number) for number, misfits in enumerate(refusals, 1) if misfits is None]
        if len(fitting) == 1:
            return None
        if fitting:
            places = joined(fitting, last="and")
            return [Misfit((), f"{shown(value)} fits alternatives {places}, exactly one is allowed")]
        return _nearest_refusal([misfits for misfits in refusals if misfits], value)

    return check


def not_check(excluded: Check | None) -> Check:
    """Accept what does not fit; without a check, nothing."""

    def check(value: object) -> list[Misfit] | None:
        if excluded is not None and excluded(value):
            return None
        return [Misfit((), f"{shown(value)} is what is not allowed here")]

    return check


def nothing_check(value: object) -> list[Misfit] | None:
    """Accept no value at all, as the schema `false` does."""
    return [Misfit((), f"{shown(value)} is not allowed here: no value is")]


def identity(value: object) -> object:
    """Return something hashable that is equal for values that JSON Schema calls equal: 1 and 1.0, but not 1 and true."""
    kind = type(value)
    if kind is str or kind is int or value is None:
        return value
    if kind is bool:
        return (bool, value)
    if is_mapping(value):
        return ("object", frozenset((key, identity(item)) for key, item in value.items()))
    if is_list(value):
        return ("array", tuple([identity(item) for item in value]))
    return value if isinstance(value, str | int | float | Decimal) else (kind, repr(value))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _is_integer(value: object) -> bool:
    if isinstance(value, float):
        return value.is_integer()
    if isinstance(value, Decimal):
        return value.is_finite() and value == value.to_integral_value()
    return isinstance(value, int) and not isinstance(value, bool)


def _divides(step: float, value: float) -> bool:
    if not isinstance(step, float):
        return not value % step
    from fractions import Fraction

    try:
        quotient = float(value) / step
        return int(quotient) == quotient
    except OverflowError:  # beyond any float
        return (Fraction(value) / Fraction(step)).denominator == 1


def _below(key: str | int, misfits: list[Misfit]) -> list[Misfit]:
    return [Misfit((key, *misfit.path), misfit.message, misfit.hint) for misfit in misfits]


def _unknown(name: str, known: Mapping[str, object]) -> Misfit:
    near = nearest(name, known)
    if near:
        hint = f"did you mean {near}?"
    else:
        hint = f"allowed: {', '.join(known)}" if known else "no properties are allowed here"
    return Misfit((name,), f"unknown property {shown(name)}", hint)


def _nearest_refusal(refusals: list[list[Misfit]], value: object) -> list[Misfit]:
    """Return the refusal of the one alternative that was meant, else a sentence that lists them all."""
    meant = [misfits for misfits in refusals if any(misfit.path for misfit in misfits)]
    if len(meant) == 1 or len(refusals) == 1:
        return (meant or refusals)[0]
    reasons = "; ".join(dict.fromkeys(misfits[0].message for misfits in refusals[:5]))
    return [Misfit((), f"{shown(value)} fits no alternative: {reasons}")]
