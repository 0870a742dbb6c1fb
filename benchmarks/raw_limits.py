"""The least that each workload can cost on this machine: no features, no safety, no names."""

import asyncio
from collections import deque
from collections.abc import Sequence


async def raw_dag(dependencies: Sequence[Sequence[int]]) -> None:
    """Run no-op coroutines in the order of a graph: a bare asyncio DAG loop."""
    dependents: list[list[int]] = [[] for _ in dependencies]
    for index, befores in enumerate(dependencies):
        for before in befores:
            dependents[before].append(index)
    missing = [len(befores) for befores in dependencies]
    ready = deque(index for index, count in enumerate(missing) if count == 0)
    tasks: dict[asyncio.Task[int], int] = {}
    results: dict[int, int] = {}
    while ready or tasks:
        while ready:
            index = ready.popleft()
            tasks[asyncio.create_task(_work(index))] = index
        for task in (await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED))[0]:
            index = tasks.pop(task)
            results[index] = task.result()
            for after in dependents[index]:
                missing[after] -= 1
                if missing[after] == 0:
                    ready.append(after)


async def _work(value: int) -> int:
    return value
