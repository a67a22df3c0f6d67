"""Saved searches, over the API."""

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import WholeList, described
from accounts.performers.queries import get_own
from kit import clock
from kit.errors import NotFound
from kit.http.serializers import LineField
from marketplace.gigs import saved
from marketplace.gigs.api import search_of
from marketplace.gigs.limits import LONGEST_SEARCH_NAME
from marketplace.gigs.models import SavedSearch
from marketplace.gigs.serializers import BoardFilters


class SavedSearchIn(BoardFilters):
    name = LineField(max_length=LONGEST_SEARCH_NAME, help_text="By which you know its mail.")


class SavedSearchOut(serializers.ModelSerializer[SavedSearch]):
    id = serializers.CharField(source="public_id")
    query = serializers.SerializerMethodField(help_text="What the board's address says for the same.")
    next_mail_at = serializers.DateTimeField(
        source="due_at", help_text="When what is new is mailed next, if anything is: your morning."
    )

    class Meta:
        model = SavedSearch
        fields = ["id", "name", "query", "created_at", "next_mail_at"]

    def get_query(self, row: SavedSearch) -> str:
        return saved.address_of(saved.search_of(row))


class SavedSearches(Endpoint):
    """What you look for on the board; new gigs that fit come by mail, once a day."""

    allow = (Audience.PERFORMER,)
    pagination_class = WholeList

    @described("saved_searches_list", "List your saved searches.", responses=SavedSearchOut(many=True))
    def get(self, request: Request) -> Response:
        return self.whole(SavedSearchOut, list(saved.own(self.actor)))

    @described(
        "saved_searches_create",
        "Save a search of the board, by name.",
        refuses=(saved.SavedAlready, saved.TooManySaved, NotFound),
        request=SavedSearchIn,
        responses={201: SavedSearchOut},
    )
    def post(self, request: Request) -> Response:
        sent, performer = self.read(SavedSearchIn), get_own(self.actor)
        name, search = sent.pop("name"), search_of(sent)
        return self.created(
            SavedSearchOut,
            lambda: saved.save(performer=performer, name=name, search=search, by=self.actor, at=clock.now()),
        )


class SavedSearchDetail(Endpoint):
    """It sends no mail any more."""

    allow = (Audience.PERFORMER,)

    @described("saved_searches_delete", "Delete a saved search.", responses={204: None})
    def delete(self, request: Request, saved_id: str) -> Response:
        saved.end(saved_id=saved_id, by=self.actor, at=clock.now())
        return Response(status=204)


urlpatterns = [
    path("saved-searches", SavedSearches.as_view(), name="api_saved_searches"),
    path("saved-searches/<str:saved_id>", SavedSearchDetail.as_view(), name="api_saved_search"),
]
