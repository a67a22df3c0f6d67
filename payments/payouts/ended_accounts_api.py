from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.step_up import StaleProof
from kit import clock
from kit.errors import NotFound
from kit.http.serializers import MoneyField, Strict, TextField
from kit.text import LONGEST_REASON
from payments.connect import ending
from payments.connect.models import PayeeAccount
from payments.connect.queries import get_account
from payments.payouts import ended_accounts


class EndedAccountOut(serializers.ModelSerializer[PayeeAccount]):
    """An account at Stripe that ended, what lies on it as last read, and what is next for it."""

    id = serializers.CharField(source="stripe_id")
    performer = serializers.CharField(source="performer.public_id")
    left = MoneyField(many=True)
    next = serializers.SerializerMethodField()

    class Meta:
        model = PayeeAccount
        fields = ["id", "performer", "ended_at", "ended_why", "left", "next"]

    def get_next(self, account: PayeeAccount) -> str:
        return ended_accounts.next_move(account).value


class BeginAgainIn(Strict):
    reason = TextField(max_length=LONGEST_REASON, help_text="The performer reads it.")


class EndedAccounts(Endpoint):
    """Performers' accounts that ended with money on them."""

    allow = (Audience.FINANCE,)

    @described(
        "ended_accounts_list",
        "List performers' accounts that ended with money on them.",
        responses=EndedAccountOut(many=True),
    )
    def get(self, request: Request) -> Response:
        return self.listed(EndedAccountOut, ended_accounts.with_money(), by=("ended_at", "id"))


class EndedAccountTakeBack(Endpoint):
    """Reverse what lies there; it is then decided about like all that came back."""

    allow = (Audience.FINANCE,)

    @described(
        "ended_accounts_take_back",
        "Take back what lies on an account that ended and pays nothing out.",
        refuses=(
            NotFound,
            StaleProof,
            ending.OwnAccount,
            ended_accounts.StillPaysOut,
            ended_accounts.NothingThere,
            ended_accounts.TakeBackUnclear,
        ),
        request=None,
        responses=EndedAccountOut,
    )
    def post(self, request: Request, account_id: str) -> Response:
        account = get_account(account_id)

        def work() -> PayeeAccount:
            ended_accounts.take_back(account=account, by=self.actor, at=clock.now())
            return get_account(account_id)

        return self.done(EndedAccountOut, work)


class AccountBeginAgain(Endpoint):
    """Let the performer set up another account, having read at Stripe what is wrong with this one."""

    allow = (Audience.FINANCE,)

    @described(
        "payee_accounts_let_begin_again",
        "End a performer's account, so that they set up another.",
        refuses=(NotFound, StaleProof, ending.OwnAccount),
        request=BeginAgainIn,
        responses=EndedAccountOut,
    )
    def post(self, request: Request, account_id: str) -> Response:
        account, sent = get_account(account_id), self.read(BeginAgainIn)
        return self.done(
            EndedAccountOut,
            lambda: ending.let_begin_again(account=account, **sent, by=self.actor, at=clock.now()),
        )


urlpatterns = [
    path("payee-accounts/ended", EndedAccounts.as_view(), name="api_ended_accounts"),
    path(
        "payee-accounts/<str:account_id>/take-back",
        EndedAccountTakeBack.as_view(),
        name="api_ended_account_take_back",
    ),
    path(
        "payee-accounts/<str:account_id>/begin-again",
        AccountBeginAgain.as_view(),
        name="api_account_begin_again",
    ),
]
