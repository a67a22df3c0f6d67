"""Nobody is enrolled by another: an invitation goes to an address by mail, and whoever has it there says yes or no."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.signing import Signer
from django.db import transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.roles import Role, Staff
from accounts.access.step_up import StepUp
from accounts.audit import operations as audit
from accounts.companies import operations as companies
from accounts.companies.models import Company, Membership
from accounts.companies.notices import tell_company
from accounts.companies.queries import ids_of_those_who
from accounts.identity import operations as identity
from accounts.identity.models import StaffRole, User
from accounts.identity.queries import has_administrator
from accounts.invitations.models import Invitation
from accounts.invitations.states import InvitationState as S
from accounts.notifications import letters
from accounts.notifications.account_kinds import AccountKind as Kind
from accounts.notifications.letters import Letter
from accounts.notifications.operations import tell_staff
from kit.errors import DomainError, Invalid, NotFound
from kit.instants import in_words_and_utc

HOUSE = Actor.of_system("invitations")
OPEN_FOR = timedelta(days=14)
BATCH = 200
# A company's in a day: nobody's mail is filled through us.
MOST_A_DAY, MOST_TO_ONE_A_DAY = 100, 3
A_DAY = timedelta(days=1)


class AlreadyThere(DomainError):
    """Change what they are there instead."""

    code = "already_a_member"
    title = "They are there already"


class InvitedTooOften(DomainError):
    """Wait a day. Whoever has the address is asked already, or has to be asked by another way."""

    code = "invited_too_often"
    status = 429
    title = "Enough invitations for a day"


class InvitationOver(DomainError):
    """Ask for another invitation."""

    code = "invitation_over"
    title = "This invitation is over"


@transaction.atomic
def invite(*, email: str, role: str, company: Company | None, by: Actor, at: datetime) -> Invitation:
    """Ask whoever has the address to act for the company, or to work for the house where `company` is None.

    One mail goes out; a second invitation takes the place of the first. Whether somebody has an account with that address
    is not said. Raises AlreadyThere (409) for who is seen there already, InvitedTooOften (429), Forbidden, StaleProof (403),
    Invalid (422), NotFound (404).
    """
    _require_inviter(company, by)
    by.require_proof(StepUp.INVITE, at=at)
    if role not in (Staff if company is None else Role).values:
        raise Invalid.field("role", "There is no such role here.", code="not_a_choice")
    email = email.lower()
    if _is_there(email, role, company):
        raise AlreadyThere("Whoever has that address is there already; change their role instead.")
    if company is not None:
        _require_room_today(email, company, at=at)
    open_ones = Invitation.objects.select_for_update().filter(company=company, email=email, state=S.OPEN)
    # In a company one has one role; in the house, several.
    for older in open_ones if company is not None else open_ones.filter(role=role):
        _end(older, S.WITHDRAWN, by=by, at=at)
    invitation = Invitation.objects.create(
        email=email,
        role=role,
        company=company,
        invited_by_id=by.user_id,
        invited_at=at,
        expires_at=at + OPEN_FOR,
        mail_due_at=at,
    )
    audit.record(
        verb="invitation.sent", thing=invitation, by=by, at=at, role=role, to=str(company or "house")
    )
    return invitation


@transaction.atomic
def accept(*, invitation: Invitation, by: Actor, at: datetime) -> Invitation:
    """Say yes: the role is theirs from now on, and those who asked are told.

    Raises InvitationOver (409) when it was answered, withdrawn or not answered in time, or when who sent it may not any
    more; NotFound (404) for anybody but whoever has confirmed the address; Forbidden (403) for a key.
    """
    invitation = _to_answer(invitation, by=by, at=at)
    person = User.objects.get(pk=by.require_person("A person accepts, not a key."))
    if invitation.company is not None:
        companies.enrol(company=invitation.company, user=person, role=invitation.role, by=by, at=at)
    else:
        identity.grant(user=person, role=invitation.role, by=by, at=at)
    _end(invitation, S.ACCEPTED, by=by, at=at, answered_by_id=person.pk)
    _tell(invitation, who=person.name, answer="yes", at=at)
    return invitation


@transaction.atomic
def decline(*, invitation: Invitation, by: Actor, at: datetime) -> Invitation:
    """Say no; those who asked are told. Raises InvitationOver (409), NotFound (404), Forbidden (403) for a key."""
    invitation = _to_answer(invitation, by=by, at=at)
    person = by.require_person("A person declines, not a key.")
    _end(invitation, S.DECLINED, by=by, at=at, answered_by_id=person)
    _tell(invitation, who=invitation.email, answer="no", at=at)
    return invitation


@transaction.atomic
def withdraw(*, invitation: Invitation, by: Actor, at: datetime) -> Invitation:
    """Take it back before it is answered. Raises IllegalMove (409), Forbidden (403), NotFound (404)."""
    _require_inviter(invitation.company, by)
    invitation = _locked(invitation)
    _end(invitation, S.WITHDRAWN, by=by, at=at)
    return invitation


def expire_due(*, at: datetime) -> int:
    """What was not answered in time ends, and those who asked are told; returns how many."""
    ended = 0
    while True:
        with transaction.atomic():
            due = Invitation.objects.filter(state=S.OPEN, expires_at__lte=at).order_by("pk")
            batch = list(
                due.select_for_update(skip_locked=True, of=("self",)).select_related("company")[:BATCH]
            )
            for invitation in batch:
                _end(invitation, S.EXPIRED, by=HOUSE, at=at)
                _tell(invitation, who=invitation.email, answer="nothing, and it has run out", at=at)
        ended += len(batch)
        if len(batch) < BATCH:
            return ended


def send_due_mail(*, at: datetime, at_most: int = 100) -> int:
    """Send the invitations that are due; returns how many went out. One that fails waits and stops no other."""
    rows = Invitation.objects.filter(state=S.OPEN).select_related("company", "invited_by")
    return letters.send_due(rows, write=_letter, at=at, at_most=at_most)


def is_key_of(invitation: Invitation, key: str) -> bool:
    """Whether `key` came out of the mail, so that whoever has it reads the mail of that address."""
    return constant_time_compare(key, _key(invitation))


def _key(invitation: Invitation) -> str:
    return Signer(salt="invitation").signature(invitation.public_id)


def _require_inviter(company: Company | None, by: Actor) -> None:
    if company is None:
        by.require_admin()
    else:
        by.require(Act.RUN_COMPANY, company_id=company.pk)


def _require_room_today(email: str, company: Company, *, at: datetime) -> None:
    # Locked before counting: a hundred at once are a hundred.
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    lately = Invitation.objects.filter(company=company, invited_at__gt=at - A_DAY)
    if lately.filter(email=email).count() >= MOST_TO_ONE_A_DAY:
        raise InvitedTooOften(
            f"That address was asked {MOST_TO_ONE_A_DAY} times within a day. Nothing was sent."
        )
    if lately.count() >= MOST_A_DAY:
        raise InvitedTooOften(f"{MOST_A_DAY} invitations went out within a day. Send the others tomorrow.")


def _is_there(email: str, role: str, company: Company | None) -> bool:
    if company is None:
        return StaffRole.objects.filter(user__email__iexact=email, role=role).exists()
    return Membership.objects.filter(company=company, user__email__iexact=email).exists()


def _end(invitation: Invitation, to: S, *, by: Actor, at: datetime, **also: Any) -> None:
    """However it ends, no mail about it goes out any more."""
    audit.move(invitation, to, by=by, at=at, ended_at=at, mail_due_at=None, **also)


def _locked(invitation: Invitation) -> Invitation:
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("company")
    return rows.get(pk=invitation.pk)


def _to_answer(invitation: Invitation, *, by: Actor, at: datetime) -> Invitation:
    """Locked, and still to be answered by `by`."""
    if not Invitation.objects.to(by).filter(pk=invitation.pk).exists():
        raise NotFound
    invitation = _locked(invitation)
    if invitation.state != S.OPEN or invitation.expires_at <= at:
        raise InvitationOver("It was answered, taken back or not answered in time. Ask for another one.")
    if not _may_still_invite(invitation):
        raise InvitationOver("Who invited you may not do that any more, or it is done. Ask for another one.")
    return invitation


def _may_still_invite(invitation: Invitation) -> bool:
    if invitation.invited_by_id is None:  # by the command, which makes the first administrator and no other
        return not has_administrator()
    inviter = User.objects.filter(pk=invitation.invited_by_id, is_active=True)
    if invitation.company_id is None:
        return inviter.filter(staff_roles__role=Staff.ADMIN).exists()
    return inviter.filter(pk__in=ids_of_those_who(Act.RUN_COMPANY, company_id=invitation.company_id)).exists()


def _tell(invitation: Invitation, *, who: str, answer: str, at: datetime) -> None:
    key = f"invitation:{invitation.public_id}"
    if invitation.company is None:
        tell_staff(
            kind=Kind.INVITATION_ANSWERED_TO_HOUSE, key=key, about={"who": who, "answer": answer}, at=at
        )
        return
    tell_company(
        kind=Kind.INVITATION_ANSWERED_TO_COMPANY,
        company_id=invitation.company.pk,
        key=key,
        about={"who": who, "answer": answer},
        at=at,
        where={"company_id": invitation.company.public_id},
    )


def _letter(invitation: Invitation) -> Letter:
    """The product, the person, what for, and until when. No name stands in the subject."""
    path = reverse("invitation", args=[invitation.public_id])
    who = invitation.invited_by.name if invitation.invited_by else "The operator of this house"
    until = in_words_and_utc(invitation.expires_at, _zone_of_reader(invitation))
    text = (
        f"{who} invites you to Callboard, where performers are booked and paid: to act for {invitation.to_what} as "
        f"{invitation.get_role_display().lower()}.\n\n"
        f"Say yes or no here, by {until}:\n{settings.PUBLIC_URL}{path}?key={_key(invitation)}\n\n"
        "Nothing is yours, and nobody sees your name, before you say yes. If you do not know them, do nothing.\n"
    )
    return Letter(to=invitation.email, subject="You are invited to Callboard", text=text)


def _zone_of_reader(invitation: Invitation) -> str:
    """The zone in which whoever has confirmed the address reads times; without an account, that of who invites."""
    readers = User.objects.filter(emailaddress__email__iexact=invitation.email, emailaddress__verified=True)
    reader = readers.first() or invitation.invited_by
    return reader.time_zone if reader else str(settings.PAYROLL_TIME_ZONE)
