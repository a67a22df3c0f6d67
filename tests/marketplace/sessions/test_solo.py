"""A gig for one performer who directs alone: what they may press, what a company that looks in may not, and how it is paid."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.access.roles import Staff
from marketplace.gigs.models import Gig
from marketplace.media.models import Recording
from marketplace.sessions import deliveries
from marketplace.sessions.models import Session
from marketplace.slots import stand_ins
from marketplace.timekeeping.models import TimeLine
from tests import stories
from tests.marketplace.conftest import Caller
from tests.stories import CALL, CARDS

pytestmark = pytest.mark.django_db
AsSomeone = Callable[[Any], Caller]
ItIs = Callable[[datetime], None]
MINUTE = timedelta(minutes=1)


class Solo:
    """One who directs herself, at her call; her caller, and that of the company's owner."""

    def __init__(self, as_someone: AsSomeone, it_is: ItIs, **says: Any) -> None:
        self.session, self.it_is = stories.a_solo_booked(**says), it_is
        self.seat = self.session.seats.select_related("performer").get()
        self.ada = as_someone(self.seat.performer)
        self.nora = as_someone(stories.person(stories.owner_of(self.session.company)))
        self.path = f"sessions/{self.session.public_id}"
        it_is(CALL)

    def comes(self, at: datetime = CALL) -> None:
        stories.arrives(self.session, stories.joined(self.session, self.seat.performer, at), at=at)
        deliveries.follow(session=self.session, at=at)
        self.it_is(at)

    def page(self, who: Caller, part: str) -> str:
        return who.client.get(f"/{self.path}/{part}/").content.decode()

    def produces(self, who: Caller, **sent: Any) -> Any:
        return who.client.post(f"/{self.path}/cards/produce/", sent)

    def up(self) -> list[int]:
        rows = self.ada.get(f"{self.path}/cards")[1]["data"]
        return [row["prompt"] for row in rows if row["down_at"] is None]

    def line(self, *, at: datetime) -> TimeLine:
        stories.time_passes(self.session, at=at)
        return TimeLine.objects.get(seat=self.seat)


@pytest.fixture
def solo(as_someone: AsSomeone, it_is: ItIs) -> Solo:
    return Solo(as_someone, it_is)


class TestPosting:
    def asks(self, as_someone: AsSomeone, **says: Any) -> tuple[int, Any]:
        company = stories.a_company()
        body = {
            "company": company.public_id,
            "title": "Feelings",
            "scene": "A list of feelings",
            "brief": "One card at a time.",
            "rate": {"amount_minor": 7400, "currency": "usd"},
            "starts_on": "2026-11-10",
            "ends_on": "2026-12-31",
            "seats": 1,
            "self_directed": True,
            "prompts": list(CARDS),
        } | says
        return as_someone(stories.person(stories.owner_of(company))).post("gigs", body)

    def test_takes_one_seat_and_a_deck(
        self, as_someone: AsSomeone, before_the_week: None, it_is: ItIs
    ) -> None:
        status, said = self.asks(as_someone)
        assert (status, said["self_directed"]) == (201, True)
        for says, field in (({"seats": 2}, "seats"), ({"prompts": []}, "prompts")):
            status, said = self.asks(as_someone, **says)
            assert (status, [each["field"] for each in said["errors"]]) == (422, [field])
        assert self.asks(as_someone, seats=2, prompts=[], self_directed=False)[0] == 201

    def test_a_draft_may_change_it_and_a_gig_of_the_board_may_not(
        self, as_someone: AsSomeone, before_the_week: None
    ) -> None:
        draft = stories.a_draft(stories.a_company(), seats=1, prompts=CARDS)
        owner, path = as_someone(stories.person(stories.owner_of(draft.company))), f"gigs/{draft.public_id}"
        for said in (True, False, True):
            assert owner.patch(path, {"self_directed": said})[1]["self_directed"] is said
        assert owner.patch(path, {"seats": 2})[1]["errors"][0]["code"] == "not_alone"
        bare = stories.a_draft(draft.company, seats=1)
        refused = owner.patch(f"gigs/{bare.public_id}", {"self_directed": True})
        assert [each["field"] for each in refused[1]["errors"]] == ["prompts"]
        for directs in (True, False):
            gig = stories.a_gig(draft.company, seats=1, prompts=CARDS, self_directed=directs)
            refused = owner.patch(f"gigs/{gig.public_id}", {"self_directed": not directs})
            assert (refused[0], refused[1]["facts"]["fields"]) == (409, ["self_directed"])
            assert owner.patch(f"gigs/{gig.public_id}", {"self_directed": directs, "openings": 11})[0] == 200
            with pytest.raises(IntegrityError, match="stays as it was published"), transaction.atomic():
                Gig.objects.filter(pk=gig.pk).update(self_directed=not directs)

    def test_on_its_page_the_box_stands_still_once_it_was_published(
        self, as_someone: AsSomeone, before_the_week: None
    ) -> None:
        gig = stories.a_gig(stories.a_company(), seats=1, prompts=CARDS, self_directed=True)
        page = as_someone(stories.person(stories.owner_of(gig.company))).client
        path = f"/company/{gig.company.public_id}/gigs/{gig.public_id}/change/"
        assert re.search(r'name="self_directed"[^>]*disabled', page.get(path).content.decode())
        sent = {name: getattr(gig, name) for name in ("title", "scene", "time_zone", "starts_on", "ends_on")}
        sent |= {"rate": "74.00", "seats": 1, "minutes": 90, "openings": 12, "sessions_planned": 10}
        answer = page.post(path, sent | {"answer_days": 7, "brief": "Anew.", "purposes": ["evaluation"]})
        gig.refresh_from_db()
        assert (answer.status_code, gig.self_directed, gig.brief) == (302, True, "Anew.")

    def test_like_another_gig_takes_the_deck_along(
        self, as_someone: AsSomeone, before_the_week: None
    ) -> None:
        gig = stories.a_gig(stories.a_company(), seats=1, prompts=CARDS, self_directed=True)
        owner = as_someone(stories.person(stories.owner_of(gig.company)))
        days = {"starts_on": "2026-11-10", "ends_on": "2026-12-31"}
        status, said = owner.post(f"gigs/{gig.public_id}/duplicate", days)
        assert (status, said["self_directed"]) == (201, True)
        copied = Gig.objects.get(public_id=said["id"]).prompts
        rows = ("position", "text", "content_note", "for_one")
        assert list(copied.values_list(*rows)) == list(gig.prompts.values_list(*rows))

    def test_a_performer_reads_it_before_they_apply_and_signs_it(self, solo: Solo) -> None:
        gig = solo.session.gig
        said = "You direct yourself"
        assert said in solo.ada.client.get(f"/gigs/{gig.public_id}/").content.decode()
        assert "Solo, you direct yourself" in solo.ada.client.get("/").content.decode()
        text = solo.seat.terms.text
        assert "The performer directs each session alone" in text
        assert "its absence is no fault of either side" in text
        assert "If the company does not come, the whole slot is paid." not in text
        other = stories.an_active_engagement(stories.a_gig(gig.company)).versions.get().text
        assert "directs" not in other
        assert "If the company does not come, the whole slot is paid." in other


class TestInTheRoom:
    def test_takes_the_cards_in_their_order_and_any_of_them_again(self, solo: Solo) -> None:
        solo.comes()
        solo.it_is(CALL + 11 * MINUTE)
        assert solo.up() == []  # no clock deals to whoever directs
        for n in (1, 2):
            status, card = solo.ada.post(f"{solo.path}/cards", {})
            assert (status, card["prompt"], solo.up()) == (201, n, [n])
        assert solo.ada.post(f"{solo.path}/cards", {"prompt": 1})[0] == 201
        # Also what would be a secret among several.
        assert solo.ada.post(f"{solo.path}/cards", {})[1]["prompt"] == 3
        assert solo.up() == [3]
        refused = solo.ada.post(f"{solo.path}/cards", {})
        assert (refused[0], refused[1]["code"]) == (409, "deck_is_through")
        page = solo.produces(solo.ada, do="next").content.decode()
        assert "The deck is played through" in page
        assert "Take one again below, or wrap." in page
        assert solo.ada.post(f"{solo.path}/cards/down", {})[0] == 200
        assert solo.up() == []

    def test_the_next_card_cuts_the_take_of_the_one_before(self, solo: Solo) -> None:
        solo.comes()
        solo.produces(solo.ada, do="next")
        solo.produces(solo.ada, do="slate")
        solo.it_is(CALL + MINUTE)
        assert "Cut" in solo.page(solo.ada, "cards")
        solo.produces(solo.ada, do="next")
        solo.produces(solo.ada, do="slate")
        solo.produces(solo.ada, do="cut")
        solo.produces(solo.ada, do="again")
        takes = solo.ada.get(f"{solo.path}/takes")[1]["data"]
        assert [(row["scene"], row["number"], row["prompt"]) for row in takes] == [
            (1, 1, 1),
            (2, 1, 2),
            (2, 2, 2),
        ]
        assert takes[0]["cut_at"] == "2026-11-10T15:01:00Z"
        assert solo.ada.post(f"{solo.path}/takes/cut")[0] == 200
        assert solo.ada.post(f"{solo.path}/takes", {"again": True})[1]["number"] == 3

    def test_records_only_while_she_grants_it(self, solo: Solo) -> None:
        early = solo.ada.post(f"{solo.path}/recording")
        assert (early[0], early[1]["code"]) == (409, "too_late")
        solo.comes()
        assert 'value="record"' in solo.page(solo.ada, "recording")
        answer = solo.ada.client.post(f"/{solo.path}/recording/press/", {"do": "record"})
        assert 'data-state="starting"' in answer.content.decode()
        solo.it_is(CALL + MINUTE)
        assert solo.ada.post(f"{solo.path}/recording/stop")[1]["is_on"] is False
        assert solo.ada.post(f"{solo.path}/recording")[1]["is_on"] is True
        (grant,) = solo.ada.get("grants")[1]["data"]
        assert solo.ada.post(f"grants/{grant['id']}/withdraw")[0] == 200
        assert solo.ada.get(f"{solo.path}/recording")[1]["is_on"] is False
        assert solo.ada.post(f"{solo.path}/recording")[1]["code"] == "not_granted"
        light = solo.page(solo.ada, "recording")
        assert "you grant no use of recordings now" in light
        assert 'value="record"' not in light
        # She plays on, wraps, and is paid.
        assert solo.ada.post(f"{solo.path}/takes", {})[0] == 201
        assert solo.ada.post(f"{solo.path}/end")[0] == 200

    def test_what_is_played_out_of_the_room_would_not_count_and_is_not_begun(self, solo: Solo) -> None:
        solo.comes()
        leaves = CALL + MINUTE
        stories.arrives(solo.session, stories.left(solo.session, solo.seat.performer, leaves), at=leaves)
        solo.it_is(leaves + MINUTE)
        for path in ("recording", "takes"):
            refused = solo.ada.post(f"{solo.path}/{path}", {} if path == "takes" else None)
            assert (refused[0], refused[1]["code"]) == (409, "come_in_first")
        press = solo.ada.client.post(f"/{solo.path}/recording/press/", {"do": "record"}).content.decode()
        for said in (press, solo.produces(solo.ada, do="slate").content.decode()):
            assert "You are not in the room. Come in, and press again" in said
        assert solo.ada.post(f"{solo.path}/end")[1]["code"] == "come_in_first"
        assert solo.ada.post(f"{solo.path}/presence", {"event": "joined"})[0] == 200
        assert solo.ada.post(f"{solo.path}/recording")[0] == 201
        assert solo.ada.post(f"{solo.path}/takes", {})[0] == 201

    def test_who_looks_in_for_the_company_is_seen_and_directs_nothing(self, solo: Solo) -> None:
        solo.comes()
        for path, body in (
            ("cards", {}),
            ("cards", {"prompt": 1}),
            ("cards/down", {}),
            ("takes", {}),
            ("takes/cut", None),
            ("recording", None),
            ("recording/stop", None),
        ):
            status, said = solo.nora.post(f"{solo.path}/{path}", body)
            assert (status, said["code"]) == (403, "performer_directs"), path
        assert solo.produces(solo.nora, do="next").status_code == 403
        assert not Recording.objects.exists()
        assert "Need not be here" in solo.page(solo.ada, "room")
        solo.nora.post(f"{solo.path}/presence", {"event": "joined"})
        assert "Need not be here" not in solo.page(solo.ada, "room")
        for part in ("cards", "recording"):
            assert 'value="next"' not in solo.page(solo.nora, part)
            assert 'value="record"' not in solo.page(solo.nora, part)
        assert solo.nora.post(f"{solo.path}/notes", {"text": "The pause."})[0] == 201
        assert solo.nora.post(f"{solo.path}/marks", {"kind": "hold_company"})[0] == 201
        assert solo.nora.post(f"{solo.path}/marks/end", {})[0] == 200
        assert solo.nora.post(f"{solo.path}/stop", {})[0] == 200

    def test_nobody_else_starts_her_breaks_which_she_could_not_end(self, solo: Solo) -> None:
        solo.comes()
        for kind in ("meal", "rest"):
            for seat in ({}, {"seat": solo.seat.public_id}):
                status, said = solo.nora.post(f"{solo.path}/marks", {"kind": kind} | seat)
                assert (status, said["code"]) == (403, "performer_directs")
            assert solo.ada.post(f"{solo.path}/marks", {"kind": kind})[0] == 201
            assert solo.ada.post(f"{solo.path}/marks/end", {})[0] == 200
        assert not re.search(r'value="(meal|rest)"', solo.page(solo.nora, "room"))

    def test_nobody_else_is_let_in_to_direct(self, solo: Solo, as_someone: AsSomeone) -> None:
        solo.comes()
        stranger = as_someone(stories.a_performer())
        pair = stories.a_pair_booked()
        partner = as_someone(pair.seats.select_related("performer").order_by("id")[0].performer)
        for who, path in ((stranger, solo.path), (partner, f"sessions/{pair.public_id}")):
            for what in ("cards/down", "takes", "takes/cut", "recording", "recording/stop", "end"):
                assert who.post(f"{path}/{what}", {})[0] == 404, what

    def test_whoever_looks_in_and_is_cut_off_holds_nobody_up(self, solo: Solo) -> None:
        solo.comes()
        for who, page in ((solo.ada, "a" * 24), (solo.nora, "b" * 24)):
            assert who.post(f"{solo.path}/peers", {"page": page, "cut_off": True})[0] == 200
        solo.session.refresh_from_db()
        assert (solo.session.state, solo.session.marks.count()) == ("live", 0)

    def test_a_stand_in_directs_and_who_was_missed_no_more(self, as_someone: AsSomeone, it_is: ItIs) -> None:
        gig = stories.a_gig(
            stories.a_company(), seats=1, self_directed=True, prompts=CARDS, finds_stand_ins=True
        )
        missing, other = (stories.an_active_engagement(gig, grants=["evaluation"]) for _ in range(2))
        session = stories.a_booked_session(missing)
        ada, bo = (as_someone(each.performer) for each in (missing, other))
        late = CALL + 16 * MINUTE
        it_is(late)
        assert stand_ins.seek_due(at=CALL + 15 * MINUTE) == 0
        assert (stand_ins.seek_due(at=late), stand_ins.seek_due(at=late)) == (1, 0)
        (slot,) = bo.get("slots")[1]["data"]
        assert bo.post(f"slots/{slot['id']}/take")[0] == 200
        stories.arrives(session, stories.joined(session, other.performer, late), at=late)
        it_is(late + MINUTE)
        path = f"sessions/{session.public_id}"
        deliveries.follow(session=session, at=late + MINUTE)
        assert ada.post(f"{path}/cards", {})[0] == 404
        assert ada.post(f"{path}/stop", {})[0] == 404, "nor stops what another plays"
        assert bo.post(f"{path}/cards", {})[1]["prompt"] == 1
        assert bo.post(f"{path}/end")[0] == 200


class TestThePay:
    def wraps(self, solo: Solo, at: datetime) -> None:
        solo.it_is(at)
        answer = solo.ada.client.post(f"/{solo.path}/room/end/")
        assert answer.status_code == 302

    @pytest.mark.parametrize(("minutes", "payable_s"), [(70, 4_200), (5, 3_600)])
    def test_is_what_was_worked_and_the_minimum_call_at_least(
        self, solo: Solo, minutes: int, payable_s: int
    ) -> None:
        solo.comes()
        assert "Wrap the session" in solo.page(solo.ada, "room")
        self.wraps(solo, CALL + minutes * MINUTE)
        line = solo.line(at=CALL + 100 * MINUTE)
        assert (line.worked_s, line.payable_s) == (minutes * 60, payable_s)
        assert solo.ada.post(f"{solo.path}/end")[1]["code"] == "doors_closed"

    def test_that_nobody_of_the_company_came_is_no_fault(self, solo: Solo, as_someone: AsSomeone) -> None:
        """Late by five minutes, and never wrapped: neither the whole slot nor less than was worked."""
        solo.comes(CALL + 5 * MINUTE)
        talent = as_someone(stories.a_member_of_staff(Staff.TALENT))
        for who in (solo.nora, talent):
            solo.it_is(CALL + 20 * MINUTE)
            refused = who.post(f"{solo.path}/company-no-show")
            assert (refused[0], refused[1]["code"]) == (409, "nobody_need_come")
        leaves = CALL + 80 * MINUTE
        stories.arrives(solo.session, stories.left(solo.session, solo.seat.performer, leaves), at=leaves)
        line = solo.line(at=CALL + 110 * MINUTE)
        solo.session.refresh_from_db()
        assert (line.worked_s, line.payable_s, line.note) == (4_500, 4_500, "")
        assert (solo.session.outcome, solo.session.no_show_found_at) == ("wrapped", None)
        page = solo.ada.client.get(f"/time/{line.public_id}/").content.decode()
        assert "The company did not come" not in page
        dispute = {"claimed_s": 5_400, "text": "Nobody came.", "reason": "company_no_show"}
        assert solo.ada.post(f"time-lines/{line.public_id}/disputes", dispute)[0] == 422

    def test_the_same_evidence_in_a_directed_gig_is_the_companys_fault(self, as_someone: AsSomeone) -> None:
        session = stories.a_booked_session(
            stories.an_active_engagement(stories.a_gig(stories.a_company(), seats=1))
        )
        performer = session.seats.select_related("performer").get().performer
        at, leaves = CALL + 5 * MINUTE, CALL + 80 * MINUTE
        stories.arrives(session, stories.joined(session, performer, at), at=at)
        stories.arrives(session, stories.left(session, performer, leaves), at=leaves)
        stories.time_passes(session, at=CALL + 110 * MINUTE)
        assert TimeLine.objects.get(seat__session=session).payable_s == 5_400

    def test_who_never_comes_is_paid_nothing_and_the_company_is_told(self, solo: Solo) -> None:
        line = solo.line(at=CALL + 110 * MINUTE)
        session = Session.objects.get(pk=solo.session.pk)
        assert (line.payable_s, session.outcome) == (0, "performer_no_show")
        assert session.no_show_found_at is None

    def test_the_company_may_end_what_it_pays_for(self, solo: Solo) -> None:
        solo.comes()
        solo.it_is(CALL + 10 * MINUTE)
        assert solo.nora.post(f"{solo.path}/end")[0] == 200
        assert solo.line(at=CALL + 20 * MINUTE).payable_s == 3_600
