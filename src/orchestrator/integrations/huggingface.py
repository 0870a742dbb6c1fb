"""Hugging Face's inference providers, or a server of one's own that speaks their protocol."""

from huggingface_hub import AsyncInferenceClient
from pydantic_ai.models.huggingface import HuggingFaceModel
from pydantic_ai.providers.huggingface import HuggingFaceProvider

from orchestrator.integrations.access import Access, Line


def connect(access: Access) -> Line:
    """Open a connection."""
    key = access.key or "none"
    client = AsyncInferenceClient(base_url=access.base_url, api_key=key, timeout=access.timeout)
    provider = HuggingFaceProvider(hf_client=client, api_key=key)
    return Line(HuggingFaceModel(access.model, provider=provider), client.close)
