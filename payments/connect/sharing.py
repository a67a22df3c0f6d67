"""Two performers behind one bank account: found as their accounts are read, held, and decided by two people in finance."""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from accounts.access.actors import Actor
from accounts.access.step_up import StepUp
from accounts.audit import operations as audit
from accounts.notifications.money_kinds import MoneyKind as Kind
from accounts.notifications.operations import notify
from kit.errors import DomainError
from kit.rows import by_public_id, insert_once
from kit.text import required_text
from payments.connect import queries
from payments.connect.models import PayeeAccount, SharedBank
from payments.connect.states import SharedBankState
from payments.inbox import findings
from payments.payroll import holds

SYSTEM = Actor.of_system("connect")
FOUND = "bank_account_shared"


class SameProposer(DomainError):
    """Ask somebody else in finance."""

    code = "allower_is_proposer"
    status = 403
    title = "Another person allows it"


class OwnBank(DomainError):
    """Ask somebody else in finance."""

    code = "own_bank_account"
    status = 403
    title = "It is your own bank account"


def open_ones() -> QuerySet[SharedBank]:
    """Those that wait for finance, and those that stay held, the longest found first."""
    rows = SharedBank.objects.filter(state__in=SharedBank.LIVE)
    return rows.select_related("one", "other", "proposed_by").order_by("found_at", "pk")


def get_shared(public_id: str) -> SharedBank:
    """Raises NotFound (404)."""
    return by_public_id(SharedBank.objects.select_related("one", "other", "proposed_by"), public_id)


def of_performer(performer_id: int) -> QuerySet[SharedBank]:
    """All that is not over, allowed ones included."""
    mine = SharedBank.objects.filter(Q(one=performer_id) | Q(other=performer_id))
    return mine.exclude(state=SharedBankState.OVER)


def is_held(performer_id: int) -> bool:
    """Whether the performer's pay waits because somebody else has their bank account."""
    return performer_id in held_among([performer_id])


def held_among(performer_ids: Collection[int]) -> set[int]:
    """The same of many performers, by their keys."""
    live = SharedBank.objects.filter(state__in=SharedBank.LIVE)
    pairs = live.filter(Q(one__in=performer_ids) | Q(other__in=performer_ids)).values_list("one", "other")
    return {key for pair in pairs for key in pair}


def may_be_paid(account: PayeeAccount, *, at: datetime) -> bool:
    """Whether pay can go to the account now: it is ready, its bank account rests no more and is nobody else's."""
    return account.is_ready and not account.is_bank_on_hold(at) and not is_held(account.performer_id)


def look(account: PayeeAccount, *, at: datetime) -> None:
    """Find with whom the account, just read, shares its bank account, and end what it shares no more: also with an account
    that ended meanwhile. In the caller's transaction, one at a time for a bank account: of two that are read at once, the
    second sees the first."""
    others = _sharers(account)
    with_them = Q(one__in=others) | Q(other__in=others)
    still = Q(bank_fingerprint=account.bank_fingerprint) & with_them
    _end(of_performer(account.performer_id).exclude(still), at=at)
    for other in others:
        _found(account, other, at=at)


def _sharers(account: PayeeAccount) -> list[int]:
    """The other performers whose current accounts have the bank account, by their keys, under its lock."""
    if not account.bank_fingerprint or not (account.livemode or settings.TEST_BANKS_ARE_COMPARED):
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"bank:{account.bank_fingerprint}"]
        )
    same = PayeeAccount.objects.filter(bank_fingerprint=account.bank_fingerprint, ended_at=None)
    same = same.filter(livemode=account.livemode).exclude(performer=account.performer_id)
    return list(same.order_by("performer").values_list("performer", flat=True))


def _found(account: PayeeAccount, other_id: int, *, at: datetime) -> None:
    one_id, other_id = sorted([account.performer_id, other_id])
    shared = SharedBank(
        bank_fingerprint=account.bank_fingerprint, one_id=one_id, other_id=other_id, found_at=at
    )
    if not insert_once(shared):
        return
    audit.record(verb="shared_bank.found", thing=shared, by=SYSTEM, at=at)
    detail = (
        f"{shared.one.public_id} and {shared.other.public_id} are paid to one bank account. Their pay is held until two of you "
        "allow it, or one of them names another."
    )
    findings.report(code=FOUND, thing=shared.public_id, detail=detail, at=at)
    _tell(shared, Kind.BANK_SHARED, at=at)


def end_for(performer_id: int, *, at: datetime) -> None:
    """The performer's account ended: it shares nothing any more. In the caller's transaction."""
    _end(of_performer(performer_id), at=at)


def _end(rows: QuerySet[SharedBank], *, at: datetime) -> None:
    # Locked before reading: both may name another bank account at once, and one of them is the first.
    for shared in rows.select_for_update(of=("self",)).order_by("pk"):
        audit.move(shared, SharedBankState.OVER, by=SYSTEM, at=at)
        said = "They do not share it any more."
        findings.end(code=FOUND, thing=shared.public_id, resolution=said, at=at)
        _let_go(shared, at=at)


@transaction.atomic
def propose(*, shared: SharedBank, reason: str, by: Actor, at: datetime) -> SharedBank:
    """Propose to allow it, with a reason that the second person reads. Raises Forbidden, OwnBank (403), Invalid (422),
    IllegalMove (409)."""
    person_id = _require(shared, by, "A person in finance proposes it.")
    reason = required_text(reason, missing="Say why; the second person reads it.")
    shared = _locked(shared)
    audit.move(
        shared,
        SharedBankState.PROPOSED,
        by=by,
        at=at,
        reason=reason,
        why=reason,
        proposed_by_id=person_id,
        decided_by_id=None,
        decided_at=None,
    )
    return shared


@transaction.atomic
def allow(*, shared: SharedBank, by: Actor, at: datetime) -> SharedBank:
    """The second person, freshly proved, allows it: what was held goes out. Twice is once.

    Raises Forbidden, OwnBank, SameProposer, StaleProof (403), IllegalMove (409).
    """
    person_id = _require(shared, by, "A second person in finance allows it.")
    by.require_proof(StepUp.MOVE_MONEY, at=at)
    shared = _locked(shared)
    if shared.state == SharedBankState.ALLOWED and shared.decided_by_id == person_id:
        return shared
    if shared.proposed_by_id == person_id:
        raise SameProposer("You proposed it, so someone else in finance allows it.")
    audit.move(shared, SharedBankState.ALLOWED, by=by, at=at, decided_by_id=person_id, decided_at=at)
    findings.end(code=FOUND, thing=shared.public_id, resolution=f"Allowed: {shared.why}"[:300], at=at)
    _tell(shared, Kind.BANK_SHARED_ALLOWED, at=at)
    _let_go(shared, at=at)
    return shared


@transaction.atomic
def keep(*, shared: SharedBank, reason: str, by: Actor, at: datetime) -> SharedBank:
    """Their pay stays held until one of them names another bank account. Raises Forbidden, OwnBank (403), Invalid (422)
    without a reason, IllegalMove (409)."""
    person_id = _require(shared, by, "A person in finance decides it.")
    reason = required_text(reason, missing="Say why; finance reads it later.")
    shared = _locked(shared)
    audit.move(
        shared,
        SharedBankState.KEPT,
        by=by,
        at=at,
        reason=reason,
        why=reason,
        decided_by_id=person_id,
        decided_at=at,
    )
    findings.end(code=FOUND, thing=shared.public_id, resolution=f"Stays held: {reason}"[:300], at=at)
    _tell(shared, Kind.BANK_SHARED_KEPT, at=at)
    return shared


def _require(shared: SharedBank, by: Actor, refusal: str) -> int:
    by.require_finance()
    person_id = by.require_person(refusal)
    if by.performer_id in (shared.one_id, shared.other_id):
        raise OwnBank("Somebody else in finance decides about it.")
    return person_id


def _locked(shared: SharedBank) -> SharedBank:
    rows = SharedBank.objects.select_for_update(of=("self",)).select_related("one", "other")
    return rows.get(pk=shared.pk)


def _let_go(shared: SharedBank, *, at: datetime) -> None:
    """What was held for this goes out, where nothing else is in its way."""
    for performer_id in (shared.one_id, shared.other_id):
        account = queries.current(performer_id)
        if account is not None and may_be_paid(account, at=at):
            holds.release_for(performer_id=performer_id, by=SYSTEM, at=at)


def _tell(shared: SharedBank, kind: Kind, *, at: datetime) -> None:
    """Both, neither of whom learns who the other is."""
    for performer in (shared.one, shared.other):
        key = f"{kind.name.lower()}:{shared.public_id}:{at.timestamp():.0f}"
        notify(kind=kind, user_id=performer.user_id, key=key, about={}, at=at)
