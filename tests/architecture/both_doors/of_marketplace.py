"""What marketplace keeps, by page and by API."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from django.urls import reverse

from accounts.access.roles import Staff
from accounts.identity.names import LONGEST_NAME
from accounts.keys.acting import of_user
from kit.text import LONGEST_REASON
from marketplace.casting.models import LONGEST_ANSWER, LONGEST_MESSAGE, LONGEST_NOTE, LONGEST_REASON_NOTE
from marketplace.engagements.models import LONGEST_END_REASON
from marketplace.gigs import limits
from marketplace.gigs.operations import Question
from marketplace.sessions.booking import FURTHEST_AHEAD
from marketplace.sessions.models import LONGEST_CANCEL_REASON
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import LONGEST_CLAIM_S, LONGEST_SAID, Dispute, TimeLine
from tests import stories
from tests.accounts.browsing import dollars
from tests.architecture.both_doors.both import (
    CONTROL,
    NOTHING,
    TODAY,
    Both,
    Sent,
    Wrong,
    bounds,
    choice,
    number,
    owner,
    text,
    with_a_reason,
)


def a_posted_gig() -> Both:
    company = stories.a_company()
    by_page, by_api = _a_gig_as_it_is_sent()
    wrong = [
        *_what_a_gig_may_not_say(),
        *[
            (name, typed, {"questions": [{"text": typed["question_1"]}]})
            for name, typed, _ in text("question_1", limits.LONGEST_QUESTION, line=True, needed=False)
        ],
        *[
            (f"prompts: {name}", {"prompts": "\n".join(prompts)}, {"prompts": prompts})
            for name, prompts in {
                "too long": ["x" * (limits.LONGEST_PROMPT + 1)],
                "too many": ["x"] * (limits.MOST_PROMPTS + 1),
                "a control character": [CONTROL],
            }.items()
        ],
    ]
    page = reverse("gig_post", args=[company.public_id])
    api = by_api | {"company": company.public_id}
    return Both(owner(company), page, ("POST", "gigs"), (by_page, api), wrong)


def a_changed_gig() -> Both:
    gig = stories.a_draft(stories.a_company())
    page = reverse("gig_change", args=[gig.company.public_id, gig.public_id])
    wrong = [*_what_a_gig_may_not_say()]
    return Both(owner(gig.company), page, ("PATCH", f"gigs/{gig.public_id}"), _a_gig_as_it_is_sent(), wrong)


def a_cancelled_gig() -> Both:
    gig = stories.a_draft(stories.a_company())
    page = reverse("gig_step", args=[gig.company.public_id, gig.public_id, "cancel"])
    return with_a_reason(
        owner(gig.company), page, f"gigs/{gig.public_id}/cancel", text("reason", LONGEST_REASON)
    )


def an_application() -> Both:
    asks: list[Question] = [{"text": "Why?"}, {"text": "Sure?", "kind": "yes_no"}]
    gig = stories.a_gig(stories.a_company(), questions=asks)
    by_page = {"note": "I do.", "answer_1": "Why not.", "answer_2": "yes"}
    wrong = [
        *text("note", LONGEST_NOTE, needed=False),
        *[
            (name, typed, _answers(by_page | dict(typed)))
            for name, typed, _ in (*text("answer_1", LONGEST_ANSWER), *choice("answer_2"))
        ],
    ]
    page = reverse("gig_apply", args=[gig.public_id])
    right = (by_page, {"note": "I do."} | _answers(by_page))
    user = stories.a_performer().user
    return Both(user, page, ("POST", f"gigs/{gig.public_id}/applications"), right, wrong)


def a_declined_applicant() -> Both:
    gig = stories.a_gig(stories.a_company())
    application = stories.applies(stories.a_performer(), gig)
    sent = {"reason": "skills", "note": "Come again."}
    wrong = [*choice("reason"), *text("note", LONGEST_REASON_NOTE, line=True, needed=False)]
    page = reverse("applicant_decline", args=[application.public_id])
    path = f"applications/{application.public_id}/decline"
    return Both(owner(gig.company), page, ("POST", path), (sent, sent), wrong)


def an_offer() -> Both:
    gig = stories.a_gig(stories.a_company())
    application = stories.applies(stories.a_performer(), gig).public_id
    wrong: list[Wrong] = [
        *text("message", LONGEST_MESSAGE, needed=False),
        ("nobody", {"application": []}, {"applications": []}),
        ("no such id", {"application": ["no_such"]}, {"applications": ["no_such"]}),
    ]
    right = (
        {"application": [application], "message": "Come!"},
        {"applications": [application], "message": "Come!"},
    )
    page = reverse("gig_offer", args=[gig.public_id])
    return Both(owner(gig.company), page, ("POST", "offers"), right, wrong)


def a_signature() -> Both:
    engagement = stories.accepts(stories.a_performer(), stories.a_gig(stories.a_company()))
    read = engagement.versions.get().text_sha256
    wrong = [*text("name", LONGEST_NAME, line=True), *choice("read_sha256", "text_sha256")]
    page = reverse("engagement_sign", args=[engagement.public_id])
    name = engagement.performer.user.name
    right = ({"name": name, "read_sha256": read}, {"name": name, "text_sha256": read})
    path = f"engagements/{engagement.public_id}/sign"
    return Both(engagement.performer.user, page, ("POST", path), right, wrong)


def a_raise() -> Both:
    engagement = stories.an_active_engagement(stories.a_gig(stories.a_company()))
    most = limits.HIGHEST_RATE_MINOR
    wrong = number(
        "rate",
        "rate",
        nothing=(NOTHING, NOTHING),
        zero=("0", dollars(0)),
        falls=("73.99", dollars(7399)),
        above=(f"{most // 100}.01", dollars(most + 1)),
    )
    page = reverse("engagement_raise", args=[engagement.public_id])
    path = f"engagements/{engagement.public_id}/amend"
    right = ({"rate": "80.00"}, {"rate": dollars(8000)})
    return Both(owner(engagement.company), page, ("POST", path), right, [*wrong])


def an_ended_engagement() -> Both:
    engagement = stories.an_active_engagement(stories.a_gig(stories.a_company()))
    page = reverse("engagement_leave", args=[engagement.public_id])
    path = f"engagements/{engagement.public_id}/terminate"
    return with_a_reason(engagement.performer.user, page, path, text("reason", LONGEST_END_REASON))


def a_booking() -> Both:
    gig = stories.a_gig(stories.a_company())
    engaged = stories.an_active_engagement(gig).public_id
    times = {
        "past": TODAY - timedelta(days=1),
        "far away": TODAY + FURTHEST_AHEAD + timedelta(days=1),
    }
    least, most = limits.SHORTEST_SESSION_S, limits.LONGEST_SESSION_S
    wrong: list[Wrong] = [
        *[
            (f"call_at: {name}", {"call_at": f"{at:%Y-%m-%dT%H:%M}"}, {"call_at": at.isoformat()})
            for name, at in times.items()
        ],
        ("call_at: no time", {"call_at": "soon"}, {"call_at": "soon"}),
        *choice("engagements", several=True),
        *number(
            "minutes",
            "length_s",
            below=(least // 60 - 1, least - 1),
            above=(most // 60 + 1, most + 1),
        ),
    ]
    right = (
        {"call_at": "2026-11-10T10:00", "minutes": 90, "engagements": [engaged]},
        {
            "gig": gig.public_id,
            "call_at": "2026-11-10T15:00:00Z",
            "length_s": 5400,
            "engagements": [engaged],
        },
    )
    page = reverse("session_book", args=[gig.company.public_id, gig.public_id])
    return Both(owner(gig.company), page, ("POST", "sessions"), right, wrong)


def a_session_called_off() -> Both:
    session = stories.a_pair_booked()
    page = reverse("session_cancel", args=[session.public_id])
    path = f"sessions/{session.public_id}/cancel"
    return with_a_reason(
        owner(session.company),
        page,
        path,
        text("reason", LONGEST_CANCEL_REASON),
        at=stories.CALL - timedelta(days=1),
    )


def another_time() -> Both:
    session = stories.a_pair_booked()
    now = stories.CALL - timedelta(days=1)
    times = {"past": now - timedelta(days=1), "far away": now + FURTHEST_AHEAD + timedelta(days=1)}
    wrong: list[Wrong] = [
        *[
            (f"call_at: {name}", {"call_at": f"{at:%Y-%m-%dT%H:%M}"}, {"call_at": at.isoformat()})
            for name, at in times.items()
        ],
        ("call_at: no time", {"call_at": "soon"}, {"call_at": "soon"}),
        ("call_at: nothing", {"call_at": NOTHING}, {"call_at": NOTHING}),
        ("call_at: left out", {"call_at": "2027-03-14T02:30"}, {"call_at": "2027-03-14T02:30:00"}),
        ("call_at: comes twice", {"call_at": "2026-11-01T01:30"}, {"call_at": "2026-11-01T01:30:00"}),
    ]
    right = ({"call_at": "2026-11-11T10:00"}, {"call_at": "2026-11-11T15:00:00Z"})
    page = reverse("session_move", args=[session.public_id])
    path = f"sessions/{session.public_id}/moves"
    return Both(owner(session.company), page, ("POST", path), right, wrong, now)


def a_paid_hold() -> Both:
    line = _a_line_with_a_proposed_hold()
    (hold,) = line.proposed_holds
    proposed = hold.span.started_at
    wrong: list[Wrong] = [
        ("started: no time", {"started_s": "soon"}, {"started_at": "soon"}),
        ("started: nothing", {"started_s": NOTHING}, {"started_at": NOTHING}),
        (
            "started: naive",
            {"started_s": f"{proposed:%H:%M}"},
            {"started_at": f"{proposed:%Y-%m-%dT%H:%M:%S}"},
        ),
    ]
    right = ({"started_s": f"{hold.span.start}"}, {"started_at": proposed.isoformat()})
    page, path = reverse("line_hold", args=[line.public_id]), f"time-lines/{line.public_id}/holds"
    return Both(owner(line.timesheet.company), page, ("POST", path), right, wrong, stories.REVIEW_DAY)


def a_dispute() -> Both:
    line = _a_line_under_review()
    most = LONGEST_CLAIM_S
    wrong = [
        *choice("reason"),
        *text("text", LONGEST_SAID),
        *number("minutes", "claimed_s", below=("-1", -60), above=(most // 60 + 1, most + 60)),
    ]
    right = (
        {"reason": "other", "text": "I was there.", "minutes": "95"},
        {"reason": "other", "text": "I was there.", "claimed_s": 5700},
    )
    page = reverse("line_detail", args=[line.public_id])
    path = f"time-lines/{line.public_id}/disputes"
    return Both(line.timesheet.performer.user, page, ("POST", path), right, wrong, at=stories.REVIEW_DAY)


def a_disagreement() -> Both:
    line, dispute = _a_disputed_line()
    page = reverse("dispute_answer", args=[dispute.public_id])
    right = ({"answer": "disagree", "text": "We saw it."}, {"text": "We saw it."})
    path = f"disputes/{dispute.public_id}/disagree"
    company = line.timesheet.company
    return Both(
        owner(company), page, ("POST", path), right, [*text("text", LONGEST_SAID)], stories.REVIEW_DAY
    )


def a_decision() -> Both:
    _, dispute = _a_disputed_line()
    most = LONGEST_CLAIM_S
    wrong = [
        *text("text", LONGEST_SAID, "resolution"),
        *number("minutes", "adjusted_s", below=("-1", -60), above=(most // 60 + 1, most + 60)),
    ]
    right = (
        {"decision": "another", "minutes": "92", "text": "So it was."},
        {"adjusted_s": 5520, "resolution": "So it was."},
    )
    page, path = reverse("dispute_decide", args=[dispute.public_id]), f"disputes/{dispute.public_id}/resolve"
    talent = stories.a_member_of_staff(Staff.TALENT)
    return Both(talent, page, ("POST", path), right, wrong, stories.REVIEW_DAY)


def an_approved_week() -> Both:
    """The pair met, and one of them was not there: that line is left for later."""
    session = stories.a_pair_booked()
    _, odd = stories.they_play(session, performers=[session.seats.earliest("id").performer])
    week = stories.everyone_confirms()
    wrong: list[Wrong] = [
        (name, {"except_lines": [said]}, {"except_lines": [said]})
        for name, said in {
            "no line": "no_such",
            "of another company": _a_line_under_review().public_id,
        }.items()
    ]
    company = session.company
    page = reverse("company_week_approve", args=[company.public_id, week.starts_on])
    path = f"companies/{company.public_id}/weeks/{week.starts_on}/approve"
    right = ({"except_lines": [odd.public_id]}, {"except_lines": [odd.public_id]})
    return Both(owner(company), page, ("POST", path), right, wrong, stories.REVIEW_DAY)


def _a_gig_as_it_is_sent() -> tuple[Sent, Sent]:
    same = {
        "title": "Two strangers in a lift",
        "scene": "Unscripted scenes in pairs",
        "brief": "Say yes, and.",
        "seats": 2,
        "openings": 10,
        "sessions_planned": 10,
        "answer_days": 7,
        "starts_on": "2026-11-09",
        "ends_on": "2026-12-31",
        "time_zone": "America/New_York",
        "purposes": ["evaluation"],
    }
    return same | {"rate": "80.00", "minutes": 60}, same | {"rate": dollars(8000), "session_s": 3600}


def _what_a_gig_may_not_say() -> Iterator[Wrong]:
    yield from text("title", limits.LONGEST_TITLE, line=True)
    yield from text("scene", limits.LONGEST_SCENE, line=True)
    yield from text("brief", limits.LONGEST_BRIEF)
    yield from text("content_notes", limits.LONGEST_CONTENT_NOTES, needed=False)
    most = limits.HIGHEST_RATE_MINOR
    yield from number("rate", zero=("0", dollars(0)), above=(f"{most // 100}.01", dollars(most + 1)))
    for field in ("seats", "openings", "sessions_planned", "answer_days"):
        yield from bounds(field)
    least, most = limits.BOUNDS["session_s"]
    yield from number(
        "minutes", "session_s", below=(least // 60 - 1, least - 1), above=(most // 60 + 1, most + 1)
    )
    for name, days in {
        "past": {"starts_on": "2026-11-01"},
        "over": {"starts_on": "2026-10-01", "ends_on": "2026-10-31"},
        "turned around": {"starts_on": "2026-12-31", "ends_on": "2026-11-09"},
        "no days": {"starts_on": "soon"},
        "no such day": {"ends_on": "2026-11-31"},
    }.items():
        yield f"days: {name}", days, days
    yield from choice("time_zone")
    for field in ("skills", "languages", "purposes"):
        yield from choice(field, several=True, needed=False)


def _answers(typed: Sent) -> Sent:
    """The page's answers, as the API takes them; one that is left empty is not sent."""
    given = [(int(name[-1]), said) for name, said in typed.items() if name.startswith("answer_")]
    return {"answers": [{"position": position, "text": said} for position, said in given if said]}


def _a_line_under_review() -> TimeLine:
    lines = stories.they_play(stories.a_pair_booked())
    stories.everyone_confirms(stories.the_week_is_over())
    return lines[0]


def _a_line_with_a_proposed_hold() -> TimeLine:
    """A machine threw one of two out for a quarter of an hour."""
    session = stories.a_pair_booked()
    performer, ends = session.seats.earliest("id").performer, session.scheduled_end_at
    out, back = stories.CALL + timedelta(minutes=30), stories.CALL + timedelta(minutes=45)
    thrown_out = stories.left(session, performer, out)
    thrown_out["participant"]["disconnectReason"] = "CONNECTION_TIMEOUT"
    came_back = stories.joined(session, performer, back, sid="PA_again")
    stayed = stories.left(session, performer, ends, sid="PA_again")
    there = [stories.joined(session, performer, stories.CALL), thrown_out, came_back, stayed]
    stories.arrives(session, *stories.somebody_of_the_company(session, ends), *there, at=ends)
    (line, _) = stories.time_passes(session, at=ends + timedelta(hours=1))
    stories.everyone_confirms()
    return line


def _a_disputed_line() -> tuple[TimeLine, Dispute]:
    line = _a_line_under_review()
    dispute = timekeeping.dispute_line(
        line=line,
        reason=Dispute.Reason.OTHER,
        text="I was there.",
        claimed_s=5700,
        by=of_user(line.timesheet.performer.user),
        at=stories.REVIEW_DAY,
    )
    return line, dispute


OPERATIONS: tuple[Callable[[], Both], ...] = (
    a_posted_gig,
    a_changed_gig,
    a_cancelled_gig,
    an_application,
    a_declined_applicant,
    an_offer,
    a_signature,
    a_raise,
    an_ended_engagement,
    a_booking,
    a_session_called_off,
    another_time,
    a_paid_hold,
    a_dispute,
    a_disagreement,
    a_decision,
    an_approved_week,
)
