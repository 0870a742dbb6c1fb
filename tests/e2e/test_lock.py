"""`py-orc lock` and `run --frozen`, with a server on loopback as the model."""

from pathlib import Path

import pytest

from doubles.openai_server import OpenAIServer
from e2e.commands import py_orc

FILE = """\
name: open
steps:
  - id: a
    action: let
    with:
      n: <AUTO type="integer" min="1" max="9">how many: few # or many?</AUTO>
outputs: {n: "{{ steps.a.n }}"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "open.yaml").write_text(FILE)
    return tmp_path


def test_a_lock_is_decided_checked_used_and_never_asked_again(folder: Path) -> None:
    with OpenAIServer("small") as server:
        env = {"OPENAI_BASE_URL": server.base_url, "ORC_MODEL": "openai-chat:small"}
        assert py_orc(folder, "lock", "open.yaml", "--check", env=env).code == 1
        server.script('{"value": 4}')
        decided = py_orc(folder, "lock", "open.yaml", env=env)
        assert decided.code == 0, decided.err
        assert "+ a.with.n  4  (openai-chat:small" in decided.out
        checked = py_orc(folder, "lock", "open.yaml", "--check", env=env)
        assert (checked.code, checked.out.splitlines()[-1]) == (0, "open.yaml.lock is up to date")
        server.script('{"value": 5}')
        shown = py_orc(folder, "lock", "open.yaml", "--diff", "--renew", "--json", env=env).document
        assert shown["values"] == [
            {
                "at": "a.with.n",
                "standing": "changed",
                "before": 4,
                "after": 5,
                "model": "openai-chat:small",
                "cost": "0",
            }
        ]
    frozen = py_orc(folder, "run", "open.yaml", "--frozen", "--json", env=env)  # nobody listens any more
    assert (frozen.code, frozen.document["outputs"]) == (0, {"n": 4})


def test_what_the_lock_lacks_fails_a_frozen_run_at_the_tag(folder: Path) -> None:
    ended = py_orc(folder, "run", "open.yaml", "--frozen")
    assert ended.code == 1
    assert "`<AUTO>` of a.with.n (open.yaml:6:10) is not in the lock" in ended.err
    assert "Traceback" not in ended.err


def test_a_damaged_lock_and_odd_options_are_told(folder: Path) -> None:
    assert py_orc(folder, "lock", "open.yaml", "--check", "--diff").code == 2
    (folder / "open.yaml.lock").write_text("lock: 7\n")
    ended = py_orc(folder, "lock", "open.yaml", "--check")
    assert ended.code == 2
    assert "open.yaml.lock is no lock of py-orc" in ended.err
    run = py_orc(folder, "run", "open.yaml")
    assert "is no lock of py-orc" in run.err
    assert "Traceback" not in run.err
