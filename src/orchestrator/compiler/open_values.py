"""`<AUTO>` tags in the values of steps: each becomes an open value of its step, and a hole that reads the answer.

The hole takes the place of the tag character by character, so that whatever else stands in the text keeps its place.
"""

from collections.abc import Mapping
from typing import Final, cast

from orchestrator.compiler.auto_contract import Contract, Schema
from orchestrator.compiler.auto_tags import Fault, Tag, literal, read_tags
from orchestrator.compiler.compilation import Compilation
from orchestrator.compiler.draft import Check, View
from orchestrator.compiler.origin import Place
from orchestrator.compiler.references import resolve
from orchestrator.core.pipeline import ANSWER_ACTION, Call, OpenValue
from orchestrator.core.plain import is_mapping
from orchestrator.core.template import Compound, Literal, Template
from orchestrator.errors import TemplateError
from orchestrator.expressions import is_template

_PLACES: Final = ("with", "if", "for_each", "while", "until", "switch")
_OTHERWISE: Final = {"if": "boolean", "while": "boolean", "until": "boolean", "for_each": "array"}
"""What an answer is where nothing else is said."""
_SEEN: Final = 2_000
"""Characters of a neighbouring parameter that a question shows."""


def leave_open(
    c: Compilation, text: str, place: Place, view: View, expected: Schema | None = None
) -> str | None:
    """Return the text with a hole instead of each tag, None where it is wrong; the answers become open values of the step."""
    tags, faults = read_tags(text)
    if faults:
        _report(c, place, faults)
        return None
    if not tags:
        return literal(text)
    where = _within_step(place, view)
    if where is None or where[0] not in _PLACES:
        under = f"under `{where[0]}`" if where else "here"
        hint = f"it can stand under {', '.join(f'`{key}`' for key in _PLACES)} of a step."
        first = tags[0]
        c.problems.error_inside(
            place, f"an `<AUTO>` cannot stand {under}", offset=first.start, length=5, hint=hint
        )
        return None
    for number, tag in enumerate(tags):
        whole = not text[: tag.start].strip() and not text[tag.end :].strip()
        key = ".".join(where) + (f"~{number + 1}" if number else "")
        name = _open(c, tag, text, place, view, key=key, expected=expected if whole else None)
        text = text[: tag.start] + "{{" + name.ljust(tag.end - tag.start - 4) + "}}" + text[tag.end :]
    return literal(text).strip() if len(tags) == 1 and text.strip().startswith("{{_a") else literal(text)


def _open(
    c: Compilation, tag: Tag, text: str, place: Place, view: View, *, key: str, expected: Schema | None
) -> str:
    """Add the open value of a tag to its step; returns the name its answer will have."""
    kind = key.partition(".")[0].partition("~")[0]
    contract = Contract(tag, expected, _OTHERWISE.get(kind, "string"))
    _report(c, place, contract.faults)
    question = _question(c, tag, text, place, view)
    name = c.open_name()
    step = view.draft.ids[view.at]
    parameters: dict[str, Template] = {
        "question": question,
        "schema": Literal(contract.schema),
        "at": Literal(f"{step}.{key}"),
        "file": Literal(c.file),
        "about": Literal(_about(c, view, key)),
        "early": Literal(not question.references),
    }
    location = c.problems.location(place)
    if location is not None:
        parameters["place"] = Literal(str(location))
    if contract.has_default:
        parameters["default"] = Literal(contract.default)
    value = OpenValue(
        name=name,
        key=key,
        place=kind,
        call=Call(action=ANSWER_ACTION, parameters=Compound(parameters)),
        early=not question.references,
        location=location,
    )
    view.names = {**view.names, name: contract.schema}  # the dictionary is shared with other steps
    view.draft.open_values.setdefault(view.at, []).append(value)
    return name


def _question(c: Compilation, tag: Tag, text: str, place: Place, view: View) -> Template:
    """Return the question as a template, read where it stands so that its mistakes are told there."""
    if not is_template(tag.question):
        return Literal(" ".join(tag.question.split()))
    end = tag.question_at + len(tag.question)
    padded = " " * tag.question_at + text[tag.question_at : end]
    try:
        template = c.templates.template(padded)
    except TemplateError as error:
        c.problems.error_inside(
            place, error.message, offset=error.offset, length=error.length, hint=error.hint
        )
        return Literal("")
    unsealed = view.seeing()  # a secret never leaves for a model by a question
    for reference in template.references:
        resolve(c, reference, place, unsealed)
    view.deferred.append(Check(template, place, view.names))
    return template


def _within_step(place: Place, view: View) -> list[str] | None:
    """Return the keys from the step down to a place; None where the place is in no step."""
    if view.at < 0:
        return None
    step: Place = (view.draft.place, view.at)
    keys: list[str] = []
    here = place
    while here != step:
        if not here:
            return None
        outer, key = cast("tuple[Place, object]", here)
        keys.append(str(key))
        here = outer
    return keys[::-1]


def _about(c: Compilation, view: View, key: str) -> Mapping[str, object]:
    """Return what a question is about: the step, the action, the parameter, and its neighbours as far as they are known."""
    entry = cast("Mapping[str, object]", view.draft.entries[view.at])
    about: dict[str, object] = {"pipeline": c.title, "step": view.draft.ids[view.at]}
    about |= {
        name: entry[name] for name in ("name", "description", "action") if isinstance(entry.get(name), str)
    }
    parts = key.partition("~")[0].split(".")
    action = c.action(cast("str", about.get("action", "")))
    if action is not None and parts[0] == "with":
        about["does"] = action.spec.description
        fields = action.spec.parameters.get("properties")
        parameter = fields.get(parts[1]) if is_mapping(fields) and len(parts) > 1 else None
        if is_mapping(parameter):
            about["parameter"] = {"name": parts[1], **{k: v for k, v in parameter.items() if k != "default"}}
    given = entry.get("with")
    if is_mapping(given):
        about["beside"] = {
            name: value[:_SEEN] if isinstance(value, str) else value
            for name, value in given.items()
            if name != (parts[1] if len(parts) > 1 else "") and _is_known(value)
        }
    return about


def _is_known(value: object) -> bool:
    if isinstance(value, str):
        return not is_template(value) and "<AUTO" not in value
    return isinstance(value, bool | int | float)


def _report(c: Compilation, place: Place, faults: tuple[Fault, ...] | list[Fault]) -> None:
    for fault in faults:
        c.problems.error_inside(
            place, fault.message, offset=fault.offset, length=fault.length, hint=fault.hint
        )
