"""The access matrix: for every route, who gets in. A route that is not in the table fails the test.

Each route is called by everyone, for objects of company A and performer P. "In" means anything but 401, 403, 404 and
a way to the log-in; what the route then says of an empty form is its own tests' affair. Nothing may answer 5xx.
"""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.access.actors import Actor
from accounts.access.middleware import GUARDED_BY_THEMSELVES
from accounts.access.roles import Role, Staff
from accounts.appeals import operations as appeals
from accounts.companies.models import Company
from accounts.identity.models import User
from accounts.invitations import operations as invitations
from accounts.keys import acting, operations
from accounts.notifications.models import Notification
from accounts.outgoing import operations as webhooks
from accounts.performers import photos
from accounts.performers.models import Performer
from accounts.security import addresses, recoveries
from accounts.standing import suspensions
from accounts.standing.models import Vetting
from accounts.standing.reasons import Suspended
from kit import clock
from kit.money import Money
from marketplace.availability import operations as availability
from marketplace.calendars import operations as calendars
from marketplace.care import operations as care
from marketplace.casting.models import Application
from marketplace.craft import receiving as tapes
from marketplace.deliveries import building
from marketplace.deliveries.models import DeletionOrder, Delivery, Licence
from marketplace.desk import suspending
from marketplace.engagements import papers
from marketplace.engagements.models import Engagement
from marketplace.gigs import saved
from marketplace.gigs.models import Gig
from marketplace.gigs.queries import Search
from marketplace.judging import operations as judging
from marketplace.judging.models import Benchmark
from marketplace.labels import operations as labels
from marketplace.labels.models import Label
from marketplace.media.models import Recording, Segment
from marketplace.messages import operations as threads
from marketplace.pools import operations as pools
from marketplace.rights.models import Grant, GrantReceipt
from marketplace.sessions import moving
from marketplace.sessions.models import Session
from marketplace.slots import operations as slots
from marketplace.timekeeping.models import Dispute, PayWeek, TimeLine
from marketplace.works import commissioning, handing_in
from payments.adjustments import operations as adjustments
from payments.books import mapping, months, weeks
from payments.books.chart import LABELS
from payments.books.models import SummedWeek
from payments.connect import operations as connect
from payments.connect.models import SharedBank
from payments.funding import operations as funding
from payments.identity_checks.models import IdentityCheck
from payments.inbox.models import Finding, Halt
from payments.invoicing import numbers
from payments.invoicing.models import Document, DocumentParties
from payments.paylines import proposing
from payments.paylines.models import PayLine
from payments.payouts.models import BankPayout
from payments.payroll import accrual
from payments.payroll import operations as payroll
from payments.payroll.models import PayItem
from payments.reconciliation.models import StripeRow
from payments.restating.models import Restatement
from payments.sandbox.sandbox import Sandbox
from payments.terms import operations as net_terms
from tests import stories
from tests.accounts.browsing import logs_in
from tests.architecture.access_matrix import BODIES, EVERYONE, MATRIX, PICTURE
from tests.architecture.headers import wanting
from tests.conftest import PAYDAY


@dataclass
class House:
    """Someone of each kind, and one object of each, of company A and performer P."""

    people: dict[str, User | None]
    params: dict[str, str]
    clients: dict[str, Client] = field(default_factory=dict)

    def client_of(self, who: str) -> Client:
        """A browser in which they have just logged in: what asks for a fresh proof has one."""
        if who not in self.clients:
            person = self.people[who]
            self.clients[who] = Client() if person is None else logs_in(person)
        return self.clients[who]


@pytest.fixture
def house(db: None, sandbox: Sandbox, it_is: Callable[[datetime], None]) -> House:
    # Who gets in depends on the day, too: what nobody answered is somebody else's to answer after a while.
    it_is(PAYDAY + timedelta(hours=1))
    company = stories.a_company("A")
    session = stories.a_pair_booked(company, grants=["evaluation"])
    week = stories.an_approved_week(session)
    seat = session.seats.select_related(
        "performer__user", "engagement__application", "line__timesheet"
    ).order_by("id")[0]
    line, performer = seat.line, seat.performer
    freezer, approver = (stories.a_member_of_staff(Staff.FINANCE) for _ in range(2))
    accrual.accrue(at=PAYDAY)
    run = payroll.close_week(week=week, currency="usd", by=acting.of_user(freezer), at=PAYDAY)
    run = payroll.freeze(run=run, by=acting.of_user(freezer), at=PAYDAY)
    account = connect.open_account(performer=performer, by=acting.of_user(performer.user), at=PAYDAY)
    payout = BankPayout.objects.create(
        stripe_id="po_1",
        account=account,
        amount_minor=1,
        currency="usd",
        status="failed",
        seen_at=PAYDAY,
        created_at=PAYDAY,
    )
    owner = stories.proved(stories.owner_of(company), at=PAYDAY)
    key, _ = operations.create(company=company, name="k", scopes=["gigs:read"], days=9, by=owner, at=PAYDAY)
    open_session = stories.a_booked_session(
        seat.engagement, call_at=stories.CALL + timedelta(days=300), at=PAYDAY
    )
    open_session.gig.prompts.create(position=1, text="A knock.")
    stranger = stories.a_performer()
    people: dict[str, User | None] = {
        "anonymous": None,
        "performer P": performer.user,
        "performer Q": stranger.user,
        "owner A": stories.person(owner),
        "reviewer A": stories.a_member(company, Role.REVIEWER),
        "owner B": stories.person(stories.owner_of(stories.a_company("B"))),
        "finance": approver,
        "talent": stories.a_member_of_staff(Staff.TALENT),
        "house administrator": stories.a_member_of_staff(Staff.ADMIN),
    }
    item = PayItem.objects.get(run=run, performer=performer)
    stray = StripeRow.objects.create(
        stripe_id="txn_1",
        type="adjustment",
        amount_minor=1,
        currency="usd",
        created_at=PAYDAY,
        heard_at=PAYDAY,
        how="suspense",
        explained_at=PAYDAY,
    )
    note = Notification.objects.filter(user=performer.user).order_by("id")[0]
    return House(
        people=people,
        params={
            "name": "gigs",
            "file_name": "manifest.json",
            "company_id": company.public_id,
            "user_id": people["reviewer A"].public_id if people["reviewer A"] else "",
            "signer_id": people["finance"].public_id if people["finance"] else "",
            "key_id": key.public_id,
            **_hears(company, owner),
            "notification_id": note.public_id,
            "gig_id": session.gig.public_id,
            "funding_id": funding.start(
                company=company, amount=Money(50_000, "usd"), by=owner, at=PAYDAY
            ).public_id,
            "application_id": seat.engagement.application.public_id,
            "engagement_id": seat.engagement.public_id,
            "version": str(papers.make(terms=seat.terms, at=PAYDAY).terms.version),
            "session_id": open_session.public_id,
            "move_id": moving.propose_move(
                session=open_session,
                call_at=open_session.call_at + timedelta(days=1),
                by=stories.owner_of(company),
                at=PAYDAY,
            ).public_id,
            "report_id": care.write(
                session=open_session, text="?", by=stories.acting(performer), at=PAYDAY
            ).public_id,
            **_labelled(session, stories.owner_of(company)),
            **_commissioned(seat.engagement, stories.owner_of(company)),
            **_judged(session.gig, _of(people, "reviewer A"), stories.owner_of(company)),
            **_casting(seat.engagement.application, stories.owner_of(company)),
            "grant_id": seat.engagement.application.grants.get().public_id,
            "receipt_id": GrantReceipt.objects.filter(performer=performer).order_by("id")[0].public_id,
            "purpose": "evaluation",
            **_delivered(session, performer),
            "seat_id": open_session.seats.order_by("id")[0].public_id,
            "sheet_id": line.timesheet.public_id,
            "line_id": line.public_id,
            "dispute_id": _dispute(line),
            "starts_on": str(week.starts_on),
            "run_id": run.public_id,
            "item_id": item.public_id,
            "row_id": stray.public_id,
            "terms_id": net_terms.propose(
                company=company,
                limit=Money(100, "usd"),
                pay_days=7,
                reason="A good year.",
                by=acting.of_user(freezer),
                at=PAYDAY,
            ).public_id,
            "adjustment_id": adjustments.propose_fees_to_float(
                amount=Money(1, "usd"), reason="Settled.", by=acting.of_user(freezer), at=PAYDAY
            ).public_id,
            "month_id": months.propose(
                month=date(2026, 10, 1), by=acting.of_user(freezer), at=PAYDAY
            ).public_id,
            **_exported(acting.of_user(freezer)),
            "document_id": _invoice(company, week).public_id,
            "kind": "performer_payable",
            "owner": performer.public_id,
            "payout_id": payout.stripe_id,
            "performer_id": performer.public_id,
            "pay_line_id": _expense(seat.engagement).public_id,
            "act": "approve",
            "year": "2026",
            "account_id": account.stripe_id,
            "shared_id": SharedBank.objects.create(
                bank_fingerprint="fp",
                one=performer,
                other=stranger,
                found_at=PAYDAY,
                state="proposed",
                why="A couple.",
                proposed_by=freezer,
            ).public_id,
            "restatement_id": Restatement.objects.create(
                lines=[], movements={}, content_hash="0", proposed_by=freezer, proposed_at=PAYDAY
            ).public_id,
            "invitation_id": invitations.invite(
                email="nobody@example.org", role=Role.REVIEWER, company=company, by=owner, at=PAYDAY
            ).public_id,
            "recovery_id": recoveries.ask(user=_of(people, "owner B"), at=clock.now()).public_id,
            "address_id": addresses.note_change(
                user=performer.user, former="old@example.org", at=PAYDAY
            ).public_id,
            "slot_id": slots.post_slot(
                gig=session.gig,
                call_at=open_session.call_at + timedelta(days=3),
                seats=1,
                hold_for=[seat.engagement],
                hold_until=open_session.call_at,
                by=stories.owner_of(company),
                at=PAYDAY,
            ).public_id,
            "special_id": availability.say_special(
                starts_at=clock.now(),
                ends_at=clock.now() + timedelta(days=1),
                is_free=False,
                by=stories.acting(performer),
                at=clock.now(),
            ).public_id,
            "pool_id": pools.make(
                company=company, name="Our pairs", by=stories.owner_of(company), at=PAYDAY
            ).public_id,
            "secret": _secret_address(performer),
            "thing": item.public_id,
            "step": "pause",
            "template_id": "improv-pair",
            **_saved_search(performer),
            **_history(performer, company),
            "finding_id": Finding.objects.create(code="c", thing="t", detail="d", found_at=PAYDAY).public_id,
            "halt_id": Halt.objects.create(code="c", detail="d", raised_at=PAYDAY).public_id,
        },
    )


def _invoice(company: Company, week: PayWeek) -> Document:
    """Company A's week cost it nothing."""
    document = Document(kind=Document.Kind.INVOICE, company=company, week=week, currency="usd", total_minor=0)
    document.issued_at = PAYDAY
    numbers.give(document, at=PAYDAY).save(force_insert=True)
    side = {"name": "A, Inc.", "country": "US", "city": "New York", "registration": "1", "reference": ""}
    tax = {"tax_category": "O", "tax_reason": "Not subject to VAT"}
    DocumentParties.objects.create(document=document, seller=side | tax, buyer=side, noted_at=PAYDAY)
    return document


def _hears(company: Company, owner: Actor) -> dict[str, str]:
    """Company A's systems are told."""
    address = "http://127.0.0.1:9/hears"
    webhook, _ = webhooks.make(company=company, address=address, kinds=[], by=owner, at=PAYDAY)
    sent = webhooks.send_test(webhook=webhook, by=owner, at=PAYDAY)
    return {"webhook_id": webhook.public_id, "sending_id": sent.public_id}


def _delivered(session: Session, performer: Performer) -> dict[str, str]:
    """Company A has one delivery that is ready, and one of P's that it is to delete."""
    rows = [
        Delivery.objects.create(
            company=session.company,
            gig=session.gig,
            version=version,
            purposes=["evaluation"],
            state=state,
            asked_at=PAYDAY,
            asked_by="stories",
            ready_at=PAYDAY,
            recalled_at=PAYDAY if state == "recalled" else None,
        )
        for version, state in ((1, "recalled"), (2, "ready"))
    ]
    folder = building.folder_of(rows[1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text("{}")
    rows[1].files.create(name="manifest.json", size=2, sha256="0" * 64)
    order = DeletionOrder.objects.create(
        delivery=rows[0],
        company=session.company,
        performer=performer,
        grant=Grant.objects.get(application__performer=performer),
        ordered_at=PAYDAY,
        due_at=PAYDAY,
        chase_at=PAYDAY,
    )
    licence = Licence.objects.create(
        delivery=rows[1], company=stories.a_company("C"), offered_at=PAYDAY, offered_by="stories"
    )
    return {
        "delivery_id": rows[1].public_id,
        "order_id": order.public_id,
        "licence_id": licence.public_id,
        "does": "withdraw",
    }


def _saved_search(performer: Performer) -> dict[str, str]:
    by, search = stories.acting(performer), Search(text="lift")
    mine = saved.save(performer=performer, name="Mine", search=search, by=by, at=PAYDAY)
    return {"saved_id": mine.public_id, "signed": saved.signed(mine)}


def _judged(gig: Gig, judge: User, owner: Actor) -> dict[str, str]:
    """The reviewer judges by a rubric."""
    line = judging.Line(name="Listens", weight=1, anchor_low="-", anchor_middle="-", anchor_high="-")
    judging.write_rubric(gig=gig, lines=[line], by=owner, at=PAYDAY)
    judging.assign(gig=gig, users=[judge], by=owner, at=PAYDAY)
    return {}


def _casting(application: Application, owner: Actor) -> dict[str, str]:
    """Performer P has a picture, a tape on its way, is a benchmark for the judges, and wrote what the owner reported."""
    me = stories.acting(application.performer)
    photo = photos.put(performer=application.performer, content=base64.b64decode(PICTURE), by=me, at=PAYDAY)
    tape = tapes.open_tape(
        performer=application.performer, application=None, key="k" * 32, length=9, by=me, at=clock.now()
    )
    Benchmark.objects.create(
        application=application, scores={"1": 4}, reason="-", set_by=stories.person(owner), set_at=PAYDAY
    )
    message = threads.write(application=application, text="Which day?", by=me, at=clock.now())
    flag = threads.flag(message=message, text="It is rude.", by=owner, at=clock.now())
    return {
        "photo_id": photo.public_id,
        "tape_id": tape.public_id,
        "message_id": message.public_id,
        "flag_id": flag.public_id,
    }


def _commissioned(engagement: Engagement, owner: Actor) -> dict[str, str]:
    """Company A asks performer P for a piece, and a version of it is on its way."""
    ask = commissioning.Ask(
        title="A farewell",
        brief="Say goodbye.",
        rules=["One person"],
        price=Money(500, "usd"),
        due_at=clock.now() + timedelta(days=9),
        revisions=1,
        purposes=["evaluation"],
    )
    piece = commissioning.commission(engagement=engagement, ask=ask, by=owner, at=clock.now())
    me = stories.acting(engagement.performer)
    version = handing_in.open_version(piece=piece, key="k" * 32, length=9, by=me, at=clock.now())
    return {"commission_id": piece.public_id, "artefact_id": version.public_id}


def _exported(by: Actor) -> dict[str, str]:
    """A week's journals are there, as the path of one of their files names them."""
    weeks.sum_weeks(at=PAYDAY + timedelta(days=5))
    monday = SummedWeek.objects.exclude(sums=None).latest("starts_on").starts_on
    for kind in LABELS:
        mapping.rename(kind=kind, code="200", name="All", tax_rate="None", by=by, at=PAYDAY)
    return {"monday": str(monday), "product": "xero", "currency": "usd", "number": "1", "form": "1099-NEC"}


def _segment(session: Session) -> Segment:
    """What performer P's device has begun to record."""
    recording = Recording.objects.create(
        session=session,
        started_at=stories.CALL,
        started_by="stories",
        stopped_at=stories.REVIEW_DAY,
        why_stopped="over",
    )
    seat = session.seats.order_by("id")[0]
    return Segment.objects.create(
        recording=recording,
        seat=seat,
        key="k" * 32,
        number=1,
        mime="video/mp4",
        device_started_ms=0,
        opened_at=clock.now(),
        heard_at=clock.now(),
        expires_at=clock.now() + timedelta(days=1),
    )


def _labelled(session: Session, owner: Actor) -> dict[str, str]:
    """Performer P said what they felt, by the words of the gig, and the company wrote down what was said."""
    segment, gig = _segment(session), session.gig
    labels.set_up(gig=gig, emotions=["joy", "fear"], wanted=2, piece_s=30, by=owner, at=PAYDAY)
    label = Label(gig=gig, segment=segment, sense="felt", starts_ms=0, ends_ms=1, emotion="joy", intensity=1)
    label.first, label.given_at = label.public_id, PAYDAY
    label.save(force_insert=True)
    segment.transcripts.create(text="WEBVTT", sha256="0" * 64, cues=1, put_at=PAYDAY, put_by="stories")
    left = gig.annotators.create(user=stories.person(owner), asked_at=PAYDAY, ended_at=PAYDAY)
    return {
        "segment_id": segment.public_id,
        "label_id": label.public_id,
        "annotator_id": left.public_id,
    }


def _history(performer: Performer, company: Company) -> dict[str, str]:
    """Company A was vetted; performer P was suspended, appealed, and was reinstated."""
    suspension = suspending.suspend(
        subject=performer,
        reason=Suspended.CONDUCT,
        words="?",
        evidence="?",
        by=stories.HOUSE,
        at=PAYDAY,
    )
    appeal = appeals.file(
        subject=suspension.public_id, text="It is not so.", by=stories.acting(performer), at=PAYDAY
    )
    suspensions.reinstate(suspension=suspension, reason="It was not so.", by=stories.HOUSE, at=PAYDAY)
    IdentityCheck.objects.create(
        performer=performer, stripe_id="vs_1", status="verified", started_at=PAYDAY, ended_at=PAYDAY
    )
    return {
        "vetting_id": Vetting.objects.get(company=company).public_id,
        "move": "take-up",
        "subject_id": performer.public_id,
        "suspension_id": suspension.public_id,
        "appeal_id": appeal.public_id,
    }


def _secret_address(performer: Performer) -> str:
    _, address = calendars.renew(by=stories.acting(performer), at=PAYDAY)
    return address.rsplit("/", 1)[1].removesuffix(".ics")


def _expense(engagement: Engagement) -> PayLine:
    return proposing.ask_expense(
        engagement=engagement,
        amount=Money(1200, "usd"),
        reason="The train.",
        spent_on=PAYDAY.date(),
        receipt=b"%PDF-1.7",
        by=stories.acting(engagement.performer),
        at=PAYDAY,
    )


def _of(people: dict[str, User | None], who: str) -> User:
    person = people[who]
    assert person is not None
    return person


def _dispute(line: TimeLine) -> str:
    return Dispute.objects.create(
        line=line,
        raised_by="performer",
        reason="other",
        text="?",
        raised_at=PAYDAY,
        answer_due_at=PAYDAY + timedelta(days=5),
    ).public_id


def routes(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every route of ours, as (name, path)."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            module = pattern.callback.__module__
            if not module.startswith((*GUARDED_BY_THEMSELVES, "django.")):
                yield str(pattern.name), prefix + str(pattern.pattern)


def test_every_route_is_in_the_matrix() -> None:
    known, found = {name for name, _ in MATRIX}, dict(routes())
    assert sorted(set(found) - known) == [], "routes that do not say who may come in"
    assert sorted(known - set(found)) == [], "rows of the matrix without a route"


@pytest.mark.parametrize("part", range(4))
def test_lets_in_whom_the_matrix_names_and_nobody_else(house: House, part: int) -> None:
    """And answers everyone, in or not, with the headers of every answer."""
    paths = dict(routes())
    wrong: dict[tuple[str, str], Any] = {}
    for name, method in sorted(MATRIX)[part::4]:
        got_in, bare = _who_gets_in(house, name, method, paths[name])
        if bare or got_in != MATRIX[name, method]:
            wrong[name, method] = {"got in": got_in, "should": MATRIX[name, method], "headers": bare}
    assert wrong == {}


def _who_gets_in(house: House, name: str, method: str, path: str) -> tuple[set[str], dict[str, list[str]]]:
    """Who does, and what is amiss in the headers of each one's answer."""
    address = reverse(
        name, kwargs={param: value for param, value in house.params.items() if f":{param}>" in path}
    )
    got_in, bare = set(), {}
    for who in EVERYONE:
        house.client_of(who)  # outside of what is taken back
        with transaction.atomic():
            answer = _call(house.client_of(who), method, address, _filled(BODIES.get(name, {}), house.params))
            transaction.set_rollback(True)
        assert answer.status_code != 405, f"{name} has no {method}: mend the matrix"
        assert answer.status_code < 500, f"{method} {address} as {who}: {answer.status_code}"
        if _is_in(answer):
            got_in.add(who)
        if missing := wanting(answer, personal=who != "anonymous"):
            bare[who] = [str(answer.status_code), *missing]
    return got_in, bare


def _filled(body: Any, params: dict[str, str]) -> Any:
    """The body with each `{name}` in it replaced by the house's object of that name."""
    if isinstance(body, dict):
        return {key: _filled(value, params) for key, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, params) for value in body]
    return body.format(**params) if isinstance(body, str) else body


def _call(client: Client, method: str, address: str, body: Any) -> HttpResponse:
    options: dict[str, Any] = {} if method == "GET" else {"data": body}
    if address.startswith("/api/") and method != "GET":
        options["content_type"] = "application/json"
    answer: HttpResponse = getattr(client, method.lower())(address, **options)
    return answer


def _is_in(answer: HttpResponse) -> bool:
    if answer.status_code in (401, 403, 404):
        return False
    return not (answer.status_code == 302 and answer.headers["Location"].startswith("/accounts/login/"))
