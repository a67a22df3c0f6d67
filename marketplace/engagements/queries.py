from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.access.actors import Actor
from kit.errors import NotFound
from kit.rows import by_public_id
from marketplace.engagements.models import Engagement, Paper, Side, Signature, Terms
from marketplace.engagements.states import EngagementState


def get_engagement(actor: Actor, engagement_id: str) -> Engagement:
    """Raises NotFound (404)."""
    rows = Engagement.objects.visible_to(actor).select_related("gig", "company", "performer__user")
    return by_public_id(rows.prefetch_related("versions"), engagement_id)


def latest_terms(engagement: Engagement) -> Terms:
    """The newest version of the terms, signed or not."""
    return max(engagement.versions.all(), key=lambda terms: terms.version)


def versions_of(engagement: Engagement) -> list[Terms]:
    """All of them, the newest first, each with `has_paper`."""
    made = Exists(Paper.objects.filter(terms=OuterRef("pk")))
    return list(engagement.versions.annotate(has_paper=made).order_by("-version"))


def paper_of(terms: Terms) -> Paper | None:
    """The signed PDF, without its content; None until it is made."""
    return Paper.objects.filter(terms=terms).defer("content").first()


def get_paper(actor: Actor, engagement_id: str, version: int) -> Paper:
    """Raises NotFound (404), also while it is being made."""
    found = Paper.objects.visible_to(actor).filter(terms__engagement__public_id=engagement_id)
    paper = found.select_related("terms__engagement").filter(terms__version=version).first()
    if paper is None:
        raise NotFound(
            "There is no signed PDF of this version. It is made within a minute of both signatures."
        )
    return paper


def signatures_of(terms: Terms) -> list[Signature]:
    """The performer's, then the company's."""
    return list(terms.signatures.select_related("person").order_by("-side"))


def to_sign(rows: QuerySet[Engagement], side: Side) -> QuerySet[Engagement]:
    """Those whose newest version waits for this side's signature, the oldest first; each says whether terms `hold` until then."""
    versions = Terms.objects.filter(engagement=OuterRef("pk"))
    newer = Terms.objects.filter(engagement=OuterRef("engagement"), version__gt=OuterRef("version"))
    waits = versions.filter(
        ~Exists(newer), company_signed_at=None, performer_signed_at__isnull=side == Side.PERFORMER
    )
    rows = rows.filter(Exists(waits)).exclude(state=EngagementState.TERMINATED)
    return rows.annotate(hold=Exists(versions.filter(company_signed_at__isnull=False))).order_by("id")


def with_rate(rows: QuerySet[Engagement]) -> QuerySet[Engagement]:
    """Annotates `rate_minor`: of the newest terms that both signed, else of those that wait for a signature."""
    versions = Terms.objects.filter(engagement=OuterRef("pk")).order_by("-version")
    signed = versions.filter(company_signed_at__isnull=False)
    newest = (Subquery(found.values("rate_minor")[:1]) for found in (signed, versions))
    return rows.annotate(rate_minor=Coalesce(*newest))
