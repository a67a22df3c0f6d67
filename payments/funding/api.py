from typing import Any

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.idempotency import business_key
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.standings import CompanyOwes, NotApproved, Suspended
from accounts.access.step_up import StaleProof
from accounts.companies.queries import get_company
from kit import clock, ids
from kit.currencies import UnknownCurrency
from kit.http.serializers import MoneyField, MoneyIn, MoneyOf, Strict
from kit.money import Money
from marketplace.gigs.models import Gig
from marketplace.gigs.operations import GigIsOver
from payments.funding import opening, operations, withdrawals
from payments.funding.models import Funding, Withdrawal
from payments.funding.queries import gig_of, wallet
from payments.ledger.operations import Overdrawn
from payments.terms.drawing import BeyondTerms, TermsOverdue


class FundIn(Strict):
    amount = MoneyIn(least_minor=operations.LEAST_MINOR, most_minor=operations.MOST_MINOR)


class SetAsideIn(Strict):
    amount = MoneyIn(most_minor=operations.MOST_MINOR)


class FundingOut(serializers.ModelSerializer[Funding]):
    id = serializers.CharField(source="public_id")
    amount = MoneyOf("amount_minor")

    class Meta:
        model = Funding
        fields = [
            "id",
            "state",
            "amount",
            "checkout_url",
            "started_at",
            "available_at",
            "landed_at",
            "failure",
        ]


class WalletOut(Strict):
    available = MoneyField()
    set_aside = MoneyField()
    owed = MoneyField()
    drawn = MoneyField(help_text="Set aside on agreed terms, and not paid yet.")
    incoming = MoneyField(help_text="Paid, and not counting yet.")
    withdrawing = MoneyField(help_text="Taken out, and on its way back.")


class WithdrawalOut(serializers.ModelSerializer[Withdrawal]):
    id = serializers.CharField(source="public_id")
    amount = MoneyOf("amount_minor")

    class Meta:
        model = Withdrawal
        fields = ["id", "state", "amount", "asked_at", "ended_at"]


class GigFundingOut(Strict):
    gig = serializers.CharField()
    funded = MoneyField()
    committed = MoneyField()


class Wallet(Endpoint):
    """What a company has, what of it is set aside for gigs, and what it owes."""

    allow = (Audience.COMPANY, Audience.FINANCE)
    scopes = {"GET": "billing:read"}

    @described("wallets_get", "Read what a company has, has set aside, and owes.", responses=WalletOut)
    def get(self, request: Request, company_id: str) -> Response:
        return Response(WalletOut(wallet(get_company(self.actor, company_id))).data)


class Fundings(Endpoint):
    """Money on its way into the wallet."""

    allow = (Audience.COMPANY,)
    scopes = {"GET": "billing:read"}

    @described("fundings_list", "List a company's payments into its wallet.", responses=FundingOut(many=True))
    def get(self, request: Request, company_id: str) -> Response:
        company = get_company(self.actor, company_id)
        rows = Funding.objects.visible_to(self.actor).filter(company=company)
        return self.listed(FundingOut, rows, by=("-id",))

    @described(
        "fundings_create",
        "Pay into a company's wallet, at a checkout.",
        refuses=(
            UnknownCurrency,
            opening.PaymentServiceAway,
        ),
        request=FundIn,
        responses={201: FundingOut},
    )
    def post(self, request: Request, company_id: str) -> Response:
        company, sent = get_company(self.actor, company_id), self.read(FundIn)
        return self.created(
            FundingOut, lambda: operations.start(company=company, **sent, by=self.actor, at=clock.now())
        )


class FundingLetGo(Endpoint):
    """End a payment that was begun and not made; nothing is charged."""

    allow = (Audience.COMPANY,)

    @described(
        "fundings_let_go",
        "End a payment that was begun and not made.",
        refuses=(operations.PaymentMade, opening.PaymentServiceAway),
        request=None,
        responses=FundingOut,
    )
    def post(self, request: Request, funding_id: str) -> Response:
        funding = operations.get(actor=self.actor, public_id=funding_id)
        return self.done(
            FundingOut, lambda: operations.let_go(funding=funding, by=self.actor, at=clock.now())
        )


class GigFunding(Endpoint):
    """Set money of the wallet aside for a gig. Send an Idempotency-Key: the same key moves it once."""

    allow = (Audience.COMPANY,)

    @described(
        "gigs_set_aside",
        "Set money of the wallet aside for a gig.",
        refuses=(CompanyOwes, GigIsOver, Overdrawn, BeyondTerms, TermsOverdue, NotApproved, Suspended),
        request=SetAsideIn,
        responses={201: GigFundingOut},
    )
    def post(self, request: Request, gig_id: str) -> Response:
        gig, sent = gig_of(self.actor, gig_id), self.read(SetAsideIn)
        request_id = _request_id(self)

        def work() -> dict[str, Any]:
            return _as_it_stands(
                operations.set_aside(gig=gig, **sent, by=self.actor, at=clock.now(), request_id=request_id)
            )

        return self.created(GigFundingOut, work)


class GigGiveBack(Endpoint):
    """Move what a gig has set aside and not promised to sessions back into the wallet; once more moves nothing."""

    allow = (Audience.COMPANY,)

    @described(
        "gigs_give_back",
        "Move what a gig has not promised back into the wallet.",
        refuses=(Overdrawn,),
        request=None,
        responses=GigFundingOut,
    )
    def post(self, request: Request, gig_id: str) -> Response:
        gig = gig_of(self.actor, gig_id)

        def work() -> dict[str, Any]:
            operations.give_back(gig=gig, by=self.actor, at=clock.now(), request_id=ids.new("req"))
            return _as_it_stands(gig_of(self.actor, gig_id))

        return self.done(GigFundingOut, work)


class Withdrawals(Endpoint):
    """What a company takes out of its wallet again. Send an Idempotency-Key: the same key moves it once."""

    allow = (Audience.COMPANY,)

    @described("withdrawals_list", "List what was taken out of a wallet.", responses=WithdrawalOut(many=True))
    def get(self, request: Request, company_id: str) -> Response:
        company = get_company(self.actor, company_id)
        return self.listed(WithdrawalOut, company.withdrawals.all(), by=("-id",))

    @described(
        "withdrawals_create",
        "Take money out of a wallet, back to where it came from.",
        refuses=(StaleProof, CompanyOwes, Overdrawn, withdrawals.CannotGiveBack),
        request=SetAsideIn,
        responses={201: WithdrawalOut},
    )
    def post(self, request: Request, company_id: str) -> Response:
        company, sent = get_company(self.actor, company_id), self.read(SetAsideIn)
        request_id = _request_id(self)
        return self.created(
            WithdrawalOut,
            lambda: withdrawals.ask(
                company=company, **sent, by=self.actor, at=clock.now(), request_id=request_id
            ),
        )


def _request_id(endpoint: Endpoint) -> str:
    """The key goes into the row or entry itself, so that even an answer that was never recorded moves nothing twice."""
    sent_key = endpoint.request.headers.get("Idempotency-Key")
    return business_key(actor=endpoint.actor.label, key=sent_key) if sent_key else ids.new("req")


def _as_it_stands(gig: Gig) -> dict[str, Any]:
    return {
        "gig": gig.public_id,
        "funded": Money(gig.funded_minor, gig.currency),
        "committed": Money(gig.committed_minor, gig.currency),
    }


urlpatterns = [
    path("companies/<str:company_id>/wallet", Wallet.as_view(), name="api_wallet"),
    path("companies/<str:company_id>/fundings", Fundings.as_view(), name="api_fundings"),
    path("companies/<str:company_id>/withdrawals", Withdrawals.as_view(), name="api_withdrawals"),
    path("fundings/<str:funding_id>/let-go", FundingLetGo.as_view(), name="api_funding_let_go"),
    path("gigs/<str:gig_id>/funding", GigFunding.as_view(), name="api_gig_funding"),
    path("gigs/<str:gig_id>/funding/give-back", GigGiveBack.as_view(), name="api_gig_give_back"),
]
