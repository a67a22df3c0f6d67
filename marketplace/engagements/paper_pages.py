"""The signed PDF of one version of the terms, for the two who signed it and talent operations."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_GET

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from marketplace.engagements import queries
from marketplace.engagements.models import Paper


@allow(Audience.PERFORMER, Audience.COMPANY, Audience.TALENT)
@require_GET
def engagement_paper(request: HttpRequest, engagement_id: str, version: int) -> HttpResponse:
    return as_file(queries.get_paper(actor_of(request), engagement_id, version))


def as_file(paper: Paper) -> HttpResponse:
    """Byte for byte as it was signed."""
    name = f"{paper.terms.engagement.public_id}-v{paper.terms.version}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(bytes(paper.content), content_type="application/pdf", headers=headers)


urlpatterns = [
    path(
        "engagements/<str:engagement_id>/versions/<int:version>/signed.pdf",
        engagement_paper,
        name="engagement_paper",
    ),
]
