"""Companies and who acts for them."""

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.roles import Role
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.step_up import StaleProof
from accounts.companies import operations
from accounts.companies.countries import COUNTRIES
from accounts.companies.forms import current
from accounts.companies.models import Company, Membership
from accounts.companies.queries import get_company, get_member, get_own_company, members
from accounts.identity import residence
from accounts.identity.fields import NameField
from accounts.identity.names import LONGEST_ABOUT, LONGEST_WEBSITE
from accounts.identity.queries import get_person
from kit import clock
from kit.http.serializers import Strict, TextField


class CompanyIn(Strict):
    name = NameField()
    website = serializers.URLField(max_length=LONGEST_WEBSITE, required=False, allow_blank=True, default="")


class CompanyChange(Strict):
    name = NameField(required=False)
    website = serializers.URLField(max_length=LONGEST_WEBSITE, required=False, allow_blank=True)
    about = TextField(max_length=LONGEST_ABOUT, required=False, allow_blank=True)
    seat_country = serializers.ChoiceField(
        choices=list(COUNTRIES.items()),
        required=False,
        allow_blank=True,
        help_text="Where it works from; empty: where it is registered.",
    )
    seat_region = serializers.ChoiceField(
        choices=list(residence.states().items()),
        required=False,
        allow_blank=True,
        help_text="In the United States, the state.",
    )


class CompanyOut(serializers.ModelSerializer[Company]):
    id = serializers.CharField(source="public_id")
    website = serializers.CharField()

    class Meta:
        model = Company
        fields = [
            "id",
            "name",
            "state",
            "website",
            "about",
            "legal_name",
            "registration_number",
            "country",
            "seat_country",
            "seat_region",
            "created_at",
        ]


class RoleIn(Strict):
    role = serializers.ChoiceField(choices=Role.choices)


class MemberOut(serializers.ModelSerializer[Membership]):
    id = serializers.CharField(source="user.public_id")
    name = serializers.CharField(source="user.name")
    email = serializers.EmailField(source="user.email")

    class Meta:
        model = Membership
        fields = ["id", "name", "email", "role", "since"]


class Companies(Endpoint):
    """The companies you act for."""

    allow = (Audience.SIGNED_IN,)

    @described("companies_list", "List the companies you act for.", responses=CompanyOut(many=True))
    def get(self, request: Request) -> Response:
        return self.listed(CompanyOut, Company.objects.visible_to(self.actor), by=("-id",))

    @described(
        "companies_create",
        "Make a company, and be its owner.",
        request=CompanyIn,
        responses={201: CompanyOut},
    )
    def post(self, request: Request) -> Response:
        sent, owner = self.read(CompanyIn), get_person(self.actor)
        return self.created(
            CompanyOut,
            lambda: operations.create_company(**sent, owner=owner, by=self.actor, at=clock.now()),
        )


class OneCompany(Endpoint):
    allow = (Audience.COMPANY, Audience.STAFF)

    @described("companies_get", "Read a company.", responses=CompanyOut)
    def get(self, request: Request, company_id: str) -> Response:
        return Response(CompanyOut(get_company(self.actor, company_id)).data)

    @described(
        "companies_update",
        "Change what performers read of a company.",
        request=CompanyChange,
        responses=CompanyOut,
    )
    def patch(self, request: Request, company_id: str) -> Response:
        company, sent = get_company(self.actor, company_id), self.read(CompanyChange)
        wanted = current(company) | sent
        if sent.get("seat_country") not in (None, company.seat_country):
            wanted["seat_region"] = sent.get("seat_region", "")
        return self.done(
            CompanyOut,
            lambda: operations.update_company(company=company, **wanted, by=self.actor, at=clock.now()),
        )


class Members(Endpoint):
    allow = (Audience.COMPANY, Audience.STAFF)

    @described("members_list", "List who acts for a company.", responses=MemberOut(many=True))
    def get(self, request: Request, company_id: str) -> Response:
        return self.listed(MemberOut, members(get_company(self.actor, company_id)), by=("id",))


class OneMember(Endpoint):
    """Change what someone is in the company, or take them out."""

    allow = (Audience.COMPANY,)

    @described(
        "members_update",
        "Change what someone is in a company.",
        refuses=(StaleProof, operations.LastOwner),
        request=RoleIn,
        responses=MemberOut,
    )
    def patch(self, request: Request, company_id: str, user_id: str) -> Response:
        company, sent = get_company(self.actor, company_id), self.read(RoleIn)
        member = get_member(company, user_id)
        return self.done(
            MemberOut,
            lambda: operations.change_role(
                company=company, user=member.user, **sent, by=self.actor, at=clock.now()
            ),
        )

    @described(
        "members_remove",
        "Take someone out of a company.",
        refuses=(StaleProof, operations.LastOwner),
        responses={204: None},
    )
    def delete(self, request: Request, company_id: str, user_id: str) -> Response:
        company = get_company(self.actor, company_id)
        member = get_member(company, user_id)
        operations.remove_member(company=company, user=member.user, by=self.actor, at=clock.now())
        return Response(status=204)


class OwnMembership(Endpoint):
    """Your own place in a company."""

    allow = (Audience.SIGNED_IN,)

    @described(
        "memberships_leave",
        "Act for a company no more.",
        refuses=(operations.LastOwner,),
        responses={204: None},
    )
    def delete(self, request: Request, company_id: str) -> Response:
        company = get_own_company(self.actor, company_id)
        operations.leave(company=company, by=self.actor, at=clock.now())
        return Response(status=204)


urlpatterns = [
    path("companies", Companies.as_view(), name="api_companies"),
    path("companies/<str:company_id>", OneCompany.as_view(), name="api_company"),
    path("companies/<str:company_id>/membership", OwnMembership.as_view(), name="api_membership"),
    path("companies/<str:company_id>/members", Members.as_view(), name="api_members"),
    path("companies/<str:company_id>/members/<str:user_id>", OneMember.as_view(), name="api_member"),
]
