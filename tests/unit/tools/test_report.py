"""The tool `report`."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from orchestrator.errors import ActionError
from orchestrator.tools.report.block import Bars, Code, Facts, Heading, Listing, Paragraph, Quote, Rule, Table
from orchestrator.tools.report.chart import chart_of, chart_svg
from orchestrator.tools.report.contents import Contents
from orchestrator.tools.report.escape import literal, without_tags
from orchestrator.tools.report.inline import inline_html
from orchestrator.tools.report.markdown import markdown_of
from orchestrator.tools.report.page import page_of
from orchestrator.tools.report.reading import read_markdown
from unit.tools.conftest import Tools

TAGS = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "div",
        "header",
        "nav",
        "strong",
        "ol",
        "ul",
        "li",
        "a",
        "main",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "p",
        "br",
        "hr",
        "em",
        "del",
        "code",
        "pre",
        "blockquote",
        "details",
        "summary",
        "dl",
        "dt",
        "dd",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "figure",
        "figcaption",
        "i",
        "svg",
        "text",
        "line",
        "path",
        "polyline",
        "circle",
    ]
)
ATTRIBUTES = frozenset(
    [
        "lang",
        "charset",
        "http-equiv",
        "content",
        "name",
        "class",
        "id",
        "href",
        "rel",
        "start",
        "role",
        "aria-label",
        "viewbox",
        "x",
        "y",
        "x1",
        "x2",
        "y1",
        "y2",
        "d",
        "points",
        "cx",
        "cy",
        "r",
    ]
)
VOID = {"meta", "br", "hr"}


class Inspector(HTMLParser):
    """Reads a page and remembers what is in it; a tag that is not closed in order is an error."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text += data


def inspected(page: str) -> Inspector:
    """Check that a page holds only what a report may hold."""
    found = Inspector(page)
    assert found.tags <= TAGS | {"title"}
    assert {name for _, name, _ in found.attributes} <= ATTRIBUTES
    for _, name, value in found.attributes:
        if name == "href":
            assert re.match(r"https?://|mailto:|#|[^:]*$", value)
    return found


PAYLOADS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "'><b>", "</title><script>",
    "</style><script>alert(1)</script>", "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](data:text/html,<b>)",
    "[x](vbscript:x)", "![x](javascript:x)", "[x](//evil.example)", "[x](\\\\evil)", "<javascript:alert(1)>", "[x](&#106;avascript:alert(1))",
    "[<img src=x onerror=a>](https://x.example)", "[x](https://x.example\"onmouseover=\"a)", "https://x.example/\"onclick=\"a",
    "`<script>`", "``<b>`</b>``", "```\n</code></pre><script>\n```", "~~~ <script>\nx\n~~~", "&lt;script&gt;", "&#60;script&#62;",
    "**<b>bold</b>**", "__[a](javascript:x)__", "*_*_<i>", "> <script>\n> x", "- <script>", "1. <script>", "| <b> | x |\n|---|---|\n| <i> | \" |",
    "# <script>", "<!-- comment -->", "<?php ?>", "<![CDATA[x]]>", "\\<script>", "\\\\<script>", "`a`<script>`b`", "\\`<script>`",
    "[a](b)[c](javascript:d)", "[a](https://x.example/<script>)", "{{ 7*7 }}", "</main></body></html>", "\x00<b>", "<ScRiPt >", "<\nscript>",
    "[x](file:///etc/passwd)", "[x]( javascript:alert(1))", "[x](<javascript:alert(1)>)", "[x](java\nscript:alert(1))", "<https://x.example/onload=>",
]  # fmt: skip


def harmless(markdown: str) -> None:
    """Check that a reader of CommonMark who trusts its author finds no HTML and no link that runs something."""
    reader = MarkdownIt("commonmark", {"html": True}).enable("table")
    reader.validateLink = lambda url: True
    for token in reader.parse(markdown):
        for part in [token, *(token.children or [])]:
            assert part.type not in ("html_inline", "html_block"), part.content
            target = str(part.attrGet("href") or part.attrGet("src") or "")
            assert not re.match(r"[\0- ]*(javascript|vbscript|data|file):", target, re.IGNORECASE), target


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_in_a_report_runs(tools: Tools, workspace: Path, payload: str):
    items = [
        {"name": payload, payload: payload, "n": 1, "deep": {payload: [payload], "long": payload * 30}},
        {"name": payload + "2", "text": payload * 20, "n": 2},
        payload,
    ]
    for number, value in enumerate(
        [
            items,
            items[:2],
            {payload: 1, payload + "2": 2},
            [payload],
            payload,
            [{payload: payload, "n": 3}, {payload: "y", "n": 4}],
        ]
    ):
        tools(
            "report.write", path=f"x{number}.md", title=payload, items=value, body=payload, language=payload
        )
        inspected((workspace / f"x{number}.html").read_text())
        harmless((workspace / f"x{number}.md").read_text())


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.sampled_from("ab <>&\"'`*_[]()!|#-+1.\n\\~:/https javscript")))
def test_any_text_gives_a_sound_page(text: str):
    blocks = read_markdown(text)
    inspected(page_of(text, [Heading(1, literal(text)), *blocks]))
    harmless(markdown_of(blocks))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=100),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items=JSON)
def test_anything_can_be_reported(tools: Tools, items: object):
    tools("report.write", path="x.md", title="x", items=_encodable(items))
    inspected(Path(tools.ctx.workspace, "x.html").read_text())


def _encodable(value: object) -> object:
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, dict):
        return {_encodable(key): _encodable(item) for key, item in value.items()}
    return [_encodable(item) for item in value] if isinstance(value, list) else value


ITEMS = [
    {
        "text": {"content": "A long text. " * 100, "path": f"docs/{name}.md", "size": 12},
        "summary": f"About **{name}**.\n\n- one\n- two",
        "topic": "guide",
    }
    for name in ("a", "b", "c", "d")
]


def test_a_report_is_two_files(tools: Tools, workspace: Path):
    result = tools("report.write", path="out/digest.md", title="Digest of docs", items=ITEMS, language="en")
    assert (result["path"], result["html_path"]) == ("out/digest.md", "out/digest.html")
    files = [(workspace / "out" / name).read_bytes() for name in ("digest.md", "digest.html")]
    assert result["size"] == sum(map(len, files))
    page = inspected(files[1].decode())
    assert ("html", "lang", "en") in page.attributes
    assert ("nav", "class", "") not in page.attributes
    assert "docs/a.md" in page.text
    assert "script" not in page.tags
    assert b"Content-Security-Policy" in files[1]


def test_items_get_sections_named_by_what_tells_them_apart(tools: Tools, workspace: Path):
    tools("report.write", path="x.md", title="Digest", items=ITEMS[:1] + ITEMS[1:2], body="Intro.")
    text = (workspace / "x.md").read_text()
    excerpt = ("A long text. " * 100)[:601].rsplit(None, 1)[0]
    section = (
        "## docs/{0}.md\n\n- **Topic:** guide\n\nAbout **{0}**.\n\n- one\n- two\n\n"
        f"**Text**\n\n- **Size:** 12\n\n{excerpt}\n\n*… {1300 - len(excerpt)} more characters*\n"
    )
    assert text == "# Digest\n\nIntro.\n\n" + section.format("a") + "\n" + section.format("b")


def test_the_same_report_is_the_same_file(tools: Tools, workspace: Path):
    tools("report.write", path="a.md", title="x", items=ITEMS)
    tools("report.write", path="b.md", title="x", items=ITEMS)
    assert (workspace / "a.html").read_bytes() == (workspace / "b.html").read_bytes()
    assert (workspace / "a.md").read_bytes() == (workspace / "b.md").read_bytes()


def test_a_report_can_be_undone(tools: Tools, workspace: Path):
    (workspace / "x.html").write_text("before")
    tools.with_undo("report.write", path="x.md", title="x")()
    assert [path.name for path in workspace.iterdir()] == ["x.html"]
    assert (workspace / "x.html").read_text() == "before"


@pytest.mark.parametrize(
    ("path", "files"),
    [
        ("a.md", ("a.md", "a.html")),
        ("a", ("a.md", "a.html")),
        ("a.html", ("a.md", "a.html")),
        ("a.htm", ("a.md", "a.htm")),
        ("d.d/a.markdown", ("d.d/a.markdown", "d.d/a.html")),
    ],
)
def test_either_file_may_be_named(tools: Tools, path: str, files: tuple[str, str]):
    result = tools("report.write", path=path, title="x")
    assert (result["path"], result["html_path"]) == files
    touches = tools.action("report.write").touches
    assert touches
    assert tuple(touch.what for touch in touches({"path": path})) == files
    assert [touch.what for touch in touches({})] == ["…"]


@pytest.mark.parametrize("path", ["a.pdf", "/", "../a.md"])
def test_another_path_is_refused(tools: Tools, path: str):
    with pytest.raises(ActionError):
        tools("report.write", path=path, title="x")


@pytest.mark.parametrize(
    ("value", "blocks"),
    [
        ([], [Paragraph("*none*")]),
        ({}, [Paragraph("*empty*")]),
        (None, [Paragraph("–")]),
        (1.5, [Paragraph("1.5")]),
        ("*x*", [Paragraph("*x*")]),
        (["a", True], [Listing(((Paragraph("a"),), (Paragraph("yes"),)))]),
        (
            [{"n_a": 1, "b": "x|y"}, {"n_a": None}],
            [Table(("N a", "B"), (("1", "x\\|y"), ("–", "–")), frozenset({0}))],
        ),
        ({"a": 1, "ok": False}, [Facts((("A", "1"), ("Ok", "no")))]),
        ({"a": {"b": 1}}, [Heading(2, "A"), Facts((("B", "1"),))]),
        ([{"a": "x\ny"}], [Heading(2, "Item 1"), Paragraph("x\ny")]),
        ([["a"], ["b"]], [Heading(2, "1"), Listing(((Paragraph("a"),),)), Heading(2, "2"), Listing(((Paragraph("b"),),))]),
        ([{"name": "a", "t": "x" * 99}, {"name": "a", "t": "y"}], [Heading(2, "Item 1"), Facts((("Name", "a"),)), Paragraph("x" * 99), Heading(2, "Item 2"), Facts((("Name", "a"), ("T", "y")))]),
    ],
)  # fmt: skip
def test_values_become_blocks(value: object, blocks: list[object]):
    assert Contents(1_000).of(value) == blocks


def test_rows_that_lie_too_deep_become_points():
    value: object = [{"t": "x" * 100, "n": {"m": 1}}, {"t": "y" * 100}]
    for name in "edcba":
        value = {name: value}
    points = Contents(1_000).of(value)[-1]
    assert isinstance(points, Listing)
    assert len(points.points) == 2


def test_headings_never_go_deeper_than_six():
    value: object = "x" * 200
    for name in "gfedcba":
        value = {name: value, "list": [{"long": "y" * 100}, [1, [2]]]}
    levels = [block.level for block in Contents(1_000).of(value) if isinstance(block, Heading)]
    assert max(levels) <= 6


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("a\nb\n\nc", [Paragraph("a\nb"), Paragraph("c")]),
        ("# T #\n## U\n### C#\n# ##", [Heading(1, "T"), Heading(2, "U"), Heading(3, "C#"), Heading(1, "")]),
        ("text\n# T", [Paragraph("text"), Heading(1, "T")]),
        ("#no", [Paragraph("#no")]),
        ("---\n***\n_ _ _", [Rule(), Rule(), Rule()]),
        ("```py\na\n\n<b>\n```\nx", [Code("a\n\n<b>", "py"), Paragraph("x")]),
        ("~~~\nnever ended", [Code("never ended")]),
        ("````\n```\n````", [Code("```")]),
        ("> a\n> > b\nc", [Quote((Paragraph("a"), Quote((Paragraph("b"),)))), Paragraph("c")]),
        ("- a\n- b\n\nc", [Listing(((Paragraph("a"),), (Paragraph("b"),))), Paragraph("c")]),
        ("* a\n  more\n  - in\n* b", [Listing(((Paragraph("a\nmore"), Listing(((Paragraph("in"),),))), (Paragraph("b"),)))]),
        ("3. a\n4) b", [Listing(((Paragraph("a"),), (Paragraph("b"),)), 3)]),
        ("- a\nlazy\n1. b", [Listing(((Paragraph("a\nlazy"),),)), Listing(((Paragraph("b"),),), 1)]),
        ("- a\n\n  second\n- b", [Listing(((Paragraph("a"), Paragraph("second")), (Paragraph("b"),)))]),
        ("- a\n# T", [Listing(((Paragraph("a"),),)), Heading(1, "T")]),
        ("in 2026\n2026. was", [Paragraph("in 2026\n2026. was")]),
        ("text\n- a", [Paragraph("text"), Listing(((Paragraph("a"),),))]),
        ("|a|b|\n|:-|-:|\n|1|2|\n|3|\nx", [Table(("a", "b"), (("1", "2"), ("3", "")), frozenset({1})), Paragraph("x")]),
        ("a \\| b | c\n--- | ---\n1 | 2", [Table(("a | b", "c"), (("1", "2"),))]),
        ("a | b\nno table", [Paragraph("a | b\nno table")]),
        ("a | b\n---", [Paragraph("a | b"), Rule()]),
        ("", []),
    ],
)  # fmt: skip
def test_markdown_is_read(text: str, blocks: list[object]):
    assert read_markdown(text) == blocks


def test_markdown_nested_too_deep_becomes_prose():
    assert read_markdown("> " * 50 + "x")
    assert read_markdown("- " * 50 + "x")


def test_headings_are_lowered_below_the_reports_own():
    assert read_markdown("# a\n###### b", level=3) == [Heading(3, "a"), Heading(6, "b")]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**b** *i* _i_ ~~d~~ __b__", "<strong>b</strong> <em>i</em> <em>i</em> <del>d</del> <strong>b</strong>"),
        ("snake_case_name 2*3*4 a * b", "snake_case_name 2*3*4 a * b"),
        ("**a *b* `c`**", "<strong>a <em>b</em> <code>c</code></strong>"),
        ("`` a`b ``", "<code>a`b</code>"),
        ("`not closed", "`not closed"),
        ("\\*x\\* \\a", "*x* \\a"),
        ("a  \nb\nc", "a<br>\nb\nc"),
        ("[t](docs/a.md)", '<a href="docs/a.md" rel="noopener noreferrer nofollow">t</a>'),
        ('[t](https://x.example "title")', '<a href="https://x.example" rel="noopener noreferrer nofollow">t</a>'),
        ("[t](javascript:x)", "t"),
        ("<https://x.example>", '<a href="https://x.example" rel="noopener noreferrer nofollow">https://x.example</a>'),
        ("see https://x.example/a_b.", 'see <a href="https://x.example/a_b" rel="noopener noreferrer nofollow">https://x.example/a_b</a>.'),
        ("a &lt; b & c", "a &lt; b &amp; c"),
    ],
)  # fmt: skip
def test_inline_markdown_is_written(text: str, html: str):
    assert inline_html(text) == html


@given(st.text(st.sampled_from("*_~`[]()\\<>ab h")))
def test_inline_markdown_is_bounded(text: str):
    inspected(f"<p>{inline_html(text * 20)}</p>")


@given(st.text(st.characters(blacklist_categories=["Cs", "Cc", "Zs", "Zl", "Zp"])))
def test_raw_text_is_shown_as_it_is(text: str):
    shown = Inspector(f"<p>{inline_html(literal(text))}</p>").text
    assert shown == text.replace("http", "http")


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("a < b <3", "a < b <3"),
        ("<b>x</b>", "&lt;b>x&lt;/b>"),
        ("`<b>` <b>", "`<b>` &lt;b>"),
        ("``<b>` <b>``", "``<b>` <b>``"),
        ("\\<b>", "\\<b>"),
        ("\\\\<b>", "\\\\&lt;b>"),
        ("<https://x.example>", "<https://x.example>"),
        ("[x](javascript:alert)", "[x](#alert)"),
        ("[x](https://x.example)", "[x](https://x.example)"),
        ("[x]: javascript:y", "[x]\\: javascript:y"),
        ("`a\n<b>`", "`a\n&lt;b>`"),
        ("`a|<b>`", "`a|&lt;b>`"),
    ],
)
def test_tags_are_taken_out_of_markdown(text: str, harmless: str):
    assert without_tags(text) == harmless


def test_blocks_are_written_as_markdown_that_reads_the_same():
    blocks = [
        Heading(1, "T"),
        Paragraph("p"),
        Code("a\n```\nb", "py"),
        Quote((Paragraph("q"), Listing(((Paragraph("x"), Paragraph("y")), (Paragraph("z"),)), 2))),
        Table(("a", "b"), (("1", "x"),), frozenset({0})),
        Rule(),
    ]
    assert read_markdown(markdown_of(blocks)) == blocks


SALES = [{"month": f"2026-{n:02d}", "sales": n * 10.5, "id": n, "note": "x"} for n in range(1, 6)]


HOSTILE = [
    "`" * 9999,
    " ".join("`" * n for n in range(140)),
    "**a " * 2500,
    "*a " * 3000,
    "[a](" * 2500,
    "<https://a" * 1000,
]
HOSTILE += [
    "> " * 5000,
    "- " * 5000,
    "-|" * 5000 + "x",
    "# a" + " " * 9999 + "b",
    "](a" * 3000,
    "a" + " " * 9999 + "b",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:8])
def test_hostile_text_is_read_in_a_moment(text: str):
    """Each took minutes with patterns that look back; the limit is far from what it takes and from what it took."""
    code = (
        "import sys, resource; resource.setrlimit(resource.RLIMIT_CPU, (20, 20))\n"
        "from orchestrator.tools.report.reading import read_markdown\n"
        "from orchestrator.tools.report.markdown import markdown_of\n"
        "from orchestrator.tools.report.page import page_of\n"
        "blocks = read_markdown(sys.stdin.read()); page_of('x', blocks); markdown_of(blocks)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], input=text.encode(), check=False)
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("items", "chart"),
    [
        (SALES, ("line", ["sales"])),
        ([{"who": "a", "n": 1}, {"who": "b", "n": None}], ("bar", ["n"])),
        (
            [{"who": "a", "n": 1, "m": 5, "huge": 900}, {"who": "b", "n": 2, "m": 3, "huge": 1}],
            ("bar", ["n", "m"]),
        ),
        ({"a": 1, "b": 2}, ("bar", ["value"])),
        ({"rows": [{"who": "a", "n": 1}, {"who": "b", "n": 2}]}, ("bar", ["n"])),
        ([{"who": "a", "n": 1}], None),
        ([{"who": "a"}, {"who": "b"}], None),
        ([{"who": "a", "n": 1}, {"who": "a", "n": 2}], None),
        ([{"who": "a" * 61, "n": 1}, {"who": "b", "n": 2}], None),
        ([{"who": "a", "n": True}, {"who": "b", "n": False}], None),
        ([{"who": str(n), "n": n} for n in range(41)], None),
        ({"a": 1, "b": "x"}, None),
        ("text", None),
    ],
)
def test_numbers_are_drawn_by_themselves_where_it_makes_sense(
    items: object, chart: tuple[str, list[str]] | None
):
    made = chart_of(items)
    assert (made and ("line" if made.line else "bar", [series.name for series in made.series])) == chart


def test_a_chart_may_be_told_what_to_draw():
    made = chart_of(SALES, {"labels": "note", "values": ["sales", "id"], "kind": "bar", "title": "All"})
    assert made
    assert (made.title, made.labels[0], len(made.series)) == ("All", "x", 2)
    assert chart_of(SALES, {"values": "id"}) == Bars(
        "Id by month", made and tuple(row["month"] for row in SALES), (made.series[1],)
    )
    numbered = chart_of([{"n": 1}, {"n": 2}], {"kind": "line"})
    assert numbered
    assert numbered.labels == ("1", "2")


@pytest.mark.parametrize(
    ("items", "wanted", "says"),
    [
        (SALES, {"values": "sale"}, "names the column 'sale'"),
        (SALES, {"labels": "day"}, "names the column 'day'"),
        ([{"who": "x"}], {"kind": "bar"}, "1 to 3 columns of numbers"),
        ([], {"kind": "bar"}, "1 to 1000 rows"),
        (SALES, {"values": ["sales", "id", "sales", "id"]}, "1 to 3 columns"),
    ],
)  # fmt: skip
def test_a_chart_of_what_is_not_there_is_refused(items: object, wanted: dict[str, object], says: str):
    with pytest.raises(ActionError, match=says):
        chart_of(items, wanted)


@pytest.mark.parametrize("line", [False, True])
@pytest.mark.parametrize(
    "values",
    [(1.0, 2.0), (0.0, 0.0), (-5.0, None), (None, None), (1e-9, 3e18), (1000.0, 1001.0), (-3.0, -1.0)],
    ids=str,
)
def test_any_numbers_can_be_drawn(values: tuple[float | None, ...], line: bool):
    rows = [{"who": f"<b>{n}", "v": value, "w": 1} for n, value in enumerate(values)]
    chart = chart_of(rows, {"labels": "who", "values": ["v", "w"], "kind": "line" if line else "bar"})
    assert chart
    drawn = chart_svg(chart)
    inspected(drawn)
    for place in re.findall(r' (?:[xy][12]?|c[xy])="([^"]*)"', drawn):
        assert -100 < float(place) < 1000


def test_a_line_far_above_zero_is_drawn_by_its_shape():
    flat = chart_of({"a": 1000, "b": 1001, "c": 1002}, {"labels": "name", "values": "value", "kind": "line"})
    assert flat
    assert ">0<" not in chart_svg(flat)
    assert ">1,000<" in chart_svg(flat)


def test_charts_stand_in_the_page_only(tools: Tools, workspace: Path):
    tools(
        "report.write",
        path="x.md",
        title="x",
        items=SALES,
        chart={"title": "Sales & more", "values": ["sales", "id"]},
    )
    page = inspected((workspace / "x.html").read_text())
    assert {"svg", "figcaption"} <= page.tags
    assert "Sales & more" in page.text
    assert "Sales & more" not in (workspace / "x.md").read_text()
    tools("report.write", path="y.md", title="x", items=SALES, chart=False)
    assert "svg" not in inspected((workspace / "y.html").read_text()).tags


def test_four_sections_have_a_table_of_contents():
    def page(count: int) -> Inspector:
        return inspected(page_of("x", [Heading(1, "x"), *(Heading(2, "*S* [a](b)") for _ in range(count))]))

    assert "nav" not in page(3).tags
    found = page(4)
    links = [value for tag, name, value in found.attributes if name == "href" and value.startswith("#")]
    assert links == ["#s-a-b", "#s-a-b-2", "#s-a-b-3", "#s-a-b-4"]
    assert [value for _, name, value in found.attributes if name == "id"] == [link[1:] for link in links]


def test_long_texts_are_cut_and_say_so(tools: Tools, workspace: Path):
    tools("report.write", path="x.md", title="x", items={"text": "word " * 100}, max_text=100)
    assert (workspace / "x.md").read_text().endswith("word\n\n*… 401 more characters*\n")
