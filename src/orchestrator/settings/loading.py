"""From files, environment and call to `Settings`: defaults < `py-orc.toml` < `.env` < environment < call.

Where none of them says anything that must be checked, which is most of the time, nothing but this file is imported.
"""

from collections.abc import Mapping
from os.path import isdir, lexists
from pathlib import Path

from orchestrator.settings.project import (
    FILE,
    PREFIX,
    current_folder,
    default_store,
    in_folder,
    path_in,
    project_root,
)
from orchestrator.settings.settings import Settings


def load_settings(
    directory: str | Path = ".", environ: Mapping[str, str] | None = None, **overrides: object
) -> Settings:
    """Return the settings that hold for a directory; raises `SetupError` with everything that is wrong.

    Args:
        environ: The environment; None for an empty one.
        overrides: Settings that the call names; None means that it does not.
    """
    folder = current_folder(directory)
    root = project_root(folder)
    environ = environ or {}
    given = {name: value for name, value in overrides.items() if value is not None}
    dotenv = root / ".env"
    if _is_plain(given) and not _has_settings(root, dotenv, environ):
        return _plain_settings(folder, root, environ, given)
    from orchestrator.settings.layers import read_layers

    return read_layers(folder, root, environ, given)


def _is_plain(given: Mapping[str, object]) -> bool:
    """Return whether the call names only what needs no checks."""
    kinds = {"store": (str,), "model": (str,), "workspace": (str, Path), "offline": (bool,)}
    return all(isinstance(value, kinds.get(name, ())) for name, value in given.items())


def _has_settings(root: Path, dotenv: Path, environ: Mapping[str, str]) -> bool:
    # A folder `.env` holds the packages of other programs, as a rule.
    has_file = lexists(root / FILE) or (lexists(dotenv) and not isdir(dotenv))  # noqa: PTH112 - see `project_root`
    return has_file or any(name.startswith(PREFIX) for name in environ)


def _plain_settings(
    folder: Path, root: Path, environ: Mapping[str, str], given: Mapping[str, object]
) -> Settings:
    vendors = {
        "openai_base_url": environ.get("OPENAI_BASE_URL", ""),
        "openai_api_key": environ.get("OPENAI_API_KEY", ""),
    }
    origins = {name: name.upper() for name, value in vendors.items() if value}
    return Settings(
        root=root,
        store=in_folder(str(given.get("store", default_store(root))), folder),
        workspace=path_in(folder, str(given.get("workspace", ""))),
        offline=bool(given.get("offline")),
        model=str(given.get("model", "")),
        openai_base_url=vendors["openai_base_url"],
        openai_api_key=vendors["openai_api_key"],
        environ=environ,
        origins=origins | dict.fromkeys(given, "call"),
    )
