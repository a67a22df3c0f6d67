"""A company's program, written against the Python client that is made from openapi.yaml. Run, and type-checked, by a test.

usage: python_journey.py ADDRESS SESSION_TOKEN
"""

import sys
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from callboard_client import AuthenticatedClient
from callboard_client.api.companies import api_keys_create, companies_create
from callboard_client.api.gigs import gigs_cancel, gigs_create, gigs_get, gigs_list, gigs_publish
from callboard_client.models import (
    CompanyInRequest,
    CompanyOut,
    GigCancelInRequest,
    GigDetailOut,
    GigInRequest,
    GigOut,
    KeyInRequest,
    KeyInRequestScopesItem,
    Money,
    NewKeyOut,
    PaginatedGigOutList,
    Problem,
)

NEXT_YEAR = datetime.now(UTC).date() + timedelta(days=365)


def main(address: str, session_token: str) -> None:
    person = AuthenticatedClient(
        base_url=address, token=session_token, prefix="", auth_header_name="X-Session-Token"
    )
    company = companies_create.sync(client=person, body=CompanyInRequest(name="Northlight Labs"))
    assert isinstance(company, CompanyOut), company
    scopes = [KeyInRequestScopesItem.GIGSREAD, KeyInRequestScopesItem.GIGSWRITE]
    made = api_keys_create.sync(company.id, client=person, body=KeyInRequest(name="journey", scopes=scopes))
    assert isinstance(made, NewKeyOut), made

    program = AuthenticatedClient(base_url=address, token=made.secret)
    wanted = GigInRequest(
        company=company.id,
        title="Two strangers in a lift",
        scene="Unscripted scenes in pairs",
        brief="Say yes, and.",
        rate=Money(amount_minor=7400, currency="usd"),
        starts_on=NEXT_YEAR,
        ends_on=NEXT_YEAR + timedelta(days=60),
    )
    gigs = [gigs_create.sync(client=program, body=wanted, idempotency_key="first") for _ in range(2)]
    first, again = gigs
    assert isinstance(first, GigDetailOut), gigs
    assert isinstance(again, GigDetailOut), gigs
    assert first.id == again.id, "one key, one gig"
    assert (first.rate.amount_minor, first.rate.currency) == (7400, "usd")

    refused = gigs_publish.sync_detailed(first.id, client=program)
    assert refused.status_code == HTTPStatus.CONFLICT
    assert isinstance(refused.parsed, Problem), refused
    assert refused.parsed.code == "not_approved", refused
    board = gigs_list.sync(client=program, limit=5)
    assert isinstance(board, PaginatedGigOutList), board
    assert board.data == [], board
    read = gigs_get.sync(first.id, client=program)
    assert isinstance(read, GigDetailOut), read
    assert read.state.value == "draft", read
    called_off = gigs_cancel.sync(
        first.id, client=program, body=GigCancelInRequest(reason="We found our pair.")
    )
    assert isinstance(called_off, GigOut), called_off
    assert called_off.state.value == "cancelled", called_off


if __name__ == "__main__":
    main(*sys.argv[1:])
