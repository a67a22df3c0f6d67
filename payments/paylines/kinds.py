"""The one table of what pay is made of: of each kind who makes it, who must agree, how it counts, and what it is called.

Time comes as time lines (marketplace/timekeeping) and is only named here. A kind stands here once a door makes it.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db.models import TextChoices


class Kind(TextChoices):
    BONUS = "bonus", "Bonus"
    EXPENSE = "expense", "Expense"
    BREACH = "breach", "Breach of a guarantee"
    LICENCE = "licence", "Bonus for a use of recordings"
    PIECE = "piece", "Commissioned piece"
    DEDUCTION = "deduction", "Deduction by agreement"


class Party(StrEnum):
    """Who makes a line, or answers it."""

    COMPANY = "company"
    PERFORMER = "performer"
    FINANCE = "finance"
    TALENT = "talent"


class Tax(TextChoices):
    """As what a year's statement counts it."""

    COMPENSATION = "compensation", "Nonemployee compensation"
    ROYALTY = "royalty", "Royalties"
    REIMBURSED = "reimbursed", "Reimbursed expenses"
    DEDUCTED = "deducted", "Deducted by agreement"


TAX_OF_TIME = Tax.COMPENSATION


@dataclass(frozen=True)
class Rule:
    """`sign`: whether it adds to pay or takes from it. `takes_fee`: whether the company pays the platform's share of the
    engagement's agreement on top. `answer_within` is how long the answer may take, and `otherwise` what happens then."""

    made_by: Party
    answered_by: Party
    sign: int
    takes_fee: bool
    tax: Tax
    answer_within: timedelta
    otherwise: str


RULES: dict[Kind, Rule] = {
    # By a second member who may approve time; where there is none, by finance.
    Kind.BONUS: Rule(
        Party.COMPANY,
        Party.COMPANY,
        +1,
        takes_fee=True,
        tax=Tax.COMPENSATION,
        answer_within=timedelta(days=14),
        otherwise="it lapses",
    ),
    Kind.EXPENSE: Rule(
        Party.PERFORMER,
        Party.COMPANY,
        +1,
        takes_fee=False,
        tax=Tax.REIMBURSED,
        answer_within=timedelta(days=7),
        otherwise="talent operations may decide it too",
    ),
    # The company may contest; a second person in talent operations then decides.
    Kind.BREACH: Rule(
        Party.TALENT,
        Party.TALENT,
        +1,
        takes_fee=True,
        tax=Tax.COMPENSATION,
        answer_within=timedelta(days=3),
        otherwise="it stands",
    ),
    # Promised in the words that both signed, so it stands as soon as they have; the platform takes no share of it.
    Kind.LICENCE: Rule(
        Party.COMPANY,
        Party.COMPANY,
        +1,
        takes_fee=False,
        tax=Tax.ROYALTY,
        answer_within=timedelta(0),
        otherwise="it stands",
    ),
    # Its price was agreed when it was asked for, and its acceptance is the second yes: it stands at once.
    Kind.PIECE: Rule(
        Party.PERFORMER,
        Party.COMPANY,
        +1,
        takes_fee=True,
        tax=Tax.COMPENSATION,
        answer_within=timedelta(0),
        otherwise="it stands",
    ),
    Kind.DEDUCTION: Rule(
        Party.FINANCE,
        Party.PERFORMER,
        -1,
        takes_fee=False,
        tax=Tax.DEDUCTED,
        answer_within=timedelta(days=14),
        otherwise="it lapses",
    ),
}
