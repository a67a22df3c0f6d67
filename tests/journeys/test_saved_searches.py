"""A performer narrows the board, saves what they look for, reads of it in their morning, and ends it by one press in the mail."""

import re
from datetime import timedelta

import pytest
import requests

from tests.journeys.busy_week import BusyWeek
from tests.journeys.house import WAITS_S


@pytest.mark.long_journey
def test_what_is_new_comes_by_mail_until_one_press_ends_it(busy: BusyWeek) -> None:
    owner, company = busy.owner(1)
    ada = busy.performer(6)
    board = ada.opens("/?q=kettle&no_replica=on")
    assert "No replica of you" in board.text
    saved = ada.sends(board, "/work/searches/", name="Kettles")
    assert "Saved. What is new for it comes by mail in your morning." in saved.text
    other = ada.does("POST", "saved-searches", name="Harold", skill="harold")
    assert {row["name"] for row in ada.does("GET", "saved-searches")["data"]} == {"Kettles", "Harold"}
    ada.does("DELETE", f"saved-searches/{other['id']}")
    pairs = ada.does("POST", "saved-searches", name="Pairs", seats=2)["id"]
    pressed = ada.sends(ada.opens("/work/searches/"), f"/work/searches/{pairs}/delete/")
    assert "Deleted. It sends no mail any more." in pressed.text

    busy.posts_a_gig(owner, company, "A kettle of their own")
    # One that is paused over her morning comes with the next one, once it is back.
    away = busy.posts_a_gig(owner, company, "A kettle that went away")
    assert owner.does("POST", f"gigs/{away}/pause")["state"] == "paused"
    busy.house.passes_to(busy.house.now() + timedelta(hours=26))
    told = ada.reads_in_mail("A kettle of their own")
    assert "New on the board for “Kettles”" in told
    assert "went away" not in told
    assert owner.does("POST", f"gigs/{away}/publish")["state"] == "published"
    busy.house.passes_to(busy.house.now() + timedelta(hours=26))
    told = ada.reads_in_mail("A kettle that went away")
    assert "A kettle of their own" not in told
    link = re.search(r"http\S+/searches/end/\S+", told)
    assert link is not None
    asked = ada.opens(link[0])
    assert "No more mail for “Kettles”?" in asked.text
    assert len(ada.does("GET", "saved-searches")["data"]) == 1
    # As a mail program does it: no cookie, no form.
    one_click = requests.post(link[0], data={"List-Unsubscribe": "One-Click"}, timeout=WAITS_S)
    assert one_click.status_code == 200, one_click.text
    assert ada.does("GET", "saved-searches")["data"] == []
    assert "It has ended" in ada.opens(link[0]).text
