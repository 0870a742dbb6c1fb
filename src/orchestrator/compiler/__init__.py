"""From files, documents and builders to pipelines, with every mistake found before anything runs."""

from orchestrator.compiler.from_document import compile_document, inner_documents
from orchestrator.compiler.from_text import compile_text

__all__ = ["compile_document", "compile_text", "inner_documents"]
