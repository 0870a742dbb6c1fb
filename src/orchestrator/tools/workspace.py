"""The folder that a run's files live in, and the rules that keep paths inside it.

Paths are walked folder by folder from an open descriptor of the root, never followed by the system itself: each step
opens one name relative to the folder before it and refuses to pass through a symbolic link unseen. Links are read and
their targets walked by the same rules, so one that stays inside works, one that leads out is refused, and one that is
swapped in meanwhile meets the same checks. Where the platform has no such calls (Windows), paths are resolved and
compared instead, which leaves a moment between check and use.

Nothing may touch `.py-orc`, where the journals live.
"""

import errno
import os
import stat
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final, Literal, NamedTuple

from orchestrator.errors import ActionError

PRIVATE: Final = ".py-orc"
MAX_LINKS: Final = 40
MAX_PATH: Final = 4096
MAX_NAME: Final = 255

HAS_DIR_FD: Final = os.open in os.supports_dir_fd and os.scandir in os.supports_fd
_NO_LINK: Final = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
FOLDER_FLAGS: Final = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | _NO_LINK
FILE_FLAGS: Final = _NO_LINK | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""Never through a link, never waiting for the other end of a pipe, never with line ends changed."""

Kind = Literal["file", "folder", "link", "other", "nothing"]


class Place(NamedTuple):
    """A name in an open folder: what file operations act on."""

    folder: int | None
    """Descriptor of the folder; None where the platform has none, and `name` is a full path."""
    name: str
    """The last name; `.` is the open folder itself."""
    path: str
    """The path relative to the workspace, with `/`, links resolved up to the last name."""

    def beside(self, name: str) -> str:
        """Return what another name in the same folder is called in a system call."""
        return name if self.folder is not None else str(Path(self.name).with_name(name))


class Workspace:
    """A root folder and the paths below it.

    Every method raises ActionError: `permission` for what leaves the workspace or is no ordinary file, `not_found`
    and `invalid_request` for the rest. Messages name the path as it was given.
    """

    def __init__(self, root: str) -> None:
        self.root: Final = os.path.realpath(root)
        self._given: Final = str(Path(root).absolute())

    def __str__(self) -> str:
        return self.root

    @contextmanager
    def place(self, path: str, *, follow: bool = True, create: bool = False) -> Generator[Place]:
        """Open the folder that a path's last name stands in.

        Args:
            path: Relative to the workspace, or absolute and inside it.
            follow: Whether a symbolic link at the end stands for its target or for itself.
            create: Whether missing folders on the way are made.
        """
        parts = self._parts(path)
        try:
            if not HAS_DIR_FD:
                yield self._resolved(path, parts, follow=follow, create=create)
                return
            with closing(_Walk(self, path, create=create)) as walk:
                name = walk.go(parts, follow=follow)
                names = walk.names if name == "." else [*walk.names, name]
                yield Place(walk.folder, name, "/".join(names) or ".")
        except OSError as error:
            raise self.failure(path, error) from error

    def relative(self, path: str) -> str:
        """Return the path from the workspace, links resolved."""
        with self.place(path) as place:
            return place.path

    def kind(self, path: str, *, follow: bool = True) -> Kind:
        """Return what stands at a path."""
        try:
            with self.place(path, follow=follow) as place:
                return kind_of(place)
        except ActionError as error:
            if error.error_class == "not_found":
                return "nothing"
            raise

    @contextmanager
    def open(self, path: str, flags: int = os.O_RDONLY) -> Generator[int]:
        """Open an existing ordinary file; gives its descriptor."""
        with self.place(path) as place:
            if self.check_file(path, place) == "nothing":
                raise self.missing(path)
            descriptor = os.open(place.name, flags | FILE_FLAGS, dir_fd=place.folder)
            try:
                self.check_open_file(path, descriptor)
                yield descriptor
            finally:
                os.close(descriptor)

    @contextmanager
    def folder(self, path: str) -> Generator[int | str]:
        """Open an existing folder; gives its descriptor, or its full path where the platform has none."""
        with self.place(path) as place:
            if place.folder is None:
                if kind_of(place) != "folder":
                    raise ActionError(f"{path} is not a folder", error_class="invalid_request")
                yield place.name
                return
            descriptor = os.open(place.name, FOLDER_FLAGS, dir_fd=place.folder)
            try:
                yield descriptor
            finally:
                os.close(descriptor)

    def check_file(self, path: str, place: Place) -> Kind:
        """Return `file` or `nothing`; raises ActionError when anything else stands at a place."""
        kind = "folder" if place.name == "." else kind_of(place)
        if kind == "folder":
            raise ActionError(f"{_shown(path)} is a folder, not a file", error_class="invalid_request")
        if kind == "other":
            raise self.refusal(path, "is a device, pipe or socket, not an ordinary file")
        if kind == "link":
            raise self.refusal(path, "became a symbolic link while it was in use")
        return kind

    def check_open_file(self, path: str, descriptor: int) -> None:
        """Raise ActionError unless what was opened is an ordinary file: it may have been swapped since `check_file`."""
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise self.refusal(path, "is a device, pipe or socket, not an ordinary file")

    def missing(self, path: str) -> ActionError:
        """Return the error for a path where nothing stands."""
        return ActionError(
            f"{_shown(path)} does not exist in the workspace {self.root}", error_class="not_found"
        )

    def refusal(self, path: str, reason: str) -> ActionError:
        """Return the error for a path that may not be used."""
        return ActionError(
            f"{_shown(path)} {reason}; the workspace is {self.root}",
            error_class="permission",
            retryable=False,
        )

    def failure(self, path: str, error: OSError) -> ActionError:
        """Return the error that stands for a system's answer about a path."""
        code = error.errno
        if code == errno.ENOENT:
            return self.missing(path)
        if code in (errno.EACCES, errno.EPERM, errno.EROFS):
            return self.refusal(path, f"cannot be used: {error.strerror}")
        if code in (errno.ELOOP, errno.EMLINK):
            return self.refusal(path, "became a symbolic link while it was in use")
        sentence = _SENTENCES.get(code or 0)
        if sentence:
            return ActionError(f"{_shown(path)} {sentence}", error_class="invalid_request")
        return ActionError(f"{_shown(path)}: {error.strerror or error}", error_class="failed")

    def _parts(self, path: str) -> list[str]:
        """Split a path by its letters alone; the walk judges what they lead to."""
        if not path or "\0" in path:
            raise self.refusal(path, "is not a path")
        if len(os.fsencode(path)) > MAX_PATH:
            raise ActionError(f"{_shown(path)} is longer than a path may be", error_class="invalid_request")
        local = path.replace("\\", "/") if os.name == "nt" else path
        if local.startswith("/") or Path(path).drive:
            local = self._below(path)
        parts = [part for part in local.split("/") if part not in ("", ".")]
        if any(len(os.fsencode(part)) > MAX_NAME for part in parts):
            raise ActionError(f"{_shown(path)} has a name that is too long", error_class="invalid_request")
        return parts

    def _below(self, path: str) -> str:
        """Return the part of an absolute path below the workspace."""
        for root in (self.root, self._given):
            if path == root or path.startswith(root.rstrip("/" + os.sep) + os.sep):
                return path[len(root) :].replace(os.sep, "/").lstrip("/")
        raise self.refusal(path, "is an absolute path outside of the workspace")

    def _resolved(self, path: str, parts: Sequence[str], *, follow: bool, create: bool) -> Place:
        """Resolve and compare: the way of platforms without descriptors of folders."""
        full = Path(self.root, *parts)
        target = Path(os.path.realpath(full if follow else full.parent))
        if not follow and parts:
            target /= full.name
        if not target.is_relative_to(self.root):
            raise self.refusal(path, "leads out of the workspace")
        relative = target.relative_to(self.root)
        if any(is_private(part) for part in relative.parts):
            raise self.refusal(path, f"is in {PRIVATE}, which belongs to py-orc")
        if create:
            target.parent.mkdir(parents=True, exist_ok=True)
        return Place(None, str(target), relative.as_posix())


def kind_of(place: Place) -> Kind:
    """Return what stands at a place, links not followed."""
    try:
        status = os.stat(place.name, dir_fd=place.folder, follow_symlinks=False)
    except FileNotFoundError:
        return "nothing"
    return kind_of_mode(status.st_mode)


def kind_of_mode(mode: int) -> Kind:
    """Return the kind that a file mode says."""
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "folder"
    return "link" if stat.S_ISLNK(mode) else "other"


def is_private(name: str) -> bool:
    """Return whether a name is that of py-orc's own folder, on file systems that fold case too."""
    return name.rstrip(". ").casefold() == PRIVATE


class _Walk:
    """A way down from the root with every folder on it held open, so that `..` is the folder it came from."""

    def __init__(self, workspace: Workspace, path: str, *, create: bool) -> None:
        self._workspace = workspace
        self._path = path
        self._create = create
        self._links = 0
        self.names: list[str] = []
        try:
            self._open = [os.open(workspace.root, FOLDER_FLAGS)]
        except OSError as error:
            raise ActionError(
                f"the workspace {workspace.root} cannot be opened: {error.strerror}", error_class="not_found"
            ) from error

    @property
    def folder(self) -> int:
        return self._open[-1]

    def close(self) -> None:
        for descriptor in self._open:
            os.close(descriptor)

    def go(self, parts: Sequence[str], *, follow: bool) -> str:
        """Walk to the folder of the last name and return that name; `.` when the path ends at a folder itself."""
        todo = list(reversed(parts))
        while todo:
            part = todo.pop()
            if part == "..":
                self._up()
                continue
            if is_private(part):
                raise self._workspace.refusal(self._path, f"is in {PRIVATE}, which belongs to py-orc")
            if not todo and not follow:
                return part
            target = self._link(part)
            if target is not None:
                todo += reversed(self._target(target))
            elif not todo:
                return part
            else:
                self._down(part)
        return "."

    def _up(self) -> None:
        if not self.names:
            raise self._workspace.refusal(self._path, "leads out of the workspace")
        self.names.pop()
        os.close(self._open.pop())

    def _down(self, part: str) -> None:
        try:
            descriptor = os.open(part, FOLDER_FLAGS, dir_fd=self.folder)
        except FileNotFoundError:
            if not self._create:
                raise
            with suppress(FileExistsError):
                os.mkdir(part, dir_fd=self.folder)
            descriptor = os.open(part, FOLDER_FLAGS, dir_fd=self.folder)
        self._open.append(descriptor)
        self.names.append(part)

    def _link(self, part: str) -> str | None:
        try:
            return os.readlink(part, dir_fd=self.folder)
        except FileNotFoundError:
            return None
        except OSError as error:
            if error.errno == errno.EINVAL:  # not a link
                return None
            raise

    def _target(self, target: str) -> list[str]:
        self._links += 1
        if self._links > MAX_LINKS:
            raise self._workspace.refusal(self._path, "goes through too many symbolic links")
        if target.startswith("/"):
            root = self._workspace.root
            if target != root and not target.startswith(f"{root.rstrip('/')}/"):
                raise self._workspace.refusal(
                    self._path, "leads out of the workspace through a symbolic link"
                )
            while self.names:
                self._up()
            target = target[len(root) :]
        return [part for part in target.split("/") if part not in ("", ".")]


def _shown(path: str) -> str:
    """Return a path for a message: quoted when it holds what a terminal would act on, cut when it is long."""
    text = path if path and path.isprintable() else ascii(path)
    return f"{text[:200]}…" if len(text) > 200 else text


_SENTENCES: Final = {
    errno.EISDIR: "is a folder, not a file",
    errno.ENOTDIR: "goes through something that is not a folder",
    errno.ENAMETOOLONG: "has a name that is too long",
    errno.ENOTEMPTY: "is a folder that is not empty",
    errno.EEXIST: "exists already",
    errno.EXDEV: "is on another file system; copy it instead",
    errno.EINVAL: "is not a possible name here",
}
