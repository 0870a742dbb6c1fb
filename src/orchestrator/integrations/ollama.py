"""Ollama's own server, through its OpenAI protocol."""

from openai import AsyncOpenAI
from pydantic_ai.models.ollama import OllamaModel
from pydantic_ai.providers.ollama import OllamaProvider

from orchestrator.integrations.access import Access, Line


def connect(access: Access) -> Line:
    """Open a connection; no model is pulled by it."""
    client = AsyncOpenAI(base_url=access.base_url, api_key="none", max_retries=0, timeout=access.timeout)
    return Line(OllamaModel(access.model, provider=OllamaProvider(openai_client=client)), client.close)
