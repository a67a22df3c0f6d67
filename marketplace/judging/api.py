"""Judging over the API: the rubric, the judges, verdicts and tags. Blind as the pages are."""

from collections.abc import Mapping
from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.acts import MAY, Act
from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import WholeList, described
from accounts.identity.models import User
from kit import clock
from kit.agreement import thousandths
from kit.errors import Invalid, NotFound
from kit.http.serializers import LineField, Strict, TextField, TypedId, WholeNumberField
from marketplace.casting.queries import get_application
from marketplace.gigs import queries as gigs
from marketplace.judging import operations, queries
from marketplace.judging.models import (
    HIGHEST,
    LONGEST_ANCHOR,
    LONGEST_CRITERION,
    LONGEST_TAG,
    LONGEST_VERDICT_NOTE,
    LOWEST,
    MOST_WEIGHT,
    Benchmark,
    Verdict,
)

COMPANY = (Audience.COMPANY,)


class CriterionIn(Strict):
    name = LineField(max_length=LONGEST_CRITERION)
    weight = WholeNumberField(min_value=1, max_value=MOST_WEIGHT)
    anchor_low = LineField(max_length=LONGEST_ANCHOR)
    anchor_middle = LineField(max_length=LONGEST_ANCHOR)
    anchor_high = LineField(max_length=LONGEST_ANCHOR)


class RubricIn(Strict):
    lines = serializers.ListField(child=CriterionIn(), max_length=operations.MOST_CRITERIA)


class CriterionOut(CriterionIn):
    position = serializers.IntegerField()


class JudgesIn(Strict):
    judges = serializers.ListField(child=TypedId(prefix="usr"), max_length=operations.MOST_JUDGES)


class JudgeOut(Strict):
    id = serializers.CharField(source="user.public_id")
    name = serializers.CharField(source="user.name")


class ScoreIn(Strict):
    position = WholeNumberField(min_value=1)
    score = WholeNumberField(min_value=LOWEST, max_value=HIGHEST)


class VerdictIn(Strict):
    scores = ScoreIn(many=True)
    note = TextField(max_length=LONGEST_VERDICT_NOTE, required=False, allow_blank=True, default="")


class RulingIn(Strict):
    scores = ScoreIn(many=True)
    reason = TextField(max_length=LONGEST_VERDICT_NOTE)


class VerdictOut(Strict):
    id = serializers.CharField(source="public_id")
    judge = serializers.CharField(source="judge.user.public_id")
    scores = serializers.SerializerMethodField()
    note = serializers.CharField()
    given_at = serializers.DateTimeField()

    def get_scores(self, verdict: Verdict) -> list[dict[str, int]]:
        return _by_position(verdict.scores)


class TagsIn(Strict):
    tags = serializers.ListField(child=LineField(max_length=LONGEST_TAG), max_length=operations.MOST_TAGS)


class AgreementOut(Strict):
    position = serializers.IntegerField()
    alpha_thousandths = serializers.IntegerField(allow_null=True)


class BenchmarkOut(Strict):
    scores = serializers.SerializerMethodField()
    reason = serializers.CharField()
    set_at = serializers.DateTimeField()

    def get_scores(self, benchmark: Benchmark) -> list[dict[str, int]]:
        return _by_position(benchmark.scores)


class CalibratedOut(Strict):
    judge = serializers.CharField(source="judge.user.public_id")
    judged = serializers.IntegerField()
    off_hundredths = serializers.IntegerField(allow_null=True)


class JudgingOut(Strict):
    judged = serializers.IntegerField()
    waiting = serializers.IntegerField()
    apart = serializers.ListField(child=serializers.CharField())
    agreement = AgreementOut(many=True)
    calibration = CalibratedOut(many=True)


def _by_position(stored: Mapping[str, int]) -> list[dict[str, int]]:
    return [{"position": int(at), "score": score} for at, score in sorted(stored.items())]


def _scores(sent: list[dict[str, int]]) -> dict[int, int]:
    return {each["position"]: each["score"] for each in sent}


class GigRubric(Endpoint):
    """What a gig's applicants are judged by."""

    allow = COMPANY
    pagination_class = WholeList

    @described("rubrics_get", "Read a gig's rubric.", responses=CriterionOut(many=True))
    def get(self, request: Request, gig_id: str) -> Response:
        return self.whole(CriterionOut, list(gigs.get_own_gig(self.actor, gig_id).criteria.all()))

    @described(
        "rubrics_write",
        "Write a gig's rubric, until somebody has judged by it.",
        refuses=(operations.RubricInUse,),
        request=RubricIn,
        responses=CriterionOut(many=True),
    )
    def put(self, request: Request, gig_id: str) -> Response:
        gig, lines = gigs.get_own_gig(self.actor, gig_id), self.read(RubricIn)["lines"]
        return self.whole(
            CriterionOut, operations.write_rubric(gig=gig, lines=lines, by=self.actor, at=clock.now())
        )


class GigJudges(Endpoint):
    """Who judges a gig's applicants."""

    allow = COMPANY
    pagination_class = WholeList

    @described("judges_list", "List who judges a gig's applicants.", responses=JudgeOut(many=True))
    def get(self, request: Request, gig_id: str) -> Response:
        gig = gigs.get_own_gig(self.actor, gig_id)
        return self.whole(JudgeOut, list(gig.judges.filter(ended_at=None).select_related("user")))

    @described(
        "judges_assign",
        "Say who judges a gig's applicants.",
        refuses=(operations.NoRubric,),
        request=JudgesIn,
        responses=JudgeOut(many=True),
    )
    def put(self, request: Request, gig_id: str) -> Response:
        gig, ids = gigs.get_own_gig(self.actor, gig_id), set(self.read(JudgesIn)["judges"])
        people = list(
            User.objects.filter(
                public_id__in=ids, memberships__company_id=gig.company_id, memberships__role__in=MAY[Act.CAST]
            )
        )
        if len(people) != len(ids):
            said = "Members of your company who may review applicants."
            raise Invalid.field("judges", said, code="not_a_choice")
        operations.assign(gig=gig, users=people, by=self.actor, at=clock.now())
        return self.whole(JudgeOut, list(gig.judges.filter(ended_at=None).select_related("user")))


class GigJudging(Endpoint):
    """How far the judges agree, and of whom they are far apart; once you have judged, or for producers."""

    allow = COMPANY

    @described("judging_get", "Say how the judging of a gig stands.", responses=JudgingOut)
    def get(self, request: Request, gig_id: str) -> Response:
        gig = gigs.get_own_gig(self.actor, gig_id)
        self.actor.require(Act.OFFER, company_id=gig.company_id)
        standing = queries.standing(gig)
        body: dict[str, Any] = {
            "judged": standing.judged,
            "waiting": standing.waiting,
            "apart": [application.public_id for application in standing.apart],
            "agreement": [
                {"position": n, "alpha_thousandths": thousandths(alpha)}
                for n, (_, alpha) in enumerate(standing.alphas, start=1)
            ],
            "calibration": standing.calibration,
        }
        return Response(JudgingOut(body).data)


class Verdicts(Endpoint):
    """The verdicts on an applicant: a judge reads them once their own is in."""

    allow = COMPANY
    pagination_class = WholeList

    @described("verdicts_list", "List the verdicts that you may read.", responses=VerdictOut(many=True))
    def get(self, request: Request, application_id: str) -> Response:
        application = get_application(self.actor, application_id)
        self.actor.require(Act.CAST, company_id=application.gig.company_id)
        mine = queries.own_verdict(application, self.actor)
        has_said = queries.has_said(application, self.actor, mine=mine)
        return self.whole(VerdictOut, queries.verdicts_for(application, self.actor, has_said=has_said))

    @described(
        "verdicts_create",
        "Give your verdict on an applicant.",
        refuses=(operations.AlreadyJudged,),
        request=VerdictIn,
        responses={201: VerdictOut},
    )
    def post(self, request: Request, application_id: str) -> Response:
        sent, application = self.read(VerdictIn), get_application(self.actor, application_id)
        return self.created(
            VerdictOut,
            lambda: operations.give_verdict(
                application=application,
                scores=_scores(sent["scores"]),
                note=sent["note"],
                by=self.actor,
                at=clock.now(),
            ),
        )


class ApplicationRuling(Endpoint):
    """Where two judges are far apart, a producer's scores count."""

    allow = COMPANY

    @described(
        "verdicts_rule",
        "Say which scores count where judges are far apart.",
        refuses=(operations.NotApart,),
        request=RulingIn,
        responses={204: None},
    )
    def put(self, request: Request, application_id: str) -> Response:
        sent, application = self.read(RulingIn), get_application(self.actor, application_id)
        operations.rule(
            application=application,
            scores=_scores(sent["scores"]),
            reason=sent["reason"],
            by=self.actor,
            at=clock.now(),
        )
        return Response(status=204)


class ApplicationBenchmark(Endpoint):
    """A producer's own scores of an applicant, by whom the judges find one scale."""

    allow = COMPANY

    @described(
        "benchmarks_get",
        "Read an applicant's benchmark, once your own scores are in.",
        responses=BenchmarkOut,
    )
    def get(self, request: Request, application_id: str) -> Response:
        application = get_application(self.actor, application_id)
        self.actor.require(Act.CAST, company_id=application.gig.company_id)
        judge = queries.judge_of(application.gig_id, self.actor)
        mine = queries.own_verdict(application, self.actor)
        found = queries.benchmark_for(application, self.actor, judge=judge, mine=mine)
        if found is None:
            raise NotFound
        return Response(BenchmarkOut(found).data)

    @described(
        "benchmarks_set",
        "Make an applicant a benchmark for the judges.",
        refuses=(operations.NoRubric, operations.BenchmarkInUse),
        request=RulingIn,
        responses=BenchmarkOut,
    )
    def put(self, request: Request, application_id: str) -> Response:
        sent, application = self.read(RulingIn), get_application(self.actor, application_id)
        benchmark = operations.set_benchmark(
            application=application,
            scores=_scores(sent["scores"]),
            reason=sent["reason"],
            by=self.actor,
            at=clock.now(),
        )
        return Response(BenchmarkOut(benchmark).data)

    @described(
        "benchmarks_drop",
        "Make it an applicant like any other again.",
        refuses=(operations.BenchmarkInUse,),
        responses={204: None},
    )
    def delete(self, request: Request, application_id: str) -> Response:
        application = get_application(self.actor, application_id)
        operations.drop_benchmark(application=application, by=self.actor, at=clock.now())
        return Response(status=204)


class ApplicationTags(Endpoint):
    allow = COMPANY

    @described(
        "applications_tag", "Say which tags stand on an applicant.", request=TagsIn, responses={204: None}
    )
    def put(self, request: Request, application_id: str) -> Response:
        tags, application = self.read(TagsIn)["tags"], get_application(self.actor, application_id)
        operations.tag(application=application, texts=tags, by=self.actor, at=clock.now())
        return Response(status=204)


urlpatterns = [
    path("gigs/<str:gig_id>/rubric", GigRubric.as_view(), name="api_gig_rubric"),
    path("gigs/<str:gig_id>/judges", GigJudges.as_view(), name="api_gig_judges"),
    path("gigs/<str:gig_id>/judging", GigJudging.as_view(), name="api_gig_judging"),
    path("applications/<str:application_id>/verdicts", Verdicts.as_view(), name="api_verdicts"),
    path("applications/<str:application_id>/ruling", ApplicationRuling.as_view(), name="api_ruling"),
    path("applications/<str:application_id>/benchmark", ApplicationBenchmark.as_view(), name="api_benchmark"),
    path("applications/<str:application_id>/tags", ApplicationTags.as_view(), name="api_tags"),
]
