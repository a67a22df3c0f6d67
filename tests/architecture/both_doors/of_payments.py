"""What payments keeps, by page and by API."""

from collections.abc import Callable

from django.urls import reverse

from accounts.access.roles import Staff
from accounts.identity.models import User
from accounts.keys.acting import of_user
from kit.text import LONGEST_REASON
from payments.funding.operations import LEAST_MINOR, MOST_MINOR
from payments.inbox import findings, halts
from payments.inbox.models import Finding, Halt
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.payroll import operations as payroll
from payments.payroll.models import PayRun
from tests import stories
from tests.accounts.browsing import dollars
from tests.architecture.both_doors.both import NOTHING, TODAY, Both, Wrong, number, owner, text, with_a_reason
from tests.conftest import PAYDAY


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
    field = f"{gig.public_id}-amount"
    right = ({field: "500.00", f"{gig.public_id}-request_id": "req_1"}, {"amount": dollars(50_000)})
    wrong = _amounts(least_minor=1, prefix=f"{gig.public_id}-")
    page, path = reverse("gig_set_aside", args=[gig.public_id]), f"gigs/{gig.public_id}/funding"
    return Both(owner(gig.company), page, ("POST", path), right, wrong)


def money_for_the_wallet() -> Both:
    company = stories.a_company()
    wrong = _amounts(least_minor=LEAST_MINOR)
    page, path = (
        reverse("company_wallet", args=[company.public_id]),
        f"companies/{company.public_id}/fundings",
    )
    right = ({"amount": "500.00"}, {"amount": dollars(50_000)})
    return Both(owner(company), page, ("POST", path), right, wrong)


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


def a_frozen_run() -> Both:
    run = _a_draft()
    page, path = reverse("payday_freeze", args=[run.public_id]), f"pay-runs/{run.public_id}/freeze"
    return Both(_finance(), page, ("POST", path), ({}, {}), [], at=PAYDAY)


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
    return with_a_reason(_finance(), page, path, text("reason", LONGEST_REASON), at=PAYDAY)


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


def _finance() -> User:
    return stories.a_member_of_staff(Staff.FINANCE)


def _a_draft() -> PayRun:
    week = stories.an_approved_week(stories.a_pair_booked())
    return payroll.close_week(week=week, currency="usd", by=of_user(_finance()), at=PAYDAY)


def _a_frozen_run() -> PayRun:
    return payroll.freeze(run=_a_draft(), by=of_user(_finance()), at=PAYDAY)


def _amounts(*, least_minor: int, prefix: str = "") -> list[Wrong]:
    wrong = number(
        f"{prefix}amount",
        "amount",
        nothing=(NOTHING, NOTHING),
        negative=("-5.00", dollars(-500)),
        below=(f"{(least_minor - 1) / 100:.2f}", dollars(least_minor - 1)),
        above=(f"{MOST_MINOR // 100 + 1}.00", dollars(MOST_MINOR + 1)),
    )
    return [*wrong]


OPERATIONS: tuple[Callable[[], Both], ...] = (
    money_for_the_wallet,
    money_for_a_gig,
    a_closed_week,
    a_frozen_run,
    an_approved_run,
    a_cancelled_run,
    a_lifted_halt,
    a_resolved_finding,
)
