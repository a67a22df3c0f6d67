"""The copy of one's data as an answer, for the page and the API alike."""

from django.http import FileResponse

from accounts.access.actors import Actor
from accounts.privacy import operations
from kit import clock


def of_all_that_is_ones_own(actor: Actor) -> FileResponse:
    """Raises StaleProof (403), Forbidden (403) for a key."""
    return FileResponse(
        operations.carry_away(by=actor, at=clock.now()),
        as_attachment=True,
        filename="callboard-my-data.zip",
        content_type="application/octet-stream",
    )
