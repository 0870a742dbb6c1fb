"""A process that writes a run until it is killed; each line that it prints is a promise it was given.

writer.py URL RUN_NUMBER COUNT     `written N` or `synced N`: the first N records are safe
writer.py URL RUN_NUMBER 0         holds the run and writes nothing more
"""

import asyncio
import os
import sys

from orchestrator.core.journal import RunEnded
from orchestrator.errors import RunBusyError, UnknownRunError
from orchestrator.state.open import open_store
from orchestrator.testing.samples import done, sample_run


def say(text):
    os.write(1, f"{text}\n".encode())


async def main(url, number, count):
    store = open_store(url)
    created = sample_run(number)
    try:
        journal = await store.open(created.run_id)
        position = len(await store.read(created.run_id))
    except UnknownRunError:
        journal, position = await store.create(created), 1
    except RunBusyError as error:
        say(f"busy {error.holder}")
        return
    if count == 0:
        await journal.written()
    say(f"held {os.getpid()}")
    if count == 0:
        await asyncio.Event().wait()
    for step in range(position, count):
        journal.append(done(step))
        if step % 3:
            await journal.written()
            say(f"written {step + 1}")
        elif step % 2:
            await journal.synced()
            say(f"synced {step + 1}")
    journal.append(RunEnded(1.0, "completed", {}))
    await store.close()
    say("ended")


asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
