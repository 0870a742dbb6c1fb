from collections import OrderedDict
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from types import MappingProxyType
from typing import NamedTuple, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
import pytest

from orchestrator.core.failure import Failure
from orchestrator.core.journal import RECORD_VERSION, Record, RunEnded, TaskCompleted, TaskFailed, TaskSkipped
from orchestrator.core.secret import Sealed, Secret
from orchestrator.core.undefined import Undefined
from orchestrator.errors import ActionError, StoreError
from orchestrator.state.codec import check_record, decode_record, decode_value, encode_record, encode_value
from orchestrator.state.record_fields import odd_field


class Colour(StrEnum):
    RED = "red"


class Level(IntEnum):
    LOW = 1


class Odd(Enum):
    PAIR = (1, 2)


class Name(str):
    __slots__ = ()


class Count(int):
    pass


class Point(NamedTuple):
    x: int
    y: int


def kept(value):
    return decode_value(encode_value(value))


def test_a_line_says_kind_and_version_and_leaves_defaults_out():
    assert encode_record(TaskCompleted(1.5, "a", {"n": 1})) == (
        b'{"v":1,"kind":"TaskCompleted","at":1.5,"task":"a","value":{"n":1}}'
    )
    assert (
        encode_record(TaskCompleted(1.5, "a", None)) == b'{"v":1,"kind":"TaskCompleted","at":1.5,"task":"a"}'
    )


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (Decimal("0.10"), b'{"value":{"$decimal":"0.10"}}'),
        (b"\x00\xff", b'{"value":{"$bytes":"AP8="}}'),
        (datetime(2026, 1, 2, tzinfo=UTC), b'{"value":{"$datetime":"2026-01-02T00:00:00+00:00"}}'),
        (float("-inf"), b'{"value":{"$float":"-inf"}}'),
        (2**64, b'{"value":{"$int":"0x10000000000000000"}}'),
        ({"$ref": 1}, b'{"value":{"$$ref":1}}'),
        ({"$a": 1, "b": None}, b'{"value":{"$$a":1,"b":null}}'),
        ({1: "x"}, b'{"value":{"$mapping":[[1,"x"]]}}'),
        ("a\ud800", b'{"value":{"$text":"a\\\\ud800"}}'),
        (Secret("TOKEN"), b'{"value":{"$secret":"TOKEN"}}'),
        (frozenset({"b", "a"}), b'{"value":{"$frozenset":["a","b"]}}'),
        (["null", None, True], b'{"value":["null",null,true]}'),
    ],
)
def test_lines_can_be_read_by_people(value, line):
    assert encode_value(value) == line
    assert decode_value(line) == value


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ((1, (2,)), [1, [2]]),
        (Point(1, 2), [1, 2]),
        (OrderedDict(a=1), {"a": 1}),
        (MappingProxyType({"a": Decimal(1)}), {"a": Decimal(1)}),
        (Colour.RED, "red"),
        ([Colour.RED, None], ["red", None]),
        ({Colour.RED: Level.LOW}, {"red": 1}),
        (Odd.PAIR, [1, 2]),
        ([Odd.PAIR, None], [[1, 2], None]),
        (Name("x"), "x"),
        ({Name("x"): Name("y")}, {"x": "y"}),
        (Count(7), 7),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ([UUID(int=1), None], ["00000000-0000-0000-0000-000000000001", None]),
        (Undefined("steps.a", skipped=True), None),
        ({"a": Undefined("x")}, {"a": None}),
        (Sealed(("Bearer ", Secret("T"))), Sealed(("Bearer ", Secret("T")))),
    ],
)
def test_what_json_has_no_word_for_becomes_what_is_nearest(value, found):
    result = kept(value)
    assert result == found
    assert type(result) is type(found)


def test_an_hour_that_comes_twice_keeps_its_second_time():
    second = datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin"))
    assert kept(second).utcoffset() == timedelta(hours=1)
    assert kept(time(2, 30, fold=1)).fold == 1


def test_floats_and_integers_stay_what_they_are():
    for value in (1.0, 1, True, -0.0, 1e22, 2**64 - 1, -(2**63), 10**5000):
        assert type(kept(value)) is type(value)
        assert kept(value) == value
    assert str(kept(-0.0)) == "-0.0"


class Connection:
    pass


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ({"rows": [1, {"when": {1, 2}}]}, "`value.rows[1].when` is a set"),
        (Connection(), f"`value` is a {__name__}.Connection"),
        ({("a", frozenset()): object()}, "`value[('a', frozenset())]` is a object"),
        ([{"a": Failure("failed", "no", "a", details=[object()])}], "`value[0].a.details[0]` is a object"),
        (print, "`value` is a builtin_function_or_method"),
    ],
)
def test_what_cannot_be_kept_is_named_with_its_place(value, part):
    for judge in (encode_record, check_record):
        with pytest.raises(ActionError) as raised:
            judge(TaskCompleted(1.0, "a", value))
        assert part in str(raised.value)
        assert (raised.value.error_class, raised.value.retryable) == ("bad_output", False)


def test_values_inside_themselves_or_too_deep_are_refused():
    around = []
    around.append(around)
    deep = None
    for _ in range(400):
        deep = [deep]
    for value in (around, deep, {"text": "$", "deep": deep}):
        with pytest.raises(ActionError, match="nested too deeply or contains itself"):
            encode_value(value)


@pytest.mark.parametrize(
    "record",
    [
        TaskFailed(1.0, "a", Failure("failed", "no", "a", details=object())),
        RunEnded(1.0, "completed", {"x": object()}),
    ],
)
def test_the_quick_check_finds_what_hides_in_rare_records(record):
    with pytest.raises(ActionError, match="is a object"):
        check_record(record)


def test_texts_of_records_may_be_as_broken_as_they_come():
    record = TaskSkipped(1.0, "a", "caf\u00e9 \ud800 \x00 $")
    assert decode_record(encode_record(record)) == record


def test_records_of_a_newer_version_are_refused():
    line = encode_record(TaskSkipped(1.0, "a", "")).replace(b'"v":1', b'"v":2')
    with pytest.raises(StoreError, match="written by a newer py-orc"):
        decode_record(line)


def test_older_records_are_upgraded_one_version_at_a_time():
    def rename(fields):
        fields["kind"] = fields["kind"].replace("Left", "Task")
        return fields

    def move(fields):
        fields["reason"] = fields.pop("why")
        return fields

    line = b'{"v":1,"kind":"LeftSkipped","at":1.0,"task":"a","why":"x"}'
    assert decode_record(line, version=3, upgrades={1: rename, 2: move}) == TaskSkipped(1.0, "a", "x")


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"[1]",
        b'{"v":1,"kind":"TaskSk',
        b'{"v":1,"kind":"TaskVanished","at":1.0}',
        b'{"v":1,"at":1.0}',
        b'{"v":1,"kind":["x"],"at":1.0}',
        b'{"v":1,"kind":"TaskSkipped","at":1.0}',
        b'{"v":1,"kind":"TaskSkipped","at":1.0,"task":"a","reason":"","more":1}',
        b'{"v":1,"kind":"TaskSkipped","at":1.0,"task":"a","reason":{"$what":1}}',
        b'{"v":1,"kind":"TaskSkipped","at":1.0,"task":"a","reason":{"$decimal":"x"}}',
        b'{"v":1,"kind":"TaskSkipped","at":1.0,"task":"a","reason":{"$decimal":7}}',
        b'{"v":1,"kind":"TaskSkipped","at":1.0,"task":"a","reason":{"$mapping":[1]}}',
        b'{"kind":"TaskSkipped","at":1.0,"task":"a","reason":""}',
        b'{"v":"1","kind":"TaskSkipped","at":1.0,"task":"a","reason":""}',
    ],
)
def test_a_damaged_record_is_an_error_that_says_what_to_do(line):
    with pytest.raises(StoreError, match="→"):
        decode_record(line)


def test_a_damaged_value_is_an_error_too():
    for line in (b"{}", b"[]", b"x"):
        with pytest.raises(StoreError, match="damaged"):
            decode_value(line)


def test_the_version_is_the_one_that_lines_carry():
    assert f'"v":{RECORD_VERSION},'.encode() in encode_record(TaskSkipped(1.0, "a", ""))


def forged(**fields):
    record = {"v": 1, "kind": "TaskSkipped", "at": 1.0, "task": "a"} | fields
    if record["kind"] == "TaskSkipped":
        record.setdefault("reason", "")
    if record["kind"].startswith("Run"):
        del record["task"]
    return orjson.dumps(record)


FAILURE = {
    "class": "failed",
    "message": "no",
    "step": "a",
    "attempt": 1,
    "retryable": False,
    "retry_after": None,
    "details": None,
    "cause": "",
}
USAGE = {"requests": 1, "input_tokens": 2, "output_tokens": 3, "cost": "0.1"}


CREATED = {
    "kind": "RunCreated",
    "run_id": "r",
    "pipeline": "p",
    "document": {},
    "documents": {},
    "inputs": {},
    "workspace": "",
    "actions": {},
}


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"at": "now"}, "`at`"),
        ({"at": 1e300}, "`at`"),
        ({"at": -1e300}, "`at`"),
        ({"at": {"$float": "nan"}}, "`at`"),
        ({"at": {"$int": hex(10**400)}}, "`at`"),
        ({"at": True}, "`at`"),
        ({"task": 3}, "`task`"),
        ({"task": None}, "`task`"),
        ({"task": ""}, "`task`"),
        (CREATED | {"file": "a\0b"}, "`file`"),
        (CREATED | {"file": {"$text": "\\ud800"}}, "`file`"),
        (CREATED | {"workspace": "\0"}, "`workspace`"),
        ({"kind": "DecisionMade", "what": "pipeline", "value": "x"}, "`value`"),
        ({"kind": "DecisionMade", "what": "items", "value": "abc"}, "`value`"),
        ({"kind": "DecisionMade", "what": "if", "value": []}, "`value`"),
        ({"reason": ["x"]}, "`reason`"),
        ({"kind": "TaskCompleted", "usage": 3}, "`usage`"),
        ({"kind": "TaskCompleted", "usage": {"$usage": USAGE | {"requests": "1"}}}, ""),
        ({"kind": "TaskCompleted", "usage": {"$usage": USAGE | {"cost": "sNaN"}}}, ""),
        ({"kind": "TaskCompleted", "usage": {"$usage": USAGE | {"cost": "1e999999"}}}, ""),
        ({"kind": "TaskCompleted", "labels": ["a"]}, "`labels`"),
        ({"kind": "TaskCompleted", "labels": {"$frozenset": [1]}}, "`labels`"),
        ({"kind": "TaskCompleted", "attempt": -1}, "`attempt`"),
        ({"kind": "TaskCompleted", "cached": 1}, "`cached`"),
        ({"kind": "TaskFailed", "failure": None}, "`failure`"),
        ({"kind": "TaskFailed", "failure": {"$failure": FAILURE | {"message": 3}}}, ""),
        ({"kind": "TaskFailed", "failure": {"$failure": FAILURE | {"attempt": None}}}, ""),
        ({"kind": "TaskFailed", "failure": {"$failure": FAILURE | {"retry_after": "x"}}}, ""),
        ({"kind": "TaskFailed", "failure": {"$failure": FAILURE | {"retryable": "yes"}}}, ""),
        ({"kind": "RunEnded", "status": "splendid", "outputs": {}}, "`status`"),
        ({"kind": "RunEnded", "status": "failed", "outputs": []}, "`outputs`"),
        ({"kind": "TaskProgressed", "message": "", "fraction": {"$float": "inf"}}, "`fraction`"),
        ({"v": 0}, "version 0"),
        ({"v": -1}, "version -1"),
        ({"v": True}, "no version"),
        ({"v": "1"}, "no version"),
        ({"v": None}, "no version"),
        ({"kind": "TaskCompleted", "value": {"$text": "\\q"}}, ""),
        ({"kind": "TaskCompleted", "value": {"$sealed": [3]}}, ""),
    ],
)
def test_a_field_that_holds_something_else_is_damage(fields, named):
    line = forged(**fields)
    with pytest.raises(StoreError) as raised:
        decode_record(line)
    assert named in raised.value.message
    assert raised.value.hint


def test_every_field_of_every_record_is_held_to_its_kind():
    open_to_anything = {"value", "memento"}
    fields = {field for kind in get_args(Record) for field in kind._fields} - open_to_anything
    unheld = {field for field in fields if not odd_field({field: object()})}
    assert unheld == set()


@pytest.mark.parametrize("line", ['{"v":1}', None, 3, memoryview(b"{}")])
def test_what_is_no_line_of_bytes_is_damage(line):
    with pytest.raises(StoreError, match="damaged"):
        decode_record(line)


@pytest.mark.parametrize("value", ["[" * 500 + "]" * 500, '{"$mapping":' * 400 + "1" + "}" * 400])
def test_values_deeper_than_any_that_is_written_are_damage(value):
    line = b'{"v":1,"kind":"TaskCompleted","at":1.0,"task":"a","value":' + value.encode() + b"}"
    with pytest.raises(StoreError, match="damaged"):
        decode_record(line)
