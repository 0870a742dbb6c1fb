"""The holes of `"%5.1f" % x` and `| format`, bounded before Python fills them."""

# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Data has no static types: what `isinstance` finds holds elements of any kind.

import re
from collections.abc import Mapping
from decimal import Decimal

from orchestrator.expressions.frame import Frame
from orchestrator.expressions.refusal import Refused
from orchestrator.expressions.values import weigh

_HOLE = re.compile(r"%(?:\(([^)]*)\))?[-#0 +]*(\*|\d+)?(?:\.(\*|\d+)?)?[hlL]?(.?)", re.DOTALL)
_MAX_WIDTH = 10_000


def format_text(frame: Frame, text: str, values: object) -> str:
    """Fill the holes of a text; `values` is one value, a tuple or a mapping."""
    weigh(frame, values)
    holes = 0
    for found in _HOLE.finditer(text):
        holes += 1
        for width in (found[2], found[3]):
            if width == "*":
                raise Refused("a width `*` is not part of the language", "write the width as a number.")
            if width and (len(width) > 6 or int(width) > _MAX_WIDTH):
                raise Refused(f"a width of more than {_MAX_WIDTH:,} is refused")
    longest = _longest(values) if holes else 0
    frame.text_room(len(text) + holes * (longest + 1))
    try:
        return text % (dict(values) if isinstance(values, Mapping) else values)
    except (TypeError, ValueError, LookupError, OverflowError) as error:
        raise Refused(f"the text's holes do not fit its values: {error}") from None


def _longest(values: object) -> int:
    """Return how long the longest value can be when it is printed."""
    if isinstance(values, Mapping):
        return max(map(_size, values.values()), default=0)
    if isinstance(values, tuple):
        return max(map(_size, values), default=0)
    return _size(values)


def _size(value: object) -> int:
    if isinstance(value, str):
        return 4 + len(value)
    if isinstance(value, Mapping):
        return 2 + sum(_size(key) + _size(item) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return 2 + sum(map(_size, value))
    if isinstance(value, Decimal) and value.is_finite() and value.adjusted() > 1_000:
        raise Refused("this number is too large for the holes of a text", "print it with `| string`.")
    return value.bit_length() // 3 + 8 if isinstance(value, int) else 400
