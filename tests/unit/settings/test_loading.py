import os
import subprocess
import sys

import pytest

from orchestrator.errors import SetupError
from orchestrator.settings import FEATURES, load_settings
from orchestrator.settings.project import project_root


@pytest.fixture
def project(tmp_path):
    (tmp_path / "py-orc.toml").touch()
    (tmp_path / "deep" / "er").mkdir(parents=True)
    return tmp_path


def write(project, *, toml="", dotenv=""):
    (project / "py-orc.toml").write_text(toml)
    if dotenv:
        (project / ".env").write_text(dotenv)


def origins(settings):
    return {setting.name: (setting.value, setting.origin) for setting in settings.describe()}


def test_without_any_word_the_defaults_hold(tmp_path):
    settings = load_settings(tmp_path)
    assert settings.store == f"sqlite:{tmp_path}/.py-orc/orc.db"
    assert settings.workspace == settings.root == tmp_path
    assert (settings.offline, settings.max_parallel, settings.grace) == (False, 32, 10.0)
    assert settings.features == dict.fromkeys(FEATURES, True)
    assert {origin for _, origin in origins(settings).values()} == {"default"}


def test_each_layer_wins_over_the_one_below(project):
    layers = [
        ("default", "–"),
        ("py-orc.toml", "from-file"),
        (".env: ORC_MODEL", "from-dotenv"),
        ("ORC_MODEL", "from-environment"),
        ("call", "from-call"),
    ]
    for depth, (origin, value) in enumerate(layers):
        write(project, toml='model = "from-file"' if depth > 0 else "")
        (project / ".env").write_text("ORC_MODEL=from-dotenv" if depth > 1 else "")
        environ = {"ORC_MODEL": "from-environment"} if depth > 2 else {}
        settings = load_settings(project, environ, model="from-call" if depth > 3 else None)
        assert origins(settings)["model"] == (value, origin)


def test_entries_of_tables_come_from_different_layers(project):
    write(project, toml="[resources]\ngpu = 2\nmemory = '8GB'\n[features]\ninline = false")
    settings = load_settings(project, {"ORC_RESOURCES": "gpu=1, api:openai=4", "ORC_FEATURES": "cache=off"})
    assert settings.resources == {"gpu": 1.0, "memory": 8e9, "api:openai": 4.0}
    assert settings.features == {"breakers": True, "cache": False, "inline": False}
    shown = origins(settings)
    assert shown["resources.gpu"] == ("1.0", "ORC_RESOURCES")
    assert shown["resources.memory"] == ("8000000000.0", "py-orc.toml")
    assert shown["features.inline"] == ("off", "py-orc.toml")


def test_the_file_is_found_upwards_and_its_paths_start_beside_it(project):
    write(project, toml='store = "files:kept"\nworkspace = "work"')
    settings = load_settings(project / "deep" / "er")
    assert settings.root == project
    assert settings.store == f"files:{project}/kept"
    assert settings.workspace == project / "work"


def test_paths_of_the_environment_and_the_call_start_where_the_call_is(project):
    deep = project / "deep"
    assert load_settings(deep, {"ORC_STORE": "sqlite:x.db"}).store == f"sqlite:{deep}/x.db"
    assert load_settings(deep, workspace="er").workspace == deep / "er"
    assert load_settings(deep, store="memory:").store == "memory:"
    assert load_settings(deep, store="sqlite:/abs/x.db").store == "sqlite:/abs/x.db"


def test_the_default_store_lies_at_the_root_even_when_other_settings_are_read(project):
    assert load_settings(project / "deep", {"ORC_OFFLINE": "1"}).store == f"sqlite:{project}/.py-orc/orc.db"


def test_a_folder_with_state_is_a_project_too(tmp_path):
    (tmp_path / ".py-orc").mkdir()
    (tmp_path / "deep").mkdir()
    assert project_root(tmp_path / "deep") == tmp_path


@pytest.mark.parametrize(
    ("text", "seconds"), [("0", 0.0), ("1.5", 1.5), ("2m", 120.0), ("1h30m", 5400.0), ("500ms", 0.5)]
)
def test_times_read_like_in_pipelines(project, text, seconds):
    assert load_settings(project, {"ORC_GRACE": text}).grace == seconds


def test_everything_that_is_wrong_is_said_at_once(project):
    write(
        project,
        toml="""
            max_parallell = 3
            log_level = "loud"
            resources = 7
            [features]
            chache = false
            """,
        dotenv="ORC_GRACE=soon\nORC_STOER=memory:",
    )
    with pytest.raises(SetupError) as raised:
        load_settings(
            project, {"ORC_RESOURCES": "gpux=1, memory=much", "ORC_FEATURES": "cache"}, max_parallel=0
        )
    text = str(raised.value)
    for part in [
        "py-orc.toml: there is no setting `max_parallell` → did you mean `max_parallel`?",
        "py-orc.toml: `log_level`: input should be 'debug', 'info', 'warning' or 'error', it is 'loud'",
        "py-orc.toml: `resources` should be entries such as `a=1, b=2`, it is 7",
        "py-orc.toml: there is no feature `chache` → did you mean `cache`?",
        ".env: there is no variable `ORC_STOER` → did you mean `ORC_STORE`?",
        ".env: ORC_GRACE: `grace`: should be a time such as 10s, 2m or a number of seconds, it is 'soon'",
        "ORC_RESOURCES: there is no resource `gpux` → did you mean `gpu`?",
        "ORC_RESOURCES: `resources.memory`: should be a number above 0 or a size such as 8GB, it is 'much'",
        "ORC_FEATURES: `features` should be entries",
        "call: `max_parallel`: input should be greater than or equal to 1, it is 0",
        "py-orc doctor",
    ]:
        assert part in text


@pytest.mark.parametrize("content", [b"store = ", b"[[[", b"a.b = 1\na = 2"])
def test_a_file_that_is_not_toml_is_named(project, content):
    (project / "py-orc.toml").write_bytes(content)
    with pytest.raises(SetupError, match=r"py-orc\.toml is not TOML"):
        load_settings(project)


def test_variables_of_other_programs_with_our_beginning_are_left_alone(project):
    assert load_settings(project, {"ORC_CODE": "backup", "ORC_IDEMPOTENCY_KEY": "x"}).max_parallel == 32


def test_unknown_settings_of_a_call_are_refused(tmp_path):
    with pytest.raises(SetupError, match="call: there is no setting `strore` → did you mean `store`"):
        load_settings(tmp_path, strore="memory:")


@pytest.mark.parametrize("has_file", [True, False])
def test_the_vendors_own_variables_count_and_keys_are_never_shown(tmp_path, has_file):
    environ = {"OPENAI_BASE_URL": "http://localhost:1", "OPENAI_API_KEY": "sk-very-secret"}
    if has_file:
        (tmp_path / ".env").write_text("OPENAI_BASE_URL=http://other\nOPENAI_API_KEY=sk-other")
    settings = load_settings(tmp_path, environ)
    assert settings.openai_base_url == "http://localhost:1"
    assert settings.openai_api_key == "sk-very-secret"
    assert origins(settings)["openai_base_url"] == ("http://localhost:1", "OPENAI_BASE_URL")
    assert origins(settings)["openai_api_key"] == ("•••", "OPENAI_API_KEY")
    assert "sk-very-secret" not in repr(settings)


def test_a_wrong_key_is_not_shown_either(project):
    write(project, toml="openai_api_key = [112233]")
    with pytest.raises(SetupError) as raised:
        load_settings(project)
    assert "openai_api_key" in str(raised.value)
    assert "112233" not in str(raised.value)


def test_dotenv_adds_to_the_environment_without_overriding_it(tmp_path):
    (tmp_path / ".env").write_text("A=dotenv\nB=dotenv ${A}\nC")
    environ = load_settings(tmp_path, {"A": "environment"}).environ
    assert environ == {"A": "environment", "B": "dotenv ${A}"}


def test_a_plain_start_imports_no_pydantic(tmp_path):
    program = """
import sys
before = set(sys.modules)
from orchestrator.settings import load_settings
load_settings(".", {"PATH": "x", "OPENAI_API_KEY": "k"}, store="memory:", workspace=".", offline=True, model=None)
print([name for name in set(sys.modules) - before if name.partition(".")[0] in {"pydantic", "dotenv", "tomllib", "difflib", "yaml"}])
"""
    found = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    assert found.stdout.strip() == "[]"
