"""Who gets in where, what a role that waits for a second factor counts for, and until when a proof holds."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.access import idempotency
from accounts.access.actors import Actor, SecondFactorRequired
from accounts.access.acts import Act
from accounts.access.endpoint import Endpoint
from accounts.access.middleware import DeclaredAccessMiddleware
from accounts.access.models import IdempotentRequest
from accounts.access.permission import DeclaredAccess
from accounts.access.roles import Role, Staff
from accounts.access.rules import Audience, admitted, allow, declared, pace_scope, waits_for_second_factor
from accounts.access.standings import (
    NotApproved,
    Standing,
    Suspended,
    require_approved,
    require_may_apply,
)
from accounts.access.step_up import FRESH, StaleProof, StepUp, is_fresh
from kit.errors import Forbidden, Invalid, NotFound

AT = datetime(2026, 11, 9, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NOBODY = Actor.anonymous()
HOUSE = Actor.of_system("calendar")
PERSON = Actor(label="usr_a", user_id=1)
PERFORMER = Actor(label="usr_p", user_id=2, performer_id=5)
OWNER = Actor(label="usr_o", user_id=3, roles={7: Role.OWNER})
KEY = Actor(label="key_a", roles={7: Role.OWNER}, scopes=frozenset({"casting:read"}))
STAFF = {
    role: Actor(label=f"usr_{role}", user_id=9, staff_roles=frozenset({role}), has_second_factor=True)
    for role in Staff
}
# Owner of one company and in finance, as soon as they have a second factor.
WAITING = Actor(
    label="usr_w",
    user_id=4,
    withheld_roles={7: Role.OWNER},
    withheld_staff_roles=frozenset({Staff.FINANCE, Staff.ADMIN}),
)

A = Audience
COMES_IN: dict[str, tuple[Actor, set[Audience]]] = {
    "nobody": (NOBODY, {A.ANYONE, A.MACHINE}),
    "a person": (PERSON, {A.ANYONE, A.MACHINE, A.SIGNED_IN, A.HALF_IN}),
    "a performer": (PERFORMER, {A.ANYONE, A.MACHINE, A.SIGNED_IN, A.HALF_IN, A.PERFORMER}),
    "an owner": (OWNER, {A.ANYONE, A.MACHINE, A.SIGNED_IN, A.HALF_IN, A.COMPANY}),
    "a key": (KEY, {A.ANYONE, A.MACHINE, A.SIGNED_IN, A.HALF_IN, A.COMPANY}),
    "finance": (STAFF[Staff.FINANCE], {A.ANYONE, A.MACHINE, A.SIGNED_IN, A.HALF_IN, A.STAFF, A.FINANCE}),
    "talent": (STAFF[Staff.TALENT], {A.ANYONE, A.MACHINE, A.SIGNED_IN, A.HALF_IN, A.STAFF, A.TALENT}),
    "admin": (STAFF[Staff.ADMIN], {A.ANYONE, A.MACHINE, A.SIGNED_IN, A.HALF_IN, A.STAFF, A.ADMIN}),
    "who waits": (WAITING, {A.ANYONE, A.MACHINE, A.SIGNED_IN, A.HALF_IN}),
}


@pytest.mark.parametrize("who", list(COMES_IN))
@pytest.mark.parametrize("audience", Audience)
def test_an_audience_admits_whom_it_names(audience: Audience, who: str) -> None:
    actor, admits = COMES_IN[who]
    assert audience.admits(actor) is (audience in admits)
    assert admitted(actor, (audience,)) is (audience in admits)
    assert not admitted(actor, ())


class TestWhoWaitsForASecondFactor:
    @pytest.mark.parametrize("audience", Audience)
    def test_is_told_where_only_that_is_missing(self, audience: Audience) -> None:
        missing = audience in {A.COMPANY, A.STAFF, A.FINANCE, A.ADMIN}
        assert waits_for_second_factor(WAITING, (audience,)) is (missing or audience.admits(WAITING))
        assert not waits_for_second_factor(PERSON, (A.FINANCE,))

    def test_may_nothing_of_it_before(self) -> None:
        assert WAITING.is_withheld
        assert not PERSON.is_withheld
        assert not WAITING.may(Act.BOOK, company_id=7)
        for asks in (WAITING.require_finance, WAITING.require_admin):
            with pytest.raises(SecondFactorRequired):
                asks()
        with pytest.raises(SecondFactorRequired):
            WAITING.require(Act.BOOK, company_id=7)
        with pytest.raises(NotFound):
            WAITING.require(Act.BOOK, company_id=8)
        with pytest.raises(Forbidden) as refused:
            WAITING.require_talent()
        assert not isinstance(refused.value, SecondFactorRequired)

    def test_may_it_with_one(self) -> None:
        there = WAITING.with_withheld()
        there.require(Act.BOOK, company_id=7)
        there.require_finance()
        there.require_admin()
        both = Actor(
            label="usr_b",
            user_id=1,
            roles={8: Role.PRODUCER},
            staff_roles=frozenset({Staff.TALENT}),
            withheld_roles={7: Role.OWNER},
        ).with_withheld()
        assert (both.company_ids, both.is_talent) == ([8, 7], True)


NEEDS: dict[Staff, Callable[[Actor], None]] = {
    Staff.FINANCE: Actor.require_finance,
    Staff.TALENT: Actor.require_talent,
    Staff.ADMIN: Actor.require_admin,
}


@pytest.mark.parametrize("needed", Staff)
@pytest.mark.parametrize("role", [*Staff, None])
def test_what_is_of_one_role_in_the_house_is_of_no_other(needed: Staff, role: Staff | None) -> None:
    actor = STAFF[role] if role else OWNER
    NEEDS[needed](HOUSE)
    if role == needed:
        NEEDS[needed](actor)
    else:
        with pytest.raises(Forbidden):
            NEEDS[needed](actor)


def test_a_performers_own_is_theirs_and_the_houses() -> None:
    PERFORMER.require_performer(5)
    HOUSE.require_performer(5)
    for other in (OWNER, STAFF[Staff.TALENT], Actor(label="usr_q", user_id=3, performer_id=6), NOBODY):
        with pytest.raises(NotFound):
            other.require_performer(5)


def test_a_person_is_neither_a_key_nor_the_house() -> None:
    assert OWNER.require_person("A person signs.") == 3
    for other in (KEY, HOUSE, NOBODY):
        with pytest.raises(Forbidden, match="A person signs"):
            other.require_person("A person signs.")
    assert (KEY.is_key, OWNER.is_key, NOBODY.is_anonymous, PERSON.is_anonymous) == (True, False, True, False)
    assert (PERSON.zone, Actor(time_zone="Asia/Tokyo").zone) == ("UTC", "Asia/Tokyo")


class TestAProof:
    @pytest.mark.parametrize(
        ("ago", "fresh"),
        [(FRESH + SECOND, False), (FRESH, True), (-FRESH, True), (-FRESH - SECOND, False), (None, False)],
    )
    def test_holds_to_the_last_second(self, ago: timedelta | None, fresh: bool) -> None:
        proved_at = None if ago is None else AT - ago
        assert is_fresh(proved_at, at=AT) is fresh
        actor = Actor(label="usr_a", user_id=1, proved_at=proved_at)
        if fresh:
            actor.require_proof(StepUp.MAKE_KEY, at=AT)
        else:
            with pytest.raises(StaleProof):
                actor.require_proof(StepUp.MAKE_KEY, at=AT)

    @pytest.mark.parametrize(("has", "by"), [(True, "second_factor"), (False, "password")])
    def test_is_asked_for_by_what_they_have(self, has: bool, by: str) -> None:
        with pytest.raises(StaleProof) as refused:
            Actor(label="usr_a", user_id=1, has_second_factor=has).require_proof(StepUp.APPROVE_PAY, at=AT)
        assert refused.value.facts == {"act": "approve a pay run", "prove_by": by}
        HOUSE.require_proof(StepUp.APPROVE_PAY, at=AT)


class TestAStanding:
    @pytest.mark.parametrize("standing", Standing)
    def test_that_is_approved_alone_is_booked(self, standing: Standing) -> None:
        if standing == Standing.APPROVED:
            return require_approved(standing, whose="Ada")
        refusal = Suspended if standing == Standing.SUSPENDED else NotApproved
        with pytest.raises(refusal, match="Ada is"):
            require_approved(standing, whose="Ada")
        return None

    @pytest.mark.parametrize("standing", Standing)
    def test_that_was_asked_about_may_apply(self, standing: Standing) -> None:
        if standing in ("applied", "in_review", "approved"):
            return require_may_apply(standing, whose="Ada")
        refusal = Suspended if standing == Standing.SUSPENDED else NotApproved
        with pytest.raises(refusal):
            require_may_apply(standing, whose="Ada")
        return None


class TestTheDoorOfTheApi:
    """Nobody whom the endpoint does not name; a key within its scopes; a change only by someone."""

    def comes_in(self, actor: Actor, method: str, *allow: Audience, **scopes: str) -> bool:
        request: Any = RequestFactory().generic(method, "/api/v1/x")
        request.actor, request._request = actor, request
        view = type("View", (Endpoint,), {"allow": allow, "scopes": scopes})()
        return DeclaredAccess().has_permission(request, view)

    def test_is_shut_unless_it_says_for_whom(self) -> None:
        assert not self.comes_in(OWNER, "GET")
        assert self.comes_in(OWNER, "GET", A.COMPANY)
        assert not self.comes_in(PERFORMER, "GET", A.COMPANY, A.FINANCE)
        with pytest.raises(SecondFactorRequired):
            self.comes_in(WAITING, "GET", A.FINANCE)

    def test_lets_everyone_read_and_someone_change(self) -> None:
        assert self.comes_in(NOBODY, "GET", A.ANYONE)
        assert not self.comes_in(NOBODY, "POST", A.ANYONE)
        assert self.comes_in(PERSON, "POST", A.ANYONE)

    def test_takes_the_scope_of_the_method_from_a_key(self) -> None:
        assert self.comes_in(KEY, "GET", A.COMPANY, GET="casting:read")
        for scopes in ({}, {"GET": "casting:write"}, {"POST": "casting:read"}):
            with pytest.raises(Forbidden):
                self.comes_in(KEY, "GET", A.COMPANY, **scopes)
        assert self.comes_in(OWNER, "GET", A.COMPANY)


class TestTheDoorOfAPage:
    def opens(self, actor: Actor, view: Any, method: str = "GET") -> Any:
        request: Any = RequestFactory().generic(method, "/x/?page=2")
        request.actor = actor
        return DeclaredAccessMiddleware(lambda _: HttpResponse()).process_view(request, view, (), {})

    def page(self, *audiences: Audience) -> Any:
        return allow(*audiences)(lambda request: HttpResponse())

    def test_is_shut_unless_it_says_for_whom(self) -> None:
        for nobodys in (lambda request: HttpResponse(), self.page()):
            with pytest.raises(PermissionDenied, match="does not say who may see it"):
                self.opens(OWNER, nobodys)
        assert self.opens(OWNER, self.page(A.PERFORMER, A.COMPANY)) is None
        with pytest.raises(PermissionDenied, match="another role"):
            self.opens(PERFORMER, self.page(A.COMPANY))

    def test_leads_to_the_log_in_and_back(self) -> None:
        assert self.opens(NOBODY, self.page(A.ANYONE)) is None
        assert self.opens(NOBODY, self.page(A.SIGNED_IN)).headers["Location"] == (
            "/accounts/login/?next=/x/%3Fpage%3D2"
        )

    @pytest.mark.parametrize(("method", "back"), [("GET", "%2Fx%2F%3Fpage%3D2"), ("POST", "%2Ftoday%2F")])
    def test_leads_to_the_second_factor_and_back_to_what_can_be_read(self, method: str, back: str) -> None:
        there = self.opens(WAITING, self.page(A.FINANCE), method).headers["Location"]
        assert there == f"/settings/second-factor/?next={back}"

    def test_leaves_libraries_and_endpoints_to_guard_themselves(self) -> None:
        theirs = lambda request: HttpResponse()  # noqa: E731 -- a view whose module is set below
        theirs.__module__ = "allauth.account.views"
        endpoints = lambda request: HttpResponse()  # noqa: E731 -- as `as_view` makes one
        endpoints.cls = Endpoint  # type: ignore[attr-defined] # as DRF does
        for view in (theirs, endpoints):
            assert self.opens(NOBODY, view) is None


def test_calls_count_by_the_page_else_by_the_key_else_by_the_person() -> None:
    paced, plain = type("View", (), {"pace": "reads"}), type("View", (), {})
    assert [pace_scope(paced, KEY), pace_scope(plain, KEY), pace_scope(plain, OWNER)] == [
        "reads",
        "key",
        "account",
    ]


def test_who_may_come_in_is_read_off_a_function_a_class_and_an_endpoint() -> None:
    def page() -> None: ...

    assert declared(page) is None
    page.allow = (A.PERFORMER,)  # type: ignore[attr-defined] # as `allow` does
    assert declared(page) == (A.PERFORMER,)
    for name in ("cls", "view_class"):
        assert declared(type("View", (), {name: page})) == (A.PERFORMER,)


@pytest.mark.django_db
class TestAKeyOfAnIdempotentRequest:
    def ask(self, *, actor: str = "usr_a", path: str = "POST /x", sent: Any = None, key: str = "k") -> Any:
        return idempotency.once(
            actor=actor, key=key, path=path, sent=sent, now=lambda: AT, work=lambda: (201, {"by": actor})
        )

    def test_is_each_actors_own(self) -> None:
        assert self.ask() == ((201, {"by": "usr_a"}), False)
        assert self.ask(actor="usr_b") == ((201, {"by": "usr_b"}), False)
        assert self.ask() == ((201, {"by": "usr_a"}), True)
        assert set(IdempotentRequest.objects.values_list("actor", "status", "created_at")) == {
            ("usr_a", 201, AT),
            ("usr_b", 201, AT),
        }

    def test_is_of_one_path_and_one_body_in_whatever_order(self) -> None:
        self.ask(sent={"a": 1, "b": 2})
        assert self.ask(sent={"b": 2, "a": 1})[1]
        for other in ({"sent": {"a": 1, "b": 3}}, {"sent": {"a": 1, "b": 2}, "path": "POST /y"}):
            with pytest.raises(idempotency.KeyReused):
                self.ask(**other)

    def test_has_255_characters_at_most(self) -> None:
        assert self.ask(key="k" * 255)[1] is False
        with pytest.raises(Invalid) as refused:
            self.ask(key="k" * 256)
        assert {**refused.value.errors[0], "detail": ""} == {
            "field": "Idempotency-Key",
            "code": "max_length",
            "detail": "",
        }

    def test_makes_a_business_key_of_one_length_for_one_actor(self) -> None:
        keys = {idempotency.business_key(actor=actor, key=key) for actor in "ab" for key in "ab"}
        assert {len(key) for key in keys} == {48}
        assert len(keys) == 4
        assert idempotency.business_key(actor="a", key="a") in keys


def test_a_refusal_says_which_roles_it_takes_and_which_one_has() -> None:
    reviewer = Actor(label="usr_r", user_id=3, roles={7: Role.REVIEWER})
    with pytest.raises(Forbidden, match=r"takes owner or producer of the company; you are reviewer\."):
        reviewer.require(Act.BOOK, company_id=7)
