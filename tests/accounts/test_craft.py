"""What a performer says of their craft: accents, ages as performed, credits and a picture, by page and by app."""

import base64
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.performers.models import Performer, Photo
from tests import stories
from tests.accounts.browsing import Api, body_of, browser

pytestmark = pytest.mark.django_db
SAYS = {"accents": ["rp", "irish"], "plays_from": 25, "plays_to": 40, "credits": "Macbeth\nThe Bell, 2025"}


def a_picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (300, 400), "teal").save(made, "PNG")
    return made.getvalue()


@pytest.fixture
def performer() -> Performer:
    return stories.a_performer()


def test_is_said_over_the_api_and_stays_when_something_else_is_said(performer: Performer) -> None:
    api = Api(performer.user)
    assert {name: body_of(api.patch("me/performer", SAYS))[name] for name in SAYS} == SAYS | {
        "accents": ["irish", "rp"]
    }
    later = body_of(api.patch("me/performer", {"about": "I listen."}))
    assert (later["plays_from"], later["plays_to"], later["credits"]) == (25, 40, SAYS["credits"])


def test_is_said_on_the_page(performer: Performer) -> None:
    client = browser(performer.user)
    sent = {
        "stage_name": "Ada",
        "skills": ["duo"],
        "languages": ["en"],
        "country": "US",
        "time_zone": "UTC",
        **SAYS,
    }
    assert client.post("/profile/", sent).status_code == 302
    page = client.get("/profile/").content.decode()
    assert "Plays 25 to 40" in page
    assert "Received Pronunciation" in page


@pytest.mark.parametrize(
    ("ages", "field"),
    [
        ({"plays_from": 17, "plays_to": 30}, "plays_from"),
        ({"plays_from": 25, "plays_to": 101}, "plays_to"),
        ({"plays_from": 40, "plays_to": 39}, "plays_to"),
        ({"plays_from": 40}, "plays_to"),
        ({"plays_to": 40}, "plays_from"),
    ],
)
def test_ages_are_a_range_of_adults(performer: Performer, ages: dict[str, int], field: str) -> None:
    refused = Api(performer.user).patch("me/performer", ages)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == field  # type: ignore[attr-defined] # the test client's
    assert Api(performer.user).patch("me/performer", {"plays_from": 40, "plays_to": 40}).status_code == 200


def test_a_picture_is_seen_by_its_owner_at_an_address_of_minutes_and_by_nobody_else(
    performer: Performer,
) -> None:
    client = browser(performer.user)
    sent = client.post("/profile/photo/", {"photo": SimpleUploadedFile("me.png", a_picture())})
    assert sent.status_code == 302
    photo = Photo.objects.get()
    page = client.get("/profile/").content.decode()
    address = page.split('class="profile-photo" src="')[1].split('"')[0].replace("&amp;", "&")
    assert client.get(address)["Content-Type"] == "image/jpeg"
    another = browser(stories.a_performer().user)
    assert another.get(address).status_code == 404
    assert client.get(f"/photos/{photo.public_id}/").status_code == 404
    assert browser().get(address).status_code in (302, 401)


def test_a_picture_is_replaced_and_removed(performer: Performer) -> None:
    api = Api(performer.user)
    body = {"photo": base64.b64encode(a_picture()).decode()}
    for _ in range(2):
        assert body_of(api.send("PUT", "me/performer/photo", body))["width"] == 300
    assert Photo.objects.count() == 1
    for _ in range(2):
        assert api.delete("me/performer/photo").status_code == 204
    assert not Photo.objects.exists()
