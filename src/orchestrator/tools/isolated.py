"""Work that may run away, in a Python of its own that is killed when it takes too long, too much or says too much.

The program is started with `-I -S` and an empty environment; it reads its task as JSON from stdin, limits its own memory
and answers `{"value": …}` or `{"error": …}`.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple, cast

from orchestrator.core.action import ActionContext
from orchestrator.errors import ActionError
from orchestrator.tools.process import Ended, Program, run_process

MEMORY: Final = 512_000_000


class Job(NamedTuple):
    """Work for another process."""

    what: str
    """What it is, for messages."""
    arguments: tuple[str, ...]
    """What follows `python -I -S`."""
    task: Mapping[str, object]
    seconds: float
    max_output: int


async def run_isolated(job: Job, ctx: ActionContext) -> object:
    """Return what the process answers; raises ActionError: `timeout`, `invalid_request`, `failed`."""
    program = Program(
        arguments=[sys.executable, "-I", "-S", *job.arguments],
        environment={} if os.name != "nt" else {"SYSTEMROOT": os.environ["SYSTEMROOT"]},
        folder=str(Path(sys.executable).parent),
        stdin=json.dumps({**job.task, "memory": MEMORY, "seconds": job.seconds}, default=str).encode(),
        max_output=job.max_output,
    )
    try:
        ended = await run_process(program, ctx.clock, limit=job.seconds)
    except TimeoutError as error:
        raise ActionError(
            f"{job.what} took longer than {job.seconds:g} s and was killed",
            error_class="timeout",
            retryable=False,
        ) from error
    return _answer(job, ended)


def _answer(job: Job, ended: Ended) -> object:
    if ended.truncated:
        raise ActionError(f"{job.what} gives more than {job.max_output} bytes", error_class="invalid_request")
    if ended.exit_code != 0:
        raise ActionError(
            f"{job.what} used too much memory or died (exit code {ended.exit_code}): {_last_line(ended)}",
            error_class="failed",
            retryable=False,
        )
    answer = cast("dict[str, object]", json.loads(ended.stdout))
    if "error" in answer:
        raise ActionError(
            f"{job.what}: {answer['error']}", error_class=str(answer.get("class", "invalid_request"))
        )
    return answer["value"]


def _last_line(ended: Ended) -> str:
    return ended.stderr_tail.decode(errors="replace").strip().rpartition("\n")[2]
