"""Google's Gemini API."""

from google.genai.types import HttpRetryOptions
from httpx2 import AsyncClient, Timeout
from pydantic_ai.models.google import GoogleModel
from pydantic_ai.providers.google import GoogleProvider

from orchestrator.integrations.access import Access, Line


def connect(access: Access) -> Line:
    """Open a connection."""
    http = AsyncClient(timeout=Timeout(access.timeout))
    provider = GoogleProvider(
        api_key=access.key or "none",
        base_url=access.base_url,
        http_client=http,
        retry_options=HttpRetryOptions(attempts=1),
    )
    return Line(GoogleModel(access.model, provider=provider), http.aclose)
