"""Whose project a run belongs to: that of the current folder, wherever its file lies.

So `run` and `runs` in one folder always speak of the same store, and a path means what it means to a shell. Somebody who
runs a file of another project is told.
"""

from pathlib import Path

from orchestrator.settings import Settings
from orchestrator.settings.project import FILE, STATE_FOLDER, project_root


def other_project(file: str, settings: Settings) -> Path | None:
    """Return the project that a pipeline file lies in where it is not the one that holds, and nobody chose that one."""
    if {"store", "workspace"} & set(settings.origins):
        return None
    folder = Path(file).resolve().parent
    root = project_root(folder)
    if root == settings.root:
        return None
    is_project = (root / FILE).exists() or (root / STATE_FOLDER).is_dir()
    return root if is_project or not folder.is_relative_to(settings.root) else None
