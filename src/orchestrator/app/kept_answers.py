"""Where answers of models are kept: in memory, in the project's folder, and in a Redis where one is named."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from orchestrator.core.clock import Clock, Randomness
from orchestrator.core.loopback import is_loopback
from orchestrator.core.response_cache import AnswerLevel, SharedLevel
from orchestrator.errors import SetupError
from orchestrator.settings import Settings

if TYPE_CHECKING:
    from orchestrator.models.response_cache import ResponseCache


def answers_file(settings: Settings) -> Path:
    """Return the file of a project's answers; deleting it loses nothing but time and money."""
    return settings.root / ".py-orc" / "answers.db"


def kept_answers(settings: Settings, clock: Clock, randomness: Randomness) -> "ResponseCache":
    """Return the answers that the settings say where to keep.

    With the store `memory:` nothing is written to disk. Offline, a Redis elsewhere is left alone.
    """
    from orchestrator.models.response_cache import ResponseCache
    from orchestrator.state.answer_file import AnswerFile
    from orchestrator.state.answer_memory import AnswerMemory

    levels: list[AnswerLevel] = [AnswerMemory()]
    if settings.store != "memory:":
        levels.append(AnswerFile(answers_file(settings)))
    shared = _redis(settings)
    if shared is not None:
        levels.append(shared)
    owner = randomness.bytes(16).hex()
    return ResponseCache(levels, clock=clock, shared=shared, ttl=settings.cache.ttl, owner=owner)


def _redis(settings: Settings) -> SharedLevel | None:
    from urllib.parse import urlsplit

    url = settings.cache.redis
    if not url or (settings.offline and not is_loopback(urlsplit(url).hostname or "")):
        return None
    if find_spec("redis") is None:
        raise SetupError(
            "`redis` under [cache] needs the package redis",
            hint='install it with: pip install "py-orc[redis]"',
        )
    from orchestrator.integrations.redis import RedisAnswers

    return RedisAnswers(url)
