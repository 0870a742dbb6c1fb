"""What attempts consumed is counted once, however their tasks end."""

from orchestrator.core.action import Effect
from orchestrator.core.usage import Usage
from orchestrator.errors import ActionError
from orchestrator.testing.actions import RecordingAction
from scenarios.lab import lab


def test_what_an_attempt_spent_counts_also_when_its_handler_fails():
    spent = Usage(requests=1, input_tokens=10, output_tokens=2)

    def ask(params, ctx):
        raise ActionError("no sense", error_class="bad_output", usage=spent)

    steps = "- {id: a, action: demo.ask, on_error: {steps: [{id: h, action: fail, with: {message: worse}}]}}"
    outcome = lab(steps, RecordingAction("demo.ask", ask, effect=Effect.READ)).run()
    assert outcome.state.status == "failed"
    assert outcome.state.tasks["a"].failure.step == "a.h"
    assert outcome.state.tasks["a"].usage == outcome.state.usage == spent
