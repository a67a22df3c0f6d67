"""What people do at Stripe's own pages, done through the sandbox's controls: fill in the form, pay the checkout."""

import re
from datetime import datetime
from typing import Any

import requests

TIMEOUT_S = 30


class Hands:
    """The sandbox's controls at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()

    def finish_form(self, account_id: str) -> None:
        """The performer fills in the hosted form, with good values."""
        self._post(f"accounts/{account_id}/onboard")

    def fills_in(self, page: str, **typed: str) -> None:
        """The person opens that page of Stripe's, fills in its form and sends it. It leads back to the house."""
        shown = self.session.get(page, timeout=TIMEOUT_S)
        shown.raise_for_status()
        token = re.search(r"name='token' value='([^']+)'", shown.text)
        if token is None:
            raise LookupError(f"{page} shows no form.")
        form = {"token": token[1], **typed}
        sent = self.session.post(page, data=form, timeout=TIMEOUT_S, allow_redirects=False)
        if not sent.is_redirect:
            raise LookupError(f"{page} did not take the form: {sent.status_code}")

    def pay(self, checkout_id: str) -> None:
        """The company pays the checkout with a card whose money is available at once."""
        self._post(f"checkout/{checkout_id}/pay", payment_method="pm_card_bypassPending")

    def days_pass(self, days: float) -> None:
        """Stripe's clock moves on, and with it what falls due there."""
        self._post("clock", advance_s=int(days * 86_400))

    def clock_shows(self, at: datetime) -> None:
        """Stripe's clock moves on to `at`, and with it what falls due there; where it is ahead, it stays."""
        answer = self.session.get(f"{self.url}/_sandbox/clock", timeout=TIMEOUT_S)
        answer.raise_for_status()
        if (ahead_s := at.timestamp() - answer.json()["unix"]) > 0:
            self._post("clock", advance_s=ahead_s)

    def books(self) -> dict[str, Any]:
        """Every transfer, payout and balance, as Stripe keeps them."""
        answer = self.session.get(f"{self.url}/_sandbox/books", timeout=TIMEOUT_S)
        answer.raise_for_status()
        return dict(answer.json())

    def _post(self, path: str, **body: Any) -> None:
        self.session.post(f"{self.url}/_sandbox/{path}", json=body, timeout=TIMEOUT_S).raise_for_status()
