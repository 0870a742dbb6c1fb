"""From what a step says under `model` to the models to ask, in order.

`auto` means: the configured default; else the first model that was handed in; else a server that runs on this machine;
else the built-in one, which therefore never stands in for a real model. A list is a chain, tried one after the other, and
may end in `minimal`. A mapping states requirements: the best models that meet them, by its strategy.
"""

from asyncio import to_thread
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from orchestrator.core.misfit import Misfit, joined, shown
from orchestrator.core.model import Model, Price
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.errors import SetupError
from orchestrator.models.catalogue.catalogue import Catalogue
from orchestrator.models.discovery import FoundServer
from orchestrator.models.minimal import NAME as MINIMAL
from orchestrator.models.minimal import MinimalAnswer
from orchestrator.models.pool import ELSEWHERE, AbsentModel, Pool, Provider
from orchestrator.models.requirements import NO_REQUIREMENTS, Requirements, Strategy, read_requirements
from orchestrator.models.routing import (
    NO_NEED,
    Candidate,
    Health,
    Need,
    Ranked,
    Routing,
    UnknownHealth,
    abilities_lacking,
    route,
)

BEST = 3
"""How many of the models that meet requirements are asked, one after the other."""

Draw = Callable[[], float]


class Choice(NamedTuple):
    """A model to ask."""

    model: Model
    exact: bool
    """Whether the file names this very model, so that another one's answer is none."""
    reason: str = "named in the file"
    """Why it is this one."""
    strategy: str = ""
    refusal: str = ""
    """Why it is not to be asked after all; empty when it is."""
    max_cost: Decimal | None = None
    """US dollars that one call may cost at most."""
    price: Price | None = None
    """Known where `max_cost` is set."""


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
        catalogue: Catalogue | None = None,
        health: Health | None = None,
    ) -> None:
        self.pool = Pool(
            builtin=builtin,
            providers=providers or {},
            models=models,
            find_server=find_server,
            catalogue=catalogue,
            offline=offline,
        )
        self._default = None if default in ("", "auto") else default
        self._health = health or UnknownHealth()

    @property
    def default(self) -> object:
        """What `auto` was configured to mean; None where nothing was said."""
        return self._default

    def misfits(self, wish: object) -> list[Misfit]:
        """Return what is wrong with the `model` of a step, each with its place in it, without making or asking any."""
        if wish is None or wish == "auto":
            return []
        if isinstance(wish, str):
            return self._name_misfits(wish, ())
        if is_mapping(wish):
            wanted, misfits = read_requirements(wish)
            named = enumerate(wanted.models)
            return misfits + [m for at, name in named for m in self._name_misfits(name, ("models", at))]
        if is_list(wish) and wish:
            last = len(wish) - 1
            return [
                m for at, each in enumerate(wish) for m in self._link_misfits(each, at, is_last=at == last)
            ]
        return [
            Misfit((), f"`model` is a name, a list of names or a mapping of requirements, not {shown(wish)}")
        ]

    def problems(self, wish: object) -> list[str]:
        """Return what is wrong with the `model` of a step, in sentences."""
        return [f"{m.message}; {m.hint}" if m.hint else m.message for m in self.misfits(wish)]

    async def select(
        self, wish: object, need: Need = NO_NEED, *, draw: Draw | None = None, tight: bool = False
    ) -> list[Choice]:
        """Return the models to try, in order; raises SetupError when there is none.

        Args:
            wish: What the step says.
            need: What the request needs of a model.
            draw: Gives a number in [0, 1), for sharing work by weight.
            tight: Whether money is so short that requirements without a strategy mean the cheapest model.
        """
        problems = self.problems(wish)
        problems += [f"the default model: {problem}" for problem in self.problems(self._default)]
        if problems:
            raise SetupError("; ".join(problems))
        entries = wish if is_list(wish) else [wish]
        chain: dict[str, Choice] = {}
        for entry in entries:
            try:
                found = await self._entry(entry, need, draw=draw, tight=tight)
            except SetupError as error:
                if len(entries) == 1:
                    raise
                found = [
                    Choice(
                        AbsentModel(entry if isinstance(entry, str) else shown(entry)),
                        exact=False,
                        refusal=error.message,
                    )
                ]
            for choice in found:
                chain.setdefault(choice.model.name, self._refused_elsewhere(choice))
        if all(choice.refusal.startswith(ELSEWHERE) for choice in chain.values()):
            raise SetupError(
                f"{joined(list(chain), last='and')} is not on this machine, and this run is offline",
                hint="use a local model, or run without --offline",
            )
        return list(chain.values())

    async def routing(
        self, wanted: Requirements, need: Need = NO_NEED, *, draw: Draw | None = None, tight: bool = False
    ) -> Routing:
        """Return every model that meets requirements, best first, and what the others lack."""
        models = [self.pool.named(name) for name in wanted.models] or await self.pool.usable()
        strategy = _strategy(wanted, tight=tight)
        candidates = await to_thread(self._priced, models or [self.pool.builtin])
        routing = route(candidates, wanted, need, strategy=strategy, health=self._health, draw=draw)
        if wanted.models and wanted.strategy is None and not tight:
            as_listed = sorted(
                routing.ranked, key=lambda each: wanted.models.index(each.candidate.entry.name)
            )
            return routing._replace(
                ranked=[each._replace(reason="in the order of the file") for each in as_listed]
            )
        return routing

    async def close(self) -> None:
        """Close every model."""
        await self.pool.close()

    def _link_misfits(self, entry: object, at: int, *, is_last: bool) -> list[Misfit]:
        if is_list(entry):
            return [Misfit((at,), "a list of models has no lists in it")]
        if entry == MINIMAL:
            return (
                [] if is_last and at else [Misfit((at,), "`minimal` stands at the end of a chain of models")]
            )
        return [m._replace(path=(at, *m.path)) for m in self.misfits(entry)]

    def _name_misfits(self, name: str, path: tuple[str | int, ...]) -> list[Misfit]:
        problem = self.pool.name_problem(name)
        return [Misfit(path, *problem)] if problem else []

    async def _entry(self, entry: object, need: Need, *, draw: Draw | None, tight: bool) -> list[Choice]:
        if entry == MINIMAL:
            return [_MINIMAL]
        if isinstance(entry, str) and entry != "auto":
            return [self._judged(self.pool.named(entry), need, exact=True, reason="named in the file")]
        wish = entry if is_mapping(entry) else self._default
        if is_mapping(wish):
            return await self._fitting(read_requirements(wish)[0], need, draw=draw, tight=tight)
        real, reason = await self._real()
        choices = [self._judged(model, need, exact=False, reason=reason) for model in real]
        if choices and all(choice.refusal for choice in choices):
            routing = await self.routing(NO_REQUIREMENTS, need, draw=draw, tight=tight)
            choices += [
                _chosen(self.pool, ranked, NO_REQUIREMENTS, "balanced") for ranked in routing.ranked[:BEST]
            ]
        return choices or [
            self._judged(self.pool.builtin, need, exact=False, reason="no model is configured")
        ]

    async def _real(self) -> tuple[list[Model], str]:
        """Return the models that `auto` stands for, without the built-in one, and why."""
        if self._default is not None and not is_mapping(self._default):
            entries = self._default if is_list(self._default) else [self._default]
            named = [entry for entry in entries if isinstance(entry, str) and entry not in ("auto", MINIMAL)]
            return [self.pool.named(entry) for entry in named], "the configured default"
        if self.pool.handed_in:
            return [next(iter(self.pool.handed_in.values()))], "the first model that was handed in"
        server = await self.pool.server()
        found = [self.pool.named(server.model, server.base_url)] if server else []
        return found, "a server on this machine has it"

    def _judged(self, model: Model, need: Need, *, exact: bool, reason: str) -> Choice:
        """Return a choice that was not made by requirements; it is refused where the model cannot do what is needed."""
        profile = self.pool.catalogue.entry_of(model).profile
        lacking = [lack for lack in abilities_lacking(profile, need) if "schema" not in lack]
        return Choice(model, exact, reason, refusal=joined(lacking, last="and") if lacking else "")

    async def _fitting(
        self, wanted: Requirements, need: Need, *, draw: Draw | None, tight: bool
    ) -> list[Choice]:
        routing = await self.routing(wanted, need, draw=draw, tight=tight)
        most = len(wanted.models) or BEST
        strategy = "" if wanted.models and not wanted.strategy else _strategy(wanted, tight=tight)
        choices = [_chosen(self.pool, ranked, wanted, strategy) for ranked in routing.ranked[:most]]
        if wanted.models:
            choices += [
                Choice(
                    self.pool.named(name), exact=False, strategy=strategy, refusal=joined(lacks, last="and")
                )
                for name, lacks in routing.unfit.items()
            ]
        if wanted.minimal:
            return [*choices, _MINIMAL]
        if not routing.ranked:
            lacks = (f"{name} ({joined(lacking, last='and')})" for name, lacking in routing.unfit.items())
            raise SetupError(
                f"no model meets the requirements: {', '.join(lacks)}",
                hint="name a model in the step, or set a default model that meets them",
            )
        return choices

    def _priced(self, models: Sequence[Model]) -> list[Candidate]:
        entries = [self.pool.catalogue.entry_of(model) for model in models]
        return [Candidate(entry, self.pool.catalogue.price(entry)) for entry in entries]

    def _refused_elsewhere(self, choice: Choice) -> Choice:
        is_elsewhere = self.pool.offline and not choice.model.profile.local
        return choice._replace(refusal=ELSEWHERE) if is_elsewhere else choice


_MINIMAL = Choice(MinimalAnswer(), exact=False, reason="the last resort: no model is asked")


def _strategy(wanted: Requirements, *, tight: bool) -> Strategy:
    return wanted.strategy or ("cost" if tight else "balanced")


def _chosen(pool: Pool, ranked: Ranked, wanted: Requirements, strategy: str) -> Choice:
    candidate, reason = ranked
    return Choice(
        pool.named(candidate.entry.name),
        exact=False,
        reason=reason,
        strategy=strategy,
        max_cost=wanted.max_cost,
        price=candidate.price,
    )
