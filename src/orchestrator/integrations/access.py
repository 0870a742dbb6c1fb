"""What a vendor's file gets to open a connection, and what it gives back."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from pydantic_ai.models import Model as WireModel


class Access(NamedTuple):
    """One model on one server."""

    provider: str
    """The prefix of its full name; some vendors have more than one protocol."""
    model: str
    base_url: str
    key: str
    timeout: float
    """Seconds for one call."""


class Line(NamedTuple):
    """An open connection: pydantic-ai's model over the vendor's client, whose own retries are off."""

    model: WireModel
    close: Callable[[], Awaitable[object]]


Connect = Callable[[Access], Line]
"""Every vendor's file has one, as `connect`."""
