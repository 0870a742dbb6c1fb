"""The garbage collector is left as it was found."""

import gc

import pytest

from orchestrator.compiler.collector import without_collector


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_pauses_and_is_left_as_it_was(enabled: bool) -> None:
    before = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        with pytest.raises(ZeroDivisionError):
            _fail_without_collector()
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()


def _fail_without_collector() -> None:
    with without_collector():
        assert not gc.isenabled()
        raise ZeroDivisionError
