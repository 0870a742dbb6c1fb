"""Which models steps can ask: those handed in, those of the installed vendors, a server on this machine, the built-in."""

from collections.abc import Mapping, Sequence

from orchestrator.core.clock import Clock
from orchestrator.core.model import Model
from orchestrator.models.catalogue.catalogue import Catalogue
from orchestrator.models.routing import Health
from orchestrator.models.selection import Selector
from orchestrator.settings import Settings


def selector_of(
    settings: Settings, models: Sequence[Model], clock: Clock, health: Health | None = None
) -> Selector:
    """Return the selector that the settings and the models handed in amount to."""
    from orchestrator.integrations.providers import PREFIXES, default_model, open_model
    from orchestrator.models.builtin import BuiltinModel
    from orchestrator.models.discovery import find_server

    environ = vendor_environment(settings)

    def open_by_name(name: str, base_url: str) -> Model:
        return open_model(name, base_url, environment=environ)

    default = settings.model
    if not default and not models and not settings.offline:
        default = default_model(environ) or ""
    return Selector(
        builtin=BuiltinModel(),
        providers=dict.fromkeys(PREFIXES, open_by_name),
        models=models,
        default=default,
        find_server=lambda: find_server(clock=clock),
        offline=settings.offline,
        catalogue=Catalogue(settings.models, now=clock.now()),
        health=health,
    )


def vendor_environment(settings: Settings) -> Mapping[str, str]:
    """Return the environment as vendors see it: with what the settings file says in their variables."""
    said = {"OPENAI_BASE_URL": settings.openai_base_url, "OPENAI_API_KEY": settings.openai_api_key}
    return {**settings.environ, **{name: value for name, value in said.items() if value}}
