"""Every key of the language with its kind and meaning: what the compiler checks, editors complete and the reference shows."""

from collections.abc import Mapping
from typing import NamedTuple

import orchestrator.compiler.kinds as kinds
from orchestrator.compiler.kinds import Kind


class Key(NamedTuple):
    """One key of a mapping of the language."""

    kind: Kind
    meaning: str
    beside: tuple[str, ...] = ()
    """Keys of which one must stand beside it."""


Keys = Mapping[str, Key]

TOP: Keys = {
    "language": Key(kinds.LANGUAGE, "Version of the pipeline language; 1."),
    "name": Key(kinds.PROSE, "Name of the pipeline."),
    "version": Key(kinds.TEXT, "Version of the file, as a text."),
    "description": Key(kinds.PROSE, "What the pipeline is for."),
    "extends": Key(kinds.TEXT, "Base file: mappings merge by key, steps by id, new steps are appended."),
    "labels": Key(kinds.MAPPING, "Words of your own to find the pipeline and its runs by."),
    "inputs": Key(kinds.MAPPING, "Declared inputs: a JSON Schema each, required unless a `default` stands."),
    "defaults": Key(kinds.MAPPING, "What steps do unless they say otherwise."),
    "max_parallel": Key(kinds.COUNT, "How many tasks may run at once."),
    "strategy": Key(
        kinds.choice("parallel", "sequential"), "`sequential`: each step waits for the one before it."
    ),
    "timeout": Key(kinds.DURATION, "Time limit of the whole run, waiting included."),
    "budget": Key(
        kinds.BUDGET, "The most that the models of a run may cost; it stops before a call that could pass it."
    ),
    "steps": Key(kinds.STEPS, "The steps."),
    "outputs": Key(kinds.MAPPING, "Results of the pipeline by name."),
    "tests": Key(
        kinds.TESTS, "Tests of the pipeline, run by `py-orc test`; they do not change what it does."
    ),
    "on_failure": Key(
        kinds.STEPS, "Steps that run after the run failed (and was undone); they see `errors`."
    ),
}

STEP: Keys = {
    "id": Key(kinds.ID, "Name of the step, unique in the file."),
    "name": Key(kinds.PROSE, "Title for people."),
    "description": Key(kinds.PROSE, "What the step is for."),
    "needs": Key(
        kinds.IDS, "Steps that must be settled before; references in templates count by themselves."
    ),
    "if": Key(kinds.CONDITION, "Condition, bare or as `{{ … }}`; false skips the step, or runs `else`."),
    "for_each": Key(
        kinds.ITEMS,
        "List whose items each run the step's action or `steps`; the value is the list of results.",
    ),
    "as": Key(kinds.NAME, "Name of the item; `item` by default.", ("for_each",)),
    "max_parallel": Key(kinds.COUNT, "How many items may run at once.", ("for_each",)),
    "batch": Key(kinds.COUNT, "Hands over lists of this many items.", ("for_each",)),
    "while": Key(kinds.CONDITION, "Repeats as long as this holds; asked before each iteration."),
    "until": Key(kinds.CONDITION, "Repeats until this holds; asked after each iteration, sees its steps."),
    "max_iterations": Key(kinds.COUNT, "Limit of a `while` or `until`; required there.", ("while", "until")),
    "on_limit": Key(
        kinds.choice("complete", "fail"),
        "At the limit: complete with a warning (default), or fail.",
        ("while", "until"),
    ),
    "switch": Key(kinds.ANYTHING, "Value that chooses one of `cases`."),
    "cases": Key(kinds.CASES, "Steps by the value of `switch`; keys compare by value and type.", ("switch",)),
    "default": Key(kinds.STEPS, "Steps when no case fits.", ("switch",)),
    "action": Key(kinds.TEXT, "What to do, by dotted name."),
    "with": Key(kinds.MAPPING, "Parameters of the action.", ("action",)),
    "steps": Key(kinds.STEPS, "Inner steps: a group, or the body of a loop."),
    "strategy": Key(
        kinds.choice("parallel", "sequential"),
        "`sequential`: each inner step waits for the one before it.",
        ("steps",),
    ),
    "value": Key(kinds.ANYTHING, "What the inner steps stand for (in a loop: per item).", ("steps",)),
    "reduce": Key(kinds.REDUCE, "Folds the results in order; the fold is the value.", ("for_each",)),
    "else": Key(kinds.STEPS, "Steps when `if` is false.", ("if",)),
    "model": Key(
        kinds.MODEL, "Model to ask: `auto`, a name, a fallback chain, or requirements.", ("action",)
    ),
    "output": Key(kinds.MAPPING, "JSON Schema of the result.", ("action",)),
    "retry": Key(kinds.RETRY, "When and how often an attempt is repeated.", ("action",)),
    "timeout": Key(kinds.DURATION, "Per attempt of an action; of a group or loop as a whole."),
    "budget": Key(kinds.BUDGET, "The most that models may cost in this step, with all that is inside it."),
    "on_error": Key(kinds.ON_ERROR, "What a failure leads to; a list is tried in order."),
    "undo": Key(kinds.UNDO, "How the step is taken back when the run fails later or is cancelled."),
    "cache": Key(kinds.CACHE, "Takes an earlier result of the same call.", ("action",)),
    "critical": Key(kinds.FLAG, "Makes the result durable at once."),
    "effect": Key(
        kinds.choice("pure", "read", "idempotent", "once"), "What the action does to the world.", ("action",)
    ),
    "resources": Key(
        kinds.MAPPING, "Permits to hold while acting: `{gpu: 1, memory: 4GB, api: openai}`.", ("action",)
    ),
}

DEFAULTS: Keys = {
    "model": Key(kinds.MODEL, "Model of every step that names none."),
    "timeout": Key(kinds.DURATION, "Per attempt of every action of a tool or model."),
    "retry": Key(kinds.RETRY, "Retry of every action of a tool or model; a step's own keys win one by one."),
    "on_error": Key(
        kinds.ON_ERROR, "Recovery of every action of a tool or model: `fail`, `continue` or `{value: …}`."
    ),
}

RETRY: Keys = {
    "attempts": Key(kinds.COUNT, "Tries in all, not repetitions."),
    "backoff": Key(kinds.PAUSE, "Pause before the second try; doubles with each further one."),
    "max_backoff": Key(kinds.PAUSE, "Longest pause."),
    "jitter": Key(kinds.SHARE, "Share of the pause that chance may add or take."),
    "on": Key(kinds.WORDS, "Error classes that are tried again."),
}

CACHE: Keys = {"ttl": Key(kinds.DURATION, "How long an entry stays good; for ever by default.")}

BUDGET: Keys = {
    "amount": Key(kinds.MONEY, "The sum, such as `0.50 USD`."),
    "degrade": Key(kinds.FLAG, "Prefers the cheaper models of a chain once 95 % are spent."),
    "at_limit": Key(kinds.choice("stop"), "`stop`: the call that could pass the budget is not sent."),
}

UNDO: Keys = {
    "action": Key(kinds.TEXT, "Action that takes the step back."),
    "with": Key(kinds.MAPPING, "Its parameters; they see the step's names and `result`."),
    "retry": Key(kinds.RETRY, "When and how often an attempt is repeated."),
}

RECOVERY: Keys = {
    "match": Key(kinds.TEXT, "Error class, or a regular expression searched in the message."),
    "fail": Key(kinds.ONLY_TRUE, "The failure stands."),
    "continue": Key(kinds.ONLY_TRUE, "The run goes on and ends partial; the step has no value."),
    "value": Key(kinds.ANYTHING, "Stands in for the step's value."),
    "goto": Key(kinds.ID, "Goes on at a later step of the same scope; what lies between is skipped."),
    "steps": Key(kinds.STEPS, "Handler; its value stands in."),
    "undo": Key(kinds.FLAG, "Undoes first what the failed group had done."),
}
RECOVERIES = ("fail", "continue", "value", "goto", "steps")

REDUCE: Keys = {
    "as": Key(kinds.NAME, "Name of the running value."),
    "start": Key(kinds.ANYTHING, "Its first value."),
    "value": Key(kinds.ANYTHING, "Its next value; reads it, `result` and the item's names."),
}

CASE: Keys = {
    "case": Key(kinds.SCALAR, "Value to compare with, by value and type."),
    "steps": Key(kinds.STEPS, "Steps of this case."),
}

TESTS_FILE: Keys = {"tests": Key(kinds.TESTS, "Tests of the pipeline that the file stands beside.")}

TEST: Keys = {
    "name": Key(kinds.PROSE, "What the test shows, unique in the file."),
    "inputs": Key(kinds.MAPPING, "Values of the inputs."),
    "fixtures": Key(
        kinds.MAPPING,
        "What stands in for steps, by id: the step's value, or `{fail: {class: …, message: …}}`.",
    ),
    "replay": Key(kinds.TEXT, "Folder of a cassette that answers, from the folder of this file."),
    "expect": Key(kinds.MAPPING, "What must come out; what it does not mention may be anything."),
}

EXPECT: Keys = {
    "status": Key(
        kinds.choice("completed", "partial", "failed", "cancelled", "waiting"),
        "How the run ends; `completed` by default.",
    ),
    "outputs": Key(kinds.MAPPING, "Outputs by name: the exact value, or `{schema: …}` with a JSON Schema."),
    "steps": Key(
        kinds.MAPPING, "Statuses by the id of a step, or the path of one task such as `digest[0].text`."
    ),
    "max_cost": Key(kinds.MONEY, "The most that the models of the run may have cost."),
}

FIXTURE_FAILURE: Keys = {
    "class": Key(kinds.TEXT, "Error class."),
    "message": Key(kinds.TEXT, "What the error says."),
}

INCLUDE: Keys = {"include": Key(kinds.TEXT, "File whose steps stand here.")}

INPUT_TYPES: Mapping[str, str] = {
    "string": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "array": "array",
    "object": "object",
    "path": "string",
    "file": "string",
    "secret": "string",
}
"""The types of inputs, with the JSON type of their values."""

INPUT: Keys = {
    "type": Key(kinds.choice(*INPUT_TYPES), "Type of the value."),
    "default": Key(kinds.ANYTHING, "Value when none is given; makes the input optional."),
    "required": Key(
        kinds.either(
            "true, false, or the list of an object's required keys",
            kinds.FLAG.accepts,
            lambda value: type(value) is not str and kinds.WORDS.accepts(value),
            schema={"type": ["boolean", "array"]},
        ),
        "`false` makes an input optional without a default; for an object also its required keys.",
    ),
    "description": Key(kinds.PROSE, "What the input is for."),
}
SCHEMA_WORDS = frozenset(
    [
        "title",
        "examples",
        "enum",
        "const",
        "format",
        "pattern",
        "minLength",
        "maxLength",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "items",
        "prefixItems",
        "contains",
        "minContains",
        "maxContains",
        "minItems",
        "maxItems",
        "uniqueItems",
        "properties",
        "patternProperties",
        "additionalProperties",
        "propertyNames",
        "minProperties",
        "maxProperties",
        "dependentRequired",
        "dependentSchemas",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "$ref",
        "$defs",
        "$comment",
        "deprecated",
        "readOnly",
        "writeOnly",
        "contentEncoding",
        "contentMediaType",
        "unevaluatedItems",
        "unevaluatedProperties",
    ]
)
"""Keywords of JSON Schema that may stand beside an input's own keys."""

NOT_YET: Mapping[str, tuple[str, str]] = {
    "permissions": (
        "`permissions` is not part of this version yet",
        "take it away; the command line's own limits hold.",
    ),
    "needs_approval": (
        "`needs_approval` is not part of this version yet",
        "take it away, or split the pipeline there.",
    ),
    "approve": (
        "the action `approve` is not part of this version yet",
        "take the step away, or split the pipeline there.",
    ),
    "signal": ("`wait: {signal: …}` is not part of this version yet", "wait for a time: `with: {for: 10s}`."),
    "secrets": (
        "`secrets` is not part of this version yet",
        "declare an input of `type: secret`, and write `inputs.NAME`.",
    ),
}

MEANT: Mapping[str, str] = {
    "parameters": "with",
    "params": "with",
    "args": "with",
    "depends_on": "needs",
    "dependencies": "needs",
    "condition": "if",
    "when": "if",
    "foreach": "for_each",
    "forEach": "for_each",
    "loop": "for_each",
    "max_concurrent": "max_parallel",
    "max_retries": "retry",
    "retries": "retry",
    "continue_on_error": "on_error",
    "tool": "action",
    "uses": "action",
    "type": "action",
    "min": "minimum",
    "max": "maximum",
    "min_length": "minLength",
    "max_length": "maxLength",
    "tasks": "steps",
    "jobs": "steps",
    "results": "outputs",
    "compensate": "undo",
    "rollback": "undo",
}
"""Words of other tools, with ours."""

RESERVED_NAMES = frozenset({"inputs", "steps", "status", "errors", "run", "loop", "secrets", "result"})
"""Names that a loop cannot take for its items."""
