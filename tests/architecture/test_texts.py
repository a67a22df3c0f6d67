"""What people type into one line is one line, at every door: no control character gets into a name, a title or a mail's subject."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.test import Client
from django.urls import get_resolver
from rest_framework import serializers

from kit.forms import AmountField
from kit.http.serializers import InstantField, Strict
from tests import stories
from tests.accounts.browsing import Api, body_of, logs_in

ROOT = Path(__file__).parents[2]
OURS = ("accounts.", "marketplace.", "payments.", "callboard.")
CONTROL = ["Eve\nBcc: x", "Eve\rx", "Eve\tx", "Eve\x1bx", "Eve\x85x", "Eve\u2028x"]


def kinds(of: type[Any]) -> Iterator[type[Any]]:
    assert get_resolver().url_patterns, "which imports every room"
    for kind in of.__subclasses__():
        if kind.__module__.startswith(OURS):
            yield kind
        yield from kinds(kind)


def is_a_librarys(field: forms.Field, *, of: type[Any]) -> bool:
    """Whether a form of ours has it from one that is not."""
    others = [base for base in of.__mro__ if not base.__module__.startswith(OURS)]
    return any(field is theirs for base in others for theirs in getattr(base, "base_fields", {}).values())


def test_a_form_takes_a_line_as_a_line() -> None:
    lax = {
        f"{kind.__module__}.{kind.__name__}.{name}"
        for kind in kinds(forms.Form)
        for name, field in kind.base_fields.items()
        if type(field) is forms.CharField and not isinstance(field.widget, forms.Textarea)
        if not is_a_librarys(field, of=kind)
    }
    assert lax == set(), "take kit.forms.LineField"


def test_an_amount_is_read_in_one_place() -> None:
    amounts = [
        field
        for kind in kinds(forms.Form)
        for name, field in kind.base_fields.items()
        if name in ("rate", "amount", "amount_minor")
    ]
    assert len(amounts) >= 4
    assert {type(field) for field in amounts} == {AmountField}
    sources = [path for room in OURS for path in (ROOT / room.rstrip(".")).rglob("*.py")]
    assert [str(path) for path in sources if "Money.parse(" in path.read_text()] == []


def test_an_instant_comes_in_with_its_offset() -> None:
    read = [kind for kind in kinds(Strict) if not kind.__name__.endswith("Out")]
    instants = [
        field
        for kind in read
        for field in kind._declared_fields.values()
        if isinstance(field, serializers.DateTimeField)
    ]
    assert len(instants) >= 3
    assert {type(field) for field in instants} == {InstantField}


def test_an_endpoint_says_of_each_text_whether_it_is_a_line() -> None:
    read = [kind for kind in kinds(Strict) if not kind.__name__.endswith("Out")]
    unsaid = {
        f"{kind.__module__}.{kind.__name__}.{name}"
        for kind in read
        for name, field in kind._declared_fields.items()
        if serializers.CharField in (type(field), type(getattr(field, "child", None)))
    }
    assert len(read) > 20
    assert unsaid == set(), "take kit.http.serializers.LineField or TextField"


@pytest.mark.django_db
@pytest.mark.parametrize("text", CONTROL)
class TestAName:
    def test_with_a_control_character_is_refused_by_the_api_and_without_it_is_taken(self, text: str) -> None:
        performer = stories.a_performer("Eve")
        me = Api(client=logs_in(performer.user))
        refused = me.patch("me/performer", {"stage_name": text})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["code"] == "control_character"  # type: ignore[attr-defined] # the test client's
        assert me.patch("me", {"name": text}).status_code == 422
        performer.refresh_from_db()
        assert performer.stage_name == performer.user.name == "Eve"
        assert body_of(me.patch("me/performer", {"stage_name": "Eve Ω 🎭"}))["stage_name"] == "Eve Ω 🎭"

    def test_with_a_control_character_is_refused_by_the_page_and_without_it_is_taken(self, text: str) -> None:
        user = stories.a_person("Eve")
        me = logs_in(user)
        sent = {"comes_to": "performer", "name": text}
        answer = me.post("/today/begin/", sent)
        assert answer.status_code == 422
        assert "One line, please" in answer.content.decode()
        assert me.post("/today/begin/", sent | {"name": "Eve Ω 🎭"}).status_code == 302


def test_an_address_is_decoded_once(db: None) -> None:
    page = Client().get("/?q=%253Cb%253E%2526amp").content.decode()
    assert 'value="%3Cb%3E%26amp"' in page
