"""A server on loopback that speaks OpenAI's protocols, Anthropic's, Google's, and Ollama's list; it answers from a script.

It is honest: it checks the key, the model's name and the form of a request as the real ones do, its answers have the real
wire form, and each one says `scripted` in its id and fingerprint. It writes nothing of its own: without a script left, a
request is answered with 500.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Self

from doubles.vendor_wires import anthropic_message, gemini_content


@dataclass(frozen=True)
class Answer:
    """What the model is scripted to say."""

    text: str
    model: str = ""
    """The name in the answer; empty for the one that was asked for."""
    finish: str = "stop"
    """`stop`, `length` or `content_filter`."""
    tokens: tuple[int, int] = (12, 5)


@dataclass(frozen=True)
class Fault:
    """An answer that is none."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    hang: bool = False
    """Take the request and stay silent until the server stops."""
    missing: int = 0
    """Bytes that the length promises and that never come."""


def error(
    status: int, message: str, *, kind: str = "server_error", code: str | None = None, **headers: str
) -> Fault:
    """Return an error as OpenAI words it; `retry_after="2"` becomes the header Retry-After."""
    body = {"error": {"message": message, "type": kind, "param": None, "code": code}}
    return Fault(
        status=status,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body=json.dumps(body),
    )


RATE_LIMITED = error(429, "Rate limit reached", kind="requests", code="rate_limit_exceeded")
RATE_LIMITED_FOR_2S = error(
    429, "Rate limit reached", kind="requests", code="rate_limit_exceeded", retry_after="2"
)
NO_CREDIT = error(
    429, "You exceeded your current quota", kind="insufficient_quota", code="insufficient_quota"
)
BROKEN = error(500, "The server had an error")
OVERLOADED = error(529, "Overloaded", kind="overloaded_error")
HANG = Fault(hang=True)
CUT_CONNECTION = Fault(body='{"id": "chatcmpl-scripted", "obj', missing=400)
CUT_JSON = Fault(body='{"id": "chatcmpl-scripted", "obj')
NO_JSON = Fault(body="<html>gateway</html>")


_GOOGLE = re.compile(r"/v1beta/models/([^/:]+):generateContent")
_KEYS = ("Authorization", "x-api-key", "x-goog-api-key")


@dataclass(frozen=True)
class Recorded:
    """A request that arrived."""

    path: str
    body: Mapping[str, object]
    authorization: str

    @property
    def model(self) -> object:
        """The model that was asked for: Google's protocol has it in the address."""
        found = _GOOGLE.match(self.path)
        return found[1] if found else self.body.get("model")


class OpenAIServer:
    """Use it as a context manager; `script` says what comes next."""

    def __init__(self, *models: str, key: str = "") -> None:
        self.models = models or ("scripted-model",)
        self.requests: list[Recorded] = []
        self._key = key
        self._script: list[Answer | Fault] = []
        self._lock = Lock()
        self._stopping = Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self._thread = Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        """The port that the machine gave it."""
        return self._http.server_port

    @property
    def base_url(self) -> str:
        """Where its OpenAI protocol begins."""
        return f"http://127.0.0.1:{self.port}/v1"

    def script(self, *answers: str | Answer | Fault) -> None:
        """Queue what the next requests get."""
        self._script += [Answer(answer) if isinstance(answer, str) else answer for answer in answers]

    def get(self, path: str) -> Fault:
        """Return the answer to a GET."""
        if path == "/v1/models":
            entries = [
                {"id": name, "object": "model", "created": 1, "owned_by": "scripted"} for name in self.models
            ]
            return Fault(body=json.dumps({"object": "list", "data": entries}))
        if path == "/api/tags":
            tags = [{"name": name, "model": name, "size": 1, "digest": "scripted"} for name in self.models]
            return Fault(body=json.dumps({"models": tags}))
        return error(404, f"no such address: {path}", kind="invalid_request_error")

    def post(self, recorded: Recorded) -> Fault:
        """Return the answer to a POST."""
        refusal = self._refusal(recorded)
        if refusal:
            return refusal
        with self._lock:
            self.requests.append(recorded)
            answer = self._script.pop(0) if self._script else error(500, "the script is at its end")
            number = len(self.requests)
        if isinstance(answer, Fault):
            return answer
        return Fault(body=json.dumps(_written(answer, recorded, number)))

    def wait_for_stop(self) -> None:
        """Block until the server is told to stop."""
        self._stopping.wait()

    def _refusal(self, recorded: Recorded) -> Fault | None:
        wanted = _needed(recorded.path)
        if wanted is None:
            return error(404, f"no such address: {recorded.path}", kind="invalid_request_error")
        if self._key and recorded.authorization.removeprefix("Bearer ") != self._key:
            said = f"Incorrect API key provided: {recorded.authorization.removeprefix('Bearer ')}"
            return error(401, said, kind="invalid_request_error", code="invalid_api_key")
        name = recorded.model
        if name not in self.models:
            said = f"The model `{name}` does not exist or you do not have access to it."
            return error(404, said, kind="invalid_request_error", code="model_not_found")
        if not recorded.body.get(wanted):
            return error(400, f"Missing required parameter: '{wanted}'.", kind="invalid_request_error")
        return None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each answer waits 40 ms for the acknowledgement of its head

            def do_GET(self) -> None:
                self._send(server.get(self.path))

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                key = next((self.headers[name] for name in _KEYS if name in self.headers), "")
                self._send(server.post(Recorded(self.path, body, key)))

            def _send(self, fault: Fault) -> None:
                if fault.hang:
                    server.wait_for_stop()
                    self.close_connection = True
                    return
                body = fault.body.encode()
                self.send_response(fault.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body) + fault.missing))
                for name, value in fault.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
                self.close_connection = self.close_connection or bool(fault.missing)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def _needed(path: str) -> str | None:
    """Return what a request to an address must have; None where nothing is."""
    if _GOOGLE.match(path):
        return "contents"
    bare = path.partition("?")[0]
    return {"/v1/chat/completions": "messages", "/v1/responses": "input", "/v1/messages": "messages"}.get(
        bare
    )


def _written(answer: Answer, recorded: Recorded, number: int) -> Mapping[str, object]:
    asked = str(recorded.model)
    if _GOOGLE.match(recorded.path):
        return gemini_content(answer, asked, number)
    if recorded.path.startswith("/v1/messages"):
        return anthropic_message(answer, recorded.body, asked, number)
    return (_chat_completion if recorded.path.endswith("/chat/completions") else _response)(
        answer, asked, number
    )


def _chat_completion(answer: Answer, asked: str, number: int) -> Mapping[str, object]:
    sent, written = answer.tokens
    return {
        "id": f"chatcmpl-scripted-{number}",
        "object": "chat.completion",
        "created": 1_800_000_000,
        "model": answer.model or asked,
        "system_fingerprint": "scripted",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": answer.text, "refusal": None},
                "logprobs": None,
                "finish_reason": answer.finish,
            }
        ],
        "usage": {"prompt_tokens": sent, "completion_tokens": written, "total_tokens": sent + written},
    }


def _response(answer: Answer, asked: str, number: int) -> Mapping[str, object]:
    sent, written = answer.tokens
    reason = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(answer.finish)
    status = "incomplete" if reason else "completed"
    content: Sequence[object] = [
        {"type": "output_text", "text": answer.text, "annotations": [], "logprobs": []}
    ]
    return {
        "id": f"resp_scripted_{number}",
        "object": "response",
        "created_at": 1_800_000_000,
        "status": status,
        "model": answer.model or asked,
        "output": [
            {
                "type": "message",
                "id": f"msg_scripted_{number}",
                "status": status,
                "role": "assistant",
                "content": content,
            }
        ],
        "error": None,
        "incomplete_details": {"reason": reason} if reason else None,
        "instructions": None,
        "metadata": {"origin": "scripted"},
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "temperature": 1.0,
        "top_p": 1.0,
        "usage": {
            "input_tokens": sent,
            "input_tokens_details": {"cached_tokens": 0},
            "output_tokens": written,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": sent + written,
        },
    }
