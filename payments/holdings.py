"""What payments keeps about people, and what becomes of it."""

from datetime import timedelta

from django.db.models import Q, Sum
from django.urls import reverse

from accounts.identity.models import User
from accounts.performers.models import Performer
from accounts.privacy.holdings import REGISTRY, Blanked, Holding, Kept, Obstacle, Retention, by
from marketplace.timekeeping.models import TimeLine
from marketplace.timekeeping.states import LineState
from payments.ledger.chart import Kind
from payments.ledger.models import Account
from payments.paylines.models import PayLine
from payments.paylines.states import OPEN, PayLineState
from payments.payroll.models import PayItem
from payments.payroll.states import ItemState, RunState
from payments.webhooks.models import InboundEvent

BOOKS = "The books are kept under a number for as long as the law asks."

HOLDINGS = (
    Holding(
        model="payments.PayeeAccount",
        what="Your account at Stripe: its number, whether it can be paid, what Stripe still asks. No bank or tax number.",
        why="Your pay goes there.",
        theirs=by("performer__user"),
        on_erasure=Kept(BOOKS),
    ),
    Holding(
        model="payments.FairFigure",
        what="That you are one of the few behind a small figure of the fairness page, by your number in the house.",
        why="So that the figure is shown only together with others, once enough people stand behind them.",
        theirs=lambda user: Q(
            people_keys__overlap=list(Performer.objects.filter(user=user).values_list("pk", flat=True))
        ),
        on_erasure=Kept("It stays under a number, and is never shown by itself."),
        hidden=frozenset({"people_keys", "company_keys", "value", "of", "spread", "people", "companies"}),
    ),
    Holding(
        model="payments.SharedBank",
        what="That somebody else was paid to your bank account, and what was decided.",
        why="So that your pay goes to you.",
        theirs=None,
        on_erasure=Kept(BOOKS),
    ),
    Holding(
        model="payments.IdentityCheck",
        what="Checks of your identity at Stripe: how they stand. No document, no birthday.",
        why="So that you are asked once.",
        theirs=by("performer__user"),
        on_erasure=Kept("That there was a check stays under a number; what was shown is Stripe's to delete."),
    ),
    Holding(
        model="payments.Earning",
        what="What you earned, line by line.",
        why="It is owed to you until it is paid.",
        theirs=by("performer__user"),
        on_erasure=Kept(BOOKS),
    ),
    Holding(
        model="payments.PayLine",
        what="Bonuses, expenses, breaches and deductions, with who said what about them.",
        why="They are part of your pay.",
        theirs=by("engagement__performer__user"),
        on_erasure=Kept(BOOKS),
    ),
    Holding(
        model="payments.GrantBonus",
        what="Which bonus was paid for which use of your recordings.",
        why="So that it is paid once.",
        theirs=by("pay_line__engagement__performer__user"),
        on_erasure=Kept(BOOKS),
    ),
    Holding(
        model="payments.PiecePay",
        what="Which line paid which piece of yours.",
        why="So that it is paid once.",
        theirs=by("pay_line__engagement__performer__user"),
        on_erasure=Kept(BOOKS),
    ),
    Holding(
        model="payments.Breach",
        what="Where you were left without a rest that you are guaranteed, or on camera for too long.",
        why="You are paid for it.",
        theirs=by("performer__user"),
        on_erasure=Kept(BOOKS),
    ),
    Holding(
        model="payments.Receipt",
        what="Receipts of your expenses.",
        why="They prove what you are paid back.",
        theirs=by("line__engagement__performer__user"),
        on_erasure=Kept(BOOKS),
        hidden=frozenset({"content"}),
    ),
    Holding(
        model="payments.PayItem",
        what="What each pay run paid you.",
        why="So that every cent is paid once.",
        theirs=by("performer__user"),
        on_erasure=Kept(BOOKS),
    ),
    Holding(
        model="payments.Attempt",
        what="How your pay was sent.",
        why="So that nothing is sent twice.",
        theirs=by("item__performer__user"),
        on_erasure=Kept(BOOKS),
    ),
    Holding(
        model="payments.Transfer",
        what="The transfers to your Stripe account.",
        why="They prove what was paid.",
        theirs=by("item__performer__user"),
        on_erasure=Kept(BOOKS),
    ),
    Holding(
        model="payments.BankPayout",
        what="What went from there to your bank, and when.",
        why="So that you know where your money is.",
        theirs=by("account__performer__user"),
        on_erasure=Kept(BOOKS),
    ),
    Holding(
        model="payments.Funding",
        what="Payments into a company's wallet that you started.",
        why="So that a company knows who paid in.",
        theirs=by("started_by"),
        on_erasure=Kept(BOOKS),
        hidden=frozenset({"checkout_url"}),
    ),
    Holding(
        model="payments.Withdrawal",
        what="Money that you took out of a company's wallet.",
        why="So that a company knows who took it out.",
        theirs=by("asked_by"),
        on_erasure=Kept(BOOKS),
    ),
    Holding(
        model="payments.Overpayment",
        what="What a payday found that you were paid too much.",
        why="So that no more is ever kept than was too much.",
        theirs=by("performer__user"),
        on_erasure=Kept(BOOKS),
    ),
    Holding(
        model="payments.Repayment",
        what="What made it even again.",
        why="So that no more is ever kept than was too much.",
        theirs=by("item__performer__user"),
        on_erasure=Kept(BOOKS),
    ),
    Holding(
        model="payments.ReturnDecision",
        what="What became of pay that came back, and why.",
        why="So that you can read what was decided.",
        theirs=by("item__performer__user"),
        on_erasure=Kept(BOOKS),
    ),
    Holding(
        model="payments.Adjustment",
        what="Entries in the books that you proposed.",
        why="They prove that two people decided.",
        theirs=by("proposed_by"),
        on_erasure=Kept(BOOKS),
    ),
    Holding(
        model="payments.NetTerms",
        what="Terms with companies that you proposed.",
        why="They prove that two people agreed to them.",
        theirs=by("proposed_by"),
        on_erasure=Kept(BOOKS),
    ),
    Holding(
        model="payments.Draw",
        what="What you set aside for a gig on your company's terms.",
        why="So that it can be shown who drew it.",
        theirs=by("drawn_by"),
        on_erasure=Kept(BOOKS),
    ),
    Holding(
        model="payments.Restatement",
        what="Entries in the books that you proposed.",
        why="They prove that two people decided.",
        theirs=by("proposed_by"),
        on_erasure=Kept(BOOKS),
    ),
    Holding(
        model="payments.Month",
        what="Months of the books that you closed or opened.",
        why="They prove that two people signed.",
        theirs=by("proposed_by"),
        on_erasure=Kept(BOOKS),
    ),
    Holding(
        model="payments.InboundEvent",
        what="News from Stripe, as they came in.",
        why="So that none is worked on twice.",
        theirs=None,
        on_erasure=Kept("They go by themselves within a month."),
        retention=Retention(
            since="received_at",
            after=timedelta(
                days=30
            ),  # as long as Stripe itself keeps an event; the id stays, so that a replay is known
            then=Blanked({"body": b""}),
            only=Q(state__in=[InboundEvent.State.DONE, InboundEvent.State.IGNORED]),
        ),
    ),
    Holding(
        model="payments.RunSignature",
        what="Pay runs that you signed for, as somebody in finance.",
        why="So that it can be shown who let pay go out.",
        theirs=by("by"),
        on_erasure=Kept(BOOKS),
    ),
    Holding(
        model="payments.SigningLimit",
        what="For how much you sign, as somebody in finance, and why.",
        why="So that nobody signs for more than they should.",
        theirs=by("user"),
        on_erasure=Kept(BOOKS),
    ),
    Holding(
        model="payments.Finding",
        what="What finance had to look into; it names performers by their number.",
        why="So that no difference is lost.",
        theirs=None,
        on_erasure=Kept(BOOKS),
    ),
)
OF_NOBODY = {
    "payments.WatchedLine",
    "payments.Halt",
    "payments.Account",
    "payments.Entry",
    "payments.Posting",
    "payments.Balance",
    "payments.PayRun",
    "payments.BankPayout_transfers",
    "payments.Heartbeat",
    "payments.Pace",
    "payments.FairMonth",
    "payments.PayCut",
    "payments.AccountAtMonth",
    "payments.BilledRun",
    "payments.BillingDetails",
    "payments.Document",
    "payments.DocumentLine",
    "payments.DocumentParties",
    "payments.NumberCounter",
    "payments.SummedDay",
    "payments.SummedMonth",
    "payments.DaySum",
    "payments.SummedWeek",
    "payments.JournalSum",
    "payments.AccountName",
    "payments.FundingMovement",
    "payments.Refund",
    "payments.StripeRow",
    "payments.Comparison",
}
OWED = (Kind.PERFORMER_PAYABLE, Kind.PERFORMER_RETURNED)
ON_ITS_WAY = (ItemState.READY, ItemState.SENDING, ItemState.SENT, ItemState.HELD)


def obstacles(user: User) -> list[Obstacle]:
    """Money that is not yet where it belongs."""
    performer = Performer.objects.filter(user=user).first()
    if performer is None or not (_to_come(performer) or _on_its_way(performer)):
        return []
    words = "Money of yours is not in your bank yet. As soon as it is, this goes on."
    return [Obstacle(code="money", words=words, path=reverse("my_pay"))]


def _to_come(performer: Performer) -> bool:
    lines = TimeLine.objects.filter(timesheet__performer=performer, state=LineState.APPROVED)
    owed = (
        Account.objects.filter(kind__in=OWED, owner=performer.public_id)
        .annotate(balance=Sum("balances__amount_minor"))
        .exclude(balance=0)
    )
    if owed.exists() or lines.exclude(amount_minor=0).filter(earnings=None).exists():
        return True
    beside = PayLine.objects.filter(engagement__performer=performer, earnings=None, amount_minor__gt=0)
    return beside.filter(state__in=[*OPEN, PayLineState.APPROVED]).exists()


def _on_its_way(performer: Performer) -> bool:
    items = PayItem.objects.filter(performer=performer, state__in=ON_ITS_WAY)
    return items.exclude(run__state=RunState.CANCELLED).exists()


def register() -> None:
    REGISTRY.add(*HOLDINGS, of_nobody=OF_NOBODY, obstacles=obstacles)
