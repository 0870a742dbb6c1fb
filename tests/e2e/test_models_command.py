"""`py-orc models`: what can be asked here, and what each step would get."""

from pathlib import Path

import pytest

from doubles.openai_server import Answer, OpenAIServer
from e2e.commands import py_orc

KEY = {"OPENAI_API_KEY": "sk-test"}
FILE = """\
name: p
steps:
  - id: cheap
    action: generate
    with: {prompt: Hi}
    model: {task: classify, strategy: cost, max_cost: 0.01 USD}
  - id: group
    steps:
      - id: chain
        action: generate
        with: {prompt: Hi}
        model: [openai:gpt-4o, minimal]
  - id: any
    action: generate
    with: {prompt: Hi}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "p.yaml").write_text(FILE)
    return tmp_path


def by_name(folder: Path, *words: str, env=None) -> dict[str, dict[str, object]]:
    document = py_orc(folder, "models", "--json", *words, env=env).document
    return {model["name"]: model for model in document["models"]}  # type: ignore[index, union-attr]


def test_what_can_be_asked_comes_first_and_the_rest_says_why_not(tmp_path: Path) -> None:
    found = by_name(tmp_path)
    assert found["builtin:extractive"]["usable"] is True
    assert found["openai:gpt-4o"]["usable"] is False
    assert "OPENAI_API_KEY is not set" in str(found["openai:gpt-4o"]["why_not"])
    assert found["ollama:llama3.2"]["why_not"] == "no server runs on this machine"
    assert set(by_name(tmp_path, "--usable")) == {"builtin:extractive"}


def test_with_a_key_its_models_can_be_asked_unless_offline(tmp_path: Path) -> None:
    env = {"OPENAI_API_KEY": "sk-test"}
    model = by_name(tmp_path, env=env)["openai:gpt-4o"]
    assert model["usable"] is True
    assert model["price"]["input"] == "2.5"  # type: ignore[index]
    assert model["abilities"] == ["structured", "vision", "tools"]
    offline = by_name(tmp_path, env={**env, "ORC_OFFLINE": "1"})["openai:gpt-4o"]
    assert offline["why_not"] == "it is not on this machine, and this run is offline"


def test_the_settings_file_adds_models_and_corrects_them(tmp_path: Path) -> None:
    (tmp_path / "py-orc.toml").write_text(
        '[models."openai:gpt-4o"]\nquality = 5\nweight = 2\n'
        '[models."openai-chat:ours"]\nprice = {input = "0.10", output = "0.20"}\n'
    )
    found = by_name(tmp_path)
    assert (found["openai:gpt-4o"]["quality"], found["openai:gpt-4o"]["weight"]) == (5, 2)
    assert found["openai-chat:ours"]["price"] == {"input": "0.10", "output": "0.20", "source": "py-orc.toml"}
    shown = py_orc(tmp_path, "models").out
    assert "$0.10/$0.20" in shown
    assert "weight 2" in shown


def test_explain_tells_which_model_each_step_gets_and_why(project: Path) -> None:
    steps = py_orc(project, "models", "explain", "p.yaml", "--json", env=KEY).document["steps"]
    cheap, chain, any_model = steps  # type: ignore[misc]
    assert cheap["asks"][0]["model"] == "openai:gpt-5-nano"
    assert cheap["asks"][0]["strategy"] == "cost"
    assert cheap["asks"][0]["reason"].startswith("ranked by cost: quality 2, speed 5, 0.05/0.4 USD")
    assert (chain["step"], [each["model"] for each in chain["asks"]]) == (
        "group.chain",
        ["openai:gpt-4o", "minimal"],
    )
    assert any_model["asks"][0]["reason"] == "the configured default"
    assert "1. openai:gpt-5-nano" in py_orc(project, "models", "explain", "p.yaml", env=KEY).out


def test_explain_tells_when_nobody_fits(project: Path) -> None:
    (project / "p.yaml").write_text(FILE.replace("task: classify", "task: research"))
    ended = py_orc(project, "models", "explain", "p.yaml")
    assert ended.code == 1
    assert "its quality is 1, task research asks for 5" in ended.out


def test_a_wrong_word_is_told(tmp_path: Path) -> None:
    ended = py_orc(tmp_path, "models", "explian", "p.yaml")
    assert ended.code == 2
    assert "py-orc models explain FILE" in ended.err


def test_show_tells_who_was_asked(tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(
        "name: p\nsteps:\n  - id: a\n    action: generate\n    with: {prompt: Hi}\n"
        "    model: [openai-chat:gone, openai-chat:here]\noutputs: {a: '{{ steps.a }}'}\n"
    )
    with OpenAIServer("here") as server:
        server.script(Answer("hello"))
        ended = py_orc(tmp_path, "run", "p.yaml", env={"OPENAI_BASE_URL": server.base_url})
    assert ended.code == 0, ended.err
    shown = py_orc(tmp_path, "show", "last", "a").out
    assert "primary: openai-chat:gone failed" in shown
    assert "secondary: openai-chat:here answered, confidence medium" in shown
    route = py_orc(tmp_path, "show", "last", "a", "--json").document["route"]
    assert [entry["outcome"] for entry in route] == ["failed", "answered"]  # type: ignore[union-attr, index]
