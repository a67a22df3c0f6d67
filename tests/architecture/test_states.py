"""Which state may follow which, written by hand from the rules of the trade and held against every table.

Whatever is not written here is illegal. A state that is only passed within one transaction (a gig in review, an
engagement countersigned, an application's draft, a timesheet submitted) goes on to where that transaction takes it.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from enum import Enum
from itertools import product
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from kit.transitions import IllegalMove, Transitions
from payments.payouts import paying
from payments.webhooks.models import InboundEvent
from tests.architecture.states_set import set_by

STANDING = """
    signed_up → applied
    applied → in_review
    in_review → approved declined
    declined → applied approved
    approved → suspended
    suspended → approved
"""
SENT = """
    arriving → arrived gone
    arrived → ready refused gone
    ready → gone
    refused → gone
"""
LEGAL = {
    # Asked, looked at, answered; the declined mend it and ask again, or an appeal is answered for them.
    "performer": STANDING,
    "company": STANDING,
    "appeal": """
        filed → human_review withdrawn
        human_review → upheld reversed remedied withdrawn
    """,
    "invitation": """
        open → accepted declined withdrawn expired
    """,
    "webhook": """
        active → paused stopped ended
        paused → active ended
        stopped → active ended
    """,
    "sending": """
        waiting → delivered given_up
        delivered → waiting
        given_up → waiting
    """,
    "erasure": """
        asked → taken_back done
    """,
    "recovery": """
        asked → agreed refused withdrawn expired
    """,
    "gig": """
        draft → in_review cancelled
        in_review → published draft cancelled
        published → paused closed cancelled
        paused → published closed cancelled
        closed → completed cancelled
    """,
    "application": """
        draft → submitted
        submitted → audition_requested shortlisted not_selected withdrawn
        audition_requested → audition_submitted shortlisted not_selected withdrawn
        audition_submitted → shortlisted not_selected withdrawn
        shortlisted → offered not_selected withdrawn
        offered → accepted declined withdrawn expired shortlisted not_selected
        expired → offered
        accepted → ended
        not_selected → shortlisted
    """,
    "engagement": """
        sent → performer_signed terminated
        performer_signed → countersigned terminated
        countersigned → onboarding
        onboarding → active terminated
        active → paused terminated
        paused → active terminated
    """,
    "move": """
        asked → agreed declined withdrawn lapsed
    """,
    # Who took a seat has it, whatever becomes of the slot; the one place in a session that runs is gone with the first yes.
    "slot": """
        open → withdrawn lapsed taken
    """,
    # A session may go live, or be over, before anyone confirmed it. A room opens with the check-in, so safety is stopped
    # from then on; whoever waits for a company is live already.
    "session": """
        booked → confirmed check_in live wrapped cancelled late_cancelled performer_no_show company_no_show technical_failure
        confirmed → booked check_in live wrapped cancelled late_cancelled performer_no_show company_no_show technical_failure
        check_in → live wrapped cancelled late_cancelled performer_no_show company_no_show safety_stopped technical_failure
        live → on_hold wrapped safety_stopped company_no_show technical_failure
        on_hold → live wrapped safety_stopped technical_failure
        wrapped → time_recorded
        cancelled → time_recorded
        late_cancelled → time_recorded
        performer_no_show → time_recorded
        company_no_show → time_recorded
        safety_stopped → time_recorded
        technical_failure → time_recorded
    """,
    # Withdrawn before the company has signed, or after; superseded when later terms are signed instead.
    "grant": """
        given → active withdrawn superseded
        active → withdrawn expired
    """,
    # What went empty or was recalled is asked for anew, as the next version.
    "delivery": """
        asked → ready empty
        ready → recalled
    """,
    # A passing on ends with its delivery, or when somebody in it no longer lets it be done.
    "licence": """
        offered → accepted declined withdrawn
        accepted → ended
    """,
    # Where nobody had taken the delivery there is nothing to confirm.
    "deletion order": """
        open → acknowledged not_taken
    """,
    # Of what never came whole, as much as there is, is looked at.
    "segment": """
        opened → arriving lost
        arriving → arrived lost
        arrived → checked refused
    """,
    # The row stays when its file is deleted.
    "tape": SENT,
    "version": SENT,
    # A newer version may take the place of the one that waits; a refusal is taken back on appeal.
    "piece": """
        asked → submitted withdrawn lapsed
        submitted → accepted revising refused withdrawn
        revising → submitted withdrawn lapsed
        refused → accepted
    """,
    "flag": """
        waiting → answered
        answered → waiting
    """,
    "timesheet": """
        open → performer_review
        performer_review → submitted
        submitted → client_review
        client_review → approved auto_approved
        approved → locked
        auto_approved → locked
        locked → paid
    """,
    # A dispute that is taken back leaves the line as it was.
    "time line": """
        recorded → approved disputed
        disputed → approved rejected recorded
    """,
    # A run pays again when a held item of it is released.
    "pay run": """
        draft → frozen cancelled
        frozen → approved cancelled
        approved → paying cancelled
        paying → paid
        paid → paying
    """,
    # Sending becomes ready again only where Stripe has no transfer, under the next key. A bank that sends a payout back
    # leaves the money at Stripe: sent, not in the bank, and never sent again.
    "pay item": """
        ready → sending held settled cancelled
        sending → sent held ready
        held → ready cancelled
        sent → settled reversed
        settled → sent reversed
    """,
    "attempt": """
        unknown → succeeded refused
    """,
    "funding": """
        started → processing pending available failed refunded disputed lost
        processing → pending available failed refunded disputed lost
        pending → available failed refunded disputed lost
        available → pending failed refunded disputed lost
        failed → pending available refunded disputed lost
        refunded → pending available failed disputed lost
        disputed → pending available failed refunded lost
        lost → pending available failed refunded disputed
    """,
    # Stripe refuses a part of a withdrawal, or a bank sends it back: then it is in the wallet again.
    "withdrawal": """
        going → sent part refused
    """,
    "refund": """
        unknown → sent refused
        sent → came_back
    """,
    "adjustment": """
        proposed → approved declined withdrawn
    """,
    "net terms": """
        proposed → in_force declined withdrawn
        in_force → ended
    """,
    # Of a breach alone, contested; of a deduction alone, waived.
    "pay line": """
        proposed → approved declined withdrawn expired contested
        contested → approved declined withdrawn
        approved → waived
    """,
    "report": """
        waiting → answered closed
        answered → waiting closed
        closed → waiting
    """,
    "month": """
        proposed → closed declined withdrawn
        closed → reopening
        reopening → closed reopened
    """,
    "restatement": """
        proposed → approved declined withdrawn
    """,
    "shared bank account": """
        found → proposed kept over
        proposed → allowed kept over
        kept → proposed over
        allowed → kept over
    """,
}
PLANTED = """
    performer: signed_up → approved, applied → approved, approved → declined, suspended → declined
    company: signed_up → approved, in_review → suspended, declined → suspended
    appeal: filed → upheld, upheld → reversed, withdrawn → human_review
    gig: draft → published, completed → published, cancelled → draft, published → draft
    application: submitted → offered, not_selected → offered, withdrawn → accepted, ended → offered
    engagement: sent → active, terminated → active, sent → countersigned
    move: declined → agreed, lapsed → asked
    slot: withdrawn → open, lapsed → open, withdrawn → lapsed, taken → open
    session: time_recorded → wrapped, cancelled → live, late_cancelled → performer_no_show, live → cancelled
    grant: withdrawn → active, active → given, expired → active, superseded → active, active → superseded
    delivery: recalled → ready, empty → asked, ready → asked
    licence: ended → accepted, declined → offered, withdrawn → accepted
    deletion order: acknowledged → open, not_taken → acknowledged
    piece: asked → accepted, lapsed → submitted, refused → revising, accepted → refused, withdrawn → asked
    segment: opened → arrived, lost → arriving, refused → checked, checked → arriving
    timesheet: open → approved, locked → open, paid → locked, client_review → performer_review
    time line: approved → recorded, rejected → approved, approved → disputed
    pay run: cancelled → paying, draft → approved, paying → cancelled, frozen → draft
    pay item: sent → ready, reversed → ready, settled → sending, held → sent, sent → held
    attempt: refused → succeeded, succeeded → unknown, refused → unknown
    funding: available → started, failed → processing, disputed → started, pending → processing
    withdrawal: sent → going, refused → sent, part → sent
    refund: refused → sent, came_back → sent, sent → unknown
    month: reopened → closed, closed → reopened, declined → closed, withdrawn → proposed
    net terms: ended → in_force, declined → in_force, proposed → ended, withdrawn → proposed
    adjustment: approved → declined, declined → approved, withdrawn → proposed
    pay line: approved → withdrawn, expired → approved, contested → expired, declined → approved
"""
ROOMS = ("kit", "accounts", "marketplace", "payments", "callboard")
NOT_RUN = re.compile(r"\.(__main__|migrations|settings|wsgi)\b")
ASKED = re.compile(r"""\bstate [!=]= ["']([a-z_]+)["']""")
LITERAL = re.compile(r"'([a-z_]*)'::(?:text|character varying)")
COMPARED = re.compile(r"\(state\)::text (?:=|<>) (?:(?:ANY|ALL) \(\(ARRAY\[([^\]]*)\]|('[a-z_]*'::text))")


def modules() -> Iterator[ModuleType]:
    for room in ROOMS:
        package = importlib.import_module(room)
        for found in pkgutil.walk_packages(package.__path__, f"{room}."):
            if not NOT_RUN.search(found.name):
                yield importlib.import_module(found.name)


def tables() -> dict[str, Transitions[Any]]:
    """Every table of the product by its noun."""
    found = {id(value): value for module in modules() for value in vars(module).values()}
    all_of_them = [value for value in found.values() if isinstance(value, Transitions)]
    by_noun = {table.noun: table for table in all_of_them}
    assert len(by_noun) == len(all_of_them), "two tables of one noun"
    return by_noun


def states_of(table: Transitions[Any]) -> list[Enum]:
    states: type[Enum] = type(next(table.edges())[0])
    return list(states)


def pairs(noun: str) -> set[tuple[str, str]]:
    lines = (line.split(" → ") for line in LEGAL[noun].strip().splitlines())
    return {(before.strip(), after) for before, afters in lines for after in afters.split()}


def disagreements(table: Transitions[Any]) -> set[str]:
    """The pairs of states on which the table is not what is written above, legal or not."""
    legal = pairs(table.noun)
    states = states_of(table)
    strangers = {state for pair in legal for state in pair} - {str(state) for state in states}
    wrong = {
        f"{before} → {after}"
        for before, after in product(states, repeat=2)
        if _allows(table, before, after) != ((str(before), str(after)) in legal)
    }
    return wrong | strangers


def _allows(table: Transitions[Any], before: Enum, after: Enum) -> bool:
    try:
        table.check(before, after)
    except IllegalMove:
        return False
    return True


def with_edges(table: Transitions[Any], *changed: tuple[str, str]) -> Transitions[Any]:
    """A copy with these edges added where it has none, or taken away where it has them."""
    edges = {(str(before), str(after)) for before, after in table.edges()} ^ set(changed)
    of = {str(state): state for state in states_of(table)}
    return Transitions(
        table.noun, {of[a]: {of[after] for before, after in edges if before == a} for a, _ in edges}
    )


def planted() -> Iterator[tuple[str, str, str]]:
    for line in PLANTED.strip().splitlines():
        noun, edges = line.strip().split(": ")
        for edge in edges.split(", "):
            before, after = edge.split(" → ")
            yield noun, before, after


class TestTables:
    def test_each_is_written_down_here(self) -> None:
        assert set(tables()) == set(LEGAL)

    @pytest.mark.parametrize("noun", LEGAL)
    def test_allows_what_is_written_and_nothing_else(self, noun: str) -> None:
        assert disagreements(tables()[noun]) == set()

    @pytest.mark.parametrize(("noun", "before", "after"), list(planted()))
    def test_an_illegal_edge_is_named(self, noun: str, before: str, after: str) -> None:
        assert disagreements(with_edges(tables()[noun], (before, after))) == {f"{before} → {after}"}

    @pytest.mark.parametrize("noun", LEGAL)
    def test_a_missing_edge_is_named(self, noun: str) -> None:
        for before, after in pairs(noun):
            assert disagreements(with_edges(tables()[noun], (before, after))) == {f"{before} → {after}"}

    def test_each_is_the_one_its_model_moves_by(self) -> None:
        moved = {
            model.TRANSITIONS.noun: model for model in apps.get_models() if hasattr(model, "TRANSITIONS")
        }
        assert set(moved) == set(LEGAL)
        for noun, model in moved.items():
            stored: Any = model._meta.get_field("state")
            assert [value for value, _ in stored.choices] == [
                str(state) for state in states_of(tables()[noun])
            ]


class TestStates:
    def test_each_is_set_somewhere(self) -> None:
        done = {member for module in modules() for member in set_by(module)}
        states = {state for table in tables().values() for state in states_of(table)}
        assert {repr(state) for state in (states | {*InboundEvent.State}) - done} == set()

    @pytest.mark.parametrize(
        ("source", "found"),
        [
            ("audit.move(run, RunState.PAID, by=by, at=at)", {"paid"}),
            ("audit.move_many(runs, RunState.PAID, by=by, at=at)", {"paid"}),
            ("audit.move_each(runs, RunState.PAID, by=by, at=at)", {"paid"}),
            ("def f(to): audit.move(run, to)\ndef g(): f(RunState.PAID)", {"paid"}),
            (
                "def f(*, to): audit.move(run, to)\nf(to=RunState.PAID if x else RunState.DRAFT)",
                {"draft", "paid"},
            ),
            ("def f(): return RunState.PAID\ndef g():\n  to = f()\n  audit.move(run, to)", {"paid"}),
            ("run.state, run.paid_at = RunState.PAID, at", {"paid"}),
            ("PayRun.objects.create(state=RunState.PAID)", {"paid"}),
            ("PayRun.objects.filter(state=RunState.PAID).exclude(state=RunState.DRAFT)", set()),
            ("run.state == RunState.PAID and RunState.DRAFT in (RunState.DRAFT, LIVE)", set()),
            ("audit.record(run, RunState.PAID)", set()),
        ],
    )
    def test_only_what_writes_a_state_counts(self, source: str, found: set[str]) -> None:
        assert {str(state) for state in set_by(paying, source=source)} == found

    def test_no_page_asks_for_one_that_is_none(self) -> None:
        known = {str(state) for table in tables().values() for state in states_of(table)}
        asked = [
            (page.name, word)
            for room in ROOMS
            for page in Path(importlib.import_module(room).__path__[0]).rglob("*.html")
            for word in ASKED.findall(page.read_text())
        ]
        assert len(asked) > 20
        assert [each for each in asked if each[1] not in known] == []

    @pytest.mark.django_db
    def test_the_database_knows_the_same(self) -> None:
        """What a CHECK or a partial index compares a state with is one of its states, read from Postgres itself."""
        seen = 0
        for table in tables().values():
            (model,) = (each for each in apps.get_models() if getattr(each, "TRANSITIONS", None) is table)
            known = {str(state) for state in states_of(table)}
            for name, rule in _rules_of(model._meta.db_table):
                compared = [LITERAL.findall(a or b) for a, b in COMPARED.findall(rule)]
                assert len(compared) == rule.count("(state)::text"), (name, rule)
                assert {word for words in compared for word in words} <= known, name
                seen += len(compared)
        assert seen > 20


def _rules_of(table: str) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass
            UNION ALL SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s
            """,
            [table, table],
        )
        return [(name, rule) for name, rule in cursor.fetchall() if "(state)::text" in rule]
