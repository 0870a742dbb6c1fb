"""Reading a chain such as `steps.files[0]`: the most frequent thing a template does, and the fastest."""

# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# Data has no static types: what is found holds elements of any kind.

from collections.abc import Callable, Mapping, Sequence

from orchestrator.expressions.frame import Frame
from orchestrator.expressions.methods import METHODS
from orchestrator.expressions.refusal import Missing, Refused
from orchestrator.expressions.scope import UNSET
from orchestrator.expressions.tree import Chain, dotted
from orchestrator.expressions.values import ABSENT, field

Run = Callable[[Frame], object]
Names = Mapping[str, object]
"""What a template reads; spelt once, so that no closure carries a type of its own."""


def chain_reader(node: Chain) -> Callable[[Names], object]:
    """Return the function that follows the chain through the names."""
    path = node.path

    def read(names: Names) -> object:
        value: object = names
        for key in path:
            if type(value) is dict:
                try:
                    value = value[key]
                except KeyError:
                    return _missing(node, names)
            else:
                try:
                    value = field(value, key)
                except Refused as refused:
                    raise refused.at(node) from None
                if value is ABSENT:
                    return _missing(node, names)
        return value

    return read


def _missing(node: Chain, names: Names) -> Missing:
    """Follow the chain once more, to the key that is not there."""
    parent: object = names
    for count, key in enumerate(node.path, start=1):
        value = field(parent, key)
        if value is ABSENT:
            is_method = isinstance(key, str) and key in METHODS and not isinstance(parent, Mapping)
            hint = f"to call the method, write `.{key}()`." if is_method else ""
            return Missing(dotted(node.path[:count]), parent, key, hint=hint)
        parent = value
    raise AssertionError(f"{dotted(node.path)} is there after all")


def local_reader(node: Chain, places: Sequence[int], read_names: Callable[[Names], object]) -> Run:
    """Return the function that reads a variable, or the free name where the variable has not been set."""
    name = str(node.path[0])
    is_whole = len(node.path) == 1

    def read(frame: Frame) -> object:
        for place in places:
            value = frame.cells[place]
            if value is not UNSET:
                return value if is_whole else read_names({name: value})
        return read_names(frame.names)

    return read
