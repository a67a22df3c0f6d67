"""What a company has and owes, and in which order it pays (money/RULES.md, rules 1, 2, 4 and 5).

A purse is read under the company's lock and keeps count of what has been taken from it, so that a batch of lines is
charged as they would be one by one.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models.functions import Coalesce

from accounts.companies.models import Company
from marketplace.gigs.models import Gig
from marketplace.gigs.states import ENDED
from payments.ledger import operations as ledger
from payments.ledger.chart import Kind
from payments.ledger.models import Account, Balance
from payments.ledger.operations import Leg

OF_A_COMPANY = (
    Kind.COMPANY_INCOMING,
    Kind.COMPANY_WALLET,
    Kind.COMPANY_WITHDRAWING,
    Kind.COMPANY_RECEIVABLE,
    Kind.COMPANY_TERMS,
)


def lock(company_pks: Iterable[int]) -> None:
    """Wait for whoever moves these companies' money, until the end of the transaction: their rows, before any gig's, as
    everywhere. Whoever books meanwhile is not in the way."""
    rows = Company.objects.select_for_update(no_key=True).filter(pk__in=set(company_pks))
    list(rows.order_by("pk").values_list("pk"))


@dataclass
class Budget:
    """What is set aside for one gig, in minor units, and whether the gig is still open."""

    gig_id: str
    minor: int
    is_open: bool


@dataclass
class Purse:
    """A company's money in one currency; all in minor units, none ever below zero."""

    company_id: str
    currency: str
    wallet_minor: int = 0
    owes_minor: int = 0
    # Set aside on agreed terms and not paid yet; while there is any, the wallet is empty.
    drawn_minor: int = 0
    # The gig opened last stands first.
    budgets: dict[str, Budget] = field(default_factory=dict)
    # What each budget has lost by `leave` and `give_back`, for the gig's own figure; 0 where one was only refilled.
    budget_deltas: dict[str, int] = field(default_factory=dict)
    # What it owed when that was last looked at.
    owed_minor: int = field(init=False)
    _accounts: dict[tuple[Kind, str], Account] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.owed_minor = self.owes_minor

    def arrive(self, amount_minor: int) -> list[Leg]:
        """Money for the company: what it owes first, then what it has drawn on terms, the rest to the wallet (rule 1). Credits."""
        legs, left = self._repay(amount_minor)
        return legs + self._refill_wallet(left)

    def pay_debt(self) -> list[Leg]:
        """What is owed, out of the wallet, as far as it goes (rule 1). Debits and credits."""
        legs, _ = self._take_wallet(min(self.wallet_minor, self.owes_minor))
        return legs + self._repay(sum(leg.amount_minor for leg in legs))[0]

    def leave(self, amount_minor: int) -> list[Leg]:
        """Money taken from the company: the wallet, then the budgets, the gig opened last first; the rest is owed
        (rule 2). Debits."""
        legs, left = self._take_wallet(amount_minor)
        for budget in self.budgets.values():
            if left:
                more, left = self._take_budget(budget, left)
                legs += more
                self._note(budget, more)
        return legs + self._owe(left)

    def set_aside(self, gig_id: str, amount_minor: int) -> tuple[list[Leg], int]:
        """For a gig, out of the wallet, and what is missing there on terms; also returns how much that is. Whether the terms
        allow it is asked by whoever posts it. Debits and a credit."""
        legs, short = self._take_wallet(amount_minor)
        self.drawn_minor += short
        legs += self._leg(Kind.COMPANY_TERMS, self.company_id, short)
        self.budgets[gig_id].minor += amount_minor
        return [*legs, *self._leg(Kind.GIG_BUDGET, gig_id, -amount_minor)], short

    def charge(self, gig_id: str, cost_minor: int) -> list[Leg]:
        """An approved line: the gig's budget, the wallet, then owed, each as far as it goes (rule 4). Debits."""
        legs: list[Leg] = []
        left = cost_minor
        if gig_id in self.budgets:
            legs, left = self._take_budget(self.budgets[gig_id], left)
        more, left = self._take_wallet(left)
        return legs + more + self._owe(left)

    def correct(self, gig_id: str, amount_minor: int) -> list[Leg]:
        """A correction downwards: what the company owes, the budget where the gig is open, else what it has drawn on terms and
        the wallet (rule 4). Credits."""
        legs, left = self._repay(amount_minor)
        budget = self.budgets.get(gig_id)
        if budget is not None and budget.is_open:
            return legs + self._refill_budget(budget, left)
        return legs + self._refill_wallet(left)

    def give_back(self, gig_id: str, amount_minor: int) -> list[Leg]:
        """So much of a gig's budget, to what the company owes and has drawn on terms, then to the wallet (rule 5). Debits and
        credits."""
        budget = self.budgets[gig_id]
        taken, _ = self._take_budget(budget, amount_minor)
        self._note(budget, taken)
        return taken + self.arrive(sum(leg.amount_minor for leg in taken))

    def forgive(self, amount_minor: int) -> list[Leg]:
        """So much of what the company owes, then of what it has drawn on terms, is given up (rule 11). Credits."""
        legs, left = self._repay(amount_minor)
        return legs + self._pay_drawn(min(left, self.drawn_minor))

    def _take_wallet(self, amount_minor: int) -> tuple[list[Leg], int]:
        taken = min(amount_minor, self.wallet_minor)
        self.wallet_minor -= taken
        return self._leg(Kind.COMPANY_WALLET, self.company_id, taken), amount_minor - taken

    def _take_budget(self, budget: Budget, amount_minor: int) -> tuple[list[Leg], int]:
        taken = min(amount_minor, budget.minor)
        budget.minor -= taken
        return self._leg(Kind.GIG_BUDGET, budget.gig_id, taken), amount_minor - taken

    def _owe(self, amount_minor: int) -> list[Leg]:
        self.owes_minor += amount_minor
        return self._leg(Kind.COMPANY_RECEIVABLE, self.company_id, amount_minor)

    def _repay(self, amount_minor: int) -> tuple[list[Leg], int]:
        paid = min(amount_minor, self.owes_minor)
        self.owes_minor -= paid
        return self._leg(Kind.COMPANY_RECEIVABLE, self.company_id, -paid), amount_minor - paid

    def _refill_wallet(self, amount_minor: int) -> list[Leg]:
        """What becomes free pays what was drawn on terms before it is."""
        paid = min(amount_minor, self.drawn_minor)
        self.wallet_minor += amount_minor - paid
        return self._pay_drawn(paid) + self._leg(Kind.COMPANY_WALLET, self.company_id, -(amount_minor - paid))

    def _pay_drawn(self, amount_minor: int) -> list[Leg]:
        self.drawn_minor -= amount_minor
        return self._leg(Kind.COMPANY_TERMS, self.company_id, -amount_minor)

    def _refill_budget(self, budget: Budget, amount_minor: int) -> list[Leg]:
        budget.minor += amount_minor
        self.budget_deltas.setdefault(budget.gig_id, 0)
        return self._leg(Kind.GIG_BUDGET, budget.gig_id, -amount_minor)

    def _note(self, budget: Budget, taken: list[Leg]) -> None:
        delta = -sum(leg.amount_minor for leg in taken)
        if delta:
            self.budget_deltas[budget.gig_id] = self.budget_deltas.get(budget.gig_id, 0) + delta

    def knows(self, account: Account) -> None:
        self._accounts[Kind(account.kind), account.owner] = account

    def account(self, kind: Kind, *, owner: str = "") -> Account:
        """The company's own account of that kind, or a gig's; made when first needed, asked for once."""
        key = (kind, owner or self.company_id)
        if key not in self._accounts:
            self._accounts[key] = ledger.account(kind, currency=self.currency, owner=key[1])
        return self._accounts[key]

    def _leg(self, kind: Kind, owner: str, amount_minor: int) -> list[Leg]:
        return [Leg(self.account(kind, owner=owner), amount_minor)] if amount_minor else []


def purses(
    company_pks: Collection[int], *, currency: str, only_gigs: Collection[str] | None = None
) -> dict[int, Purse]:
    """The companies' purses by primary key, with the budgets of `only_gigs` or of all their gigs.

    Call with the companies locked.
    """
    companies = Company.objects.filter(pk__in=company_pks).values_list("pk", "public_id")
    found = {pk: Purse(company_id=public_id, currency=currency) for pk, public_id in companies}
    by_id = {purse.company_id: purse for purse in found.values()}
    rows = list(_balances(OF_A_COMPANY, owners=by_id, currency=currency))
    if len(rows) < len(by_id) * len(OF_A_COMPANY):
        ledger.open_accounts(OF_A_COMPANY, currency=currency, owners=by_id)
        rows = list(_balances(OF_A_COMPANY, owners=by_id, currency=currency))
    for account, minor in rows:
        purse = by_id[account.owner]
        purse.knows(account)
        if account.kind == Kind.COMPANY_WALLET:
            purse.wallet_minor = -minor
        elif account.kind == Kind.COMPANY_RECEIVABLE:
            purse.owes_minor = minor
        elif account.kind == Kind.COMPANY_TERMS:
            purse.drawn_minor = minor
    _read_budgets(found, currency=currency, only_gigs=only_gigs)
    return found


def _balances(
    kinds: Collection[Kind], *, owners: Collection[str], currency: str
) -> Iterator[tuple[Account, int]]:
    """The accounts of these kinds and owners that there are, with debits less credits: none of them is striped."""
    rows = Balance.objects.filter(
        account__kind__in=kinds, account__owner__in=owners, account__currency=currency
    )
    for row in rows.select_related("account"):
        yield row.account, row.amount_minor


def purse(company_pk: int, *, currency: str) -> Purse:
    """One company's purse with all its budgets, locked."""
    lock([company_pk])
    return purses([company_pk], currency=currency)[company_pk]


def _read_budgets(found: dict[int, Purse], *, currency: str, only_gigs: Collection[str] | None) -> None:
    gigs = Gig.objects.filter(company_id__in=found, currency=currency)
    if only_gigs is not None:
        gigs = gigs.filter(public_id__in=only_gigs)
    rows = list(
        gigs.order_by(Coalesce("published_at", "created_at").desc(), "-pk").values_list(
            "company_id", "public_id", "state"
        )
    )
    kept = {
        account.owner: (account, -minor)
        for account, minor in _balances(
            [Kind.GIG_BUDGET], owners=[gig_id for _, gig_id, _ in rows], currency=currency
        )
    }
    for company_pk, gig_id, state in rows:
        account, minor = kept.get(gig_id, (None, 0))
        if account is not None:
            found[company_pk].knows(account)
        found[company_pk].budgets[gig_id] = Budget(gig_id, minor, state not in ENDED)
