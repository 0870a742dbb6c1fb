"""The command `py-orc`: answers what must be quick by itself, and hands the rest to the command line."""

import sys


def main() -> int:
    """Run the command line and return its exit code."""
    words = sys.argv[1:]
    if words == ["--version"]:
        return _version()
    if words[:1] == ["run"]:
        from orchestrator.cli.run_arguments import read_run_arguments

        arguments = read_run_arguments(words[1:])
        if arguments is not None:
            from orchestrator.cli.run import run

            return run(arguments)
    from orchestrator.cli.application import main as application

    return application(words)


def _version() -> int:
    from orchestrator import __version__

    sys.stdout.write(f"py-orc {__version__}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
