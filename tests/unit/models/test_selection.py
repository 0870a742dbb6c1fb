"""What `model` may say, and which models it means."""

import asyncio

import pytest

from orchestrator.core.model import Model, ModelProfile
from orchestrator.errors import SetupError
from orchestrator.models.builtin import BuiltinModel
from orchestrator.models.catalogue.catalogue import Catalogue
from orchestrator.models.discovery import FoundServer
from orchestrator.models.selection import Selector
from orchestrator.testing.models import ScriptedModel

SERVER = FoundServer("ollama", "http://127.0.0.1:11434/v1", ("llama", "zephyr"))


class Provider:
    """Makes scripted models and remembers what it made."""

    def __init__(self, *, local: bool = False) -> None:
        self.made: list[tuple[str, str]] = []
        self.models: list[ScriptedModel] = []
        self._local = local

    def __call__(self, name: str, base_url: str) -> Model:
        self.made.append((name, base_url))
        model = ScriptedModel(profile=ModelProfile(local=self._local, vision=True, context=8000))
        model.name = name
        self.models.append(model)
        return model


def names(selector: Selector, wish: object) -> list[tuple[str, bool]]:
    return [(choice.model.name, choice.exact) for choice in asyncio.run(selector.select(wish))]


def selector(**options: object) -> Selector:
    return Selector(builtin=BuiltinModel(), **options)  # pyright: ignore[reportArgumentType]


async def found() -> FoundServer:
    return SERVER


@pytest.mark.parametrize("wish", [None, "auto"])
def test_auto_without_anything_is_the_builtin(wish):
    assert names(selector(), wish) == [("builtin:extractive", False)]


def test_auto_is_the_found_server_before_the_builtin():
    provider = Provider()
    chosen = selector(providers={"ollama": provider}, find_server=found)
    assert names(chosen, "auto") == [("ollama:llama", False)]
    assert provider.made == [("ollama:llama", SERVER.base_url)]


def test_auto_is_a_model_that_was_handed_in_before_a_found_server():
    chosen = selector(providers={"ollama": Provider()}, find_server=found, models=[ScriptedModel()])
    assert names(chosen, None) == [("scripted:script", False)]


@pytest.mark.parametrize(
    ("default", "expected"),
    [
        ("openai:a", ["openai:a"]),
        (["openai:a", "auto", "openai:b"], ["openai:a", "openai:b"]),
        ({"vision": True}, ["scripted:script"]),
    ],
)
def test_auto_is_the_default_before_all_others(default, expected):
    handed_in = ScriptedModel(profile=ModelProfile(vision=True))
    chosen = selector(
        providers={"openai": Provider()}, find_server=found, models=[handed_in], default=default
    )
    assert [name for name, _ in names(chosen, "auto")] == expected


def test_a_default_of_auto_is_no_default():
    assert names(selector(default="auto"), None) == [("builtin:extractive", False)]


def test_the_server_is_looked_for_once():
    asked: list[int] = []

    async def nothing() -> None:
        asked.append(1)

    chosen = selector(find_server=nothing)
    assert names(chosen, "auto") == names(chosen, "auto")
    assert asked == [1]


def test_a_name_is_exact_and_its_model_made_once():
    provider = Provider()
    chosen = selector(providers={"openai": provider}, find_server=found)
    assert names(chosen, "openai:x") == [("openai:x", True)]
    assert names(chosen, ["openai:x", "openai:y", "openai:x"]) == [("openai:x", True), ("openai:y", True)]
    assert provider.made == [("openai:x", ""), ("openai:y", "")]


def test_a_name_may_be_of_a_model_that_was_handed_in_or_the_builtin():
    chosen = selector(models=[ScriptedModel(name="mine")])
    assert names(chosen, ["scripted:mine", "builtin", "builtin:extractive"]) == [
        ("scripted:mine", True),
        ("builtin:extractive", True),
    ]


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        ("opena:gpt", 'there is no provider "opena"; did you mean openai:gpt?'),
        ("zzz:gpt", 'there is no provider "zzz"; known are auto, builtin, openai and scripted:mine'),
        ("zzz", 'there is no model "zzz"; known are auto, builtin, openai and scripted:mine'),
        ("scripted:min", "did you mean"),
        ("openai:", '"openai:" names no model; write openai:NAME'),
        (5, "`model` is a name, a list of names or a mapping of requirements, not 5"),
        ([], "`model` is a name"),
        ([["openai:x"]], "a list of models has no lists in it"),
        (["openai:x", "opena:y"], "did you mean openai:y?"),
        ({"task": "summaries"}, 'the requirement task cannot be "summaries"; did you mean summarize?'),
        ({"visoin": True}, 'there is no requirement "visoin"; did you mean vision?'),
        ({"zzz": True}, 'there is no requirement "zzz"; known are task, quality'),
        ({"context": 1.5}, "the requirement context is a number of tokens, not 1.5"),
        ({"context": True}, "the requirement context is a number of tokens, not true"),
        ({"local": "yes"}, 'the requirement local is true or false, not "yes"'),
    ],
)
def test_a_wrong_wish_is_refused_in_words(wish, problem):
    provider = Provider()
    chosen = selector(providers={"openai": provider}, models=[ScriptedModel(name="mine")])
    if wish != "scripted:min":
        assert problem in "; ".join(chosen.problems(wish))
    with pytest.raises(SetupError) as caught:
        asyncio.run(chosen.select(wish))
    assert problem in str(caught.value)
    assert provider.made == []


def test_a_wrong_default_is_named_as_such():
    with pytest.raises(SetupError, match="the default model: there is no provider"):
        asyncio.run(selector(default="nobody:x").select("auto"))


@pytest.mark.parametrize("wish", [None, "auto", "builtin", ["auto"], {"local": True}, "openai:x"])
def test_a_good_wish_has_no_problems(wish):
    assert selector(providers={"openai": Provider()}).problems(wish) == []


@pytest.mark.parametrize(
    ("requirements", "expected"),
    [
        ({"local": True}, "scripted:local"),
        ({"vision": True, "local": False}, "scripted:eyes"),
        ({"context": 5000}, "scripted:eyes"),
        ({"tools": False, "structured": True}, "scripted:local"),
    ],
)
def test_requirements_choose_by_profile(requirements, expected):
    local = ScriptedModel(name="local", profile=ModelProfile(structured=True))
    eyes = ScriptedModel(name="eyes", profile=ModelProfile(vision=True, local=False, context=8000))
    assert names(selector(models=[local, eyes]), requirements) == [(expected, False)]


def test_requirements_that_nobody_meets_say_what_each_model_lacks():
    small = ScriptedModel(name="small", profile=ModelProfile(context=10))
    blank = ScriptedModel(name="blank")
    with pytest.raises(SetupError) as caught:
        asyncio.run(selector(models=[small, blank]).select({"context": 5000, "vision": True}))
    assert "scripted:small (vision is false and its context is 10)" in str(caught.value)
    assert "scripted:blank (vision is false and its context is not known)" in str(caught.value)


def test_the_builtin_meets_requirements_only_where_nothing_else_is():
    assert names(selector(), {"local": True}) == [("builtin:extractive", False)]
    with pytest.raises(SetupError, match="scripted:script"):
        asyncio.run(selector(models=[ScriptedModel()]).select({"local": False}))


def test_offline_refuses_models_that_are_elsewhere():
    here, there = Provider(local=True), Provider()
    chosen = selector(providers={"here": here, "there": there}, offline=True)
    assert names(chosen, "here:x") == [("here:x", True)]
    with pytest.raises(SetupError, match="there:x is not on this machine, and this run is offline"):
        asyncio.run(chosen.select("there:x"))


def test_close_closes_every_model():
    provider, mine = Provider(), ScriptedModel()
    chosen = selector(providers={"openai": provider}, models=[mine])
    names(chosen, "openai:x")
    asyncio.run(chosen.close())
    assert mine.is_closed
    assert [model.is_closed for model in provider.models] == [True]


@pytest.mark.parametrize(("name", "meant"), [("gpt-4o", "openai:gpt-4o"), ("gpt-5-mni", "openai:gpt-5-mini")])
def test_a_listed_name_without_its_provider_is_told_with_it(name, meant):
    chosen = selector(providers={"openai": Provider()}, catalogue=Catalogue())
    assert [problem[2] for problem in chosen.misfits(name)] == [f"did you mean {meant}?"]
