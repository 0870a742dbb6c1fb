from decimal import Decimal

import pytest

from orchestrator.core.usage import NO_USAGE, Usage, in_doubt


@pytest.mark.parametrize(
    ("one", "other", "total"),
    [(None, None, None), ("0.1", None, "0.1"), (None, "0.2", "0.2"), ("0.1", "0.2", "0.3")],
)
def test_money_adds_up_exactly_and_an_unknown_price_adds_nothing(one, other, total):
    def cost(text):
        return None if text is None else Decimal(text)

    added = Usage(1, 2, 3, cost(one)) + Usage(10, 20, 30, cost(other))
    assert added == Usage(11, 22, 33, cost(total))


def test_no_usage_changes_nothing():
    used = Usage(1, 2, 3, Decimal("0.10"))
    assert used + NO_USAGE == NO_USAGE + used == used


def test_documents_show_money_as_text():
    assert Usage(1, 2, 3, Decimal("0.10")).as_data() == {
        "requests": 1,
        "input_tokens": 2,
        "output_tokens": 3,
        "cost": "0.10",
    }
    assert NO_USAGE.as_data()["cost"] is None


def test_what_nobody_saw_answered_is_shown_and_adds_up():
    doubtful = in_doubt(Decimal("0.10"))
    assert (doubtful + doubtful).as_data()["uncertain"] == "0.20"
    assert (doubtful + Usage(cost=Decimal(1))).cost == Decimal("1.10")
    assert in_doubt(None) == Usage(requests=1)
