"""What must not stand in a recording: secrets, and the folder that this run happened to work in."""

from collections.abc import Mapping
from urllib.parse import quote

from orchestrator.app.environment_keys import keys_in
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.core.secret import SecretTexts, mask

WORKSPACE = "«workspace»"
"""Stands in a recording for the path of the workspace."""


class Scrubber:
    """Takes secrets and the workspace's path out of plain data, and puts the path back in."""

    def __init__(self, workspace: str, environ: Mapping[str, str]) -> None:
        self._workspace = workspace.rstrip("/")
        self._secrets = SecretTexts(keys_in(environ))

    def hide(self, secrets: Mapping[str, str]) -> None:
        """Take these secrets out from now on, too."""
        self._secrets = SecretTexts({**self._secrets, **secrets})

    def scrub(self, value: object) -> object:
        """Return the value as it may be written down."""
        return _replaced(mask(value, self._secrets), self._workspace, WORKSPACE)

    def restore(self, value: object) -> object:
        """Return what was written down as this run may read it."""
        return _replaced(value, WORKSPACE, self._workspace)


def _replaced(value: object, old: str, new: str) -> object:
    if isinstance(value, str):
        return _in_text(value, old, new) if old else value
    if is_mapping(value):
        return {_replaced(key, old, new): _replaced(item, old, new) for key, item in value.items()}
    if is_list(value):
        return [_replaced(item, old, new) for item in value]
    return value


def _in_text(text: str, old: str, new: str) -> str:
    """Return the text with a path replaced, also where it is part of an address."""
    text = text.replace(old, new)
    quoted = quote(old)
    return text if quoted == old else text.replace(quoted, quote(new))
