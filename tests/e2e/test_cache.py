"""`py-orc cache clear` forgets what models answered."""

import json

from e2e.commands import py_orc

PIPELINE = """
name: one
steps:
  - id: text
    action: generate
    with: {prompt: "Summarise: Bees dance. The dance tells where flowers are."}
"""


def test_answers_are_kept_and_forgotten(tmp_path):
    (tmp_path / "one.yaml").write_text(PIPELINE)
    (tmp_path / "py-orc.toml").write_text("[cache]\nresponses = true\n")
    assert py_orc(tmp_path, "cache", "clear").out == "0 answers forgotten\n"
    assert py_orc(tmp_path, "run", "one.yaml", "-q").code == 0
    assert py_orc(tmp_path, "cache", "clear", "--tag", "openai").out == "0 answers forgotten\n"
    assert json.loads(py_orc(tmp_path, "cache", "clear", "--json").out) == {"forgotten": 1, "tag": None}
    assert py_orc(tmp_path, "cache", "clear").out == "0 answers forgotten\n"


def test_another_word_is_refused(tmp_path):
    ended = py_orc(tmp_path, "cache", "clean")
    assert ended.code == 2
    assert "clear" in ended.err
