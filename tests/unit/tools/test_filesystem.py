"""The tool `filesystem`."""

import asyncio
import inspect
import os
import re
import stat
from collections.abc import Awaitable
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import orchestrator.tools.workspace as workspace_module
from orchestrator.core.action import Effect
from orchestrator.errors import ActionError
from orchestrator.tools.listing import _regex
from unit.tools.conftest import Tools


def tree(folder: Path) -> dict[str, object]:
    """What a folder holds, down to the last byte and permission."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = ("link", str(path.readlink()))
        elif path.is_dir():
            found[name] = ("folder", stat.S_IMODE(path.stat().st_mode))
        else:
            found[name] = (path.read_bytes(), stat.S_IMODE(path.stat().st_mode))
    return found


def failing(tools: Tools, action: str, **parameters: object) -> ActionError:
    with pytest.raises(ActionError) as caught:
        tools(action, **parameters)
    return caught.value


def test_a_written_file_is_read_back(tools: Tools):
    assert tools("filesystem.write", path="a/b/x.md", content="grüße\r\n") == {"path": "a/b/x.md", "size": 9}
    assert tools("filesystem.read", path="./a/b/x.md") == {
        "content": "grüße\r\n",
        "path": "a/b/x.md",
        "size": 9,
    }


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.text(), encoding=st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]))
def test_any_text_comes_back_as_it_was(tools: Tools, content: str, encoding: str):
    tools("filesystem.write", path="x", content=content, encoding=encoding)
    assert tools("filesystem.read", path="x", encoding=encoding)["content"] == content


@pytest.mark.parametrize(
    ("content", "written"),
    [
        ({"é": [1, None]}, '{\n  "é": [\n    1,\n    null\n  ]\n}\n'),
        ([], "[]\n"),
        (3, "3\n"),
        (True, "true\n"),
    ],
)
def test_data_is_written_as_json(tools: Tools, workspace: Path, content: object, written: str):
    tools("filesystem.write", path="x.json", content=content)
    assert (workspace / "x.json").read_text() == written


def test_a_file_larger_than_allowed_is_not_read(tools: Tools, workspace: Path):
    (workspace / "x").write_bytes(b"12345")
    assert tools("filesystem.read", path="x", max_bytes=5)["size"] == 5
    assert "larger than 4 bytes" in str(failing(tools, "filesystem.read", path="x", max_bytes=4))


def test_bytes_that_are_no_text_say_where(tools: Tools, workspace: Path):
    (workspace / "x").write_bytes(b"ab\xff")
    assert "x is not utf-8 text at byte 2" in str(failing(tools, "filesystem.read", path="x"))


@pytest.mark.parametrize("action", ["filesystem.read", "filesystem.write"])
def test_an_unknown_encoding_is_named(tools: Tools, workspace: Path, action: str):
    (workspace / "x").write_bytes(b"x")
    more = {"content": "x"} if action.endswith("write") else {}
    assert "no encoding 'utf-77'" in str(failing(tools, action, path="x", encoding="utf-77", **more))


def test_a_character_that_cannot_be_encoded_is_named(tools: Tools):
    error = failing(tools, "filesystem.write", path="x", content="ab€", encoding="latin-1")
    assert "'\\u20ac' at 2 cannot be written as latin-1" in str(error)


def test_a_missing_folder_is_made_only_when_wanted(tools: Tools, workspace: Path):
    error = failing(tools, "filesystem.write", path="a/x", content="", create_directories=False)
    assert error.error_class == "not_found"
    assert not (workspace / "a").exists()


def test_writing_keeps_the_mode_and_leaves_nothing_beside(tools: Tools, workspace: Path):
    (workspace / "x").write_text("old")
    (workspace / "x").chmod(0o640)
    tools("filesystem.write", path="x", content="new")
    assert tree(workspace) == {"x": (b"new", 0o640)}


def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside(
    tools: Tools, workspace: Path, monkeypatch: pytest.MonkeyPatch
):
    (workspace / "x").write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert "No space left" in str(failing(tools, "filesystem.write", path="x", content="new"))
    assert [path.name for path in workspace.iterdir()] == ["x"]
    assert (workspace / "x").read_text() == "old"


def test_what_a_killed_attempt_left_is_replaced_by_the_next(
    tools: Tools, workspace: Path, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", lambda *_, **__: (_ for _ in ()).throw(OSError(5, "died")))
        patch.setattr(os, "unlink", lambda *_, **__: (_ for _ in ()).throw(FileNotFoundError()))
        failing(tools, "filesystem.write", path="x", content="a")
    assert len(list(workspace.iterdir())) == 1
    tools("filesystem.write", path="x", content="b")
    assert [path.name for path in workspace.iterdir()] == ["x"]


def test_writing_replaces_a_hard_link_instead_of_writing_through_it(tools: Tools, workspace: Path):
    outside = workspace.parent / "outside"
    outside.write_text("theirs")
    os.link(outside, workspace / "x")
    tools("filesystem.write", path="x", content="mine")
    assert outside.read_text() == "theirs"


def test_appending_through_a_hard_link_is_refused(tools: Tools, workspace: Path):
    outside = workspace.parent / "outside"
    outside.write_text("theirs")
    os.link(outside, workspace / "x")
    assert failing(tools, "filesystem.append", path="x", content="mine").error_class == "permission"
    assert outside.read_text() == "theirs"


def test_appending_adds_at_the_end_and_makes_the_file(tools: Tools, workspace: Path):
    assert tools("filesystem.append", path="log/x", content="a\n") == {"path": "log/x", "size": 2}
    assert tools("filesystem.append", path="log/x", content="b\n")["size"] == 4
    assert (workspace / "log/x").read_text() == "a\nb\n"


LISTED = ["a.md", "b.txt", "d/c.md", "d/e/f.md", "d/e/g.py", "d2/[x].md"]


@pytest.fixture
def listed(tools: Tools, workspace: Path) -> Tools:
    for name in [*LISTED, ".hidden.md", ".git/config.md", ".py-orc/orc.md", "d/.h/i.md"]:
        (workspace / name).parent.mkdir(parents=True, exist_ok=True)
        (workspace / name).write_text("")
    return tools


@pytest.mark.parametrize(
    ("parameters", "paths"),
    [
        ({}, LISTED),
        ({"pattern": "**/*.md"}, ["a.md", "d/c.md", "d/e/f.md", "d2/[x].md"]),
        ({"pattern": "*.md"}, ["a.md"]),
        ({"pattern": "*"}, ["a.md", "b.txt"]),
        ({"pattern": "d/**"}, ["d/c.md", "d/e/f.md", "d/e/g.py"]),
        ({"pattern": "d/**/*.md"}, ["d/c.md", "d/e/f.md"]),
        ({"pattern": "**/**/e/?.py"}, ["d/e/g.py"]),
        ({"pattern": "[ab].*"}, ["a.md", "b.txt"]),
        ({"pattern": "[!a].*"}, ["b.txt"]),
        ({"pattern": "[^a].*"}, ["a.md"]),
        ({"pattern": "d2/[[]x].md"}, ["d2/[x].md"]),
        ({"pattern": "**/*[c-g]*.*"}, ["d/c.md", "d/e/f.md", "d/e/g.py"]),
        ({"pattern": "**/e/**/*.md"}, ["d/e/f.md"]),
        ({"pattern": "**/d/**/e/**"}, ["d/e/f.md", "d/e/g.py"]),
        ({"pattern": "d*/**/*?.m*d"}, ["d/c.md", "d/e/f.md", "d2/[x].md"]),
        ({"pattern": "./d/./c.md"}, ["d/c.md"]),
        ({"pattern": "d2/[x.md"}, []),
        ({"path": "d"}, ["d/c.md", "d/e/f.md", "d/e/g.py"]),
        ({"path": "d", "pattern": "*.md"}, ["d/c.md"]),
        ({"path": "./d/e/.."}, ["d/c.md", "d/e/f.md", "d/e/g.py"]),
        ({"recursive": False}, ["a.md", "b.txt"]),
        ({"recursive": False, "path": "d"}, ["d/c.md"]),
        ({"pattern": "**/i.md", "hidden": True}, ["d/.h/i.md"]),
        ({"pattern": "**/.hidden.md", "hidden": True}, [".hidden.md"]),
        ({"pattern": "**/orc.md", "hidden": True}, []),
    ],
)
def test_files_are_listed_sorted_from_the_workspace(
    listed: Tools, parameters: dict[str, object], paths: list[str]
):
    assert listed("filesystem.list", **parameters) == {"paths": paths}


NAMES = st.text(st.sampled_from("ab.[]!^-"), min_size=1, max_size=6)
GLOBS = st.lists(
    st.sampled_from(["**", "*", "a*", "*b", "?", "a*b*a", "[ab]", "[!a]*", "a", "b", "*.*"]),
    min_size=1,
    max_size=4,
)


@settings(max_examples=300)
@given(names=st.lists(NAMES, min_size=1, max_size=4), pattern=GLOBS)
def test_patterns_mean_what_their_plain_reading_says(names: list[str], pattern: list[str]):
    def fits(names: list[str], pattern: list[str]) -> bool:
        if not pattern:
            return not names
        if pattern[0] == "**":
            last = len(pattern) == 1
            return any(fits(names[skip:], pattern[1:]) for skip in range(len(names))) or (
                last and bool(names)
            )
        return bool(names) and fnmatchcase(names[0], pattern[0]) and fits(names[1:], pattern[1:])

    matched = re.fullmatch(_regex("/".join(pattern)), "/".join(names), re.DOTALL)
    assert bool(matched) == fits(names, pattern)


def test_a_hostile_pattern_takes_no_longer_than_paths_are_long():
    name = "a" * 255
    assert not re.fullmatch(_regex("*a" * 30 + "b"), name)
    assert not re.fullmatch(_regex("**/a/" * 20 + "b"), "a/" * 1000 + "c")


def test_links_are_listed_when_they_lead_to_a_file_inside(listed: Tools, workspace: Path):
    (workspace / "in").symlink_to("a.md")
    (workspace / "out").symlink_to("/etc/passwd")
    (workspace / "folder").symlink_to("d")
    (workspace / "gone").symlink_to("none")
    assert listed("filesystem.list", pattern="*")["paths"] == ["a.md", "b.txt", "in"]


def test_a_listing_has_a_limit(listed: Tools):
    assert "more than 5 files" in str(failing(listed, "filesystem.list", limit=5))
    assert listed("filesystem.list", limit=6)


def test_a_listing_visits_only_so_many_entries(listed: Tools, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("orchestrator.tools.listing.MAX_VISITED", 3)
    assert "holds more than 3 entries" in str(failing(listed, "filesystem.list", pattern="**/*"))


def test_listing_a_missing_folder_or_a_file_fails(listed: Tools):
    assert failing(listed, "filesystem.list", path="none").error_class == "not_found"
    assert failing(listed, "filesystem.list", path="a.md").error_class == "invalid_request"


def test_listing_works_where_folders_have_no_descriptors(listed: Tools, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workspace_module, "HAS_DIR_FD", False)
    assert listed("filesystem.list") == {"paths": LISTED}
    assert failing(listed, "filesystem.list", path="a.md").error_class == "invalid_request"


def test_a_file_is_copied(tools: Tools, workspace: Path):
    (workspace / "x").write_bytes(b"\0\xff")
    assert tools("filesystem.copy", source="x", destination="deep/y") == {"path": "deep/y", "size": 2}
    assert (workspace / "deep/y").read_bytes() == b"\0\xff"


def test_a_folder_is_moved_with_what_is_in_it(tools: Tools, workspace: Path):
    (workspace / "a").mkdir()
    (workspace / "a/x").write_text("x")
    assert tools("filesystem.move", source="a", destination="new/b") == {"path": "new/b"}
    assert (workspace / "new/b/x").read_text() == "x"


@pytest.mark.parametrize(
    ("source", "destination", "overwrite", "says"),
    [
        ("none", "y", False, "does not exist"),
        ("x", "y", False, "exists already"),
        ("x", "folder", True, "exists already"),
        ("folder", "y", True, "exists already"),
        ("folder", "folder/in", False, "into itself"),
        ("x", "x", True, "into itself"),
        (".", "z", False, "names the workspace"),
        ("x", "..", False, "leads out"),
        ("x", "../z", False, "leads out"),
        ("x", ".py-orc/z", False, "belongs to py-orc"),
    ],
)
def test_a_move_that_would_lose_something_is_refused(
    tools: Tools, workspace: Path, source: str, destination: str, overwrite: bool, says: str
):
    for name in ("x", "y"):
        (workspace / name).write_text(name)
    (workspace / "folder").mkdir()
    before = tree(workspace)
    error = failing(tools, "filesystem.move", source=source, destination=destination, overwrite=overwrite)
    assert says in str(error)
    assert tree(workspace) == before


def test_deleting_says_whether_there_was_something(tools: Tools, workspace: Path):
    (workspace / "x").write_text("x")
    assert tools("filesystem.delete", path="x") == {"path": "x", "deleted": True}
    assert tools("filesystem.delete", path="x") == {"path": "x", "deleted": False}
    assert failing(tools, "filesystem.delete", path="x", missing_ok=False).error_class == "not_found"


def test_a_folder_is_deleted_with_its_content_only_when_told(tools: Tools, workspace: Path):
    (workspace / "a/b").mkdir(parents=True)
    (workspace / "a/b/x").write_text("x")
    outside = workspace.parent / "outside"
    outside.mkdir()
    (outside / "keep").write_text("keep")
    (workspace / "a/link").symlink_to(outside)
    assert "not empty" in str(failing(tools, "filesystem.delete", path="a"))
    tools("filesystem.delete", path="a", recursive=True)
    assert tree(workspace) == {}
    assert (outside / "keep").exists()


def test_a_folder_with_a_journal_in_it_is_not_deleted(tools: Tools, workspace: Path):
    (workspace / "a/.py-orc").mkdir(parents=True)
    (workspace / "a/.py-orc/orc.db").write_text("journal")
    assert failing(tools, "filesystem.delete", path="a", recursive=True).error_class == "permission"
    assert (workspace / "a/.py-orc/orc.db").exists()


def test_deleting_works_where_folders_have_no_descriptors(
    tools: Tools, workspace: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(workspace_module, "HAS_DIR_FD", False)
    (workspace / "a").mkdir()
    tools("filesystem.write", path="a/x", content="x")
    undo = tools.with_undo("filesystem.delete", path="a", recursive=True)
    assert tree(workspace) == {}
    undo()
    assert (workspace / "a/x").read_text() == "x"


@pytest.mark.parametrize(
    ("path", "kind"),
    [("x", "file"), ("a", "folder"), ("none", "nothing"), ("dangling", "nothing"), ("l", "file")],
)
def test_existence_names_the_kind(tools: Tools, workspace: Path, path: str, kind: str):
    (workspace / "a").mkdir()
    (workspace / "x").write_text("")
    (workspace / "l").symlink_to("x")
    (workspace / "dangling").symlink_to("gone")
    assert tools("filesystem.exists", path=path) == {"exists": kind != "nothing", "kind": kind}


CALLS: list[tuple[str, dict[str, object]]] = [
    ("filesystem.write", {"path": "x", "content": "new"}),
    ("filesystem.write", {"path": "link", "content": "new"}),
    ("filesystem.write", {"path": "p/q/r", "content": "new"}),
    ("filesystem.append", {"path": "x", "content": "more"}),
    ("filesystem.append", {"path": "p/q/r", "content": "more"}),
    ("filesystem.append", {"path": "r", "content": "more"}),
    ("filesystem.copy", {"source": "x", "destination": "bin"}),
    ("filesystem.copy", {"source": "x", "destination": "p/y"}),
    ("filesystem.move", {"source": "x", "destination": "p/q/y"}),
    ("filesystem.move", {"source": "x", "destination": "bin", "overwrite": True}),
    ("filesystem.move", {"source": "a", "destination": "z"}),
    ("filesystem.move", {"source": "link", "destination": "z"}),
    ("filesystem.delete", {"path": "bin"}),
    ("filesystem.delete", {"path": "link"}),
    ("filesystem.delete", {"path": "none"}),
    ("filesystem.delete", {"path": "a", "recursive": True}),
    ("filesystem.delete", {"path": "empty"}),
]


@pytest.mark.parametrize(("action", "parameters"), CALLS, ids=str)
def test_undo_brings_back_every_byte_and_works_twice(
    tools: Tools, workspace: Path, action: str, parameters: dict[str, object]
):
    (workspace / "a/b").mkdir(parents=True)
    (workspace / "empty").mkdir()
    (workspace / "a/b/y").write_bytes(b"\0y")
    (workspace / "a/link").symlink_to("../x")
    (workspace / "x").write_bytes(b"one\r\n")
    (workspace / "x").chmod(0o600)
    (workspace / "bin").write_bytes(bytes(range(256)))
    (workspace / "bin").chmod(0o755)
    (workspace / "link").symlink_to("x")
    before = tree(workspace)
    undo = tools.with_undo(action, **parameters)
    assert (tree(workspace) == before) == (parameters.get("path") == "none")
    undo()
    assert tree(workspace) == before
    undo()
    assert tree(workspace) == before


def test_undoing_an_append_keeps_what_others_added(tools: Tools, workspace: Path):
    (workspace / "x").write_text("0")
    undo = tools.with_undo("filesystem.append", path="x", content="1")
    tools("filesystem.append", path="x", content="2")
    undo()
    assert (workspace / "x").read_text() == "02"
    (workspace / "x").write_text("0")
    undo()
    assert (workspace / "x").read_text() == "0"
    (workspace / "x").unlink()
    undo()
    assert not (workspace / "x").exists()


def test_undoing_an_append_to_a_file_that_was_rewritten_says_so(tools: Tools, workspace: Path):
    undo = tools.with_undo("filesystem.append", path="x", content="1")
    (workspace / "x").write_text("rewritten")
    with pytest.raises(ActionError, match="changed since"):
        undo()


def test_undo_of_what_a_pipe_stood_in_the_way_of_removes_nothing_else(tools: Tools, workspace: Path):
    (workspace / "a").mkdir()
    os.mkfifo(workspace / "a/pipe")
    (workspace / "a/x").write_text("x")
    undo = tools.with_undo("filesystem.delete", path="a", recursive=True)
    undo()
    assert [path.name for path in (workspace / "a").iterdir()] == ["x"]


def test_undo_refuses_what_became_dangerous_meanwhile(tools: Tools, workspace: Path):
    undo = tools.with_undo("filesystem.write", path="a/b/x", content="x")
    (workspace / "a").rename(workspace / "c")
    (workspace / "a").symlink_to("..")
    with pytest.raises(ActionError, match="leads out"):
        undo()


def test_an_absolute_path_can_be_undone(tools: Tools, workspace: Path):
    tools.with_undo("filesystem.write", path=str(workspace / "x"), content="x")()
    assert tree(workspace) == {}


def test_undo_leaves_folders_alone_that_somebody_uses_by_now(tools: Tools, workspace: Path):
    undo = tools.with_undo("filesystem.write", path="p/q/r", content="x")
    (workspace / "p/other").write_text("")
    undo()
    assert sorted(tree(workspace)) == ["p", "p/other"]


def test_what_is_too_large_to_keep_is_not_touched(tools: Tools, workspace: Path):
    (workspace / "x").write_bytes(b"1234")
    os.truncate(workspace / "x", 16_000_001)
    with pytest.raises(ActionError, match="too large to keep"):
        tools.with_undo("filesystem.write", path="x", content="")
    assert (workspace / "x").stat().st_size == 16_000_001


@pytest.mark.parametrize(
    ("action", "effect"),
    [
        ("read", Effect.READ),
        ("write", Effect.IDEMPOTENT),
        ("append", Effect.ONCE),
        ("list", Effect.READ),
        ("copy", Effect.IDEMPOTENT),
        ("move", Effect.ONCE),
        ("delete", Effect.IDEMPOTENT),
        ("exists", Effect.READ),
    ],
)
def test_each_action_declares_its_effect(tools: Tools, action: str, effect: Effect):
    assert tools.action(f"filesystem.{action}").spec.effect is effect


def test_a_plan_shows_what_is_touched(tools: Tools):
    def touched(action: str, **parameters: object) -> list[str]:
        touches = tools.action(action).touches
        assert touches
        return [f"{touch.kind} {touch.what}" for touch in touches(parameters)]

    assert touched("filesystem.read", path="a") == ["read a"]
    assert touched("filesystem.write") == ["write …"]
    assert touched("filesystem.copy", source="a", destination="b") == ["read a", "write b"]
    assert touched("filesystem.move", source="a") == ["delete a", "write …"]
    assert touched("filesystem.delete", path="a") == ["delete a"]


def fingerprint(tools: Tools, action: str, **parameters: object) -> object:
    found = tools.registry.find(action)
    assert found is not None
    assert found.fingerprint is not None
    result = found.fingerprint(parameters, tools.ctx)
    return asyncio.run(_awaited(result)) if inspect.isawaitable(result) else result


async def _awaited(result: Awaitable[object]) -> object:
    return await result


@pytest.mark.parametrize("action", ["filesystem.read", "data.read"])
def test_a_cached_read_notices_what_the_file_holds(tools: Tools, action: str):
    file = Path(tools.ctx.workspace) / "a.csv"
    file.write_text("n\n1\n")
    before = fingerprint(tools, action, path="a.csv")
    assert fingerprint(tools, action, path="a.csv") == before
    os.utime(file, (1, 1))
    assert fingerprint(tools, action, path="a.csv") == before
    file.write_text("n\n2\n")
    assert fingerprint(tools, action, path="a.csv") != before


def test_what_cannot_be_read_is_never_taken_from_the_cache(tools: Tools):
    assert fingerprint(tools, "filesystem.read", path="../out") == tools.ctx.idempotency_key
    assert fingerprint(tools, "filesystem.list", path=".") == tools.ctx.idempotency_key
    assert fingerprint(tools, "filesystem.exists", path=".") == tools.ctx.idempotency_key
