"""What can be said of a step's `model` before it runs: whether the names are good and the models can do what it needs.

Nothing is asked and nobody is contacted. Of a model that neither the catalogue nor the settings know, nothing is said.
"""

from collections.abc import Iterator, Mapping

from orchestrator.core.action import ModelAdvice, Params
from orchestrator.core.model import ModelRequest
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.models.minimal import NAME as MINIMAL
from orchestrator.models.minimal import smallest
from orchestrator.models.requirements import read_requirements
from orchestrator.models.routing import Need, abilities_lacking, need_of
from orchestrator.models.selection import Selector

_NEEDS = {"structured": "`output`", "vision": "`images`", "tools": "`tools`"}
"""What in a step asks for an ability."""


def advise(
    selector: Selector, wish: object, parameters: Params, output: Mapping[str, object] | None
) -> list[ModelAdvice]:
    """Return everything that is wrong with, or doubtful about, the `model` of a step.

    Args:
        selector: Knows the models.
        wish: What the step says under `model`.
        parameters: Of the action, as written: templates are not rendered.
        output: The schema of the answer.
    """
    wrong = [ModelAdvice(*misfit) for misfit in selector.misfits(wish)]
    if wrong:
        return wrong
    need = literal_need(parameters, output)
    found: list[ModelAdvice] = []
    for path, name in _names(wish):
        if name != MINIMAL:
            found += _about(selector, name, path, need)
        elif output is not None and smallest(output) is None:
            found.append(_no_minimum(path))
    if is_mapping(wish):
        wanted, _ = read_requirements(wish)
        for ability, place in _NEEDS.items():
            if getattr(wanted, ability) is False and getattr(need, ability):
                found.append(
                    ModelAdvice(
                        (ability,), f"the step has {place}, so {ability} cannot be false", "leave it out"
                    )
                )
        if wanted.minimal and output is not None and smallest(output) is None:
            found.append(_no_minimum(("minimal",)))
    return found


def _names(wish: object) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every name that a wish holds, with its place."""
    if isinstance(wish, str):
        yield (), wish
        return
    named = wish.get("models") if is_mapping(wish) else wish
    before: tuple[str, ...] = ("models",) if is_mapping(wish) else ()
    for at, name in enumerate(named if is_list(named) else ()):
        if isinstance(name, str):
            yield (*before, at), name


def _about(selector: Selector, name: str, path: tuple[str | int, ...], need: Need) -> Iterator[ModelAdvice]:
    if name == "auto" or not selector.pool.is_known(name):
        return
    profile = selector.pool.entry(name).profile
    for lack in abilities_lacking(profile, need):
        is_doubt = "schema" in lack
        hint = (
            "its answers are checked all the same"
            if is_doubt
            else "name a model that can; `py-orc models` lists them"
        )
        yield ModelAdvice(path, f"{name} does not fit this step: {lack}", hint, not is_doubt)
    if profile.max_output is not None and (need.output_tokens or 0) > profile.max_output:
        yield ModelAdvice(
            path,
            f"{name} does not fit this step: its longest answer is {profile.max_output} tokens, "
            f"and `max_tokens` is {need.output_tokens}",
            "lower `max_tokens`, or name another model",
        )


def _no_minimum(path: tuple[str | int, ...]) -> ModelAdvice:
    return ModelAdvice(
        path,
        "no smallest answer is known that fits `output`",
        "give `output` a `default`, or leave the minimal answer out and use `on_error: {value: …}`",
    )


def literal_need(parameters: Params, output: Mapping[str, object] | None) -> Need:
    """Return what a step needs for certain, whatever its templates give."""
    from msgspec.structs import replace

    texts = {key: text for key in ("prompt", "system") if isinstance(text := parameters.get(key), str)}
    literal = {key: text for key, text in texts.items() if "{{" not in text and "{%" not in text}
    limit = parameters.get("max_tokens")
    request = ModelRequest(
        prompt=literal.get("prompt", ""),
        system=literal.get("system", ""),
        schema=output,
        max_tokens=limit if type(limit) is int else None,
    )
    return replace(
        need_of(request), vision=bool(parameters.get("images")), tools=bool(parameters.get("tools"))
    )
