"""Judging blind: what a judge reads before and after their own verdict, what producers rule, and how one works through many."""

import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from accounts.access.roles import Role
from accounts.identity.models import User
from accounts.notifications.models import Notification
from marketplace.judging.models import Verdict
from tests import stories
from tests.accounts.browsing import code_of
from tests.marketplace.conftest import Caller
from tests.stories import BEFORE

pytestmark = pytest.mark.django_db
ItIs = Callable[[datetime], None]
AsSomeone = Callable[[Any], Caller]
RUBRIC = [
    {
        "name": "Listens",
        "weight": 3,
        "anchor_low": "Waits.",
        "anchor_middle": "Hears.",
        "anchor_high": "Builds.",
    },
    {
        "name": "Commits",
        "weight": 1,
        "anchor_low": "Winks.",
        "anchor_middle": "Plays.",
        "anchor_high": "Lives.",
    },
]


class House:
    """Two judges and a producer; three have applied."""

    def __init__(self, as_someone: AsSomeone, it_is: ItIs) -> None:
        it_is(BEFORE)
        self.as_someone = as_someone
        self.company = stories.a_company()
        self.gig = stories.a_gig(self.company)
        self.nora = as_someone(stories.person(stories.owner_of(self.company)))
        self.people = [stories.a_member(self.company, Role.REVIEWER) for _ in range(2)]
        self.jo, self.kim = (as_someone(user) for user in self.people)
        self.performers = [stories.a_performer(name) for name in ("Ada Quick", "Bo Slow", "Cy Deep")]
        self.applications = [stories.applies(each, self.gig) for each in self.performers]
        self.ada = self.applications[0]

    def writes(self, lines: Any = None, who: Caller | None = None) -> Any:
        body = {"lines": RUBRIC if lines is None else lines}
        return (who or self.nora).api.send("PUT", f"gigs/{self.gig.public_id}/rubric", body)

    def assigns(self, *users: User, who: Caller | None = None) -> Any:
        body = {"judges": [user.public_id for user in users]}
        return (who or self.nora).api.send("PUT", f"gigs/{self.gig.public_id}/judges", body)

    def is_ready(self) -> None:
        assert self.writes().status_code == 200
        assert self.assigns(*self.people).status_code == 200

    def judges(self, who: Caller, *scores: int, application: Any = None) -> tuple[int, Any]:
        sent = [{"position": n, "score": score} for n, score in enumerate(scores, start=1)]
        path = f"applications/{(application or self.ada).public_id}/verdicts"
        return who.post(path, {"scores": sent, "note": "So I see it."})

    def reads(self, who: Caller, application: Any = None) -> list[str]:
        status, said = who.get(f"applications/{(application or self.ada).public_id}/verdicts")
        return [each["judge"] for each in said["data"]] if status == 200 else [str(status)]

    def page(self, who: Caller, application: Any = None) -> str:
        return str(who.client.get(f"/applicants/{(application or self.ada).public_id}/").content.decode())


@pytest.fixture
def house(as_someone: AsSomeone, it_is: ItIs) -> House:
    made = House(as_someone, it_is)
    made.is_ready()
    return made


def test_a_judge_reads_no_name_and_no_other_verdict_before_their_own_is_in(house: House) -> None:
    assert house.judges(house.jo, 5, 4)[0] == 201
    blind = house.page(house.kim)
    assert "Ada Quick" not in blind
    assert "So I see it." not in blind
    assert f"Applicant {house.ada.pk}" in blind
    assert house.reads(house.kim) == []
    assert house.judges(house.kim, 4, 4)[0] == 201
    seen = house.page(house.kim)
    assert "Ada Quick" in seen
    assert "So I see it." in seen
    assert len(house.reads(house.kim)) == len(house.reads(house.jo)) == 2


def test_a_producer_who_judges_nobody_reads_them_when_all_are_in(house: House) -> None:
    house.judges(house.jo, 4, 4)
    assert house.reads(house.nora) == []
    house.judges(house.kim, 4, 3)
    assert len(house.reads(house.nora)) == 2


def test_scores_are_kept_as_given_and_given_once(house: House) -> None:
    assert house.judges(house.jo, 5, 1)[0] == 201
    assert house.judges(house.jo, 1, 5)[1]["code"] == "already_judged"
    assert Verdict.objects.get().scores == {"1": 5, "2": 1}
    assert code_of(house.writes([RUBRIC[0]])) == "rubric_in_use"


@pytest.mark.parametrize("scores", [(), (5,), (5, 6), (0, 5), (5, 5, 5)])
def test_each_line_of_the_rubric_takes_a_score(house: House, scores: tuple[int, ...]) -> None:
    assert house.judges(house.jo, *scores)[0] == 422
    assert not Verdict.objects.exists()


def test_only_who_was_assigned_judges(house: House) -> None:
    assert house.judges(house.nora, 5, 5)[0] == 403
    assert house.assigns(house.people[0]).status_code == 200
    assert house.judges(house.kim, 5, 5)[0] == 403
    assert house.judges(house.jo, 5, 5)[0] == 201
    stranger = house.as_someone(stories.person(stories.owner_of(stories.a_company())))
    assert house.judges(stranger, 5, 5)[0] == 404
    performer = house.as_someone(house.performers[0])
    assert house.judges(performer, 5, 5)[0] in (403, 404)
    assert house.reads(performer) in (["403"], ["404"])


def test_judges_are_members_who_may_review_and_are_told(house: House) -> None:
    billing, stranger = stories.a_member(house.company, Role.BILLING), stories.a_person()
    for user in (billing, stranger):
        assert house.assigns(user).status_code == 422
    assert house.assigns(house.people[0], who=house.jo).status_code == 403
    told = Notification.objects.filter(kind="to_judge")
    assert {each.user_id for each in told} == {user.pk for user in house.people}


def test_a_rubric_says_what_it_looks_for(house: House) -> None:
    for wrong in ([], [RUBRIC[0] | {"weight": 6}], [RUBRIC[0] | {"anchor_low": " "}], [RUBRIC[0]] * 9):
        assert house.writes(wrong).status_code == 422
    assert house.writes(who=house.jo).status_code == 403
    assert house.writes().status_code == 200


def test_where_they_are_far_apart_a_producer_rules(house: House) -> None:
    path = f"applications/{house.ada.public_id}/ruling"
    word = {"scores": [{"position": 1, "score": 3}, {"position": 2, "score": 3}], "reason": "I saw both."}
    house.judges(house.jo, 5, 5)
    assert code_of(house.nora.api.send("PUT", path, word)) == "judges_agree"
    house.judges(house.kim, 2, 2)
    owner = stories.person(stories.owner_of(house.company))
    assert Notification.objects.filter(user=owner, kind="judges_apart").exists()
    standing = house.nora.get(f"gigs/{house.gig.public_id}/judging")[1]
    assert standing["apart"] == [house.ada.public_id]
    assert house.jo.api.send("PUT", path, word).status_code == 403
    assert house.nora.api.send("PUT", path, word | {"reason": " "}).status_code == 422
    assert house.nora.api.send("PUT", path, word).status_code == 204
    assert house.nora.get(f"gigs/{house.gig.public_id}/judging")[1]["apart"] == []
    assert "I saw both." in house.page(house.jo)
    assert [each.scores for each in Verdict.objects.order_by("pk")] == [{"1": 5, "2": 5}, {"1": 2, "2": 2}]


def test_the_agreement_is_shown(house: House) -> None:
    for application, scores in zip(house.applications, ((5, 5), (3, 3), (1, 1)), strict=True):
        house.judges(house.jo, *scores, application=application)
        house.judges(house.kim, *scores, application=application)
    said = house.nora.get(f"gigs/{house.gig.public_id}/judging")[1]
    assert [each["alpha_thousandths"] for each in said["agreement"]] == [1000, 1000]
    assert "1.00" in house.nora.client.get(f"/gigs/{house.gig.public_id}/judging/").content.decode()


def test_a_queue_is_worked_through_by_its_pages_alone(house: House) -> None:
    """Next, score, decide: as the keys press it."""
    following = f"/gigs/{house.gig.public_id}/judging/next/"
    first = house.jo.client.get(following).headers["Location"]
    later = house.jo.client.get(f"{following}?after={first.split('/')[2]}").headers["Location"]
    assert first != later
    for scores in (("5", "4"), ("1", "2"), ("3", "3")):
        at = house.jo.client.get(following).headers["Location"]
        assert house.jo.client.post(at, {"score_1": scores[0]}).status_code == 422
        given = house.jo.client.post(at, {"score_1": scores[0], "score_2": scores[1], "note": ""})
        assert given.headers["Location"] == at
        assert "Keep my verdict" not in house.jo.client.get(at).content.decode()
        answered = house.jo.client.post(f"{at}decline/", {"reason": "skills", "note": "", "then": "judge"})
        assert answered.headers["Location"] == following
    assert house.jo.client.get(following).headers["Location"] == f"/gigs/{house.gig.public_id}/judging/"


def test_a_company_writes_rubric_and_judges_on_the_page(house: House) -> None:
    gig = stories.a_gig(house.company)
    page = f"/gigs/{gig.public_id}/judging/"
    sent = {f"{name}_1": value for name, value in RUBRIC[0].items()}
    assert house.nora.client.post(f"{page}rubric/", sent).status_code == 302
    assert house.nora.client.post(f"{page}rubric/", sent | {"anchor_low_1": ""}).status_code == 422
    chosen = {"judges": [user.public_id for user in house.people]}
    assert house.nora.client.post(f"{page}judges/", chosen).status_code == 302
    assert "Builds." in house.jo.client.get(page).content.decode()


def test_tags_and_a_callback(house: House) -> None:
    path = f"applications/{house.ada.public_id}/tags"
    assert house.jo.api.send("PUT", path, {"tags": ["warm", "warm", "  late  call "]}).status_code == 204
    assert "late call, warm" in house.page(house.nora)
    assert house.jo.api.send("PUT", path, {"tags": ["x" * 31]}).status_code == 422
    called = house.nora.client.post(
        f"/applicants/{house.ada.public_id}/call-back/", {"text": "Come on Tuesday, paid."}
    )
    assert called.status_code == 302
    assert "Callback" in house.page(house.nora)
    performer = house.as_someone(house.performers[0])
    thread = performer.get(f"applications/{house.ada.public_id}/messages")[1]["data"]
    assert thread[0]["text"] == "Come on Tuesday, paid."
    assert "warm" not in json.dumps(performer.get(f"applications/{house.ada.public_id}")[1])
    assert not re.search("Tags|Callback", performer.client.get("/work/").content.decode())


class TestBenchmarks:
    """By them judges find one scale: judged first and blind, and read after."""

    def sets(
        self, house: House, *scores: int, application: Any = None, who: Caller | None = None
    ) -> tuple[int, Any]:
        sent = [{"position": n, "score": score} for n, score in enumerate(scores, start=1)]
        path = f"applications/{(application or house.applications[2]).public_id}/benchmark"
        return (who or house.nora).put(path, {"scores": sent, "reason": "She builds on each offer."})

    def reads_it(self, house: House, who: Caller) -> tuple[int, Any]:
        return who.get(f"applications/{house.applications[2].public_id}/benchmark")

    def test_is_judged_first_and_read_after_by_each(self, house: House) -> None:
        assert self.sets(house, 4, 2)[0] == 200
        path = f"/gigs/{house.gig.public_id}/judging/next/"
        bench = house.applications[2]
        for who in (house.jo, house.kim):
            assert who.client.get(path).headers["Location"] == f"/applicants/{bench.public_id}/"
            assert self.reads_it(house, who)[0] == 404
            assert "She builds" not in house.page(who, bench)
        assert house.judges(house.jo, 5, 3, application=bench)[0] == 201
        status, said = self.reads_it(house, house.jo)
        assert (status, said["reason"]) == (200, "She builds on each offer.")
        assert "You were 1.00 off." in house.page(house.jo, bench)
        assert self.reads_it(house, house.kim)[0] == 404
        assert house.jo.client.get(path).headers["Location"] != f"/applicants/{bench.public_id}/"

    def test_says_how_far_each_judge_is_off(self, house: House) -> None:
        """(3 × 4 + 1 × 2) / 4 = 3.50; Jo gives 4.50 and 3.50, so 1.00 and, of the other, 0.50 off: 0.75."""
        other = house.applications[1]
        assert self.sets(house, 4, 2)[0] == self.sets(house, 3, 3, application=other)[0] == 200
        house.judges(house.jo, 5, 3, application=house.applications[2])
        house.judges(house.jo, 4, 2, application=other)
        found = house.nora.get(f"gigs/{house.gig.public_id}/judging")[1]["calibration"]
        jo, kim = (user.public_id for user in house.people)
        assert found == [
            {"judge": jo, "judged": 2, "off_hundredths": 75},
            {"judge": kim, "judged": 0, "off_hundredths": None},
        ]
        page = house.nora.client.get(f"/gigs/{house.gig.public_id}/judging/").content.decode()
        assert "By the benchmarks" in page
        assert "0.75" in page
        assert (
            "By the benchmarks"
            not in house.jo.client.get(f"/gigs/{house.gig.public_id}/judging/").content.decode()
        )

    def test_is_set_and_taken_off_until_somebody_has_judged(self, house: House) -> None:
        bench = house.applications[2]
        path = f"applications/{bench.public_id}/benchmark"
        for scores in ((4, 2), (5, 2)):
            assert self.sets(house, *scores)[0] == 200
        assert self.reads_it(house, house.nora)[1]["scores"][0] == {"position": 1, "score": 5}
        assert code_of(house.writes()) == "rubric_in_use"
        for _ in range(2):
            assert house.nora.api.send("DELETE", path).status_code == 204
        assert self.reads_it(house, house.nora)[0] == 404
        assert house.writes().status_code == 200
        assert self.sets(house, 4, 2)[0] == 200
        assert house.judges(house.jo, 5, 3, application=bench)[0] == 201
        assert self.sets(house, 4, 2)[1]["code"] == "benchmark_in_use"
        assert code_of(house.nora.api.send("DELETE", path)) == "benchmark_in_use"
        assert self.sets(house, 4, 2, application=house.ada)[0] == 200

    def test_is_a_producers_to_set(self, house: House) -> None:
        assert self.sets(house, 4, 2, who=house.jo)[0] == 403
        assert self.sets(house, 4)[0] == self.sets(house, 4, 6)[0] == 422
        stranger = house.as_someone(stories.person(stories.owner_of(stories.a_company())))
        assert self.sets(house, 4, 2, who=stranger)[0] == 404
        assert self.sets(house, 4, 2, who=house.as_someone(house.performers[2]))[0] in (403, 404)
        assert self.sets(house, 4, 2)[0] == 200

    def test_whoever_set_it_and_judges_too_judges_the_others(self, house: House) -> None:
        owner = stories.person(stories.owner_of(house.company))
        assert house.assigns(*house.people, owner).status_code == 200
        assert self.sets(house, 4, 2)[0] == 200
        assert (
            house.judges(house.nora, 4, 2, application=house.applications[2])[1]["code"] == "already_judged"
        )
        path = f"/gigs/{house.gig.public_id}/judging/next/"
        assert (
            house.nora.client.get(path).headers["Location"]
            != f"/applicants/{house.applications[2].public_id}/"
        )
        assert house.judges(house.nora, 4, 2)[0] == 201

    def test_whoever_set_it_has_said_what_they_see(self, house: House) -> None:
        """They read the others and answer the applicant; nobody waits for a verdict of theirs."""
        bench, owner = house.applications[2], stories.person(stories.owner_of(house.company))
        assert house.assigns(*house.people, owner).status_code == 200
        producer = house.as_someone(stories.a_member(house.company, Role.PRODUCER))
        assert self.sets(house, 4, 2)[0] == 200
        page = house.page(house.nora, bench)
        assert "Cy Deep" in page
        assert "Your verdict</h2>" not in page
        assert "The answer" in page
        assert house.judges(house.jo, 4, 2, application=bench)[0] == 201
        assert len(house.reads(house.nora, bench)) == 1
        assert house.reads(producer, bench) == []
        assert house.judges(house.kim, 4, 2, application=bench)[0] == 201
        assert len(house.reads(producer, bench)) == 2

    def test_of_who_was_answered_is_taken_off_and_counts_no_more(self, house: House) -> None:
        bench = house.applications[2]
        assert self.sets(house, 4, 2)[0] == 200
        assert house.nora.post(f"applications/{bench.public_id}/decline", {"reason": "skills"})[0] == 200
        assert self.sets(house, 5, 5)[1]["code"] == "benchmark_in_use"
        assert "No benchmark any more" in house.page(house.nora, bench)
        assert house.nora.api.send("DELETE", f"applications/{bench.public_id}/benchmark").status_code == 204
        assert house.writes().status_code == 200

    def test_of_five_at_most(self, house: House) -> None:
        more = [stories.applies(stories.a_performer(), house.gig) for _ in range(3)]
        for application in (*house.applications, *more[:2]):
            assert self.sets(house, 3, 3, application=application)[0] == 200
        assert self.sets(house, 3, 3, application=more[2])[0] == 422
        assert self.sets(house, 4, 4, application=house.ada)[0] == 200, "one that is one already is set anew"

    def test_is_set_and_taken_off_on_the_page(self, house: House) -> None:
        path = f"/applicants/{house.ada.public_id}/benchmark/"
        assert "Make this a benchmark" in house.page(house.nora)
        assert "Make this a benchmark" not in house.page(house.jo)
        sent = {"score_1": "4", "score_2": "2", "note": "She builds."}
        assert house.nora.client.post(path, sent | {"score_2": ""}).status_code == 422
        assert house.nora.client.post(path, sent).status_code == 302
        assert "The benchmark" in house.page(house.nora)
        assert house.nora.client.post(path, {"do": "drop"}).status_code == 302
        assert "Make this a benchmark" in house.page(house.nora)
