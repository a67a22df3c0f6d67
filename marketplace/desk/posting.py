"""Posting in minutes: from a template of the house, or like a gig that was posted before. Both end in a draft, looked over."""

from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.companies.models import Company
from kit.errors import NotFound
from kit.money import Money
from marketplace.gigs import operations as gigs
from marketplace.gigs.cards import Card
from marketplace.gigs.gallery import TEMPLATES, Template
from marketplace.gigs.models import Gig, ScreeningQuestion
from marketplace.rights import use_terms
from marketplace.rights.models import UseTerms

# Of what each use is asked for, what another gig takes over.
USE_FIELDS = (*use_terms.TEXTS, *use_terms.BOUNDS)
OWN = {"starts_on", "ends_on"}


def get_template(template_id: str) -> Template:
    """Raises NotFound (404)."""
    if template_id not in TEMPLATES:
        raise NotFound("There is no such template; the gallery lists those that there are.")
    return TEMPLATES[template_id]


@transaction.atomic
def post_from_template(
    *,
    company: Company,
    template: Template,
    rate: Money,
    starts_on: date,
    ends_on: date,
    by: Actor,
    at: datetime,
) -> Gig:
    """A draft with the template's brief, questions, deck, and purposes with their prices; pay and days are the company's.

    Raises Forbidden (403), NotFound (404), Invalid (422).
    """
    fields: gigs.Fields = {
        **template.fields,
        "purposes": list(template.uses),
        "rate_minor": rate.minor,
        "currency": rate.currency,
        "starts_on": starts_on,
        "ends_on": ends_on,
    }
    gig = gigs.post_gig(
        company=company,
        fields=fields,
        questions=template.questions,
        prompts=template.prompts,
        by=by,
        at=at,
    )
    for purpose, price in template.uses.items():
        said: use_terms.Fields = {"use": price.use, "bonus_minor": price.bonus_minor}
        use_terms.set_use_terms(gig=gig, purpose=purpose, fields=said, by=by, at=at)
    return gig


@transaction.atomic
def duplicate(*, gig: Gig, starts_on: date, ends_on: date, by: Actor, at: datetime) -> Gig:
    """A draft like a gig that there is, in whatever state: its terms, questions, deck, and what each use is asked for.

    Its days are new. It has no money set aside, no applicants and no history, and the fee is today's. Raises Forbidden (403),
    NotFound (404), Invalid (422) where the house's limits have changed since.
    """
    kept: Any = {name: getattr(gig, name) for name in gigs.Fields.__annotations__ if name not in OWN}
    kept |= {"starts_on": starts_on, "ends_on": ends_on}
    deck = [Card(each.text, each.content_note, each.for_one) for each in gig.prompts.all()]
    made = gigs.post_gig(company=gig.company, fields=kept, prompts=deck, by=by, at=at)
    _copy_lists(gig, made)
    audit.record(verb="gig.duplicated", thing=made, by=by, at=at, of=gig.public_id)
    return made


def _copy_lists(gig: Gig, made: Gig) -> None:
    ScreeningQuestion.objects.bulk_create(
        ScreeningQuestion(
            gig=made, **{name: getattr(each, name) for name in ("position", "text", "kind", "required")}
        )
        for each in gig.questions.all()
    )
    UseTerms.objects.bulk_create(
        UseTerms(gig=made, purpose=each.purpose, **{name: getattr(each, name) for name in USE_FIELDS})
        for each in gig.use_terms.filter(purpose__in=made.purposes)
    )
