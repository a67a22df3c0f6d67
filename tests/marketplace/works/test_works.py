"""A commissioned piece from the order to its answer: asked for, sent, handed in, changed, accepted, refused, or left alone."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.access.roles import Staff
from accounts.privacy.models import Erasure
from marketplace.endings import operations as endings
from marketplace.endings.orphans import orphans
from marketplace.engagements import operations as engagements
from marketplace.media import sent
from marketplace.rights import operations as rights
from marketplace.rights.models import Grant, Use
from marketplace.works import commissioning, handing_in
from marketplace.works.models import Commission
from tests import stories
from tests.accounts.browsing import browser
from tests.marketplace.works.conftest import FEE_MINOR, PRICE_MINOR, Workshop
from tests.stories import HOUSE

COST = PRICE_MINOR + FEE_MINOR


def address_of(workshop: Workshop, piece: Commission, who: Any) -> str:
    status, told = who.get(f"commissions/{piece.public_id}")
    return str(told["versions"][0]["address"]) if status == 200 and told["versions"] else ""


class TestAsking:
    def test_keeps_its_cost_in_the_budget_and_tells_the_performer(self, workshop: Workshop) -> None:
        status, told = workshop.asks()
        assert (status, told["state"], told["price"]["amount_minor"]) == (201, "asked", PRICE_MINOR)
        assert workshop.kept() == COST
        assert workshop.told(workshop.performer.user) == ["A piece is asked of you"]
        assert "A farewell" in browser(workshop.performer.user).get("/work/pieces/").content.decode()

    def test_refuses_what_cannot_be_meant(self, workshop: Workshop) -> None:
        for said, code in (
            ({"purposes": ["fine_tuning"]}, "not_granted"),
            ({"rules": [" "]}, "blank"),
            ({"price": {"amount_minor": 4_000, "currency": "eur"}}, "currency_mismatch"),
            ({"due_at": "2026-11-02T11:30:00Z"}, "out_of_range"),
            ({"due_at": "2029-01-02T11:30:00Z"}, "outside_the_terms"),
            ({"revisions": 6}, "max_value"),
        ):
            status, told = workshop.asks(**said)
            assert status == 422, said
            assert code in {each["code"] for each in told["errors"]}, told
        assert workshop.kept() == 0

    def test_refuses_more_than_is_free(self, workshop: Workshop) -> None:
        too_much = {"amount_minor": workshop.free_minor, "currency": "usd"}
        status, told = workshop.asks(price=too_much)
        assert (status, told["code"]) == (409, "gig_budget_exceeded")
        fits = {"amount_minor": workshop.free_minor * 100 // 115, "currency": "usd"}
        assert workshop.asks(price=fits)[0] == 201

    def test_refuses_while_the_engagement_is_paused(self, workshop: Workshop) -> None:
        engagements.pause(engagement=workshop.engagement, reason="Holidays.", by=workshop.me, at=workshop.now)
        status, told = workshop.asks()
        assert (status, told["code"]) == (409, "engagement_not_active")
        engagements.resume(engagement=workshop.engagement, by=workshop.me, at=workshop.now)
        assert workshop.asks()[0] == 201


class TestHandingIn:
    def test_waits_for_the_company_and_twice_is_once(self, workshop: Workshop) -> None:
        piece = workshop.a_piece()
        version = workshop.hands_in(piece)
        address = f"commissions/{piece.public_id}/submit"
        assert workshop.ada.post(address, {"artefact": version.public_id})[0] == 200
        stands = workshop.stands(piece)
        assert (stands.state, version.version, piece.versions.count()) == ("submitted", 1, 1)
        owner = stories.person(workshop.owner)
        assert workshop.told(owner) == ["A piece was handed in"]

    def test_is_seen_by_the_company_once_it_is_handed_in(self, workshop: Workshop) -> None:
        piece = workshop.a_piece()
        version = workshop.a_version(piece)
        assert workshop.nora.get(f"commissions/{piece.public_id}")[1]["versions"] == []
        assert (
            browser(workshop.performer.user).get(address_of(workshop, piece, workshop.ada)).status_code == 200
        )
        handing_in.submit(piece=piece, version=version, by=workshop.me, at=workshop.now)
        played = address_of(workshop, piece, workshop.nora)
        assert browser(stories.person(workshop.owner)).get(played).status_code == 200
        assert browser(workshop.performer.user).get(played).status_code == 404  # made for somebody else

    def test_another_version_takes_the_place_of_one_that_has_no_answer(self, workshop: Workshop) -> None:
        piece = workshop.a_piece()
        first = workshop.hands_in(piece)
        workshop.passes(days=3)
        second = workshop.hands_in(piece)
        first.refresh_from_db()
        stands = workshop.stands(piece)
        assert (first.state, first.why_gone, stands.submitted_id) == ("gone", "replaced", second.pk)
        assert stands.review_due_at == workshop.now + timedelta(days=7)
        # Whoever looked at the first answers nothing by it.
        status, told = workshop.answers(piece, "accept", version=1)
        assert (status, told["code"]) == (409, "version_changed")
        assert workshop.answers(piece, "accept", version=2)[0] == 200

    def test_one_that_cannot_be_played_is_refused_with_what_to_do(self, workshop: Workshop) -> None:
        workshop.recording = b"%PDF-1.7 no recording"
        version = workshop.a_version(workshop.a_piece())
        assert version.state == "refused"
        assert "no MP4 and no WebM" in version.refusal
        assert workshop.told(workshop.performer.user)[0] == "Your recording cannot be played"
        address = f"commissions/{version.commission.public_id}/submit"
        status, told = workshop.ada.post(address, {"artefact": version.public_id})
        assert (status, told["code"]) == (409, "version_not_ready")

    def test_nothing_comes_in_once_it_is_decided(self, workshop: Workshop) -> None:
        piece = workshop.a_piece()
        workshop.hands_in(piece)
        assert workshop.answers(piece, "accept")[0] == 200
        with pytest.raises(handing_in.NoVersionNow):
            workshop.a_version(piece)

    def test_a_version_is_deleted_until_it_is_handed_in(self, workshop: Workshop) -> None:
        piece = workshop.a_piece()
        version = workshop.a_version(piece)
        mine, address = browser(workshop.performer.user), f"/artefacts/{version.public_id}/delete/"
        assert mine.post(address).status_code == 302
        workshop.ticks()
        assert not sent.playable(version).exists()
        handed_in = workshop.hands_in(piece)
        with pytest.raises(handing_in.HandedIn):
            handing_in.take_back(version=handed_in, by=workshop.me, at=workshop.now)


class TestAnswering:
    def test_changes_are_asked_for_as_often_as_was_agreed(self, workshop: Workshop) -> None:
        piece = workshop.a_piece(revisions=1)
        workshop.hands_in(piece)
        status, told = workshop.answers(piece, "ask-for-changes", **workshop.fails())
        assert (status, told["state"]) == (200, "revising")
        title = "Changes are asked of a piece"
        assert workshop.told(workshop.performer.user)[0] == title
        workshop.hands_in(piece)
        status, told = workshop.answers(piece, "ask-for-changes", **workshop.fails(version=2))
        assert (status, told["code"]) == (409, "no_revisions_left")
        _, whole = workshop.ada.get(f"commissions/{piece.public_id}")
        said = whole["versions"][1]["review"]["results"]
        assert [(each["met"], each["note"]) for each in said] == [(False, "Half a second more."), (True, "")]

    def test_a_rule_that_fails_needs_words_and_one_has_to_fail(self, workshop: Workshop) -> None:
        piece = workshop.a_piece()
        workshop.hands_in(piece)
        for results in ([{"met": False}, {"met": True}], [{"met": True}] * 2, [{"met": True}]):
            status, _ = workshop.answers(piece, "ask-for-changes", results=results)
            assert status == 422
        assert workshop.stands(piece).state == "submitted"

    def test_accepted_twice_is_once(self, workshop: Workshop) -> None:
        piece = workshop.a_piece()
        workshop.hands_in(piece)
        assert [workshop.answers(piece, "accept")[0] for _ in range(2)] == [200, 200]
        assert piece.reviews.count() == 1
        assert workshop.told(workshop.performer.user)[0] == "Your piece is accepted"

    def test_unmet_rules_are_a_reason_after_the_last_revision(self, workshop: Workshop) -> None:
        piece = workshop.a_piece(revisions=1)
        workshop.hands_in(piece)
        status, told = workshop.refuses(piece, reason="rules_not_met")
        assert (status, told["code"]) == (409, "changes_first")
        assert workshop.answers(piece, "ask-for-changes", **workshop.fails())[0] == 200
        workshop.hands_in(piece)
        assert workshop.refuses(piece, reason="rules_not_met", version=2)[0] == 200

    def test_a_refusal_keeps_its_price_until_nobody_can_appeal(self, workshop: Workshop) -> None:
        piece = workshop.a_piece()
        workshop.hands_in(piece)
        assert workshop.refuses(piece)[0] == 200
        assert workshop.kept() == COST
        workshop.passes(days=7)
        workshop.ticks()
        assert workshop.kept() == 0
        status, told = workshop.ada.post("appeals", {"subject": piece.public_id, "text": "It is."})
        assert (status, told["code"]) == (409, "decision_is_over")

    def test_nobody_reviews_their_own_piece(self, workshop: Workshop) -> None:
        piece = workshop.a_piece()
        workshop.hands_in(piece)
        status, _ = workshop.ada.post(f"commissions/{piece.public_id}/accept", {"version": 1})
        assert status == 403
        stranger = workshop.as_someone(stories.person(stories.owner_of(stories.a_company())))
        assert stranger.post(f"commissions/{piece.public_id}/accept", {"version": 1})[0] == 404


class TestAppealing:
    def refused(self, workshop: Workshop) -> Commission:
        piece = workshop.a_piece()
        workshop.hands_in(piece)
        assert workshop.refuses(piece)[0] == 200
        return piece

    def appeals(self, workshop: Workshop, piece: Commission) -> str:
        status, told = workshop.ada.post("appeals", {"subject": piece.public_id, "text": "It is a farewell."})
        assert status == 201, told
        return str(told["id"])

    def test_talent_operations_take_a_refusal_back_and_it_is_accepted(self, workshop: Workshop) -> None:
        piece = self.refused(workshop)
        appeal, tala = self.appeals(workshop, piece), workshop.tala
        workshop.passes(days=8)
        workshop.ticks()
        assert workshop.kept() == COST  # an appeal waits
        played = tala.get(f"commissions/{piece.public_id}")[1]["versions"][0]["address"]
        assert played
        assert tala.post(f"appeals/{appeal}/take-up", {})[0] == 200
        status, told = tala.post(f"appeals/{appeal}/answer", {"outcome": "reversed", "text": "It is one."})
        assert status == 200, told
        stands = workshop.stands(piece)
        assert (stands.state, stands.committed_minor, workshop.kept()) == ("accepted", COST, COST)
        assert workshop.told(stories.person(workshop.owner))[0] == "A refusal was taken back"

    def test_a_refusal_that_stays_frees_what_was_kept(self, workshop: Workshop) -> None:
        piece = self.refused(workshop)
        appeal, tala = self.appeals(workshop, piece), workshop.tala
        assert tala.post(f"appeals/{appeal}/take-up", {})[0] == 200
        assert tala.post(f"appeals/{appeal}/answer", {"outcome": "upheld", "text": "A greeting."})[0] == 200
        workshop.ticks()
        assert (workshop.stands(piece).state, workshop.kept()) == ("refused", 0)

    def test_who_acts_for_the_company_does_not_answer_it(self, workshop: Workshop) -> None:
        appeal = self.appeals(workshop, self.refused(workshop))
        stories.becomes_staff(stories.person(workshop.owner), Staff.TALENT)
        status, _ = workshop.nora.post(f"appeals/{appeal}/take-up", {})
        assert status == 403


class TestSilence:
    def test_accepts_what_nobody_answers_and_reminds_before(self, workshop: Workshop) -> None:
        piece = workshop.a_piece()
        workshop.hands_in(piece)
        owner = stories.person(workshop.owner)
        workshop.passes(days=5)
        for _ in range(2):
            workshop.ticks()
        assert workshop.told(owner)[:2] == ["A piece waits for your review", "A piece was handed in"]
        workshop.passes(days=2)
        for _ in range(2):
            workshop.ticks()
        stands = workshop.stands(piece)
        assert (stands.state, stands.decided_by) == ("accepted", None)
        assert workshop.told(owner)[0] == "A piece was accepted without your answer"
        status, told = workshop.refuses(piece)
        assert (status, told["code"]) == (409, "illegal_state")

    def test_lets_lapse_what_never_comes_and_frees_the_budget(self, workshop: Workshop) -> None:
        piece = workshop.a_piece()
        workshop.passes(days=4)
        workshop.ticks()
        assert workshop.told(workshop.performer.user)[0] == "A piece is waited for"
        workshop.passes(days=7)
        workshop.ticks()
        assert workshop.stands(piece).state == "asked"  # late, and still taken
        workshop.passes(days=1)
        workshop.ticks()
        assert (workshop.stands(piece).state, workshop.kept()) == ("lapsed", 0)


class TestTakingBack:
    def test_a_company_takes_back_what_nobody_began(self, workshop: Workshop) -> None:
        piece = workshop.a_piece()
        reason = {"reason": "We have enough."}
        assert workshop.nora.post(f"commissions/{piece.public_id}/take-back", reason)[0] == 200
        assert (workshop.stands(piece).state, workshop.kept()) == ("withdrawn", 0)
        begun = workshop.a_piece()
        workshop.a_version(begun)
        status, told = workshop.nora.post(f"commissions/{begun.public_id}/take-back", reason)
        assert (status, told["code"]) == (409, "work_has_begun")

    def test_a_performer_hands_it_back_until_it_is_decided(self, workshop: Workshop) -> None:
        piece = workshop.a_piece()
        workshop.hands_in(piece)
        reason = {"reason": "I cannot stand by it."}
        assert workshop.ada.post(f"commissions/{piece.public_id}/take-back", reason)[0] == 200
        assert workshop.kept() == 0
        assert workshop.told(stories.person(workshop.owner))[0] == "A performer hands an order back"
        assert workshop.ada.post(f"commissions/{piece.public_id}/take-back", reason)[0] == 409


class TestEndings:
    def ends(self, workshop: Workshop, *, by: Any) -> None:
        endings.end_engagement(engagement=workshop.engagement, reason="Enough.", by=by, at=workshop.now)
        assert orphans() == {}

    def test_the_company_ends_the_work_and_what_lies_there_is_answered(self, workshop: Workshop) -> None:
        asked, begun, revising, handed_in = (workshop.a_piece() for _ in range(4))
        workshop.a_version(begun)
        for piece in (revising, handed_in):
            workshop.hands_in(piece)
        assert workshop.answers(revising, "ask-for-changes", **workshop.fails())[0] == 200
        self.ends(workshop, by=workshop.owner)
        states = [workshop.stands(piece).state for piece in (asked, begun, revising, handed_in)]
        assert states == ["withdrawn", "submitted", "submitted", "submitted"]
        status, told = workshop.answers(handed_in, "ask-for-changes", **workshop.fails())
        assert (status, told["code"]) == (409, "no_revisions_left")
        workshop.passes(days=7)
        workshop.ticks()
        assert {workshop.stands(piece).state for piece in (begun, revising, handed_in)} == {"accepted"}
        assert workshop.kept() == 3 * COST

    def test_the_performer_ends_it_and_only_what_was_handed_in_goes_on(self, workshop: Workshop) -> None:
        begun, handed_in = workshop.a_piece(), workshop.a_piece()
        workshop.a_version(begun)
        workshop.hands_in(handed_in)
        self.ends(workshop, by=workshop.me)
        assert [workshop.stands(piece).state for piece in (begun, handed_in)] == ["withdrawn", "submitted"]

    def test_a_gig_is_not_completed_over_an_open_piece(self, workshop: Workshop) -> None:
        piece = workshop.a_piece()
        path = f"gigs/{workshop.gig.public_id}"
        assert workshop.nora.post(f"{path}/close", {})[0] == 200
        status, told = workshop.nora.post(f"{path}/complete", {})
        assert (status, told["code"]) == (409, "work_is_booked")
        commissioning.take_back(piece=piece, reason="Enough.", by=workshop.owner, at=workshop.now)
        assert workshop.nora.post(f"{path}/complete", {})[0] == 200

    def test_a_gig_is_called_off_with_its_pieces(self, workshop: Workshop) -> None:
        asked, handed_in = workshop.a_piece(), workshop.a_piece()
        workshop.hands_in(handed_in)
        assert workshop.nora.post(f"gigs/{workshop.gig.public_id}/cancel", {"reason": "Rain."})[0] == 200
        assert [workshop.stands(piece).state for piece in (asked, handed_in)] == ["withdrawn", "submitted"]
        assert workshop.kept() == COST

    def test_a_suspended_company_asks_nothing_and_still_owes_what_was_handed_in(
        self, workshop: Workshop
    ) -> None:
        piece = workshop.a_piece()
        stories.is_suspended(workshop.company, at=workshop.now)
        assert workshop.asks()[0] in (403, 409)
        workshop.hands_in(piece)
        workshop.passes(days=7)
        workshop.ticks()
        assert workshop.stands(piece).state == "accepted"

    def test_who_leaves_the_house_leaves_nothing_behind(self, workshop: Workshop) -> None:
        piece = workshop.a_piece()
        version = workshop.a_version(piece)
        endings.part_with(workshop.performer.user, by=HOUSE, at=workshop.now)
        workshop.ticks()
        version.refresh_from_db()
        assert (workshop.stands(piece).state, version.state) == ("withdrawn", "gone")
        assert not sent.playable(version).exists()
        assert not Erasure.objects.exists()


class TestKeeping:
    def test_what_is_accepted_lasts_as_long_as_a_use_of_it_is_granted(self, workshop: Workshop) -> None:
        piece = workshop.a_piece()
        version = workshop.hands_in(piece)
        assert workshop.answers(piece, "accept")[0] == 200
        played = address_of(workshop, piece, workshop.nora)
        assert browser(stories.person(workshop.owner)).get(played).status_code == 200
        assert Use.objects.get(kind="played").performer == workshop.performer
        workshop.passes(days=60)
        workshop.ticks()
        version.refresh_from_db()
        assert version.state == "ready"
        rights.withdraw(grant=Grant.objects.get(), by=workshop.me, at=workshop.now)
        assert address_of(workshop, piece, workshop.nora) == ""
        workshop.passes(days=1)
        workshop.ticks()
        version.refresh_from_db()
        assert version.state == "ready"  # the cooling-off time
        workshop.passes(days=60)
        workshop.ticks()
        version.refresh_from_db()
        assert (version.state, version.why_gone) == ("gone", "withdrawn")

    def test_what_was_refused_is_deleted_a_month_after(self, workshop: Workshop) -> None:
        piece = workshop.a_piece()
        version = workshop.hands_in(piece)
        assert workshop.refuses(piece)[0] == 200
        for days, state in ((8, "ready"), (22, "gone")):
            workshop.passes(days=days)
            workshop.ticks()
            version.refresh_from_db()
            assert version.state == state
        assert address_of(workshop, piece, workshop.nora) == ""


class TestPages:
    def test_a_company_asks_and_answers_by_its_pages(self, workshop: Workshop) -> None:
        page = browser(stories.person(workshop.owner))
        path = f"/gigs/{workshop.gig.public_id}/pieces/"
        assert "No piece is asked for yet" in page.get(path).content.decode()
        typed = {
            "engagement": workshop.engagement.public_id,
            "title": "A farewell",
            "brief": "Say goodbye.",
            "rules": "One person\nA farewell",
            "price": "40.00",
            "due_at": "2026-11-06T12:00",
            "revisions": "1",
            "purposes": ["evaluation"],
        }
        assert page.post(path, typed | {"purposes": ["fine_tuning"]}).status_code == 422
        assert page.post(path, typed).status_code == 302
        piece = Commission.objects.get()
        assert piece.rules == ["One person", "A farewell"]
        workshop.hands_in(piece)
        review = f"/pieces/{piece.public_id}/review/"
        answer = {"version": "1", "met_0": "on", "does": "accept"}
        refused = page.post(review, answer)
        assert refused.status_code == 422
        assert "tick every rule" in refused.content.decode()
        change = answer | {"does": "change", "change_1": "It is a greeting."}
        assert page.post(review, change).status_code == 302
        assert workshop.stands(piece).state == "revising"

    def test_waits_on_the_first_page_of_whoever_is_next(self, workshop: Workshop) -> None:
        mine, theirs = browser(workshop.performer.user), browser(stories.person(workshop.owner))
        of_company = f"/company/{workshop.gig.company.public_id}/waiting/"

        def waits() -> tuple[bool, bool]:
            pages = (mine.get("/work/waiting/"), theirs.get(of_company))
            to_make, to_review = (page.content.decode() for page in pages)
            return "“A farewell”" in to_make, "has handed in “A farewell”" in to_review

        assert waits() == (False, False)
        piece = workshop.a_piece()
        assert waits() == (True, False)
        workshop.hands_in(piece)
        assert waits() == (False, True)
        assert workshop.answers(piece, "ask-for-changes", **workshop.fails())[0] == 200
        assert waits() == (True, False)

    def test_each_reads_the_piece_on_its_own_page(self, workshop: Workshop) -> None:
        piece = workshop.a_piece()
        path = f"/pieces/{piece.public_id}/"
        mine = browser(workshop.performer.user)
        assert "Send it" in mine.get(path).content.decode()
        version = workshop.a_version(piece)
        assert "Hand this version in" in mine.get(path).content.decode()
        assert mine.post(f"{path}versions/{version.public_id}/submit/").status_code == 302
        assert "They look at version 1" in mine.get(path).content.decode()
        assert workshop.refuses(piece)[0] == 200
        assert "Appeal this" in mine.get(path).content.decode()
        talent = browser(stories.a_member_of_staff(Staff.TALENT))
        assert "A farewell" in talent.get("/house/pieces/").content.decode()
        assert "artefacts" in talent.get(path).content.decode()
        assert browser(stories.a_performer().user).get(path).status_code == 404
