"""Who may read what while a gig is judged, and the order in which applicants come before a judge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Exists, F, OuterRef, QuerySet

from accounts.access.actors import Actor
from accounts.access.acts import Act
from kit import agreement
from marketplace.casting.models import Application
from marketplace.casting.queries import NAMED
from marketplace.casting.states import OPEN
from marketplace.gigs.models import Gig
from marketplace.judging import scoring
from marketplace.judging.models import Benchmark, Judge, Ruling, Verdict


def judge_of(gig_id: int, actor: Actor) -> Judge | None:
    """The actor's own place among the judges; None for everyone else."""
    if actor.user_id is None:
        return None
    return Judge.objects.filter(gig_id=gig_id, user_id=actor.user_id, ended_at=None).first()


def own_verdict(application: Application, actor: Actor) -> Verdict | None:
    return Verdict.objects.filter(application=application, judge__user_id=actor.user_id or 0).first()


def has_said(application: Application, actor: Actor, *, mine: Verdict | None) -> bool:
    """Whether what the actor sees in an applicant is in: a verdict of theirs, or the benchmark that they set."""
    set_it = Benchmark.objects.filter(application=application, set_by_id=actor.user_id or 0)
    return mine is not None or set_it.exists()


def is_unveiled(application: Application, *, has_said: bool) -> bool:
    """Whether one reads the name, the picture and the others' verdicts: with one's own word in, or a yes said."""
    return application.state in NAMED or has_said


def verdicts_for(application: Application, actor: Actor, *, has_said: bool) -> list[Verdict]:
    """What the actor may read: a judge all of them once their own is in; another producer once every judge's is, or where one is
    asked to rule."""
    rows = Verdict.objects.visible_to(actor).filter(application=application)
    given = list(rows.select_related("judge__user").order_by("given_at", "pk"))
    if has_said:
        return given
    if judge_of(application.gig_id, actor) is not None:
        return []
    produces = actor.may(Act.OFFER, company_id=application.gig.company_id)
    return given if produces and (_all_given(application, given) or is_apart(application)) else []


def _all_given(application: Application, given: Sequence[Verdict]) -> bool:
    set_by = Benchmark.objects.filter(application=application).values("set_by")
    rows = Judge.objects.filter(gig_id=application.gig_id, ended_at=None).exclude(user__in=set_by)
    judges = set(rows.values_list("pk", flat=True))
    return bool(judges) and judges <= {each.judge_id for each in given}


def benchmark_for(
    application: Application, actor: Actor, *, judge: Judge | None, mine: Verdict | None
) -> Benchmark | None:
    """What the actor may read of it: whoever may set one, unless they judge here and have still to say what they see, and a judge
    whose own scores are in (`mine`)."""
    found = Benchmark.objects.filter(application=application).first()
    if found is None or mine is not None or found.set_by_id == actor.user_id:
        return found
    sets = actor.may(Act.POST_GIGS, company_id=application.gig.company_id)
    return found if sets and judge is None else None


def weights_of(gig: Gig) -> dict[int, int]:
    return {criterion.position: criterion.weight for criterion in gig.criteria.all()}


def read(scores: Mapping[str, int]) -> dict[int, int]:
    """As they are stored, by the criterion's position."""
    return {int(position): score for position, score in scores.items()}


def is_apart(application: Application) -> bool:
    """Whether two judges' totals are so far from one another that a producer rules."""
    weights = weights_of(application.gig)
    given = Verdict.objects.filter(application=application).values_list("scores", flat=True)
    return bool(weights) and scoring.are_apart([scoring.total(read(each), weights) for each in given])


def to_judge(gig: Gig, judge: Judge) -> QuerySet[Application]:
    """What waits for this judge: who is still to be answered and has no verdict of theirs; benchmarks of others first, then the
    nearest promise."""
    own = Verdict.objects.filter(application=OuterRef("pk"), judge=judge)
    ours = Benchmark.objects.filter(application=OuterRef("pk"), set_by=judge.user_id)
    rows = Application.objects.filter(~Exists(own), ~Exists(ours), gig=gig, state__in=OPEN)
    first = F("benchmark__set_at").asc(nulls_last=True)
    return rows.select_related("gig__company", "performer").order_by(first, "answer_due_at", "id")


@dataclass(frozen=True)
class Calibrated:
    """How far a judge's totals lie from the benchmarks', on average, in hundredths of a point; None before the first."""

    judge: Judge
    judged: int
    off_hundredths: int | None

    @property
    def off(self) -> str:
        return "" if self.off_hundredths is None else f"{self.off_hundredths / 100:.2f}"


def calibration(gig: Gig) -> list[Calibrated]:
    """Of each who judges; empty where the gig has no benchmark. Three queries."""
    weights = weights_of(gig)
    held = {
        key: scoring.total(read(scores), weights)
        for key, scores in Benchmark.objects.filter(application__gig=gig).values_list(
            "application_id", "scores"
        )
    }
    if not held:
        return []
    pairs: dict[int, list[tuple[int, int]]] = {}
    for each in Verdict.objects.filter(application__in=held):
        own = scoring.total(read(each.scores), weights)
        pairs.setdefault(each.judge_id, []).append((own, held[each.application_id]))
    judges = gig.judges.filter(ended_at=None).select_related("user").order_by("id")
    return [
        Calibrated(judge, len(pairs.get(judge.pk, [])), scoring.off(pairs.get(judge.pk, [])))
        for judge in judges
    ]


@dataclass(frozen=True)
class Standing:
    """How the judging of a gig stands: `alphas` by criterion in its order, None where there is nothing to agree about."""

    judged: int
    waiting: int
    alphas: Sequence[tuple[str, Fraction | None]]
    calibration: Sequence[Calibrated]
    apart: Sequence[Application]


def standing(gig: Gig) -> Standing:
    """For producers and whoever has judged; a few queries, whatever the number of applicants."""
    criteria = list(gig.criteria.all())
    weights = {criterion.position: criterion.weight for criterion in criteria}
    given: dict[int, list[dict[int, int]]] = {}
    for application, scores in Verdict.objects.filter(application__gig=gig).values_list(
        "application_id", "scores"
    ):
        given.setdefault(application, []).append(read(scores))
    apart = [
        key
        for key, all_scores in given.items()
        if scoring.are_apart([scoring.total(scores, weights) for scores in all_scores])
    ]
    ruled = Ruling.objects.filter(application__gig=gig).values("application_id")
    open_ones = Application.objects.filter(gig=gig, state__in=OPEN)
    return Standing(
        judged=len(given),
        waiting=open_ones.exclude(pk__in=given).count(),
        alphas=[
            (
                criterion.name,
                agreement.alpha(
                    [
                        [scores[criterion.position] for scores in all_scores if criterion.position in scores]
                        for all_scores in given.values()
                    ]
                ),
            )
            for criterion in criteria
        ],
        calibration=calibration(gig),
        apart=list(
            open_ones.filter(pk__in=apart).exclude(pk__in=ruled).select_related("performer").order_by("pk")
        ),
    )
