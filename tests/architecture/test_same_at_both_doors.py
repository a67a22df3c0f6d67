"""What a page refuses the API refuses, and the other way round: the same wrong input changes nothing at either door."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.messages import ERROR, get_messages
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse

from accounts.access.roles import Role, Staff
from accounts.audit.models import AuditEvent
from accounts.companies.models import Company
from accounts.identity.models import User
from accounts.identity.names import LONGEST_ABOUT, LONGEST_EMAIL, LONGEST_NAME, LONGEST_WEBSITE
from accounts.keys.acting import of_user
from accounts.keys.models import LONGEST_KEY_NAME
from accounts.keys.operations import LONGEST_DAYS
from accounts.performers.models import Performer
from kit.text import LONGEST_REASON
from marketplace.casting.models import LONGEST_ANSWER, LONGEST_MESSAGE, LONGEST_NOTE, LONGEST_REASON_NOTE
from marketplace.engagements.models import LONGEST_END_REASON
from marketplace.gigs import limits
from marketplace.gigs.operations import Question
from marketplace.sessions.models import LONGEST_CANCEL_REASON
from marketplace.sessions.operations import FURTHEST_AHEAD
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import LONGEST_CLAIM_S, LONGEST_SAID, Dispute, TimeLine
from payments.funding.operations import LEAST_MINOR, MOST_MINOR
from payments.inbox import findings, halts
from payments.inbox.models import Finding, Halt
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.payroll import operations as payroll
from payments.payroll.models import PayRun
from tests import stories
from tests.accounts.browsing import Api, logs_in
from tests.conftest import PAYDAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]
Sent = dict[str, Any]
Wrong = tuple[str, Sent, Sent]
TODAY = datetime(
    2026, 11, 3, 12, tzinfo=UTC
)  # after what the stories prepare, before the week that is worked
NOTHING = ""
CONTROL = "Eve\x1bx"


@dataclass
class Both:
    """One operation by page and by API: who may, where, what is right, and what is wrong, each as the two doors take it."""

    user: User
    page: str
    api: tuple[str, str]
    right: tuple[Sent, Sent]
    wrong: list[Wrong]
    at: datetime = TODAY


def text(
    page: str, longest: int, api: str = "", *, line: bool = False, needed: bool = True
) -> Iterator[Wrong]:
    """A text that is too long, cannot be kept, or is missing; of a line, also one with a control character."""
    said = {"too long": "x" * (longest + 1), "a null character": "a\x00b"}
    said |= {"nothing": NOTHING, "only space": "  "} if needed else {}
    said |= {"a control character": CONTROL, "two lines": "a\nb"} if line else {}
    for name, value in said.items():
        yield f"{page}: {name}", {page: value}, {api or page: value}


def number(page: str, api: str = "", **values: tuple[Any, Any]) -> Iterator[Wrong]:
    """A number that is none, and those named, as the page and as the API take them."""
    for name, (typed, sent) in ({"no_number": ("many", "many")} | values).items():
        yield f"{page}: {name}", {page: typed}, {api or page: sent}


def bounds(field: str) -> Iterator[Wrong]:
    """A whole number just outside of a gig's bounds."""
    least, most = limits.BOUNDS[field]
    yield from number(field, below=(least - 1, least - 1), above=(most + 1, most + 1))


def choice(page: str, api: str = "", *, several: bool = False, needed: bool = True) -> Iterator[Wrong]:
    unknown: Any = ["no_such"] if several else "no_such"
    yield f"{page}: unknown", {page: unknown}, {api or page: unknown}
    if needed:
        none: Any = [] if several else NOTHING
        yield f"{page}: nothing", {page: none}, {api or page: none}


# What accounts keeps.


def the_account() -> Both:
    user = stories.a_person()
    sent = {"name": "Eve", "time_zone": "Asia/Tokyo"}
    wrong = [*text("name", LONGEST_NAME, line=True), *choice("time_zone")]
    return Both(user, reverse("settings"), ("PATCH", "me"), (sent, sent), wrong)


def a_profile() -> Both:
    sent = {
        "stage_name": "Eve",
        "about": "Plays.",
        "country": "DE",
        "skills": ["duo"],
        "languages": ["en"],
        "time_zone": "Asia/Tokyo",
    }
    wrong = [
        *text("stage_name", LONGEST_NAME, line=True),
        *text("about", LONGEST_ABOUT, needed=False),
        *choice("country"),
        *choice("skills", several=True),
        *choice("languages", several=True),
        *choice("time_zone"),
    ]
    user = stories.a_performer().user
    return Both(user, reverse("profile"), ("PATCH", "me/performer"), (sent, sent), wrong)


def a_companys_own_page() -> Both:
    company = stories.a_company()
    sent = {"name": "Lab", "website": "https://lab.example", "about": "We listen."}
    wrong = [
        *text("name", LONGEST_NAME, line=True),
        *text("about", LONGEST_ABOUT, needed=False),
        *[("website: none", {"website": said}, {"website": said}) for said in ("lab", "javascript:alert(1)")],
        _too_long("website", "https://lab.example/", LONGEST_WEBSITE),
    ]
    page = reverse("company_settings", args=[company.public_id])
    return Both(_owner(company), page, ("PATCH", f"companies/{company.public_id}"), (sent, sent), wrong)


def a_member_who_comes() -> Both:
    company = stories.a_company()
    sent = {"email": stories.a_person().email, "role": "reviewer"}
    wrong = [
        *choice("role"),
        *[("email: none", {"email": said}, {"email": said}) for said in ("", "eve", "eve@example.org\nx")],
        _too_long("email", "eve@", LONGEST_EMAIL, ".org"),
    ]
    page = reverse("company_member_add", args=[company.public_id])
    path = f"companies/{company.public_id}/members"
    return Both(_owner(company), page, ("POST", path), (sent, sent), wrong)


def a_members_role() -> Both:
    company = stories.a_company()
    member = stories.a_member(company, Role.PRODUCER)
    page = reverse("company_member", args=[company.public_id, member.public_id])
    path = f"companies/{company.public_id}/members/{member.public_id}"
    sent = {"role": "reviewer"}
    return Both(_owner(company), page, ("PATCH", path), (sent, sent), [*choice("role")])


def an_api_key() -> Both:
    company = stories.a_company()
    sent = {"name": "casting", "scopes": ["gigs:read"], "days": 9}
    wrong = [
        *text("name", LONGEST_KEY_NAME, line=True),
        *choice("scopes", several=True),
        *number("days", below=(0, 0), above=(LONGEST_DAYS + 1, LONGEST_DAYS + 1)),
    ]
    page = reverse("company_keys", args=[company.public_id])
    path = f"companies/{company.public_id}/api-keys"
    return Both(_owner(company), page, ("POST", path), (sent, sent), wrong)


# What marketplace keeps.


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
    return Both(_owner(company), page, ("POST", "gigs"), (by_page, api), wrong)


def a_changed_gig() -> Both:
    gig = stories.a_draft(stories.a_company())
    page = reverse("gig_change", args=[gig.company.public_id, gig.public_id])
    wrong = [*_what_a_gig_may_not_say()]
    return Both(_owner(gig.company), page, ("PATCH", f"gigs/{gig.public_id}"), _a_gig_as_it_is_sent(), wrong)


def a_cancelled_gig() -> Both:
    gig = stories.a_draft(stories.a_company())
    page = reverse("gig_step", args=[gig.company.public_id, gig.public_id, "cancel"])
    return _with_a_reason(
        _owner(gig.company), page, f"gigs/{gig.public_id}/cancel", text("reason", LONGEST_REASON)
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
    return Both(_owner(gig.company), page, ("POST", path), (sent, sent), wrong)


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
    return Both(_owner(gig.company), page, ("POST", "offers"), right, wrong)


def a_signature() -> Both:
    engagement = stories.accepts(stories.a_performer(), stories.a_gig(stories.a_company()))
    read = engagement.versions.get().text_sha256
    wrong = [*text("name", LONGEST_NAME, line=True), *choice("read_sha256", "text_sha256")]
    page = reverse("engagement_sign", args=[engagement.public_id])
    right = ({"name": "Eve", "read_sha256": read}, {"name": "Eve", "text_sha256": read})
    path = f"engagements/{engagement.public_id}/sign"
    return Both(engagement.performer.user, page, ("POST", path), right, wrong)


def a_raise() -> Both:
    engagement = stories.an_active_engagement(stories.a_gig(stories.a_company()))
    most = limits.HIGHEST_RATE_MINOR
    wrong = number(
        "rate",
        "rate_minor",
        nothing=(NOTHING, NOTHING),
        zero=("0", 0),
        falls=("73.99", 7399),
        above=(f"{most // 100}.01", most + 1),
    )
    page = reverse("engagement_raise", args=[engagement.public_id])
    path = f"engagements/{engagement.public_id}/amend"
    right = ({"rate": "80.00"}, {"rate_minor": 8000})
    return Both(_owner(engagement.company), page, ("POST", path), right, [*wrong])


def an_ended_engagement() -> Both:
    engagement = stories.an_active_engagement(stories.a_gig(stories.a_company()))
    page = reverse("engagement_leave", args=[engagement.public_id])
    path = f"engagements/{engagement.public_id}/terminate"
    return _with_a_reason(engagement.performer.user, page, path, text("reason", LONGEST_END_REASON))


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
    return Both(_owner(gig.company), page, ("POST", "sessions"), right, wrong)


def a_session_called_off() -> Both:
    session = stories.a_pair_booked()
    page = reverse("session_cancel", args=[session.public_id])
    path = f"sessions/{session.public_id}/cancel"
    return _with_a_reason(
        _owner(session.company),
        page,
        path,
        text("reason", LONGEST_CANCEL_REASON),
        at=stories.CALL - timedelta(days=1),
    )


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
    return Both(_performer(line).user, page, ("POST", path), right, wrong, at=stories.REVIEW_DAY)


def a_disagreement() -> Both:
    line, dispute = _a_disputed_line()
    page = reverse("dispute_answer", args=[dispute.public_id])
    right = ({"answer": "disagree", "text": "We saw it."}, {"text": "We saw it."})
    path = f"disputes/{dispute.public_id}/disagree"
    company = line.timesheet.company
    return Both(
        _owner(company), page, ("POST", path), right, [*text("text", LONGEST_SAID)], stories.REVIEW_DAY
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


# What payments keeps.


def money_for_a_gig() -> Both:
    gig = stories.a_draft(stories.a_company())
    ledger.move(
        debit=ledger.account(Kind.STRIPE_BALANCE, currency="usd"),
        credit=ledger.account(Kind.COMPANY_WALLET, currency="usd", owner=gig.company.public_id),
        amount_minor=2 * MOST_MINOR,
        key="funding:test",
        kind="funding",
        at=TODAY,
    )
    field = f"{gig.public_id}-amount_minor"
    right = ({field: "500.00", f"{gig.public_id}-request_id": "req_1"}, {"amount_minor": 50_000})
    wrong = _amounts(least_minor=1, prefix=f"{gig.public_id}-")
    page, path = reverse("gig_set_aside", args=[gig.public_id]), f"gigs/{gig.public_id}/funding"
    return Both(_owner(gig.company), page, ("POST", path), right, wrong)


def money_for_the_wallet() -> Both:
    company = stories.a_company()
    wrong = _amounts(least_minor=LEAST_MINOR)
    page, path = (
        reverse("company_wallet", args=[company.public_id]),
        f"companies/{company.public_id}/fundings",
    )
    right = ({"amount_minor": "500.00"}, {"amount_minor": 50_000})
    return Both(_owner(company), page, ("POST", path), right, wrong)


def a_closed_week() -> Both:
    week = stories.an_approved_week(stories.a_pair_booked())
    wrong: list[Wrong] = [
        (name, {"week": said}, {"week": said})
        for name, said in {
            "nothing": NOTHING,
            "no day": "monday",
            "no such week": "2026-11-02",
            "too long": "2026-11-09T00:00",
        }.items()
    ]
    sent = {"week": str(week.starts_on)}
    return Both(_finance(), reverse("payday_close"), ("POST", "pay-runs"), (sent, sent), wrong, at=PAYDAY)


def an_approved_run() -> Both:
    run = _a_frozen_run()
    page, path = reverse("payday_approve", args=[run.public_id]), f"pay-runs/{run.public_id}/approve"
    sent = {"content_hash": run.content_hash}
    wrong: list[Wrong] = [
        (name, {"content_hash": said}, {"content_hash": said})
        for name, said in {"nothing": NOTHING, "no hash": "x", "too long": run.content_hash + "0"}.items()
    ]
    return Both(_finance(), page, ("POST", path), (sent, sent), wrong, at=PAYDAY)


def a_cancelled_run() -> Both:
    run = _a_frozen_run()
    page, path = reverse("payday_cancel", args=[run.public_id]), f"pay-runs/{run.public_id}/cancel"
    return _with_a_reason(_finance(), page, path, text("reason", LONGEST_REASON), at=PAYDAY)


def a_lifted_halt() -> Both:
    halts.raise_halt(code="audit", detail="It does not add up.", at=PAYDAY)
    halt = Halt.objects.get()
    page, path = reverse("halt_lift", args=[halt.public_id]), f"halts/{halt.public_id}/lift"
    right = {"note": "It does now."}
    return Both(_finance(), page, ("POST", path), (right, right), [*text("note", LONGEST_REASON)], at=PAYDAY)


def a_resolved_finding() -> Both:
    findings.report(code="odd", thing="one", detail="It does not add up.", at=PAYDAY)
    finding = Finding.objects.get()
    page = reverse("finding_resolve", args=[finding.public_id])
    path, right = f"findings/{finding.public_id}/resolve", {"resolution": "It does now."}
    wrong = [*text("resolution", LONGEST_REASON)]
    return Both(_finance(), page, ("POST", path), (right, right), wrong, at=PAYDAY)


OPERATIONS: tuple[Callable[[], Both], ...] = (
    the_account,
    a_profile,
    a_companys_own_page,
    a_member_who_comes,
    a_members_role,
    an_api_key,
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
    a_dispute,
    a_disagreement,
    a_decision,
    money_for_the_wallet,
    money_for_a_gig,
    a_closed_week,
    an_approved_run,
    a_cancelled_run,
    a_lifted_halt,
    a_resolved_finding,
)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.__name__)
def test_both_doors_take_and_refuse_the_same(operation: Callable[[], Both]) -> None:
    both = operation()
    with time_machine.travel(both.at):
        _take_and_refuse_the_same(both)


def _take_and_refuse_the_same(both: Both) -> None:
    doors = _doors(both)
    by_page, by_api = both.right
    let_through = [
        (door, name)
        for name, typed, sent in both.wrong
        for door, body in (("page", {**by_page, **typed}), ("api", {**by_api, **sent}))
        if not _refuses(doors[door], body)
    ]
    assert let_through == []
    for door, body in (("page", by_page), ("api", by_api)):
        answer, changes = _tried(doors[door], body)
        assert answer.status_code < 400, (door, answer.content)
        assert changes > 0, (door, answer.content)


def _doors(both: Both) -> dict[str, Callable[[Sent], HttpResponse]]:
    client, (method, path) = logs_in(both.user), both.api
    api = Api(client=client)

    def page(body: Sent) -> HttpResponse:
        client.cookies.pop("messages", None)
        return client.post(both.page, body)  # type: ignore[return-value] # Django's test client says so too

    return {"page": page, "api": lambda body: api.send(method, path, body)}


def _tried(door: Callable[[Sent], HttpResponse], body: Sent) -> tuple[HttpResponse, int]:
    """The answer, and how many moves it left in the trail; then it is as if nothing had been sent."""
    before = AuditEvent.objects.count()
    with transaction.atomic():
        answer = door(body)
        changes = AuditEvent.objects.count() - before
        transaction.set_rollback(True)
    return answer, changes


def _refuses(door: Callable[[Sent], HttpResponse], body: Sent) -> bool:
    """Whether nothing was changed, and it was said: by 422, or by the page's error or message."""
    answer, changes = _tried(door, body)
    if answer.headers["Content-Type"] in ("application/problem+json", "application/json"):
        return changes == 0 and answer.status_code == 422
    request = answer.wsgi_request  # type: ignore[attr-defined] # the test client's
    said = [message for message in get_messages(request) if message.level == ERROR]
    return changes == 0 and (400 <= answer.status_code < 500 or bool(said))


def _owner(company: Company) -> User:
    return stories.person(stories.owner_of(company))


def _finance() -> User:
    return stories.a_member_of_staff(Staff.FINANCE)


def _performer(line: TimeLine) -> Performer:
    return line.timesheet.performer


def _too_long(field: str, begin: str, longest: int, end: str = "") -> Wrong:
    said = {field: begin + "x" * longest + end}
    return f"{field}: too long", said, said


def _with_a_reason(user: User, page: str, path: str, wrong: Iterator[Wrong], *, at: datetime = TODAY) -> Both:
    sent = {"reason": "No studio."}
    return Both(user, page, ("POST", path), (sent, sent), [*wrong], at)


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
    return same | {"rate": "80.00", "minutes": 60}, same | {"rate_minor": 8000, "session_s": 3600}


def _what_a_gig_may_not_say() -> Iterator[Wrong]:
    yield from text("title", limits.LONGEST_TITLE, line=True)
    yield from text("scene", limits.LONGEST_SCENE, line=True)
    yield from text("brief", limits.LONGEST_BRIEF)
    yield from text("content_notes", limits.LONGEST_CONTENT_NOTES, needed=False)
    most = limits.HIGHEST_RATE_MINOR
    yield from number("rate", "rate_minor", zero=("0", 0), above=(f"{most // 100}.01", most + 1))
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


def _a_disputed_line() -> tuple[TimeLine, Dispute]:
    line = _a_line_under_review()
    dispute = timekeeping.dispute_line(
        line=line,
        reason=Dispute.Reason.OTHER,
        text="I was there.",
        claimed_s=5700,
        by=of_user(_performer(line).user),
        at=stories.REVIEW_DAY,
    )
    return line, dispute


def _a_frozen_run() -> PayRun:
    week, by = stories.an_approved_week(stories.a_pair_booked()), of_user(_finance())
    run = payroll.close_week(week=week, currency="usd", by=by, at=PAYDAY)
    return payroll.freeze(run=run, by=by, at=PAYDAY)


def _amounts(*, least_minor: int, prefix: str = "") -> list[Wrong]:
    page = f"{prefix}amount_minor"
    return [
        *number(
            page,
            "amount_minor",
            nothing=(NOTHING, NOTHING),
            negative=("-5.00", -500),
            below=(f"{(least_minor - 1) / 100:.2f}", least_minor - 1),
            above=(f"{MOST_MINOR // 100 + 1}.00", MOST_MINOR + 1),
        )
    ]
