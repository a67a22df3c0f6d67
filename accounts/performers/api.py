from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.identity import residence
from accounts.identity.fields import NameField, ZoneField
from accounts.identity.names import LONGEST_ABOUT
from accounts.identity.queries import get_person
from accounts.performers import operations, photos
from accounts.performers.countries import COUNTRIES
from accounts.performers.forms import current
from accounts.performers.models import LONGEST_CREDITS, OLDEST_PLAYED, YOUNGEST_PLAYED, Performer, Photo
from accounts.performers.queries import get_own
from accounts.performers.skills import ACCENTS, LANGUAGES, SKILLS
from kit import clock
from kit.errors import NotFound
from kit.http.serializers import Strict, TextField, WholeNumberField
from kit.http.signed import LASTS
from kit.instants import length_in_words

AGE: dict[str, Any] = {
    "min_value": YOUNGEST_PLAYED,
    "max_value": OLDEST_PLAYED,
    "allow_null": True,
    "required": False,
}


class PerformerIn(Strict):
    stage_name = NameField()


class ProfileIn(Strict):
    stage_name = NameField(required=False)
    about = TextField(max_length=LONGEST_ABOUT, required=False, allow_blank=True)
    country = serializers.ChoiceField(choices=list(COUNTRIES.items()), required=False)
    region = serializers.ChoiceField(
        choices=list(residence.states().items()),
        required=False,
        allow_blank=True,
        help_text="In the United States, the state that you live in.",
    )
    skills = serializers.ListField(
        child=serializers.ChoiceField(choices=list(SKILLS.items())),
        min_length=1,
        max_length=len(SKILLS),
        required=False,
    )
    languages = serializers.ListField(
        child=serializers.ChoiceField(choices=list(LANGUAGES.items())),
        min_length=1,
        max_length=len(LANGUAGES),
        required=False,
    )
    accents = serializers.ListField(
        child=serializers.ChoiceField(choices=list(ACCENTS.items())), max_length=len(ACCENTS), required=False
    )
    plays_from = WholeNumberField(**AGE)
    plays_to = WholeNumberField(**AGE)
    credits = TextField(max_length=LONGEST_CREDITS, required=False, allow_blank=True)
    time_zone = ZoneField(required=False)


class PerformerOut(serializers.ModelSerializer[Performer]):
    id = serializers.CharField(source="public_id")
    time_zone = serializers.CharField(source="user.time_zone")

    class Meta:
        model = Performer
        fields = [
            "id",
            "stage_name",
            "about",
            "country",
            "region",
            "skills",
            "languages",
            "accents",
            "plays_from",
            "plays_to",
            "credits",
            "time_zone",
            "state",
            "payouts_enabled_at",
            "created_at",
        ]


class PhotoIn(Strict):
    photo = TextField(
        max_length=photos.MOST_LETTERS,
        allow_blank=True,
        error_messages={"max_length": photos.TOO_LARGE},
        help_text="A JPEG, PNG or WebP of at most 10 MB, in base 64.",
    )


class PhotoOut(Strict):
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    address = serializers.SerializerMethodField(
        help_text=f"Where you can see it for {length_in_words(LASTS)}."
    )

    def get_address(self, photo: Photo) -> str:
        return photos.address(photo.performer, by=self.context["actor"], at=clock.now())


class MyPhoto(Endpoint):
    """Your picture. Companies see it through an application, an engagement or a pool."""

    allow = (Audience.PERFORMER,)

    @described("my_photo_put", "Give yourself a picture.", request=PhotoIn, responses=PhotoOut)
    def put(self, request: Request) -> Response:
        content, performer = photos.decoded(self.read(PhotoIn)["photo"]), get_own(self.actor)
        photo = photos.put(performer=performer, content=content, by=self.actor, at=clock.now())
        return Response(PhotoOut(photo, context={"actor": self.actor}).data)

    @described("my_photo_remove", "Remove your picture.", responses={204: None})
    def delete(self, request: Request) -> Response:
        photos.remove(performer=get_own(self.actor), by=self.actor, at=clock.now())
        return Response(status=204)


class MyPerformer(Endpoint):
    """Your performer's profile."""

    allow = (Audience.SIGNED_IN,)

    @described(
        "my_performer_get", "Read your performer's profile.", refuses=(NotFound,), responses=PerformerOut
    )
    def get(self, request: Request) -> Response:
        return Response(PerformerOut(get_own(self.actor)).data)

    @described(
        "my_performer_create",
        "Make yourself a performer's profile.",
        refuses=(operations.AlreadyPerformer,),
        request=PerformerIn,
        responses={201: PerformerOut},
    )
    def post(self, request: Request) -> Response:
        sent, user = self.read(PerformerIn), get_person(self.actor)
        return self.created(
            PerformerOut,
            lambda: operations.create_performer(user=user, **sent, by=self.actor, at=clock.now()),
        )

    @described(
        "my_performer_update",
        "Change your performer's profile.",
        refuses=(NotFound,),
        request=ProfileIn,
        responses=PerformerOut,
    )
    def patch(self, request: Request) -> Response:
        sent, performer = self.read(ProfileIn), get_own(self.actor)
        wanted = current(performer) | sent
        if sent.get("country") not in (None, performer.country):
            wanted["region"] = sent.get("region", "")
        return self.done(
            PerformerOut,
            lambda: operations.update_profile(performer=performer, **wanted, by=self.actor, at=clock.now()),
        )


urlpatterns = [
    path("me/performer", MyPerformer.as_view(), name="api_my_performer"),
    path("me/performer/photo", MyPhoto.as_view(), name="api_my_photo"),
]
