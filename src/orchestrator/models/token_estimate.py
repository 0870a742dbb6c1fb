"""How many tokens a request has, before a provider counts them: a guess that errs upwards for most texts."""

from orchestrator.core.model import ModelRequest

_BYTES_PER_TOKEN = 3.5
"""English has about 4 bytes to a token, code and other languages less."""
_TOKENS_PER_IMAGE = 1_000


def input_tokens(request: ModelRequest) -> int:
    """Return about how many tokens a request has, its answer not counted."""
    texts = [request.prompt, request.system]
    texts += [part for answer in request.repair for part in answer]
    for exchange in request.exchanges:
        texts += [exchange.text, *exchange.results, *(str(call.arguments) for call in exchange.calls)]
    texts += [str(dict(tool.parameters)) + tool.description for tool in request.tools]
    if request.schema is not None:
        texts.append(str(dict(request.schema)))
    size = sum(len(text.encode(errors="surrogatepass")) for text in texts)
    return int(size / _BYTES_PER_TOKEN) + 1 + _TOKENS_PER_IMAGE * len(request.images)
