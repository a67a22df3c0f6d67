from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.access.actors import Actor
from kit.rows import by_public_id
from marketplace.engagements.models import Engagement, Terms


def get_engagement(actor: Actor, engagement_id: str) -> Engagement:
    """Raises NotFound (404)."""
    rows = Engagement.objects.visible_to(actor).select_related("gig", "company", "performer__user")
    return by_public_id(rows.prefetch_related("versions"), engagement_id)


def latest_terms(engagement: Engagement) -> Terms:
    """The newest version of the terms, signed or not."""
    return max(engagement.versions.all(), key=lambda terms: terms.version)


def with_rate(rows: QuerySet[Engagement]) -> QuerySet[Engagement]:
    """Annotates `rate_minor`: of the newest terms that both signed, else of those that wait for a signature."""
    versions = Terms.objects.filter(engagement=OuterRef("pk")).order_by("-version")
    signed = versions.filter(company_signed_at__isnull=False)
    newest = (Subquery(found.values("rate_minor")[:1]) for found in (signed, versions))
    return rows.annotate(rate_minor=Coalesce(*newest))
