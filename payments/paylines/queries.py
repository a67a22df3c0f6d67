from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.companies.models import Company
from kit.errors import Invalid, NotFound
from kit.rows import by_public_id, with_text
from marketplace.engagements.models import Engagement, Terms
from payments.paylines import answering
from payments.paylines.kinds import Kind
from payments.paylines.models import PayLine, Receipt
from payments.paylines.states import OPEN, PayLineState

OFFERED = 50


@dataclass(frozen=True)
class Row:
    """A line as a page shows it, with what this reader may do about it now."""

    line: PayLine
    may_answer: bool
    may_contest: bool
    may_withdraw: bool
    may_waive: bool
    is_overdue: bool

    @property
    def waits(self) -> bool:
        return self.may_answer or self.may_contest


def lines(actor: Actor) -> QuerySet[PayLine]:
    """Every line that the actor may see, with how much of a deduction was taken; without what its receipt holds."""
    rows = with_taken(PayLine.objects.visible_to(actor))
    return rows.select_related(
        "engagement__gig",
        "engagement__company",
        "engagement__performer",
        "receipt",
        "corrects",
        "breach__time_line",
    ).defer("receipt__content")


def open_lines(actor: Actor) -> QuerySet[PayLine]:
    """Those that wait for anybody, the oldest first."""
    return lines(actor).filter(state__in=OPEN).order_by("made_at", "id")


def with_taken(rows: QuerySet[PayLine]) -> QuerySet[PayLine]:
    """Annotates `taken_minor`: how much of a deduction was taken so far, above zero."""
    return rows.annotate(taken_minor=-Coalesce(Sum("parts__amount_minor"), 0))


def left_minor(deduction: PayLine) -> int:
    """What of it is not taken yet, in minor units; of one read `with_taken`."""
    return -deduction.amount_minor - deduction.taken_minor  # type: ignore[attr-defined, no-any-return] # annotated


def get(actor: Actor, public_id: str) -> PayLine:
    """Raises NotFound (404)."""
    return by_public_id(lines(actor), public_id)


def get_receipt(actor: Actor, public_id: str) -> Receipt:
    """Of an expense of one's own, of one that the actor may approve, or for the house. Raises NotFound (404), Forbidden (403)."""
    line = get(actor, public_id)
    if line.receipt_id is None:
        raise NotFound
    of_house = actor.is_finance or actor.is_talent
    if not of_house and actor.performer_id != line.engagement.performer_id:
        actor.require(Act.APPROVE_TIME, company_id=line.engagement.company_id)
    return Receipt.objects.get(pk=line.receipt_id)


def rows_for(actor: Actor, found: Sequence[PayLine], *, at: datetime) -> list[Row]:
    """What the actor may do about each of these."""
    able = answering.able_to_approve({line.engagement.company_id for line in found})
    return [
        Row(
            line=line,
            may_answer=answering.may_answer(line, actor, able, at=at),
            may_contest=answering.may_contest(line, actor, at=at),
            may_withdraw=answering.may_withdraw(line, actor),
            may_waive=answering.may_waive(line, actor) and left_minor(line) > 0,
            is_overdue=line.due_at <= at,
        )
        for line in found
    ]


def for_talent(actor: Actor, *, at: datetime) -> QuerySet[PayLine]:
    """What waits for talent operations: contested breaches, and expenses that a company left unanswered; not one's own, nor
    of a company that one acts for."""
    left = Q(kind=Kind.EXPENSE, state=PayLineState.PROPOSED, due_at__lte=at)
    waits = left | Q(kind=Kind.BREACH, state=PayLineState.CONTESTED)
    own = Q(engagement__performer_id=actor.performer_id) | Q(made_by_id=actor.user_id or 0, kind=Kind.BREACH)
    own |= Q(engagement__company_id__in=actor.with_withheld().company_ids)
    return PayLine.objects.filter(waits).exclude(own)


def engagements(actor: Actor, *, company: Company | None = None, text: str = "") -> QuerySet[Engagement]:
    """Those that both signed, on which a line can be made: of one company, or named by a part of a name or a title."""
    signed = Terms.objects.filter(engagement=OuterRef("pk"), company_signed_at__isnull=False)
    rows = Engagement.objects.visible_to(actor).filter(Exists(signed))
    if company is not None:
        rows = rows.filter(company=company)
    found = with_text(rows, text, "performer__stage_name", "gig__title", "company__name")
    return found.select_related("gig", "company", "performer").order_by("-id")


def named(rows: QuerySet[Engagement], public_id: str) -> Engagement:
    """The one of these that a body names. Raises Invalid (422): the same for none and for another's."""
    found = rows.filter(public_id=public_id).first()
    if found is None:
        raise Invalid.field("engagement", "There is no such signed engagement.", code="unknown_engagement")
    return found
