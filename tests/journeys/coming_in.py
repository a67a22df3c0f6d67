"""How people come in who are in no house yet: with a company of their own, to play, or by invitation."""

import re

from tests.journeys.house import House, Person
from tests.journeys.page import Page

ZONE = "America/New_York"


def an_owner(house: House, name: str, *, company: str) -> tuple[Person, str]:
    """Somebody with a new company and a second factor; the company's id."""
    owner = Person(house, name)
    owner.signs_up(comes_to="company", company_name=company, time_zone=ZONE)
    owner.confirms()
    owner.sets_up_a_second_factor()
    (found,) = owner.does("GET", "companies")["data"]
    return owner, found["id"]


def a_performer(house: House, name: str) -> Person:
    """Somebody who plays, with a confirmed address."""
    performer = Person(house, name)
    performer.signs_up(comes_to="performer", time_zone=ZONE)
    performer.confirms()
    return performer


def is_invited(person: Person) -> str:
    """Where the newest mail leads that asks them to act for someone."""
    link = re.search(r"http\S+/invitation/\S+", person.reads_mail("invited"))
    assert link is not None
    return link[0]


def joins(person: Person) -> Page:
    """Follows the mail that invites them, makes an account with that address, and says yes; the page after it."""
    assert "Sign up" in person.opens(is_invited(person)).text
    today = person.signs_up(comes_to="invitation", time_zone=ZONE)
    assert "You are asked to act for" in today.text
    accepted = person.sends(today, "/invitation/", answer="accept")
    assert "You act for" in accepted.text
    return accepted


def comes_by_invitation(person: Person) -> None:
    """As one of the house's own, with the second factor without which their role waits."""
    accepted = joins(person)
    assert "You act for the house" in accepted.text
    assert "Your role waits for a second factor" in accepted.text
    assert "waits for a second factor" not in person.sets_up_a_second_factor().text
