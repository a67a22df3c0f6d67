"""Connected accounts, links and bank accounts: what holds on Stripe's test mode and in the sandbox alike."""

import pytest
import stripe
from stripe.params.v2.core import AccountCreateParams, AccountLinkCreateParams

from tests.payments.sandbox.contract import create_account, create_payable

RECIPIENT: AccountCreateParams = {
    "contact_email": "ann@example.com",
    "display_name": "Ann Lee",
    "dashboard": "express",
    "identity": {"country": "us", "entity_type": "individual"},
    "configuration": {
        "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}
    },
    "defaults": {"responsibilities": {"fees_collector": "application", "losses_collector": "application"}},
    "include": ["configuration.recipient", "requirements", "identity", "defaults"],
}


class TestAccountsV2:
    def test_starts_restricted_and_owes(self, contract: stripe.StripeClient) -> None:
        account = contract.v2.core.accounts.create(RECIPIENT).to_dict()
        assert account["object"] == "v2.core.account"
        assert account["applied_configurations"] == ["recipient"]
        transfers = account["configuration"]["recipient"]["capabilities"]["stripe_balance"][
            "stripe_transfers"
        ]
        assert transfers["status"] == "restricted"
        assert transfers["status_details"][0]["resolution"] == "provide_info"
        assert account["requirements"]["entries"]

    def test_shows_only_what_is_included(self, contract: stripe.StripeClient) -> None:
        made = contract.v2.core.accounts.create(RECIPIENT)
        plain = contract.v2.core.accounts.retrieve(made.id).to_dict()
        assert plain["contact_email"] == "ann@example.com"
        for section in ("configuration", "identity", "defaults", "requirements"):
            assert plain[section] is None

    def test_a_configuration_that_is_not_asked_for_is_null(self, contract: stripe.StripeClient) -> None:
        made = contract.v2.core.accounts.create(RECIPIENT)
        shown = contract.v2.core.accounts.retrieve(made.id, {"include": ["configuration.recipient"]})
        configuration = shown.to_dict()["configuration"]
        assert (configuration["customer"], configuration["merchant"]) == (None, None)
        assert configuration["recipient"]["applied"] is True

    @pytest.mark.parametrize("section", ["identity", "defaults", "requirements"])
    def test_includes_one_section(self, contract: stripe.StripeClient, section: str) -> None:
        made = contract.v2.core.accounts.create(RECIPIENT)
        shown = contract.v2.core.accounts.retrieve(made.id, {"include": [section]}).to_dict()  # type: ignore[arg-type]  # one of them
        assert shown[section]

    def test_can_be_updated(self, contract: stripe.StripeClient) -> None:
        made = contract.v2.core.accounts.create(RECIPIENT)
        changed = contract.v2.core.accounts.update(
            made.id, {"display_name": "Ann B.", "metadata": {"performer": "1"}}
        )
        assert (changed.display_name, changed.to_dict()["metadata"]) == ("Ann B.", {"performer": "1"})

    def test_can_be_prefilled(self, contract: stripe.StripeClient) -> None:
        made = contract.v2.core.accounts.create(RECIPIENT)
        changed = contract.v2.core.accounts.update(
            made.id,
            {"identity": {"individual": {"given_name": "Ann", "surname": "Lee"}}, "include": ["identity"]},
        )
        assert changed.to_dict()["identity"]["individual"]["given_name"] == "Ann"

    def test_can_be_closed(self, contract: stripe.StripeClient) -> None:
        made = contract.v2.core.accounts.create(RECIPIENT)
        closed = contract.v2.core.accounts.close(made.id, {"applied_configurations": ["recipient"]})
        assert closed.closed is True

    def test_is_listed(self, contract: stripe.StripeClient) -> None:
        made = contract.v2.core.accounts.create(RECIPIENT)
        found = contract.v2.core.accounts.list({"limit": 10, "applied_configurations": ["recipient"]})
        assert any(account.id == made.id for account in found.auto_paging_iter())

    def test_is_unknown(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.StripeError) as caught:
            contract.v2.core.accounts.retrieve("acct_nobody")
        assert caught.value.http_status in (400, 404)

    def test_has_a_v1_face(self, contract: stripe.StripeClient) -> None:
        made = contract.v2.core.accounts.create(RECIPIENT)
        account = contract.v1.accounts.retrieve(made.id)
        assert (account.id, account.country) == (made.id, "US")
        assert account.capabilities is not None
        assert account.capabilities.transfers != "active"

    def test_refuses_an_unknown_field(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.StripeError) as caught:
            contract.v2.core.accounts.create({**RECIPIENT, "colour": "red"})  # type: ignore[arg-type]  # on purpose
        assert caught.value.http_status == 400

    def test_refuses_an_unknown_dashboard(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.StripeError) as caught:
            contract.v2.core.accounts.create({**RECIPIENT, "dashboard": "grand"})  # type: ignore[arg-type]  # on purpose
        assert caught.value.http_status == 400


class TestLinks:
    def order(self, account: str) -> AccountLinkCreateParams:
        return {
            "account": account,
            "use_case": {
                "type": "account_onboarding",
                "account_onboarding": {
                    "refresh_url": "https://example.com/refresh",
                    "return_url": "https://example.com/return",
                    "collection_options": {"fields": "eventually_due"},
                },
            },
        }

    def test_opens_the_hosted_form(self, contract: stripe.StripeClient) -> None:
        account = contract.v2.core.accounts.create(RECIPIENT)
        link = contract.v2.core.account_links.create(self.order(account.id))
        assert (link.object, link.account) == ("v2.core.account_link", account.id)
        assert link.url.startswith("http")
        assert link.expires_at > link.created

    def test_each_is_new(self, contract: stripe.StripeClient) -> None:
        account = contract.v2.core.accounts.create(RECIPIENT)
        first, second = (contract.v2.core.account_links.create(self.order(account.id)) for _ in range(2))
        assert first.url != second.url

    def test_for_nobody(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.StripeError) as caught:
            contract.v2.core.account_links.create(self.order("acct_nobody"))
        assert caught.value.http_status in (400, 404)

    def test_the_v1_twin(self, contract: stripe.StripeClient) -> None:
        account = contract.v2.core.accounts.create(RECIPIENT)
        link = contract.v1.account_links.create(
            {
                "account": account.id,
                "type": "account_onboarding",
                "refresh_url": "https://example.com/refresh",
                "return_url": "https://example.com/return",
            }
        )
        assert (link.object, link.expires_at > link.created) == ("account_link", True)


class TestAccountsV1:
    def test_becomes_active_with_good_values(self, contract: stripe.StripeClient) -> None:
        account = contract.v1.accounts.retrieve(create_payable(contract))
        assert account.capabilities is not None
        assert account.capabilities.transfers == "active"
        assert account.payouts_enabled is True
        assert account.requirements is not None
        assert account.requirements.currently_due == []

    def test_owes_what_it_did_not_give(self, contract: stripe.StripeClient) -> None:
        account = contract.v1.accounts.retrieve(create_account(contract, tos_acceptance={}))
        assert account.requirements is not None
        assert "tos_acceptance.date" in (account.requirements.currently_due or [])
        assert account.payouts_enabled is False

    def test_completed_later(self, contract: stripe.StripeClient) -> None:
        account = create_account(contract, individual={})
        owed = contract.v1.accounts.retrieve(account).requirements
        assert owed is not None
        assert "individual.first_name" in (owed.currently_due or [])
        contract.v1.accounts.update(account, {"individual": {"first_name": "Ann", "last_name": "Lee"}})
        owed = contract.v1.accounts.retrieve(account).requirements
        assert owed is not None
        assert "individual.first_name" not in (owed.currently_due or [])

    def test_an_unknown_account(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.StripeError) as caught:
            contract.v1.accounts.retrieve("acct_nobody")
        assert caught.value.http_status in (403, 404)

    def test_acting_for_an_unknown_account(self, contract: stripe.StripeClient) -> None:
        with pytest.raises(stripe.StripeError) as caught:
            contract.v1.balance.retrieve({}, {"stripe_account": "acct_nobody"})
        assert caught.value.http_status in (401, 403)

    def test_the_platform_itself(self, contract: stripe.StripeClient) -> None:
        me = contract.v1.accounts.retrieve_current()
        assert (me.object, me.id.startswith("acct_")) == ("account", True)

    def test_can_be_deleted(self, contract: stripe.StripeClient) -> None:
        assert contract.v1.accounts.delete(create_account(contract)).deleted is True

    def test_can_be_rejected(self, contract: stripe.StripeClient) -> None:
        account = contract.v1.accounts.reject(create_account(contract), {"reason": "fraud_other"})
        assert account.requirements is not None
        assert str(account.requirements.disabled_reason).startswith("rejected")

    def test_lists_its_capability(self, contract: stripe.StripeClient) -> None:
        account = create_account(contract)
        found = contract.v1.accounts.capabilities.list(account).data
        assert [capability.id for capability in found] == ["transfers"]
        assert contract.v1.accounts.capabilities.retrieve(account, "transfers").requested is True


class TestBankAccounts:
    def test_the_default_one(self, contract: stripe.StripeClient) -> None:
        account = create_account(contract)
        banks = contract.v1.accounts.external_accounts.list(account).data
        assert len(banks) == 1
        bank = banks[0]
        assert isinstance(bank, stripe.BankAccount)
        assert (bank.object, bank.last4, bank.routing_number) == ("bank_account", "6789", "110000000")
        assert bank.default_for_currency is True

    def test_a_new_default(self, contract: stripe.StripeClient) -> None:
        account = create_account(contract)
        made = contract.v1.accounts.external_accounts.create(
            account,
            {
                "external_account": {
                    "object": "bank_account",
                    "country": "US",
                    "currency": "usd",
                    "routing_number": "110000000",
                    "account_number": "000123456789",
                },
                "default_for_currency": True,
            },
        )
        banks = {bank.id: bank for bank in contract.v1.accounts.external_accounts.list(account).data}
        assert len(banks) == 2
        assert [bank_id for bank_id, bank in banks.items() if bank.default_for_currency] == [made.id]

    def test_a_default_one_can_not_be_deleted(self, contract: stripe.StripeClient) -> None:
        account = create_account(contract)
        bank = contract.v1.accounts.external_accounts.list(account).data[0]
        with pytest.raises(stripe.InvalidRequestError):
            contract.v1.accounts.external_accounts.delete(account, bank.id)

    def test_another_one_can(self, contract: stripe.StripeClient) -> None:
        account = create_account(contract)
        made = contract.v1.accounts.external_accounts.create(
            account, {"external_account": "btok_us_verified"}
        )
        assert contract.v1.accounts.external_accounts.delete(account, made.id).deleted is True

    def test_metadata(self, contract: stripe.StripeClient) -> None:
        account = create_account(contract)
        bank = contract.v1.accounts.external_accounts.list(account).data[0]
        changed = contract.v1.accounts.external_accounts.update(
            account, bank.id, {"metadata": {"seen": "yes"}}
        )
        assert changed.metadata is not None
        assert changed.metadata["seen"] == "yes"

    def test_a_wrong_routing_number(self, contract: stripe.StripeClient) -> None:
        account = create_account(contract)
        with pytest.raises(stripe.InvalidRequestError) as caught:
            contract.v1.accounts.external_accounts.create(
                account,
                {
                    "external_account": {
                        "object": "bank_account",
                        "country": "US",
                        "currency": "usd",
                        "routing_number": "123",
                        "account_number": "000123456789",
                    }
                },
            )
        assert caught.value.code == "routing_number_invalid"
