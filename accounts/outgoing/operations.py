"""A company's webhooks: made, changed, paused, ended by its owners; what was sent is sent again when they ask."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.step_up import StepUp
from accounts.audit import operations as audit
from accounts.companies import events
from accounts.companies.models import Company, CompanyEvent
from accounts.outgoing import addresses, signing
from accounts.outgoing.models import LONGEST_ADDRESS, Sending, Webhook
from accounts.outgoing.states import SendingState, WebhookState
from kit.errors import DomainError, Invalid
from kit.transitions import IllegalMove

MOST, MOST_AGAIN = 10, 1_000
FORMER_FOR = timedelta(days=1)
S = WebhookState


class TooMany(DomainError):
    """End one that you do not need any more."""

    code = "too_many_webhooks"
    title = "There are enough webhooks"


class AddressTaken(DomainError):
    """Change the webhook that is there, or end it first."""

    code = "webhook_address_taken"
    title = "There is a webhook at that address already"


def make(
    *, company: Company, address: str, kinds: Sequence[str], by: Actor, at: datetime
) -> tuple[Webhook, str]:
    """Send to that address from now on; the secret is in the answer and nowhere else.

    Owners only, with a fresh proof. Raises Forbidden, StaleProof (403), AddressRefused, Invalid (422), AddressTaken,
    TooMany (409).
    """
    by.require(Act.RUN_COMPANY, company_id=company.pk)
    by.require_proof(StepUp.MAKE_KEY, at=at)
    by.require_person("A webhook is made by a person.")
    # The host is looked up before anything is locked.
    _check(address, kinds)
    return _make(company, address=address, kinds=kinds, by=by, at=at)


@transaction.atomic
def _make(
    company: Company, *, address: str, kinds: Sequence[str], by: Actor, at: datetime
) -> tuple[Webhook, str]:
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    live = Webhook.objects.filter(company=company).exclude(state=S.ENDED)
    if live.filter(address=address).exists():
        raise AddressTaken("Change the webhook that is there, or end it first.")
    if live.count() >= MOST:
        raise TooMany(f"A company has at most {MOST}.")
    secret = signing.new_secret()
    webhook = Webhook.objects.create(
        company=company, address=address, kinds=sorted(set(kinds)), secret=signing.kept(secret), created_at=at
    )
    audit.record(verb="webhook.made", thing=webhook, by=by, at=at, kinds=webhook.kinds)
    return webhook, secret


@transaction.atomic
def renew_secret(*, webhook: Webhook, by: Actor, at: datetime) -> str:
    """Another secret; the former one signs beside it for a day, so that nothing is refused meanwhile.

    Raises Forbidden, StaleProof (403), IllegalMove (409) once it has ended.
    """
    by.require(Act.RUN_COMPANY, company_id=webhook.company_id)
    by.require_proof(StepUp.MAKE_KEY, at=at)
    row = Webhook.objects.select_for_update().get(pk=webhook.pk)
    if row.state == S.ENDED:
        raise IllegalMove("The webhook has ended, so nothing is signed for it.")
    secret = signing.new_secret()
    row.former_secret, row.former_until, row.secret = row.secret, at + FORMER_FOR, signing.kept(secret)
    row.save(update_fields=["former_secret", "former_until", "secret"])
    audit.record(verb="webhook.secret_renewed", thing=row, by=by, at=at)
    return secret


@transaction.atomic
def choose(*, webhook: Webhook, kinds: Sequence[str], by: Actor, at: datetime) -> Webhook:
    """What it is told from now on. Raises Forbidden (403), Invalid (422)."""
    by.require(Act.RUN_COMPANY, company_id=webhook.company_id)
    _check_kinds(kinds)
    webhook.kinds = sorted(set(kinds))
    webhook.save(update_fields=["kinds"])
    audit.record(verb="webhook.chosen", thing=webhook, by=by, at=at, kinds=webhook.kinds)
    return webhook


@transaction.atomic
def pause(*, webhook: Webhook, by: Actor, at: datetime) -> Webhook:
    """Send nothing for now. What happens meanwhile waits, and goes out when it is resumed."""
    return _move(webhook, S.PAUSED, by=by, at=at)


@transaction.atomic
def resume(*, webhook: Webhook, by: Actor, at: datetime) -> Webhook:
    """Send again, after a pause or after it was stopped: what waits is tried at once."""
    moved = _move(webhook, S.ACTIVE, by=by, at=at, failing_since=None)
    moved.sendings.filter(state=SendingState.WAITING).update(due_at=at, tries=0)
    return moved


@transaction.atomic
def end(*, webhook: Webhook, by: Actor, at: datetime) -> Webhook:
    """Send nothing there any more: what waits is given up."""
    moved = _move(webhook, S.ENDED, by=by, at=at)
    moved.sendings.filter(state=SendingState.WAITING).update(
        state=SendingState.GIVEN_UP, due_at=None, failure="the webhook was ended"
    )
    return moved


@transaction.atomic
def send_test(*, webhook: Webhook, by: Actor, at: datetime) -> Sending:
    """A message of no meaning, to see that it arrives. Raises Forbidden (403), IllegalMove (409) unless it sends."""
    by.require(Act.RUN_COMPANY, company_id=webhook.company_id)
    if webhook.state != S.ACTIVE:
        raise IllegalMove("Resume the webhook first: it sends nothing now.")
    event = events.write_test(company=webhook.company, at=at)
    CompanyEvent.objects.filter(pk=event.pk).update(passed_on_at=at)
    return Sending.objects.create(webhook=webhook, event=event, due_at=at)


@transaction.atomic
def send_again(*, sending: Sending, by: Actor, at: datetime) -> Sending:
    """Once more, under the same id. Raises Forbidden (403), IllegalMove (409) where it waits anyway or the webhook ended."""
    by.require(Act.RUN_COMPANY, company_id=sending.webhook.company_id)
    if sending.webhook.state == S.ENDED:
        raise IllegalMove("The webhook has ended, so nothing is sent there.")
    audit.move(sending, SendingState.WAITING, by=by, at=at, due_at=at, tries=0, failure="")
    return sending


@transaction.atomic
def send_all_again(*, webhook: Webhook, since: datetime, by: Actor, at: datetime) -> int:
    """What was given up since then, once more; how many, at most MOST_AGAIN at a time, the oldest first.

    Raises Forbidden (403), IllegalMove (409) once it has ended.
    """
    by.require(Act.RUN_COMPANY, company_id=webhook.company_id)
    if webhook.state == S.ENDED:
        raise IllegalMove("The webhook has ended, so nothing is sent there.")
    lost = webhook.sendings.filter(state=SendingState.GIVEN_UP, event__happened_at__gte=since).order_by("id")
    keys = list(lost.values_list("pk", flat=True)[:MOST_AGAIN])
    again = Sending.objects.filter(pk__in=keys, state=SendingState.GIVEN_UP).update(
        state=SendingState.WAITING, due_at=at, tries=0, failure=""
    )
    audit.record(verb="webhook.sent_again", thing=webhook, by=by, at=at, count=again)
    return again


def _move(webhook: Webhook, to: WebhookState, *, by: Actor, at: datetime, **also: Any) -> Webhook:
    by.require(Act.RUN_COMPANY, company_id=webhook.company_id)
    audit.move(webhook, to, by=by, at=at, **also)
    return webhook


def _check(address: str, kinds: Sequence[str]) -> None:
    if len(address) > LONGEST_ADDRESS:
        raise Invalid.field("address", f"At most {LONGEST_ADDRESS} characters.", code="too_long")
    parts = addresses.check(address)
    try:
        addresses.look_up(parts)
    except addresses.Unanswered as silence:
        said = f"That host cannot be reached now ({silence}): look at how it is written, or try again."
        raise addresses.AddressRefused(said) from None
    _check_kinds(kinds)


def _check_kinds(kinds: Sequence[str]) -> None:
    unknown = sorted(set(kinds) - events.KINDS.keys())
    if unknown:
        raise Invalid.field("kinds", f"There is no event {unknown[0]}.", code="not_a_choice")
