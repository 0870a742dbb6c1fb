"""What the language knows about values: which there are, their truth, their fields, their text.

Only data is known: texts, numbers, true and false, null, lists, tuples, mappings, dates, and holes for secrets. Nothing
else can be printed or looked into, and no Python attribute is ever read.
"""

# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Data has no static types: what `isinstance` finds holds elements of any kind.

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal

from orchestrator.core.secret import Sealed, Secret
from orchestrator.core.undefined import Undefined
from orchestrator.expressions.frame import Frame
from orchestrator.expressions.refusal import Refused, not_defined

ABSENT = object()
"""The answer of `field` when there is none."""

MAX_NESTING = 200
"""How deep data may nest where all of it is walked: printed, compared, sorted."""

_KEYS = (str, int, float, Decimal, type(None))
_SIMPLE = frozenset((str, int, float, bool, type(None), Decimal))
_PRINTABLE = (str, int, float, Decimal, date, time, timedelta, bytes)


def describe(value: object) -> str:
    """Return what a value is, in the words of a user."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (Secret, Sealed)):
        return "a secret"
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (str, "a text"),
        ((int, float), "a number"),
        (Decimal, "a decimal number"),
        (Mapping, "a mapping"),
        (tuple, "a tuple"),
        (Sequence, "a list"),
    )
    return next((word for kind, word in kinds if isinstance(value, kind)), f"a {type(value).__name__}")


def secret_refused(value: Secret | Sealed) -> Refused:
    """Return the refusal to look at a secret."""
    name = value.name if isinstance(value, Secret) else "a text with secrets"
    return Refused(
        f"the secret `{name}` can only be placed"
        if isinstance(value, Secret)
        else f"{name} can only be placed",
        "use it whole or join it with text; it cannot be compared, tested or changed.",
    )


def usable(value: object) -> object:
    """Return the value, which must be defined and no secret."""
    if type(value) in _SIMPLE:
        return value
    if isinstance(value, Undefined):
        raise not_defined(value)
    if isinstance(value, (Secret, Sealed)):
        raise secret_refused(value)
    return value


def defined(value: object) -> object:
    """Return the value, which must be defined."""
    if isinstance(value, Undefined):
        raise not_defined(value)
    return value


def truth(value: object) -> bool:
    """Return whether a condition holds; a skipped value is false, any other undefined one an error."""
    if value is True or value is False:
        return value
    if isinstance(value, Undefined):
        if value.skipped:
            return False
        raise not_defined(value)
    return bool(usable(value))


def key_of(value: object) -> object:
    """Return the value, which must be fit for a key of a mapping."""
    if isinstance(usable(value), _KEYS) and not (isinstance(value, Decimal) and value.is_snan()):
        return value
    raise Refused(f"{describe(value)} cannot be a key", "a key is a text, a number, true, false or null.")


def field(value: object, key: object) -> object:
    """Return an item of the value, `ABSENT` when it has none; undefined values pass on."""
    if not isinstance(key, _KEYS):
        return ABSENT
    kind = type(value)
    try:
        if kind is dict:
            return value[key]  # pyright: ignore[reportIndexIssue, reportUnknownVariableType] - a dict, as just asked
        if isinstance(value, (str, list, tuple)):
            return _element(value, key)
        if isinstance(value, Mapping):
            return value[key]  # pyright: ignore[reportUnknownVariableType]
    except (LookupError, TypeError):  # a signalling NaN cannot be hashed
        return ABSENT
    if isinstance(value, Undefined):
        return value.field(str(key)) if value.skipped else value
    if isinstance(value, (Secret, Sealed)):
        raise secret_refused(value)
    if isinstance(value, Record):
        return value.field(key)
    return ABSENT


class Record:
    """A value of the language itself with a short list of fields."""

    __slots__ = ()

    def field(self, key: object) -> object:
        """Return the field, or `ABSENT`."""
        raise NotImplementedError


class Group(tuple[object, list[object]], Record):
    """A pair from `groupby`, which also has `.grouper` and `.list`."""

    __slots__ = ()

    def field(self, key: object) -> object:
        return self[0] if key == "grouper" else self[1] if key == "list" else ABSENT


def text_of(frame: Frame, value: object) -> str:
    """Return the value as it is printed."""
    if type(value) is str:
        return value
    if isinstance(value, (Undefined, Secret, Sealed)):
        usable(value)
    if isinstance(value, (list, tuple, Mapping)):
        weigh(frame, value)
        shown: object = value if isinstance(value, (list, tuple, dict)) else dict(value)
    else:
        shown = _printable(value)
        if isinstance(value, int):
            frame.spend(value.bit_length() >> 6)
    try:
        return str(shown)
    except ValueError:
        raise Refused("a number with so many digits cannot be printed") from None


def piece_of(frame: Frame, value: object) -> str | Secret | Sealed:
    """Return the value as a piece of printed text, in which secrets have their place."""
    if isinstance(value, (Secret, Sealed)):
        return value
    return text_of(frame, value)


def join_pieces(frame: Frame, pieces: Sequence[str | Secret | Sealed]) -> str | Sealed:
    """Return one text, sealed when there is a secret in it."""
    texts = [piece for piece in pieces if isinstance(piece, str)]
    frame.text_room(sum(map(len, texts)))
    return "".join(texts) if len(texts) == len(pieces) else _seal(pieces)


def elements_of(value: object) -> Sequence[object]:
    """Return what a loop or filter goes through: elements, characters or keys."""
    if isinstance(value, (list, tuple)):
        return value
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return list(value)
    usable(value)
    raise Refused(f"{describe(value)} has no elements to go through")


def weigh(frame: Frame, value: object) -> int:
    """Spend fuel for all that a value holds before all of it is walked.

    Returns how many elements there are. Shared parts count as often as they are met, so that a few nested lists cannot unfold into gigabytes. Refuses
    secrets, undefined values and whatever is no data, at any depth.
    """
    level: list[object] = [value]
    nesting = characters = elements = 0
    while level:
        below: list[object] = []
        for item in level:
            if type(item) is str:
                characters += len(item)
            elif isinstance(item, Mapping):
                below += item.keys()
                below += item.values()
            elif isinstance(item, (list, tuple)):
                below += item
            elif type(item) not in _SIMPLE:
                _printable(usable(item))
            if characters > frame.limits.text:
                frame.text_room(characters)
            if elements + len(below) > frame.limits.elements:
                frame.element_room(elements + len(below))
        elements += len(below)
        nesting += 1
        if nesting > MAX_NESTING:
            raise Refused("this value nests too deeply")
        level = below
    frame.text_room(characters)
    frame.element_room(elements)
    return elements


def _element(value: str | list[object] | tuple[object, ...], key: object) -> object:
    if isinstance(key, int):
        return value[key]
    if isinstance(value, Group):
        return value.field(key)
    return ABSENT


def _printable(value: object) -> object:
    if value is None or isinstance(value, _PRINTABLE):
        return value
    raise Refused(f"a value of the kind {type(value).__name__} cannot be printed")


def _seal(pieces: Sequence[str | Secret | Sealed]) -> Sealed:
    """Join neighbouring texts, so that equal templates give equal results."""
    parts: list[str | Secret] = []
    for piece in pieces:
        for part in piece.parts if isinstance(piece, Sealed) else (piece,):
            last = parts[-1] if parts else None
            if isinstance(part, str) and isinstance(last, str):
                parts[-1] = last + part
            elif part != "":
                parts.append(part)
    return Sealed(tuple(parts))
