"""What payments keeps, by page and by API."""

from collections.abc import Callable

from django.urls import reverse

from accounts.access.roles import Staff
from accounts.identity.models import User
from accounts.identity.names import LONGEST_NAME
from accounts.keys.acting import of_user
from kit.money import Money
from kit.text import LONGEST_REASON
from marketplace.engagements.models import Engagement
from payments.funding.operations import LEAST_MINOR, MOST_MINOR
from payments.inbox import findings, halts
from payments.inbox.models import Finding, Halt
from payments.invoicing.models import (
    LONGEST_PLACE,
    LONGEST_POSTAL_CODE,
    LONGEST_REFERENCE,
    LONGEST_VAT_NUMBER,
)
from payments.invoicing.schemes import LONGEST_ID
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.paylines import proposing
from payments.payroll import accrual
from payments.payroll import operations as payroll
from payments.payroll.models import PayRun
from tests import stories
from tests.accounts.browsing import dollars
from tests.architecture.both_doors.both import (
    NOTHING,
    TODAY,
    Both,
    Sent,
    Wrong,
    choice,
    link,
    number,
    owner,
    text,
    with_a_reason,
)
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


def billing_details() -> Both:
    company = stories.a_company()
    sent = {
        "name": "A, Inc.",
        "street": "1 Stage Door",
        "city": "Berlin",
        "country": "DE",
        "vat_number": "DE123456788",
        "address_scheme": "9930",
        "address_id": "DE123456788",
        "reference": "7",
    }
    wrong = [
        *text("name", LONGEST_NAME, line=True),
        *link("name"),
        *text("street", LONGEST_PLACE, line=True, needed=False),
        *text("city", LONGEST_PLACE, line=True),
        *text("postal_code", LONGEST_POSTAL_CODE, line=True, needed=False),
        *text("region", LONGEST_PLACE, line=True, needed=False),
        *text("vat_number", LONGEST_VAT_NUMBER, line=True, needed=False),
        *text("address_id", LONGEST_ID, line=True),
        *text("reference", LONGEST_REFERENCE, line=True),
        *choice("country"),
        *choice("address_scheme"),
        *[(f"no number: {said}", {"vat_number": said}, {"vat_number": said}) for said in ("123", "XX12345")],
    ]
    page, path = (
        reverse("company_billing", args=[company.public_id]),
        f"companies/{company.public_id}/billing-details",
    )
    return Both(owner(company), page, ("PUT", path), (sent, sent), wrong)


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


def a_bonus() -> Both:
    engagement = stories.an_active_engagement(stories.a_gig(stories.a_company()))
    company = engagement.company.public_id
    page, path = reverse("company_pay_lines", args=[company]), f"companies/{company}/bonuses"
    return _pay_line(owner(engagement.company), engagement, page, path)


def a_deduction() -> Both:
    engagement = stories.an_active_engagement(stories.a_gig(stories.a_company()))
    return _pay_line(_finance(), engagement, reverse("house_deduction"), "deductions", prefix="deduction-")


def a_breach() -> Both:
    engagement = stories.an_active_engagement(stories.a_gig(stories.a_company()))
    tala = stories.a_member_of_staff(Staff.TALENT)
    return _pay_line(tala, engagement, reverse("house_breach"), "breaches", prefix="breach-")


def _pay_line(user: User, engagement: Engagement, page: str, path: str, *, prefix: str = "") -> Both:
    sent = {"engagement": engagement.public_id, "reason": "So it is."}
    typed = {f"{prefix}{name}": said for name, said in sent.items()} | {f"{prefix}amount": "5.00"}
    wrong = [
        *_amounts(least_minor=1, most_minor=proposing.MOST_MINOR, prefix=prefix),
        *text(f"{prefix}reason", LONGEST_REASON, "reason"),
        *choice(f"{prefix}engagement", "engagement"),
    ]
    return Both(user, page, ("POST", path), (typed, sent | {"amount": dollars(500)}), wrong)


def a_declined_expense() -> Both:
    engagement = stories.an_active_engagement(stories.a_gig(stories.a_company()))
    line = proposing.ask_expense(
        engagement=engagement,
        amount=Money(500, "usd"),
        reason="The train.",
        spent_on=TODAY.date(),
        receipt=b"%PDF-1.7",
        by=stories.acting(engagement.performer),
        at=TODAY,
    )
    page = reverse("pay_line_move", args=[line.public_id, "decline"])
    path, right = f"pay-lines/{line.public_id}/decline", {"answer": "We pay no trains."}
    wrong = [*text("answer", LONGEST_REASON)]
    return Both(owner(engagement.company), page, ("POST", path), (right, right), wrong)


def a_run_beside_the_weeks() -> Both:
    week = stories.an_approved_week(stories.a_pair_booked())
    accrual.accrue(at=PAYDAY)
    paid = week.timesheets.order_by("id")[0].performer.public_id
    right = {"performers": [paid], "reason": "The rent."}
    nobody: Sent = {"performers": []}
    wrong: list[Wrong] = [*text("reason", LONGEST_REASON), ("nobody", nobody, nobody)]
    page = reverse("off_cycle_run")
    return Both(_finance(), page, ("POST", "pay-runs/off-cycle"), (right, right), wrong, at=PAYDAY)


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


def _amounts(*, least_minor: int, most_minor: int = MOST_MINOR, prefix: str = "") -> list[Wrong]:
    wrong = number(
        f"{prefix}amount",
        "amount",
        nothing=(NOTHING, NOTHING),
        negative=("-5.00", dollars(-500)),
        below=(f"{(least_minor - 1) / 100:.2f}", dollars(least_minor - 1)),
        above=(f"{most_minor // 100 + 1}.00", dollars(most_minor + 1)),
    )
    return [*wrong]


OPERATIONS: tuple[Callable[[], Both], ...] = (
    money_for_the_wallet,
    money_for_a_gig,
    a_closed_week,
    billing_details,
    a_frozen_run,
    an_approved_run,
    a_cancelled_run,
    a_bonus,
    a_deduction,
    a_breach,
    a_declined_expense,
    a_run_beside_the_weeks,
    a_lifted_halt,
    a_resolved_finding,
)
