"""What a company is led through at first, and what its money asks of it later."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.access.roles import NEEDS_SECOND_FACTOR
from accounts.access.standings import Standing
from accounts.companies.models import Company
from accounts.invitations.models import Invitation
from kit.money import Money
from marketplace.gigs import calculate
from marketplace.gigs.models import Gig
from marketplace.gigs.states import GigState
from payments.funding.models import Funding
from payments.funding.states import FundingState

NOT_SEEN_YET = (GigState.DRAFT, GigState.IN_REVIEW)
UNPAID = (FundingState.STARTED,)
COMING = (FundingState.PROCESSING, FundingState.PENDING)


@dataclass(frozen=True)
class Step:
    label: str
    why: str
    done: bool
    path: str
    press: str


@dataclass(frozen=True)
class Short:
    """A gig on the board whose budget does not cover one more session."""

    gig: Gig
    free: Money
    needed: Money


def first_steps(company: Company, actor: Actor) -> Sequence[Step]:
    """From an empty company to performers who apply, each with whether it is done; worked out from the facts. A role that
    waits for a second factor begins with it: none of the others can be taken before."""
    gigs = Gig.objects.filter(company=company)
    draft = gigs.filter(state__in=NOT_SEEN_YET).order_by("-id").first()
    at = [company.public_id]
    paid_in = Funding.objects.filter(company=company, state__in=(*COMING, FundingState.AVAILABLE))
    asked = Invitation.objects.filter(company=company)
    others = company.memberships.count() > 1 or asked.exists()
    board = reverse("gig_manage", args=[*at, draft.public_id]) if draft else reverse("company_gigs", args=at)
    return [
        *_proving(company, actor),
        Step(
            "Have the company vetted",
            "A person in talent operations looks it up before its first gig is on the board.",
            company.state not in (Standing.SIGNED_UP, Standing.DECLINED),
            reverse("company_standing", args=at),
            "Ask for it",
        ),
        Step(
            "Post a gig",
            "The scene, the rate, what the recordings may be used for: a draft that nobody sees yet.",
            gigs.exists(),
            reverse("gig_post", args=at),
            "Post a gig",
        ),
        Step(
            "Pay into the wallet",
            "By card or bank. What is not used comes back.",
            paid_in.exists(),
            reverse("company_wallet", args=at),
            "Add money",
        ),
        Step(
            "Put the gig on the board",
            "With money set aside for one session at least, so that everyone knows they are paid.",
            is_on_the_board(company),
            board,
            "Look it over",
        ),
        Step(
            "Invite who works with you",
            "Producers cast and book, reviewers read, billing pays. You can do it later too.",
            others,
            reverse("members", args=at),
            "Invite someone",
        ),
    ]


def _proving(company: Company, actor: Actor) -> Sequence[Step]:
    """Nothing for a role that takes no second factor."""
    if actor.with_withheld().roles.get(company.pk) not in NEEDS_SECOND_FACTOR:
        return []
    return [
        Step(
            "Set up a second factor",
            "Your role moves money: a stolen password alone must open nothing. A passkey or an app with codes, in a minute.",
            company.pk in actor.roles,
            f"{reverse('second_factor')}?next={reverse('today')}",
            "Begin",
        )
    ]


def is_on_the_board(company: Company) -> bool:
    """Whether a gig of theirs was ever seen by performers: what is left of the first steps can wait then."""
    return Gig.objects.filter(company=company).exclude(state__in=NOT_SEEN_YET).exists()


def short_budgets(company: Company) -> Sequence[Short]:
    """The gigs on the board that cannot book one more session, by title."""
    found = []
    for gig in Gig.objects.filter(company=company, state=GigState.PUBLISHED).order_by("title", "id"):
        needed_minor = calculate.session_cost_minor(gig)
        if gig.free_minor < needed_minor:
            free = Money(max(gig.free_minor, 0), gig.currency)
            found.append(Short(gig=gig, free=free, needed=Money(needed_minor, gig.currency)))
    return found


def unpaid(company: Company) -> QuerySet[Funding]:
    """Payments that were begun and are still to be paid, the newest first."""
    return Funding.objects.filter(company=company, state__in=UNPAID).exclude(checkout_url="").order_by("-id")


def coming(company: Company) -> QuerySet[Funding]:
    """Payments that were made and do not count yet, the oldest first."""
    return Funding.objects.filter(company=company, state__in=COMING).order_by("id")
