"""What companies are told, on its way to their systems: passed on to each webhook, tried, tried again, given up."""

import contextlib
import time
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, Window
from django.db.models.functions import RowNumber

from accounts.access.actors import Actor
from accounts.audit import operations as audit
from accounts.companies.models import CompanyEvent
from accounts.companies.notices import tell_company
from accounts.notifications.account_kinds import AccountKind
from accounts.outgoing import addresses, signing
from accounts.outgoing.models import Sending, Webhook
from accounts.outgoing.states import SendingState, WebhookState
from kit import clock

SYSTEM = Actor.of_system("webhooks")
FRESH_AT_ONCE, AT_ONCE, LONGEST_SWEEP_S = 500, 10, 20.0
SWEEP_LOCK = 7_400_025
# Of one webhook at a time, so that a slow one holds up nobody else's for long.
OF_ONE = 5
# Longer than AT_ONCE that answer as slowly as they may.
CLAIMED_FOR = timedelta(minutes=4)
# As Standard Webhooks proposes: over a bit more than three days, so that a weekend's outage loses nothing.
WAITS = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
TOLD_AFTER, STOPPED_AFTER = timedelta(hours=6), timedelta(days=5)
KEPT_FOR = timedelta(days=30)
OK, GONE = range(200, 300), 410


def sweep(*, at: datetime) -> None:
    """Pass on, then send what is due, for LONGEST_SWEEP_S at most: the next tick goes on. One sweep at a time: strangers'
    machines that answer slowly hold one worker, never all of them."""
    pass_on(at=at)
    with _alone() as is_alone:
        until = time.monotonic() + LONGEST_SWEEP_S
        while is_alone and time.monotonic() < until and (claimed := _claim(at=clock.now())):
            for n, sending in enumerate(claimed):
                if time.monotonic() >= until:
                    _let_go(claimed[n:], at=clock.now())
                    return
                _send(sending, at=clock.now())


@contextlib.contextmanager
def _alone() -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [SWEEP_LOCK])
        is_alone = bool(cursor.fetchone()[0])
        try:
            yield is_alone
        finally:
            if is_alone:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [SWEEP_LOCK])


@transaction.atomic
def pass_on(*, at: datetime) -> int:
    """Each event that is new to every webhook of its company that wants it; how many sendings. Paused and stopped ones gather
    theirs."""
    fresh = CompanyEvent.objects.filter(passed_on_at=None).order_by("id").select_for_update(skip_locked=True)
    events = list(fresh[:FRESH_AT_ONCE])
    companies = {event.company_id for event in events}
    live = Webhook.objects.filter(company_id__in=companies).exclude(state=WebhookState.ENDED)
    made = [
        Sending(webhook=webhook, event=event, due_at=at)
        for webhook in live
        for event in events
        if _wants(webhook, event)
    ]
    Sending.objects.bulk_create(made, ignore_conflicts=True)
    CompanyEvent.objects.filter(pk__in=[event.pk for event in events]).update(passed_on_at=at)
    return len(made)


def _wants(webhook: Webhook, event: CompanyEvent) -> bool:
    """What was before it was made is not sent to it."""
    is_its = event.company_id == webhook.company_id and event.happened_at >= webhook.created_at
    return is_its and (not webhook.kinds or event.kind in webhook.kinds)


def forget(*, at: datetime) -> int:
    """Delete what is older than KEPT_FOR, its sendings with it; how many events."""
    waits = Sending.objects.filter(
        event=OuterRef("pk"), state=SendingState.WAITING, webhook__state=WebhookState.ACTIVE
    )
    old = CompanyEvent.objects.filter(~Exists(waits), happened_at__lt=at - KEPT_FOR)
    _, by_model = CompanyEvent.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:5_000])).delete()
    return by_model.get("accounts.CompanyEvent", 0)


@transaction.atomic
def _claim(*, at: datetime) -> list[Sending]:
    """A few that are due, the webhooks in turn: of one at most OF_ONE, and one of a webhook that nothing gets through to. A
    claim counts as a try: a process that ends in the midst of one has tried."""
    turn = Window(RowNumber(), partition_by="webhook_id", order_by=["due_at", "id"])
    due = Sending.objects.filter(
        state=SendingState.WAITING, due_at__lte=at, webhook__state=WebhookState.ACTIVE
    ).annotate(turn=turn)
    fair = due.filter(Q(turn=1) | Q(turn__lte=OF_ONE, webhook__failing_since=None))
    keys = list(fair.order_by("turn", "due_at", "id").values_list("pk", flat=True)[:AT_ONCE])
    taken = list(
        Sending.objects.filter(pk__in=keys, state=SendingState.WAITING, due_at__lte=at)
        .select_related("webhook__company", "event__company")
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("due_at", "id")
    )
    for sending in taken:
        sending.fence += 1
        sending.tries += 1
        sending.due_at = at + CLAIMED_FOR
    Sending.objects.bulk_update(taken, ["fence", "tries", "due_at"])
    return taken


def _let_go(rest: Sequence[Sending], *, at: datetime) -> None:
    """Time is over: these were not tried."""
    for sending in rest:
        mine = Sending.objects.filter(pk=sending.pk, fence=sending.fence, state=SendingState.WAITING)
        mine.update(due_at=at, tries=F("tries") - 1)


def _send(sending: Sending, *, at: datetime) -> None:
    """The call, with no transaction open; then what came of it, unless somebody else has it by now."""
    body = signing.body_of(sending.event)
    answer, failure = None, ""
    try:
        headers = signing.headers(sending.webhook, sending.event, body, at=at)
        answer = addresses.post(sending.webhook.address, body=body, headers=headers)
    except addresses.Unanswered as error:
        failure = str(error)
    except addresses.AddressRefused:
        failure = "the address leads where nothing is sent"
    except InvalidToken:
        failure = "its secret opens with no key of this house: make another secret"
    if answer is not None and answer not in OK:
        failure = f"it answered {answer}" + (": redirects are not followed" if 300 <= answer < 400 else "")
    _record(sending, answer=answer, failure=failure, at=clock.now())


@transaction.atomic
def _record(sending: Sending, *, answer: int | None, failure: str, at: datetime) -> None:
    # Webhook before sending, as everywhere.
    locked = Webhook.objects.select_for_update(of=("self",), no_key=True)
    webhook = locked.select_related("company").get(pk=sending.webhook_id)
    mine = Sending.objects.filter(pk=sending.pk, fence=sending.fence, state=SendingState.WAITING)
    also = {"tried_at": at, "answer": answer, "failure": failure}
    if not failure:
        if mine.update(state=SendingState.DELIVERED, due_at=None, **also):
            Webhook.objects.filter(pk=webhook.pk).update(failing_since=None)
        return
    next_at = _next_try(sending, at=at)
    ends = {"state": SendingState.GIVEN_UP, "due_at": None} if next_at is None else {"due_at": next_at}
    if mine.update(**ends, **also):
        _note_failure(webhook, gone=answer == GONE, at=at)
        if not waiting(webhook):
            # Whoever is quiet for days and fails once more has not failed for days.
            Webhook.objects.filter(pk=webhook.pk).update(failing_since=None)


def _next_try(sending: Sending, *, at: datetime) -> datetime | None:
    """When to try again, a tenth sooner or later so that not all come back at once; None after the last try."""
    if sending.tries > len(WAITS):
        return None
    spread = zlib.crc32(f"{sending.public_id}{sending.tries}".encode()) % 201 - 100
    return at + WAITS[sending.tries - 1] * (1_000 + spread) / 1_000


def _note_failure(webhook: Webhook, *, gone: bool, at: datetime) -> None:
    since = webhook.failing_since or at
    if webhook.failing_since is None:
        Webhook.objects.filter(pk=webhook.pk).update(failing_since=at)
    if webhook.state == WebhookState.ACTIVE and (gone or at - since >= STOPPED_AFTER):
        audit.move(webhook, WebhookState.STOPPED, by=SYSTEM, at=at, reason="gone" if gone else "failing")
        _tell(webhook, AccountKind.WEBHOOK_STOPPED, since=since, at=at)
    elif at - since >= TOLD_AFTER:
        _tell(webhook, AccountKind.WEBHOOK_FAILS, since=since, at=at)


def _tell(webhook: Webhook, kind: AccountKind, *, since: datetime, at: datetime) -> None:
    tell_company(
        kind=kind,
        company_id=webhook.company_id,
        key=f"{kind.name.lower()}:{webhook.public_id}:{since.timestamp():.0f}",
        about={"address": webhook.masked, "since": since},
        where={"company_id": webhook.company.public_id},
        at=at,
    )


def waiting(webhook: Webhook) -> int:
    """How many wait to be sent there."""
    return webhook.sendings.filter(state=SendingState.WAITING).count()
