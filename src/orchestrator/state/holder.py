"""Who holds a run: a process, named so exactly that another process can tell whether it still lives.

A pid alone is not enough: pids are used again, in other containers, and after a restart of the machine. So a holder is
the pid, the start time of its process, the namespace its pid counts in, and the boot of the machine.
"""

import os
import sys
from pathlib import Path
from typing import NamedTuple

_PROC = Path("/proc")


class Holder(NamedTuple):
    """One process; empty texts stand for what the system does not tell."""

    pid: int
    started: str
    """Clock ticks between the boot and the start of the process."""
    boot: str
    namespace: str
    """The pid namespace."""
    host: str

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host or 'this machine'}"


def holder_of(parts: object) -> Holder:
    """Return the holder that was kept as these parts; raises ValueError for what names none."""
    match parts:
        case [int(pid), str(started), str(boot), str(namespace), str(host)] if 0 < pid < 2**31:
            return Holder(pid, started, boot, namespace, host)
        case _:
            raise ValueError(parts)


def this_process() -> Holder:
    """Return the holder that this process is."""
    return Holder(
        pid=os.getpid(),
        started=_start_time(os.getpid()),
        boot=_read(_PROC / "sys/kernel/random/boot_id"),
        namespace=_namespace(),
        host=os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", ""),
    )


def is_alive(holder: Holder, *, seen_by: Holder) -> bool:
    """Return whether the process may still be there; what cannot be seen from here counts as alive."""
    if holder.boot != seen_by.boot:
        return holder.host != seen_by.host
    if not holder.boot and holder.host != seen_by.host:
        return True
    if holder.namespace != seen_by.namespace:
        return True
    if not holder.started:
        return _answers(holder.pid)
    return _start_time(holder.pid) == holder.started


def _start_time(pid: int) -> str:
    """Return the start time of a process; empty when it is gone, or dead and not yet reaped."""
    # The name of the program stands in brackets and may hold anything, brackets included.
    fields = _read(_PROC / str(pid) / "stat").rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 and fields[0] not in "ZXx" else ""


def _namespace() -> str:
    try:
        return str((_PROC / "self/ns/pid").readlink())
    except OSError:
        return ""


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""


def _answers(pid: int) -> bool:
    if sys.platform == "win32":
        return _answers_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _answers_on_windows(pid: int) -> bool:  # pragma: no cover
    # `os.kill(pid, 0)` would send Ctrl-C here.
    import ctypes

    kernel = ctypes.CDLL("kernel32")
    handle = kernel.OpenProcess(0x1000, 0, pid)
    if handle:
        kernel.CloseHandle(handle)
    return bool(handle)
