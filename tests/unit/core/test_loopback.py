"""Which addresses are this machine's own."""

import pytest

from orchestrator.core.loopback import is_loopback


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST.", "api.localhost", "127.0.0.1", "127.8.9.10", "::1", "[::1]", "::1%lo", "::ffff:127.0.0.1", "0.0.0.0", "::", ""],  # noqa: S104 - looked at, never bound
)  # fmt: skip
def test_these_are(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["example.com", "localhost.example.com", "128.0.0.1", "127.0.0.1.example.com", "127.x.0.1", "127.1", "10.0.0.1", "169.254.169.254", "::2", "::ffff:10.0.0.1", "fe80::1"],
)  # fmt: skip
def test_these_are_not(host):
    assert not is_loopback(host)
