"""The doors by which a run is approved and frozen, as the tests of approving use them."""

import html
import re

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.identity.models import User
from payments.payroll.models import PayRun
from payments.payroll.states import RunState
from tests.accounts.browsing import (
    Api,
    logs_in,
    proves,
)
from tests.payments.world import World

TOO_LONG = {"minutes": 5, "seconds": 1}


def by_page(client: Client, run: PayRun) -> HttpResponse:
    return client.post(  # type: ignore[return-value] # Django's test client says so too
        reverse("payday_approve", args=[run.public_id]), {"content_hash": run.content_hash}
    )


def by_api(api: Api, run: PayRun) -> HttpResponse:
    return api.post(f"pay-runs/{run.public_id}/approve", {"content_hash": run.content_hash})


def reads_payday(client: Client) -> str:
    """What the page says now, as it is read."""
    return html.unescape(client.get(reverse("payday")).content.decode())


def reads_text(client: Client) -> str:
    return re.sub(r"<[^>]+>", "", reads_payday(client))


def gives_the_second_factor(client: Client, user: User) -> HttpResponse:
    return proves(client, user, next=reverse("payday"))


def state(run: PayRun) -> RunState:
    return RunState(PayRun.objects.get(pk=run.pk).state)


def is_paid(world: World, run: PayRun) -> bool:
    world.sweep()
    return state(run) == RunState.PAID


def approves(user: User, run: PayRun, door: str) -> HttpResponse:
    return by_page(logs_in(user), run) if door == "page" else by_api(Api(client=logs_in(user)), run)


def freezes(user: User, run: PayRun, door: str) -> HttpResponse:
    client = logs_in(user)
    if door == "page":
        return client.post(reverse("payday_freeze", args=[run.public_id]))  # type: ignore[return-value] # as above
    return Api(client=client).post(f"pay-runs/{run.public_id}/freeze")
