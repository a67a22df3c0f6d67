"""What each act on an engagement leaves: its row in the trail, and news to whoever did not do it, leading to the place."""

import hashlib
from datetime import timedelta

import pytest

from accounts.access.actors import Actor
from accounts.access.roles import Role
from accounts.audit.models import AuditEvent
from accounts.keys.acting import of_user
from kit.errors import Forbidden, Invalid, NotFound
from kit.money import Money
from marketplace.engagements import operations
from marketplace.engagements.models import Engagement
from tests import stories
from tests.marketplace.trail import Left, done, left_by

pytestmark = pytest.mark.django_db
AT = stories.BEFORE + timedelta(hours=1)


@pytest.fixture
def engagement() -> Engagement:
    """Ada said yes to an offer of Northlight, which has an owner, a producer, and a reviewer who may not sign."""
    company = stories.a_company("Northlight", owner=stories.a_person("Nora North"))
    for role in (Role.PRODUCER, Role.REVIEWER):
        member = stories.a_member(company, role)
        member.name = role.title()
        member.save()
    return stories.accepts(stories.a_performer("Ada Quill"), stories.a_gig(company))


def performer_signs(engagement: Engagement) -> Left:
    me, name = stories.acting(engagement.performer), engagement.performer.user.name
    read = engagement.versions.order_by("-version")[0].text_sha256
    return left_by(
        lambda: operations.sign_as_performer(
            engagement=engagement, name=name, read_sha256=read, by=stories.proved(me, at=AT), at=AT
        )
    )


def company_signs(engagement: Engagement) -> Left:
    us = stories.owner_of(engagement.company)
    read = engagement.versions.order_by("-version")[0].text_sha256
    return left_by(
        lambda: operations.countersign(
            engagement=engagement, name="Nora North", read_sha256=read, by=stories.proved(us, at=AT), at=AT
        )
    )


def test_from_the_first_signature_to_a_higher_rate(engagement: Engagement) -> None:
    me, us = stories.acting(engagement.performer), stories.owner_of(engagement.company)
    here = f"/engagements/{engagement.public_id}/"
    to_sign = [(who, "A performer has signed", f"{here}#sign") for who in ("Nora North", "Producer")]
    signed = performer_signs(engagement)
    assert signed.trail == done("engagement.performer_signed", "terms.signed_by_performer", by=me, at=AT)
    assert signed.told == to_sign
    countersigned = company_signs(engagement)
    assert countersigned.trail[:3] == done(
        "terms.signed_by_company", "engagement.countersigned", "engagement.onboarding", by=us, at=AT
    )
    assert [verb for verb, *_ in countersigned.trail[3:]] == ["engagement.active"]
    assert countersigned.told == [("Ada Quill", "You can be booked", here)]
    raised = left_by(lambda: operations.amend(engagement=engagement, rate=Money(8000, "usd"), by=us, at=AT))
    assert raised.trail == done("terms.proposed", by=us, at=AT)
    assert raised.told == [("Ada Quill", "New terms wait for your signature", f"{here}#sign")]
    assert performer_signs(engagement).trail == done("terms.signed_by_performer", by=me, at=AT)
    again = company_signs(engagement)
    assert again.trail == done("terms.signed_by_company", by=us, at=AT)
    assert again.told == [("Ada Quill", "Your new terms are signed by both", here)]


@pytest.mark.parametrize("side", ["performer", "company"])
def test_pausing_going_on_and_ending_are_told_to_the_other_side(engagement: Engagement, side: str) -> None:
    performer_signs(engagement)
    company_signs(engagement)
    here = f"/engagements/{engagement.public_id}/"
    by = stories.acting(engagement.performer) if side == "performer" else stories.owner_of(engagement.company)
    others = ["Nora North", "Producer"] if side == "performer" else ["Ada Quill"]
    paused = left_by(lambda: operations.pause(engagement=engagement, reason="A tour.", by=by, at=AT))
    assert paused.trail == done("engagement.paused", by=by, at=AT)
    went_on = left_by(lambda: operations.resume(engagement=engagement, by=by, at=AT))
    assert went_on.trail == done("engagement.active", by=by, at=AT)
    ended = left_by(lambda: operations.terminate(engagement=engagement, reason="A tour.", by=by, at=AT))
    assert ended.trail == done("engagement.terminated", "application.ended", by=by, at=AT)
    for left in (paused, went_on, ended):
        assert [(who, path) for who, _, path in left.told] == [(who, here) for who in others]


def test_a_version_is_dated_and_takes_all_that_is_reckoned_by_from_the_gig(engagement: Engagement) -> None:
    us, gig = stories.owner_of(engagement.company), engagement.gig
    first = engagement.versions.get()
    second = operations.amend(engagement=engagement, rate=Money(8000, "usd"), by=us, at=AT)
    for terms, at in ((first, stories.BEFORE), (second, AT)):
        assert (terms.created_at, terms.currency, terms.fee_bps) == (at, gig.currency, gig.fee_bps)
        assert (terms.policy, terms.purposes) == (gig.policy, gig.purposes)
        assert (terms.starts_on, terms.ends_on) == (gig.starts_on, gig.ends_on)
        assert hashlib.sha256(terms.text.encode()).hexdigest() == terms.text_sha256
    assert (first.version, second.version, first.rate_minor, second.rate_minor) == (1, 2, 7400, 8000)
    assert "80.00 USD an hour" in second.text
    assert engagement.created_at == stories.BEFORE


def test_a_rate_is_raised_by_those_who_sign_while_it_lasts(engagement: Engagement) -> None:
    company = engagement.company

    def raises(by: Actor, *, to_minor: int = 8000, currency: str = "usd") -> object:
        rate = Money(to_minor, currency)
        return operations.amend(engagement=engagement, rate=rate, by=by, at=AT)

    with pytest.raises(Forbidden):
        raises(of_user(stories.a_member(company, Role.REVIEWER)))
    for stranger in (stories.owner_of(stories.a_company()), stories.acting(engagement.performer)):
        with pytest.raises(NotFound):
            raises(stranger)
    producer = of_user(stories.a_member(company, Role.PRODUCER))
    for to_minor, currency, code in ((8000, "eur", "currency_mismatch"), (7399, "usd", "rate_never_falls")):
        with pytest.raises(Invalid) as refused:
            raises(producer, to_minor=to_minor, currency=currency)
        found = refused.value.errors[0]
        assert (found["field"].partition(".")[0], found["code"]) == ("rate", code)
    raises(producer, to_minor=7400)
    operations.terminate(engagement=engagement, reason="Done.", by=producer, at=AT)
    with pytest.raises(operations.EngagementEnded):
        raises(producer)


def test_a_reason_has_a_thousand_characters_and_a_signature_is_ones_own(engagement: Engagement) -> None:
    me = stories.acting(engagement.performer)
    read = engagement.versions.get().text_sha256
    for name, code in (("Nora North", "other_name"), ("  ", "required")):
        with pytest.raises(Invalid) as refused:
            operations.sign_as_performer(
                engagement=engagement, name=name, read_sha256=read, by=stories.proved(me, at=AT), at=AT
            )
        assert (refused.value.errors[0]["field"], refused.value.errors[0]["code"]) == ("name", code)
    performer_signs(engagement)
    company_signs(engagement)
    for act in (operations.pause, operations.terminate):
        with pytest.raises(Invalid):
            act(engagement=engagement, reason="x" * 1001, by=me, at=AT)
        act(engagement=engagement, reason="x" * 1000, by=me, at=AT)
    engagement.refresh_from_db()
    assert (engagement.end_reason, engagement.ended_at, engagement.paused_by) == ("x" * 1000, AT, "")


def test_what_was_signed_and_offered_is_in_the_trail_by_its_hash_and_rate(engagement: Engagement) -> None:
    performer_signs(engagement)
    company_signs(engagement)
    us, sha256 = stories.owner_of(engagement.company), engagement.versions.get().text_sha256
    operations.amend(engagement=engagement, rate=Money(8000, "usd"), by=us, at=AT)
    kept = AuditEvent.objects.filter(verb__startswith="terms.").order_by("pk").values_list("verb", "facts")
    assert list(kept) == [
        ("terms.signed_by_performer", {"sha256": sha256}),
        ("terms.signed_by_company", {"sha256": sha256}),
        ("terms.proposed", {"rate_minor": 8000}),
    ]


def test_no_terms_are_in_force_before_both_have_signed(engagement: Engagement) -> None:
    for signs in (performer_signs, company_signs):
        with pytest.raises(operations.TermsChanged):
            operations.terms_in_force(engagement)
        signs(engagement)
    assert operations.terms_in_force(engagement) == engagement.versions.get()
