"""What `tests/names.py` notices, on a template of its own."""

import pytest
from django.http import HttpResponse
from django.template import Context, Engine
from django.test import RequestFactory

from tests.names import NameNotGiven, middleware

ASKS = "{{ gig.title }}{% if is_open %}, open{% endif %}{% firstof gig.nickname gig.title %}"


def opens(template: str, **given: object) -> str:
    """The page as its browser gets it."""

    def page(_: object) -> HttpResponse:
        text = Engine(debug=False).from_string(ASKS)
        text.name = template
        return HttpResponse(text.render(Context(given)))

    return middleware(page)(RequestFactory().get("/")).content.decode()  # type: ignore[attr-defined, no-any-return] # an HttpResponse


def test_a_page_that_asks_for_what_it_was_not_given_fails() -> None:
    with pytest.raises(NameNotGiven, match=r"marketplace/gig\.html: is_open"):
        opens("marketplace/gig.html", gig={"title": "Lift"})


def test_a_page_that_was_given_all_is_shown_whatever_its_things_do_not_have() -> None:
    assert opens("marketplace/gig.html", gig={"title": "Lift"}, is_open=True) == "Lift, openLift"


def test_a_component_has_defaults_of_its_own() -> None:
    assert opens("components/gig.html", gig={"title": "Lift"}) == "LiftLift"
