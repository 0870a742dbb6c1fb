"""Addresses of model servers, judged by their text alone: nothing is looked up."""

from collections.abc import Mapping
from urllib.parse import urlsplit

OLLAMA_PORT = 11434


def is_loopback(address: str) -> bool:
    """Return whether an address is on this machine."""
    host = urlsplit(address).hostname or ""
    return host in ("localhost", "::1") or (host.startswith("127.") and host.replace(".", "").isdigit())


def ollama_url(environment: Mapping[str, str]) -> str:
    """Return the address of Ollama's OpenAI protocol; `OLLAMA_HOST` may be a host, a host and port, or an address."""
    given = environment.get("OLLAMA_BASE_URL") or environment.get("OLLAMA_HOST") or "127.0.0.1"
    address = urlsplit(given if "//" in given else f"http://{given}")
    host = address.hostname or "127.0.0.1"
    host = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104 - what a server binds to, not us
    usual = OLLAMA_PORT if address.scheme == "http" else 443
    path = address.path.rstrip("/")
    shown = f"[{host}]" if ":" in host else host
    return (
        f"{address.scheme}://{shown}:{address.port or usual}{path if path.endswith('/v1') else path + '/v1'}"
    )
