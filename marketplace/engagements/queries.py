from accounts.access.actors import Actor
from kit.errors import NotFound
from marketplace.engagements.models import Engagement, Terms


def get_engagement(actor: Actor, engagement_id: str) -> Engagement:
    """Raises NotFound (404)."""
    rows = Engagement.objects.visible_to(actor).select_related("gig", "company", "performer__user")
    found = rows.prefetch_related("versions").filter(public_id=engagement_id).first()
    if found is None:
        raise NotFound
    return found


def latest_terms(engagement: Engagement) -> Terms:
    """The newest version of the terms, signed or not."""
    return max(engagement.versions.all(), key=lambda terms: terms.version)
