"""How a command ends: errors become sentences on stderr and exit codes, and only a bug shows a traceback."""

import sys
from collections.abc import Callable, Mapping

from orchestrator.cli.problems import print_error, problem_data
from orchestrator.cli.streams import let_go, write
from orchestrator.errors import OrchestratorError, RunInterruptedError, StoreError, UserError

COMPLETED = 0
FAILED = 1
WRONG = 2
WAITING = 3
INTERRUPTED = 130
BROKEN_PIPE = 141

BY_STATUS: Mapping[str, int] = {
    "completed": COMPLETED,
    "partial": FAILED,
    "failed": FAILED,
    "cancelled": FAILED,
    "waiting": WAITING,
    "running": INTERRUPTED,
}
"""The exit code that a run's status means."""


def guarded(work: Callable[[], int], *, json: bool = False) -> int:
    """Do a command's work and return its exit code, whatever happens.

    Args:
        work: Returns the exit code.
        json: Whether stdout gets an error as a JSON document as well.
    """
    try:
        code = work()
        sys.stdout.flush()
    except UserError as error:
        return _told(error, WRONG, json=json)
    except RunInterruptedError as error:
        return _told(error, INTERRUPTED, json=json)
    except (StoreError, OrchestratorError) as error:
        return _told(error, FAILED, json=json)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        let_go(sys.stdout)
        return BROKEN_PIPE
    except Exception:  # noqa: BLE001 - the last place to say what a traceback means
        _own_up()
        return FAILED
    return code


def _told(error: OrchestratorError, code: int, *, json: bool) -> int:
    print_error(error)
    if json:
        from orchestrator.cli.document import print_document

        print_document({"error": problem_data(error)})
    return code


def _own_up() -> None:
    """Say that it is a bug and how to report it, then show the traceback."""
    import traceback

    write(  # the sentence comes first: the last lines of a trace are what people read, the first what they copy
        sys.stderr,
        "py-orc met an error that it did not expect: a bug of its own, or of a plug-in named below.\n"
        "Please report it with this trace and the output of `py-orc doctor --json`.\n\n"
        f"{traceback.format_exc()}",
    )
