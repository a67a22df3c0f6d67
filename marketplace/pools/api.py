"""Pools over the API."""

from typing import ClassVar

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.companies.queries import get_company
from kit import clock
from kit.errors import Invalid
from kit.http.serializers import LineField, Strict, TypedId
from marketplace.pools import operations, queries
from marketplace.pools.models import LONGEST_POOL_NAME, Pool


class PoolPersonOut(Strict):
    id = serializers.CharField(source="public_id")
    name = serializers.CharField(source="stage_name")


class PoolOut(Strict):
    id = serializers.CharField(source="public_id")
    name = serializers.CharField()
    performers = PoolPersonOut(many=True)


class PoolIn(Strict):
    name = LineField(max_length=LONGEST_POOL_NAME)


class PoolFillIn(Strict):
    performers = serializers.ListField(child=TypedId(prefix="prf"), max_length=operations.MOST_IN_A_POOL)


class Pools(Endpoint):
    """Performers whom a company asks first; nobody else reads who is in them."""

    allow: ClassVar[tuple[Audience, ...]] = (Audience.COMPANY,)

    @described("pools_list", "List a company's pools.", responses=PoolOut(many=True))
    def get(self, request: Request, company_id: str) -> Response:
        company = get_company(self.actor, company_id)
        return self.listed(PoolOut, queries.pools_of(self.actor, company), by=("name", "id"))

    @described(
        "pools_create",
        "Make a pool.",
        refuses=(operations.PoolExists,),
        request=PoolIn,
        responses={201: PoolOut},
    )
    def post(self, request: Request, company_id: str) -> Response:
        company, sent = get_company(self.actor, company_id), self.read(PoolIn)
        return self.created(
            PoolOut, lambda: operations.make(company=company, **sent, by=self.actor, at=clock.now())
        )


class OnePool(Endpoint):
    allow: ClassVar[tuple[Audience, ...]] = (Audience.COMPANY,)

    @described("pools_fill", "Say who is in a pool.", request=PoolFillIn, responses=PoolOut)
    def put(self, request: Request, company_id: str, pool_id: str) -> Response:
        company, ids = get_company(self.actor, company_id), set(self.read(PoolFillIn)["performers"])
        people = [each for each in queries.can_be_in(company) if each.public_id in ids]
        if len(people) != len(ids):
            said = "Each is somebody who is, or was, engaged by your company."
            raise Invalid.field("performers", said, code="not_a_choice")
        pool = queries.get_pool(self.actor, company, pool_id)
        operations.fill(pool=pool, performers=people, by=self.actor, at=clock.now())
        return Response(PoolOut(queries.get_pool(self.actor, company, pool_id)).data)

    @described("pools_end", "End a pool.", responses={204: None})
    def delete(self, request: Request, company_id: str, pool_id: str) -> Response:
        pool: Pool = queries.get_pool(self.actor, get_company(self.actor, company_id), pool_id)
        operations.end(pool=pool, by=self.actor, at=clock.now())
        return Response(status=204)


urlpatterns = [
    path("companies/<str:company_id>/pools", Pools.as_view(), name="api_pools"),
    path("companies/<str:company_id>/pools/<str:pool_id>", OnePool.as_view(), name="api_pool"),
]
