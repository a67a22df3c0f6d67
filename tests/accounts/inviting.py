"""How someone comes in by invitation, as people do it: a mail, its link, an account, an answer."""

import re

from django.core import mail
from django.test import Client

from accounts.tasks import invite
from tests import stories


def link_to(email: str) -> str:
    """The path of the newest invitation that the address got."""
    invite()
    letters = [letter for letter in mail.outbox if letter.to == [email]]
    assert letters, f"{email} got no mail"
    found = re.search(r"https?://[^/\s]+(/invitation/\S+)", str(letters[-1].body))
    assert found is not None
    return found[1]


def signs_up_by(link: str, email: str, *, name: str = "Ada Reyes") -> Client:
    """Opens the link without an account, and makes one with the address."""
    client = Client()
    shown = client.get(link)
    assert "Sign up" in shown.content.decode()
    sent = {"email": email, "password1": stories.PASSWORD, "comes_to": "invitation", "name": name}
    made = client.post(
        "/accounts/signup/", sent | {"time_zone": "UTC", "next": link.split("?", maxsplit=1)[0]}
    )
    assert made.status_code == 302, made.content
    return client


def answers(client: Client, link: str, answer: str = "accept") -> str:
    """Presses the button on the invitation's page; what the next page says."""
    path = link.split("?", maxsplit=1)[0]
    assert f'value="{answer}"' in client.get(path).content.decode()
    return client.post(f"{path}answer/", {"answer": answer}, follow=True).content.decode()
