"""A gig's judging: its rubric and judges, how far they agree, and one applicant at a time, worked by keys alone."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.actors import Actor
from accounts.access.acts import MAY, Act
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.identity.models import User
from kit import clock
from kit.errors import DomainError, Invalid, NotFound
from marketplace.casting.forms import DeclineForm
from marketplace.casting.models import Application
from marketplace.casting.operations import BEFORE_SHORTLIST
from marketplace.casting.queries import get_application
from marketplace.casting.states import OPEN
from marketplace.craft import playing, seeing
from marketplace.gigs import queries as gigs
from marketplace.gigs.models import Gig
from marketplace.judging import operations, queries, scoring
from marketplace.judging.forms import JudgesForm, RubricForm, VerdictForm
from marketplace.judging.models import Benchmark, Verdict


@allow(Audience.SIGNED_IN)
@require_GET
def gig_judging(request: HttpRequest, gig_id: str) -> HttpResponse:
    """How the judging stands; with the rubric and the judges, which producers write."""
    gig = gigs.get_own_gig(actor_of(request), gig_id)
    return _judging_page(request, gig)


@allow(Audience.COMPANY)
@require_POST
def gig_rubric(request: HttpRequest, gig_id: str) -> HttpResponse:
    actor = actor_of(request)
    gig = gigs.get_own_gig(actor, gig_id)
    form = RubricForm(request.POST)
    if form.is_valid():
        try:
            operations.write_rubric(gig=gig, lines=form.lines(), by=actor, at=clock.now())
        except (Invalid, operations.RubricInUse) as refusal:
            form.add_error(None, _in_words(refusal))
        else:
            messages.success(request, "The rubric stands. Say who judges by it.")
            return redirect("gig_judging", gig_id=gig_id)
    return _judging_page(request, gig, rubric=form)


@allow(Audience.COMPANY)
@require_POST
def gig_judges(request: HttpRequest, gig_id: str) -> HttpResponse:
    actor = actor_of(request)
    gig = gigs.get_own_gig(actor, gig_id)
    chosen = request.POST.getlist("judges")
    people = [member for member in _members(gig) if member.public_id in chosen]
    operations.assign(gig=gig, users=people, by=actor, at=clock.now())
    messages.success(request, "Saved. Whoever is new is told.")
    return redirect("gig_judging", gig_id=gig_id)


def _judging_page(request: HttpRequest, gig: Gig, *, rubric: RubricForm | None = None) -> HttpResponse:
    actor = actor_of(request)
    judge = queries.judge_of(gig.pk, actor)
    criteria = list(gig.criteria.all())
    produces = actor.may(Act.POST_GIGS, company_id=gig.company_id)
    judged = judge is not None and Verdict.objects.filter(judge=judge).exists()
    chosen = list(gig.judges.filter(ended_at=None).values_list("user__public_id", flat=True))
    in_use = Verdict.objects.filter(application__gig=gig).exists()
    standing = queries.standing(gig) if produces or judged else None
    alphas = [alpha for _, alpha in standing.alphas] if standing else []
    context = {
        "gig": gig,
        "criteria": criteria,
        "agreement": [
            (criterion, "" if alpha is None else f"{float(alpha):.2f}")
            for criterion, alpha in zip(criteria, alphas, strict=False)
        ],
        "produces": produces,
        "calibration": standing.calibration if standing and produces else [],
        "is_judge": judge is not None,
        "left": queries.to_judge(gig, judge).count() if judge else 0,
        "standing": standing,
        "rubric": rubric or RubricForm(criteria=criteria),
        "in_use": in_use,
        "judges": JudgesForm(members=_members(gig), chosen=chosen),
    }
    return render(request, "marketplace/gig_judging.html", context, status=422 if rubric is not None else 200)


def _members(gig: Gig) -> list[User]:
    rows = User.objects.filter(
        memberships__company_id=gig.company_id, memberships__role__in=MAY[Act.CAST], is_active=True
    )
    return list(rows.order_by("name", "pk"))


def _in_words(refusal: DomainError) -> str:
    errors = getattr(refusal, "errors", [])
    return errors[0]["detail"] if errors else f"{refusal.title}. {refusal.detail}"


@allow(Audience.COMPANY)
@require_GET
def judge_next(request: HttpRequest, gig_id: str) -> HttpResponse:
    """On to the next whom the actor has not judged; `after` goes past one that they leave for later."""
    actor = actor_of(request)
    gig = gigs.get_own_gig(actor, gig_id)
    judge = queries.judge_of(gig.pk, actor)
    waiting = list(queries.to_judge(gig, judge).values_list("public_id", flat=True)) if judge else []
    after = request.GET.get("after", "")
    if after in waiting:
        at = waiting.index(after)
        waiting = waiting[at + 1 :] + waiting[:at]
    if not waiting:
        return redirect("gig_judging", gig_id=gig_id)
    return redirect("applicant", waiting[0])


@allow(Audience.COMPANY)
@require_http_methods(["GET", "POST"])
def applicant(request: HttpRequest, application_id: str) -> HttpResponse:
    """One applicant: blind with the rubric for a judge whose verdict is still to come; then who it is, and the answer."""
    actor = actor_of(request)
    application = _own(actor, application_id)
    form = VerdictForm(request.POST or None, criteria=list(application.gig.criteria.all()))
    if request.method == "POST" and form.is_valid():
        try:
            operations.give_verdict(
                application=application,
                scores=form.scores(),
                note=form.cleaned_data["note"],
                by=actor,
                at=clock.now(),
            )
        except (Invalid, operations.AlreadyJudged) as refusal:
            form.add_error(None, _in_words(refusal))
        else:
            return redirect("applicant", application_id)
    context = _applicant_shown(application, actor) | {"form": form}
    return render(request, "marketplace/applicant.html", context, status=422 if form.errors else 200)


@dataclass(frozen=True)
class Given:
    """A verdict, or a benchmark, in figures; `total_hundredths` of a point."""

    said: Verdict | Benchmark
    total_hundredths: int
    scores: list[tuple[str, int]]

    @property
    def total(self) -> str:
        return _points(self.total_hundredths)


def _points(hundredths: int) -> str:
    return f"{hundredths / 100:.2f}"


def _given(said: Verdict | Benchmark, weights: dict[int, int], names: dict[int, str]) -> Given:
    scores = queries.read(said.scores)
    named = [(names[position], score) for position, score in scores.items() if position in names]
    return Given(said, scoring.total(scores, weights), named)


def _off(mine: Verdict, held: Given, weights: dict[int, int]) -> str:
    """How far one's own total lies from the benchmark's."""
    return _points(abs(scoring.total(queries.read(mine.scores), weights) - held.total_hundredths))


def _may_set(application: Application, actor: Actor) -> bool:
    produces = actor.may(Act.POST_GIGS, company_id=application.gig.company_id)
    return produces and not Verdict.objects.filter(application=application).exists()


def _applicant_shown(application: Application, actor: Actor) -> dict[str, Any]:
    gig, now = application.gig, clock.now()
    judge = queries.judge_of(gig.pk, actor)
    mine = queries.own_verdict(application, actor)
    has_said = queries.has_said(application, actor, mine=mine)
    unveiled = queries.is_unveiled(application, has_said=has_said)
    weights = queries.weights_of(gig)
    names = {criterion.position: criterion.name for criterion in gig.criteria.all()}
    verdicts = queries.verdicts_for(application, actor, has_said=has_said)
    tape = playing.tapes_of(application).select_related("application__gig", "performer").first()
    is_open = application.state in OPEN
    produces = actor.may(Act.OFFER, company_id=gig.company_id)
    apart = bool(verdicts) and queries.is_apart(application)
    benchmark = queries.benchmark_for(application, actor, judge=judge, mine=mine)
    held = _given(benchmark, weights, names) if benchmark else None
    may_set = _may_set(application, actor)
    ruling = getattr(application, "ruling", None) if verdicts else None
    return {
        "application": application,
        "gig": gig,
        "name": application.performer.stage_name if unveiled else f"Applicant {application.pk}",
        "craft": seeing.craft_of(application.performer, by=actor, unveiled=unveiled, at=now),
        "tape": tape,
        "tape_address": playing.address(tape, by=actor, at=now) if tape else "",
        "judges": judge is not None and not has_said and is_open and bool(names),
        "is_judge": judge is not None,
        "given": [_given(each, weights, names) for each in verdicts],
        "apart": apart,
        "ruling": ruling,
        "rules": apart and produces and ruling is None,
        "rule_form": VerdictForm(criteria=list(gig.criteria.all()), with_reason=True, auto_id="rule_%s"),
        "decides": is_open and (judge is None or has_said),
        "can_shortlist": application.state in BEFORE_SHORTLIST,
        "decline_form": DeclineForm(auto_id="decline_%s"),
        "benchmark": held,
        "off": _off(mine, held, weights) if mine and held else "",
        "may_drop": may_set,
        "may_set": is_open and bool(names) and may_set,
        "benchmark_form": VerdictForm(
            criteria=list(gig.criteria.all()), with_reason=True, auto_id="benchmark_%s"
        ),
        "tags": ", ".join(application.tags.order_by("text").values_list("text", flat=True)),
    }


def _word(request: HttpRequest, application: Application, *, missing: str) -> dict[str, Any]:
    """A producer's own scores with the reason. Raises Invalid (422)."""
    form = VerdictForm(request.POST, criteria=list(application.gig.criteria.all()), with_reason=True)
    if not form.is_valid():
        raise Invalid(f"Each line of the rubric takes a score, and {missing}; nothing was kept.")
    return {"scores": form.scores(), "reason": form.cleaned_data["note"]}


@allow(Audience.COMPANY)
@require_POST
def applicant_rule(request: HttpRequest, application_id: str) -> HttpResponse:
    actor = actor_of(request)
    application = _own(actor, application_id)
    word = _word(request, application, missing="your word a reason")
    operations.rule(application=application, **word, by=actor, at=clock.now())
    messages.success(request, "Your scores count; the judges read why.")
    return redirect("applicant", application_id)


@allow(Audience.COMPANY)
@require_POST
def applicant_benchmark(request: HttpRequest, application_id: str) -> HttpResponse:
    """A producer sets it, with their own scores and why; or takes it off."""
    actor = actor_of(request)
    application = _own(actor, application_id)
    if request.POST.get("do") == "drop":
        operations.drop_benchmark(application=application, by=actor, at=clock.now())
        messages.success(request, "It is an applicant like any other again.")
        return redirect("applicant", application_id)
    word = _word(request, application, missing="the judges a reason")
    operations.set_benchmark(application=application, **word, by=actor, at=clock.now())
    messages.success(request, "A benchmark: each judge scores it first, and then reads yours.")
    return redirect("applicant", application_id)


@allow(Audience.COMPANY)
@require_POST
def applicant_tags(request: HttpRequest, application_id: str) -> HttpResponse:
    actor = actor_of(request)
    application = _own(actor, application_id)
    texts = request.POST.get("tags", "").split(",")
    operations.tag(application=application, texts=texts, by=actor, at=clock.now())
    messages.success(request, "Saved.")
    return redirect("applicant", application_id)


@allow(Audience.COMPANY)
@require_POST
def applicant_call_back(request: HttpRequest, application_id: str) -> HttpResponse:
    actor = actor_of(request)
    application = _own(actor, application_id)
    text = request.POST.get("text", "")
    operations.call_back(application=application, text=text, by=actor, at=clock.now())
    messages.success(request, "Called back. They are told, and answer in the messages.")
    return redirect("applicant", application_id)


def _own(actor: Actor, application_id: str) -> Application:
    application = get_application(actor, application_id)
    if application.gig.company_id not in actor.company_ids:
        raise NotFound
    actor.require(Act.CAST, company_id=application.gig.company_id)
    # Asked for again and again on this page.
    prefetch_related_objects([application.gig], "criteria")
    return application


OF_GIG, ONE = "gigs/<str:gig_id>/judging/", "applicants/<str:application_id>/"
urlpatterns = [
    path(OF_GIG, gig_judging, name="gig_judging"),
    path(f"{OF_GIG}rubric/", gig_rubric, name="gig_rubric"),
    path(f"{OF_GIG}judges/", gig_judges, name="gig_judges"),
    path(f"{OF_GIG}next/", judge_next, name="judge_next"),
    path(ONE, applicant, name="applicant"),
    path(f"{ONE}rule/", applicant_rule, name="applicant_rule"),
    path(f"{ONE}benchmark/", applicant_benchmark, name="applicant_benchmark"),
    path(f"{ONE}tags/", applicant_tags, name="applicant_tags"),
    path(f"{ONE}call-back/", applicant_call_back, name="applicant_call_back"),
]
