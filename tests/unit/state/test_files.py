import asyncio
import stat

import pytest

from orchestrator.core.journal import RunEnded, RunResumed, RunWarned
from orchestrator.core.store import Message
from orchestrator.errors import RunBusyError, StoreError, UnknownRunError
from orchestrator.state import file_hold
from orchestrator.state.files import FileStore
from orchestrator.testing.samples import done, sample_run

RUN = sample_run().run_id


@pytest.fixture
def place(tmp_path):
    return tmp_path / "state"


@pytest.fixture
def journal_file(place):
    return place / "runs" / RUN / "journal.jsonl"


def run(scenario, place):
    async def main():
        store = FileStore(place)
        try:
            return await scenario(store)
        finally:
            await store.close()

    return asyncio.run(main())


async def write_three(store):
    journal = await store.create(sample_run())
    journal.append(done(1))
    journal.append(done(2))
    await journal.close()


async def append_one(store):
    journal = await store.open(RUN)
    journal.append(done(9))
    await journal.close()


def read(place):
    return list(run(lambda store: store.read(RUN), place))


def test_a_journal_is_one_readable_line_per_record(place, journal_file):
    run(write_three, place)
    lines = journal_file.read_text().splitlines()
    assert len(lines) == 3
    assert lines[1] == '{"v":1,"kind":"TaskCompleted","at":1.0,"task":"t1","value":1}'


def test_a_journal_may_be_torn_at_any_byte(place, journal_file):
    run(write_three, place)
    whole = journal_file.read_bytes()
    records = [sample_run(), done(1), done(2)]
    first = whole.index(b"\n") + 1
    for length in range(first, len(whole)):
        journal_file.write_bytes(whole[:length])
        complete = records[: whole[:length].count(b"\n")]
        assert read(place) == complete
        run(append_one, place)
        assert read(place) == [*complete, done(9)]


@pytest.mark.parametrize("tail", [b"\0" * 100, b"\0" * 50 + b"\n", b'garb}age\n{"v":1,"ki\n', b"\n"])
def test_nonsense_that_a_power_cut_leaves_at_the_end_is_cut_off(place, journal_file, tail):
    run(write_three, place)
    journal_file.write_bytes(journal_file.read_bytes() + tail)
    run(append_one, place)
    assert read(place) == [sample_run(), done(1), done(2), done(9)]


def test_damage_in_the_middle_is_told_and_not_cut_off(place, journal_file):
    run(write_three, place)
    whole = journal_file.read_bytes()
    journal_file.write_bytes(whole.replace(b'"t1"', b"\0\0\0\0"))
    with pytest.raises(StoreError, match=r"record 1 of run .* is damaged"):
        read(place)


def test_files_are_for_their_owner_alone(place):
    async def write(store):
        await write_three(store)
        await store.post(RUN, Message("1", "cancel", {}))

    run(write, place)
    for path in place.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_making_a_store_and_reading_from_it_makes_no_folder(place):
    async def look(store):
        assert list(await store.runs()) == []
        assert await store.cache.get("k", now=0.0) is None
        with pytest.raises(UnknownRunError):
            await store.post(RUN, Message("1", "cancel", {}))

    run(look, place)
    assert not place.exists()


@pytest.mark.parametrize("typed", ["../state", "..", ".", "", "a/b"])
def test_a_run_id_cannot_lead_out_of_the_directory(place, typed):
    run(write_three, place)
    (place / "journal.jsonl").touch()
    for use in (lambda store: store.read(typed), lambda store: store.delete(typed)):
        with pytest.raises(UnknownRunError):
            run(use, place)
    assert (place / "journal.jsonl").exists()


def test_a_list_finds_the_last_turn_of_a_long_journal(place):
    async def write(store):
        for number, records in enumerate(
            [[RunEnded(5.0, "failed", {})], [RunEnded(5.0, "failed", {}), RunResumed(6.0)]]
        ):
            journal = await store.create(sample_run(number))
            for record in records:
                journal.append(record)
            for _ in range(40):
                journal.append(RunWarned(7.0, "x" * 4000))
            await journal.close()
        return [run.status for run in await store.runs()]

    assert run(write, place) == ["interrupted", "failed"]


def test_the_key_of_a_run_that_was_removed_by_hand_is_free(place):
    async def write(store):
        journal = await store.create(sample_run(1, key="nightly"))
        await journal.close()
        folder = place / "runs" / sample_run(1).run_id
        folder.rename(place / "elsewhere")
        await store.create(sample_run(2, key="nightly"))
        assert [run.key for run in await store.runs()] == ["nightly"]

    run(write, place)


def test_a_hold_leaves_one_file_that_counts_the_holders(place):
    run(write_three, place)
    for _ in range(3):
        run(append_one, place)
    assert [path.name for path in (place / "runs" / RUN).glob("hold.*")] == ["hold.4.free"]


def test_of_two_takers_the_slower_one_gets_nothing(place, monkeypatch):
    run(write_three, place)
    folder = place / "runs" / RUN
    real = file_hold.write_new

    def be_late(path, content):
        real(path, content)
        (folder / "hold.2.json").write_bytes(content)

    monkeypatch.setattr(file_hold, "write_new", be_late)
    with pytest.raises(RunBusyError, match="since just now"):
        run(append_one, place)
    assert not list(folder.glob("hold.draft*"))


def test_a_hold_that_ends_while_it_is_read_is_read_again(place, monkeypatch):
    async def main(store):
        journal = await store.create(sample_run())
        folder = place / "runs" / RUN
        real = type(folder).read_bytes

        def release_first(path):
            monkeypatch.undo()
            file_hold.release_hold(folder, journal.fence)
            return real(path)

        monkeypatch.setattr(type(folder), "read_bytes", release_first)
        assert file_hold.current_hold(folder) == (1, None)
        await journal.close()

    run(main, place)


def test_a_hold_that_cannot_be_given_back_means_nothing_to_the_same_store(place, monkeypatch):
    async def main(store):
        journal = await store.create(sample_run())

        def refuse(*_):
            raise OSError(5, "injected")

        with monkeypatch.context() as patch:
            patch.setattr("orchestrator.state.file_shelf.release_hold", refuse)
            await journal.close()
        await append_one(store)

    run(main, place)
    assert read(place) == [sample_run(), done(9)]


def test_a_message_that_another_one_overtakes_is_put_behind_it(place, monkeypatch):
    from orchestrator.state import files

    async def main(store):
        journal = await store.create(sample_run())
        real = files.write_new

        def be_late(path, content):
            monkeypatch.setattr(files, "write_new", real)
            real(path.with_name("1.json"), content.replace(b"mine", b"other"))
            real(path, content)

        monkeypatch.setattr(files, "write_new", be_late)
        await store.post(RUN, Message("mine", "cancel", {}))
        assert [message.id for message in await journal.inbox()] == ["other", "mine"]

    run(main, place)


def test_a_place_that_is_no_folder_is_named(place):
    place.touch()
    with pytest.raises(StoreError, match="cannot be opened"):
        run(write_three, place)


def test_a_write_that_takes_only_part_of_the_bytes_is_finished(place, monkeypatch):
    real = file_hold.os.write
    monkeypatch.setattr(
        file_hold.os, "write", lambda descriptor, content: real(descriptor, bytes(content)[:7])
    )
    run(write_three, place)
    assert read(place) == [sample_run(), done(1), done(2)]
