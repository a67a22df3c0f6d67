"""Finance's books over the API: the trial balance, accounts and entries, months."""

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.step_up import StaleProof
from accounts.audit.operations import MOVE_REFUSALS
from kit import clock
from kit.http.serializers import DayField, InstantField, LineField, ListQuery, MoneyOf, Strict, TextField
from kit.text import LONGEST_REASON
from payments.adjustments.operations import SameProposer
from payments.books import accounts as drill
from payments.books import month_queries, months, trial
from payments.books.accounts import Moved, Side
from payments.books.models import Month

BEFORE = "Everything posted before this instant; now where it is left out."


class MomentQuery(Strict):
    at = InstantField(required=False, help_text=BEFORE)


class MomentListQuery(ListQuery):
    at = InstantField(required=False, help_text=BEFORE)
    owner = LineField(required=False, help_text="Of this company, performer or gig alone.")


class EntriesQuery(ListQuery):
    at = InstantField(required=False, help_text=BEFORE)


class TrialLineOut(Strict):
    account = serializers.CharField(source="kind", help_text="The kind of the accounts.")
    name = serializers.CharField(source="label", help_text="What the kind is called.")
    debited = MoneyOf("debited_minor", help_text="All that was debited since the books began.")
    credited = MoneyOf("credited_minor", help_text="All that was credited since the books began.")
    debit = MoneyOf("debit_minor", help_text="The balance, where it is on the debit side.")
    credit = MoneyOf("credit_minor", help_text="The balance, where it is on the credit side.")


class TrialBookOut(Strict):
    currency = serializers.CharField()
    lines = TrialLineOut(many=True, help_text="A line for each kind of account.")
    debit = MoneyOf("debit_minor", help_text="Of all lines.")
    credit = MoneyOf("credit_minor", help_text="Of all lines.")
    difference = MoneyOf("difference_minor", help_text="Debits less credits: zero.")


class TrialOut(Strict):
    at = serializers.DateTimeField(
        allow_null=True, help_text="The instant before which all counts; null is now."
    )
    currencies = TrialBookOut(
        source="books", many=True, help_text="Each by itself; none is added to another."
    )
    differs = serializers.ListField(
        child=serializers.CharField(), help_text="What does not agree, in words; empty where all does."
    )


class BookAccountOut(Strict):
    account = serializers.CharField(source="account.kind", help_text="Its kind.")
    owner = serializers.CharField(help_text="Whose it is by id; `house` for the house's own.")
    name = serializers.CharField(source="whose", help_text="Whose it is by name; empty for the house.")
    balance = MoneyOf("balance_minor", help_text="Debits less credits.")


class SideOut(Strict):
    account = serializers.CharField(source="label", help_text="What the account's kind is called.")
    owner = serializers.CharField(help_text="Whose it is by id; empty for the house.")
    amount = MoneyOf("amount_minor", help_text="A debit above zero, a credit below.")


class EntryOut(Strict):
    key = serializers.CharField(source="entry.key", help_text="What makes the entry happen once.")
    event = serializers.CharField(source="cause.words", help_text="What happened.")
    cause = serializers.CharField(
        source="cause.thing", help_text="The id behind it; `explain` takes most of them."
    )
    posted_at = serializers.DateTimeField(source="entry.posted_at", help_text="When it was posted.")
    amount = MoneyOf("amount_minor", help_text="On this account: a debit above zero, a credit below.")
    sides = serializers.SerializerMethodField(help_text="All sides of the entry, which add up to zero.")

    @extend_schema_field(SideOut(many=True))
    def get_sides(self, moved: Moved) -> list[dict[str, Any]]:
        sides: list[Side] = list(moved.sides)
        return list(SideOut(sides, many=True).data)


class MonthOut(serializers.ModelSerializer[Month]):
    id = serializers.CharField(source="public_id")
    month = serializers.DateField(source="starts_on", help_text="Its first day.")
    proposed_by = serializers.CharField(source="proposed_by.name")
    decided_by = serializers.CharField(source="decided_by.name", allow_null=True, default=None)

    class Meta:
        model = Month
        fields = [
            "id",
            "month",
            "state",
            "ends_at",
            "entries",
            "content_hash",
            "proposed_by",
            "proposed_at",
            "decided_by",
            "decided_at",
            "answer",
            "reopen_reason",
            "reopened_at",
            "compared_at",
            "agrees",
        ]


class MonthIn(Strict):
    month = DayField(help_text="Its first day.")


class MonthApproveIn(Strict):
    content_hash = serializers.RegexField(
        r"^[0-9a-f]{64}$", help_text="The hash of the balance that you looked at."
    )


class MonthDeclineIn(Strict):
    answer = TextField(max_length=LONGEST_REASON, help_text="Why.")


class MonthReopenIn(Strict):
    reason = TextField(max_length=LONGEST_REASON, help_text="Why it must be opened.")


class TrialBalance(Endpoint):
    """Both sides of every kind of account at a moment."""

    allow = (Audience.FINANCE,)

    @described(
        "trial_balance_get",
        "Read the trial balance of a moment.",
        parameters=[MomentQuery],
        responses=TrialOut,
    )
    def get(self, request: Request) -> Response:
        return Response(TrialOut(trial.balance(at=self.query(MomentQuery).get("at"))).data)


class BookAccounts(Endpoint):
    """The accounts behind one line of it."""

    allow = (Audience.FINANCE,)

    @described(
        "book_accounts_list",
        "List the accounts of a kind, and how they stood.",
        parameters=[MomentListQuery],
        responses=BookAccountOut(many=True),
    )
    def get(self, request: Request, currency: str, kind: str) -> Response:
        asked = self.query(MomentListQuery)
        rows = drill.accounts(self.actor, kind=kind, currency=currency, owner=asked.get("owner", ""))
        return self.listed(
            BookAccountOut, rows, by=("id",), show=lambda found: drill.standings(found, at=asked.get("at"))
        )


class BookEntries(Endpoint):
    """What moved one account, the newest first."""

    allow = (Audience.FINANCE,)

    @described(
        "book_entries_list",
        "List what moved an account, with both sides and the cause.",
        parameters=[EntriesQuery],
        responses=EntryOut(many=True),
    )
    def get(self, request: Request, currency: str, kind: str, owner: str) -> Response:
        asked = self.query(EntriesQuery)
        account = drill.get_account(self.actor, kind=kind, currency=currency, owner=owner)
        rows = drill.postings(account, at=asked.get("at"))
        return self.listed(EntryOut, rows, by=("-id",), show=drill.moved)


class Months(Endpoint):
    """Months of the books, closed by two people each."""

    allow = (Audience.FINANCE,)

    @described("months_list", "List the closings of months, the newest first.", responses=MonthOut(many=True))
    def get(self, request: Request) -> Response:
        return self.listed(MonthOut, month_queries.all_of(self.actor), by=("-id",))

    @described(
        "months_propose",
        "Propose to close a month.",
        refuses=(
            months.MonthNotOver,
            months.MonthIsClosed,
            months.MonthOutOfOrder,
            months.BooksDiffer,
        ),
        request=MonthIn,
        responses={201: MonthOut},
    )
    def post(self, request: Request) -> Response:
        sent = self.read(MonthIn)
        return self.created(MonthOut, lambda: months.propose(**sent, by=self.actor, at=clock.now()))


class MonthApprove(Endpoint):
    """A second person, having just proved who they are, over the balance that they saw."""

    allow = (Audience.FINANCE,)

    @described(
        "months_approve",
        "Close a month, as a second person.",
        refuses=(
            SameProposer,
            StaleProof,
            months.NotProposed,
            months.MonthOutOfOrder,
            months.BalanceChanged,
            *MOVE_REFUSALS,
        ),
        request=MonthApproveIn,
        responses=MonthOut,
    )
    def post(self, request: Request, month_id: str) -> Response:
        month, sent = month_queries.get(self.actor, month_id), self.read(MonthApproveIn)
        seen = sent["content_hash"]
        return self.done(
            MonthOut, lambda: months.approve(month=month, seen_hash=seen, by=self.actor, at=clock.now())
        )


class MonthDecline(Endpoint):
    """It stays open: one's own taken back, or another's declined."""

    allow = (Audience.FINANCE,)

    @described(
        "months_decline",
        "Decline to close a month, or take one's own proposal back.",
        refuses=MOVE_REFUSALS,
        request=MonthDeclineIn,
        responses=MonthOut,
    )
    def post(self, request: Request, month_id: str) -> Response:
        month, sent = month_queries.get(self.actor, month_id), self.read(MonthDeclineIn)
        return self.done(MonthOut, lambda: months.decline(month=month, **sent, by=self.actor, at=clock.now()))


class MonthReopen(Endpoint):
    """Ask for a closed month to be opened again."""

    allow = (Audience.FINANCE,)

    @described(
        "months_reopen",
        "Ask for a closed month to be opened again.",
        refuses=(months.LaterMonthFirst, *MOVE_REFUSALS),
        request=MonthReopenIn,
        responses=MonthOut,
    )
    def post(self, request: Request, month_id: str) -> Response:
        month, sent = month_queries.get(self.actor, month_id), self.read(MonthReopenIn)
        return self.done(
            MonthOut, lambda: months.ask_to_reopen(month=month, **sent, by=self.actor, at=clock.now())
        )


class MonthOpen(Endpoint):
    """A second person opens it, having just proved who they are."""

    allow = (Audience.FINANCE,)

    @described(
        "months_open",
        "Open a closed month again, as a second person.",
        refuses=(SameProposer, StaleProof, months.LaterMonthFirst, *MOVE_REFUSALS),
        request=None,
        responses=MonthOut,
    )
    def post(self, request: Request, month_id: str) -> Response:
        month = month_queries.get(self.actor, month_id)
        return self.done(MonthOut, lambda: months.reopen(month=month, by=self.actor, at=clock.now()))


class MonthKeep(Endpoint):
    """It stays closed after all."""

    allow = (Audience.FINANCE,)

    @described(
        "months_keep",
        "Keep a month closed that was asked to be opened.",
        refuses=(months.NotAskedToOpen, *MOVE_REFUSALS),
        request=MonthDeclineIn,
        responses=MonthOut,
    )
    def post(self, request: Request, month_id: str) -> Response:
        month, sent = month_queries.get(self.actor, month_id), self.read(MonthDeclineIn)
        return self.done(
            MonthOut, lambda: months.keep_closed(month=month, **sent, by=self.actor, at=clock.now())
        )


urlpatterns = [
    path("books/trial-balance", TrialBalance.as_view(), name="api_trial_balance"),
    path("books/accounts/<str:currency>/<str:kind>", BookAccounts.as_view(), name="api_book_accounts"),
    path(
        "books/accounts/<str:currency>/<str:kind>/<str:owner>",
        BookEntries.as_view(),
        name="api_book_entries",
    ),
    path("books/months", Months.as_view(), name="api_months"),
    path("books/months/<str:month_id>/approve", MonthApprove.as_view(), name="api_month_approve"),
    path("books/months/<str:month_id>/decline", MonthDecline.as_view(), name="api_month_decline"),
    path("books/months/<str:month_id>/reopen", MonthReopen.as_view(), name="api_month_reopen"),
    path("books/months/<str:month_id>/open", MonthOpen.as_view(), name="api_month_open"),
    path("books/months/<str:month_id>/keep", MonthKeep.as_view(), name="api_month_keep"),
]
