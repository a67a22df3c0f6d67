"""`Idempotency-Key`: once for each actor and key, without changing what the work itself does."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from accounts.access import idempotency
from accounts.access.models import IdempotentRequest
from accounts.performers.models import Performer
from accounts.privacy.retention import let_go
from kit.errors import Invalid
from tests import stories
from tests.accounts.browsing import Api, body_of, code_of
from tests.database import together

AT = datetime(2026, 11, 9, 9, tzinfo=UTC)
DONE = (201, {"made": True})


def ask(work: Any, *, key: str = "k", at: datetime = AT, sent: Any = None) -> tuple[Any, bool]:
    return idempotency.once(actor="usr_a", key=key, path="POST /x", sent=sent, now=lambda: at, work=work)


class TestOnce:
    def test_works_outside_any_transaction_and_commits_what_the_work_commits(
        self, committed_db: None
    ) -> None:
        seen: list[bool] = []

        def work() -> Any:
            seen.append(connection.in_atomic_block)
            return DONE

        assert ask(work) == (DONE, False)
        assert seen == [False]

    def test_of_two_at_once_one_works_and_the_other_is_told_to_wait(self, committed_db: None) -> None:
        answers = together([lambda: ask(_slow), lambda: ask(_slow)])
        done = [answer for answer in answers if answer == (DONE, False)]
        told = [answer for answer in answers if isinstance(answer, idempotency.KeyInUse)]
        assert (len(done), len(told)) == (1, 1)
        assert ask(_slow) == (DONE, True)

    @pytest.mark.django_db
    def test_a_refusal_keeps_nothing(self) -> None:
        def refuse() -> Any:
            raise Invalid("No.")

        with pytest.raises(Invalid):
            ask(refuse)
        assert ask(lambda: DONE) == (DONE, False)

    @pytest.mark.django_db
    def test_one_that_never_finished_is_said_to_be_unknown_and_is_not_done_twice(self) -> None:
        def die() -> Any:
            raise RuntimeError("the process died")

        with pytest.raises(RuntimeError):
            ask(die)
        with pytest.raises(idempotency.KeyInUse):
            ask(lambda: DONE, at=AT + timedelta(minutes=5, seconds=-1))
        with pytest.raises(idempotency.OutcomeUnknown):
            ask(lambda: DONE, at=AT + timedelta(minutes=5))

    @pytest.mark.django_db
    def test_is_never_cut_and_never_too_long(self) -> None:
        long = "k" * 254
        assert ask(lambda: DONE, key=f"{long}a") == (DONE, False)
        assert ask(lambda: DONE, key=f"{long}b") == (DONE, False)
        with pytest.raises(Invalid):
            ask(lambda: DONE, key=f"{long}ab")

    @pytest.mark.django_db
    def test_is_forgotten_after_a_week(self) -> None:
        ask(lambda: DONE)
        assert let_go(at=AT + timedelta(days=7, seconds=-1))["accounts.IdempotentRequest"] == 0
        assert let_go(at=AT + timedelta(days=7))["accounts.IdempotentRequest"] == 1


def _slow() -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.5)")
    return DONE


@pytest.mark.django_db
class TestAtTheDoor:
    def test_two_people_with_the_same_key_do_not_meet(self) -> None:
        for name in ("Ada", "Eve"):
            made = Api(stories.a_person()).post(
                "me/performer", {"stage_name": name}, **{"Idempotency-Key": "1"}
            )
            assert body_of(made)["stage_name"] == name
        assert Performer.objects.count() == 2

    def test_a_refused_request_is_corrected_under_its_key(self) -> None:
        api = Api(stories.a_person())
        refused = api.post("me/performer", {"stage_name": ""}, **{"Idempotency-Key": "1"})
        assert code_of(refused) == "invalid"
        assert body_of(api.post("me/performer", {"stage_name": "Ada"}, **{"Idempotency-Key": "1"}))
        assert IdempotentRequest.objects.count() == 1
