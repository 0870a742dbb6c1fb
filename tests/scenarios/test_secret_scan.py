"""Thirty canary secrets go through a run, and none of them is found in anything that it leaves behind."""

import json
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from orchestrator.app.event import event_of
from orchestrator.app.orchestrator import Orchestrator
from orchestrator.compiler import build
from orchestrator.core.action import ActionContext, Effect, Params
from orchestrator.errors import ActionError
from orchestrator.testing import Collector, RecordingAction, ScriptedModel

KINDS = {
    "key": "sk-canary-{0:02}-A8fK2mQ9zX4vB7nC1dE6",
    "token": "ghp_Canary{0:02}R5tY8uI3oP6aS9dF2gH4jK7l",
    "address": "https://hooks.canary.test/services/T{0:02}B9x?key=cAn4ryV4lue&sig=a+b/c=",
    "password": 'pass "word" \\{0:02}\\ with $signs & ümlauts 4711',
    "pem": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqCANARY{0:02}\nqhkiG9w0BAQEFAASCBKcwggSj{0:02}\n-----END PRIVATE KEY-----\n",
}
INPUTS = {f"{kind}_{number}": text.format(number) for kind, text in KINDS.items() for number in range(3)}
ENVIRONMENT = {
    **{f"CANARY_{number}_API_KEY": KINDS["key"].format(number + 10) for number in range(4)},
    **{f"CANARY_{number}_TOKEN": KINDS["token"].format(number + 10) for number in range(4)},
    **{
        f"CANARY_{number}_URL": f"postgres://joe:cAn4ry{number:02}pAssw0rd@db.canary.test/x"
        for number in range(4)
    },
    **{f"CANARY_{number}_PRIVATE_KEY": KINDS["pem"].format(number + 10) for number in range(3)},
}
CANARIES = {**INPUTS, **ENVIRONMENT}
HIDDEN = {
    name: text.partition("joe:")[2].partition("@")[0] if text.startswith("postgres") else text
    for name, text in CANARIES.items()
}
"""What must not be found: of an address, its password."""


def forms(text: str) -> dict[str, str]:
    """Return a text in every form that is searched for."""
    data = text.encode()
    return {
        "plain": text,
        "base64": b64encode(data).decode(),
        "base64 after others": b64encode(b"u:" + data).decode(),
        "base64 of addresses": urlsafe_b64encode(data).decode(),
        "hex": data.hex(),
        "HEX": data.hex().upper(),
        "URL": quote(text, safe=""),
        "URL with slashes": quote(text),
        "form": quote_plus(text),
        "JSON": json.dumps(text)[1:-1],
        "JSON in UTF-8": json.dumps(text, ensure_ascii=False)[1:-1],
        "Python": repr(text)[1:-1],
    }


def everything() -> dict[str, object]:
    """Return what a careless tool gives: every secret in every form, as keys, values and bytes."""
    return {
        "table": {name: forms(text) for name, text in CANARIES.items()},
        "keys": dict.fromkeys(CANARIES.values(), 1),
        "text": " ".join(form for text in CANARIES.values() for form in forms(text).values()),
        "header": [
            "Authorization: Basic " + b64encode(f"u:{text}".encode()).decode() for text in CANARIES.values()
        ],
        "bytes": "|".join(CANARIES.values()).encode(),
    }


def careless(parameters: Params, ctx: ActionContext) -> object:
    ctx.emit("found", everything())
    ctx.progress(f"using {' '.join(CANARIES.values())}", 0.5)
    return {**everything(), "given": parameters}


def failing(_parameters: Params, _ctx: ActionContext) -> object:
    raise ActionError(
        f"refused: {' '.join(CANARIES.values())}", error_class="permission", details=everything()
    )


def crashing(_parameters: Params, _ctx: ActionContext) -> object:
    raise RuntimeError(" ".join(form for text in CANARIES.values() for form in forms(text).values()))


def test_the_scan_knows_thirty_canaries() -> None:
    assert len(set(CANARIES.values())) == 30


def test_no_secret_is_found_in_anything_that_a_run_leaves(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen, asked = Collector(), " and ".join(f"{{{{ inputs.{name} }}}}" for name in INPUTS)
    tools = [
        RecordingAction("own.read", careless, effect=Effect.READ).action,
        RecordingAction("own.send", careless, effect=Effect.ONCE, runs="thread").action,
        RecordingAction("own.pure", careless).action,
        RecordingAction("own.fail", failing, effect=Effect.READ).action,
        RecordingAction("own.crash", crashing, effect=Effect.READ).action,
    ]
    model = ScriptedModel(json.dumps(everything(), default=str))
    pipeline = build("leaky").set(labels={"kind": "scan"})
    for name in INPUTS:
        pipeline = pipeline.input(name, type="secret")
    pipeline = (
        pipeline.step("read", "own.read", all=asked)
        .step("send", "own.send", all=asked)
        .step("pure", "own.pure", all=asked)
        .step("fail", "own.fail", {"on_error": "continue"}, all=asked)
        .step("crash", "own.crash", {"on_error": "continue"}, all=asked)
        .step("ask", "generate", {"model": "scripted:script"}, prompt=f"Use {asked}")
        .step(
            "page",
            "report.write",
            {"needs": ["fail", "crash"]},
            path="page.md",
            title="Scan",
            body="{{ steps.read.text }} {{ steps.ask }}",
        )
        .output("all", "{{ steps.read }}")
        .output("errors", "{{ errors.fail.message }} {{ errors.crash.message }}")
        .output("answer", "{{ steps.ask }}")
    )
    environ = {**ENVIRONMENT, "ORC_LOG_FORMAT": "json", "ORC_LOG_LEVEL": "debug"}
    with Orchestrator(
        f"sqlite:{tmp_path / 'runs.db'}",
        workspace=tmp_path,
        tools=tools,
        models=[model],
        observers=[seen],
        environ=environ,
        record=tmp_path / "cassette",
    ) as orchestrator:
        result = orchestrator.run(pipeline, INPUTS)
        events = orchestrator.events(result.run_id)
    assert result.status == "partial", result.error

    captured = capsys.readouterr()
    left = {
        "result": json.dumps(result.as_data(), ensure_ascii=False).encode(),
        "result object": repr(result).encode("utf-8", "surrogateescape"),
        "events": json.dumps(
            [event_of(at, record) for at, record in enumerate(events)], default=str
        ).encode(),
        "observed": repr(seen.records).encode(),
        "out": captured.out.encode(),
        "log": captured.err.encode(),
        **{
            str(path.relative_to(tmp_path)): path.read_bytes()
            for path in tmp_path.rglob("*")
            if path.is_file()
        },
    }
    assert {"runs.db", "page.md", "page.html", "cassette/cassette.json"} <= set(left)
    assert b"found" in left["log"]
    hits = [
        f"{name} as {how} in {place}"
        for name, text in HIDDEN.items()
        for how, form in forms(text).items()
        for place, content in left.items()
        # Of what begins in the middle of other bytes, the ends are mixed with them.
        if (form[4:-4] if how == "base64 after others" else form).encode() in content
    ]
    assert hits == []
