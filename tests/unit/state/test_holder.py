import subprocess
import sys

import pytest

from orchestrator.state import holder
from orchestrator.state.holder import is_alive, this_process

ME = this_process()


@pytest.fixture
def child():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def of(process):
    return ME._replace(pid=process.pid, started=holder._start_time(process.pid))


def test_this_process_is_alive_and_has_a_name():
    assert is_alive(ME, seen_by=ME)
    assert str(ME) == f"process {ME.pid} on {ME.host}"
    assert str(ME._replace(host="")) == f"process {ME.pid} on this machine"


def test_a_process_is_dead_once_it_ended_even_before_its_parent_looks(child):
    held = of(child)
    assert is_alive(held, seen_by=ME)
    child.kill()
    while holder._start_time(child.pid):
        pass  # the signal is on its way
    assert not is_alive(held, seen_by=ME)
    child.wait()
    assert not is_alive(held, seen_by=ME)


@pytest.mark.parametrize(
    ("change", "alive"),
    [
        ({"started": "1"}, False),  # the pid belongs to somebody else by now
        ({"boot": "before"}, False),  # the machine was started again
        ({"boot": "other", "host": "elsewhere"}, True),  # another machine: nobody can tell from here
        ({"namespace": "pid:[1]", "pid": 2**22 + 1}, True),  # another container: its pids mean nothing here
    ],
)
def test_a_holder_is_judged_by_more_than_its_pid(change, alive):
    assert is_alive(ME._replace(**change), seen_by=ME) == alive


def test_where_the_system_tells_little_the_pid_must_do(child):
    poor = ME._replace(boot="", started="", namespace="")
    assert is_alive(poor._replace(pid=child.pid), seen_by=poor)
    assert is_alive(poor._replace(pid=1), seen_by=poor)
    assert is_alive(poor._replace(pid=child.pid, host="elsewhere"), seen_by=poor)
    child.kill()
    child.wait()
    assert not is_alive(poor._replace(pid=child.pid), seen_by=poor)


def test_a_process_of_somebody_else_is_alive_though_it_cannot_be_signalled(monkeypatch):
    def refuse(_pid, _signal):
        raise PermissionError

    monkeypatch.setattr(holder.os, "kill", refuse)
    poor = ME._replace(boot="", started="", namespace="")
    assert is_alive(poor, seen_by=poor)


def test_a_system_without_proc_gives_a_poor_holder(monkeypatch, tmp_path):
    monkeypatch.setattr(holder, "_PROC", tmp_path)
    poor = this_process()
    assert (poor.started, poor.boot, poor.namespace) == ("", "", "")
    assert is_alive(poor, seen_by=poor)


def test_the_name_of_a_program_may_hold_anything(monkeypatch, tmp_path):
    (tmp_path / "7").mkdir()
    fields = ["S", *map(str, range(4, 25))]
    (tmp_path / "7" / "stat").write_text(f"7 (a) R (b) {' '.join(fields)}\n")
    monkeypatch.setattr(holder, "_PROC", tmp_path)
    assert holder._start_time(7) == "22"
