"""Where tapes lie: a folder that only the house enters, named by their ids, never by what they were called."""

from pathlib import Path

from django.conf import settings

from marketplace.craft.models import Tape
from marketplace.media import store


def original(tape: Tape) -> Path:
    """As it came, byte for byte, until it was looked at."""
    return Path(settings.MEDIA_FOLDER) / "tapes" / f"{tape.public_id}.part"


def playable(tape: Tape) -> Path:
    return Path(settings.MEDIA_FOLDER) / "tapes" / f"{tape.public_id}.play"


def remove(tape: Tape) -> None:
    """Both; what is not there stays so."""
    for path in (original(tape), playable(tape)):
        store.remove(path)
