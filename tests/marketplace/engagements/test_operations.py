"""What may happen to an engagement, and what both signed staying as it was signed."""

from datetime import timedelta

import pytest

from accounts.access.roles import Role
from accounts.keys import acting
from accounts.standing.models import Suspension
from kit.errors import Forbidden, Invalid, NotFound
from kit.money import Money
from kit.transitions import IllegalMove
from marketplace.engagements import operations
from marketplace.engagements.models import Engagement
from marketplace.engagements.states import EngagementState
from tests import stories

pytestmark = pytest.mark.django_db
AT = stories.BEFORE


def to_sign(*, ready: bool = True) -> Engagement:
    """Terms that wait for both signatures; a performer who is not `ready` was suspended after saying yes."""
    performer = stories.a_performer()
    engagement = stories.accepts(performer, stories.a_gig(stories.a_company()))
    if not ready:
        stories.is_suspended(performer)
    return engagement


def hash_of(engagement: Engagement) -> str:
    return engagement.versions.order_by("-version")[0].text_sha256


def performer_signs(engagement: Engagement) -> Engagement:
    me, read = stories.acting(engagement.performer), hash_of(engagement)
    return operations.sign_as_performer(
        engagement=engagement,
        name=engagement.performer.user.name,
        read_sha256=read,
        by=stories.proved(me, at=AT),
        at=AT,
    )


def company_signs(engagement: Engagement) -> Engagement:
    us, read = stories.owner_of(engagement.company), hash_of(engagement)
    return operations.countersign(
        engagement=engagement,
        name=stories.person(us).name,
        read_sha256=read,
        by=stories.proved(us, at=AT),
        at=AT,
    )


class TestSigning:
    def test_needs_each_side_once_in_turn(self) -> None:
        engagement = to_sign()
        me, us = stories.acting(engagement.performer), stories.owner_of(engagement.company)
        read = hash_of(engagement)
        with pytest.raises(operations.TermsChanged, match="performer signs first"):
            operations.countersign(
                engagement=engagement,
                name=stories.person(us).name,
                read_sha256=read,
                by=stories.proved(us, at=AT),
                at=AT,
            )
        operations.sign_as_performer(
            engagement=engagement,
            name=engagement.performer.user.name,
            read_sha256=read,
            by=stories.proved(me, at=AT),
            at=AT,
        )
        with pytest.raises(operations.AlreadySigned):
            operations.sign_as_performer(
                engagement=engagement,
                name=engagement.performer.user.name,
                read_sha256=read,
                by=stories.proved(me, at=AT),
                at=AT,
            )
        operations.countersign(
            engagement=engagement,
            name=stories.person(us).name,
            read_sha256=read,
            by=stories.proved(us, at=AT),
            at=AT,
        )
        with pytest.raises(operations.AlreadySigned):
            operations.countersign(
                engagement=engagement,
                name=stories.person(us).name,
                read_sha256=read,
                by=stories.proved(us, at=AT),
                at=AT,
            )
        assert operations.terms_in_force(engagement).text_sha256 == read

    def test_is_each_ones_own(self) -> None:
        engagement = to_sign()
        read = hash_of(engagement)
        with pytest.raises(NotFound):
            operations.sign_as_performer(
                engagement=engagement,
                name="X",
                read_sha256=read,
                by=stories.proved(stories.owner_of(engagement.company), at=AT),
                at=AT,
            )
        reviewer = acting.of_user(stories.a_member(engagement.company, Role.REVIEWER))
        with pytest.raises(Forbidden):
            operations.countersign(
                engagement=engagement, name="X", read_sha256=read, by=stories.proved(reviewer, at=AT), at=AT
            )

    def test_is_of_the_text_that_was_read(self) -> None:
        engagement = to_sign()
        me = stories.acting(engagement.performer)
        with pytest.raises(operations.TermsChanged):
            operations.sign_as_performer(
                engagement=engagement,
                name=engagement.performer.user.name,
                read_sha256="0" * 64,
                by=stories.proved(me, at=AT),
                at=AT,
            )
        with pytest.raises(Invalid):
            operations.sign_as_performer(
                engagement=engagement,
                name=" ",
                read_sha256=hash_of(engagement),
                by=stories.proved(me, at=AT),
                at=AT,
            )

    def test_waits_for_the_performers_standing(self) -> None:
        engagement = to_sign(ready=False)
        performer_signs(engagement)
        signed = company_signs(engagement)
        signed.refresh_from_db()
        assert signed.state == EngagementState.ONBOARDING
        assert operations.activate_ready(at=AT) == 0
        stories.is_reinstated(Suspension.objects.get(performer=engagement.performer))
        assert operations.activate_ready(at=AT) == 1
        assert operations.activate_ready(at=AT) == 0


class TestAmending:
    def test_holds_once_both_signed_the_new_version(self) -> None:
        engagement = stories.an_active_engagement(stories.a_gig(stories.a_company()))
        me, us, later = (
            stories.acting(engagement.performer),
            stories.owner_of(engagement.company),
            AT + timedelta(days=1),
        )
        operations.amend(engagement=engagement, rate=Money(8000, "usd"), by=us, at=later)
        assert operations.terms_in_force(engagement).rate_minor == 7400
        read = hash_of(engagement)
        operations.sign_as_performer(
            engagement=engagement,
            name=engagement.performer.user.name,
            read_sha256=read,
            by=stories.proved(me, at=later),
            at=later,
        )
        assert operations.terms_in_force(engagement).rate_minor == 7400
        operations.countersign(
            engagement=engagement,
            name=stories.person(us).name,
            read_sha256=read,
            by=stories.proved(us, at=later),
            at=later,
        )
        assert operations.terms_in_force(engagement).rate_minor == 8000

    def test_never_lowers_a_rate(self) -> None:
        engagement = stories.an_active_engagement(stories.a_gig(stories.a_company()))
        with pytest.raises(Invalid, match="never falls"):
            operations.amend(
                engagement=engagement, rate=Money(7399, "usd"), by=stories.owner_of(engagement.company), at=AT
            )


@pytest.mark.parametrize("state", ["sent", "performer_signed", "onboarding", "active"])
def test_ends_once_from_wherever_it_stands(state: str) -> None:
    engagement = to_sign(ready=state != "onboarding")
    signatures = ["sent", "performer_signed", "active"].index("active" if state == "onboarding" else state)
    for sign in (performer_signs, company_signs)[:signatures]:
        sign(engagement)
    engagement.refresh_from_db()
    assert engagement.state == state
    me = stories.acting(engagement.performer)
    ended = operations.terminate(engagement=engagement, reason="A tour.", by=me, at=AT)
    assert (ended.state, ended.end_reason, ended.ended_at) == ("terminated", "A tour.", AT)
    with pytest.raises(IllegalMove):
        operations.terminate(engagement=engagement, reason="A tour.", by=me, at=AT)


def test_ends_for_no_stranger_and_not_without_a_reason() -> None:
    engagement = to_sign()
    with pytest.raises(NotFound):
        operations.terminate(
            engagement=engagement, reason="Mine.", by=stories.acting(stories.a_performer()), at=AT
        )
    with pytest.raises(Invalid):
        operations.terminate(
            engagement=engagement, reason=" ", by=stories.acting(engagement.performer), at=AT
        )
