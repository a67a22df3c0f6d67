import pytest

from accounts.audit.models import AuditEvent
from accounts.notifications.money_kinds import MoneyKind as Kind
from accounts.notifications.operations import notify
from accounts.performers.models import Performer
from tests import stories
from tests.accounts.browsing import Api, body_of, code_of

pytestmark = pytest.mark.django_db


class TestMe:
    def test_a_stranger_is_asked_to_log_in(self) -> None:
        response = Api().get("me")
        assert response.status_code == 401
        assert code_of(response) == "not_authenticated"

    def test_says_who_i_am_and_for_whom_i_act(self) -> None:
        company = stories.a_company("Northlight")
        owner = stories.person(stories.owner_of(company))
        assert owner is not None
        me = body_of(Api(owner).get("me"))
        assert me["email"] == owner.email
        assert me["companies"] == [{"id": company.public_id, "name": "Northlight", "role": "owner"}]
        assert me["performer"] is None

    def test_a_change_is_kept_and_leaves_a_trace(self) -> None:
        user = stories.a_person()
        changed = body_of(Api(user).patch("me", {"time_zone": "Europe/Berlin"}))
        assert changed["time_zone"] == "Europe/Berlin"
        assert changed["name"] == user.name
        assert AuditEvent.objects.filter(thing=user.public_id, verb="user.updated").exists()

    @pytest.mark.parametrize(
        "body",
        [
            {"time_zone": "Mars/Olympus"},
            {"time_zone": 5},
            {"name": ""},
            {"nmae": "Ada"},
            {"email": "a@b.c"},
            [],
        ],
    )
    def test_what_does_not_hold_is_refused_by_field(self, body: object) -> None:
        user = stories.a_person()
        response = Api(user).send("PATCH", "me", body)
        assert response.status_code == 422
        assert code_of(response) == "invalid"
        user.refresh_from_db()
        assert user.time_zone == "America/New_York"


class TestPerformerProfile:
    def test_is_made_once(self) -> None:
        user = stories.a_person()
        made = body_of(Api(user).post("me/performer", {"stage_name": "Ada"}))
        assert made["stage_name"] == "Ada"
        assert code_of(Api(user).post("me/performer", {"stage_name": "Again"})) == "already_a_performer"

    def test_the_same_key_makes_it_once_and_answers_the_same(self) -> None:
        api = Api(stories.a_person())
        first = api.post("me/performer", {"stage_name": "Ada"}, **{"Idempotency-Key": "k1"})
        second = api.post("me/performer", {"stage_name": "Ada"}, **{"Idempotency-Key": "k1"})
        assert (first.status_code, second.status_code) == (201, 201)
        assert body_of(first) == body_of(second)
        assert second.headers["Idempotent-Replayed"] == "true"
        third = api.post("me/performer", {"stage_name": "Eve"}, **{"Idempotency-Key": "k1"})
        assert code_of(third) == "idempotency_key_reused"

    def test_a_change_leaves_the_rest_as_it_was(self) -> None:
        performer = stories.a_performer("Ada")
        changed = body_of(Api(performer.user).patch("me/performer", {"skills": ["harold", "duo"]}))
        assert changed["skills"] == ["duo", "harold"]
        assert changed["languages"] == ["en"]

    @pytest.mark.parametrize(
        "body",
        [{"skills": ["juggling"]}, {"languages": "en"}, {"country": "XX"}, {"payouts_enabled_at": None}],
    )
    def test_an_unknown_skill_or_field_is_refused(self, body: dict[str, object]) -> None:
        assert code_of(Api(stories.a_performer().user).patch("me/performer", body)) == "invalid"

    def test_someone_without_a_profile_has_none(self) -> None:
        assert code_of(Api(stories.a_person()).get("me/performer")) == "not_found"


class TestOnboarding:
    def test_opens_step_by_step(self) -> None:
        user = stories.a_person()
        api = Api(user)
        body_of(api.post("me/performer", {"stage_name": "Ada"}))
        api.patch("me/performer", {"skills": ["duo"], "languages": ["en"]})
        assert not body_of(api.get("me/onboarding"))["bookable"]
        assert code_of(api.post("me/vettings")) == "not_ready_to_be_vetted"
        asked = body_of(api.post("me/onboarding/terms", {"version": "2026-11"}))
        assert not asked["bookable"]
        body_of(api.post("me/vettings"))
        performer = Performer.objects.get(user=user)
        stories.proves_identity(performer)
        stories.is_vetted(performer)
        done = body_of(api.get("me/onboarding"))
        assert done["bookable"]
        assert not done["payable"]
        assert [step["step"] for step in done["steps"] if not step["done"]] == ["payouts"]

    def test_terms_that_were_not_read_cannot_be_accepted(self) -> None:
        performer = stories.a_performer()
        assert code_of(Api(performer.user).post("me/onboarding/terms", {"version": "1999-01"})) == "invalid"

    def test_is_for_performers(self) -> None:
        assert code_of(Api(stories.a_person()).get("me/onboarding")) == "forbidden"


class TestNotifications:
    def test_are_read_by_their_reader_alone(self) -> None:
        ada, eve, kind = stories.a_person(), stories.a_person(), Kind.PAY_SETUP_LOST
        for number in range(3):
            assert notify(kind=kind, user_id=ada.pk, key=f"n{number}", about={}, at=stories.BEFORE)
        assert not notify(kind=kind, user_id=ada.pk, key="n0", about={}, at=stories.BEFORE)
        page = body_of(Api(ada).get("notifications", limit=2))
        assert len(page["data"]) == 2
        rest = body_of(Api(ada).get("notifications", limit=2, cursor=page["next_cursor"]))
        assert len(rest["data"]) == 1
        assert rest["next_cursor"] is None
        first = page["data"][0]["id"]
        assert code_of(Api(eve).post(f"notifications/{first}/read")) == "not_found"
        assert body_of(Api(ada).post(f"notifications/{first}/read"))["read_at"]
        assert body_of(Api(ada).post("notifications/read")) == {"read": 2}

    @pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "many"}, {"cursor": "nonsense"}])
    def test_a_page_that_is_none_is_refused(self, query: dict[str, str]) -> None:
        assert code_of(Api(stories.a_person()).get("notifications", **query)) == "invalid"
