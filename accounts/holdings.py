"""What the accounts app keeps about people, and what becomes of it."""

from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db.models import Count, Q
from django.urls import reverse

from accounts.access.actors import Actor
from accounts.access.roles import Role, Staff
from accounts.appeals.models import Appeal
from accounts.companies.models import Membership
from accounts.identity import places
from accounts.identity.addresses import UNDO_FOR
from accounts.identity.models import StaffRole, User
from accounts.identity.places import Place
from accounts.privacy.holdings import REGISTRY, Blanked, Deleted, Holding, Kept, Obstacle, Retention, by
from accounts.privacy.states import ErasureState
from accounts.standing.models import Vetting

TRAIL = "Who did what stays under a number, so that nobody can change the past of others."
DECISIONS = "What was decided, and why, stays on record under a number."
A_SESSION = timedelta(seconds=settings.SESSION_COOKIE_AGE)


def _sessions_of(user: User) -> Q:
    return Q(session_key__in=UserSession.objects.filter(user=user).values("session_key"))


def _acts_of(user: User) -> Q:
    return Q(actor=str(user.public_id)) | Q(thing=str(user.public_id))


# Sessions before the list of them: it says whose they are.
HOLDINGS = (
    Holding(
        model="accounts.Performer",
        what="Your profile as a performer.",
        why="Companies choose by it.",
        theirs=by("user"),
        on_erasure=Blanked(
            {
                "stage_name": "A former performer",
                "about": "",
                "skills": [],
                "languages": [],
                "accents": [],
                "plays_from": None,
                "plays_to": None,
                "credits": "",
            }
        ),
    ),
    Holding(
        model="accounts.Photo",
        what="Your picture.",
        why="Companies that you applied to, or work for, see whom they cast.",
        theirs=by("performer__user"),
        on_erasure=Deleted(),
    ),
    Holding(
        model="accounts.IdentityProof",
        what="That Stripe vouches for your identity and age, and a hash by which a second account of yours is seen.",
        why="One person has one account, and nobody under 18 works here.",
        theirs=by("performer__user"),
        on_erasure=Deleted(),
        hidden=frozenset({"fingerprint"}),
    ),
    Holding(
        model="accounts.Vetting",
        what="Each time that you asked to be vetted, and the answer.",
        why="Only who was vetted is booked and paid.",
        theirs=by("performer__user"),
        on_erasure=Kept(DECISIONS),
    ),
    Holding(
        model="accounts.Check",
        what="What was looked at when you were vetted.",
        why="So that a yes or a no can be explained.",
        theirs=by("vetting__performer__user"),
        on_erasure=Blanked({"note": ""}),
    ),
    Holding(
        model="accounts.Suspension",
        what="Suspensions of yours, why, and what they rest on.",
        why="Nobody is suspended without a reason in writing.",
        theirs=by("performer__user"),
        on_erasure=Kept(DECISIONS),
    ),
    Holding(
        model="accounts.Appeal",
        what="Your appeals, and their answers.",
        why="Another person looks at a decision again.",
        theirs=by("performer__user"),
        on_erasure=Blanked({"text": ""}),
    ),
    Holding(
        model="accounts.FormerAddress",
        what="Mail addresses that you had before, for as long as they can be put back.",
        why="So that nobody can take your account over unseen.",
        theirs=by("user"),
        on_erasure=Deleted(),
        retention=Retention(since="until", after=UNDO_FOR),
    ),
    Holding(
        model="accounts.Recovery",
        what="That you asked for a new start without your second factor, and who decided.",
        why="So that one sees who opened an account.",
        theirs=by("user"),
        on_erasure=Kept(TRAIL),
    ),
    Holding(
        model="accounts.Membership",
        what="The companies that you act for.",
        why="It says what you may do for them.",
        theirs=by("user"),
        on_erasure=Deleted(),
    ),
    Holding(
        model="accounts.StaffRole",
        what="What you do in the house.",
        why="It says what you may do here.",
        theirs=by("user"),
        on_erasure=Deleted(),
    ),
    Holding(
        model="accounts.Invitation",
        what="Invitations to your address.",
        why="A mail goes there, and you answer it.",
        theirs=lambda user: Q(email=user.email),
        on_erasure=Deleted(),
        retention=Retention(since="ended_at", after=timedelta(days=90)),
    ),
    Holding(
        model="accounts.ApiKey",
        what="The API keys that you made.",
        why="So that one sees who let a program in.",
        theirs=by("created_by"),
        on_erasure=Kept(TRAIL),
        hidden=frozenset({"secret_hash"}),
    ),
    Holding(
        model="accounts.Notification",
        what="What you were told, here and by mail.",
        why="So that nobody has to rely on a mail alone.",
        theirs=by("user"),
        on_erasure=Deleted(),
        retention=Retention(since="created_at", after=timedelta(days=2 * 365)),
    ),
    Holding(
        model="accounts.TermsAcceptance",
        what="The terms of the house that you accepted, and when.",
        why="They hold for both sides.",
        theirs=by("user"),
        on_erasure=Kept("What was agreed stays on record under a number."),
    ),
    Holding(
        model="accounts.IdempotentRequest",
        what="Answers to requests of your programs.",
        why="So that a request that is sent twice is done once.",
        theirs=lambda user: Q(actor=str(user.public_id)),
        on_erasure=Deleted(),
        retention=Retention(since="created_at", after=timedelta(days=7)),
        hidden=frozenset({"fingerprint"}),
    ),
    Holding(
        model="accounts.AuditEvent",
        what="What you did here, and what was decided about you.",
        why="Everyone can be asked for what they did.",
        theirs=_acts_of,
        on_erasure=Kept(TRAIL),
    ),
    Holding(
        model="accounts.AccessEntry",
        what="What of other people's money you looked at for the house.",
        why="Whoever sees what others are paid can be asked why.",
        theirs=lambda user: Q(actor=str(user.public_id)),
        on_erasure=Kept(TRAIL),
        retention=Retention(since="at", after=settings.ACCESS_LOG_KEPT),
    ),
    Holding(
        model="accounts.Erasure",
        what="Your wishes to be forgotten.",
        why="So that they are carried out.",
        theirs=by("user"),
        on_erasure=Kept("That you were forgotten, and when, stays under a number."),
        retention=Retention(
            since="ended_at", after=timedelta(days=365), only=Q(state=ErasureState.TAKEN_BACK)
        ),
    ),
    Holding(
        model="sessions.Session",
        what="What the house remembers while you are logged in.",
        why="So that you need not log in on every page.",
        theirs=_sessions_of,
        on_erasure=Deleted(),
        retention=Retention(since="expire_date", after=timedelta(0), by_real_clock=True),
        hidden=frozenset({"session_key", "session_data"}),
    ),
    Holding(
        model="usersessions.UserSession",
        what="Where you are logged in: device, address, since when.",
        why="So that you can end what you do not know.",
        theirs=by("user"),
        on_erasure=Deleted(),
        retention=Retention(since="last_seen_at", after=A_SESSION, by_real_clock=True),
        hidden=frozenset({"session_key"}),
    ),
    Holding(
        model="account.EmailAddress",
        what="Your mail addresses.",
        why="You log in with them and are told things there.",
        theirs=by("user"),
        on_erasure=Deleted(),
    ),
    Holding(
        model="account.EmailConfirmation",
        what="Mails that ask you to confirm an address.",
        why="So that an address is its owner's.",
        theirs=by("email_address__user"),
        on_erasure=Deleted(),
        retention=Retention(since="created", after=timedelta(days=3)),
        hidden=frozenset({"key"}),
    ),
    Holding(
        model="mfa.Authenticator",
        what="Your second factors: of which kind, since when, last used.",
        why="So that a password alone opens nothing that matters.",
        theirs=by("user"),
        on_erasure=Deleted(),
        hidden=frozenset({"data"}),
    ),
    Holding(
        model="accounts.User",
        what="Your name, your address, your time zone.",
        why="So that you can log in and be spoken to.",
        theirs=lambda user: Q(pk=user.pk),
        on_erasure=Blanked(
            {
                "name": "Someone who left",
                "password": "!",
                "last_login": None,
                "time_zone": "UTC",
                "is_active": False,
                "is_staff": False,
                "is_superuser": False,
            }
        ),
        hidden=frozenset({"password", "is_superuser", "is_staff"}),
    ),
)
OF_NOBODY = {
    "accounts.Company",
    "accounts.CompanyEvent",
    "accounts.Sending",
    "accounts.Webhook",
    "accounts.AuditSeal",
    "accounts.User_groups",
    "accounts.User_user_permissions",
    "admin.LogEntry",
    "auth.Permission",
    "auth.Group_permissions",
    "auth.Group",
    "contenttypes.ContentType",
}


def obstacles(user: User) -> list[Obstacle]:
    """Nothing may be left without somebody who answers for it."""
    found = [
        Obstacle(
            code=f"only_owner_of_{member.company}",
            words=f"You are the only owner of {member.company.name}. Make someone else an owner first.",
            path=reverse("members", args=[member.company.public_id]),
        )
        for member in _only_owner(user)
    ]
    if Vetting.objects.filter(performer__user=user, decided_at=None).exists():
        words = "You asked to be vetted. Wait for the answer: it has a date."
        found.append(Obstacle(code="vetting", words=words, path=reverse("my_standing")))
    if Appeal.objects.open().filter(performer__user=user).exists():
        words = "You appealed. Wait for the answer, or take the appeal back."
        found.append(Obstacle(code="appeal", words=words, path=reverse("my_standing")))
    admins = StaffRole.objects.filter(role=Staff.ADMIN, user__is_active=True)
    if admins.filter(user=user).exists() and not admins.exclude(user=user).exists():
        words = "You are the only administrator of this house. Invite another first."
        found.append(Obstacle(code="only_administrator", words=words, path=reverse("staff")))
    return found


def _only_owner(user: User) -> list[Membership]:
    owned = Membership.objects.filter(user=user, role=Role.OWNER).select_related("company")
    owners = Count("company__memberships", filter=Q(company__memberships__role=Role.OWNER))
    return list(owned.annotate(owners=owners).filter(owners=1))


def part_with(user: User, *, by: Actor, at: datetime) -> None:
    """What they made for a company or the house ends with them."""
    places.is_lost(Place(user, everywhere=True), at=at)


def register() -> None:
    REGISTRY.add(*HOLDINGS, of_nobody=OF_NOBODY, obstacles=obstacles, parts_with=part_with)
