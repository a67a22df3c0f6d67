"""What the laws ask of a grant of one's voice, face or body: a signature of its own, and no price in Illinois."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.access.step_up import StaleProof
from accounts.identity.residence import Where
from accounts.performers import operations as performers
from kit.errors import Invalid, NotFound
from kit.money import Money
from marketplace.agreements.replicas import is_barred
from marketplace.engagements import operations, replicas
from marketplace.engagements.models import Engagement
from marketplace.rights.models import Grant, GrantReceipt, ReplicaSignature
from marketplace.rights.use_terms import set_use_terms
from tests import stories
from tests.accounts.browsing import logs_in
from tests.stories import BEFORE as AT

pytestmark = pytest.mark.django_db
BESIDE = {"represented_by": "union", "representative": "SAG-AFTRA"}


def an_offer(*purposes: str, bonus_minor: int = 0, state: str = "NY") -> Engagement:
    """Accepted by a performer who lives there; each purpose is described, and paid for where it says so."""
    gig = stories.a_gig(stories.a_company(), purposes=[*purposes])
    for purpose in purposes:
        said: Any = {"use": "A voice that reads the weather.", "bonus_minor": bonus_minor}
        set_use_terms(gig=gig, purpose=purpose, fields=said, by=stories.owner_of(gig.company), at=AT)
    performer = stories.a_performer("Ada Quill")
    moves(performer, state)
    return stories.accepts(performer, gig)


def moves(performer: Any, state: str) -> None:
    performers.say_where(performer=performer, country="US", region=state, by=stories.acting(performer), at=AT)
    performer.refresh_from_db()


def signs(engagement: Engagement, **otherwise: Any) -> Grant:
    purpose = otherwise.get("purpose", "voice_replica")
    said: dict[str, Any] = {
        "engagement": engagement,
        "purpose": purpose,
        "name": "Ada Quill",
        "read_sha256": replicas.asked(engagement).get(purpose, ("", "0" * 64))[1],
        "address": "203.0.113.7",
        "by": stories.proved(stories.acting(engagement.performer), at=AT),
        "at": AT,
        **BESIDE,
    }
    return replicas.sign(**said | otherwise)


class TestAReplica:
    def test_is_not_granted_with_the_terms_but_by_itself(self) -> None:
        engagement = an_offer("voice_replica")
        with pytest.raises(Invalid) as refusal:
            stories.signs_as_performer(engagement, grants=["voice_replica"])
        assert refusal.value.errors[0]["code"] == "own_signature"
        stories.signs_as_performer(engagement)
        grant = signs(engagement)
        assert grant.state == "given"
        stories.countersigns(engagement)
        grant.refresh_from_db()
        assert grant.state == "active"
        kept = ReplicaSignature.objects.get()
        assert (kept.name, kept.represented_by, kept.representative) == ("Ada Quill", "union", "SAG-AFTRA")
        assert (kept.text_sha256, kept.proved_at, kept.address) == (grant.text_sha256, AT, "203.0.113.7")
        assert "A voice that reads the weather." in grant.text
        for change in (kept.delete, lambda: ReplicaSignature.objects.update(name="Nobody")):
            with pytest.raises(IntegrityError), transaction.atomic():
                change()

    def test_is_active_at_once_where_both_have_signed_the_terms(self) -> None:
        engagement = an_offer("voice_replica", "avatar")
        stories.both_sign(engagement)
        assert signs(engagement).state == "active"
        assert signs(engagement, purpose="avatar").state == "active"
        with pytest.raises(Invalid):
            signs(engagement)  # granted already
        assert Grant.objects.count() == 2

    def test_given_with_terms_that_the_company_never_signed_is_asked_again(self) -> None:
        engagement = an_offer("voice_replica")
        stories.signs_as_performer(engagement)
        first = signs(engagement)
        us = stories.owner_of(engagement.company)
        operations.amend(engagement=engagement, rate=Money(8_000, "usd"), by=us, at=AT)
        stories.signs_as_performer(engagement)
        first.refresh_from_db()
        assert first.state == "superseded"
        assert signs(engagement).state == "given"
        stories.countersigns(engagement)
        assert Grant.objects.get(state="active").pk != first.pk

    def test_comes_after_the_terms(self) -> None:
        engagement = an_offer("voice_replica")
        with pytest.raises(replicas.TermsFirst):
            signs(engagement)
        stories.signs_as_performer(engagement)
        assert signs(engagement).state == "given"

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"represented_by": "nobody"}, "represented_by"),
            ({"representative": " "}, "representative"),
            ({"name": "Somebody Else"}, "name"),
            ({"purpose": "avatar"}, "purpose"),
            ({"purpose": "evaluation"}, "purpose"),
        ],
    )
    def test_says_who_and_what_or_is_refused(self, wrong: dict[str, str], field: str) -> None:
        engagement = an_offer("voice_replica", "evaluation")
        stories.both_sign(engagement)
        with pytest.raises(Invalid) as refusal:
            signs(engagement, **wrong)
        assert refusal.value.errors[0]["field"] == field
        assert not Grant.objects.exists()
        assert signs(engagement, represented_by="counsel", representative="R. Bader").state == "active"

    def test_is_signed_over_the_words_as_they_stand_by_oneself_freshly(self) -> None:
        engagement = an_offer("voice_replica")
        stories.both_sign(engagement)
        old = replicas.asked(engagement)["voice_replica"][1]
        better: Any = {"use": "A voice that reads the weather.", "bonus_minor": 9_000}
        us = stories.owner_of(engagement.company)
        set_use_terms(gig=engagement.gig, purpose="voice_replica", fields=better, by=us, at=AT)
        with pytest.raises(replicas.ReplicaChanged):
            signs(engagement, read_sha256=old)
        with pytest.raises(StaleProof):
            signs(engagement, by=stories.acting(engagement.performer))
        with pytest.raises(NotFound):
            signs(engagement, by=stories.proved(us, at=AT))
        assert signs(engagement).conditions["bonus_minor"] == 9_000

    def test_on_the_page_what_was_typed_stays_beside_what_is_wrong(self) -> None:
        engagement = an_offer("voice_replica")
        me, here = logs_in(engagement.performer.user), f"/engagements/{engagement.public_id}/"
        assert "A replica of you" not in me.get(here).content.decode()
        stories.signs_as_performer(engagement)
        assert "A replica of you" in me.get(here).content.decode()
        typed = {"purpose": "voice_replica", "read_sha256": replicas.asked(engagement)["voice_replica"][1]}
        typed |= {"name": "Ada Quill", **BESIDE}
        refused = me.post(f"{here}replica/", typed | {"name": "Bo"})
        assert refused.status_code == 422
        assert "You sign with your own name" in refused.content.decode()
        assert me.post(f"{here}replica/", typed).status_code == 302
        assert Grant.objects.get().purpose == "voice_replica"


class TestIllinois:
    @pytest.mark.parametrize(
        ("where", "bonus", "barred"),
        [
            (Where("US", "IL"), 1, True),
            (Where("US", "IL"), 0, False),
            (Where("US", "NY"), 1, False),
            (Where("DE"), 1, False),
            (Where("US"), 1, True),  # nobody has said: it is not asked
            (Where(), 1, True),
        ],
    )
    def test_a_template_may_not_be_paid_for(self, where: Where, bonus: int, barred: bool) -> None:
        assert is_barred("biometric_template", bonus_minor=bonus, where=where) is barred
        assert is_barred("evaluation", bonus_minor=bonus, where=where) is False

    def test_it_is_not_offered_to_whoever_lives_there_nor_taken_from_them(self) -> None:
        engagement = an_offer("biometric_template", "evaluation", bonus_minor=5_000, state="IL")
        terms = engagement.versions.get()
        assert terms.purposes == ["evaluation"]
        assert "these uses of recordings: Evaluate a model." in terms.text
        page = (
            logs_in(engagement.performer.user).get(f"/engagements/{engagement.public_id}/").content.decode()
        )
        assert 'value="evaluation"' in page
        assert 'value="biometric_template"' not in page
        with pytest.raises(Invalid) as refusal:
            stories.signs_as_performer(engagement, grants=["biometric_template"])
        assert refusal.value.errors[0]["code"] == "not_lawful_there"
        stories.signs_as_performer(engagement, grants=["evaluation"])

    def test_elsewhere_or_without_a_price_it_is_granted(self) -> None:
        priced = an_offer("biometric_template", bonus_minor=5_000, state="NY")
        free = an_offer("biometric_template", state="IL")
        for engagement in (priced, free):
            stories.both_sign(engagement, grants=["biometric_template"])
        assert set(Grant.objects.values_list("state", flat=True)) == {"active"}

    def test_a_move_there_stops_it_and_leaves_what_was_free_or_of_another_kind(self) -> None:
        engagement = an_offer("biometric_template", "evaluation", bonus_minor=5_000)
        stories.both_sign(engagement, grants=["biometric_template", "evaluation"])
        moves(engagement.performer, "CA")
        assert set(Grant.objects.values_list("state", flat=True)) == {"active"}
        moves(engagement.performer, "IL")
        assert dict(Grant.objects.values_list("purpose", "state")) == {
            "biometric_template": "withdrawn",
            "evaluation": "active",
        }
        assert '"event":"withdrawn"' in GrantReceipt.objects.order_by("-number")[0].body
        moves(engagement.performer, "NY")  # it does not come back by itself
        assert Grant.objects.get(purpose="biometric_template").state == "withdrawn"

    def test_a_move_before_the_signatures_takes_it_out_of_the_terms(self) -> None:
        engagement = an_offer("biometric_template", "evaluation", bonus_minor=5_000)
        assert engagement.versions.get().purposes == ["biometric_template", "evaluation"]
        moves(engagement.performer, "IL")
        assert engagement.versions.latest("version").purposes == ["evaluation"]
