"""From files, documents and builders to pipelines, with every mistake found before anything runs."""

from typing import TYPE_CHECKING

from orchestrator.compiler.from_document import compile_document, inner_documents
from orchestrator.compiler.from_text import compile_text

if TYPE_CHECKING:
    from orchestrator.compiler.builder import PipelineBuilder, build
    from orchestrator.compiler.editor_schema import json_schema
    from orchestrator.compiler.files import DiskFiles
    from orchestrator.compiler.formatter import format_text
    from orchestrator.compiler.pipeline_tests import compile_tests

__all__ = [
    "DiskFiles",
    "PipelineBuilder",
    "build",
    "compile_document",
    "compile_tests",
    "compile_text",
    "format_text",
    "inner_documents",
    "json_schema",
]
_LATER = {
    "compile_tests": "pipeline_tests",
    "DiskFiles": "files",
    "PipelineBuilder": "builder",
    "build": "builder",
    "format_text": "formatter",
    "json_schema": "editor_schema",
}


def __getattr__(name: str) -> object:
    """Load a name that a plain run does not need."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"orchestrator.compiler.{_LATER[name]}"), name)
    globals()[name] = value
    return value
