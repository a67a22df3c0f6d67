"""A company posts in minutes: from a template, like a gig that it posted before, and sees it as performers will."""

from datetime import timedelta

import pytest

from tests.journeys.busy_week import BusyWeek


@pytest.mark.long_journey
def test_a_template_is_a_gig_on_the_board_after_three_presses(busy: BusyWeek) -> None:
    owner, company = busy.owner(3)
    today = busy.house.now().date() + timedelta(days=1)
    days = {"starts_on": f"{today}", "ends_on": f"{today + timedelta(days=60)}"}
    gallery = owner.opens(owner.opens(f"/company/{company}/gigs/").link("/gigs/templates/"))
    template = owner.opens(gallery.link("/templates/solo-monologue/"))
    assert "To the teacher who was right." in template.text
    saved = owner.sends(template, template.path, rate="50.00", **days)
    assert "Saved as a draft." in saved.text
    gig = saved.path.rstrip("/").rsplit("/", 1)[1]
    assert "Here performers press" in owner.opens(f"/gigs/{gig}/preview/").text
    assert busy.performer(2).calls("GET", f"gigs/{gig}")["status_code"] == 404
    owner.does("POST", f"gigs/{gig}/funding", amount={"amount_minor": 10_000, "currency": "usd"})
    posted = owner.sends(owner.opens(saved.path), f"{saved.path}step/publish/")
    assert "It is on the board now." in posted.text
    assert "To somebody who is not here" in busy.performer(2).opens(f"/gigs/{gig}/").text
    bonus = {row["purpose"]: row for row in owner.does("GET", f"gigs/{gig}/purposes")["data"]}
    assert bonus["fine_tuning"]["bonus_minor"] == 3000, bonus

    like = owner.opens(owner.opens(saved.path).link(f"/gigs/{gig}/duplicate/"))
    again = owner.sends(like, like.path, **days)
    assert "Saved as a draft." in again.text
    assert again.path != saved.path


@pytest.mark.long_journey
def test_the_same_by_an_app_which_is_warned_of_recordings_for_nothing(busy: BusyWeek) -> None:
    owner, company = busy.owner(3)
    today = busy.house.now().date() + timedelta(days=1)
    days = {"starts_on": f"{today}", "ends_on": f"{today + timedelta(days=60)}"}
    rate = {"amount_minor": 5000, "currency": "usd"}
    listed = owner.does("GET", "gig-templates")["data"]
    made = owner.does(
        "POST", "gigs/from-template", company=company, template=listed[0]["id"], rate=rate, **days
    )
    assert made["warnings"] == []
    bare = owner.does("PATCH", f"gigs/{made['id']}", purposes=[])
    assert [each["code"] for each in bare["warnings"]] == ["no_purposes"]
    assert "they can be used for nothing" in owner.opens(f"/company/{company}/gigs/{made['id']}/").text
    again = owner.does("POST", f"gigs/{made['id']}/duplicate", **days)
    assert (again["title"], again["state"]) == (made["title"], "draft")
