"""Judging blind: a rubric for each gig, judges who give their scores before they read any other, and a word where they are far
apart. What was given is never changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypedDict

from django.db import transaction

from accounts.access.actors import Actor
from accounts.access.acts import MAY, Act
from accounts.audit import operations as audit
from accounts.companies.models import Membership
from accounts.companies.notices import tell_company
from accounts.identity.models import User
from accounts.notifications.operations import notify_many
from accounts.notifications.work_kinds import WorkKind as Kind
from kit.errors import DomainError, Forbidden, Invalid
from kit.text import optional_text, required_text
from marketplace.casting.models import Application
from marketplace.casting.states import OPEN
from marketplace.gigs.models import Gig
from marketplace.judging import queries
from marketplace.judging.models import (
    HIGHEST,
    LONGEST_ANCHOR,
    LONGEST_CRITERION,
    LONGEST_TAG,
    LONGEST_VERDICT_NOTE,
    LOWEST,
    MOST_WEIGHT,
    Benchmark,
    Criterion,
    Judge,
    Ruling,
    Tag,
    Verdict,
)
from marketplace.messages import operations as messages

MOST_CRITERIA, MOST_JUDGES, MOST_TAGS, MOST_BENCHMARKS = 8, 10, 8, 5
CALLBACK = "Callback"


class RubricInUse(DomainError):
    """Judge the rest by the same rubric; change it for the next gig."""

    code = "rubric_in_use"
    title = "Somebody has judged by it already"


class NoRubric(DomainError):
    """Write a rubric first: what is looked for, and what a 1, a 3 and a 5 look like."""

    code = "no_rubric"
    title = "This gig has no rubric"


class AlreadyJudged(DomainError):
    """Nothing to do: what you gave counts as you gave it."""

    code = "already_judged"
    title = "You have judged this applicant"


class NotApart(DomainError):
    """Nothing to do: where the judges are near one another their scores count."""

    code = "judges_agree"
    title = "The judges are not far apart"


class BenchmarkInUse(DomainError):
    """Choose an applicant who waits for an answer and whom nobody has judged yet; what was judged by a benchmark keeps it."""

    code = "benchmark_in_use"
    title = "This applicant is judged, or answered"


class Line(TypedDict):
    """One line of a rubric."""

    name: str
    weight: int
    anchor_low: str
    anchor_middle: str
    anchor_high: str


@transaction.atomic
def write_rubric(*, gig: Gig, lines: Sequence[Line], by: Actor, at: datetime) -> list[Criterion]:
    """Replace the rubric, until somebody has judged by it. Raises Forbidden (403), RubricInUse (409), Invalid (422)."""
    by.require(Act.POST_GIGS, company_id=gig.company_id)
    if not 1 <= len(lines) <= MOST_CRITERIA:
        raise Invalid.field("lines", f"From 1 to {MOST_CRITERIA} criteria.", code="out_of_range")
    Gig.objects.select_for_update().get(pk=gig.pk)
    if Verdict.objects.filter(application__gig=gig).exists():
        raise RubricInUse("What was given would mean something else.")
    if Benchmark.objects.filter(application__gig=gig).exists():
        raise RubricInUse("Benchmarks have scores by it. Take them off first.")
    made = [_criterion(gig, position, line) for position, line in enumerate(lines, start=1)]
    gig.criteria.all().delete()
    Criterion.objects.bulk_create(made)
    audit.record(verb="rubric.written", thing=gig, by=by, at=at, criteria=len(made))
    return made


def _criterion(gig: Gig, position: int, line: Line) -> Criterion:
    at = f"lines.{position}"
    if not 1 <= line["weight"] <= MOST_WEIGHT:
        raise Invalid.field(f"{at}.weight", f"From 1 to {MOST_WEIGHT}.", code="out_of_range")
    anchors = {
        name: required_text(
            line[name],
            field=f"{at}.{name}",
            missing="Say what it looks like, so that all judge alike.",
            longest=LONGEST_ANCHOR,
        )
        for name in ("anchor_low", "anchor_middle", "anchor_high")
    }
    name = required_text(
        line["name"], field=f"{at}.name", missing="Name what is looked for.", longest=LONGEST_CRITERION
    )
    return Criterion(gig=gig, position=position, name=name, weight=line["weight"], **anchors)


@transaction.atomic
def assign(*, gig: Gig, users: Sequence[User], by: Actor, at: datetime) -> None:
    """Exactly these judge from now on; what others gave stays. Each new one is told.

    Raises Forbidden (403), NoRubric (409), Invalid (422) for whom the company lets review nobody.
    """
    by.require(Act.POST_GIGS, company_id=gig.company_id)
    Gig.objects.select_for_update().get(pk=gig.pk)
    if users and not gig.criteria.exists():
        raise NoRubric("Judges need to know what to look for.")
    chosen = {user.pk for user in users}
    able = Membership.objects.filter(company_id=gig.company_id, user_id__in=chosen, role__in=MAY[Act.CAST])
    if len(chosen) > MOST_JUDGES or able.count() != len(chosen):
        said = f"At most {MOST_JUDGES} members of your company who may review applicants."
        raise Invalid.field("judges", said, code="not_a_choice")
    before = set(gig.judges.filter(ended_at=None).values_list("user_id", flat=True))
    gig.judges.filter(ended_at=None).exclude(user_id__in=chosen).update(ended_at=at)
    gig.judges.filter(user_id__in=chosen).update(ended_at=None)
    known = set(gig.judges.values_list("user_id", flat=True))
    Judge.objects.bulk_create(Judge(gig=gig, user_id=each, assigned_at=at) for each in sorted(chosen - known))
    audit.record(verb="judges.assigned", thing=gig, by=by, at=at, judges=len(chosen))
    notify_many(
        kind=Kind.TO_JUDGE,
        user_ids=chosen - before - {by.user_id or 0},
        key=f"judge:{gig.public_id}:{at.timestamp():.0f}",
        about={"gig": gig.title},
        where={"gig_id": gig.public_id},
        at=at,
    )


@transaction.atomic
def give_verdict(
    *, application: Application, scores: Mapping[int, int], note: str = "", by: Actor, at: datetime
) -> Verdict:
    """A judge's scores by each criterion's position, kept as given. With it they read the others', and who it is.

    Raises Forbidden (403) for whom nobody assigned, AlreadyJudged (409), Invalid (422) unless each criterion has 1 to 5.
    """
    judge = queries.judge_of(application.gig_id, by)
    if judge is None:
        raise Forbidden("A producer says who judges this gig.")
    said = optional_text(note, field="note", longest=LONGEST_VERDICT_NOTE)
    application = (
        Application.objects.select_for_update(of=("self",)).select_related("gig").get(pk=application.pk)
    )
    _check_scores(application.gig, scores)
    if Benchmark.objects.filter(application=application, set_by_id=judge.user_id).exists():
        raise AlreadyJudged("Your scores are what the others are held against here.")
    if Verdict.objects.filter(application=application, judge=judge).exists():
        raise AlreadyJudged("What you gave counts as you gave it.")
    verdict = Verdict.objects.create(
        application=application, judge=judge, scores=_stored(scores), note=said, given_at=at
    )
    audit.record(verb="verdict.given", thing=verdict, by=by, at=at, application=application.public_id)
    if queries.is_apart(application) and application.state in OPEN:
        _tell_apart(application, at=at)
    return verdict


def _stored(scores: Mapping[int, int]) -> dict[str, int]:
    return {str(position): score for position, score in sorted(scores.items())}


def _check_scores(gig: Gig, scores: Mapping[int, int]) -> None:
    asked = {criterion.position: criterion.name for criterion in gig.criteria.all()}
    errors = [
        {
            "field": f"scores.{position}",
            "code": "score_missing",
            "detail": f"{name}: from {LOWEST} to {HIGHEST}.",
        }
        for position, name in asked.items()
        if not LOWEST <= scores.get(position, 0) <= HIGHEST
    ]
    errors += [
        {"field": f"scores.{position}", "code": "no_such_line", "detail": "The rubric has no such line."}
        for position in sorted(set(scores) - set(asked))
    ]
    if errors or not asked:
        raise Invalid("Each line of the rubric takes a score; nothing was kept.", errors=errors)


def _tell_apart(application: Application, *, at: datetime) -> None:
    tell_company(
        kind=Kind.JUDGES_APART,
        company_id=application.gig.company_id,
        key=f"apart:{application.public_id}",
        about={"gig": application.gig.title},
        where={"gig_id": application.gig.public_id},
        at=at,
    )


@transaction.atomic
def rule(
    *, application: Application, scores: Mapping[int, int], reason: str, by: Actor, at: datetime
) -> Ruling:
    """A producer's scores count where the judges are far apart; what these gave stays beside it.

    Raises Forbidden (403), NotApart (409), Invalid (422). Twice, the later one counts.
    """
    by.require(Act.OFFER, company_id=application.gig.company_id)
    person = by.require_person("A person rules, not a key.")
    said = required_text(reason, missing="Say why; the judges read it.", longest=LONGEST_VERDICT_NOTE)
    application = (
        Application.objects.select_for_update(of=("self",)).select_related("gig").get(pk=application.pk)
    )
    _check_scores(application.gig, scores)
    if not queries.is_apart(application):
        raise NotApart("Their own scores count.")
    ruling, _ = Ruling.objects.update_or_create(
        application=application,
        defaults={"scores": _stored(scores), "reason": said, "ruled_by_id": person, "ruled_at": at},
    )
    audit.record(verb="verdict.ruled", thing=application, by=by, at=at)
    return ruling


@transaction.atomic
def set_benchmark(
    *, application: Application, scores: Mapping[int, int], reason: str, by: Actor, at: datetime
) -> Benchmark:
    """By this applicant the judges find one scale: each judges them first, and then reads these scores and why. It is one judgement
    less of whoever sets it. Until somebody has judged, the later one counts.

    Raises Forbidden (403), NoRubric, BenchmarkInUse (409), Invalid (422).
    """
    by.require(Act.POST_GIGS, company_id=application.gig.company_id)
    person = by.require_person("A person sets the scale, not a key.")
    said = required_text(reason, missing="Say why; the judges learn by it.", longest=LONGEST_VERDICT_NOTE)
    application = _unjudged(application)
    if not application.gig.criteria.exists():
        raise NoRubric("A benchmark has scores by the rubric's lines.")
    _check_scores(application.gig, scores)
    if application.state not in OPEN:
        raise BenchmarkInUse("They were answered, or withdrew: no judge sees them any more.")
    others = Benchmark.objects.filter(application__gig=application.gig, application__state__in=OPEN)
    others = others.exclude(application=application)
    if others.count() >= MOST_BENCHMARKS:
        told = f"At most {MOST_BENCHMARKS} benchmarks a gig: they come before everyone else who waits."
        raise Invalid(told, errors=[{"field": "scores", "code": "too_many", "detail": told}])
    benchmark, _ = Benchmark.objects.update_or_create(
        application=application,
        defaults={"scores": _stored(scores), "reason": said, "set_by_id": person, "set_at": at},
    )
    audit.record(verb="benchmark.set", thing=application, by=by, at=at)
    return benchmark


@transaction.atomic
def drop_benchmark(*, application: Application, by: Actor, at: datetime) -> None:
    """It is an applicant like any other again; one that is so already is no error.

    Raises Forbidden (403), BenchmarkInUse (409).
    """
    by.require(Act.POST_GIGS, company_id=application.gig.company_id)
    dropped, _ = Benchmark.objects.filter(application=_unjudged(application)).delete()
    if dropped:
        audit.record(verb="benchmark.dropped", thing=application, by=by, at=at)


def _unjudged(application: Application) -> Application:
    rows = Application.objects.select_for_update(of=("self",)).select_related("gig")
    application = rows.get(pk=application.pk)
    if Verdict.objects.filter(application=application).exists():
        raise BenchmarkInUse("What was given stands beside what it was held against.")
    return application


@transaction.atomic
def tag(*, application: Application, texts: Sequence[str], by: Actor, at: datetime) -> None:
    """Exactly these words stand on the applicant from now on; the performer never reads them. Raises Forbidden (403),
    Invalid (422)."""
    by.require(Act.CAST, company_id=application.gig.company_id)
    said = {" ".join(text.split()) for text in texts if text.strip()}
    if len(said) > MOST_TAGS or any(len(text) > LONGEST_TAG or "\x00" in text for text in said):
        told = f"At most {MOST_TAGS} tags of at most {LONGEST_TAG} characters."
        raise Invalid.field("tags", told, code="out_of_range")
    Application.objects.select_for_update().get(pk=application.pk)
    application.tags.exclude(text__in=said).delete()
    known = set(application.tags.values_list("text", flat=True))
    Tag.objects.bulk_create(
        Tag(application=application, text=text, put_at=at) for text in sorted(said - known)
    )
    audit.record(verb="application.tagged", thing=application, by=by, at=at)


@transaction.atomic
def call_back(*, application: Application, text: str, by: Actor, at: datetime) -> None:
    """Ask an applicant back, in the house's messages, and tag them so. What they are asked for in a session is paid as time.

    Raises Forbidden (403), Suspended, ThreadOver, ThreadBlocked, TooManyMessages (409), Invalid (422).
    """
    messages.write(application=application, text=text, by=by, at=at)
    Tag.objects.get_or_create(application=application, text=CALLBACK, defaults={"put_at": at})
    audit.record(verb="application.called_back", thing=application, by=by, at=at)
