"""What the steps of a file become: bodies, policies, order, and what defaults add."""

from collections.abc import Mapping

import pytest

from orchestrator.compiler import compile_text
from orchestrator.core.action import Effect
from orchestrator.core.pipeline import Block, Call, ForEach, InputSpec, Loop, Pipeline, Step, Switch
from orchestrator.core.policy import Retry, Reuse
from orchestrator.core.template import Literal
from orchestrator.errors import CompileError
from unit.compiler.known_actions import ACTIONS, KnownActions, action


def compiled(steps: str, top: str = "") -> Pipeline:
    return compile_text(f"name: p\n{top}\nsteps:\n{steps}", file="p.yaml", actions=ACTIONS)


def step(text: str, top: str = "") -> Step:
    return compiled(f"  - {{id: a, {text}}}\n", top).root.steps[0]


def rendered(template, **names: object) -> object:
    return template.render(names)


def test_a_call_keeps_its_literal_parameters_as_they_are() -> None:
    body = step("action: let, with: {x: [1, {y: ~}]}").body

    assert isinstance(body, Call)
    assert isinstance(body.parameters, Literal)
    assert body.parameters.value == {"x": [1, {"y": None}]}


def test_templates_render_wherever_they_stand_in_parameters() -> None:
    body = step("action: let, with: {x: [1, {y: '{{ run.id }}'}], z: 'at {{ run.date }}'}").body
    assert isinstance(body, Call)
    assert rendered(body.parameters, run={"id": 7, "date": "today"}) == {"x": [1, {"y": 7}], "z": "at today"}


def test_an_escaped_tag_stands_for_itself() -> None:
    body = step("action: let, with: {x: '\\<AUTO>y</AUTO>'}").body
    assert isinstance(body, Call)
    assert rendered(body.parameters) == {"x": "<AUTO>y</AUTO>"}


@pytest.mark.parametrize(
    ("text", "retry"),
    [
        ("retry: 3", Retry(attempts=3)),
        (
            "retry: {attempts: 4, backoff: 2s, max_backoff: 1m, jitter: 0.5, on: [timeout]}",
            Retry(4, 2, 60, 0.5, ("timeout",)),
        ),
        ("retry: {jitter: false, on: timeout}", Retry(jitter=0.0, on=("timeout",))),
        ("retry: {jitter: true}", Retry()),
    ],
)
def test_retry_in_all_its_forms(text: str, retry: Retry) -> None:
    assert step(f"action: let, {text}").retry == retry


DEFAULTS = "defaults: {model: small, timeout: 2m, retry: {attempts: 3, backoff: 5s}, on_error: continue}"
READ = "action: filesystem.read, with: {path: x}"


def test_defaults_reach_actions_of_tools() -> None:
    found = step(READ, DEFAULTS)

    assert (found.model, found.timeout, found.retry) == ("small", 120, Retry(attempts=3, backoff=5))
    assert [rule.tolerate for rule in found.on_error] == [True]


def test_what_a_step_says_wins_key_by_key() -> None:
    found = step(f"{READ}, model: [a, b], timeout: 1s, retry: {{attempts: 9}}, on_error: fail", DEFAULTS)

    assert (found.model, found.timeout, found.retry) == (["a", "b"], 1, Retry(attempts=9, backoff=5))
    assert [rule.fail for rule in found.on_error] == [True]


@pytest.mark.parametrize(
    "body", ["action: let", "action: wait, with: {for: 10m}", "steps: [{id: b, action: let}]"]
)
def test_defaults_for_tools_leave_the_language_alone(body: str) -> None:
    found = step(f"{body}, critical: true", DEFAULTS)

    assert (found.timeout, found.retry, found.on_error) == (None, Retry(), ())


def test_defaults_reach_the_items_of_a_loop() -> None:
    found = step(f"for_each: [1], {READ}", DEFAULTS)

    assert (found.timeout, found.retry.attempts) == (120, 3)


def test_the_other_policies() -> None:
    found = step(
        f"{READ}, cache: {{ttl: 1h}}, critical: true, effect: pure, resources: {{gpu: 1, memory: 1GB, api: x}}"
    )

    assert found.reuse == Reuse(ttl=3600)
    assert found.critical
    assert found.effect is Effect.PURE
    assert found.resources == {"gpu": 1.0, "memory": 1e9, "api:x": 1.0}
    assert step(f"{READ}, cache: true").reuse == Reuse()
    assert step(f"{READ}, cache: false").reuse is None


def test_error_rules_keep_their_order_and_forms() -> None:
    rules = step(
        "action: let, on_error: [{match: timeout, value: '{{ errors.a.class }}'}, {match: 'x.*', goto: b}, "
        "{match: y, steps: [{id: h, action: let}]}, {match: z, continue: true}, {fail: true}]}\n  - {id: b, action: let"
    ).on_error

    assert [rule.match for rule in rules] == ["timeout", "x.*", "y", "z", None]
    value, jump, handle, tolerate, fail = rules
    assert value.value is not None
    assert value.value.render({"errors": {"a": {"class": "timeout"}}}) == "timeout"
    assert jump.goto == "b"
    assert handle.handler is not None
    assert [inner.id for inner in handle.handler.steps] == ["h"]
    assert tolerate.tolerate
    assert fail.fail


def test_a_group_can_undo_before_it_recovers() -> None:
    (rule,) = step("steps: [{id: b, action: let}], on_error: {undo: true, value: 0}").on_error
    assert rule.undo


def test_undo_is_the_own_way_back_or_a_call() -> None:
    write = "action: filesystem.write, with: {path: a, content: b}"
    own = step(f"{write}, undo: true").undo
    other = step(f"{write}, undo: {{action: let, with: {{p: '{{{{ result.path }}}}'}}, retry: 2}}").undo

    assert own is not None
    assert own.call is None
    assert other is not None
    assert other.call is not None
    assert other.call.action == "let"
    assert other.retry.attempts == 2
    assert other.call.parameters.render({"result": {"path": "q"}}) == {"p": "q"}


def test_what_undoes_a_step_does_not_change_what_is_known_of_its_value() -> None:
    text = "  - {id: a, action: filesystem.write, with: {path: a, content: b}, undo: {action: let, with: {q: 1}}}\noutputs: {o: '{{ steps.a.path }}'}"
    assert list(compiled(text).outputs) == ["o"]


def test_for_each_with_everything() -> None:
    body = step(
        "for_each: '{{ [1, 2] }}', as: n, max_parallel: 3, batch: 2, action: let, with: {v: '{{ n }} {{ loop.index }}'}, "
        "reduce: {as: sum, start: 0, value: '{{ sum + result.v + n[0] }}'}"
    ).body

    assert isinstance(body, ForEach)
    assert (body.name, body.max_parallel, body.batch) == ("n", 3, 2)
    assert body.items.render({}) == [1, 2]
    assert body.reduce is not None
    assert body.reduce.value.render({"sum": 1, "result": {"v": 2}, "n": [3]}) == 6


@pytest.mark.parametrize(("text", "until"), [("while", False), ("until", True)])
def test_loops_on_a_condition(text: str, until: bool) -> None:
    body = step(
        f"{text}: loop.iteration < 3, max_iterations: 5, on_limit: fail, steps: [{{id: b, action: let}}], value: 7"
    ).body

    assert isinstance(body, Loop)
    assert (body.until, body.max_iterations, body.fail_at_limit) == (until, 5, True)
    assert body.condition.test({"loop": {"iteration": 2}})
    assert isinstance(body.body, Block)
    assert body.body.value is not None
    assert body.body.value.render({}) == 7


def test_the_cases_of_a_switch_keep_the_types_of_their_keys() -> None:
    keys = ["2", "1.5", '"2"', "true", "~", "x"]
    cases = "".join(f"      {key}: [{{id: c{n}, action: let}}]\n" for n, key in enumerate(keys))
    pipeline = compiled("  - id: a\n    switch: run.id\n    cases:\n" + cases)
    body = pipeline.root.steps[0].body

    assert isinstance(body, Switch)
    assert [key for key, _ in body.cases] == [2, 1.5, "2", True, None, "x"]


def test_cases_that_no_mapping_can_hold_are_written_as_a_list() -> None:
    with pytest.raises(CompileError, match=r"the keys `1` .line 6. and `true` are equal here"):
        compiled("  - id: a\n    switch: run.id\n    cases: {1: [], true: []}\n")
    both = "{case: 1, steps: [{id: b, action: let}]}, {case: true, steps: [{id: c, action: let}]}"
    body = step(f"switch: run.id, cases: [{both}]").body

    assert isinstance(body, Switch)
    assert [(key, type(key)) for key, _ in body.cases] == [(1, int), (True, bool)]


def test_conditions_may_be_bare_whole_or_fixed() -> None:
    names = {"run": {"id": "x"}}
    for text in ("run.id == 'x'", "\"{{ run.id == 'x' }}\"", "true"):
        condition = step(f"action: let, if: {text}").condition
        assert condition is not None
        assert condition.test(names)


def dependencies(steps: str, top: str = "") -> Mapping[str, list[str]]:
    block = compiled(steps, top).root
    return {
        str(one.id): [str(block.steps[at].id) for at in block.graph.dependencies[index]]
        for index, one in enumerate(block.steps)
    }


def test_order_comes_from_every_place_that_reads_a_step() -> None:
    base = "".join(f"  - {{id: {name}, action: let, with: {{v: [1]}}}}\n" for name in "abcdefghijk")
    found = dependencies(
        base
        + "  - id: z\n    needs: [a]\n    if: status.b == 'completed'\n    for_each: '{{ steps.c.v }}'\n    max_parallel: 1\n"
        + "    steps:\n      - id: y\n        action: let\n        with: {deep: [{x: '{{ steps.d }}'}]}\n"
        + "        on_error: {value: '{{ steps.e }}'}\n"
        + "      - id: x\n        switch: steps.f.v[0]\n        cases: {q: [{id: w, needs: g, action: let}]}\n"
        + "    value: '{{ steps.h.v }}'\n    reduce: {as: t, start: '{{ steps.i.v }}', value: '{{ t }}'}\n"
        + "    on_error: {steps: [{id: v, action: let, with: {m: '{{ steps.j }} {{ errors.z.message }}'}}]}\n"
        + "    else: [{id: u, action: let, with: {m: '{{ errors.k is defined }}'}}]\n"
    )
    assert found["z"] == list("abcdefghijk")


def test_steps_may_stand_in_any_order() -> None:
    found = dependencies(
        "  - {id: last, action: let, with: {x: '{{ steps.first.y }}'}}\n  - {id: first, action: let, with: {y: 1}}\n"
    )
    assert found == {"last": ["first"], "first": []}


def test_a_sequential_block_is_a_chain() -> None:
    steps = "".join(f"  - {{id: {name}, action: let}}\n" for name in "abc")
    assert dependencies(steps, "strategy: sequential") == {"a": [], "b": ["a"], "c": ["b"]}


def test_goto_adds_an_edge() -> None:
    steps = (
        "  - {id: a, action: let, on_error: {goto: c}}\n  - {id: b, action: let}\n  - {id: c, action: let}\n"
    )
    assert dependencies(steps) == {"a": [], "b": [], "c": ["a"]}


def test_inputs_say_what_they_take() -> None:
    top = "inputs:\n  a: {type: path, default: docs, description: Where.}\n  b: {type: integer, minimum: 1}\n  c: {type: secret}\n  d: {required: false, type: file}\n  e: {enum: [x, y], default: ~}\n  f: {type: array, items: {type: string}, default: []}\n"
    inputs = compiled("  - {id: s, action: let}\n", top).inputs

    def facts(spec: InputSpec) -> tuple[object, ...]:
        return spec.type, spec.schema, spec.required, spec.default

    assert facts(inputs["a"]) == ("path", {"type": "string"}, False, "docs")
    assert inputs["a"].description == "Where."
    assert facts(inputs["b"]) == ("integer", {"type": "integer", "minimum": 1}, True, None)
    assert facts(inputs["c"]) == ("secret", {"type": "string"}, True, None)
    assert facts(inputs["d"]) == ("file", {"type": "string"}, False, None)
    assert facts(inputs["e"]) == ("string", {"type": "string", "enum": ["x", "y"]}, False, None)
    assert facts(inputs["f"])[2:] == (False, [])


def test_places_are_kept_for_steps_inputs_and_outputs() -> None:
    pipeline = compiled("  - {id: s, action: let}\noutputs: {o: 1}\n", "inputs: {a: {type: path}}")

    assert str(pipeline.root.steps[0].location) == "p.yaml:4:5"
    assert str(pipeline.inputs["a"].location) == "p.yaml:2:13"
    assert str(pipeline.output_locations["o"]) == "p.yaml:5:14"


def test_the_top_level_reaches_the_pipeline() -> None:
    pipeline = compiled(
        "  - {id: s, action: let}\n",
        "version: '2'\ndescription: d\nlabels: {a: b, n: 1}\nmax_parallel: 2\ntimeout: 1m\nlanguage: 1\nx-y: 1\non_failure: [{id: f, action: let}]",
    )

    assert (pipeline.version, pipeline.description, pipeline.labels) == ("2", "d", {"a": "b", "n": "1"})
    assert (pipeline.max_parallel, pipeline.timeout) == (2, 60)
    assert pipeline.on_failure is not None
    assert pipeline.on_failure.steps[0].id == "f"
    assert "x-y" not in pipeline.document


def test_all_mistakes_of_a_file_come_at_once_and_in_order() -> None:
    with pytest.raises(CompileError) as caught:
        compiled(
            "  - {id: a, action: lett, retry: 0}\n  - {id: b, with: {}, if: 1}\noutputs: {o: '{{ nope }}'}\n",
            "budget: 1\ninptus: {}",
        )
    places = [(p.location.line, p.location.column) for p in caught.value.problems if p.location]

    assert len(places) == 8
    assert places == sorted(places)


def test_a_mistake_behind_an_anchor_is_shown_once_where_it_stands() -> None:
    with pytest.raises(CompileError) as caught:
        compiled(
            "  - {id: a, action: let, with: &w {x: '{{ nope }}'}}\n  - {id: b, action: let, with: *w}\n  - {id: c, action: let, with: {<<: *w, y: 1}}\n"
        )

    assert [str(problem.location) for problem in caught.value.problems] == ["p.yaml:4:43"]


def test_a_field_behind_a_merge_key_is_found_where_it_was_written() -> None:
    with pytest.raises(CompileError) as caught:
        compiled("  - {id: a, action: filesystem.read, with: {<<: [{pth: 1}], path: '{{ run.id }}'}}\n")

    assert [str(problem.location) for problem in caught.value.problems] == ["p.yaml:4:51"]


@pytest.mark.parametrize(
    "value", ["'{{ run.started_at + 1 }}'", "'{{ run.date ~ run.id }}'", "{a: {b: [1, '{{ run }}']}}"]
)
def test_what_is_known_of_the_run(value: str) -> None:
    assert step(f"action: let, with: {{x: {value}}}").id == "a"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("action: terminal.run, with: {command: [ls, «3, '{{ run.id }}']}", "expected text, not 3"),
        (
            "action: terminal.run, with: {command: [ls], env: {A: «1, B: '{{ run.id }}'}}",
            "expected text, not 1",
        ),
        ("action: generate, with: {prompt: «[a, '{{ run.id }}']}", "expected text, not a list of 2 items"),
        (
            "action: generate, with: {prompt: '{{ run.id }}', stop: «'{{ run.started_at }}'}",
            "a list is needed here",
        ),
        (
            "action: generate, with: {prompt: '{{ run.id }}', max_tokens: «'n {{ run.id }}'}",
            "a whole number is needed",
        ),
        ("action: wait, with: {for: «later}", "`for` must be a time such as"),
        ("switch: run.id, cases: [{case: «[1], steps: []}]", "`case` must be a text, a number"),
        ("switch: run.id, cases: [«x]", "a case in a list is written"),
        (
            "switch: run.id, cases: [{case: 1, steps: [{id: b, action: let}]}, {case: 1, steps: «[{id: c, action: let}]}]",
            "the case `1` stands here a second time",
        ),
        ("for_each: [1], «switch: run.id, cases: {}", "`switch` cannot stand beside `for_each`"),
        (
            "action: let, for_each: [1], reduce: {as: «run, start: 0, value: 1}",
            "`run` is taken by the language",
        ),
        ("action: let, model: «x <AUTO>x</AUTO>", "the tag must be the whole of `model`"),
        ("action: «<AUTO>x</AUTO>", "an action cannot be left open with `<AUTO>`"),
        ("action: let, if: «<AUTO></AUTO>", "this `<AUTO>` asks nothing"),
        ("action: «auto.answer, with: {}", "there is no action `auto.answer`"),
        ("action: «unknown.thing", "there is no action `unknown.thing`"),
        ("action: «filesystem.xyz", "there is no action `filesystem.xyz`"),
        ("action: let, with: {x: '{{ «steps[0] }}'}", "`steps` goes by the ids of steps"),
        ("action: let, with: {x: '{{ «result }}'}", "there is no name `result` here"),
        (
            "action: let, undo: {action: let, with: {x: '{{ «steps.a }}'}}",
            "the step `a` reads its own value by its id",
        ),
        ("steps: [{id: b, action: let}], «with: {x: 1}", "`with` needs `action` beside it"),
    ],
)
def test_smaller_mistakes_are_found_too(text: str, message: str) -> None:
    with pytest.raises(CompileError) as caught:
        step(text.replace("«", ""))
    (problem,) = caught.value.problems

    assert problem.location is not None
    assert problem.location.column == len("  - {id: a, ") + text.index("«") + 1
    assert problem.message.startswith(message)


def test_an_output_cannot_read_what_runs_after_a_failure() -> None:
    with pytest.raises(CompileError, match="the step `f` runs only after the run failed"):
        compiled(
            "  - {id: a, action: let}\nonly: 1\n".replace("only: 1\n", "")
            + "outputs: {o: '{{ steps.f }}'}\n",
            "on_failure: [{id: f, action: let}]",
        )


@pytest.mark.parametrize(
    ("top", "messages"),
    [
        ("1.5: x", ["unknown key `1.5`"]),
        ("inputs: {a: [1]}", ["the input `a` must be a mapping, not a list of 1 item"]),
        ("inputs: {a: integer}", ['the input `a` must be a mapping, not "integer"']),
        (
            "inputs: {a: {type: object, properties: {1: {}}}}",
            [
                "this is no valid JSON Schema: the schema is wrong at properties: expected text, not 1",
                "the key 1 must be a text here",
            ],
        ),
        ("defaults: {model: '{{ x }}'}", ["a model cannot be computed"]),
        ("inputs: {1: {type: string}}", ["`1` cannot be the name of an input"]),
    ],
)
def test_odd_tops_are_refused(top: str, messages: list[str]) -> None:
    with pytest.raises(CompileError) as caught:
        compiled("  - {id: s, action: let}\n", top)

    assert [problem.message for problem in caught.value.problems] == messages


def test_a_wrong_schema_of_a_tool_is_called_its_fault() -> None:
    actions = KnownActions(action("odd", {"type": "object", "properties": {"x": {"type": "strng"}}}))
    with pytest.raises(CompileError, match="the schema of `odd` is wrong"):
        compile_text("name: p\nsteps: [{id: a, action: odd, with: {x: 1}}]", file="p", actions=actions)


def test_a_pipeline_knows_the_actions_it_was_compiled_for() -> None:
    with pytest.raises(CompileError, match="`py-orc tools` lists the actions"):
        compile_text("name: p\nsteps: [{id: a, action: let}]", file="p", actions=KnownActions())


def test_a_compiled_pipeline_cannot_be_changed_in_place() -> None:
    pipeline = compile_text("name: p\nsteps:\n  - {id: a, action: let}\n", file="p.yaml", actions=ACTIONS)
    for table in (pipeline.inputs, pipeline.outputs, pipeline.pipelines, pipeline.labels):
        with pytest.raises(TypeError):
            table["x"] = 1  # type: ignore[index]


def test_a_file_of_more_steps_than_allowed_is_refused_where_they_stand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("orchestrator.compiler.blocks.MAX_STEPS", 3)
    compiled("  - {id: a, steps: [{id: b, action: let, with: {x: 1}}, {id: c, action: let, with: {x: 1}}]}\n")
    with pytest.raises(CompileError) as caught:
        compiled(
            "  - {id: a, steps: [{id: b, action: let, with: {x: 1}}]}\n"
            "  - id: c\n    steps: [{id: d, action: let, with: {x: 1}}, {id: e, action: let, with: {x: 1}}]\n"
        )
    (problem,) = caught.value.problems
    assert problem.message == "a file may have 3 steps, and these are too many"
    assert problem.location is not None
    assert problem.location.line == 6


@pytest.mark.parametrize(
    ("template", "shown"), [("{{ [" + "inputs.zz, " * 5000 + "1] }}", 50), ("{{ inputs.zz }} " * 5000, 50)]
)
def test_a_text_full_of_mistakes_shows_the_first_of_them(template: str, shown: int) -> None:
    with pytest.raises(CompileError) as caught:
        compiled(f"  - id: a\n    action: let\n    with:\n      x: |-\n        {template}\n")
    assert len(caught.value.problems) == shown


def test_a_file_full_of_mistakes_shows_the_first_five_hundred() -> None:
    with pytest.raises(CompileError) as caught:
        compiled("".join(f"  - {{id: s{number}, acton: let}}\n" for number in range(1000)))
    *shown, last = caught.value.problems
    assert len(shown) == 500
    assert last.message == "1,500 more problems are not shown"
    assert last.location is None


def test_misspelt_names_are_compared_with_a_bounded_number_of_others() -> None:
    steps = [
        f"  - {{id: step{number}, action: let, with: {{x: '{{{{ steps.stp{number} }}}}'}}}}\n"
        for number in range(600)
    ]
    with pytest.raises(CompileError) as caught:
        compiled("".join(steps))
    hints = [problem.hint for problem in caught.value.problems[:500]]
    assert hints[0] == "did you mean `step0`?"
    assert hints[-1].startswith("the steps of this file are `step0`, `step1`")


@pytest.mark.parametrize(
    ("model", "wanted"),
    [
        ("<AUTO>Select a model for summarising: short # texts</AUTO>", {"about": "Select a model for summarising: short # texts"}),
        ('<AUTO task="extract" quality="4" local="true"/>', {"task": "extract", "quality": 4, "local": True}),
        ('<AUTO max_cost="0.05 USD">any</AUTO>', {"max_cost": "0.05 USD", "about": "any"}),
    ],
)  # fmt: skip
def test_a_model_left_open_is_a_requirement_in_words(model: str, wanted: dict[str, object]) -> None:
    (made,) = compile_text(
        f"name: p\nsteps:\n  - id: a\n    action: let\n    model: {model}\n", file="p.yaml", actions=ACTIONS
    ).root.steps
    assert made.model == wanted
