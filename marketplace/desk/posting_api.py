"""Posting in minutes, over the API: the gallery, from a template, like another gig."""

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import WholeList, described
from accounts.companies.queries import get_company
from kit import clock
from kit.currencies import UnknownCurrency
from kit.errors import NotFound
from kit.http.serializers import DayField, LineField, MoneyIn, Strict, TypedId
from marketplace.desk import posting
from marketplace.gigs import queries
from marketplace.gigs.api import READ, WRITE
from marketplace.gigs.gallery import TEMPLATES, Template
from marketplace.gigs.limits import HIGHEST_RATE_MINOR
from marketplace.gigs.models import Gig
from marketplace.gigs.serializers import GigDetailOut


class DuplicateIn(Strict):
    starts_on = DayField()
    ends_on = DayField()


class FromTemplateIn(DuplicateIn):
    company = TypedId(prefix="cmp")
    template = LineField(max_length=40, help_text="Its id in the gallery.")
    rate = MoneyIn(most_minor=HIGHEST_RATE_MINOR, help_text="Pay per hour.")


class TemplateUseOut(Strict):
    purpose = serializers.CharField()
    use = serializers.CharField(help_text="What is made of the recordings.")
    bonus_minor = serializers.IntegerField(
        help_text="What granting it pays on top, in minor units of the gig's currency."
    )


class TemplateOut(Strict):
    id = serializers.CharField()
    name = serializers.CharField()
    suits = serializers.CharField(help_text="When to take it.")
    title = serializers.CharField(source="fields.title")
    scene = serializers.CharField(source="fields.scene")
    brief = serializers.CharField(source="fields.brief")
    seats = serializers.IntegerField(source="fields.seats")
    self_directed = serializers.BooleanField(source="fields.self_directed", default=False)
    session_s = serializers.IntegerField(source="fields.session_s")
    questions = serializers.SerializerMethodField(help_text="What everyone who applies is asked.")
    prompts = serializers.ListField(child=serializers.CharField(), help_text="The deck, a line a card.")
    uses = serializers.SerializerMethodField(help_text="The purposes, each with its price.")

    def get_questions(self, template: Template) -> list[str]:
        return [each["text"] for each in template.questions]

    def get_uses(self, template: Template) -> TemplateUseOut(many=True):  # type: ignore[valid-type] # read by the document
        rows = [
            {"purpose": purpose, "use": price.use, "bonus_minor": price.bonus_minor}
            for purpose, price in template.uses.items()
        ]
        return TemplateUseOut(rows, many=True).data


class GigTemplates(Endpoint):
    """Gigs that are as good as written."""

    allow = (Audience.COMPANY,)
    scopes = {"GET": READ}
    pagination_class = WholeList

    @described("gig_templates_list", "List the house's templates.", responses=TemplateOut(many=True))
    def get(self, request: Request) -> Response:
        return self.whole(TemplateOut, list(TEMPLATES.values()))


class GigFromTemplate(Endpoint):
    """A draft with a template's brief, questions, deck and purposes; pay and days are yours."""

    allow = (Audience.COMPANY,)
    scopes = {"POST": WRITE}

    @described(
        "gigs_create_from_template",
        "Post a gig from a template, as a draft.",
        refuses=(UnknownCurrency, NotFound),
        request=FromTemplateIn,
        responses={201: GigDetailOut},
    )
    def post(self, request: Request) -> Response:
        sent = self.read(FromTemplateIn)
        company = get_company(self.actor, sent.pop("company"))
        template = posting.get_template(sent.pop("template"))

        def work() -> Gig:
            gig = posting.post_from_template(
                company=company, template=template, **sent, by=self.actor, at=clock.now()
            )
            return queries.get_gig(self.actor, gig.public_id)

        return self.created(GigDetailOut, work)


class GigDuplicate(Endpoint):
    """A draft like a gig of yours, in whatever state: all but its money, its days and who it is."""

    allow = (Audience.COMPANY,)
    scopes = {"POST": WRITE}

    @described(
        "gigs_duplicate",
        "Post a gig like another one, as a draft.",
        request=DuplicateIn,
        responses={201: GigDetailOut},
    )
    def post(self, request: Request, gig_id: str) -> Response:
        like, sent = queries.get_own_gig(self.actor, gig_id), self.read(DuplicateIn)

        def work() -> Gig:
            gig = posting.duplicate(gig=like, **sent, by=self.actor, at=clock.now())
            return queries.get_gig(self.actor, gig.public_id)

        return self.created(GigDetailOut, work)


urlpatterns = [
    path("gig-templates", GigTemplates.as_view(), name="api_gig_templates"),
    path("gigs/from-template", GigFromTemplate.as_view(), name="api_gig_from_template"),
    path("gigs/<str:gig_id>/duplicate", GigDuplicate.as_view(), name="api_gig_duplicate"),
]
