"""Reads and checks the layers of settings. Imports pydantic: `settings.loading` comes here only when it must."""

from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Annotated, Literal, cast

from dotenv.parser import parse_stream
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from orchestrator.core.budget import dollars
from orchestrator.core.model import Price
from orchestrator.core.provider_limit import ProviderLimit
from orchestrator.core.quantities import duration, size
from orchestrator.core.secret import MASK
from orchestrator.errors import SetupError
from orchestrator.models.catalogue.entry import ModelNote
from orchestrator.settings.project import FILE, PREFIX, default_store, in_folder, path_in
from orchestrator.settings.settings import FEATURES, CacheSettings, Settings
from orchestrator.settings.text_file import read_text_file

RESOURCES = ("cpu", "memory", "gpu")
"""Resources by plain name; `api:NAME` stands beside them."""

VENDOR_SETTINGS = ("openai_base_url", "openai_api_key")
"""Settings that also listen to the variable of that name, without `ORC_`, which the vendor's own programs read."""


def read_layers(
    folder: Path, root: Path, environ: Mapping[str, str], given: Mapping[str, object]
) -> Settings:
    """Return the settings of all layers; raises `SetupError` with everything that is wrong."""
    dotenv = _read_dotenv(root / ".env")
    layers = _Layers()
    layers.add(_read_file(root / FILE), FILE, base=root)
    layers.add_variables(dotenv, ".env: ", base=root)
    layers.add_variables(environ, "", base=folder)
    layers.add(given, "call", base=folder)
    model = layers.validated()
    return Settings(
        root=root,
        store=model.store or default_store(root),
        workspace=Path(model.workspace or folder),
        offline=model.offline,
        max_parallel=model.max_parallel,
        grace=model.grace,
        model=model.model,
        resources=model.resources,
        features={**dict.fromkeys(FEATURES, True), **model.features},
        cache=CacheSettings(**model.cache.model_dump()),
        limits=_limits(model.limits),
        budget=model.budget,
        models={name: _note(table) for name, table in model.models.items()},
        log_level=model.log_level,
        log_format=model.log_format,
        openai_base_url=model.openai_base_url,
        openai_api_key=model.openai_api_key,
        environ={**dotenv, **environ},
        origins=layers.origins,
    )


def _seconds(value: object) -> float:
    try:
        seconds = float(cast("str", value))
    except (TypeError, ValueError):
        seconds = duration(value)
    except OverflowError:
        seconds = None
    if seconds is None or not 0 <= seconds < float("inf"):
        raise ValueError("should be a time such as 10s, 2m or a number of seconds")
    return seconds


def _amount(value: object) -> float:
    try:
        amount = float(cast("str", value))
    except (TypeError, ValueError):
        amount = float(size(value) or 0)
    except OverflowError:
        amount = float("inf")
    if not 0 < amount < float("inf"):
        raise ValueError("should be a number above 0 or a size such as 8GB")
    return amount


def _resource(name: str) -> str:
    if name not in RESOURCES and not (name.startswith("api:") and name != "api:"):
        raise ValueError(_unknown("resource", name, [*RESOURCES, "api:NAME"]))
    return name


def _feature(name: str) -> str:
    if name not in FEATURES:
        raise ValueError(_unknown("feature", name, [*FEATURES]))
    return name


def _span(name: str) -> str:
    if name not in ("day", "project"):
        raise ValueError(_unknown("budget", name, ["day", "project"]))
    return name


def _dollars(value: object) -> Decimal:
    amount = dollars(value)
    if amount is None:
        raise ValueError("should be a sum in US dollars such as `5 USD`")
    return amount


def _limit(name: str) -> str:
    provider, _, field = name.rpartition(".")
    known = ProviderLimit.__struct_fields__
    if field not in known:
        raise ValueError(_unknown("limit", field, [*known]))
    if not provider:
        raise ValueError(f"there is no limit `{name}` of nobody → write `[limits.PROVIDER]` above it")
    return name


def _limits(amounts: Mapping[str, int]) -> dict[str, ProviderLimit]:
    """Return the limits by provider."""
    found: dict[str, dict[str, int]] = {}
    for name, amount in amounts.items():
        provider, _, field = name.rpartition(".")
        found.setdefault(provider, {})[field] = amount
    return {provider: ProviderLimit(**fields) for provider, fields in found.items()}


def _redis(address: str) -> str:
    if address and not address.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("should be an address such as redis://localhost:6379/0")
    return address


class CacheModel(BaseModel):
    """What each setting of `[cache]` may be."""

    model_config = ConfigDict(extra="forbid")

    responses: bool = False
    ttl: Annotated[float | None, BeforeValidator(_seconds)] = None
    redis: Annotated[str, AfterValidator(_redis)] = ""


def _exact(value: object) -> object:
    if isinstance(value, float):
        raise ValueError('should be written as text such as "0.30", for a float is not exact')  # noqa: TRY004 - pydantic's
    return value


Tier = Annotated[int, Field(ge=1, le=5)]
Tokens = Annotated[int, Field(ge=1)]
Amount = Annotated[Decimal, Field(ge=0, allow_inf_nan=False), BeforeValidator(_exact)]


class PriceModel(BaseModel):
    """What a model costs, in US dollars per million tokens."""

    model_config = ConfigDict(extra="forbid")

    input: Amount
    output: Amount


class NoteModel(BaseModel):
    """What each setting of `[models."provider:name"]` may be."""

    model_config = ConfigDict(extra="forbid")

    quality: Tier | None = None
    speed: Tier | None = None
    weight: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    price: PriceModel | None = None
    context: Tokens | None = None
    max_output: Tokens | None = None
    structured: bool | None = None
    vision: bool | None = None
    tools: bool | None = None


def _note(table: NoteModel) -> ModelNote:
    said = table.price
    price = said and Price(input=said.input, output=said.output, source=FILE)
    return ModelNote(price=price, **table.model_dump(exclude={"price"}))


class SettingsModel(BaseSettings):
    """What each setting may be."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid")

    store: str = ""
    workspace: str = ""
    offline: bool = False
    max_parallel: Annotated[int, Field(ge=1, le=1_000_000)] = 32
    grace: Annotated[float, BeforeValidator(_seconds)] = 10.0
    model: str = ""
    resources: Annotated[
        dict[Annotated[str, AfterValidator(_resource)], Annotated[float, BeforeValidator(_amount)]], NoDecode
    ] = {}
    cache: Annotated[CacheModel, NoDecode] = CacheModel()
    budget: Annotated[
        dict[Annotated[str, AfterValidator(_span)], Annotated[Decimal, BeforeValidator(_dollars)]], NoDecode
    ] = {}
    limits: Annotated[
        dict[Annotated[str, AfterValidator(_limit)], Annotated[int, Field(ge=1, le=1_000_000_000)]], NoDecode
    ] = {}
    features: Annotated[dict[Annotated[str, AfterValidator(_feature)], bool], NoDecode] = {}
    models: Annotated[dict[str, NoteModel], NoDecode] = {}
    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    log_format: Literal["text", "json"] = "text"
    openai_base_url: str = ""
    openai_api_key: str = ""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # The layers are read one by one, so that each value has an origin.
        return (init_settings,)


class _Variables(EnvSettingsSource):
    """Settings from the variables that it is given, instead of from this process."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._given = variables
        super().__init__(SettingsModel)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._given.items() if name.startswith(PREFIX)}


class _Layers:
    """The layers so far, later ones above."""

    def __init__(self) -> None:
        self.origins: dict[str, str] = {}
        self._values: dict[str, object] = {}
        self._problems: list[str] = []

    def add(self, layer: Mapping[str, object], origin: str, *, base: Path) -> None:
        """Lay settings on top; relative paths start at `base`."""
        for name, value in layer.items():
            if name in {"resources", "features", "budget", "cache", "limits", "models"}:
                self._add_entries(name, value, origin)
                continue
            try:
                self._values[name] = _absolute(name, value, base)
            except SetupError as error:
                self._problems.append(f"{origin}: `{name}`: {error.message} → {error.hint}")
            self.origins[name] = origin

    def add_variables(self, variables: Mapping[str, str], place: str, *, base: Path) -> None:
        """Lay the settings among some variables on top."""
        for name in VENDOR_SETTINGS:
            if name.upper() in variables:
                self.add({name: variables[name.upper()]}, place + name.upper(), base=base)
        for name, value in _Variables(variables)().items():
            self.add({name: value}, f"{place}{PREFIX}{name.upper()}", base=base)
        self._problems += [f"{place}{problem}" for problem in _typos(variables)]

    def validated(self) -> SettingsModel:
        """Return the checked settings; raises `SetupError` with everything that is wrong."""
        model = None
        try:
            model = SettingsModel.model_validate(self._values)
        except ValidationError as error:
            self._problems += [self._sentence(problem) for problem in error.errors(include_url=False)]
        if model is None or self._problems:
            raise SetupError(
                "\n".join(["the settings are wrong", *(f"  {problem}" for problem in self._problems)]),
                hint="correct them where they stand; `py-orc doctor` lists every setting with its origin.",
            )
        return model

    def _add_entries(self, name: str, value: object, origin: str) -> None:
        entries = _entries(value)
        if entries is None:
            self._problems.append(
                f"{origin}: `{name}` should be entries such as `a=1, b=2`, it is {_shown(value)}"
            )
            return
        if name == "limits":
            entries = _flattened(entries)
        known = cast("dict[str, object]", self._values.setdefault(name, {}))
        known.update(entries)
        self.origins.update({f"{name}.{key}": origin for key in entries})

    def _sentence(self, problem: ErrorDetails) -> str:
        steps = [str(step) for step in problem["loc"] if step != "[key]"]
        name = ".".join(steps)
        origin = (
            self.origins.get(name) or self.origins.get(".".join(steps[:2])) or self.origins.get(steps[0], "?")
        )
        if problem["type"] == "extra_forbidden":
            known = {"cache": CacheModel, "models": NoteModel}.get(steps[0], SettingsModel)
            return f"{origin}: {_unknown('setting', steps[-1], list(known.model_fields))}"
        what = problem["msg"].removeprefix("Value error, ")
        if what.startswith("there is no "):
            return f"{origin}: {what}"
        shown = MASK if name.endswith(("_key", ".redis")) else _shown(problem["input"])
        return f"{origin}: `{name}`: {what[:1].lower()}{what[1:]}, it is {shown}"


def _read_file(path: Path) -> Mapping[str, object]:
    import tomllib

    try:
        return tomllib.loads(read_text_file(path))
    except RecursionError:
        raise SetupError(f"{path} is nested too deeply", hint="settings have two levels.") from None
    except ValueError as error:  # also for a number with too many digits
        raise SetupError(f"{path} is not TOML: {error}", hint="correct the file.") from None


def _read_dotenv(path: Path) -> dict[str, str]:
    if path.is_dir():
        return {}
    bindings = list(parse_stream(StringIO(read_text_file(path))))
    wrong = [str(binding.original.line) for binding in bindings if binding.error]
    if wrong:
        lines = f"line {wrong[0]} is" if len(wrong) == 1 else f"lines {', '.join(wrong[:5])} are"
        raise SetupError(f"{path}: {lines} not NAME=VALUE", hint="correct the file; `#` begins a comment.")
    return {
        binding.key: binding.value
        for binding in bindings
        if binding.key is not None and binding.value is not None
    }


def _shown(value: object) -> str:
    """Return a value as a sentence may show it."""
    try:
        text = repr(value)
    except ValueError:  # an integer with more digits than Python writes
        return "a huge number"
    return text if len(text) <= 80 else f"{text[:79]}…"


def _entries(value: object) -> dict[str, object] | None:
    """Return the entries of a table, or of a text such as `gpu=1, memory=8GB`."""
    if isinstance(value, Mapping):
        return dict(cast("Mapping[str, object]", value))
    if not isinstance(value, str):
        return None
    pairs = [part.partition("=") for part in value.split(",") if part.strip()]
    if not all(equals for _, equals, _ in pairs):
        return None
    return {key.strip(): item.strip() for key, _, item in pairs}


def _flattened(entries: Mapping[str, object]) -> dict[str, object]:
    """Return tables within a table as entries `provider.limit`, as variables write them."""
    flat: dict[str, object] = {}
    for name, value in entries.items():
        if isinstance(value, Mapping):
            inner = cast("Mapping[str, object]", value)
            flat.update({f"{name}.{key}": amount for key, amount in inner.items()})
        else:
            flat[name] = value
    return flat


def _absolute(name: str, value: object, base: Path) -> object:
    if name == "store" and isinstance(value, str):
        return in_folder(value, base)
    if name == "workspace" and isinstance(value, str | Path):
        return str(path_in(base, str(value)))
    return value


def _typos(variables: Mapping[str, str]) -> list[str]:
    """Return what is wrong with the names of variables.

    Other programs have variables with this beginning too, so only a name that comes close to one of ours is refused.
    """
    ours = [name.upper() for name in SettingsModel.model_fields]
    named = [name.removeprefix(PREFIX) for name in variables if name.startswith(PREFIX)]
    near = {name: get_close_matches(name, ours, n=1, cutoff=0.75) for name in named if name not in ours}
    return [
        f"there is no variable `{PREFIX}{name}` → did you mean `{PREFIX}{close[0]}`?"
        for name, close in near.items()
        if close
    ]


def _unknown(what: str, name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1)
    advice = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(known)}."
    return f"there is no {what} `{name}` → {advice}"
