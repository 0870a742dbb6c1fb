"""The way from a canonical document, plain data without text, to a pipeline: on resume, and from the builder."""

from collections.abc import Mapping

from orchestrator.compiler.collector import without_collector
from orchestrator.compiler.compilation import Compilation
from orchestrator.compiler.document import compile_data
from orchestrator.compiler.origin import Origin, Place
from orchestrator.core.action import ActionSource
from orchestrator.core.pipeline import Pipeline
from orchestrator.core.plain import is_mapping
from orchestrator.errors import CompileError

_NONE: Mapping[str, object] = {}


def compile_document(
    document: Mapping[str, object],
    *,
    file: str = "",
    actions: ActionSource,
    documents: Mapping[str, object] = _NONE,
) -> Pipeline:
    """Compile a canonical document; raises `CompileError`, whose problems say paths instead of lines.

    `documents` holds those of the files that it runs, by the names as written; a file's own files stand under both names
    with `/` between them.
    """

    with without_collector():
        return _compile(document, file, actions, documents, kept=True)


def compile_plain(
    document: Mapping[str, object], *, actions: ActionSource, documents: Mapping[str, object]
) -> Pipeline:
    """Compile a document that was made by hand, whose mappings may have any keys."""
    return _compile(document, "", actions, documents, kept=False)


def _compile(
    document: Mapping[str, object],
    file: str,
    actions: ActionSource,
    documents: Mapping[str, object],
    *,
    kept: bool,
) -> Pipeline:
    def subpipeline(c: Compilation, name: str, _place: Place) -> Pipeline | None:
        inner = documents.get(name)
        if not is_mapping(inner):
            return None
        below = {
            key[len(name) + 1 :]: value for key, value in documents.items() if key.startswith(f"{name}/")
        }
        try:
            return _compile(inner, name, actions, below, kept=True)
        except CompileError as error:
            c.problems.extend(error.problems)
            return None

    origin = Origin(document, file=file)
    return compile_data(
        document, origin, actions=actions, subpipeline=subpipeline, json_keys=kept, advises=not kept
    )


def inner_documents(pipeline: Pipeline) -> dict[str, object]:
    """Return the canonical documents of the files that a pipeline runs, as `compile_document` takes them."""
    documents: dict[str, object] = {}
    for name, inner in pipeline.pipelines.items():
        documents[name] = inner.document
        documents |= {f"{name}/{below}": document for below, document in inner_documents(inner).items()}
    return documents
