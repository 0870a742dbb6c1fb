"""The workloads, each as a pair: the raw limit and py-orc, timed in turns."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import yaml

from benchmarks.measure import Figure, medians, timed
from benchmarks.pipelines import chain, fan_out
from benchmarks.raw_limits import raw_dag
from orchestrator.app.machine import SystemClock, SystemRandomness
from orchestrator.compiler import compile_text
from orchestrator.core.ids import new_run_id
from orchestrator.core.journal import RunCreated
from orchestrator.core.pipeline import Pipeline
from orchestrator.core.run_state import fold
from orchestrator.core.store import Store
from orchestrator.engine import ACTIONS, Engine
from orchestrator.state.open import open_store
from orchestrator.testing import ActionTable

_TABLE = ActionTable.of(*ACTIONS)
_BARE = 8
"""Milliseconds that `python -c pass` takes on the machine for which the goals of the start-up were set."""
_CLOCK, _CHANCE = SystemClock(), SystemRandomness()


def figures() -> Iterator[Figure]:
    """Measure everything, one row after the other."""
    yield _in_memory("chain of 1,000, in memory", chain(1000), [(i - 1,) if i else () for i in range(1000)])
    fan = [(), *[(0,)] * 1000, tuple(range(1, 1001))]
    yield _in_memory("fan-out of 1,000 and join, in memory", fan_out(1000), fan)
    yield _growth()
    yield _compile("compile of 1,000 steps, a template in each", chain(1000), 1000, goal=2.0)
    yield _compile("the same, with an operator in each", chain(1000, operator=" + 1"), 1000)
    yield from _start_up()


def _in_memory(workload: str, text: str, dependencies: Sequence[Sequence[int]]) -> Figure:
    pipeline = _compiled(text)
    count = len(dependencies)
    raw, ours = medians(
        [lambda: timed(lambda: asyncio.run(raw_dag(dependencies))), lambda: _run_time(pipeline, "memory:")],
        rounds=9,
    )
    return Figure(workload, raw / count, ours / count, 2.0, "asyncio DAG loop")


def _growth() -> Figure:
    def per_step(length: int) -> Callable[[], float]:
        text = chain(length)
        return lambda: (timed(lambda: _compiled(text)) + _run_time(_compiled(text), "memory:")) / length

    small, large = medians([per_step(100), per_step(10_000)], rounds=5)
    return Figure("cost per step at 10,000, compile included", small, large, 1.3, "the same at 100")


def _compile(workload: str, text: str, length: int, *, goal: float | None = None) -> Figure:
    raw, ours = medians(
        [lambda: timed(lambda: yaml.load(text, yaml.CSafeLoader)), lambda: timed(lambda: _compiled(text))],
        rounds=9,
    )
    return Figure(workload, raw / length, ours / length, goal, "C YAML parse")


def _start_up() -> Iterator[Figure]:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    command = str(Path(sys.executable).with_name("py-orc"))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "one.yaml"
        file.write_text(
            "name: one\nsteps:\n  - {id: a, action: let, with: {v: 1}}\noutputs: {v: '{{ steps.a.v }}'}\n"
        )
        lines = {
            "py-orc --version (50 ms)": ([command, "--version"], 50 / _BARE),
            "py-orc --help (250 ms)": ([command, "--help"], 250 / _BARE),
            "py-orc run, a one-step file (150 ms)": ([command, "run", str(file), "--quiet"], 150 / _BARE),
        }

        def process(line: list[str]) -> Callable[[], float]:
            return lambda: timed(
                lambda: subprocess.run(line, cwd=folder, env=environment, check=True, capture_output=True)
            )

        bare = [sys.executable, "-c", "pass"]
        times = medians([process(bare), *[process(line) for line, _ in lines.values()]], rounds=11)
        for (workload, (_, goal)), ours in zip(lines.items(), times[1:], strict=True):
            yield Figure(workload, times[0], ours, goal, "python -c pass", "process")


def _compiled(text: str) -> Pipeline:
    return compile_text(text, file="bench.yaml", actions=_TABLE)


def _run_time(pipeline: Pipeline, url: str) -> float:
    """Return the seconds between handing over a compiled pipeline and its result."""

    async def run() -> float:
        store: Store = open_store(url)
        engine = Engine(_TABLE, clock=_CLOCK, randomness=_CHANCE)
        began = time.perf_counter()
        created = RunCreated(
            at=_CLOCK.now(),
            run_id=new_run_id(_CLOCK, _CHANCE),
            pipeline=pipeline.name,
            document=pipeline.document,
            documents={},
            inputs={},
            workspace=".",
            actions={},
        )
        journal = await store.create(created)
        state = await engine.run(pipeline, fold([created]), journal)
        seconds = time.perf_counter() - began
        assert state.status == "completed", state.failure
        await store.close()
        return seconds

    return asyncio.run(run())
