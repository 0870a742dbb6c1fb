"""Canonical YAML keeps meaning and comments."""

import pytest

from orchestrator.compiler import format_text
from orchestrator.errors import CompileError


def test_keys_come_in_the_order_of_the_language_and_comments_stay_with_theirs() -> None:
    text = """\
# head

steps:
# about a
- action: let   # the action
  id: a
  with:
      # inner
      c: |+
          keep
            this

      d: [1, 2,   3]   # list
      e: {x: 'it''s',
          # deep
          y: "z\\n"}


- {id: b, action: let, with: {a: "multi
   line"}, on_error: {value: 1, match: x}}
name:   x
x-own: {b: 1, a: 2}
inputs:
    q: {default: 3, type: integer}
outputs: {}
# foot
"""
    assert (
        format_text(text)
        == """\
# head

name: x
inputs:
  q: {default: 3, type: integer}
steps:
  # about a
  - id: a
    action: let  # the action
    with:
      # inner
      c: |+
        keep
          this

      d: [1, 2, 3]  # list
      e:
        x: 'it''s'
        # deep
        y: "z\\n"

  - id: b
    action: let
    with: {a: "multi line"}
    on_error: {value: 1, match: x}
outputs: {}
x-own: {b: 1, a: 2}
# foot
"""
    )


def test_a_flat_pipeline_is_unfolded() -> None:
    assert format_text('{"name": "p", "steps": [{"action": "let", "id": "a"}]}') == (
        '"name": "p"\n"steps":\n  - "id": "a"\n    "action": "let"\n'
    )


def test_long_collections_get_lines_of_their_own() -> None:
    words = ", ".join(["word"] * 30)
    formatted = format_text(f"name: p\nsteps:\n- id: a\n  action: let\n  with: {{x: [{words}]}}\n")

    assert formatted.count("- word") == 30
    assert format_text(formatted) == formatted


def test_anchors_keep_their_places() -> None:
    text = "x-a: &a\n  k: 1\nname: p\nsteps:\n  - with: {<<: *a}\n    id: a\n    action: &let let\n  - id: b\n    action: *let\n"
    assert format_text(text) == text.replace("x-a: &a\n  k: 1", "x-a: &a\n  k: 1")


@pytest.mark.parametrize(
    "value",
    [">\n  folded\n  text\n\n  and more\n    indented\n  back\n", "|-\n  x\n", ">2-\n    indented first\n", "|\n  a\n\n\n  b\n", '"long\n  line"', "'it''s\n\n  two'", "plain\n  lines", '"\\x07\\u2028"', '""', "", "~", ">\n\n  x\n", '|\n\n'],
)  # fmt: skip
def test_every_kind_of_text_keeps_its_value(value: str) -> None:
    text = f"name: p\nsteps: []\ndescription: {value}\n"
    formatted = format_text(text)

    assert format_text(formatted) == formatted
    assert formatted.startswith("name: p\ndescription:")


def test_windows_line_ends_and_the_byte_order_mark_go() -> None:
    assert format_text("\ufeffname: p\r\nsteps:\r\n- id: a\r\n") == "name: p\nsteps:\n  - id: a\n"


def test_a_hash_within_a_text_is_no_comment() -> None:
    text = "name: 'a # b'\ndescription: |\n  # not one\n  x # nor this\nlabels: {a: \"#1\", b: x#y}  # but this\nsteps: []\n"
    assert format_text(text) == text


def test_what_is_no_yaml_is_refused() -> None:
    with pytest.raises(CompileError, match="a second time"):
        format_text("a: 1\na: 2\n")


def test_a_list_of_steps_can_be_formatted_for_itself() -> None:
    assert format_text("- action: let\n  id: a\n") == "- id: a\n  action: let\n"


def test_folded_text_is_wrapped_again() -> None:
    words = " ".join(["word"] * 40)
    text = f"name: p\nsteps: []\ndescription: >\n  {words}  and\n\n    kept as it is {words}\n  back\n\n\n  end\n"
    formatted = format_text(text)

    assert max(len(line) for line in formatted.split("\n") if "kept" not in line) <= 90
    assert format_text(formatted) == formatted


def test_comments_between_and_behind_lists_go_to_what_follows() -> None:
    text = "name: p\nsteps:\n  - id: a\n    action: let\n    # last of a\n\n  # before b\n  - id: b\n    needs:  # these\n      # first\n      - a\n"
    assert format_text(text) == text.replace(
        "    # last of a\n\n  # before b", "  # last of a\n\n  # before b"
    )


@pytest.mark.parametrize("text", ["just text\n", "{}\n", "[]  # nothing\n", "&a # odd\n"])
def test_what_has_no_entries_stays_as_it_is(text: str) -> None:
    assert format_text(text) == text


def test_anchors_on_keys_stay_and_one_on_everything_goes() -> None:
    assert (
        format_text("&all\nsteps:\n- &i id: a\n  *i : b\nname: p\n".replace("  *i : b\n", ""))
        == "steps:\n  - &i id: a\nname: p\n"
    )
    assert format_text("&all\nsteps: []\nname: p\n") == "name: p\nsteps: []\n"
