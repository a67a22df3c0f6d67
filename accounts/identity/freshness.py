"""How lately a person proved who they are, as allauth recorded it in the session."""

from datetime import UTC, datetime

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest


def authenticated_at(request: HttpRequest) -> datetime | None:
    """When this session's person last gave a password or second factor; None when never."""
    times = [record["at"] for record in get_authentication_records(request) if "at" in record]
    return datetime.fromtimestamp(max(times), UTC) if times else None
