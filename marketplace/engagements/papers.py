"""What both signed becomes a paper: printed, signed by the house, and kept as it is."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from marketplace.agreements import paper
from marketplace.engagements.models import Paper, Side, Signature, Terms
from marketplace.engagements.queries import signatures_of
from marketplace.engagements.reading import parts
from marketplace.gigs.models import PURPOSES
from marketplace.retries import operations as retries
from marketplace.retries.models import Job

HOUSE = Actor.of_system("agreements")


def make_owed(*, at: datetime) -> int:
    """The tick: a paper for each version that both signed and that has none. Terms from before there were signatures beside
    them keep what they were signed under. Returns how many were made."""
    both = Terms.objects.filter(signatures__side="performer").filter(signatures__side="company")
    owed = both.filter(company_signed_at__isnull=False, paper=None)
    rows = owed.select_related("engagement__gig", "engagement__company", "engagement__performer").order_by(
        "id"
    )
    return retries.each(
        rows, lambda terms: make(terms=terms, at=at), job=Job.MAKE_PAPER, page=_page_of, at=at
    )


@transaction.atomic
def make(*, terms: Terms, at: datetime) -> Paper:
    """Printed and signed, once: a second call finds the first one's. Nothing is locked while it is printed."""
    before = Paper.objects.filter(terms=terms).first()
    if before is not None:
        return before
    content = paper.sealed(
        paper.printed(html_of(terms)),
        certificates=settings.AGREEMENT_CERT,
        key=settings.AGREEMENT_KEY,
        reason=f"Signed by both: {terms.public_id}, SHA-256 {terms.text_sha256}",
    )
    made, new = Paper.objects.get_or_create(
        terms=terms,
        defaults={
            "content": content,
            "sha256": hashlib.sha256(content).hexdigest(),
            "certificate_sha256": paper.fingerprint(settings.AGREEMENT_CERT),
            "made_at": at,
        },
    )
    if new:
        audit.record(verb="terms.printed", thing=terms, by=HOUSE, at=at, sha256=made.sha256)
    return made


def html_of(terms: Terms) -> str:
    """The sheet that is printed: the text, letter for letter, the uses that were read beside it, and both signatures."""
    title, *rest = parts(terms.text)
    signatures = signatures_of(terms)
    context = {
        "terms": terms,
        "title": title,
        "parts": rest,
        "uses": _uses(terms, signatures),
        "signatures": signatures,
        "house": settings.PUBLIC_URL,
    }
    return render_to_string("marketplace/agreement_paper.html", context)


def _uses(terms: Terms, signatures: Sequence[Signature]) -> list[dict[str, Any]]:
    """Each use that the performer read as they signed, in its words, and whether they granted it with this signature."""
    shown: dict[str, str] = next((each.uses for each in signatures if each.side == Side.PERFORMER), {})
    granted = set(
        terms.engagement.application.grants.filter(
            terms_sha256=terms.text_sha256, purpose__in=shown
        ).values_list("purpose", flat=True)
    )
    return [
        {"name": PURPOSES[purpose], "text": text, "is_granted": purpose in granted}
        for purpose, text in shown.items()
    ]


def _page_of(terms: Terms) -> str:
    return reverse("engagement_detail", args=[terms.engagement.public_id])
