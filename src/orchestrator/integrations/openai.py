"""OpenAI's protocols: `openai:NAME` speaks the Responses API, `openai-chat:NAME` chat completions, as most servers do."""

from openai import AsyncOpenAI
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider

from orchestrator.integrations.access import Access, Line


def connect(access: Access) -> Line:
    """Open a connection."""
    client = AsyncOpenAI(
        base_url=access.base_url, api_key=access.key or "none", max_retries=0, timeout=access.timeout
    )
    kind = OpenAIResponsesModel if access.provider == "openai" else OpenAIChatModel
    return Line(kind(access.model, provider=OpenAIProvider(openai_client=client)), client.close)
