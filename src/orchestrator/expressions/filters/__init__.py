"""The filters, one table per kind of data."""

from collections.abc import Callable, Mapping

from orchestrator.expressions.filters.higher import HIGHER_FILTERS, PLAIN_FILTERS

FILTERS: Mapping[str, Callable[..., object]] = {**PLAIN_FILTERS, **HIGHER_FILTERS}
"""Name → function of frame, value and arguments."""

REFUSED_FILTERS: Mapping[str, str] = {
    "attr": "attributes are not reachable; take a key with `value[name]`.",
    "random": "there is nothing random in a template.",
    "safe": "nothing is escaped by itself, so nothing needs to be marked safe.",
    "urlize": "make links in a document of `text.template`.",
    "yaml": "use `to_json`: JSON is YAML too.",
    "to_yaml": "use `to_json`: JSON is YAML too.",
    "now": "there is no clock in a template; `run.started_at` is when the run began.",
}
"""Filters of Jinja2 and wishes that are not part of the language, with what to do instead."""
