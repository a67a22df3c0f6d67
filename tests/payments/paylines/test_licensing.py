"""A bonus that the words of a grant promise is paid once both have signed: once, as a royalty, whatever is withdrawn later."""

from datetime import timedelta

import pytest

from marketplace.gigs.models import Gig
from marketplace.rights import operations as rights
from marketplace.rights.models import Grant
from payments.paylines import licensing
from payments.paylines.models import PayLine
from payments.paylines.tasks import sweep
from payments.payroll import accrual
from payments.payroll.models import Earning
from tests import stories
from tests.accounts.browsing import logs_in
from tests.marketplace.conftest import Caller

pytestmark = pytest.mark.django_db
AT = stories.BEFORE
ASKED = ["evaluation", "fine_tuning"]


@pytest.fixture
def gig() -> Gig:
    """Fine-tuning pays 25.00 USD once; evaluation nothing beside time."""
    gig = stories.a_gig(stories.a_company(), purposes=ASKED)
    owner = Caller(stories.person(stories.owner_of(gig.company)))
    status, told = owner.put(f"gigs/{gig.public_id}/purposes/fine_tuning", {"bonus_minor": 2_500})
    assert status == 200
    assert "It pays you 25.00 USD once" in told["text"]
    return gig


def test_is_paid_once_as_a_royalty_and_seen_by_both(gig: Gig) -> None:
    engagement = stories.an_active_engagement(gig, grants=ASKED)
    sweep()
    assert licensing.sweep(at=AT) == 0
    line = PayLine.objects.get()
    assert (line.amount_minor, line.fee_minor, line.state, line.kind) == (2_500, 0, "approved", "licence")
    for who in (engagement.performer.user, stories.person(stories.owner_of(gig.company))):
        status, told = Caller(who).get(f"pay-lines/{line.public_id}")
        assert (status, told["tax"], told["amount"]["amount_minor"]) == (200, "royalty", 2_500)
    assert (
        "Bonus for a use of recordings"
        in logs_in(engagement.performer.user).get("/pay/lines/").content.decode()
    )
    accrual.accrue(at=AT + timedelta(days=1))
    assert Earning.objects.get().amount_minor == 2_500


def test_nothing_before_both_have_signed(gig: Gig) -> None:
    engagement = stories.accepts(stories.a_performer("Ada Quill"), gig)
    sha256 = engagement.versions.latest("version").text_sha256
    ada = Caller(engagement.performer.user).proves()
    signs = {"name": "Ada Quill", "text_sha256": sha256, "grants": ["fine_tuning"]}
    signs["uses_sha256"] = stories.uses_read(engagement)
    assert ada.post(f"engagements/{engagement.public_id}/sign", signs)[0] == 200
    assert licensing.sweep(at=AT) == 0
    owner = stories.person(stories.owner_of(gig.company))
    signs = {"name": owner.name, "text_sha256": sha256}
    assert Caller(owner).proves().post(f"engagements/{engagement.public_id}/sign", signs)[0] == 200
    assert licensing.sweep(at=AT) == 1


def test_a_withdrawal_before_the_sweep_takes_nothing_back(gig: Gig) -> None:
    """Signed by both is owed: how quickly the house looked changes nothing."""
    engagement = stories.an_active_engagement(gig, grants=["fine_tuning"])
    rights.withdraw(grant=Grant.objects.get(), by=stories.acting(engagement.performer), at=AT)
    assert licensing.sweep(at=AT) == 1


def test_withdrawn_and_given_again_it_is_still_paid_once(gig: Gig) -> None:
    engagement = stories.an_active_engagement(gig, grants=["fine_tuning"])
    assert licensing.sweep(at=AT) == 1
    me, sha256 = stories.acting(engagement.performer), engagement.versions.latest("version").text_sha256
    for _ in range(2):
        rights.withdraw(grant=Grant.objects.latest("id"), by=me, at=AT)
        rights.give(
            application=engagement.application, purposes=["fine_tuning"], terms_sha256=sha256, by=me, at=AT
        )
        rights.activate(application=engagement.application, terms_sha256=sha256, by=me, at=AT)
        assert licensing.sweep(at=AT) == 0
    assert PayLine.objects.count() == 1


def test_nothing_where_nothing_was_promised(gig: Gig) -> None:
    stories.an_active_engagement(gig, grants=["evaluation"])
    assert licensing.sweep(at=AT) == 0
