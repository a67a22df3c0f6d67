"""Vetting, appeals, suspensions and first gigs, by page and by API."""

from collections.abc import Callable

from django.urls import reverse

from accounts.access.roles import Staff
from accounts.appeals import operations as appeals
from accounts.appeals.models import LONGEST_SAID, Appeal
from accounts.identity.models import User
from accounts.identity.names import LONGEST_NAME, LONGEST_REGISTRATION, LONGEST_WEBSITE
from accounts.performers.models import Performer
from accounts.standing import vetting
from accounts.standing.models import LONGEST_EVIDENCE, LONGEST_TICK, LONGEST_WORDS, Suspension, Vetting
from marketplace.gigs import operations as gigs
from marketplace.gigs.limits import LONGEST_REVIEW_NOTE
from marketplace.sessions.models import LONGEST_CANCEL_REASON
from tests import stories
from tests.architecture.both_doors.both import Both, choice, link, owner, text, too_long


def talent() -> User:
    return stories.a_member_of_staff(Staff.TALENT)


def a_vetting() -> Vetting:
    """Of a company, taken up."""
    asked = stories.asks_to_be_vetted(stories.a_new_company())
    return vetting.take_up(vetting=asked, by=stories.HOUSE, at=stories.BEFORE)


def a_suspension() -> Suspension:
    return stories.is_suspended(stories.a_performer())


def about(suspension: Suspension) -> Performer:
    return Performer.objects.select_related("user").get(suspensions=suspension)


def an_appeal() -> Appeal:
    suspension = a_suspension()
    by = stories.acting(about(suspension))
    return appeals.file(subject=suspension.public_id, text="Look again.", by=by, at=stories.BEFORE)


def a_company_that_asks() -> Both:
    company = stories.a_new_company()
    sent = {
        "legal_name": "Lab, Inc.",
        "registration_number": "7654321",
        "country": "US",
        "website": "https://lab.example",
    }
    wrong = [
        *text("legal_name", LONGEST_NAME, line=True),
        *link("legal_name"),
        *text("registration_number", LONGEST_REGISTRATION, line=True),
        *choice("country"),
        *[
            ("website: none", {"website": said}, {"website": said})
            for said in ("", "lab", "javascript:alert(1)")
        ],
        too_long("website", "https://lab.example/", LONGEST_WEBSITE),
    ]
    page = reverse("company_standing", args=[company.public_id])
    return Both(
        owner(company), page, ("POST", f"companies/{company.public_id}/vettings"), (sent, sent), wrong
    )


def a_tick() -> Both:
    one = a_vetting().public_id
    sent = {"item": "registration", "note": "Found in the register."}
    wrong = [*choice("item"), *text("note", LONGEST_TICK)]
    return Both(
        talent(),
        reverse("vetting_move", args=[one, "tick"]),
        ("POST", f"vettings/{one}/ticks"),
        (sent, sent),
        wrong,
    )


def a_no_to_a_vetting() -> Both:
    one = a_vetting().public_id
    sent = {"reason": "registration", "words": "It is not in the register."}
    wrong = [*choice("reason"), *text("words", LONGEST_WORDS)]
    page = reverse("vetting_move", args=[one, "decline"])
    return Both(talent(), page, ("POST", f"vettings/{one}/decline"), (sent, sent), wrong)


def an_appeal_filed() -> Both:
    suspension = a_suspension()
    sent = {"subject": suspension.public_id, "text": "Look again."}
    user = about(suspension).user
    return Both(
        user, reverse("appeal_file"), ("POST", "appeals"), (sent, sent), [*text("text", LONGEST_SAID)]
    )


def an_appeal_answered() -> Both:
    appeal = appeals.take_up(appeal=an_appeal(), by=stories.HOUSE, at=stories.BEFORE)
    sent = {"outcome": "upheld", "text": "It stays."}
    wrong = [*choice("outcome"), *text("text", LONGEST_SAID)]
    one = appeal.public_id
    return Both(
        talent(), reverse("appeal_answer", args=[one]), ("POST", f"appeals/{one}/answer"), (sent, sent), wrong
    )


def somebody_suspended() -> Both:
    one = stories.a_performer().public_id
    sent = {"reason": "conduct", "words": "A promise was not kept.", "evidence": "The record."}
    wrong = [*choice("reason"), *text("words", LONGEST_WORDS), *text("evidence", LONGEST_EVIDENCE)]
    page = reverse("subject_suspend", args=[one])
    return Both(talent(), page, ("POST", "suspensions"), (sent, sent | {"subject": one}), wrong)


def a_suspension_lifted() -> Both:
    one = a_suspension().public_id
    sent = {"reason": "It was put right."}
    page = reverse("suspension_lift", args=[one])
    wrong = [*text("reason", LONGEST_WORDS)]
    return Both(talent(), page, ("POST", f"suspensions/{one}/lift"), (sent, sent), wrong)


def booked_sessions_answered_for() -> Both:
    session = stories.a_pair_booked()
    one, ids = stories.is_suspended(session.company).public_id, [session.public_id]
    sent = {"answer": "call_off", "reason": "It cannot be."}
    wrong = [*choice("answer"), *text("reason", LONGEST_CANCEL_REASON)]
    page = reverse("suspension_sessions", args=[one])
    right = (sent | {"session": ids}, sent | {"sessions": ids})
    return Both(talent(), page, ("POST", f"suspensions/{one}/sessions"), right, wrong)


def a_first_gig_sent_back() -> Both:
    gig = stories.a_draft(stories.a_company())
    gigs.publish(gig=gig, by=stories.owner_of(gig.company), at=stories.BEFORE)
    sent = {"reason": "Say what the scene may touch."}
    page = reverse("gig_review_answer", args=[gig.public_id])
    right = (sent | {"answer": "send_back"}, sent)
    wrong = [*text("reason", LONGEST_REVIEW_NOTE)]
    return Both(talent(), page, ("POST", f"gigs/{gig.public_id}/send-back"), right, wrong)


OPERATIONS: tuple[Callable[[], Both], ...] = (
    a_company_that_asks,
    a_tick,
    a_no_to_a_vetting,
    an_appeal_filed,
    an_appeal_answered,
    somebody_suspended,
    a_suspension_lifted,
    booked_sessions_answered_for,
    a_first_gig_sent_back,
)
