"""Files of settings that are not what they should be: each is told with its place, none is passed over."""

import os

import pytest

from orchestrator.errors import SetupError
from orchestrator.settings import load_settings

DEEP = "model = " + "[" * 5000


def refused(folder, environ=None, **given):
    with pytest.raises(SetupError) as raised:
        load_settings(folder, environ or {}, **given)
    assert raised.value.hint
    return str(raised.value)


@pytest.mark.parametrize(
    ("name", "content", "where", "what"),
    [
        (".env", b"A=1\nORC_MODEL=\xff\xfe\n", ":2", "not UTF-8"),
        (".env", b"A=1\nORC_MODEL=a\0b\n", ":2", "NUL"),
        (".env", b'ORC_MODEL="unterminated\n', "line 1", "not NAME=VALUE"),
        (".env", b"ORC_MODEL=a\nfoo bar\n\x01=2\n= 3\n", "lines 2, 4", "not NAME=VALUE"),
        (".env", b"A=" + b"x" * 1_000_001, ".env", "larger than"),
        ("py-orc.toml", b'model = "a"\nstore = "\xff"\n', ":2", "not UTF-8"),
        ("py-orc.toml", b'model = "a\0b"\n', ":1", "NUL"),
        ("py-orc.toml", b'model = "a"\nmodel = "b"\n', "line 2", "overwrite"),
        ("py-orc.toml", b'model = "a', "py-orc.toml", "not TOML"),
        ("py-orc.toml", b"max_parallel = 1" + b"0" * 5000, "py-orc.toml", "not TOML"),
        ("py-orc.toml", DEEP.encode(), "py-orc.toml", "nested too deeply"),
        ("py-orc.toml", b"\x00" * 10, ":1", "NUL"),
        ("py-orc.toml", b"#" * 1_000_001, "py-orc.toml", "larger than"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_read_is_named_with_its_line(tmp_path, name, content, where, what):
    (tmp_path / name).write_bytes(content)
    sentence = refused(tmp_path)
    assert str(tmp_path / name) in sentence
    assert where in sentence
    assert what in sentence
    assert len(sentence) < 1000


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("max_parallel = 0x1" + "f" * 5000, "a huge number"),
        ("grace = 0x1" + "f" * 5000, "a huge number"),
        ("resources = {cpu = 0x1" + "f" * 5000 + "}", "a huge number"),
        ('resources = {memory = "' + "9" * 400 + 'GB"}', "…"),
        ("resources = {cpu = {a = 1}}", "resources.cpu"),
        ("resources = {cpu = nan}", "resources.cpu"),
        ("resources = 1979-05-27", "`resources`"),
        ("grace = 1979-05-27", "`grace`"),
        ("model = {a = 1}", "`model`"),
        ("openai_api_key = 3", "`openai_api_key`"),
        ('workspace = "a\\u0000b"', "NUL"),
        ('store = "sqlite:a\\u0000b"', "NUL"),
        ('store = "files:~nobody-of-that-name/x"', "nobody knows the home of ~nobody-of-that-name"),
        ('workspace = "~nobody-of-that-name/x"', "nobody knows the home of ~nobody-of-that-name"),
        ('"" = 1', "there is no setting"),
    ],
    ids=lambda value: value[:30],
)
def test_a_value_of_another_kind_is_named_with_its_setting(tmp_path, line, part):
    (tmp_path / "py-orc.toml").write_text(line)
    sentence = refused(tmp_path)
    assert "py-orc.toml: " in sentence
    assert part in sentence
    assert len(sentence) < 1000


@pytest.mark.parametrize("given", [{"workspace": "~nobody-of-that-name/x"}, {"store": "files:a\0b"}])
def test_a_call_with_a_path_that_is_none_is_refused(tmp_path, given):
    refused(tmp_path, **given)


def as_folder(path):
    path.mkdir()


def as_pipe(path):
    os.mkfifo(path)


def as_loop(path):
    path.symlink_to(path.name)


def as_dead_link(path):
    path.symlink_to("nowhere")


@pytest.mark.parametrize("make", [as_folder, as_pipe, as_loop, as_dead_link])
@pytest.mark.parametrize("name", ["py-orc.toml", ".env"])
def test_what_is_no_ordinary_file_is_named(tmp_path, name, make):
    make(tmp_path / name)
    if (name, make) == (".env", as_folder):  # other programs keep their packages in one
        assert load_settings(tmp_path).model == ""
        assert load_settings(tmp_path, {"ORC_MODEL": "a"}).model == "a"
        return
    assert str(tmp_path / name) in refused(tmp_path)


@pytest.mark.parametrize("name", ["py-orc.toml", ".env"])
def test_a_file_without_permission_is_named(tmp_path, name, monkeypatch):
    path = tmp_path / name
    path.write_text("")

    def deny(opened, *_):
        if opened == path:
            raise PermissionError(13, "Permission denied")
        raise FileNotFoundError

    monkeypatch.setattr(type(path), "open", deny)
    assert f"{path} cannot be read: Permission denied" in refused(tmp_path)


def test_a_mark_at_the_beginning_of_a_file_is_no_text(tmp_path):
    (tmp_path / "py-orc.toml").write_bytes(b'\xef\xbb\xbfmodel = "a"\n')
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfORC_LOG_LEVEL=info\n")
    settings = load_settings(tmp_path)
    assert (settings.model, settings.log_level) == ("a", "info")


def test_a_folder_that_was_removed_is_told(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert "the current folder was removed" in refused(".")
