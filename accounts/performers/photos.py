"""A performer's picture: told by its bytes, made anew, and shown only at an address that is signed for one person, for minutes."""

import base64
import binascii
import io
import warnings
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from PIL import Image, ImageOps, UnidentifiedImageError

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.performers.models import Performer, Photo
from kit.errors import DomainError, Invalid
from kit.http import signed as signed_address
from kit.rows import by_public_id

MOST_BYTES = 10_000_000
# In base 64, four letters for three bytes.
MOST_LETTERS = 4 * -(-MOST_BYTES // 3)
FORMS = ("JPEG", "PNG", "WEBP")
SMALLEST_SIDE, LARGEST_SIDE = 200, 12_000
MOST_PIXELS = 40_000_000
KEPT_SIDE, QUALITY = 1_200, 85
TOO_LARGE = f"At most {MOST_BYTES // 1_000_000} MB: save it smaller, and send it again."
SALT = "accounts.performers.photo"


class PhotoAddressExpired(DomainError):
    """Open the page again: it has a fresh address."""

    code = "photo_address_expired"
    status = 403
    title = "This address of a picture is no longer good"


def put(*, performer: Performer, content: bytes, by: Actor, at: datetime) -> Photo:
    """The performer's picture from now on; the one before it is gone. Raises NotFound (404), Invalid (422) for what is no
    picture that can be shown."""
    by.require_performer(performer.pk)
    made, size = made_anew(content)
    with transaction.atomic():
        Performer.objects.select_for_update().get(pk=performer.pk)
        Photo.objects.filter(performer=performer).delete()
        photo = Photo.objects.create(
            performer=performer, content=made, width=size[0], height=size[1], put_at=at
        )
        audit.record(verb="performer.photo_put", thing=performer, by=by, at=at)
    return photo


@transaction.atomic
def remove(*, performer: Performer, by: Actor, at: datetime) -> None:
    """Twice changes nothing. Raises NotFound (404)."""
    by.require_performer(performer.pk)
    gone, _ = Photo.objects.filter(performer=performer).delete()
    if gone:
        audit.record(verb="performer.photo_removed", thing=performer, by=by, at=at)


def made_anew(content: bytes) -> tuple[bytes, tuple[int, int]]:
    """A JPEG of ours with the picture and nothing else of what was sent, and its size. Raises Invalid (422)."""
    if not content:
        raise _wrong("Add a picture.", "picture_missing")
    if len(content) > MOST_BYTES:
        raise _wrong(TOO_LARGE, "max_length")
    try:
        with warnings.catch_warnings():
            # What Pillow calls a possible bomb is one here.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMS) as sent:
                _check_size(sent.size)
                sent.load()
                return _encoded(sent)
    except UnidentifiedImageError as error:
        raise _wrong(
            "It is no JPEG, PNG or WebP, whatever its name says. Save it as one.", "unknown_form"
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _wrong(_too_large(), "out_of_range") from error
    except (OSError, SyntaxError, ValueError, MemoryError, OverflowError, EOFError) as error:
        raise _wrong(
            "The picture is broken, or cut off. Save it anew, and send it again.", "malformed"
        ) from error


def _check_size(size: tuple[int, int]) -> None:
    """As its head says, before a pixel is read."""
    if min(size) < SMALLEST_SIDE:
        raise _wrong(
            f"At least {SMALLEST_SIDE} pixels on each side, so that one sees a face.", "out_of_range"
        )
    if max(size) > LARGEST_SIDE or size[0] * size[1] > MOST_PIXELS:
        raise _wrong(_too_large(), "out_of_range")


def _too_large() -> str:
    return f"At most {MOST_PIXELS // 1_000_000} million pixels: save it smaller, and send it again."


def _encoded(sent: Image.Image) -> tuple[bytes, tuple[int, int]]:
    upright = ImageOps.exif_transpose(sent)
    upright.thumbnail((KEPT_SIDE, KEPT_SIDE))
    flat = Image.new("RGB", upright.size, "white")
    seen = upright.convert("RGBA")
    flat.paste(seen, mask=seen.getchannel("A"))
    made = io.BytesIO()
    flat.save(made, "JPEG", quality=QUALITY)
    return made.getvalue(), flat.size


def decoded(text: str) -> bytes:
    """What an app sends in base 64. Raises Invalid (422) for what is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _wrong("Send the file's bytes in base 64.", "no_base64") from error


def _wrong(said: str, code: str) -> Invalid:
    return Invalid.field("photo", said, code=code)


def address(performer: Performer, *, by: Actor, at: datetime) -> str:
    """Good for whoever it was made for, for `LASTS`; empty without a picture. Whether they may see it, the caller has asked."""
    photo = Photo.objects.filter(performer=performer).only("public_id").first()
    if photo is None:
        return ""
    path = reverse("photo", args=[photo.public_id])
    return signed_address.address(path, photo.public_id, reader=by.label, salt=SALT, at=at)


def to_show(*, photo_id: str, signed: str, by: Actor, at: datetime) -> Photo:
    """Raises NotFound (404) for an address that was not made for this person, PhotoAddressExpired (403)."""
    signed_address.check(signed, photo_id, reader=by.label, salt=SALT, at=at, expired=PhotoAddressExpired)
    return by_public_id(Photo.objects.all(), photo_id)
