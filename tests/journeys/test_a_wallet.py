"""A company's money on its way in: begun and let go, begun and made, and what the first pages say of it."""

from typing import Any

import pytest
import requests

from tests.journeys import reached
from tests.journeys.coming_in import an_owner
from tests.journeys.house import House, Person


@pytest.mark.long_journey
def test_a_payment_that_is_let_go_is_charged_to_nobody(house: House) -> None:
    """One on the page, one over the API; Stripe takes neither any more, and takes the third, which cannot be let go."""
    vida, company = an_owner(house, "Vida Payer", company="Petty Cash")
    wallet = f"/company/{company}/wallet/"
    assert vida.opens("/wallet/").path == wallet
    reached.led_on("my_wallet")
    begun = [begins(vida, wallet, amount) for amount in ("110", "120", "130")]
    waiting = vida.opens(f"/company/{company}/money/").text
    assert all(f"{amount}.00 USD is not paid yet" in waiting for amount in (110, 120, 130)), waiting
    by_amount = {row["amount"]["amount_minor"]: row["id"] for row in fundings(vida, company)}

    let_go = f"/wallet/payments/{by_amount[110_00]}/let-go/"
    assert "Ended. Nothing was charged." in vida.sends(vida.opens(wallet), let_go).text
    assert vida.does("POST", f"fundings/{by_amount[120_00]}/let-go")["state"] == "failed"
    for checkout in begun[:2]:
        with pytest.raises(requests.HTTPError):
            pays(house, checkout)
    pays(house, begun[2])
    vida.waits_for(wallet, "Free in the wallet 130.00 USD")
    vida.is_refused("POST", f"fundings/{by_amount[130_00]}/let-go", "payment_made")
    assert vida.does("GET", f"companies/{company}/wallet")["available"]["amount_minor"] == 130_00
    assert {row["state"] for row in fundings(vida, company)} == {"failed", "available"}
    assert "not paid yet" not in vida.opens(f"/company/{company}/money/").text


def begins(owner: Person, wallet: str, amount: str) -> str:
    """The checkout at Stripe that a press in the wallet leads to."""
    checkout = owner.sends(owner.opens(wallet), wallet, amount=amount)
    assert checkout.url.startswith(owner.house.stripe)
    return checkout.path.split("/")[-1]


def pays(house: House, checkout: str) -> None:
    house.asks_stripe(f"checkout/{checkout}/pay", payment_method="pm_card_bypassPending")


def fundings(owner: Person, company: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = owner.does("GET", f"companies/{company}/fundings")["data"]
    return rows
