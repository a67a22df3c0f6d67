"""The document is shown and signed by both: each signature with all that shows whose it is, over exactly what was read."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.access.step_up import StaleProof
from accounts.companies import operations as companies
from accounts.notifications.models import Notification
from accounts.performers import operations as performers
from kit.money import Money
from marketplace.agreements.data import template
from marketplace.engagements import operations
from marketplace.engagements.models import Engagement, Signature, Terms
from marketplace.engagements.reading import changes, parts
from marketplace.engagements.signatures import PlaceUnknown
from tests import stories
from tests.accounts.browsing import browser, logs_in
from tests.marketplace.conftest import Caller
from tests.stories import BEFORE as AT

pytestmark = pytest.mark.django_db


def to_sign(*, state: str = "NY") -> Engagement:
    """Accepted; the performer lives in that state, the company sits in New York."""
    performer = stories.a_performer("Ada Quill")
    moves(performer, state)
    gig = stories.a_gig(stories.a_company("Northlight", owner=stories.a_person("Nora North")))
    return stories.accepts(performer, gig)


def moves(performer: Any, state: str, *, at: Any = AT) -> None:
    performers.say_where(performer=performer, country="US", region=state, by=stories.acting(performer), at=at)
    performer.refresh_from_db()


def newest(engagement: Engagement) -> Terms:
    return engagement.versions.latest("version")


def headings(terms: Terms) -> list[str]:
    return [part.heading for part in parts(terms.text)]


class TestTheDocument:
    def test_each_clause_has_plain_words_beside_it_and_the_law_of_the_place(self) -> None:
        terms = newest(to_sign())
        *clauses, last = parts(terms.text)[1:]
        assert all(part.plain and part.paragraphs for part in (*clauses, last))
        assert last.heading == "Freelance law of New York"
        assert "article 44-A" in last.paragraphs[0]
        assert "{" not in terms.text
        assert [law["key"] for law in terms.laws] == ["us-ny"]
        assert terms.templates == {name: template(name).version for name in ("general", "us-ny")}
        assert terms.pay_days == 30

    def test_where_no_law_is_known_the_houses_own_clauses_stand_alone(self) -> None:
        terms = newest(to_sign(state="TX"))
        assert "Freelance law" not in terms.text
        assert (terms.laws, terms.pay_days) == ([], 30)

    def test_small_gigs_of_one_company_are_added_up_over_the_days_of_the_law(self) -> None:
        """Each is worth 555 USD, and New York's law begins at 800."""
        company, other, performer = stories.a_company(), stories.a_company(), stories.a_performer()
        small: dict[str, Any] = {"session_s": 5_400, "sessions_planned": 5}

        def drawn(by: Any, *, at: Any) -> list[str]:
            terms = newest(stories.accepts(performer, stories.a_gig(by, **small), at=at))
            return [law["key"] for law in terms.laws]

        assert drawn(company, at=AT) == []
        assert drawn(other, at=AT) == []
        assert drawn(company, at=AT + timedelta(days=1)) == ["us-ny"]

    @pytest.mark.parametrize(("days", "keys"), [(120, ["us-ny"]), (121, [])])
    def test_what_ended_before_those_days_or_unsigned_is_not_added(self, days: int, keys: list[str]) -> None:
        company, performer = stories.a_company(), stories.a_performer()
        small: dict[str, Any] = {"session_s": 5_400, "sessions_planned": 5}
        unsigned = stories.accepts(performer, stories.a_gig(company, **small))
        operations.terminate(engagement=unsigned, reason="No.", by=stories.acting(performer), at=AT)
        signed = stories.an_active_engagement(stories.a_gig(company, **small), performer)
        assert newest(signed).laws == []
        operations.terminate(engagement=signed, reason="Done.", by=stories.acting(performer), at=AT)
        gig = stories.a_gig(company, **small)
        fresh = stories.accepts(performer, gig, at=AT + timedelta(days=days))
        assert [law["key"] for law in newest(fresh).laws] == keys

    def test_is_shown_to_both_and_over_the_api(self) -> None:
        engagement = to_sign()
        path = f"engagements/{engagement.public_id}/agreement"
        owner = stories.person(stories.owner_of(engagement.company))
        for who in (engagement.performer.user, owner):
            page = browser(who).get(f"/engagements/{engagement.public_id}/").content.decode()
            assert "In plain words" in page
            assert "Counsel has yet to read this summary" in page
            told = Caller(who).get(path)[1]
            assert told["text_sha256"] == newest(engagement).text_sha256
            assert {row["heading"] for row in told["clauses"]} >= {
                "Pay",
                "Leaving",
                "Freelance law of New York",
            }
            assert (told["signatures"], told["document"], told["changes"]) == ([], None, [])
        assert Caller(stories.a_performer().user).get(path)[0] == 404


class TestASignature:
    def test_keeps_who_when_from_where_over_what_and_how_it_was_proved(self) -> None:
        engagement = to_sign()
        stories.signs_as_performer(engagement, address="203.0.113.7")
        stories.countersigns(engagement, address="2001:db8::7")
        mine, ours = Signature.objects.order_by("-side")
        sha256 = newest(engagement).text_sha256
        assert (mine.side, mine.name, mine.where, mine.address) == (
            "performer", "Ada Quill", "US-NY", "203.0.113.7",
        )  # fmt: skip
        assert (ours.side, ours.name, ours.where, ours.address) == (
            "company", "Nora North", "US-NY", "2001:db8::7",
        )  # fmt: skip
        assert {mine.text_sha256, ours.text_sha256} == {sha256}
        assert (mine.proved_by, ours.proved_by) == ("password", "second_factor")
        assert {mine.signed_at, mine.proved_at, ours.proved_at} == {AT}
        for change in (mine.delete, lambda: Signature.objects.update(name="Nobody")):
            with pytest.raises(IntegrityError), transaction.atomic():
                change()

    def test_is_refused_over_another_text_than_the_newest_and_given_over_that(self) -> None:
        engagement = to_sign()
        old = newest(engagement).text_sha256
        us = stories.owner_of(engagement.company)
        operations.amend(engagement=engagement, rate=Money(8_000, "usd"), by=us, at=AT)
        says: dict[str, Any] = {
            "engagement": engagement,
            "name": "Ada Quill",
            "by": stories.proved(stories.acting(engagement.performer), at=AT),
            "at": AT,
        }
        with pytest.raises(operations.TermsChanged):
            operations.sign_as_performer(**says, read_sha256=old)
        operations.sign_as_performer(**says, read_sha256=newest(engagement).text_sha256)
        assert Signature.objects.get().terms.version == 2

    @pytest.mark.parametrize("ago", [None, timedelta(minutes=5, seconds=1)])
    def test_takes_a_fresh_proof_of_either(self, ago: timedelta | None) -> None:
        engagement = to_sign()
        for actor, sign in (
            (stories.acting(engagement.performer), operations.sign_as_performer),
            (stories.owner_of(engagement.company), operations.countersign),
        ):
            stale = stories.proved(actor, at=AT - ago) if ago else actor
            says = {"name": stories.person(actor).name, "read_sha256": newest(engagement).text_sha256}
            with pytest.raises(StaleProof):
                sign(engagement=engagement, **says, by=stale, at=AT)
            fresh = stories.proved(actor, at=AT - timedelta(minutes=5))
            sign(engagement=engagement, **says, by=fresh, at=AT)
        assert Signature.objects.count() == 2

    def test_on_the_page_the_proof_is_asked_for_and_what_was_typed_waits(self) -> None:
        engagement = to_sign()
        path = f"/engagements/{engagement.public_id}/sign/"
        typed = {"name": "Ada Quill", "read_sha256": newest(engagement).text_sha256}
        asked = browser(engagement.performer.user).post(path, typed)
        assert "reauthenticate" in asked.headers["Location"]
        signed = logs_in(engagement.performer.user).post(path, typed, REMOTE_ADDR="198.51.100.9")
        assert signed.status_code == 302
        assert Signature.objects.get().address == "198.51.100.9"


class TestThePlace:
    def test_is_asked_for_before_the_first_signature_and_answered_there(self) -> None:
        performer = stories.a_performer("Ada Quill")
        performer.region = ""
        performer.save()
        engagement = stories.accepts(performer, stories.a_gig(stories.a_company()))
        assert newest(engagement).laws == []
        with pytest.raises(PlaceUnknown):
            stories.signs_as_performer(engagement)
        me, here = logs_in(performer.user), f"/engagements/{engagement.public_id}/"
        assert "Where do you live?" in me.get(here).content.decode()
        assert me.post(f"{here}where/", {"country": "US", "region": ""}).status_code == 422
        assert me.post(f"{here}where/", {"country": "US", "region": "NY"}).status_code == 302
        assert "Freelance law of New York" in headings(newest(engagement))
        stories.both_sign(engagement)
        assert newest(engagement).version == 2

    def test_a_company_says_it_too_and_its_law_comes_in(self) -> None:
        engagement = to_sign(state="TX")
        company = engagement.company
        company.seat_country = company.seat_region = ""
        company.save()
        stories.signs_as_performer(engagement)
        with pytest.raises(PlaceUnknown):
            stories.countersigns(engagement)
        us, here = logs_in(stories.person(stories.owner_of(company))), f"/engagements/{engagement.public_id}/"
        assert us.post(f"{here}where/", {"country": "US", "region": "IL"}).status_code == 302
        with pytest.raises(operations.TermsChanged, match="performer signs first"):
            stories.countersigns(engagement)  # the law of Illinois came in: the performer reads it first
        stories.both_sign(engagement)
        assert [law["key"] for law in newest(engagement).laws] == ["us-il"]

    def test_a_place_that_changes_no_law_changes_no_text(self) -> None:
        engagement = to_sign(state="TX")
        stories.signs_as_performer(engagement)
        moves(engagement.performer, "OH")
        assert newest(engagement).version == 1
        stories.countersigns(engagement)

    def test_a_move_before_both_have_signed_draws_the_terms_anew(self) -> None:
        engagement = to_sign(state="TX")
        stories.signs_as_performer(engagement)
        moves(engagement.performer, "IL")
        assert (newest(engagement).version, headings(newest(engagement))[-1]) == (
            2,
            "Freelance law of Illinois",
        )
        stories.both_sign(engagement)
        engagement.refresh_from_db()
        assert engagement.state == "active"

    def test_a_move_after_both_have_signed_changes_nothing_that_was_signed(self) -> None:
        engagement = to_sign(state="NY")
        stories.both_sign(engagement)
        moves(engagement.performer, "CA")
        companies.say_where(
            company=engagement.company,
            country="GB",
            region="",
            by=stories.owner_of(engagement.company),
            at=AT,
        )
        assert newest(engagement).version == 1
        assert set(Signature.objects.values_list("where", flat=True)) == {"US-NY"}

    def test_a_move_long_after_takes_no_law_away_that_the_sum_of_then_brought(self) -> None:
        company, performer = stories.a_company(), stories.a_performer()
        small: dict[str, Any] = {"session_s": 5_400, "sessions_planned": 5}
        first = stories.an_active_engagement(stories.a_gig(company, **small), performer)
        operations.terminate(engagement=first, reason="Done.", by=stories.acting(performer), at=AT)
        second = stories.accepts(performer, stories.a_gig(company, **small), at=AT + timedelta(days=1))
        stories.both_sign(second)
        assert [law["key"] for law in newest(second).laws] == ["us-ny"]
        us, later = stories.owner_of(company), AT + timedelta(days=200)
        companies.say_where(company=company, country="US", region="TX", by=us, at=later)
        assert not Notification.objects.filter(title__startswith="Another law protects").exists()

    def test_a_move_after_both_have_signed_is_told_and_a_new_version_says_it(self) -> None:
        engagement = to_sign(state="NY")
        stories.both_sign(engagement)
        moves(engagement.performer, "IL")
        told = Notification.objects.filter(title__startswith="Another law protects")
        assert {each.user_id for each in told} == {
            engagement.performer.user_id,
            stories.owner_of(engagement.company).user_id,
        }
        (words,) = {each.body for each in told}
        assert (
            "Ada Quill gave a new place. This protects the work now: Illinois, Freelance Worker Protection Act."
            in words
        )
        assert "This does no more: New York, Freelance Isn't Free Act. What both signed stays" in words
        us, same = stories.owner_of(engagement.company), Money(newest(engagement).rate_minor, "usd")
        operations.amend(engagement=engagement, rate=same, by=us, at=AT)
        assert [law["key"] for law in newest(engagement).laws] == ["us-il"]


class TestAnAmendment:
    def test_says_what_it_changes_and_nothing_else(self) -> None:
        engagement = to_sign()
        stories.both_sign(engagement)
        us = stories.owner_of(engagement.company)
        operations.amend(engagement=engagement, rate=Money(8_000, "usd"), by=us, at=AT)
        first, second = engagement.versions.order_by("version")
        (change,) = changes(first.text, second.text)
        assert change.heading == "Pay"
        assert "74.00 USD" in change.before
        assert "80.00 USD" in change.after
        page = (
            browser(engagement.performer.user).get(f"/engagements/{engagement.public_id}/").content.decode()
        )
        assert "What version 2 changes (1)" in page
        told = Caller(engagement.performer.user).get(f"engagements/{engagement.public_id}/agreement")[1]
        assert [row["heading"] for row in told["changes"]] == ["Pay"]

    def test_terms_from_before_there_were_templates_go_on_as_they_were_signed(self) -> None:
        engagement = to_sign()
        old = "# A lift\nBetween us.\n\n## Pay\n74.00 USD an hour."
        Terms.objects.filter(engagement=engagement).update(text=old, laws=[], templates={}, pay_days=None)
        stories.both_sign(engagement)
        page = (
            browser(engagement.performer.user).get(f"/engagements/{engagement.public_id}/").content.decode()
        )
        assert "<p>74.00 USD an hour.</p>" in page
        assert "What protects this work" not in page
        new, gone = changes(old, "# A lift\nBetween us.\n\n## Time\nLong.")
        assert (gone.heading, gone.after, new.heading, new.before) == ("Pay", "", "Time", "")
