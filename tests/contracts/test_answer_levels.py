"""What every level of kept answers promises: in memory, in a file, in a real Redis."""

import asyncio
from pathlib import Path

import pytest

from doubles.valkey import valkey
from orchestrator.core.response_cache import KeptAnswer
from orchestrator.errors import StoreError
from orchestrator.integrations.redis import RedisAnswers
from orchestrator.state.answer_file import AnswerFile
from orchestrator.state.answer_memory import AnswerMemory

NOW = 1_800_000_000.0
ANSWER = KeptAnswer(b'{"text":"\xc3\xa9"}\x00', None, ("openai", "openai:small"))


@pytest.fixture(scope="module")
def server():
    with valkey() as url:
        yield url


@pytest.fixture(params=["memory", "file", "redis"])
def level(request, tmp_path):
    if request.param == "memory":
        return AnswerMemory()
    if request.param == "file":
        return AnswerFile(tmp_path / ".py-orc" / "answers.db")
    return RedisAnswers(request.getfixturevalue("server"), prefix=f"{tmp_path.name}:")


def play(level, scenario):
    """Play a scenario with a level and close it."""

    async def playing():
        try:
            return await scenario(level)
        finally:
            await level.close()

    return asyncio.run(playing())


def test_what_was_kept_comes_back_as_it_was(level):
    async def scenario(level):
        await level.put("a", ANSWER, now=NOW)
        return await level.get("a", now=NOW), await level.get("b", now=NOW)

    assert play(level, scenario) == (ANSWER, None)


def test_nothing_is_there_at_first(level):
    async def scenario(level):
        return await level.get("a", now=NOW), await level.clear(), await level.clear("openai")

    assert play(level, scenario) == (None, 0, 0)


def test_a_later_answer_takes_the_place_of_the_earlier_with_its_tags(level):
    async def scenario(level):
        await level.put("a", ANSWER, now=NOW)
        await level.put("a", KeptAnswer(b"new", None, ("other",)), now=NOW)
        found = await level.get("a", now=NOW)
        return found.content, found.tags, await level.clear("other"), await level.get("a", now=NOW)

    assert play(level, scenario) == (b"new", ("other",), 1, None)


@pytest.mark.parametrize(("later", "is_there"), [(59.9, True), (60, False), (1e6, False)])
def test_an_answer_is_forgotten_at_its_end(level, later, is_there):
    async def scenario(level):
        await level.put("a", KeptAnswer(b"x", NOW + 60), now=NOW)
        found = await level.get("a", now=NOW + later)
        return found is not None

    assert play(level, scenario) is is_there


def test_a_tag_forgets_only_what_has_it(level):
    async def scenario(level):
        for key, tags in (("a", ("openai", "openai:small")), ("b", ("openai", "openai:large")), ("c", ())):
            await level.put(key, KeptAnswer(b"x", NOW + 60, tags), now=NOW)
        small = await level.clear("openai:small")
        left = [key for key in "abc" if await level.get(key, now=NOW)]
        return small, left, await level.clear("openai"), await level.clear("openai")

    assert play(level, scenario) == (1, ["b", "c"], 1, 0)


def test_everything_can_be_forgotten(level):
    async def scenario(level):
        for key in "abc":
            await level.put(key, ANSWER, now=NOW)
        return await level.clear(), [await level.get(key, now=NOW) for key in "abc"]

    assert play(level, scenario) == (3, [None] * 3)


# -- what only some of them do ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["file", "redis"])
def test_another_process_sees_it(kind, tmp_path, request):
    def opened():
        if kind == "file":
            return AnswerFile(tmp_path / "answers.db")
        return RedisAnswers(request.getfixturevalue("server"), prefix=f"{tmp_path.name}:")

    async def put(level):
        await level.put("a", ANSWER, now=NOW)

    async def get(level):
        return await level.get("a", now=NOW)

    first = opened()
    play(first, put)
    assert play(opened(), get) == ANSWER
    assert play(first, get) == ANSWER, "closed, it opens again, in another event loop too"


def test_the_memory_lets_go_of_what_was_not_used_for_longest():
    async def scenario(level):
        for key in "abc":
            await level.put(key, KeptAnswer(b"12345"), now=NOW)
            await level.get("a", now=NOW)
        await level.put("d", KeptAnswer(b"larger than all the room"), now=NOW)
        return [key for key in "abcd" if await level.get(key, now=NOW)]

    assert play(AnswerMemory(room=10), scenario) == ["a", "c"]


def test_the_file_is_its_owners_alone_and_stays_out_of_git(tmp_path):
    file = tmp_path / ".py-orc" / "answers.db"

    async def scenario(level):
        await level.put("a", ANSWER, now=NOW)
        return file.stat().st_mode & 0o777, (file.parent / ".gitignore").read_text()

    assert play(AnswerFile(file), scenario) == (0o600, "*\n")


def test_the_file_drops_what_has_expired_when_it_keeps_more(tmp_path):
    async def scenario(level):
        await level.put("old", KeptAnswer(b"x", NOW + 1, ("t",)), now=NOW)
        await level.put("new", KeptAnswer(b"x", None, ("t",)), now=NOW + 2)
        return await level.clear("t")

    assert play(AnswerFile(tmp_path / "a.db"), scenario) == 1


@pytest.mark.parametrize("content", [b"no database" * 100, b""])
def test_a_file_that_is_none_of_ours_is_told_and_left(tmp_path, content):
    file: Path = tmp_path / "answers.db"
    file.write_bytes(content)

    async def scenario(level):
        try:
            return await level.get("a", now=NOW)
        except StoreError as error:
            return str(error)

    found = play(AnswerFile(file), scenario)
    if not content:
        assert found is None
        return
    assert found.startswith("the kept answers cannot be used: file is not a database — ")
    assert found.endswith("→ nothing is lost when you delete that file.")
    assert file.read_bytes() == content


def test_a_file_of_a_newer_format_is_left(tmp_path):
    import sqlite3

    file = tmp_path / "answers.db"
    database = sqlite3.connect(file)
    database.execute("PRAGMA user_version=99")
    database.close()

    async def scenario(level):
        await level.put("a", ANSWER, now=NOW)

    with pytest.raises(StoreError, match="its format is 99, this py-orc writes 1"):
        play(AnswerFile(file), scenario)


def test_a_redis_that_is_not_there_is_told_without_its_password():
    async def scenario(level):
        with pytest.raises(StoreError) as raised:
            await level.get("a", now=NOW)
        return str(raised.value)

    told = play(RedisAnswers("redis://:secret@127.0.0.1:1/0"), scenario)
    assert "127.0.0.1:1/0" in told
    assert "secret" not in told
    assert "[cache] in py-orc.toml" in told


def test_what_another_program_put_into_redis_is_no_answer(server):
    async def scenario(level):
        with level._troubles() as redis:
            await redis.set(level._answer("a"), b"\xc1 not ours")
        return await level.get("a", now=NOW)

    assert play(RedisAnswers(server, prefix="foreign:"), scenario) is None


def test_redis_forgets_by_itself(server):
    async def scenario(level):
        await level.put("a", KeptAnswer(b"x", NOW + 100, ("t",)), now=NOW)
        with level._troubles() as redis:
            return await redis.ttl(level._answer("a"))

    assert 90 < play(RedisAnswers(server, prefix="ttl:"), scenario) <= 100


def test_only_one_owner_has_a_claim_and_only_that_one_ends_it(server):
    async def scenario(level):
        first = await level.claim("a", "me", seconds=30)
        again = await level.claim("a", "me", seconds=30)
        other = await level.claim("a", "you", seconds=30)
        await level.release("a", "you")
        still = await level.claim("a", "you", seconds=30)
        await level.release("a", "me")
        return first, again, other, still, await level.claim("a", "you", seconds=30)

    found = play(RedisAnswers(server, prefix="claims:"), scenario)
    assert found == (True, True, False, False, True)
