"""Each who applies has an answer, and each answer is seen by the other side; a gig is changed, paused, closed, called off."""

from datetime import timedelta
from typing import Any

import pytest

from tests.journeys.busy_week import BusyWeek, applies, is_engaged
from tests.journeys.house import Person


@pytest.mark.long_journey
def test_applicants_are_shortlisted_declined_with_a_reason_and_offered(busy: BusyWeek) -> None:
    owner, company = busy.owner(2)
    gig = busy.posts_a_gig(owner, company, "Four apply", openings=2)
    ann, ben, cat, dan = (busy.performer(number) for number in (1, 3, 4, 5))
    ids = {
        person.name: applies(person, gig, note=f"Me, {number}.")
        for number, person in enumerate((ann, ben, cat, dan))
    }
    queue = f"/gigs/{gig}/applicants/"
    told = owner.does("GET", f"applications/{ids[ann.name]}")
    assert (told["note"], told["state"]) == ("Me, 0.", "submitted")
    assert ann.name not in told["applicant"]
    assert ben.calls("GET", f"applications/{ids[ann.name]}")["status_code"] == 404

    shortlisted = owner.sends(owner.opens(queue), f"/applicants/{ids[ann.name]}/shortlist/")
    assert "is on the shortlist, and told." in shortlisted.text
    owner.does("POST", f"applications/{ids[ben.name]}/shortlist")
    for person in (ann, ben):
        assert person.does("GET", f"applications/{ids[person.name]}")["state"] == "shortlisted"
        assert "Four apply" in newest_news_of(person)["body"] + newest_news_of(person)["title"]

    said_nothing = owner.sends(owner.opens(queue), f"/applicants/{ids[cat.name]}/decline/")
    assert said_nothing.status == 422
    declined = owner.sends(
        said_nothing, f"/applicants/{ids[cat.name]}/decline/", reason="skills", note="Next time."
    )
    assert "has your answer, with the reason." in declined.text
    owner.does("POST", f"applications/{ids[dan.name]}/decline", reason="availability")
    for person, reason in ((cat, "The gig needs other skills"), (dan, "The times do not fit")):
        assert person.does("GET", f"applications/{ids[person.name]}")["state"] == "not_selected"
        assert reason in person.opens("/work/").text
    offers_are_declined(owner, gig, {person: ids[person.name] for person in (ann, ben)})


def offers_are_declined(owner: Person, gig: str, offered: dict[Person, str]) -> None:
    """On the page and over the API; the company reads it, and its places are free again."""
    owner.does("POST", "offers", applications=list(offered.values()), message="Come.")
    by_page, by_api = offered
    assert "Four apply" in by_page.opens("/work/waiting/").text
    no = by_page.sends(by_page.opens("/work/"), f"/work/applications/{offered[by_page]}/decline/")
    assert "Declined. It never counts against you." in no.text
    assert "Four apply" not in by_page.opens("/work/waiting/").text
    assert by_api.does("POST", f"applications/{offered[by_api]}/decline-offer")["state"] == "declined"
    answered = owner.opens(f"/gigs/{gig}/applicants/?show=over").text
    assert answered.count("Declined by the performer") == 2, answered
    states = {row["id"]: row["state"] for row in owner.does("GET", f"gigs/{gig}/applications")["data"]}
    assert {states[application] for application in offered.values()} == {"declined"}


@pytest.mark.long_journey
def test_whoever_takes_an_application_back_is_no_longer_in_the_queue(busy: BusyWeek) -> None:
    """One on the page, one over the API; a third stays, is offered the only place, and has it."""
    owner, company = busy.owner(2)
    gig = busy.posts_a_gig(owner, company, "Two think again", openings=1)
    eve, fay, gil = (busy.performer(number) for number in (7, 8, 9))
    ids = [applies(person, gig) for person in (eve, fay)]
    taken_back = eve.sends(eve.opens("/work/"), f"/work/applications/{ids[0]}/withdraw/")
    assert "Taken back. It never counts against you." in taken_back.text
    assert fay.does("POST", f"applications/{ids[1]}/withdraw")["state"] == "withdrawn"
    assert owner.opens(f"/gigs/{gig}/applicants/").boxes.get("application", []) == []
    refused = owner.calls("POST", "offers", applications=ids)
    assert refused["status_code"] == 409, refused
    engagement = is_engaged(owner, gil, gig)
    assert gil.does("GET", f"engagements/{engagement}")["state"] == "active"


@pytest.mark.long_journey
def test_a_gig_is_on_the_board_while_it_takes_applications(busy: BusyWeek) -> None:
    """A higher rate is read by everybody; paused it is on no board, closed it takes nobody, completed it is over."""
    owner, company = busy.owner(2)
    hal = busy.performer(11)
    gig = busy.posts_a_gig(owner, company, "On and off")
    assert stands_on_the_board(busy, gig)
    assert busy.house.answers(f"gigs/{gig}").json()["rate"]["amount_minor"] == 5000
    change = f"/company/{company}/gigs/{gig}/change/"
    lists: dict[str, Any] = {"purposes": ["evaluation"], "languages": ["en"], "skills": ["duo"]}
    lower = owner.sends(owner.opens(change), change, rate="40.00", **lists)
    assert lower.status == 422
    saved = owner.sends(owner.opens(change), change, rate="60.00", **lists)
    assert "Saved." in saved.text, saved.text
    assert "60.00" in hal.opens(f"/gigs/{gig}/").text

    assert owner.does("POST", f"gigs/{gig}/pause")["state"] == "paused"
    assert not stands_on_the_board(busy, gig)
    hal.is_refused("POST", f"gigs/{gig}/applications", "not_found", note="I listen.")
    owner.does("POST", f"gigs/{gig}/publish")
    assert stands_on_the_board(busy, gig)
    application = applies(hal, gig)

    assert owner.does("POST", f"gigs/{gig}/close")["state"] == "closed"
    busy.performer(12).is_refused("POST", f"gigs/{gig}/applications", "not_found", note="I listen.")
    owner.does("POST", f"applications/{application}/decline", reason="seats_filled")
    assert owner.does("POST", f"gigs/{gig}/complete")["state"] == "completed"
    assert not stands_on_the_board(busy, gig)


@pytest.mark.long_journey
def test_a_gig_is_completed_once_everyone_has_an_answer(busy: BusyWeek) -> None:
    """By page, and over the API: the refusal says who waits, one press answers all of them, and each reads the reason."""
    owner, company = busy.owner(2)
    for by_page in (True, False):
        gig = busy.posts_a_gig(owner, company, f"Everyone is answered {by_page}")
        people = [busy.performer(number) for number in (14, 15)]
        ids = [applies(person, gig) for person in people]
        page, press = f"/company/{company}/gigs/{gig}/", f"/gigs/{gig}/applicants/answer-all/"
        early = owner.calls("POST", f"gigs/{gig}/applications/answer-all", reason="skills")
        assert early["code"] == "gig_takes_applications", early
        owner.does("POST", f"gigs/{gig}/close")
        refused = owner.calls("POST", f"gigs/{gig}/complete")
        assert (refused["code"], set(refused["facts"]["applications"])) == (
            "applications_unanswered",
            set(ids),
        )
        if by_page:
            lists = owner.opens(page)
            assert "2 applicants wait for an answer" in lists.text
            said_nothing = owner.sends(lists, press)
            assert said_nothing.status == 422
            reason = {"all-reason": "seats_filled", "all-note": "Thank you both."}
            assert "2 applicants have your answer" in owner.sends(owner.opens(page), press, **reason).text
            assert "Completed." in owner.sends(owner.opens(page), f"{page}step/complete/").text
        else:
            said = {"reason": "seats_filled", "note": "Thank you both."}
            assert owner.does("POST", f"gigs/{gig}/applications/answer-all", **said)["answered"] == 2
            assert owner.does("POST", f"gigs/{gig}/complete")["state"] == "completed"
        for person, application in zip(people, ids, strict=True):
            told = person.does("GET", f"applications/{application}")
            assert (told["state"], told["reason"], told["reason_note"]) == (
                "not_selected",
                "seats_filled",
                "Thank you both.",
            )
            assert "all places are taken. Thank you both." in newest_news_of(person)["body"]


@pytest.mark.long_journey
def test_who_was_declined_appeals_and_has_the_place_that_was_kept(busy: BusyWeek) -> None:
    """From the page of one's work to another human's answer; meanwhile the last place is nobody else's."""
    owner, company = busy.owner(2)
    talent = busy.comes_in("Talent operations")
    gig = busy.posts_a_gig(owner, company, "A second look", openings=1)
    ula, vic = busy.performer(14), busy.performer(15)
    ours, others = applies(ula, gig), applies(vic, gig)
    owner.does("POST", f"applications/{ours}/decline", reason="language", note="It is in French.")
    answer = ula.opens(ula.opens("/work/").link(f"/work/applications/{ours}/appeal/"))
    assert "The gig needs another language. It is in French." in answer.text
    filed = ula.sends(answer, "/appeals/", text="I grew up in Lyon.")
    assert "To be answered by" in filed.text
    appeal = filed.path.rstrip("/").rsplit("/", 1)[1]
    assert "An applicant appeals your answer" in newest_news_of(owner)["title"]
    assert "A place is kept for an appeal" in owner.opens(f"/gigs/{gig}/applicants/").text
    owner.is_refused("POST", "offers", "place_is_kept", applications=[others])
    owner.is_refused("POST", f"appeals/{appeal}/take-up", "forbidden")

    assert "Appeals" in talent.opens("/desk/").text
    talent.does("POST", f"appeals/{appeal}/take-up")
    talent.does("POST", f"appeals/{appeal}/answer", outcome="reversed", text="Her profile says French.")
    assert "Her profile says French." in ula.opens(f"/appeals/{appeal}/").text
    assert ula.does("GET", f"applications/{ours}")["state"] == "shortlisted"
    assert "An appeal took your answer back" in newest_news_of(owner)["title"]
    owner.is_refused("POST", f"applications/{ours}/decline", "place_is_kept", reason="skills")
    owner.is_refused("POST", "offers", "place_is_kept", applications=[others])
    owner.does("POST", "offers", applications=[ours])
    assert "A second look" in ula.opens("/work/waiting/").text
    assert ula.does("POST", f"applications/{ours}/decline-offer")["state"] == "declined"
    owner.does("POST", "offers", applications=[others])


@pytest.mark.long_journey
def test_a_gig_that_is_called_off_tells_who_applied_and_gives_its_money_back(busy: BusyWeek) -> None:
    """What it had set aside comes back over the API and on the page; who applied reads why it is off."""
    owner, company = busy.owner(2)
    ira = busy.performer(13)
    gig = busy.posts_a_gig(owner, company, "Called off")
    free = free_in_the_wallet(owner, company)
    assert owner.does("POST", f"gigs/{gig}/funding/give-back")["funded"]["amount_minor"] == 0
    assert free_in_the_wallet(owner, company) == free + 10_000
    owner.does("POST", f"gigs/{gig}/funding", amount={"amount_minor": 10_000, "currency": "usd"})
    given = owner.sends(owner.opens(f"/company/{company}/wallet/"), f"/gigs/{gig}/give-back/")
    assert "100.00 USD is back in the wallet." in given.text
    assert free_in_the_wallet(owner, company) == free + 10_000

    application = applies(ira, gig)
    off = owner.does("POST", f"gigs/{gig}/cancel", reason="The studio burned down.")
    assert off["state"] == "cancelled"
    busy.house.passes_to(busy.house.now() + timedelta(minutes=6))
    told = ira.does("GET", f"applications/{application}")
    assert (told["state"], told["reason"]) == ("not_selected", "gig_ended")
    assert "The reason: the gig ended before the answer." in newest_news_of(ira)["body"]
    assert not stands_on_the_board(busy, gig)


def stands_on_the_board(busy: BusyWeek, gig: str) -> bool:
    """For whoever has no account."""
    found = busy.house.answers("gigs?limit=100").json()["data"]
    return gig in {row["id"] for row in found}


def free_in_the_wallet(owner: Person, company: str) -> int:
    return int(owner.does("GET", f"companies/{company}/wallet")["available"]["amount_minor"])


def newest_news_of(person: Person) -> dict[str, str]:
    found: dict[str, str] = person.does("GET", "notifications")["data"][0]
    return found
