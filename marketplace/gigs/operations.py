"""Posting a gig and moving it along."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, TypedDict

from django.conf import settings
from django.db import transaction
from django.db.models import F

from accounts.access.actors import Actor
from accounts.access.acts import Act
from accounts.access.standings import require_approved, require_nothing_owed
from accounts.audit import operations as audit
from accounts.companies.models import Company
from accounts.identity.zones import names
from accounts.notifications.operations import notify_many, tell_staff
from accounts.notifications.standing_kinds import StandingKind
from accounts.notifications.work_kinds import WorkKind as Kind
from accounts.performers.skills import LANGUAGES, SKILLS
from kit.currencies import check_supported
from kit.errors import DomainError, Invalid
from kit.instants import day, length_in_words
from kit.money import Money
from marketplace.gigs import calculate
from marketplace.gigs.cards import Card, read_card
from marketplace.gigs.limits import BOUNDS, MOST_PROMPTS, MOST_QUESTIONS, longest_session_s
from marketplace.gigs.models import HOUSE_ZONE, PURPOSES, Gig, Prompt, ScreeningQuestion
from marketplace.gigs.promises import bounded, refuse_worse
from marketplace.gigs.states import GigState
from marketplace.presence.policy import TimePolicy

# The trade's usual terms: an hour's minimum, two minutes of grace, full pay when called off within a day.
HOUSE_POLICY: dict[str, Any] = {
    "minimum_call_s": 3600,
    "grace_gap_s": 120,
    "no_show_after_s": 900,
    "overrun_limit_s": 900,
    "meal_min_s": 1800,
    "rest_limit_s": 1200,
    "recovery_cap_bps": 2_500,
    "breach_pay_s": 3_600,
    "rounding": "exact",
    "cancel_tiers": [[172_800, 0], [86_400, 5_000], [0, 10_000]],
}


# What changed, in words.
CHANGED = {
    "rate_minor": "the pay",
    "session_s": "the length of a session",
    "starts_on": "the first day",
    "ends_on": "the last day",
    "seats": "how many play together",
    "openings": "how many are sought",
    "sessions_planned": "how many sessions are planned",
    "purposes": "what the recordings may be used for",
    "exclusive": "exclusivity",
    "finds_stand_ins": "whether stand-ins are sought",
    "self_directed": "who directs the sessions",
    "policy": "the rules of time",
    "time_zone": "the time zone",
    "answer_days": "when you are answered",
    "content_notes": "what may come up",
    "audition": "what a self-tape shall show",
}


# Who reads what changed: the room of applications stands above this one.
WAITING = ("submitted", "audition_requested", "audition_submitted", "shortlisted", "offered")


class NotFunded(DomainError):
    """Set aside money for at least one session, then publish."""

    code = "gig_not_funded"
    title = "Set money aside first"


class GigIsOver(DomainError):
    """Give the gig days that are still to come, then publish it."""

    code = "gig_is_over"
    title = "Its last day is past"


class LongerThanADay(DomainError):
    """Make its sessions shorter, then publish it."""

    code = "gig_longer_than_a_day"
    title = "Its sessions are longer than a day on camera"


class GigInReview(DomainError):
    """Wait for talent operations, or take it back to change it."""

    code = "gig_in_review"
    title = "Talent operations look at it"


class RateFalls(DomainError):
    """Keep the rate, or raise it."""

    code = "rate_never_falls"
    title = "A rate never falls"


class WorkBooked(DomainError):
    """End what runs, and play or call off what is booked."""

    code = "work_is_booked"
    title = "Sessions are still booked"


class Question(TypedDict, total=False):
    text: str
    kind: str
    required: bool


class Fields(TypedDict, total=False):
    """What a company says about a gig."""

    title: str
    scene: str
    brief: str
    content_notes: str
    rate_minor: int
    currency: str
    seats: int
    openings: int
    session_s: int
    sessions_planned: int
    skills: Sequence[str]
    languages: Sequence[str]
    time_zone: str
    starts_on: date
    ends_on: date
    answer_days: int
    purposes: Sequence[str]
    exclusive: bool
    finds_stand_ins: bool
    self_directed: bool
    audition: str
    policy: dict[str, Any]


@transaction.atomic
def post_gig(
    *,
    company: Company,
    fields: Fields,
    questions: Sequence[Question] = (),
    prompts: Sequence[str | Card] = (),
    by: Actor,
    at: datetime,
) -> Gig:
    """A draft that only the company sees; its days are not past where it plays. Each prompt is a card, or a line as `cards` reads
    it; a gig whose performers direct themselves has one at least.

    Raises Invalid (422), Forbidden (403), NotFound (404).
    """
    by.require(Act.POST_GIGS, company_id=company.pk)
    _check(
        fields,
        dates=fields,
        zone=fields.get("time_zone", HOUSE_ZONE),
        has_deck=bool(prompts),
        at=at,
    )
    policy = bounded(TimePolicy.from_json({**HOUSE_POLICY, **fields.get("policy", {})})).to_json()
    gig = Gig.objects.create(
        company=company, fee_bps=settings.PLATFORM_FEE_BPS, created_at=at, **{**fields, "policy": policy}
    )
    _ask(gig, questions)
    _prompt(gig, prompts)
    audit.record(verb="gig.posted", thing=gig, by=by, at=at)
    return gig


@transaction.atomic
def change_gig(*, gig: Gig, fields: Fields, by: Actor, at: datetime) -> Gig:
    """Change a gig: all of it while it is a draft; once it was on the board, nothing that pays less or asks for more.

    What is signed or booked keeps its own terms; whoever waits for an answer is told what changed. Raises Forbidden (403),
    GigInReview, RateFalls, GigIsPromised (409), Invalid (422).
    """
    by.require(Act.POST_GIGS, company_id=gig.company_id)
    gig = Gig.objects.select_for_update().get(pk=gig.pk)
    if gig.state == GigState.IN_REVIEW:
        raise GigInReview("Somebody reads it as it is. Take it back to change it.")
    current: Fields = {
        "starts_on": gig.starts_on,
        "ends_on": gig.ends_on,
        "seats": gig.seats,
        "self_directed": gig.self_directed,
    }
    moved = {name: value for name, value in fields.items() if value != getattr(gig, name)}
    _check(
        {**current, **fields},
        dates=moved,
        zone=fields.get("time_zone", gig.time_zone),
        has_deck=gig.prompts.exists(),
        at=at,
    )
    if fields.get("currency", gig.currency) != gig.currency:
        said = f"This gig pays in {gig.currency}; post another for another currency."
        raise Invalid.field("rate.currency", said, code="currency_mismatch")
    if gig.state != GigState.DRAFT and fields.get("rate_minor", gig.rate_minor) < gig.rate_minor:
        raise RateFalls(
            "This gig was published at a higher rate. People applied for that one; post another gig instead."
        )
    changed = dict(fields)
    if "policy" in fields:
        changed["policy"] = bounded(TimePolicy.from_json({**gig.policy, **fields["policy"]})).to_json()
    if gig.published_at is not None:
        refuse_worse(gig, changed)
    changed = {name: value for name, value in changed.items() if value != getattr(gig, name)}
    for name, value in changed.items():
        setattr(gig, name, value)
    gig.save(update_fields=sorted(changed))
    audit.record(verb="gig.changed", thing=gig, by=by, at=at, fields=sorted(changed))
    _tell_of_change(gig, sorted(changed), at=at)
    return gig


def _tell_of_change(gig: Gig, changed: Sequence[str], *, at: datetime) -> None:
    """Whoever applied, or has an offer, reads it before their answer counts."""
    waiting = gig.applications.filter(state__in=WAITING)
    readers = waiting.values_list("performer__user_id", flat=True)
    if not changed or not readers:
        return
    notify_many(
        kind=Kind.GIG_CHANGED,
        user_ids=readers,
        key=f"gig:{gig.public_id}:changed:{at.timestamp():.0f}",
        about={"gig": gig.title, "what": ", ".join(CHANGED.get(name, f"the {name}") for name in changed)},
        where={"gig_id": gig.public_id},
        at=at,
    )


@transaction.atomic
def publish(*, gig: Gig, by: Actor, at: datetime) -> Gig:
    """Put a draft on the board, or a paused gig back on it; a company's first one waits for talent operations.

    Needs an approved company, money (or agreed credit) for one full session at least, and days that are not over.
    Raises Forbidden (403), NotApproved, Suspended, CompanyOwes, GigInReview, NotFunded, GigIsOver, LongerThanADay,
    IllegalMove (409).
    """
    by.require(Act.POST_GIGS, company_id=gig.company_id)
    gig = locked_to_publish(gig, at=at)
    if gig.state == GigState.IN_REVIEW:
        raise GigInReview("It goes on the board once they have looked at it.")
    if gig.state == GigState.DRAFT:
        audit.move(gig, GigState.IN_REVIEW, by=by, at=at, review_asked_at=at)
        if is_first(gig):
            _ask_for_review(gig, at=at)
            return gig
    audit.move(
        gig,
        GigState.PUBLISHED,
        by=by,
        at=at,
        published_at=gig.published_at or at,
        listed_at=at,
        review_asked_at=None,
    )
    return gig


def locked_to_publish(gig: Gig, *, at: datetime) -> Gig:
    """The gig, locked after its company, if nothing but its state keeps it from the board.

    Raises NotApproved, Suspended, CompanyOwes, NotFunded, GigIsOver, LongerThanADay (409). In the caller's transaction.
    """
    # The company first: one that is suspended at this moment must not be left with a gig on the board.
    company = Company.objects.select_for_update().get(pk=gig.company_id)
    require_approved(company.state, whose=company.name)
    require_nothing_owed(company.owes_since, whose=company.name)
    gig = Gig.objects.select_for_update().get(pk=gig.pk)
    gig.company = company
    if gig.ends_on < calculate.local_day(at, gig.time_zone):
        last = day(gig.ends_on, with_year=True)
        raise GigIsOver(f"Its last day was {last}. Give it days that are still to come, then publish it.")
    if gig.session_s > longest_session_s():
        allowed = length_in_words(timedelta(seconds=longest_session_s()))
        raise LongerThanADay(
            f"Nobody is on camera for more than {allowed} a day, so none of its calls could be booked."
        )
    needed = calculate.session_cost_minor(gig)
    if gig.free_minor < needed and gig.state != GigState.PAUSED:
        missing = Money(needed - gig.free_minor, gig.currency).display()
        cost = Money(needed, gig.currency).display()
        raise NotFunded(
            f"One session costs at most {cost}; set {missing} more aside for this gig, then publish it."
        )
    return gig


def is_first(gig: Gig) -> bool:
    """Whether nothing of its company was on the board before."""
    return not Gig.objects.filter(company_id=gig.company_id, published_at__isnull=False).exists()


def _ask_for_review(gig: Gig, *, at: datetime) -> None:
    tell_staff(
        kind=StandingKind.GIG_TO_REVIEW,
        key=f"gig:{gig.public_id}:review:{at.timestamp():.0f}",
        about={"company": gig.company.name, "gig": gig.title, "due_at": at + settings.GIG_REVIEW},
        where={"gig_id": gig.public_id},
        at=at,
    )


def pause(*, gig: Gig, by: Actor, at: datetime) -> Gig:
    """Take it off the board for a while; those who applied keep their place."""
    return _move(gig, GigState.PAUSED, by=by, at=at)


def pause_for_debt(*, company: Company, by: Actor, at: datetime) -> None:
    """Its company owes: what is on the board leaves it until somebody puts it back. In the caller's transaction."""
    for gig in Gig.objects.filter(company=company, state=GigState.PUBLISHED).order_by("pk"):
        _move(gig, GigState.PAUSED, by=by, at=at, reason="company_owes")


def close(*, gig: Gig, by: Actor, at: datetime) -> Gig:
    """No more applications; work goes on."""
    return _move(gig, GigState.CLOSED, by=by, at=at, closed_at=at)


def complete(*, gig: Gig, by: Actor, at: datetime) -> Gig:
    """All work is done; `endings` answers for what hangs on it. Raises Forbidden (403), IllegalMove (409)."""
    return _move(gig, GigState.COMPLETED, by=by, at=at)


def cancel(*, gig: Gig, reason: str, by: Actor, at: datetime) -> Gig:
    """Call the gig off; `endings` answers for what hangs on it. Raises Forbidden (403), IllegalMove (409)."""
    return _move(gig, GigState.CANCELLED, by=by, at=at, reason=reason, review_asked_at=None)


@transaction.atomic
def record_funding(*, gig: Gig, delta_minor: int, by: Actor, at: datetime) -> None:
    """Payments writes down that money was set aside for the gig, or given back."""
    Gig.objects.filter(pk=gig.pk).update(funded_minor=F("funded_minor") + delta_minor)
    gig.refresh_from_db(fields=["funded_minor"])
    audit.record(verb="gig.funded", thing=gig, by=by, at=at, delta_minor=delta_minor)


@transaction.atomic
def _move(gig: Gig, to: GigState, *, by: Actor, at: datetime, reason: str = "", **also: Any) -> Gig:
    by.require(Act.POST_GIGS, company_id=gig.company_id)
    gig = Gig.objects.select_for_update().get(pk=gig.pk)
    audit.move(gig, to, by=by, at=at, reason=reason, **also)
    return gig


def locked(gig: Gig) -> Gig:
    """The gig, first of whatever is locked under it."""
    return Gig.objects.select_for_update(of=("self",)).select_related("company").get(pk=gig.pk)


def _ask(gig: Gig, questions: Sequence[Question]) -> None:
    if len(questions) > MOST_QUESTIONS:
        raise Invalid.field("questions", f"At most {MOST_QUESTIONS} questions: applying should take minutes.")
    ScreeningQuestion.objects.bulk_create(
        ScreeningQuestion(gig=gig, position=position, **question)
        for position, question in enumerate(questions, start=1)
    )


def _prompt(gig: Gig, prompts: Sequence[str | Card]) -> None:
    if len(prompts) > MOST_PROMPTS:
        raise Invalid.field("prompts", f"At most {MOST_PROMPTS} prompts.")
    cards = [each if isinstance(each, Card) else read_card(each) for each in prompts]
    Prompt.objects.bulk_create(
        Prompt(gig=gig, position=n, text=card.text, content_note=card.content_note, for_one=card.for_one)
        for n, card in enumerate(cards, start=1)
    )


def _check(fields: Fields, *, dates: Mapping[str, Any], zone: str, has_deck: bool, at: datetime) -> None:
    """`dates`: the days among the fields that are new, and so must not be past where the gig plays."""
    check_supported(fields.get("currency", "usd"))
    errors = [
        *_limits(fields),
        *_directing(fields, has_deck=has_deck),
        *_unknown("skills", fields.get("skills", ()), SKILLS),
        *_unknown("languages", fields.get("languages", ()), LANGUAGES),
        *_unknown("purposes", fields.get("purposes", ()), PURPOSES),
    ]
    named = {error["field"] for error in errors}
    errors += [error for error in _past(dates, calculate.local_day(at, zone)) if error["field"] not in named]
    if errors:
        raise Invalid("Some of the gig's fields need another look; nothing was saved.", errors=errors)


def _limits(fields: Fields) -> list[dict[str, str]]:
    errors = []
    for name, (least, most) in BOUNDS.items():
        value = fields.get(name)
        if name == "session_s" and isinstance(value, int) and value > longest_session_s():
            day = length_in_words(timedelta(seconds=longest_session_s()))
            said = f"At most {day}: nobody is on camera for longer a day, so no call of that length could be booked."
            errors.append({"field": name, "code": "longer_than_a_day", "detail": said})
        elif isinstance(value, int) and not least <= value <= most:
            errors.append({"field": name, "code": "out_of_range", "detail": f"From {least:,} to {most:,}."})
    starts, ends = fields.get("starts_on"), fields.get("ends_on")
    if starts and ends and ends < starts:
        errors.append(
            {"field": "ends_on", "code": "ends_before_it_starts", "detail": "It ends before it starts."}
        )
    if fields.get("time_zone", "UTC") not in names():
        errors.append({"field": "time_zone", "code": "not_a_choice", "detail": "Such as America/New_York."})
    return errors


def _directing(fields: Fields, *, has_deck: bool) -> list[dict[str, str]]:
    """Whoever directs themself is alone, and nobody is there to say what is next but the deck."""
    if not fields.get("self_directed", False):
        return []
    errors = []
    if fields.get("seats", Gig._meta.get_field("seats").default) != 1:
        said = "Whoever directs themself plays alone: give a session one seat."
        errors.append({"field": "seats", "code": "not_alone", "detail": said})
    if not has_deck:
        said = "Nobody of yours is there to say what is next: write the deck when you post the gig, one prompt to a line."
        errors.append({"field": "prompts", "code": "required", "detail": said})
    return errors


def _past(dates: Mapping[str, Any], today: date) -> list[dict[str, str]]:
    return [
        {
            "field": name,
            "code": "in_the_past",
            "detail": f"That day is past; today is {day(today, with_year=True)}.",
        }
        for name in ("starts_on", "ends_on")
        if name in dates and dates[name] < today
    ]


def _unknown(field: str, given: Sequence[str], known: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"field": field, "code": "not_a_choice", "detail": f"{value!r} is not on the list."}
        for value in sorted(set(given) - known.keys())
    ]
