"""Pictures of pipelines."""

import json
from itertools import combinations, pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles.pipelines import Actions, Text, block, call, pipeline, step
from orchestrator.app.diagram import draw
from orchestrator.app.diagram.layers import Layers, arrange, place
from orchestrator.app.diagram.layout import PlacedPanel, lay_out
from orchestrator.app.diagram.outline import outline_of
from orchestrator.core.graph import build_graph
from orchestrator.core.pipeline import ErrorRule, ForEach, Loop, Pipeline, Switch, Undo
from orchestrator.core.policy import Retry, Reuse
from orchestrator.core.template import Literal
from orchestrator.errors import SetupError

ACTIONS = Actions(let="pure", http__get="read", http__post="once")


def rich_pipeline() -> Pipeline:
    each = ForEach(
        items=Text("{{ inputs.paths }}"),
        name="path",
        body=block(step("text"), step("sum"), after={"sum": ["text"]}),
    )
    return pipeline(
        block(
            step("files", call("http.get"), condition=Text("{{ inputs.a < 1 & 2 }}")),
            step("digest", each),
            step(
                "again", Loop(condition=Text("{{ x }}"), until=False, max_iterations=3, body=call("http.get"))
            ),
            step(
                "which",
                Switch(value=Text("{{ k }}"), cases=(("a", block(step("c"))),), default=block(step("d"))),
            ),
            step("group", block(step("g"))),
            step(
                "send",
                call("http.post"),
                description='Say "hi" & <bye>',
                otherwise=block(step("e")),
                undo=Undo(call=None),
            ),
            step(
                "end",
                name="The end",
                retry=Retry(attempts=2),
                timeout=3.0,
                reuse=Reuse(),
                on_error=(ErrorRule(tolerate=True),),
            ),
            step("safe", on_error=(ErrorRule(value=Literal(0)), ErrorRule(handler=block(step("h"))))),
            after={
                "digest": ["files"],
                "again": ["files", "digest"],
                "send": ["again"],
                "end": ["send", "files", "again"],
            },
        ),
        name="demo <1>",
        description="All & everything",
        on_failure=block(step("tell")),
    )


def test_edges_that_others_imply_are_left_out() -> None:
    outline = outline_of(rich_pipeline(), ACTIONS)
    panel = outline.panels[0]
    edges = [(panel.boxes[a].path, panel.boxes[b].path) for a, b in panel.edges]
    assert edges == [("files", "digest"), ("digest", "again"), ("again", "send"), ("send", "end")]


def test_the_outline_names_what_is_special() -> None:
    data = json.loads(draw(rich_pipeline(), ACTIONS, "json"))
    nodes = {node["id"]: node for node in data["panels"][0]["nodes"]}
    assert nodes["files"]["condition"] == "inputs.a < 1 & 2"
    assert nodes["digest"]["subtitle"] == "each path in inputs.paths"
    assert nodes["again"]["subtitle"] == "http.get · while x, at most 3 times"
    assert [panel["label"] for panel in nodes["which"]["panels"]] == ["a", "default"]
    assert nodes["send"] == {
        "id": "send", "kind": "action", "title": "send", "subtitle": "http.post", "effect": "once", "marks": ["undo"],
        "description": 'Say "hi" & <bye>', "panels": [{"label": "else", "nodes": [
            {"id": "send.e", "kind": "action", "title": "e", "subtitle": "let", "effect": "pure"}], "edges": []}],
    }  # fmt: skip
    assert nodes["end"]["marks"] == ["retry ×2", "≤ 3 s", "cached", "may fail"]
    assert nodes["safe"]["marks"] == ["recovers"]
    assert data["panels"][1]["label"] == "on failure"


def test_an_svg_is_well_formed_and_holds_every_step() -> None:
    text = draw(rich_pipeline(), ACTIONS, "svg")
    root = ET.fromstring(text)  # noqa: S314 - our own text
    shown = {node.text for node in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"files", "digest", "text", "sum", "c", "d", "g", "e", "The end", "tell", "demo <1>"} <= shown
    assert "if inputs.a < 1 & 2" in shown
    assert "<script" not in text


def test_mermaid_escapes_what_would_break_it() -> None:
    text = draw(rich_pipeline(), ACTIONS, "mermaid")
    assert 'n_files["if inputs.a &lt; 1 &amp; 2<br/>files<br/>http.get"]:::read' in text
    assert 'subgraph n_digest["digest<br/>each path in inputs.paths"]' in text
    assert "n_end" in text
    assert text.count("subgraph") == text.count("\n  end") + text.count("\n    end") + text.count(
        "\n      end"
    )


def boxes_are_apart(panel: PlacedPanel) -> bool:
    apart = all(
        a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y
        for a, b in combinations(panel.boxes, 2)
    )
    inside = all(
        box.x >= -0.01
        and box.x + box.width <= panel.width + 0.01
        and box.y + box.height <= panel.height + 0.01
        for box in panel.boxes
    )
    return apart and inside and all(boxes_are_apart(inner) for box in panel.boxes for inner in box.panels)


def test_no_box_lies_upon_another_or_sticks_out() -> None:
    assert all(boxes_are_apart(panel) for panel in lay_out(outline_of(rich_pipeline(), ACTIONS)))


def test_an_empty_panel_can_be_drawn() -> None:
    assert draw(pipeline(block()), ACTIONS, "svg").startswith("<svg")


@st.composite
def graphs(draw_: st.DrawFn) -> list[list[int]]:
    size = draw_(st.integers(1, 12))
    return [
        sorted(draw_(st.sets(st.integers(0, index - 1), max_size=3))) if index else []
        for index in range(size)
    ]


@given(graphs())
def test_every_graph_is_arranged_in_rows_whose_cells_keep_their_distance(
    dependencies: list[list[int]],
) -> None:
    graph = build_graph(dependencies)
    edges = [(before, after) for after, befores in enumerate(dependencies) for before in befores]
    layers = arrange(graph.levels, edges)
    row_of = {cell: number for number, row in enumerate(layers.rows) for cell in row}
    assert sorted(cell for cell in row_of if cell < layers.boxes) == list(range(len(dependencies)))
    assert all(row_of[lower] == row_of[upper] + 1 for upper, lower in layers.links)
    assert [(chain[0], chain[-1]) for chain in layers.chains] == edges
    widths = [50.0 + 10 * (index % 3) for index in range(len(dependencies))]
    sizes = [*widths, *[4.0] * (len(row_of) - len(widths))]
    centres = place(layers, widths, gap=10.0, thin=4.0)
    for row in layers.rows:
        for left, right in pairwise(row):
            assert centres[right] - centres[left] >= (sizes[left] + sizes[right]) / 2 + 10.0 - 1e-6
    assert min(centre - size / 2 for centre, size in zip(centres, sizes, strict=True)) >= -1e-6


def test_crossed_wires_are_untangled() -> None:
    layers = arrange([[0, 1], [2, 3]], [(0, 3), (1, 2)])
    assert layers.rows in {((0, 1), (3, 2)), ((1, 0), (2, 3))}


def test_a_chain_stands_straight() -> None:
    centres = place(
        Layers(3, ((0,), (1,), (2,)), ((0, 1), (1, 2)), ()), [100.0, 40.0, 60.0], gap=10.0, thin=4.0
    )
    assert len(set(centres)) == 1


def _ladder(length: int) -> Pipeline:
    """Return two chains of which each step of one waits for a far one of the other."""
    names = [f"{side}{number}" for number in range(length) for side in "ab"]
    after = {f"{side}{number}": [f"{side}{number - 1}"] for number in range(1, length) for side in "ab"}
    for number in range(length // 2):
        after[f"b{number + length // 2}"].append(f"a{number}")
    return pipeline(block(*[step(name) for name in names], after=after))


def test_what_is_too_large_is_not_drawn_but_written_in_the_other_forms() -> None:
    flat = pipeline(block(*[step(f"s{number}") for number in range(2001)]))
    with pytest.raises(SetupError, match=r"2,001 boxes .*, and a picture may have 2,000 boxes") as caught:
        draw(flat, ACTIONS, "svg")
    assert "--format mermaid" in str(caught.value)
    assert draw(flat, ACTIONS, "mermaid").count("n_s") == 2001
    assert len(json.loads(draw(flat, ACTIONS, "json"))["panels"][0]["nodes"]) == 2001


def test_wires_through_too_many_rows_are_not_drawn() -> None:
    with pytest.raises(SetupError, match="and a picture may have 20,000 pieces of wires"):
        draw(_ladder(300), ACTIONS, "svg")
    assert draw(_ladder(30), ACTIONS, "svg")
