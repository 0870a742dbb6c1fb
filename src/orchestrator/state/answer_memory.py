"""Model answers in the memory of this process: the nearest level, bounded, the least recently used go first."""

from orchestrator.core.response_cache import KeptAnswer

ROOM = 64_000_000
"""Bytes of answers that are kept."""


class AnswerMemory:
    """Answers as long as this object lives."""

    def __init__(self, *, room: int = ROOM) -> None:
        self._room = room
        self._taken = 0
        self._answers: dict[str, KeptAnswer] = {}
        """The least recently used first."""

    async def get(self, key: str, *, now: float) -> KeptAnswer | None:
        """Return the entry unless it is missing or expired."""
        answer = self._take(key)
        if answer is None or (answer.expires is not None and answer.expires <= now):
            return None
        self._keep(key, answer)
        return answer

    async def put(self, key: str, answer: KeptAnswer, *, now: float) -> None:
        """Keep an answer; one that is larger than the room is not kept."""
        del now
        self._take(key)
        if len(answer.content) > self._room:
            return
        self._keep(key, answer)
        while self._taken > self._room:
            self._take(next(iter(self._answers)))

    async def clear(self, tag: str = "") -> int:
        """Forget what has the tag, everything where it is empty."""
        keys = [key for key, answer in self._answers.items() if not tag or tag in answer.tags]
        for key in keys:
            self._take(key)
        return len(keys)

    async def close(self) -> None:
        """Forget everything."""
        await self.clear()

    def _keep(self, key: str, answer: KeptAnswer) -> None:
        self._answers[key] = answer
        self._taken += len(answer.content)

    def _take(self, key: str) -> KeptAnswer | None:
        answer = self._answers.pop(key, None)
        if answer is not None:
            self._taken -= len(answer.content)
        return answer
