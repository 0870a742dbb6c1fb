from pathlib import Path

import pytest

from orchestrator.errors import SetupError
from orchestrator.state.files import FileStore
from orchestrator.state.memory import MemoryStore
from orchestrator.state.open import open_store
from orchestrator.state.sqlite import SqliteStore


def test_each_address_opens_its_store(tmp_path):
    assert isinstance(open_store("memory:"), MemoryStore)
    for url in (f"sqlite:{tmp_path}/x.db", f"sqlite://{tmp_path}/x.db"):
        store = open_store(url)
        assert isinstance(store, SqliteStore)
        assert store._database.path == tmp_path / "x.db"
    store = open_store(f"files:{tmp_path}/x")
    assert isinstance(store, FileStore)
    assert store._directory == tmp_path / "x"
    assert not list(tmp_path.iterdir()), "nothing is made before it is needed"


def test_the_home_folder_may_be_a_tilde():
    assert open_store("sqlite:~/x.db")._database.path == Path.home() / "x.db"


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("sqlit:x.db", "did you mean `sqlite:`?"),
        ("file:x", "did you mean `files:`?"),
        ("postgresql://host/db", "PostgreSQL is not among the stores of this version"),
        ("redis://host", "stores are `memory:`, `sqlite:PATH` and `files:DIR`"),
        ("sqlite:", "stores are"),
        ("memory", "stores are"),
        ("memory:x", "stores are"),
        ("", "stores are"),
    ],
)
def test_any_other_address_is_refused_with_the_known_ones(url, advice):
    with pytest.raises(SetupError) as raised:
        open_store(url)
    assert advice in str(raised.value)
