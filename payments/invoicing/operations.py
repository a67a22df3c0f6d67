"""Issuing what companies get for their books: after a week's close, and when money of theirs came or went. Twice is once."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.companies.models import Company
from accounts.companies.notices import tell_company
from accounts.notifications.money_kinds import MoneyKind
from accounts.notifications.news import About, News
from kit import instants
from kit.money import Money
from marketplace.timekeeping.models import PayWeek
from payments.funding.models import FundingMovement
from payments.inbox import findings
from payments.invoicing import billing, charges, numbers
from payments.invoicing.charges import Cut, Group
from payments.invoicing.models import LONGEST_ADDRESS, BilledRun, Document
from payments.payroll import accrual
from payments.payroll.models import PayRun

HOUSE = Actor.of_system("invoicing")
MOST_RUNS, MOST_BESIDE, MOST_RECEIPTS = 4, 50, 500
TOLD_WITHIN = timedelta(days=45)
DIFFERS = "invoice_differs"


def issue_due(*, at: datetime) -> int:
    """Issue every document that is due: of each week whose run two people have signed, of each that runs beside it have paid,
    and of money that landed or was taken back since; returns how many. What e-invoices of before waited for is noted. Safe to
    run again at any time."""
    runs = PayRun.objects.filter(state__in=charges.SIGNED).exclude(pk__in=BilledRun.objects.values("run"))
    in_order = runs.select_related("week").order_by("week__starts_on", "id")
    made = sum(bill(run=run, at=at) for run in in_order.filter(off_cycle=None)[:MOST_RUNS])
    beside = in_order.filter(off_cycle__isnull=False)
    made += sum(bill_beside(run=run, at=at) for run in beside[:MOST_BESIDE])
    billing.note_due(at=at)
    return made + issue_receipts(at=at)


def bill(*, run: PayRun, at: datetime) -> int:
    """Issue what every company gets of a week's run: everything that it was charged before the run was frozen, of that week
    and those before, and that is on no document yet. Returns how many documents.

    A week has one invoice; what is charged for it later, and what corrects a line of it, is a document of its own that
    names it. Where the ledger charged otherwise than the lines say, that document is not issued, finance finds it in its
    inbox, and it is tried again with the next week's: nobody else's waits for it.
    """
    made = _bill(charges.cut_of(run), at=at)
    _note_done(run, at=at)
    return made


def bill_beside(*, run: PayRun, at: datetime) -> int:
    """Issue what every company gets of the weeks that a run beside them has paid: each once the calendar has closed it, where its
    own run has nothing left to pay, so that none waits for a later week's. Returns how many documents.

    The others come with their own week's run, and this one is done once all it pays is on a document.
    """
    made, waits = 0, False
    for week in charges.unbilled_weeks(run):
        if at < week.close_at or not charges.is_paid_beside(week, currency=run.currency):
            waits = True
            continue
        made += _bill(charges.cut_of_week(week, currency=run.currency, at=at), at=at)
    if not waits:
        _note_done(run, at=at)
    return made


def _bill(cut: Cut, *, at: datetime) -> int:
    return sum(
        _bill_company(earnings, company_id=company_id, currency=cut.currency, at=at)
        for company_id, earnings in charges.due(cut).items()
    )


def _note_done(run: PayRun, *, at: datetime) -> None:
    with transaction.atomic():
        accrual.lock_pay_cut()
        if not BilledRun.objects.filter(run=run).exists():
            charges.note_done(run, at=at)


@transaction.atomic
def _bill_company(earnings: Sequence[int], *, company_id: int, currency: str, at: datetime) -> int:
    # Until this ends nobody else accrues or issues, so a document's lines are what its sums were made of.
    accrual.lock_pay_cut()
    company = Company.objects.get(pk=company_id)
    made = 0
    while (group := charges.next_group(earnings, currency=currency)) is not None:
        if _issue(group, company=company, currency=currency, at=at) is None:
            differs = set(group.earnings)
            earnings = [each for each in earnings if each not in differs]
        else:
            made += 1
    return made


def _issue(group: Group, *, company: Company, currency: str, at: datetime) -> Document | None:
    total, paid = group.pay_minor + group.fee_minor, charges.paid_for(group.earnings)
    week = PayWeek.objects.get(starts_on=date.fromisoformat(str(group.book)))
    charged = paid.from_budget_minor + paid.from_wallet_minor + paid.owed_minor
    if charged != total:
        detail = (
            f"The lines of {company.name}, week of {week.starts_on}, cost {Money(total, currency).display()}; "
            f"the ledger charged {Money(charged, currency).display()}."
        )
        findings.report(code=DIFFERS, thing=f"{company.public_id} {week.starts_on}", detail=detail, at=at)
        return None
    document = Document(
        kind=Document.Kind.INVOICE if total >= 0 else Document.Kind.CREDIT_NOTE,
        company=company,
        week=week,
        corrects_id=group.corrects_id,
        currency=currency,
        pay_minor=group.pay_minor,
        fee_minor=group.fee_minor,
        total_minor=total,
        from_budget_minor=paid.from_budget_minor,
        from_wallet_minor=paid.from_wallet_minor,
        owed_minor=paid.owed_minor,
    )
    _save(document, at=at)
    billing.note_issued(document, at=at)
    charges.write_lines(document, group.earnings)
    _tell(document, at=at)
    return document


def issue_receipts(*, at: datetime) -> int:
    """A receipt for each payment that landed, a refund note for each time that something of it was taken back; returns how
    many. What never landed has neither."""
    landed = FundingMovement.objects.filter(funding__landed_at__isnull=False, document=None)
    made = 0
    for movement_id in landed.order_by("id").values_list("pk", flat=True)[:MOST_RECEIPTS]:
        made += _receipt(movement_id, at=at)
    return made


@transaction.atomic
def _receipt(movement_id: int, *, at: datetime) -> int:
    rows = FundingMovement.objects.select_for_update(of=("self",)).select_related("funding__company")
    movement = rows.get(pk=movement_id)
    if Document.objects.filter(movement=movement).exists():
        return 0
    came = movement.amount_minor > 0
    document = Document(
        kind=Document.Kind.RECEIPT if came else Document.Kind.REFUND_NOTE,
        company=movement.funding.company,
        movement=movement,
        currency=movement.funding.currency,
        total_minor=movement.amount_minor,
    )
    _save(document, at=at)
    return 1


def _save(document: Document, *, at: datetime) -> None:
    document.billed_to, document.issued_at = _address(document.company), at
    document.issued_by = settings.INVOICE_ISSUER[:LONGEST_ADDRESS]
    numbers.give(document, at=at).save(force_insert=True)
    audit.record(verb="document.issued", thing=document, by=HOUSE, at=at, number=document.number)


def _address(company: Company) -> str:
    """The company as its documents name it, a line each."""
    said = [
        company.legal_name or company.name,
        company.registration_number and f"Registration {company.registration_number}",
        company.where.country and " ".join(filter(None, [company.where.region, company.where.country])),
        company.public_id,
    ]
    return "\n".join(filter(None, said))[:LONGEST_ADDRESS]


def _tell(document: Document, *, at: datetime) -> None:
    """Those who pay in for the company, in the caller's transaction. Of a week long over, as after an upgrade, the page tells."""
    if document.week is not None and document.week.pay_on < at.date() - TOLD_WITHIN:
        return
    kind, about = _news(document)
    where = {"company_id": document.company.public_id, "document_id": document.public_id}
    key = f"document:{document.public_id}"
    tell_company(kind=kind, company_id=document.company_id, key=key, about=about, where=where, at=at)


def _news(document: Document) -> tuple[News, About]:
    number, amount = document.number, Money(abs(document.total_minor), document.currency)
    week = instants.day(document.week.starts_on, with_year=True) if document.week is not None else ""
    if document.kind == Document.Kind.CREDIT_NOTE:
        return MoneyKind.CREDIT_NOTE_ISSUED, {"number": number, "amount": amount, "week": week}
    return MoneyKind.INVOICE_ISSUED, {
        "number": number,
        "amount": amount,
        "week": week,
        "paid": _paid(document),
    }


def _paid(document: Document) -> str:
    if document.owed_minor <= 0:
        return "It was paid from your wallet and what was set aside."
    owed = Money(document.owed_minor, document.currency).display()
    return f"Of it, {owed} had no money behind it when it was charged; the rest was paid from your wallet and what was set aside."
