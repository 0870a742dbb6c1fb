"""Pictures of a pipeline: one outline, drawn as SVG, Mermaid or JSON."""

from typing import Literal

from orchestrator.app.diagram.outline import outline_of
from orchestrator.app.diagram.size import refuse_large
from orchestrator.core.action import ActionSource
from orchestrator.core.pipeline import Pipeline


def draw(pipeline: Pipeline, actions: ActionSource, form: Literal["svg", "mermaid", "json"]) -> str:
    """Return the picture of a pipeline as text."""
    outline = outline_of(pipeline, actions)
    if form == "svg":
        refuse_large(outline)
        from orchestrator.app.diagram.svg import draw_svg

        return draw_svg(outline)
    if form == "mermaid":
        from orchestrator.app.diagram.mermaid import draw_mermaid

        return draw_mermaid(outline)
    import json

    return json.dumps(outline.as_data(), indent=2, ensure_ascii=False) + "\n"
