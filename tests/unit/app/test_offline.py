"""While an offline run executes, the whole process reaches nothing but this machine."""

import asyncio
import os
import re
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from doubles import worker_functions
from orchestrator.app.offline import OfflineControlSystem, _hook, network_refused
from orchestrator.app.orchestrator import Orchestrator
from orchestrator.core.action import Action, ActionSpec, Effect
from orchestrator.errors import ActionError, OrchestratorError
from orchestrator.tools.tool import tool

NOWHERE = "192.0.2.1"
"""An address of documentation (RFC 5737): should a guard fail, nobody is called."""


def connect(host: str, family: int = socket.AF_INET) -> None:
    with socket.socket(family) as connection:
        connection.settimeout(0.01)
        connection.connect((host, 443))


def send(host: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        connection.sendto(b"x", (host, 53))


def send_message(host: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        connection.sendmsg([b"x"], [], 0, (host, 53))


def open_asynchronously(host: str) -> None:
    asyncio.run(asyncio.open_connection(host, 443))


CALLS: dict[str, tuple[Callable[[], object], str]] = {
    "connect": (lambda: connect(NOWHERE), f"{NOWHERE}:443"),
    "connect v6": (lambda: connect("2001:db8::1", socket.AF_INET6), "[2001:db8::1]:443"),
    "create_connection": (lambda: socket.create_connection(("models.invalid", 443), 0.01), "models.invalid:443"),
    "datagram": (lambda: send(NOWHERE), f"{NOWHERE}:53"),
    "message": (lambda: send_message(NOWHERE), f"{NOWHERE}:53"),
    "getaddrinfo": (lambda: socket.getaddrinfo("models.invalid", "https"), "models.invalid:https"),
    "getaddrinfo of bytes": (lambda: socket.getaddrinfo(b"models.invalid", None), "models.invalid"),
    "gethostbyname": (lambda: socket.gethostbyname("models.invalid"), "models.invalid"),
    "gethostbyname_ex": (lambda: socket.gethostbyname_ex("models.invalid"), "models.invalid"),
    "gethostbyaddr": (lambda: socket.gethostbyaddr(NOWHERE), NOWHERE),
    "getnameinfo": (lambda: socket.getnameinfo((NOWHERE, 443), 0), f"{NOWHERE}:443"),
    "asyncio": (lambda: open_asynchronously("models.invalid"), "models.invalid:443"),
    "urllib": (lambda: urllib.request.urlopen("http://models.invalid/x"), "models.invalid:80"),
}  # fmt: skip


@pytest.mark.parametrize(("call", "named"), CALLS.values(), ids=CALLS)
def test_whatever_leaves_this_machine_is_refused_by_name(call, named):
    with network_refused(), pytest.raises(ActionError) as raised:
        call()
    assert raised.value.error_class == "permission"
    assert raised.value.message == (
        f"{named} would have been called, and this run is offline\n"
        "→ run without --offline, or keep to this machine (localhost, 127.0.0.1, ::1)"
    )


class Answering(BaseHTTPRequestHandler):
    """A server with one answer."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"here")

    def log_message(self, *args: object) -> None:
        pass


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.5"])
def test_this_machine_can_be_called(host):
    with network_refused():
        with HTTPServer(("0.0.0.0", 0), Answering) as server:  # noqa: S104 - gone before the test is
            threading.Thread(target=server.handle_request).start()
            with urllib.request.urlopen(f"http://{host}:{server.server_port}/") as answer:
                assert answer.read() == b"here"
        assert socket.getaddrinfo("::1", 80)
        assert socket.getaddrinfo(None, 80)


def test_the_machines_own_name_counts_as_one_that_nobody_knows():
    own = socket.gethostname()
    with network_refused():
        assert socket.getfqdn() == own
        with pytest.raises(PermissionError, match="this run is offline"):
            socket.gethostbyname(own)


def test_sockets_of_the_file_system_are_free(tmp_path):
    with network_refused(), socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))
        left, right = socket.socketpair()
        left.close()
        right.close()


def test_it_holds_as_long_as_one_offline_run_lasts_and_no_longer(monkeypatch):
    monkeypatch.setenv("ORC_OFFLINE", "before")
    with network_refused():
        with network_refused():
            assert os.environ["ORC_OFFLINE"] == "1"
        with pytest.raises(ActionError):
            connect(NOWHERE)
        assert os.environ["ORC_OFFLINE"] == "1"
    assert os.environ["ORC_OFFLINE"] == "before"
    sys.audit("socket.connect", None, (NOWHERE, 443))  # what a connection would say, without making one


def test_addresses_that_are_none_of_a_network_are_free():
    with network_refused():
        for address in (b"\0abstract", "/run/x.sock", (0, 0), (), None):
            sys.audit("socket.connect", None, address)


def test_the_environment_is_left_as_it_was(monkeypatch):
    monkeypatch.delenv("ORC_OFFLINE", raising=False)
    with network_refused():
        assert os.environ["ORC_OFFLINE"] == "1"
    assert "ORC_OFFLINE" not in os.environ


# -- runs --------------------------------------------------------------------------------------------------------------------


@tool(effect="read")
def reach(host: str) -> str:
    """Call a host from a thread of its own, as libraries do."""
    found: list[BaseException] = []

    def calling() -> None:
        try:
            socket.create_connection((host, 443), 0.01)
        except (ActionError, OSError) as error:
            found.append(error)

    thread = threading.Thread(target=calling)
    thread.start()
    thread.join()
    raise found[0]


REACH_FROM_A_PROCESS = Action(
    spec=ActionSpec(
        name="reach_far",
        description="Call a host from a worker process.",
        parameters={"type": "object", "properties": {"host": {"type": "string"}}},
        effect=Effect.READ,
        runs="process",
    ),
    function=worker_functions.reach,
)


def run(tmp_path, monkeypatch, action, parameters, *, offline=True, tools=(reach, REACH_FROM_A_PROCESS)):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.yaml").write_text(
        f"name: p\nsteps:\n  - id: call\n    action: {action}\n    with: {parameters}\noutputs: {{text: '{{{{ steps.call }}}}'}}\n"
    )
    with Orchestrator("memory:", tools=tools, offline=offline, environ={}) as orchestrator:
        return orchestrator.run("p.yaml")


@pytest.mark.parametrize("action", ["reach", "reach_far"])
def test_a_tool_of_the_users_own_is_refused_in_threads_and_processes_too(tmp_path, monkeypatch, action):
    result = run(tmp_path, monkeypatch, action, "{host: models.invalid}")
    assert result.status == "failed"
    assert result.error.error_class == "permission"
    assert "models.invalid:443 would have been called" in result.error.message


@tool(effect="read")
def announce(host: str) -> str:
    """Say that a host is about to be called, without calling it."""
    sys.audit("socket.connect", None, (host, 443))
    return "said"


@pytest.mark.parametrize(("offline", "status"), [(False, "completed"), (True, "failed")])
def test_only_offline_runs_are_refused(tmp_path, monkeypatch, offline, status):
    parameters = f"{{host: {NOWHERE}}}"
    result = run(tmp_path, monkeypatch, "announce", parameters, offline=offline, tools=(announce,))
    assert result.status == status


def test_a_tools_file_is_refused_while_it_is_executed(tmp_path, monkeypatch):
    (tmp_path / "tools.py").write_text(
        f"import sys\nfrom orchestrator import tool\nsys.audit('socket.connect', None, ('{NOWHERE}', 443))\n"
        "@tool(effect='pure')\ndef hello() -> str:\n    return 'hi'\n"
    )
    with pytest.raises(OrchestratorError, match=f"{NOWHERE}:443 would have been called"):
        run(tmp_path, monkeypatch, "hello", "{}")


def test_a_command_is_told(tmp_path, monkeypatch):
    monkeypatch.delenv("ORC_OFFLINE", raising=False)
    command = [sys.executable, "-c", "import os; print(os.environ.get('ORC_OFFLINE'))"]
    for offline, told in ((True, "1"), (False, "None")):
        result = run(tmp_path, monkeypatch, "terminal.run", f"{{command: {command}}}", offline=offline)
        assert f"'stdout': '{told}\\n'" in str(result.outputs["text"])


# -- the hook and its parts, called as the interpreter does; tracers do not look into hooks ----------------------------------------


@pytest.mark.parametrize(
    ("event", "arguments", "named"),
    [
        ("socket.connect", (None, (NOWHERE, 443)), f"{NOWHERE}:443"),
        ("socket.connect", (None, ("2001:db8::1", 443, 0, 0)), "[2001:db8::1]:443"),
        ("socket.getaddrinfo", ("models.invalid", b"https", 0, 0, 0), "models.invalid:https"),
        ("socket.getaddrinfo", (bytearray(b"models.invalid"), None, 0, 0, 0), "models.invalid"),
        ("socket.gethostbyname", ("models.invalid",), "models.invalid"),
        ("socket.getnameinfo", ((NOWHERE, 443),), f"{NOWHERE}:443"),
    ],
)
def test_an_event_that_leaves_this_machine_is_refused(event, arguments, named):
    with network_refused(), pytest.raises(ActionError, match=re.escape(f"{named} would have been called")):
        _hook(event, arguments)
    assert _hook(event, arguments) is None, "and passes when no offline run lasts"


@pytest.mark.parametrize(
    ("event", "arguments"),
    [
        ("socket.connect", (None, ("127.0.0.1", 443))),
        ("socket.connect", (None, "/run/x.sock")),
        ("socket.connect", (None, (7,))),
        ("socket.sendmsg", (None, None)),
        ("socket.getaddrinfo", (None, 80, 0, 0, 0)),
        ("open", ("/etc/hosts", "r", 0)),
    ],
)
def test_an_event_that_stays_here_passes(event, arguments):
    with network_refused():
        assert _hook(event, arguments) is None


def test_a_worker_process_is_offline_for_good():
    script = (
        "import sys\nfrom orchestrator.app.offline import refuse_network\nrefuse_network()\n"
        f"try: sys.audit('socket.connect', None, ('{NOWHERE}', 1))\nexcept Exception as e: print(e.error_class)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "permission\n"


def test_it_hands_everything_else_on():
    called = []

    class Inner:
        def interrupt(self):
            called.append("interrupt")

        def interrupt_now(self):
            called.append("interrupt_now")

        async def close(self):
            called.append("close")

    system = OfflineControlSystem(Inner())
    system.interrupt()
    system.interrupt_now()
    asyncio.run(system.close())
    assert called == ["interrupt", "interrupt_now", "close"]
