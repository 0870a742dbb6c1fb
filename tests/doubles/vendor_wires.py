"""What the servers of Anthropic and Google answer, in their real wire forms; the scripted server writes with these."""

import json
from collections.abc import Mapping
from typing import Protocol


class Scripted(Protocol):
    """What the model is scripted to say."""

    @property
    def text(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def finish(self) -> str: ...
    @property
    def tokens(self) -> tuple[int, int]: ...


_STOP = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}
_FINISH = {"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}


def anthropic_message(
    answer: Scripted, body: Mapping[str, object], asked: str, number: int
) -> Mapping[str, object]:
    """Return a message; where a tool must be called, the text is its input."""
    sent, written = answer.tokens
    tools = body.get("tools")
    forced = isinstance(body.get("tool_choice"), dict) and body["tool_choice"].get("type") in ("any", "tool")
    if tools and forced:
        block = {
            "type": "tool_use", "id": f"toolu_scripted_{number}", "name": tools[0]["name"], "input": json.loads(answer.text),
        }  # fmt: skip
        stop = "tool_use"
    else:
        block = {"type": "text", "text": answer.text}
        stop = _STOP[answer.finish]
    return {
        "id": f"msg_scripted_{number}",
        "type": "message",
        "role": "assistant",
        "model": answer.model or asked,
        "content": [block],
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {"input_tokens": sent, "output_tokens": written},
    }


def gemini_content(answer: Scripted, asked: str, number: int) -> Mapping[str, object]:
    """Return generated content."""
    sent, written = answer.tokens
    return {
        "candidates": [
            {
                "content": {"parts": [{"text": answer.text}], "role": "model"},
                "finishReason": _FINISH[answer.finish],
                "index": 0,
            }
        ],
        "usageMetadata": {
            "promptTokenCount": sent,
            "candidatesTokenCount": written,
            "totalTokenCount": sent + written,
        },
        "modelVersion": answer.model or asked,
        "responseId": f"scripted-{number}",
    }
