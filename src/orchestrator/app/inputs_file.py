"""Inputs from a YAML or JSON file, read as strictly as pipeline files are."""

from collections.abc import Mapping
from typing import cast

from orchestrator.app.files import INPUTS, read_pipeline_text
from orchestrator.errors import InputError, Problem


def read_inputs_file(name: str, *, text: str | None = None) -> Mapping[str, object]:
    """Return the mapping that a file holds; `text` stands in for the file's content."""
    from orchestrator.compiler.source import compose, plain_data
    from orchestrator.compiler.text import Text

    content = Text(read_pipeline_text(name, nearby=INPUTS) if text is None else text, name)
    data = plain_data(compose(content), content)
    if not isinstance(data, Mapping):
        hint = "write one `name: value` per line."
        raise InputError([Problem("an inputs file must be a mapping", path=name, hint=hint)])
    return cast("Mapping[str, object]", data)
