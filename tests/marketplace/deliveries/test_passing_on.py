"""A second company gets the set under everybody's grant that it may: it pays each time, is told, and a withdrawal reaches both."""

from typing import Any

import pytest

from accounts.notifications.models import Notification
from marketplace.deliveries.tasks import sweep
from marketplace.rights import operations as rights
from payments.paylines.models import PayLine
from payments.paylines.tasks import sweep as pays
from tests import stories
from tests.accounts.browsing import browser
from tests.marketplace.conftest import Caller
from tests.marketplace.deliveries.conftest import Played

pytestmark = pytest.mark.django_db
BONUS_MINOR = 1_500


class Two:
    """The set of one company, ready; and another one that may get it."""

    def __init__(self, played: Played, *, granted: bool = True) -> None:
        self.played = played
        played.gig.purposes = ["evaluation", "sublicensing"]
        played.gig.save()
        path = f"gigs/{played.gig.public_id}/purposes/sublicensing"
        assert played.nora.put(path, {"bonus_minor": BONUS_MINOR, "deletion_days": 5})[0] == 200
        for seat in played.seats if granted else played.seats[:1]:
            self.grants(seat)
        self.delivery = played.is_delivered("evaluation")
        self.other = stories.a_company("Second Reader")
        self.owner = stories.person(stories.owner_of(self.other))
        self.cora, self.page = Caller(self.owner), browser(self.owner)

    def grants(self, seat: Any) -> None:
        application, me = seat.engagement.application, stories.acting(seat.performer)
        sha256 = seat.engagement.versions.latest("version").text_sha256
        rights.give(
            application=application, purposes=["sublicensing"], terms_sha256=sha256, by=me, at=self.played.now
        )
        rights.activate(application=application, terms_sha256=sha256, by=me, at=self.played.now)

    def offers(self) -> tuple[int, Any]:
        return self.played.nora.post(
            f"deliveries/{self.delivery['id']}/licences", {"company": self.other.public_id}
        )

    def is_passed_on(self) -> dict[str, Any]:
        status, licence = self.offers()
        assert status == 201, licence
        status, licence = self.cora.post(f"licences/{licence['id']}/accept")
        assert (status, licence["state"]) == (200, "accepted"), licence
        found: dict[str, Any] = licence
        return found

    def takes(self) -> int:
        return int(self.page.get(self.delivery["files"][0]["address"]).status_code)


@pytest.fixture
def two(played: Played) -> Two:
    return Two(played)


def test_is_read_before_it_is_accepted_and_taken_after(two: Two) -> None:
    assert two.cora.get(f"deliveries/{two.delivery['id']}")[0] == 404
    assert two.takes() == 404
    assert two.offers()[0] == 201
    page = two.page.get(f"/deliveries/{two.delivery['id']}/").content.decode()
    assert "offers it to Second Reader" in page
    assert two.takes() == 404
    licence = two.cora.get("licences")[1]["data"][0]
    assert two.cora.post(f"licences/{licence['id']}/accept")[0] == 200
    assert two.takes() == 200
    assert two.cora.post(f"licences/{licence['id']}/accept")[0] == 409
    assert "Second Reader" in two.page.get("/licences/").content.decode()


def test_everybody_in_it_is_told_and_paid_each_time(two: Two) -> None:
    pays()
    assert not PayLine.objects.exists()  # a grant to pass it on pays when it is
    two.is_passed_on()
    pays()
    pays()
    lines = PayLine.objects.order_by("engagement_id")
    assert [line.amount_minor for line in lines] == [BONUS_MINOR, BONUS_MINOR]
    assert all("Second Reader" in line.reason for line in lines)
    for seat in two.played.seats:
        told = Notification.objects.get(user=seat.performer.user, title="Your work was passed on")
        assert "Second Reader" in told.body
        uses = browser(seat.performer.user).get("/rights/uses/").content.decode()
        assert "Passed on" in uses


def test_one_who_does_not_let_it_be_passed_on_is_enough(played: Played) -> None:
    two = Two(played, granted=False)
    status, said = two.offers()
    assert (status, said["code"]) == (409, "not_to_be_passed_on")
    two.grants(played.seats[1])
    assert two.offers()[0] == 201
    assert two.offers()[1]["code"] == "already_passed_on"


def test_a_withdrawal_between_offer_and_answer(two: Two) -> None:
    _, licence = two.offers()
    withdraws(two.played.ada, "sublicensing")
    status, said = two.cora.post(f"licences/{licence['id']}/accept")
    assert (status, said["code"]) == (409, "not_to_be_passed_on")
    sweep()
    assert two.cora.get("licences")[1]["data"][0]["state"] == "withdrawn"


def withdraws(caller: Caller, purpose: str) -> None:
    rows = caller.get("grants")[1]["data"]
    grant = next(row for row in rows if row["purpose"] == purpose and row["state"] == "active")
    assert caller.post(f"grants/{grant['id']}/withdraw")[0] == 200


def test_who_withdraws_that_it_may_be_passed_on_ends_that_alone(two: Two) -> None:
    two.is_passed_on()
    assert two.takes() == 200
    withdraws(two.played.ada, "sublicensing")
    assert two.takes() == 409  # from that moment, before anybody looked
    sweep()
    (order,) = two.cora.get("deletion-orders")[1]["data"]
    assert (order["company"], order["purpose"]) == (two.other.public_id, "sublicensing")
    assert two.played.nora.get("deletion-orders")[1]["data"] == []
    assert two.played.reads(two.delivery["id"])["state"] == "ready"
    assert two.cora.get("licences")[1]["data"][0]["state"] == "ended"
    assert two.cora.post(f"deletion-orders/{order['id']}/acknowledge", {"statement": "Gone."})[0] == 200
    assert two.played.ada.get("deletion-orders")[1]["data"][0]["state"] == "acknowledged"


def test_a_withdrawal_of_what_it_is_for_reaches_both(two: Two) -> None:
    two.is_passed_on()
    assert two.takes() == 200
    two.played.takes(two.delivery["files"][0]["address"])
    withdraws(two.played.ada, "evaluation")
    sweep()
    sweep()
    for caller, company in ((two.cora, two.other), (two.played.nora, two.played.session.company)):
        (order,) = caller.get("deletion-orders")[1]["data"]
        assert (order["company"], order["state"]) == (company.public_id, "open")
    assert len(two.played.ada.get("deletion-orders")[1]["data"]) == 2
    assert two.takes() == 404


def test_declined_or_taken_back_nobody_is_told_and_nothing_is_paid(two: Two) -> None:
    _, licence = two.offers()
    assert two.cora.post(f"licences/{licence['id']}/decline")[0] == 200
    _, again = two.offers()
    assert two.played.nora.post(f"licences/{again['id']}/withdraw")[0] == 200
    assert two.cora.post(f"licences/{again['id']}/accept")[0] in (404, 409)
    pays()
    assert not PayLine.objects.exists()
    assert not Notification.objects.filter(title="Your work was passed on").exists()


def test_by_page(two: Two) -> None:
    path = f"/deliveries/{two.delivery['id']}/"
    refused = two.played.page.post(f"{path}pass-on/", {"company": "cmp_nobody"})
    assert refused.status_code == 422
    assert two.played.page.post(f"{path}pass-on/", {"company": two.other.public_id}).status_code == 302
    licence = two.cora.get("licences")[1]["data"][0]
    assert two.page.post(f"/licences/{licence['id']}/accept/").status_code == 302
    assert "Accepted" in two.played.page.get(path).content.decode()


def test_a_stranger_sees_nothing_of_it(two: Two) -> None:
    licence = two.is_passed_on()
    stranger = Caller(stories.person(stories.owner_of(stories.a_company("Elsewhere"))))
    assert stranger.get("licences")[1]["data"] == []
    assert stranger.post(f"licences/{licence['id']}/withdraw")[0] == 404
    assert stranger.get(f"deliveries/{two.delivery['id']}")[0] == 404
