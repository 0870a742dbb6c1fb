"""How the parts of a run tell each other that something did not complete; none of these leaves the engine."""

from orchestrator.core.failure import Failure


class FailedError(Exception):
    """A task, block or run failed for good."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.message)


class ParkedError(Exception):
    """It cannot go on before a person decides something; everything else in it is done."""


class HaltedError(Exception):
    """It was stopped on its way because what surrounds it stops."""
