"""The command `py-orc`: answers what must be quick by itself, and hands the rest to the command line."""

import gc
import io
import os
import sys


def main() -> int:
    """Run the command line and return its exit code."""
    _open_streams()
    try:
        code = _answered(sys.argv[1:])
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 130
    except (
        OSError
    ) as error:  # commands tell about their own; this is help, or a version, that cannot be written
        return _unwritable(error)
    return code


def _open_streams() -> None:
    """Make all three streams usable: one that the caller closed leads nowhere.

    Otherwise the next file that is opened would take its number, and get what is meant for the stream.
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # whatever a run holds can be printed anywhere


def _unwritable(error: OSError) -> int:
    from orchestrator.cli.streams import let_go, unwritable, write

    let_go(sys.stdout)
    if isinstance(error, BrokenPipeError):
        return 141
    write(sys.stderr, f"error: {unwritable(error)}\n")
    return 1


def _answered(words: list[str]) -> int:
    if words == ["--version"]:
        return _version()
    gc.disable()  # what is imported now stays: nothing to collect, and looking costs a tenth of the start
    if words[:1] == ["run"]:
        from orchestrator.cli.run_arguments import read_run_arguments

        arguments = read_run_arguments(words[1:])
        if arguments is not None:
            from orchestrator.cli.run import run

            _collect_from_here()
            return run(arguments)
    from orchestrator.cli.application import main as application

    _collect_from_here()
    return application(words)


def _collect_from_here() -> None:
    gc.freeze()
    gc.enable()


def _version() -> int:
    sys.stdout.write(f"py-orc {_installed() or _looked_up()}\n")
    return 0


def _installed() -> str:
    """Return the version in the name of the installation's folder: `importlib.metadata` costs four starts of Python."""
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")  # noqa: PTH208 - pathlib is not imported here, for the same reason
        except OSError:
            continue
        for name in names:
            if name.startswith("py_orc-") and name.endswith(".dist-info"):
                return name[len("py_orc-") : -len(".dist-info")]
    return ""


def _looked_up() -> str:
    from importlib.metadata import version

    return version("py-orc")


if __name__ == "__main__":
    sys.exit(main())
