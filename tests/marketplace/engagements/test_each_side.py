"""What each side is offered on an engagement, in each of its states, by page and by API; and that it is taken."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.access.actors import Actor
from accounts.access.roles import Role, Staff
from accounts.identity.models import User
from accounts.notifications.models import Notification
from kit.errors import NotFound
from kit.money import Money
from kit.transitions import IllegalMove
from marketplace.engagements import operations, queries
from marketplace.engagements.models import Engagement
from marketplace.engagements.states import EngagementState
from tests import stories
from tests.accounts.browsing import Api, body_of, browser, code_of, logs_in
from tests.marketplace.engagements.test_operations import company_signs, performer_signs

pytestmark = pytest.mark.django_db
AT = stories.BEFORE
BUTTONS = {
    "sign": "Sign these terms",
    "raise": "Draw up a new version",
    "pause": "Pause it",
    "go on": ">Go on<",
    "leave": "End it with this reason",
    "steps": "Get set up",
}


@pytest.fixture(autouse=True)
def _the_day(it_is: Callable[[datetime], None]) -> None:
    it_is(AT)


@pytest.fixture
def engagement() -> Engagement:
    company = stories.a_company("Northlight", owner=stories.a_person("Nora North"))
    return stories.accepts(stories.a_performer("Ada Quill"), stories.a_gig(company))


def people(engagement: Engagement) -> list[User]:
    """The performer, an owner, a reviewer who may not sign, and talent operations."""
    reviewer = stories.a_member(engagement.company, Role.REVIEWER)
    owner = stories.person(stories.owner_of(engagement.company))
    return [engagement.performer.user, owner, reviewer, stories.a_member_of_staff(Staff.TALENT)]


def offered(engagement: Engagement, who: list[User]) -> list[set[str]]:
    """What stands on the page to be pressed, for each."""
    pages = [browser(user).get(f"/engagements/{engagement.public_id}/").content.decode() for user in who]
    return [{name for name, words in BUTTONS.items() if words in page} for page in pages]


def test_from_the_first_signature_to_the_end(engagement: Engagement) -> None:
    who = people(engagement)
    assert offered(engagement, who) == [{"sign", "leave"}, {"leave"}, set(), set()]
    performer_signs(engagement)
    assert offered(engagement, who) == [{"leave"}, {"sign", "leave"}, set(), set()]
    company_signs(engagement)
    both = {"pause", "leave"}
    assert offered(engagement, who) == [both, both | {"raise"}, set(), set()]
    operations.amend(
        engagement=engagement, rate=Money(8000, "usd"), by=stories.owner_of(engagement.company), at=AT
    )
    assert offered(engagement, who) == [both | {"sign"}, both, set(), set()]
    operations.terminate(
        engagement=engagement, reason="Done.", by=stories.acting(engagement.performer), at=AT
    )
    assert offered(engagement, who) == [set()] * 4


@pytest.mark.parametrize("side", [0, 1])
def test_whoever_paused_it_goes_on(engagement: Engagement, side: int) -> None:
    performer_signs(engagement)
    company_signs(engagement)
    who = people(engagement)
    here = f"/engagements/{engagement.public_id}/"
    assert browser(who[side]).post(f"{here}pause/", {"reason": " "}).status_code == 422
    assert browser(who[side]).post(f"{here}pause/", {"reason": "A tour."}).status_code == 302
    own, other = [{"go on", "leave"}, {"leave"}] if side == 0 else [{"leave"}, {"go on", "leave"}]
    assert offered(engagement, who) == [own, other, set(), set()]
    assert browser(who[1 - side]).post(f"{here}resume/").status_code == 403
    told = Notification.objects.filter(user=who[1 - side]).latest("id").body
    assert ("Ada Quill" if side == 0 else "Northlight") in told
    assert browser(who[side]).post(f"{here}resume/").status_code == 302
    engagement.refresh_from_db()
    assert (engagement.state, engagement.paused_by) == ("active", "")
    assert browser(who[side]).post(f"{here}resume/").status_code == 409


@pytest.mark.parametrize("side", [0, 1])
def test_the_api_pauses_and_goes_on_alike(engagement: Engagement, side: int) -> None:
    performer_signs(engagement)
    company_signs(engagement)
    who = people(engagement)
    mine, theirs, path = Api(who[side]), Api(who[1 - side]), f"engagements/{engagement.public_id}"
    assert code_of(mine.post(f"{path}/pause", {"reason": " "})) == "invalid"
    assert body_of(mine.post(f"{path}/pause", {"reason": "A tour."}))["state"] == "paused"
    assert code_of(mine.post(f"{path}/pause", {"reason": "A tour."})) == "illegal_state"
    assert code_of(theirs.post(f"{path}/resume")) == "not_yours_to_resume"
    assert body_of(mine.post(f"{path}/resume"))["state"] == "active"
    assert code_of(Api(who[2]).post(f"{path}/pause", {"reason": "Mine."})) == "forbidden"
    assert Api(who[2]).get(path).status_code == 200


def test_what_was_never_paused_is_not_taken_up(engagement: Engagement) -> None:
    """Least of all to pass by the steps before a booking: it is active once the house has found them done."""
    performer_signs(engagement)
    stories.is_suspended(engagement.performer)
    company_signs(engagement)
    us = stories.owner_of(engagement.company)
    engagement.refresh_from_db()
    assert engagement.state == EngagementState.ONBOARDING
    assert offered(engagement, people(engagement)) == [{"steps", "leave"}, {"leave"}, set(), set()]
    for by in (us, stories.acting(engagement.performer)):
        with pytest.raises(IllegalMove):
            operations.resume(engagement=engagement, by=by, at=AT)
    with pytest.raises(NotFound):
        operations.resume(engagement=engagement, by=stories.acting(stories.a_performer()), at=AT)
    engagement.refresh_from_db()
    assert engagement.state == EngagementState.ONBOARDING


def signs(client: Client, engagement: Engagement, name: str) -> int:
    """Reads the page, types the name, and sends what stands in the form."""
    here = f"/engagements/{engagement.public_id}/"
    (read,) = re.findall(r'name="read_sha256" value="([0-9a-f]{64})"', client.get(here).content.decode())
    return client.post(f"{here}sign/", {"name": name, "read_sha256": read}).status_code


def test_what_the_page_shows_is_what_is_signed(engagement: Engagement) -> None:
    me, us, *_ = map(logs_in, people(engagement))
    assert signs(me, engagement, "Ada Quill") == 302
    assert signs(us, engagement, "Nora North") == 302
    sha256 = engagement.versions.get().text_sha256
    operations.amend(
        engagement=engagement, rate=Money(8000, "usd"), by=stories.owner_of(engagement.company), at=AT
    )
    path = f"/engagements/{engagement.public_id}/sign/"
    old = me.post(path, {"name": "Ada Quill", "read_sha256": sha256})
    assert "A newer version was sent meanwhile. Read it, then sign." in old.content.decode()
    assert signs(me, engagement, "Ada Quill") == 302
    new = engagement.versions.get(version=2)
    again = me.post(path, {"name": "Ada Quill", "read_sha256": new.text_sha256})
    assert "You signed this version; the company is next." in again.content.decode()
    assert (new.performer_signed_at, new.performer_signature, new.company_signed_at) == (
        AT,
        "Ada Quill",
        None,
    )


def test_the_rate_of_a_list_is_each_engagements_own_and_signed(engagement: Engagement) -> None:
    other = stories.an_active_engagement(stories.a_gig(engagement.company, rate_minor=9000))

    def rates() -> list[int]:
        rows: Any = queries.with_rate(Engagement.objects.all()).order_by("id")
        return [row.rate_minor for row in rows]

    assert rates() == [7400, 9000]
    us: Actor = stories.owner_of(engagement.company)
    operations.amend(engagement=other, rate=Money(9900, "usd"), by=us, at=AT + timedelta(days=1))
    assert rates() == [7400, 9000]
    performer_signs(other)
    assert rates() == [7400, 9000]
    company_signs(other)
    assert rates() == [7400, 9900]


def test_what_was_refused_is_said_on_the_page_beside_what_was_typed(engagement: Engagement) -> None:
    performer_signs(engagement)
    company_signs(engagement)
    _, us, *_ = map(browser, people(engagement))
    here = f"/engagements/{engagement.public_id}/"
    for wrong, said in (
        ("60.00", "A rate never falls."),
        ("eighty", "eighty"),
        ("", "This field is required."),
    ):
        page = us.post(f"{here}raise/", {"rate": wrong}).content.decode()
        assert said in page
        assert f'value="{wrong}"' in page or not wrong
