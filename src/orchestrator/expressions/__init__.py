"""The language inside `{{ }}`: Jinja2's expressions and blocks, with exact positions, over data that stays as it is."""

from orchestrator.expressions.checker import Finding, check, examine, infer
from orchestrator.expressions.frame import DEFAULT_LIMITS, Limits
from orchestrator.expressions.template import TemplateCache, compile_expression, compile_template, is_template

__all__ = [
    "DEFAULT_LIMITS",
    "Finding",
    "Limits",
    "TemplateCache",
    "check",
    "compile_expression",
    "compile_template",
    "examine",
    "infer",
    "is_template",
]
