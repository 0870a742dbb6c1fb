"""A whole document: its top level, its steps, its outputs, and the checks over everything."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import cast

from orchestrator.compiler.blocks import inner_block, read_block
from orchestrator.compiler.canonical import (
    canonical_document,
    digest_of,
    is_free,
    keys_beyond_json,
    spell_out_cases,
)
from orchestrator.compiler.compilation import Compilation, Defaults, Subpipelines
from orchestrator.compiler.draft import EMPTY_GRAPH, Check, Deferred, Draft, View
from orchestrator.compiler.inputs import read_inputs
from orchestrator.compiler.kinds import is_identifier
from orchestrator.compiler.learning import check_block, check_template
from orchestrator.compiler.mappings import Entry, checked
from orchestrator.compiler.origin import TOP, Origin
from orchestrator.compiler.policies import make_retry, read_budget, read_model, read_retry
from orchestrator.compiler.problems import Problems
from orchestrator.compiler.references import report_lost
from orchestrator.compiler.schema import DEFAULTS
from orchestrator.compiler.schema import TOP as TOP_KEYS
from orchestrator.compiler.shapes import FAILURES, RUN, STATUSES, UNKNOWN
from orchestrator.compiler.values import compile_value
from orchestrator.compiler.warnings import warn
from orchestrator.core.action import ActionSource
from orchestrator.core.budget import Budget
from orchestrator.core.misfit import shown
from orchestrator.core.pipeline import Block, Pipeline
from orchestrator.core.pipeline_test import PipelineTest
from orchestrator.core.plain import is_list, is_mapping
from orchestrator.core.quantities import duration
from orchestrator.core.template import Template
from orchestrator.errors import Location


def compile_data(
    data: object,
    origin: Origin,
    *,
    actions: ActionSource,
    subpipeline: Subpipelines,
    json_keys: bool = True,
    advises: bool = True,
) -> Pipeline:
    """Return the pipeline of a document; raises `CompileError` with everything that is wrong in it.

    `json_keys` says that no mapping in it has other keys than texts, `advises` that models are looked at.
    """
    problems = Problems(origin)
    if not isinstance(data, Mapping):
        hint = "write `name:` and `steps:` at its top level."
        problems.error(TOP, f"a pipeline must be a mapping, not {shown(data)}", hint=hint)
        problems.raise_if_any()
    raw = cast("Mapping[object, object]", data)
    c = Compilation(
        file=origin.file, problems=problems, actions=actions, blocks=inner_block, subpipeline=subpipeline
    )
    c.advises = advises
    named = {key: value for key, value in raw.items() if not is_free(key)}
    return _Document(c, cast("Entry", named), json_keys=json_keys).pipeline()


class _Document:
    """The reading of one document, in the order in which its parts need each other."""

    __slots__ = ("_c", "_json_keys", "_raw", "_top")

    def __init__(self, c: Compilation, raw: Entry, *, json_keys: bool) -> None:
        self._c = c
        self._raw = raw
        self._json_keys = json_keys
        self._top = checked(c, raw, TOP_KEYS, TOP)

    def pipeline(self) -> Pipeline:
        """Return the pipeline, or raise everything that is wrong."""
        c, top = self._c, self._top
        self._check_top()
        budget = self._budget()
        c.title = ": ".join(str(top[key]) for key in ("name", "description") if top.get(key))
        self._read_inputs()
        if "defaults" in top:
            c.defaults = self._defaults(cast("Entry", top["defaults"]))
        root = Draft((TOP, "steps"))
        block = self._steps(root)
        after, on_failure = self._on_failure(root)
        loose: list[Deferred] = []
        outputs = self._outputs(View(root, -1, c.names, loose))
        tests = self._tests(outputs) if "tests" in top else ()
        report_lost(c)
        check_block(c, root)
        if after is not None:
            check_block(c, after)
        for check in loose:
            check_template(c, cast("Check", check))
        document = canonical_document(self._raw)
        if not self._json_keys:
            document = cast("dict[str, object]", spell_out_cases(document))
            self._check_keys(document)
        warn(c)
        c.problems.raise_if_any()
        labels = cast("Entry", top.get("labels", {}))
        return Pipeline(
            name=cast("str", top["name"]),
            version=cast("str", top.get("version", "")),
            description=cast("str", top.get("description", "")),
            inputs=MappingProxyType(c.inputs),
            root=block,
            outputs=MappingProxyType(outputs),
            output_locations=MappingProxyType(self._output_locations(outputs)),
            on_failure=on_failure,
            max_parallel=cast("int | None", top.get("max_parallel")),
            timeout=duration(top.get("timeout")),
            budget=budget,
            labels=MappingProxyType({key: str(value) for key, value in labels.items()}),
            document=document,
            digest=digest_of(document),
            pipelines=MappingProxyType(c.pipelines),
            file=c.file,
            tests=tests,
            warnings=c.problems.warnings,
        )

    def _check_top(self) -> None:
        c, top = self._c, self._top
        for key in ("name", "steps"):
            if key not in self._raw:
                c.problems.error(TOP, f"the pipeline has no `{key}`", hint=f"add `{key}:` at the top level.")
        if "name" in top and not cast("str", top["name"]).strip():
            c.problems.error((TOP, "name"), "the name is empty", hint="give the pipeline a name.")
        for key, value in cast("Entry", top.get("labels", {})).items():
            if is_mapping(value) or is_list(value) or value is None:
                c.problems.error(
                    ((TOP, "labels"), key), f"the label `{key}` must be a text, not {shown(value)}"
                )

    def _budget(self) -> Budget | None:
        value = self._top.get("budget")
        return None if value is None else read_budget(self._c, value, (TOP, "budget"))

    def _check_keys(self, document: Entry) -> None:
        for name, value in document.items():
            for place, key in keys_beyond_json(value, (TOP, name)):
                if not self._c.problems.has_error_at((place, key)):
                    hint = f'write it in quotes: "{key}".'
                    message = f"the key {key!r} must be a text here"
                    self._c.problems.error((place, key), message, hint=hint, key=True)

    def _read_inputs(self) -> None:
        c = self._c
        c.inputs = read_inputs(c, cast("Entry", self._top.get("inputs", {})), (TOP, "inputs"))
        c.secrets = frozenset(name for name, spec in c.inputs.items() if spec.type == "secret")
        shapes = {name: UNKNOWN if spec.type == "secret" else spec.schema for name, spec in c.inputs.items()}
        c.names = {
            "inputs": {"type": "object", "properties": shapes},
            "steps": {"type": "object", "properties": c.shapes},
            "status": STATUSES,
            "errors": FAILURES,
            "run": RUN,
        }

    def _defaults(self, raw: Entry) -> Defaults:
        c, place = self._c, (TOP, "defaults")
        entry = checked(c, raw, DEFAULTS, place)
        keys = read_retry(c, entry["retry"], (place, "retry")) if "retry" in entry else {}
        model = read_model(c, entry["model"], (place, "model")) if "model" in entry else None
        recovery = entry.get("on_error")
        for rule in recovery if is_list(recovery) else [recovery]:
            if is_mapping(rule) and ("goto" in rule or "steps" in rule):
                hint = "write it on the steps themselves."
                c.problems.error((place, "on_error"), "`goto` and `steps` cannot be a default", hint=hint)
                recovery = None
        return Defaults(
            model=model,
            timeout=duration(entry.get("timeout")),
            retry_keys=keys,
            retry=make_retry(keys),
            on_error=recovery,
            on_error_place=(place, "on_error"),
        )

    def _steps(self, root: Draft) -> Block:
        c, top = self._c, self._top
        if "steps" not in top:
            return Block(steps=(), graph=EMPTY_GRAPH)
        sequential = top.get("strategy") == "sequential"
        return read_block(c, cast("list[object]", top["steps"]), root, c.names, sequential=sequential)

    def _on_failure(self, root: Draft) -> tuple[Draft | None, Block | None]:
        if "on_failure" not in self._top:
            return None, None
        draft = Draft((TOP, "on_failure"), around=root, handler=True)
        return draft, read_block(self._c, cast("list[object]", self._top["on_failure"]), draft, self._c.names)

    def _outputs(self, view: View) -> dict[str, Template]:
        c, place = self._c, (TOP, "outputs")
        outputs: dict[str, Template] = {}
        for name, value in cast("Entry", self._top.get("outputs", {})).items():
            if not is_identifier(name):
                hint = "use letters, digits and `_`."
                c.problems.error(
                    (place, name), f"`{name}` cannot be the name of an output", hint=hint, key=True
                )
            outputs[name] = compile_value(c, value, (place, name), view)
        return outputs

    def _tests(self, outputs: dict[str, Template]) -> tuple[PipelineTest, ...]:
        from orchestrator.compiler.pipeline_tests import read_tests

        return read_tests(
            self._c, self._top["tests"], (TOP, "tests"), steps=tuple(self._c.homes), outputs=outputs
        )

    def _output_locations(self, outputs: dict[str, Template]) -> dict[str, Location]:
        problems = self._c.problems
        found = {name: problems.location(((TOP, "outputs"), name)) for name in outputs}
        return {name: location for name, location in found.items() if location}
