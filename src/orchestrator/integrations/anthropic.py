"""Anthropic's Messages API."""

from anthropic import AsyncAnthropic
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.providers.anthropic import AnthropicProvider

from orchestrator.integrations.access import Access, Line


def connect(access: Access) -> Line:
    """Open a connection."""
    client = AsyncAnthropic(
        api_key=access.key or "none", base_url=access.base_url, max_retries=0, timeout=access.timeout
    )
    return Line(
        AnthropicModel(access.model, provider=AnthropicProvider(anthropic_client=client)), client.close
    )
