"""Bringing the lock of a pipeline file up to date, and telling how it stands."""

from collections.abc import Iterator, Mapping
from typing import Literal, cast

from msgspec import Struct

from orchestrator.app.inventory import all_steps
from orchestrator.app.lock_files import read_lock, write_lock
from orchestrator.core.lock import LockedAnswer
from orchestrator.core.pipeline import Pipeline, Step
from orchestrator.models.auto import Answerer, OpenQuestion, locked_answer
from orchestrator.models.gateway import Caller

Standing = Literal["kept", "new", "changed", "removed"]


class LockLine(Struct, frozen=True, kw_only=True):
    """How one value stands."""

    at: str
    standing: Standing
    """`kept` as it was, `new` or `changed` because it was missing or stale, `removed` because its tag is gone."""
    before: LockedAnswer | None = None
    after: LockedAnswer | None = None

    def as_data(self) -> Mapping[str, object]:
        """Return plain data."""
        return {
            "at": self.at,
            "standing": self.standing,
            "before": self.before and self.before.value,
            "after": self.after and self.after.value,
            "model": self.after.model if self.after else None,
            "cost": str(self.after.cost) if self.after and self.after.cost is not None else None,
        }


def examine_lock(pipeline: Pipeline) -> list[LockLine]:
    """Return how each value stands, without asking anybody; what has to be decided has no `after`."""
    kept = {answer.at: answer for answer in read_lock(pipeline.file)}
    lines: list[LockLine] = []
    for question, _ in open_questions(pipeline):
        before = kept.pop(question.at, None)
        if before is not None and before.context == question.context:
            lines.append(LockLine(at=question.at, standing="kept", before=before, after=before))
        else:
            lines.append(LockLine(at=question.at, standing="changed" if before else "new", before=before))
    return lines + [LockLine(at=at, standing="removed", before=answer) for at, answer in kept.items()]


async def update_lock(
    pipeline: Pipeline, answerer: Answerer, *, write: bool = True, renew: bool = False
) -> list[LockLine]:
    """Decide what is missing or stale (with `renew` everything) and write the lock; returns what became of each value."""
    standing = {line.at: line for line in examine_lock(pipeline)}
    lines: list[LockLine] = []
    for question, wish in open_questions(pipeline):
        line = standing.pop(question.at)
        if line.standing == "kept" and not renew:
            lines.append(line)
            continue
        outcome = await answerer.ask(question, wish, Caller(task=question.at, purpose="auto"))
        if not outcome.model:  # its default: nobody could be asked, so there is nothing to pin
            lines.append(line)
            continue
        after = locked_answer(question, outcome)
        how: Standing = "changed" if line.before else "new"
        lines.append(LockLine(at=line.at, standing=how, before=line.before, after=after))
    if write:
        answers = [line.after for line in lines if line.after is not None]
        if answers or standing:
            write_lock(pipeline.file, answers)
    return lines + [line for line in standing.values() if line.standing == "removed"]


def open_questions(pipeline: Pipeline) -> Iterator[tuple[OpenQuestion, object]]:
    """Yield each early question of a file with the `model` of its step, in the order of the file."""
    for _, step in all_steps(pipeline):
        yield from _of_step(step)


def _of_step(step: Step) -> Iterator[tuple[OpenQuestion, object]]:
    for value in step.open_values:
        if value.early:
            yield OpenQuestion.of(cast("Mapping[str, object]", value.call.parameters.render({}))), step.model
