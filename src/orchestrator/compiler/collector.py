"""A pause of the garbage collector while many objects are built that all stay."""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def without_collector() -> Generator[None]:
    """Spare the garbage collector the walk over what is being built and stays; it is left as it was."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if not gc.get_freeze_count():
            gc.freeze()  # to the permanent generation and back into the oldest: nothing is walked
            gc.unfreeze()
        gc.enable()
