"""From what a step says under `model` to the models to ask, in order.

`auto` means: the configured default; else the first model that was handed in; else a server that runs on this machine;
else the built-in one, which therefore never stands in for a real model. A list is a chain, tried one after the other.
A mapping states requirements that a model's profile must meet. Each model is made once and kept.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple

from orchestrator.core.misfit import joined, shown
from orchestrator.core.model import Model, ModelProfile
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.core.suggestion import nearest
from orchestrator.errors import SetupError
from orchestrator.models.discovery import FoundServer

Provider = Callable[[str, str], Model]
"""Makes a model from its full name and the base address of its server (empty: the usual one)."""

_FLAGS = ("local", "structured", "tools", "vision")
_JUDGED = ("context", *_FLAGS)
_NOT_YET = ("max_cost", "quality", "speed", "strategy", "task")


class Choice(NamedTuple):
    """A model to ask."""

    model: Model
    exact: bool
    """Whether the file names this very model, so that another one's answer is none."""


class Selector:
    """Knows every model that a pipeline may ask."""

    def __init__(
        self,
        *,
        builtin: Model,
        providers: Mapping[str, Provider] | None = None,
        models: Sequence[Model] = (),
        default: object = None,
        find_server: Callable[[], Awaitable[FoundServer | None]] | None = None,
        offline: bool = False,
    ) -> None:
        self._builtin = builtin
        self._providers = dict(providers or {})
        self._handed_in = {model.name: model for model in models}
        self._made: dict[str, Model] = {}
        self._default = None if default in ("", "auto") else default
        self._find_server = find_server
        self._offline = offline
        self._server: FoundServer | None = None

    def problems(self, wish: object) -> list[str]:
        """Return what is wrong with the `model` of a step, without making or asking any."""
        if wish is None or wish == "auto":
            return []
        if isinstance(wish, str):
            return self._name_problems(wish)
        if is_mapping(wish):
            return _requirement_problems(wish)
        if is_list(wish) and wish:
            return [problem for each in wish for problem in self._entry_problems(each)]
        return [f"`model` is a name, a list of names or a mapping of requirements, not {shown(wish)}"]

    async def select(self, wish: object) -> list[Choice]:
        """Return the models to try, in order; raises SetupError when there is none."""
        problems = self.problems(wish)
        problems += [f"the default model: {problem}" for problem in self.problems(self._default)]
        if problems:
            raise SetupError("; ".join(problems))
        entries = wish if is_list(wish) else [wish]
        chain: dict[str, Choice] = {}
        for entry in entries:
            for choice in await self._entry(entry, exact=True):
                self._refuse_elsewhere(choice.model)
                chain.setdefault(choice.model.name, choice)
        return list(chain.values())

    async def close(self) -> None:
        """Close every model."""
        for model in [*self._made.values(), *self._handed_in.values(), self._builtin]:
            await model.close()

    def _entry_problems(self, entry: object) -> list[str]:
        if is_list(entry):
            return ["a list of models has no lists in it"]
        return self.problems(entry)

    def _name_problems(self, name: str) -> list[str]:
        if name in self._handed_in or name in ("builtin", self._builtin.name):
            return []
        provider, colon, rest = name.partition(":")
        if provider in self._providers:
            return [] if rest else [f"{shown(name)} names no model; write {provider}:NAME"]
        known = sorted({*self._providers, *self._handed_in, "builtin", "auto"})
        near = nearest(provider if colon else name, known)
        meant = f"{near}:{rest}" if near in self._providers else near
        advice = f"did you mean {meant}?" if near else f"known are {joined(known, last='and')}"
        what = f"there is no provider {shown(provider)}" if colon else f"there is no model {shown(name)}"
        return [f"{what}; {advice}"]

    async def _entry(self, entry: object, *, exact: bool) -> list[Choice]:
        if isinstance(entry, str) and entry != "auto":
            return [Choice(self._named(entry), exact)]
        if is_mapping(entry):
            return [Choice(await self._fitting(entry), exact=False)]
        if is_mapping(self._default):
            return [Choice(await self._fitting(self._default), exact=False)]
        real = await self._real()
        return [Choice(model, exact=False) for model in real] or [Choice(self._builtin, exact=False)]

    async def _real(self) -> list[Model]:
        """Return the models that `auto` stands for, without the built-in one."""
        if self._default is not None and not is_mapping(self._default):
            entries = self._default if is_list(self._default) else [self._default]
            return [self._named(entry) for entry in entries if isinstance(entry, str) and entry != "auto"]
        if self._handed_in:
            return [next(iter(self._handed_in.values()))]
        if self._server is None and self._find_server is not None:
            self._server = await self._find_server()
            if self._server is None:
                self._find_server = None  # looked once and found nothing
        return [self._named(self._server.model, self._server.base_url)] if self._server else []

    def _named(self, name: str, base_url: str = "") -> Model:
        if name in self._handed_in:
            return self._handed_in[name]
        if name in ("builtin", self._builtin.name):
            return self._builtin
        if name not in self._made:
            self._made[name] = self._providers[name.partition(":")[0]](name, base_url)
        return self._made[name]

    async def _fitting(self, requirements: Mapping[str, object]) -> Model:
        candidates = await self._real()
        candidates += [model for model in self._handed_in.values() if model not in candidates]
        lacks: list[str] = []
        for model in candidates or [self._builtin]:
            missing = _missing(model.profile, requirements)
            if not missing:
                return model
            lacks.append(f"{model.name} ({joined(missing, last='and')})")
        raise SetupError(
            f"no model meets the requirements: {', '.join(lacks)}",
            hint="name a model in the step, or set a default model that meets them",
        )

    def _refuse_elsewhere(self, model: Model) -> None:
        if self._offline and not model.profile.local:
            raise SetupError(
                f"{model.name} is not on this machine, and this run is offline",
                hint="use a local model, or run without --offline",
            )


def _requirement_problems(requirements: Mapping[str, object]) -> list[str]:
    problems: list[str] = []
    for key, wanted in requirements.items():
        if key in _NOT_YET:
            problems.append(
                f"the requirement {key} cannot be judged by this version, only {joined(_JUDGED, last='and')}"
            )
        elif key not in _JUDGED:
            near = nearest(key, _JUDGED)
            advice = f"did you mean {near}?" if near else f"known are {joined(_JUDGED, last='and')}"
            problems.append(f"there is no requirement {shown(key)}; {advice}")
        elif key == "context" and (type(wanted) is not int or wanted < 1):
            problems.append(f"the requirement context is a number of tokens, not {shown(wanted)}")
        elif key in _FLAGS and not isinstance(wanted, bool):
            problems.append(f"the requirement {key} is true or false, not {shown(wanted)}")
    return problems


def _missing(profile: ModelProfile, requirements: Mapping[str, object]) -> list[str]:
    has = {flag: bool(getattr(profile, flag)) for flag in _FLAGS}
    missing = [
        f"{key} is {shown(has[key])}"
        for key, wanted in requirements.items()
        if key in has and has[key] != wanted
    ]
    wanted = requirements.get("context")
    if isinstance(wanted, int):
        if profile.context is None:
            missing.append("its context is not known")
        elif profile.context < wanted:
            missing.append(f"its context is {profile.context}")
    return missing
