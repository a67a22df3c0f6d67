"""The claims about `rule.py`. No part of the suite: `test_mutation.py` has them tried."""

from datetime import UTC, datetime, timedelta

import pytest

from tests import stories
from tests.mutation.specimen import rule

DUE = datetime(2026, 11, 9, 12, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "late"), [(599, False), (600, False), (601, True)])
def test_late_is_after_the_tenth_minute(seconds: int, late: bool) -> None:
    assert rule.is_late(DUE + timedelta(seconds=seconds), due_at=DUE) is late


def test_the_longer_of_two() -> None:
    assert (rule.longer(1, 2), rule.longer(2, 1), rule.longer(2, 2)) == (2, 2, 2)


@pytest.mark.django_db
def test_who_was_let_go_is_not_active() -> None:
    user = stories.a_person()
    rule.let_go(user)
    user.refresh_from_db()
    assert not user.is_active
