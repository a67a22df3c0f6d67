"""What life does to money, at Stripe and in the house: each through an operation that a page or the API calls too."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from accounts.access.actors import Actor
from accounts.companies.models import Company
from accounts.performers.models import Performer
from kit.money import Money
from marketplace.engagements.models import Engagement
from marketplace.gigs.models import Gig
from marketplace.gigs.states import ENDED
from marketplace.timekeeping import operations as timekeeping
from marketplace.timekeeping.models import Dispute, PayWeek, TimeLine
from payments.adjustments import operations as adjustments
from payments.connect import ending
from payments.connect import operations as connect
from payments.connect.models import PayeeAccount
from payments.funding import following, operations, withdrawals
from payments.funding.models import Funding
from payments.gateway.client import client
from payments.ledger import queries as ledger
from payments.ledger.chart import Kind
from payments.paylines import deciding, proposing
from payments.paylines.models import PayLine
from payments.payouts import bank, ended_accounts, returns, reversals
from payments.payouts.models import BankPayout, Transfer
from payments.payroll import approving, holds, off_cycle
from payments.payroll import operations as payroll
from payments.payroll.models import PayItem, PayRun
from payments.reconciliation.models import StripeRow
from tests.simulation.life.life import Life
from tests.simulation.life.till import USD, Till

M = TypeVar("M", bound=Model)
Do = Callable[[], object]
POLLED_WITHIN = timedelta(days=7)


@dataclass
class Purse:
    """One story's money: its own dice, so that the work is played by the same ones with money and without."""

    life: Life
    till: Till
    chance: Random
    disputes: list[str]
    disputing: bool = True
    # Whether processes die. Not in the last days: what is then still looked for would take some more.
    dying: bool = True
    # How each payment stood at Stripe when it was last heard of.
    heard: dict[str, int] = field(default_factory=dict)

    def one_of(self, rows: QuerySet[M]) -> M | None:
        keys = rows.order_by("pk").values_list("pk", flat=True)[:30]
        return rows.get(pk=self.chance.choice(keys)) if keys else None

    def some(self, most_minor: int) -> int:
        """Of an amount the whole, or a part."""
        return most_minor if self.chance.random() < 0.4 else self.chance.randint(1, max(most_minor, 1))

    def owner(self, company_id: int) -> Actor:
        return self.proved(self.life.house.owners[company_id])

    def proved(self, actor: Actor) -> Actor:
        return replace(actor, proved_at=self.life.at)

    def news_of(self, stripe_id: str) -> None:
        """Stripe tells of it: now and then not at all, and then twice; a day's look at everything finds it too."""
        for _ in range(self.chance.choice([0, 1, 1, 2])):
            following.refresh_payment(object_id=stripe_id, at=self.life.at)


def pays_in(purse: Purse) -> Do | None:
    company = purse.one_of(Company.objects.all())
    if company is None:
        return None
    method = purse.chance.choice(["pm_card_visa", "pm_usBankAccount_success"])
    minor, at = purse.chance.choice([5_000, 300_000, 1_000_000]), purse.life.at
    return lambda: purse.till.pays_in(company, minor, at=at, method=method)


def _paid(purse: Purse) -> Funding | None:
    return purse.one_of(Funding.objects.exclude(payment_intent_id=""))


def money_lands(purse: Purse) -> Do | None:
    funding = purse.one_of(Funding.objects.filter(landed_at=None).exclude(payment_intent_id=""))
    if funding is None:
        return None
    return lambda: _at_stripe(purse, funding, f"payments/{funding.payment_intent_id}/available")


def debit_fails(purse: Purse) -> Do | None:
    """Late too, when it had counted."""
    funding = _paid(purse)
    if funding is None:
        return None
    return lambda: _at_stripe(purse, funding, f"payments/{funding.payment_intent_id}/fail")


def _at_stripe(purse: Purse, funding: Funding, path: str, **body: Any) -> Any:
    made = purse.till.control(path, **body)
    purse.news_of(funding.payment_intent_id)
    return made


def is_refunded(purse: Purse) -> Do | None:
    funding = _paid(purse)
    if funding is None or not funding.charge_id:
        return None
    amount = _as_much(purse, funding)
    return lambda: _at_stripe(purse, funding, f"charges/{funding.charge_id}/refund", amount=amount)


def _as_much(purse: Purse, funding: Funding) -> int:
    """Some of it; now and then just as much as empties the wallet and the budget of the gig opened last, while others keep
    theirs: then that gig's lines are owed."""
    if purse.chance.random() < 0.6:
        return purse.some(funding.amount_minor)
    newest = Gig.objects.filter(company=funding.company_id).exclude(state__in=ENDED).order_by("-pk").first()
    left = wallet_minor(funding.company) + (newest.funded_minor if newest else 0)
    return min(max(left, 1), funding.amount_minor)


def is_disputed(purse: Purse) -> Do | None:
    funding = _paid(purse)
    if funding is None or not funding.charge_id:
        return None
    amount, inquiry = _as_much(purse, funding), purse.chance.random() < 0.2

    def disputed() -> None:
        path = f"charges/{funding.charge_id}/dispute"
        made = purse.till.control(path, amount=amount, inquiry=inquiry)
        purse.disputes.append(made["id"])
        purse.news_of(funding.payment_intent_id)

    return disputed


def dispute_closes(purse: Purse) -> Do | None:
    if not purse.disputes:
        return None
    of, ends = purse.chance.choice(purse.disputes), purse.chance.choice(["win", "lose"])

    def closed() -> None:
        purse.till.control(f"disputes/{of}/{ends}")
        purse.news_of(of)

    return closed


def sets_aside(purse: Purse) -> Do | None:
    gig, at = purse.one_of(Gig.objects.exclude(state__in=ENDED).select_related("company")), purse.life.at
    if gig is None:
        return None
    has = wallet_minor(gig.company)
    amount, press = Money(purse.some(has) if has > 0 else 1_000, USD), f"{purse.chance.random()}"
    by = purse.owner(gig.company_id)
    return lambda: operations.set_aside(gig=gig, amount=amount, by=by, at=at, request_id=press)


def takes_out(purse: Purse) -> Do | None:
    company, at = purse.one_of(Company.objects.all()), purse.life.at
    if company is None:
        return None
    amount = Money(purse.some(max(wallet_minor(company), 100)), USD)
    by, press = purse.owner(company.pk), f"{purse.chance.random()}"

    def asked() -> None:
        withdrawals.ask(company=company, amount=amount, by=by, at=at, request_id=press)
        for funding in withdrawals.send_due(at=at):
            following.refresh(funding=funding, at=at)

    return asked


def wallet_minor(company: Company) -> int:
    return ledger.owned_minor(Kind.COMPANY_WALLET, owner=company.public_id, currency=USD)


def gives_budget_back(purse: Purse) -> Do | None:
    gig, at = purse.one_of(Gig.objects.select_related("company")), purse.life.at
    if gig is None:
        return None
    by, press = purse.owner(gig.company_id), f"{purse.chance.random()}"
    return lambda: operations.give_back(gig=gig, by=by, at=at, request_id=press)


def debt_is_given_up(purse: Purse) -> Do | None:
    company = purse.one_of(Company.objects.filter(owes_since__isnull=False))
    if company is None:
        return None
    owed = -ledger.owned_minor(Kind.COMPANY_RECEIVABLE, owner=company.public_id, currency=USD)
    amount, at = Money(purse.some(owed), USD), purse.life.at

    def given_up() -> None:
        made = adjustments.propose_write_off(
            company=company, amount=amount, reason="It will not be paid.", by=purse.till.freezer, at=at
        )
        adjustments.approve(adjustment=made, by=purse.proved(purse.till.approver), at=at)

    return given_up


def tops_up(purse: Purse) -> Do | None:
    amount = purse.chance.choice([1_000, 200_000])
    return lambda: client().v1.topups.create({"amount": amount, "currency": USD})


def strays(purse: Purse) -> Do | None:
    amount = purse.chance.choice([-1, 1]) * purse.chance.randint(1, 50_000)
    platform = client().v1.accounts.retrieve_current().id
    return lambda: purse.till.control("balance", account=platform, amount=amount, currency=USD)


def stray_is_explained(purse: Purse) -> Do | None:
    row = purse.one_of(StripeRow.objects.filter(how=StripeRow.How.SUSPENSE, is_decided=False))
    if row is None:
        return None
    what, at = purse.chance.choice(["stray_float", "stray_loss", "stray_company"]), purse.life.at
    whose = purse.one_of(Company.objects.all()) if what == "stray_company" else None

    def explained() -> None:
        made = adjustments.propose_stray(
            row=row, what=what, company=whose, reason="Asked at Stripe.", by=purse.till.freezer, at=at
        )
        adjustments.approve(adjustment=made, by=purse.proved(purse.till.approver), at=at)

    return explained


def closes_a_week(purse: Purse) -> Do | None:
    """Close, freeze, approve; two of finance."""
    done = PayRun.objects.filter(off_cycle=None, state__in=["approved", "paying", "paid"]).values("week")
    over = PayWeek.objects.filter(company_due_at__lte=purse.life.at)
    week = purse.one_of(over.exclude(pk__in=done) if purse.chance.random() < 0.8 else over)
    if week is None:
        return None

    def closed() -> None:
        run = payroll.close_week(week=week, currency=USD, by=purse.till.freezer, at=purse.life.at)
        pays(purse, run)

    return closed


def pays_beside_the_weeks(purse: Purse) -> Do | None:
    chosen = [each for each in Performer.objects.order_by("pk") if purse.chance.random() < 0.5]

    def opened() -> None:
        run = off_cycle.open_run(
            performers=chosen, currency=USD, reason="They need it.", by=purse.till.freezer, at=purse.life.at
        )
        pays(purse, run)

    return opened


def pays(purse: Purse, run: PayRun) -> None:
    at = purse.life.at
    run = payroll.freeze(run=run, by=purse.till.freezer, at=at)
    approving.approve(run=run, seen_hash=run.content_hash, by=purse.proved(purse.till.approver), at=at)


def cancels_a_run(purse: Purse) -> Do | None:
    run, at = purse.one_of(PayRun.objects.filter(state__in=["draft", "frozen", "approved"])), purse.life.at
    if run is None:
        return None
    return lambda: payroll.cancel(run=run, reason="Something is missing.", by=purse.till.freezer, at=at)


def is_reversed(purse: Purse) -> Do | None:
    transfer = purse.one_of(Transfer.objects.filter(item__isnull=False))
    if transfer is None:
        return None
    amount = purse.some(transfer.amount_minor)

    def taken_back() -> None:
        purse.till.control(f"transfers/{transfer.stripe_id}/reverse", amount=amount)
        if purse.chance.random() < 0.5:
            reversals.read_transfers(at=purse.life.at)

    return taken_back


def decides_what_came_back(purse: Purse) -> Do | None:
    item = purse.one_of(PayItem.objects.filter(pk__in=[each.pk for each in returns.waiting()]))
    if item is None:
        return None
    return deciding_return(purse, item, purse.chance.choice(list(returns.What)))


def deciding_return(purse: Purse, item: PayItem, what: str) -> Do:
    at = purse.life.at
    return lambda: returns.decide(item=item, what=what, reason="As agreed.", by=purse.till.freezer, at=at)


def account_changes(purse: Purse) -> Do | None:
    """Stripe cannot pay to it for a while, can again, or has closed it."""
    account = purse.one_of(PayeeAccount.objects.filter(ended_at=None))
    if account is None:
        return None
    verb = purse.chance.choice(["restrict", "enable", "enable", "onboard", "manual", "close"])

    def changed() -> None:
        purse.till.control(f"accounts/{account.stripe_id}/{verb}")
        if purse.chance.random() < 0.6:
            connect.refresh(account=account, at=purse.life.at)

    return changed


def account_is_replaced(purse: Purse) -> Do | None:
    """The performer gives it up, or had lost it, and finishes another."""
    performer, at = purse.one_of(Performer.objects.all()), purse.life.at
    if performer is None:
        return None

    def replaced() -> None:
        old = PayeeAccount.objects.filter(performer=performer, ended_at=None).first()
        if old is not None:
            by = purse.proved(purse.life.house.performers[performer.pk])
            ending.begin_again(account=old, by=by, at=at)
        sets_up(purse, performer)

    return replaced


def sets_up(purse: Purse, performer: Performer) -> None:
    by = purse.life.house.performers[performer.pk]
    account = connect.open_account(performer=performer, by=by, at=purse.life.at)
    purse.till.control(f"accounts/{account.stripe_id}/onboard")
    connect.refresh(account=account, at=purse.life.at)


def left_money_is_taken_back(purse: Purse) -> Do | None:
    account, at = purse.one_of(ended_accounts.with_money()), purse.life.at
    if account is None:
        return None
    by = purse.proved(purse.till.freezer)
    return lambda: ended_accounts.take_back(account=account, by=by, at=at)


def bank_sends_back(purse: Purse) -> Do | None:
    payout = purse.one_of(BankPayout.objects.select_related("account"))
    if payout is None:
        return None

    def sent_back() -> None:
        purse.till.control(f"payouts/{payout.stripe_id}/fail")
        # Stripe tells of it; of what is polled yet, now and then not.
        if payout.created_at < purse.life.at - POLLED_WITHIN or purse.chance.random() < 0.5:
            bank.read_soon(stripe_id=payout.account.stripe_id, payout_id=payout.stripe_id, at=purse.life.at)

    return sent_back


def hold_is_released(purse: Purse) -> Do | None:
    item, at = purse.one_of(PayItem.objects.filter(state="held")), purse.life.at
    if item is None:
        return None
    return lambda: holds.release(item=item, by=purse.till.freezer, at=at)


def proposes_pay(purse: Purse) -> Do | None:
    """A bonus, a broken guarantee, or something to be taken off."""
    signed = Engagement.objects.filter(versions__company_signed_at__isnull=False).distinct()
    engagement = purse.one_of(signed.select_related("company", "gig", "performer"))
    if engagement is None:
        return None
    amount, at = Money(purse.chance.randint(1, 20_000), USD), purse.life.at
    ways = [
        (proposing.propose_bonus, purse.life.house.owners[engagement.company_id]),
        (proposing.propose_deduction, purse.till.freezer),
        # Nobody answers a breach: it stands in some days, and must be paid before all is over.
        (proposing.say_breach, purse.life.house.talent),
    ]
    propose, by = purse.chance.choice(ways if purse.disputing else ways[:2])
    return lambda: propose(engagement=engagement, amount=amount, reason="It was so.", by=by, at=at)


def answers_pay(purse: Purse) -> Do | None:
    line = purse.one_of(PayLine.objects.filter(state="proposed").select_related("engagement"))
    if line is None:
        return None
    return answering(purse, line, declines=purse.chance.random() < 0.3)


def answering(purse: Purse, line: PayLine, *, declines: bool) -> Do:
    """By whoever is asked."""
    engagement, house, at = line.engagement, purse.life.house, purse.life.at
    by = {
        "bonus": house.producers[engagement.company_id],
        "deduction": house.performers[engagement.performer_id],
    }.get(line.kind, house.owners[engagement.company_id])
    if declines:
        return lambda: deciding.decline(line=line, answer="It was not so.", by=by, at=at)
    return lambda: deciding.approve(line=line, by=purse.proved(by), at=at)


def asks_for_a_correction(purse: Purse) -> Do | None:
    """Of what was approved, paid or not; upwards by the performer, downwards by the company."""
    if not purse.disputing:
        return None
    approved = TimeLine.objects.filter(approved_at__gt=purse.life.at - timedelta(days=20), kind="session")
    approved = approved.exclude(disputes__resolved_at=None, disputes__isnull=False)
    line = purse.one_of(approved.select_related("timesheet"))
    if line is None:
        return None
    mine, at, house = purse.chance.random() < 0.2, purse.life.at, purse.life.house
    by = house.performers[line.timesheet.performer_id] if mine else house.owners[line.timesheet.company_id]
    claimed = line.payable_s + 900 if mine else purse.chance.choice([0, 0, line.payable_s // 2])
    return lambda: timekeeping.dispute_line(
        line=line, reason=Dispute.Reason.OTHER, text="It was otherwise.", claimed_s=claimed, by=by, at=at
    )


def decides_a_correction(purse: Purse) -> Do | None:
    about = Dispute.objects.filter(resolved_at=None, line__approved_at__isnull=False)
    dispute, at = purse.one_of(about.select_related("line__timesheet")), purse.life.at
    if dispute is None:
        return None
    right = purse.chance.choice([dispute.claimed_s, dispute.claimed_s, None])
    return lambda: timekeeping.resolve_dispute(
        dispute=dispute,
        resolution="The recording shows it.",
        adjusted_s=right,
        by=purse.life.house.talent,
        at=at,
    )
