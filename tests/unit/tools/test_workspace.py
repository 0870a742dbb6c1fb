"""Paths stay in the workspace, whatever they look like and whatever is swapped meanwhile."""

import os
import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import orchestrator.tools.workspace as module
from orchestrator.errors import ActionError
from orchestrator.tools.files import read_bytes, write_bytes
from orchestrator.tools.workspace import Workspace


@pytest.fixture(params=["descriptors", "resolved paths"])
def place(request: pytest.FixtureRequest, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace beside a secret, on a platform with descriptors of folders and on one without."""
    monkeypatch.setattr(module, "HAS_DIR_FD", request.param == "descriptors")
    (workspace.parent / "secret.txt").write_text("secret")
    return Workspace(str(workspace))


def refused(workspace: Workspace, path: str) -> ActionError:
    with pytest.raises(ActionError) as caught:
        read_bytes(workspace, path)
    with pytest.raises(ActionError):
        write_bytes(workspace, path, b"mine", key="k")
    return caught.value


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "a/../../secret.txt",
        "./../secret.txt",
        "a/b/../../../secret.txt",
        "/etc/passwd",
        "//etc/passwd",
        "a\0b",
        "",
        ".py-orc/orc.db",
        "a/../.py-orc/orc.db",
        ".PY-ORC/orc.db",
        ".py-orc./orc.db",
        "..",
    ],
)
def test_a_path_that_leads_out_is_refused(place: Workspace, workspace: Path, path: str):
    (workspace / "a" / "b").mkdir(parents=True)
    error = refused(place, path)
    assert error.error_class in ("permission", "invalid_request" if path == ".." else "permission")
    assert (workspace.parent / "secret.txt").read_text() == "secret"


def test_the_refusal_names_the_path_and_the_workspace(place: Workspace, workspace: Path):
    assert str(refused(place, "../secret.txt")) == (
        f"../secret.txt leads out of the workspace; the workspace is {workspace}"
    )


def test_control_characters_of_a_path_are_not_printed(place: Workspace):
    assert "\x1b" not in str(refused(place, "\x1b[31m\0"))


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("out", "../secret.txt"),
        ("out", "/etc/passwd"),
        ("out", "missing/../../secret.txt"),
        ("folder/out", "../../secret.txt"),
        ("journal", ".py-orc/orc.db"),
        ("loop", "loop"),
    ],
)
def test_a_link_that_leads_out_is_refused(place: Workspace, workspace: Path, link: str, target: str):
    (workspace / ".py-orc").mkdir()
    (workspace / ".py-orc" / "orc.db").write_text("journal")
    (workspace / link).parent.mkdir(exist_ok=True)
    (workspace / link).symlink_to(target)
    refused(place, link)
    assert (workspace.parent / "secret.txt").read_text() == "secret"
    assert (workspace / ".py-orc" / "orc.db").read_text() == "journal"


def test_a_folder_behind_a_link_that_leads_out_is_refused(place: Workspace, workspace: Path):
    (workspace / "up").symlink_to("..")
    assert refused(place, "up/secret.txt").error_class == "permission"


@pytest.mark.parametrize("target", ["real", "./folder/../real", "{root}/real"])
def test_a_link_that_stays_inside_is_followed(place: Workspace, workspace: Path, target: str):
    (workspace / "folder").mkdir()
    (workspace / "real").write_bytes(b"one")
    (workspace / "folder" / "x").symlink_to("../real")
    (workspace / "link").symlink_to(target.replace("{root}", str(workspace)))
    assert read_bytes(place, "link") == b"one"
    assert read_bytes(place, "folder/x") == b"one"
    assert write_bytes(place, "link", b"two", key="k")["path"] == "real"
    assert (workspace / "real").read_bytes() == b"two"
    assert (workspace / "link").is_symlink()


def test_an_absolute_path_inside_counts_as_relative(place: Workspace, workspace: Path):
    (workspace / "a").write_bytes(b"x")
    assert read_bytes(place, str(workspace / "a")) == b"x"
    assert place.relative(str(workspace / "a")) == "a"
    assert place.relative(str(workspace)) == "."


def test_a_workspace_may_be_named_through_a_link(tmp_path: Path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a").write_bytes(b"x")
    (tmp_path / "link").symlink_to("real")
    workspace = Workspace(str(tmp_path / "link"))
    assert read_bytes(workspace, str(tmp_path / "link" / "a")) == b"x"
    assert str(workspace) == str(tmp_path / "real")


def test_devices_pipes_and_sockets_are_no_files(place: Workspace, workspace: Path):
    os.mkfifo(workspace / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(workspace / "socket"))
        for name in ("pipe", "socket"):
            assert refused(place, name).error_class == "permission"
            assert place.kind(name) == "other"


def test_a_device_is_refused_before_it_is_opened(place: Workspace, workspace: Path):
    try:
        os.mknod(workspace / "zero", 0o600 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("only root makes devices")
    assert "device" in str(refused(place, "zero"))


@pytest.mark.parametrize("path", ["x" * 300, "/".join(["ab"] * 2000)])
def test_names_that_are_too_long_are_refused_with_a_short_message(place: Workspace, path: str):
    error = refused(place, path)
    assert error.error_class == "invalid_request"
    assert len(str(error)) < 300


@pytest.mark.parametrize(
    ("path", "error_class"),
    [
        ("missing", "not_found"),
        ("missing/x", "not_found"),
        ("file/x", "invalid_request"),
        ("folder", "invalid_request"),
    ],
)
def test_what_is_not_a_file_has_its_own_error(place: Workspace, workspace: Path, path: str, error_class: str):
    (workspace / "file").write_text("x")
    (workspace / "folder").mkdir()
    with pytest.raises(ActionError) as caught:
        read_bytes(place, path)
    assert caught.value.error_class == error_class


def test_a_missing_workspace_says_so(tmp_path: Path):
    with pytest.raises(ActionError, match="cannot be opened"):
        read_bytes(Workspace(str(tmp_path / "none")), "x")


def test_a_file_that_may_not_be_read_is_refused(workspace: Path):
    error = Workspace(str(workspace)).failure("x", PermissionError(13, "Permission denied"))
    assert error.error_class == "permission"
    unknown = Workspace(str(workspace)).failure("x", OSError(5, "Input/output error"))
    assert (unknown.error_class, str(unknown)) == ("failed", "x: Input/output error")
    assert Workspace(str(workspace)).failure("x", OSError(40, "Too many links")).error_class == "permission"


def test_a_link_swapped_in_between_check_and_use_never_leads_out(workspace: Path):
    """One thread turns a folder into a link to the outside and back, as fast as it can."""
    outside = workspace.parent / "outside"
    outside.mkdir()
    (outside / "x").write_bytes(b"secret")
    (workspace / "good").mkdir()
    (workspace / "good" / "x").write_bytes(b"good")
    (workspace / "bad").symlink_to(outside)
    place, stop = Workspace(str(workspace)), threading.Event()

    def swap() -> None:
        while not stop.is_set():
            for name in ("good", "bad"):
                (workspace / name).rename(workspace / "d")
                (workspace / "d").rename(workspace / name)

    swapper = threading.Thread(target=swap)
    swapper.start()
    seen: set[bytes] = set()
    try:
        for number in range(3000):
            try:
                seen.add(read_bytes(place, "d/x"))
                write_bytes(place, "d/y", b"mine", key=str(number), create_directories=False)
            except ActionError:
                continue
    finally:
        stop.set()
        swapper.join()
    assert seen <= {b"good"}
    assert sorted(entry.name for entry in outside.iterdir()) == ["x"]


NAMES = st.sampled_from(["a", "b", "up", "in", "..", ".", "", "x", "out", ".py-orc", "/", "C:", "a\\b", "é"])


@settings(max_examples=300)
@given(parts=st.lists(NAMES, max_size=7))
def test_no_combination_of_names_and_links_reads_the_secret(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str]
):
    root = tmp_path_factory.getbasetemp() / "generated" / "workspace"
    if not root.exists():
        (root / "a" / "b").mkdir(parents=True)
        (root.parent / "x").write_bytes(b"secret")
        for folder in (root, root / "a", root / "a" / "b"):
            (folder / "x").write_bytes(b"public")
            (folder / "up").symlink_to("..")
            (folder / "in").symlink_to(root)
            (folder / "out").symlink_to(root.parent)
    with suppress(ActionError):
        assert read_bytes(Workspace(str(root)), "/".join(parts)) == b"public"
