"""The life of an account: onboarding by test values, deadlines, rejection, return, closing, another bank."""

import re
from urllib.parse import urlencode

import pytest
import stripe

from payments.sandbox.accounts.lifecycle import REASONS
from tests.payments.sandbox.conftest import Stage


def owed(stage: Stage, account: str) -> list[str]:
    shown = stage.client.v2.core.accounts.retrieve(account, {"include": ["requirements"]}).to_dict()
    return [entry["description"] for entry in shown["requirements"]["entries"]]


def thin_types(stage: Stage, account: str) -> list[str]:
    found = stage.client.v2.core.events.list({"object_id": account, "limit": 100})
    return [event.type for event in found.data][::-1]


class TestOnboarding:
    def test_good_values_make_it_payable(self, stage: Stage) -> None:
        account = stage.performer()
        assert (stage.capability(account), stage.capability(account, "payouts")) == ("active", "active")
        assert owed(stage, account) == []

    @pytest.mark.parametrize(
        ("value", "owes"),
        [
            ({"id_number": "111111111"}, "identity.individual.documents.primary_verification"),
            ({"address_line1": "address_no_match"}, "identity.individual.documents.secondary_verification"),
            (
                {"document": "file_identity_document_failure"},
                "identity.individual.documents.primary_verification",
            ),
            ({"id_number": None}, "identity.individual.id_numbers"),
            ({"dob": None}, "identity.individual.date_of_birth"),
        ],
    )
    def test_what_does_not_match_is_owed(self, stage: Stage, value: dict[str, object], owes: str) -> None:
        account = stage.performer(value)
        assert owed(stage, account) == [owes]
        assert stage.capability(account) == "restricted"

    def test_a_document_settles_it(self, stage: Stage) -> None:
        account = stage.performer({"id_number": "111111111"})
        stage.control(
            f"accounts/{account}/onboard", {"complete": False, "document": "file_identity_document_success"}
        )
        assert stage.capability(account) == "active"

    def test_without_a_bank_it_may_receive_but_not_pay_out(self, stage: Stage) -> None:
        account = stage.performer({"account_number": None, "routing_number": None})
        assert owed(stage, account) == ["external_account"]
        assert (stage.capability(account), stage.capability(account, "payouts")) == ("active", "restricted")

    @pytest.mark.parametrize(
        "bank",
        [
            {"country": "gb", "sort_code": "108800", "account_number": "00012345"},
            {"country": "de", "iban": "DE89370400440532013000"},
        ],
    )
    def test_banks_of_other_countries(self, stage: Stage, bank: dict[str, object]) -> None:
        account = stage.performer(bank)
        assert stage.capability(account, "payouts") == "active"

    def test_nonsense_is_refused_and_nothing_changes(self, stage: Stage) -> None:
        account = stage.performer(onboarded=False)
        stage.control(f"accounts/{account}/onboard", {"shoe_size": "42"}, status=400)
        stage.control(
            f"accounts/{account}/onboard", {"routing_number": "1", "account_number": "2"}, status=400
        )
        assert stage.capability(account) == "restricted"

    def test_the_gate_is_told_by_a_thin_event(self, stage: Stage) -> None:
        account = stage.performer()
        kinds = thin_types(stage, account)
        assert kinds[0] == "v2.core.account.created"
        assert "v2.core.account[configuration.recipient].capability_status_updated" in kinds
        assert "v2.core.account[requirements].updated" in kinds
        assert "v2.core.account[identity].updated" in kinds

    def test_a_verification_may_take_its_time(self, stage: Stage) -> None:
        stage.sandbox.world.options.verification_s = 3_600
        account = stage.performer()
        assert stage.capability(account) == "pending"
        stage.later(seconds=3_601)
        assert stage.capability(account) == "active"

    def test_countries_that_can_not_be_paid(self, stage: Stage) -> None:
        account = stage.client.v2.core.accounts.create(
            {
                "identity": {"country": "br", "entity_type": "individual"},
                "configuration": {
                    "recipient": {
                        "capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}
                    }
                },
            }
        )
        assert stage.capability(account.id) == "unsupported"


class TestHostedForm:
    def link(self, stage: Stage, account: str) -> str:
        made = stage.client.v2.core.account_links.create(
            {
                "account": account,
                "use_case": {
                    "type": "account_onboarding",
                    "account_onboarding": {
                        "refresh_url": "http://127.0.0.1/refresh",
                        "return_url": "http://127.0.0.1/return",
                    },
                },
            }
        )
        return made.url.removeprefix(stage.sandbox.world.options.base_url)

    def open(self, stage: Stage, path: str) -> str:
        page = stage.sandbox.handle("GET", path, {})
        assert page.status == 200
        found = re.search(r"name='token' value='([^']+)'", page.body.decode())
        assert found is not None
        return found[1]

    def submit(self, stage: Stage, path: str, token: str, **values: str) -> tuple[int, str]:
        form = {
            "token": token,
            "legal_name": "Ann Lee",
            "dob": "1990-01-31",
            "address_line1": "address_full_match",
            "id_number": "000000000",
            "routing_number": "110000000",
            "account_number": "000123456789",
            **values,
        }
        reply = stage.sandbox.handle("POST", path, {}, urlencode(form).encode())
        return reply.status, reply.headers.get("Location", reply.body.decode())

    def test_a_person_fills_it_in_and_comes_back(self, stage: Stage) -> None:
        account = stage.performer(onboarded=False)
        path = self.link(stage, account)
        assert self.submit(stage, path, self.open(stage, path)) == (303, "http://127.0.0.1/return")
        assert stage.capability(account) == "active"
        returned = stage.client.v2.core.events.list({"types": ["v2.core.account_link.returned"]}).data[0]
        assert returned.to_dict()["data"]["account_id"] == account

    def test_a_link_opens_once(self, stage: Stage) -> None:
        path = self.link(stage, stage.performer(onboarded=False))
        self.open(stage, path)
        again = stage.sandbox.handle("GET", path, {})
        assert (again.status, again.headers["Location"]) == (303, "http://127.0.0.1/refresh")

    def test_a_link_expires(self, stage: Stage) -> None:
        path = self.link(stage, stage.performer(onboarded=False))
        stage.later(seconds=301)
        assert stage.sandbox.handle("GET", path, {}).headers["Location"] == "http://127.0.0.1/refresh"

    def test_a_forged_form_is_turned_away(self, stage: Stage) -> None:
        account = stage.performer(onboarded=False)
        path = self.link(stage, account)
        self.open(stage, path)
        assert self.submit(stage, path, "guessed") == (303, "http://127.0.0.1/refresh")
        assert stage.capability(account) == "restricted"

    def test_a_wrong_bank_is_shown_on_the_form(self, stage: Stage) -> None:
        account = stage.performer(onboarded=False)
        path = self.link(stage, account)
        status, body = self.submit(stage, path, self.open(stage, path), routing_number="12")
        assert status == 400
        assert "Invalid routing number" in body

    def test_coming_back_proves_nothing(self, stage: Stage) -> None:
        account = stage.performer(onboarded=False)
        path = self.link(stage, account)
        status, _ = self.submit(stage, path, self.open(stage, path), id_number="")
        assert status == 303
        assert stage.capability(account) == "restricted"

    def test_markup_in_a_name_stays_text(self, stage: Stage) -> None:
        account = stage.performer(onboarded=False)
        stage.client.v2.core.accounts.update(account, {"display_name": "<script>alert(1)</script>"})
        page = stage.sandbox.handle("GET", self.link(stage, account), {}).body.decode()
        assert "<script>" not in page


class TestLater:
    def test_a_deadline_passes_and_is_met(self, stage: Stage) -> None:
        account = stage.performer()
        stage.control(f"accounts/{account}/demand", {"deadline_s": 86_400})
        shown = stage.client.v2.core.accounts.retrieve(account, {"include": ["requirements"]}).to_dict()
        assert shown["requirements"]["summary"]["minimum_deadline"]["status"] == "currently_due"
        assert stage.capability(account) == "active"
        stage.later(days=1.1)
        shown = stage.client.v2.core.accounts.retrieve(account, {"include": ["requirements"]}).to_dict()
        assert shown["requirements"]["summary"]["minimum_deadline"]["status"] == "past_due"
        assert stage.capability(account) == "restricted"
        stage.control(
            f"accounts/{account}/onboard", {"complete": False, "document": "file_identity_document_success"}
        )
        assert stage.capability(account) == "active"

    @pytest.mark.parametrize("reason", REASONS)
    def test_rejected_for_good(self, stage: Stage, reason: str) -> None:
        stage.fund()
        account = stage.performer()
        stage.control(f"accounts/{account}/reject", {"reason": reason})
        assert stage.capability(account) == "rejected"
        with pytest.raises(stripe.InvalidRequestError) as caught:
            stage.pay(account)
        assert caught.value.code == "transfers_not_allowed"

    def test_restricted_and_let_go_again(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer()
        stage.control(f"accounts/{account}/restrict")
        with pytest.raises(stripe.InvalidRequestError) as caught:
            stage.pay(account)
        assert caught.value.code == "insufficient_capabilities_for_transfer"
        stage.control(f"accounts/{account}/enable")
        stage.pay(account)

    def test_closed(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer()
        stage.client.v2.core.accounts.close(account)
        with pytest.raises(stripe.InvalidRequestError) as caught:
            stage.pay(account)
        assert caught.value.code == "account_closed"
        with pytest.raises(stripe.PermissionError) as denied:
            stage.client.v1.balance.retrieve({}, {"stripe_account": account})
        assert denied.value.error is not None
        assert denied.value.error.code == "account_invalid"
        assert account not in [one.id for one in stage.client.v2.core.accounts.list().data]
        assert account in [one.id for one in stage.client.v2.core.accounts.list({"closed": True}).data]

    def test_not_closed_while_there_is_money(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer()
        stage.pay(account)
        with pytest.raises(stripe.StripeError):
            stage.client.v2.core.accounts.close(account)

    def test_another_bank_through_the_form(self, stage: Stage) -> None:
        account = stage.performer()
        before = stage.client.v1.accounts.external_accounts.list(account).data[0]
        stage.control(
            f"accounts/{account}/onboard",
            {"complete": False, "routing_number": "110000000", "account_number": "000999999991"},
        )
        banks = stage.client.v1.accounts.external_accounts.list(account).data
        default = [bank for bank in banks if bank.default_for_currency]
        assert len(default) == 1
        assert default[0].id != before.id

    def test_one_of_live_mode_is_out_of_reach_and_said_to_be(self, stage: Stage) -> None:
        stage.fund()
        account = stage.performer()
        stage.control(f"accounts/{account}/live")
        with pytest.raises(
            stripe.InvalidRequestError, match="a similar object exists in live mode"
        ) as caught:
            stage.pay(account)
        assert caught.value.code == "resource_missing"
        with pytest.raises(stripe.StripeError):
            stage.client.v2.core.accounts.retrieve(account)
        assert account not in [one.id for one in stage.client.v2.core.accounts.list().data]

    def test_another_platform_does_not_see_it(self, stage: Stage) -> None:
        account = stage.performer()
        stranger = stripe.StripeClient("sk_test_stranger", http_client=stage.transport)
        with pytest.raises(stripe.StripeError) as caught:
            stranger.v2.core.accounts.retrieve(account)
        assert caught.value.http_status == 404
        with pytest.raises(stripe.PermissionError):
            stranger.v1.accounts.retrieve(account)
        with pytest.raises(stripe.InvalidRequestError):
            stranger.v1.transfers.create({"amount": 100, "currency": "usd", "destination": account})
