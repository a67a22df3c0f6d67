"""An appeal that is not answered by its date: who may answer is told daily, who waits for it once, until it is answered."""

from datetime import timedelta

import pytest

from accounts.access.roles import Staff
from accounts.appeals import operations as appeals
from accounts.appeals.models import Appeal
from accounts.identity.models import User
from accounts.notifications.models import Notification
from tests import stories

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def titles(user: User) -> list[str]:
    return list(Notification.objects.filter(user=user).order_by("id").values_list("title", flat=True))


def an_appeal() -> Appeal:
    performer = stories.a_performer()
    suspension = stories.is_suspended(performer)
    by = stories.acting(performer)
    return appeals.file(subject=suspension.public_id, text="Look again.", by=by, at=stories.BEFORE)


def test_is_told_daily_to_who_answers_and_once_to_who_waits() -> None:
    tala, admin = stories.a_member_of_staff(Staff.TALENT), stories.a_member_of_staff(Staff.ADMIN)
    appeal = an_appeal()
    due = appeal.answer_due_at
    assert due == stories.BEFORE + 7 * DAY
    assert appeals.tell_of_overdue(at=due - timedelta(seconds=1)) == 0
    for after in (timedelta(), timedelta(hours=2), DAY, 2 * DAY):
        assert appeals.tell_of_overdue(at=due + after) == 1
    assert titles(tala).count("An appeal is overdue") == 3
    assert titles(admin) == []
    assert appeal.performer is not None
    assert titles(appeal.performer.user).count("Your appeal is answered later than promised") == 1
    appeals.take_up(appeal=appeal, by=stories.HOUSE, at=due + 3 * DAY)
    assert appeals.tell_of_overdue(at=due + 3 * DAY) == 1
    appeals.uphold(appeal=appeal, text="It stays.", by=stories.HOUSE, at=due + 3 * DAY)
    assert appeals.tell_of_overdue(at=due + 4 * DAY) == 0


def test_is_told_to_an_administrator_where_nobody_else_could_answer() -> None:
    admin = stories.a_member_of_staff(Staff.ADMIN)
    appeal = an_appeal()
    appeals.tell_of_overdue(at=appeal.answer_due_at)
    assert titles(admin) == ["An appeal waits for a person", "An appeal is overdue"]
