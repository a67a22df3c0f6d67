from django.db.models import Case, IntegerField, QuerySet, Value, When

from accounts.access.actors import Actor
from kit.rows import by_public_id
from marketplace.casting.models import Application
from marketplace.casting.states import OPEN, ApplicationState

# Names appear once the company has said yes: until then it reads answers, not people.
NAMED = (ApplicationState.OFFERED, ApplicationState.ACCEPTED, ApplicationState.DECLINED)


def get_application(actor: Actor, application_id: str) -> Application:
    """Raises NotFound (404)."""
    rows = Application.objects.visible_to(actor).select_related("gig__company", "performer__user")
    return by_public_id(rows.prefetch_related("answers__question"), application_id)


def applications_of(actor: Actor) -> QuerySet[Application]:
    """The performer's own, newest first."""
    return (
        Application.objects.filter(performer_id=actor.performer_id)
        .select_related("gig__company")
        .order_by("-id")
    )


def queue(gig_id: int) -> QuerySet[Application]:
    """A gig's applications: what waits for an answer first, by the date it is promised."""
    waits = Case(When(state__in=OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = Application.objects.filter(gig_id=gig_id).exclude(state=ApplicationState.DRAFT)
    return rows.annotate(waits=waits).order_by("waits", "answer_due_at", "id")


def shown_name(application: Application) -> str:
    """How the company sees the applicant: by number until it has said yes."""
    return application.performer.stage_name if application.state in NAMED else f"Applicant {application.pk}"
