"""JSON in and out.

Keys keep their order, text stays readable (no `\\u00e9` for é), and nothing is escaped for HTML. A decimal becomes a
text, because a JSON number would lose its digits; dates become ISO text.
"""


# pyright: reportUnknownArgumentType=false, reportUnknownVariableType=false, reportUnknownMemberType=false
# Data has no static types: what `isinstance` finds holds elements of any kind.

from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import Decimal

from orchestrator.expressions.frame import Frame
from orchestrator.expressions.refusal import Refused
from orchestrator.expressions.values import describe, weigh


def to_json(frame: Frame, value: object, indent: int | None = None) -> str:
    """Print a value as JSON."""
    from json import dumps

    weigh(frame, value)
    if indent is not None and not 0 <= indent <= 16:
        raise Refused("`tojson` needs an indent between 0 and 16")
    result = dumps(value, indent=indent, ensure_ascii=False, default=_plain)
    frame.text_room(len(result))
    return result


def from_json(frame: Frame, value: object) -> object:
    """Read JSON text."""
    from json import JSONDecodeError, loads

    if not isinstance(value, str):
        raise Refused(f"`from_json` needs a text, not {describe(value)}")
    frame.text_room(len(value))
    try:
        return loads(value)
    except JSONDecodeError as error:
        raise Refused(f"this is no JSON: {error}", "look at what the step really gave.") from None
    except RecursionError:
        raise Refused("this JSON nests too deeply") from None


def pretty(frame: Frame, value: object) -> str:
    """Print a value over several lines for people who look for a mistake."""
    from pprint import pformat

    frame.spend(10 * weigh(frame, value))  # it is slow
    result = pformat(value)
    frame.text_room(len(result))
    return result


JSON_FILTERS: Mapping[str, Callable[..., object]] = {
    "from_json": from_json, "fromjson": from_json, "pprint": pretty, "to_json": to_json, "tojson": to_json,
}  # fmt: skip


def _plain(value: object) -> object:
    """Turn what JSON does not know into what it knows."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{describe(value)} cannot be written as JSON")
