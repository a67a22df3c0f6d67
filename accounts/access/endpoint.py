"""What every endpoint of the API is: it says who may call it, reads strictly, answers once per key, pages by cursor."""

import json
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar, cast

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, QuerySet
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import idempotency
from accounts.access.actors import Actor
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience
from accounts.access.schema import KeysetPages, WholeList
from kit import clock
from kit.errors import Forbidden, Invalid
from kit.http.pagination import page
from kit.text import small_number

Serializer = serializers.BaseSerializer[Any]
M = TypeVar("M", bound=Model)


class Endpoint(APIView):
    """`allow`: who may call it. `scopes`: the scope a key needs, by method; a method without one is closed to keys.
    `pace`: the line of `settings.PACE` that its calls count against; the person's or key's own where it names none."""

    allow: ClassVar[tuple[Audience, ...]] = ()
    scopes: ClassVar[dict[str, str]] = {}
    pace: ClassVar[str] = ""
    pagination_class: ClassVar[type[KeysetPages | WholeList]] = (
        KeysetPages  # read by the OpenAPI document only
    )

    @property
    def actor(self) -> Actor:
        return actor_of(self.request._request)

    def read(self, kind: type[Serializer]) -> dict[str, Any]:
        """The validated body. Raises a ValidationError (422) that names every field."""
        if not isinstance(self.request.data, dict):
            raise Invalid("Send a JSON object.")
        reader = kind(data=self.request.data)
        reader.is_valid(raise_exception=True)
        return cast(dict[str, Any], reader.validated_data)

    def query(self, kind: type[Serializer]) -> dict[str, Any]:
        """The validated query string."""
        reader = kind(data=self.request.query_params.dict())
        reader.is_valid(raise_exception=True)
        return cast(dict[str, Any], reader.validated_data)

    def created(self, kind: type[Serializer], make: Callable[[], Any]) -> Response:
        """Answer 201 with what `make` made; with an Idempotency-Key, once."""
        return self._once(201, kind, make)

    def done(self, kind: type[Serializer], act: Callable[[], Any]) -> Response:
        """Answer 200 with what `act` returned; with an Idempotency-Key, once."""
        return self._once(200, kind, act)

    def listed(
        self,
        kind: type[Serializer],
        queryset: QuerySet[M],
        *,
        by: Sequence[str],
        show: Callable[[Sequence[M]], Sequence[Any]] | None = None,
    ) -> Response:
        """`{"data": […], "next_cursor": …}`, with `cursor` and `limit` from the query string. `show` makes of a page's rows
        what `kind` writes, where these are not the rows themselves."""
        asked = self.request.query_params
        limit = small_number(asked.get("limit", "25")) or 0
        found = page(queryset, by=by, cursor=asked.get("cursor", ""), limit=limit)
        shown = show(found.rows) if show is not None else found.rows
        return Response({"data": kind(shown, many=True).data, "next_cursor": found.next_cursor})

    def whole(self, kind: type[Serializer], rows: Sequence[Any]) -> Response:
        """`{"data": […]}`: a list that is short, or makes sense as one. Its endpoint pages by `WholeList`."""
        return Response({"data": kind(rows, many=True).data})

    def _once(self, status: int, kind: type[Serializer], act: Callable[[], Any]) -> Response:
        key = self.request.headers.get("Idempotency-Key", "")
        if not key:
            return Response(kind(act()).data, status=status)
        (status, body), replayed = idempotency.once(
            actor=self.actor.label,
            key=key,
            path=f"{self.request.method} {self.request.path}",
            sent=self.request.data,
            now=clock.now,
            work=lambda: (status, json.loads(json.dumps(kind(act()).data, cls=DjangoJSONEncoder))),
        )
        return Response(body, status=status, headers={"Idempotent-Replayed": "true"} if replayed else None)

    def permission_denied(self, request: Request, message: str | None = None, code: str | None = None) -> Any:
        if actor_of(request._request).is_anonymous:
            raise exceptions.NotAuthenticated("Log in, or send an API key.")
        raise Forbidden("This is for someone in another role.")
