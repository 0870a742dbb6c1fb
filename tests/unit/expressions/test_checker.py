"""What is certainly wrong, and what is known about a result."""

import pytest

from orchestrator.core.template import Reference, Template
from orchestrator.expressions import check, compile_template, examine, infer

INPUTS = {
    "type": "object",
    "properties": {
        "folder": {"type": "string"},
        "count": {"type": "integer"},
        "ratio": {"type": "number"},
        "on": {"type": "boolean"},
        "nil": {"type": "null"},
        "either": {"type": ["string", "integer"]},
        "style": {"enum": ["brief", "long"]},
        "one": {"const": 1},
        "any": {},
        "true": True,
        "names": {"type": "array", "items": {"type": "string"}},
        "files": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"path": {"type": "string"}},
                "additionalProperties": False,
            },
        },
        "labels": {"type": "object", "additionalProperties": {"type": "integer"}},
        "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]},
    },
    "additionalProperties": False,
}
SHAPES = {
    "inputs": INPUTS,
    "steps": {"type": "object", "properties": {"a": {"properties": {"x": {"type": "string"}}, "x-closed": True}, "b": {}}, "x-closed": True},
    "run": {"type": "object", "properties": {"id": {"type": "string"}}},
    "item": {},
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "marked", "message", "hint"),
    [
        ("{{ inptus.folder }}", "inptus", "`inptus` is not defined", "did you mean `inputs`?"),
        ("{{ inptus.x | default(1) }}", "inptus", "`inptus` is not defined", "did you mean `inputs`?"),
        ("{{ inputs.foldr }}", "inputs.foldr", "there is no field `foldr`", "did you mean `folder`?"),
        ("{{ inputs['foldr'] }}", "inputs['foldr']", "there is no field `foldr`", "did you mean `folder`?"),
        ("{{ (inputs).foldr }}", "inputs).foldr", "there is no field `foldr`", "did you mean `folder`?"),
        ("{{ steps.c }}", "steps.c", "there is no field `c`", "it has: a, b."),
        ("{{ steps.a.y }}", "steps.a.y", "there is no field `y`", "it has: x."),
        ("{% if inputs.foldr %}{% endif %}", "inputs.foldr", "there is no field `foldr`", ""),
        ("{{ inputs.folder.name }}", "inputs.folder.name", "a text has no field `name`", ""),
        (
            "{{ inputs.folder.upper }}",
            "inputs.folder.upper",
            "a text has no field `upper`",
            "write `.upper()`",
        ),
        ("{{ inputs.count[0] }}", "inputs.count[0]", "a whole number has no field `0`", ""),
        ("{{ inputs.files.path }}", "inputs.files.path", "a list has no field `path`", ""),
        (
            "{{ inputs.files[0].pth }}",
            "inputs.files[0].pth",
            "there is no field `pth`",
            "did you mean `path`?",
        ),
        ("{% for f in inputs.files %}{{ f.pth }}{% endfor %}", "f.pth", "there is no field `pth`", "`path`"),
        ("{% for f in inputs.files if f.pth %}{% endfor %}", "f.pth", "there is no field `pth`", "`path`"),
        (
            "{% for f in inputs.files %}{{ loop.indx }}{% endfor %}",
            "loop.indx",
            "there is no field `indx`",
            "`index`",
        ),
        ("{% for f in inputs.count %}{% endfor %}", "inputs.count", "a whole number has no elements", ""),
        ("{% for f in inputs.files %}{% endfor %}{{ f }}", "f", "`f` is not defined", ""),
        ("{% set f = inputs.files | first %}{{ f.pth }}", "f.pth", "there is no field `pth`", "`path`"),
        (
            "{{ (inputs.files | sort(attribute='path') | last).pth }}",
            "(inputs.files | sort(attribute='path') | last).pth",
            "there is no field `pth`",
            "",
        ),
        ("{{ {'a': 1}.b }}", "{'a': 1}.b", "there is no field `b`", "it has: a."),
        (
            "{{ inputs.folder + 1 }}",
            "inputs.folder + 1",
            "`+` cannot be used on a text and a whole number",
            "`~`",
        ),
        (
            "{{ inputs.files - 1 }}",
            "inputs.files - 1",
            "`-` cannot be used on a list and a whole number",
            "| int",
        ),
        ("{{ inputs.folder * inputs.ratio }}", "inputs.folder * inputs.ratio", "`*` cannot be used on", ""),
        ("{{ inputs.nil / 2 }}", "inputs.nil / 2", "`/` cannot be used on null", ""),
        ("{{ -inputs.folder }}", "-inputs.folder", "`-` needs a number, not a text", ""),
        ("{{ inputs.folder < 3 }}", "inputs.folder < 3", "a text and a whole number have no order", ""),
        ("{{ 1 in inputs.count }}", "1 in inputs.count", "nothing can be `in` a whole number", ""),
        ("{{ inputs.count.items() }}", "inputs.count.items()", "a whole number has no method `items`", ""),
        ("{{ inputs.files.upper() }}", "inputs.files.upper()", "a list has no method `upper`", ""),
        ("{{ inputs.count[1:] }}", "inputs.count[1:]", "a whole number cannot be sliced", ""),
        ("{{ inputs.count | length }}", "inputs.count | length", "a whole number has no length", ""),
        ("{% set x %}{{ inputs.foldr }}{% endset %}", "inputs.foldr", "there is no field `foldr`", ""),
        ("{{ [inputs.foldr] ~ x(1) }}".replace("x(1)", "1"), "inputs.foldr", "there is no field `foldr`", ""),
        ("{{ item[inputs.foldr] }}", "inputs.foldr", "there is no field `foldr`", ""),
        ("{{ item[inputs.foldr:] }}", "inputs.foldr", "there is no field `foldr`", ""),
        ("{{ item.get(inputs.foldr) }}", "inputs.foldr", "there is no field `foldr`", ""),
        ("{{ item | replace(inputs.foldr, 'x') }}", "inputs.foldr", "there is no field `foldr`", ""),
        ("{{ item is eq inputs.foldr }}", "inputs.foldr", "there is no field `foldr`", ""),
        ("{{ 1 if item else inputs.foldr }}", "inputs.foldr", "there is no field `foldr`", ""),
        ("{{ {'a': inputs.foldr, item: 1} }}", "inputs.foldr", "there is no field `foldr`", ""),
    ],
)
def test_what_is_certainly_wrong_is_found_with_its_place(
    text: str, marked: str, message: str, hint: str
) -> None:
    (finding,) = check(compile_template(text), SHAPES)
    assert text[finding.offset : finding.offset + finding.length] == marked
    assert message in finding.message
    assert hint in finding.hint


@pytest.mark.parametrize(
    "text",
    [
        "{{ inputs.foldr | default('x') }}", "{{ inputs.foldr.x is defined }}", "{{ inputs['foldr'] | default(1) }}",
        "{% if inputs.foldr is defined %}{{ inputs.foldr }}{% endif %}", "{{ steps.b.anything.at[0].all }}", "{{ run.whatever }}",
        "{{ inputs.any.x + 1 }}", "{{ inputs.true.x }}", "{{ inputs.labels.whatever + 1 }}", "{{ inputs.count + inputs.ratio * inputs.on }}",
        "{{ inputs.folder * 2 + 'a' }}", "{{ inputs.files + inputs.names }}", "{{ '%s' % inputs.files }}", "{{ inputs.either + 1 }}",
        "{{ inputs.either < 'a' }}", "{{ inputs.folder[0] }}", "{{ inputs.folder[1:] }}", "{{ inputs.pair[1] + 1 }}", "{{ inputs.pair[5] }}",
        "{{ inputs.style < 'x' }}", "{{ inputs.one + 1 }}", "{{ item.x.y() }}".replace("y()", "upper()"), "{{ inputs.nil == 1 }}",
        "{% for a, b in inputs.labels.items() %}{{ a.upper() }}{{ b + 1 }}{% endfor %}", "{% for k in inputs.labels %}{{ k.upper() }}{% endfor %}",
        "{% for x in inputs.files %}{{ loop.first and loop.index + 1 }}{{ loop.cycle('a', 'b') }}{% else %}{{ item }}{% endfor %}",
        "{% for loop_item in range(3) %}{{ loop_item + 1 }}{% endfor %}", "{% set x = 1 %}{% set x = 'a' %}{{ x + 1 }}{{ x.upper() }}",
        "{% if item %}{% set y = 1 %}{% endif %}{{ y }}", "{% set a, b = item %}{{ a.x }}", "{{ dict(a=1).b }}", "{{ inputs.count in [1] }}",
        "{{ 1 in inputs.labels }}", "{{ inputs.ratio.is_integer() }}", "{{ inputs.names | first | upper }}", "{{ {item: 1}.x }}", "{{ inputs.files[item].path }}",
        "{{ inputs.folder[item].upper() }}", "{{ item[1] }}", "plain",
    ],
)  # fmt: skip
def test_what_may_be_right_is_not_reported(text: str) -> None:
    assert check(compile_template(text), SHAPES) == []


def test_all_findings_come_at_once_in_the_order_of_the_text() -> None:
    findings = check(compile_template("{{ nope + inputs.foldr }} {{ inputs.count | length }}"), SHAPES)
    assert [finding.offset for finding in findings] == [3, 10, 29]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("{{ inputs.folder }}", {"type": "string"}),
        ("{{ inputs.folder }}!", {"type": "string"}),
        ("{{ inputs.count + 1 }}", {"type": "integer"}),
        ("{{ inputs.count / 2 }}", {"type": "number"}),
        ("{{ inputs.ratio * 2 }}", {"type": "number"}),
        ("{{ -inputs.count }}", {"type": "integer"}),
        ("{{ -inputs.any }}", {}),
        ("{{ inputs.any + 1 }}", {}),
        ("{{ inputs.names + inputs.names }}", {"type": "array"}),
        ("{{ inputs.folder ~ 1 }}", {"type": "string"}),
        ("{{ inputs.count > 1 }}", {"type": "boolean"}),
        ("{{ not item }}", {"type": "boolean"}),
        ("{{ item is odd }}", {"type": "boolean"}),
        ("{{ 1 if item else 2 }}", {"type": "integer"}),
        ("{{ 1 if item else 'a' }}", {"type": ["integer", "string"]}),
        ("{{ 1 if item else [] }}", {}),
        ("{{ 1 if item }}", {}),
        ("{{ inputs.count or 1 }}", {"type": "integer"}),
        ("{{ inputs.files[0] }}", INPUTS["properties"]["files"]["items"]),
        ("{{ inputs.files | length }}", {"type": "integer"}),
        ("{{ inputs.names | join(',') }}", {"type": "string"}),
        ("{{ inputs.names | sort }}", INPUTS["properties"]["names"]),
        ("{{ inputs.pair | sort }}", {}),
        ("{{ inputs.folder | first }}", {"type": "string"}),
        ("{{ inputs.folder | default('x') }}", {"type": "string"}),
        ("{{ inputs.folder | default }}", {}),
        ("{{ inputs.folder[1:] }}", {"type": "string"}),
        ("{{ inputs.names[1:] }}", INPUTS["properties"]["names"]),
        ("{{ inputs.folder.split() }}", {"type": "array", "items": {"type": "string"}}),
        ("{{ range(3) }}", {"type": "array", "items": {"type": "integer"}}),
        ("{{ dict(a=1) }}", {"type": "object"}),
        ("{{ [1, 2] }}", {"type": "array", "items": {"type": "integer"}}),
        ("{{ [1, 'a'] }}", {"type": "array"}),
        ("{{ (1, 'a') }}", {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}]}),
        (
            "{{ {'a': 1} }}",
            {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": False},
        ),
        ("{{ {item: 1} }}", {"type": "object"}),
        ("{{ none }}", {"type": "null"}),
        ("{{ 1.5 }}", {"type": "number"}),
        ("{{ item }}", {}),
        ("{% set x %}a{% endset %}{{ x }}", {"type": "string"}),
    ],
)
def test_the_shape_of_a_result_is_inferred(text: str, shape: object) -> None:
    assert infer(compile_template(text), SHAPES) == shape


def test_examine_gives_findings_and_shape_in_one_walk() -> None:
    template = compile_template("{{ inputs.foldr ~ 1 }}")
    assert examine(template, SHAPES) == (check(template, SHAPES), infer(template, SHAPES))


class Foreign:
    """A template of another make."""

    source = ""
    references: tuple[Reference, ...] = ()

    def render(self, names: object) -> object:
        return names

    def test(self, names: object) -> bool:
        return bool(names)


def test_nothing_is_known_of_a_template_of_another_make() -> None:
    foreign: Template = Foreign()
    assert (check(foreign, {}), infer(foreign, {})) == ([], {})
