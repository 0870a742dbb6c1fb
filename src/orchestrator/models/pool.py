"""The models that are there: handed in, opened by name from their providers, found on this machine, built in.

Each is made once and kept. What is known of it comes from the catalogue, which may know models that cannot be asked now;
`why_not` says why.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

from orchestrator.core.misfit import joined, shown
from orchestrator.core.model import Model, ModelProfile, ModelRequest, ModelResponse
from orchestrator.core.suggestion import nearest
from orchestrator.errors import ActionError, SetupError
from orchestrator.models.catalogue.catalogue import Catalogue
from orchestrator.models.catalogue.entry import OWN_WORD, Entry
from orchestrator.models.discovery import FoundServer

Provider = Callable[[str, str], Model]
"""Makes a model from its full name and the base address of its server (empty: the usual one)."""

LOCAL_PROVIDERS = ("ollama",)
"""Providers whose models must be on a server that runs: the catalogue cannot know which are."""

ELSEWHERE = "it is not on this machine, and this run is offline"


class AbsentModel:
    """Stands in a chain for a model that cannot be made, so that the chain can say so and go on."""

    profile = ModelProfile()

    def __init__(self, name: str) -> None:
        self.name = name

    async def generate(self, request: ModelRequest) -> ModelResponse:
        """Refuse: nobody is there."""
        del request
        raise ActionError(f"{self.name} cannot be asked", error_class="invalid_request")

    async def close(self) -> None:
        """Hold nothing."""


class Pool:
    """Every model that can be named."""

    def __init__(
        self,
        *,
        builtin: Model,
        providers: Mapping[str, Provider],
        models: Sequence[Model],
        find_server: Callable[[], Awaitable[FoundServer | None]] | None,
        catalogue: Catalogue | None,
        offline: bool,
    ) -> None:
        self.builtin = builtin
        self.handed_in = {model.name: model for model in models}
        self.offline = offline
        self.catalogue = catalogue or Catalogue()
        self._listed = catalogue.names() if catalogue else []
        self._providers = dict(providers)
        self._made: dict[str, Model] = {}
        self._find_server = find_server
        self._server: FoundServer | None = None

    def name_problem(self, name: str) -> tuple[str, str] | None:
        """Return what is wrong with a name, and what to do, without making a model; None for a good one."""
        if name in self.handed_in or name in ("builtin", self.builtin.name):
            return None
        provider, colon, rest = name.partition(":")
        if provider in self._providers:
            return None if rest else (f"{shown(name)} names no model", f"write {provider}:NAME")
        known = sorted({*self._providers, *self.handed_in, "builtin", "auto"})
        near = nearest(provider if colon else name, known) or ("" if colon else self._with_provider(name))
        meant = f"{near}:{rest}" if near in self._providers else near
        advice = f"did you mean {meant}?" if near else f"known are {joined(known, last='and')}"
        return (
            f"there is no provider {shown(provider)}" if colon else f"there is no model {shown(name)}"
        ), advice

    def _with_provider(self, name: str) -> str:
        """Return the listed model that a name without its provider means, or is nearest to."""
        listed = {known.partition(":")[2]: known for known in self._listed}
        return listed.get(nearest(name, listed), "")

    def named(self, name: str, base_url: str = "") -> Model:
        """Return the model of a good name; raises SetupError when its package or key is missing."""
        if name in self.handed_in:
            return self.handed_in[name]
        if name in ("builtin", self.builtin.name):
            return self.builtin
        if name not in self._made:
            self._made[name] = self._providers[name.partition(":")[0]](name, base_url)
        return self._made[name]

    def why_not(self, name: str) -> str:
        """Return why a model of a good name cannot be asked now; empty when it can, as far as is known here."""
        try:
            model = self.named(name)
        except SetupError as error:
            return error.message
        if self.offline and not model.profile.local:
            return ELSEWHERE
        return ""

    def is_known(self, name: str) -> bool:
        """Return whether anybody says what a model can do; no model is made."""
        if name in self.handed_in or name in ("builtin", self.builtin.name):
            return True
        return self.catalogue.entry(name).origin != OWN_WORD

    def entry(self, name: str) -> Entry:
        """Return what is known of a model, whether or not it can be asked now; no model is made."""
        model = self._made.get(name) or self.handed_in.get(name)
        if model is None and name in ("builtin", self.builtin.name):
            model = self.builtin
        return self.catalogue.entry_of(model) if model else self.catalogue.entry(name)

    def listed(self) -> list[str]:
        """Return the names of the catalogue and the settings that have a provider here."""
        return [name for name in self._listed if name.partition(":")[0] in self._providers]

    async def server(self) -> FoundServer | None:
        """Return the server on this machine; it is looked for once."""
        if self._server is None and self._find_server is not None:
            self._server = await self._find_server()
            if self._server is None:
                self._find_server = None  # looked once and found nothing
        return self._server

    async def served(self) -> list[Model]:
        """Return the models of the server on this machine."""
        server = await self.server()
        if server is None or server.provider not in self._providers:
            return []
        return [self.named(f"{server.provider}:{name}", server.base_url) for name in server.models]

    async def usable(self) -> list[Model]:
        """Return every model that can be asked now, but the built-in one."""
        served = await self.served()
        opened = [
            self.named(name)
            for name in self.listed()
            if name.partition(":")[0] not in LOCAL_PROVIDERS and not self.why_not(name)
        ]
        everyone = {model.name: model for model in [*self.handed_in.values(), *opened, *served]}
        return [model for model in everyone.values() if model.profile.local or not self.offline]

    async def close(self) -> None:
        """Close every model."""
        for model in [*self._made.values(), *self.handed_in.values(), self.builtin]:
            await model.close()
