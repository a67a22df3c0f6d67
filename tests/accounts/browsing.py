"""Browsers and API clients that are logged in as someone."""

import json
import re
from typing import Any

from django.core import mail
from django.http import HttpResponse
from django.test import Client

from accounts.identity.models import User
from accounts.identity.queries import second_factors
from tests import totp
from tests.stories import PASSWORD, a_recovery_code_of


def browser(user: User | None = None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def logs_in(user: User, *, password: str = PASSWORD) -> Client:
    """A browser in which the person has just filled in the log-in page, and the page of their second factor if they have one."""
    client = Client()
    sent = client.post("/accounts/login/", {"login": user.email, "password": password})
    assert sent.status_code == 302, sent.content
    if sent.headers["Location"].startswith("/accounts/2fa/authenticate/"):
        sent = client.post("/accounts/2fa/authenticate/", {"code": a_recovery_code_of(user)})
        assert sent.status_code == 302, sent.content
    return client


def sets_up_an_app(client: Client) -> HttpResponse:
    """By the page: reads the secret off it into an authenticator app, and types the code that the app shows."""
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r'class="copy-value">([A-Z2-7]{32})<', page)
    assert secret is not None
    return client.post("/accounts/2fa/totp/activate/", {"code": totp.code(secret[1])})  # type: ignore[return-value] # Django's test client says so too


def proves(client: Client, user: User, **following: str) -> HttpResponse:
    """Gives, on one's own page for it, what proves that it is still them; `next` leads on from there."""
    if second_factors(user).exists():
        code = {"code": a_recovery_code_of(user)}
        return client.post("/accounts/2fa/reauthenticate/", code | following)  # type: ignore[return-value] # Django's test client says so too
    password = {"password": PASSWORD}
    return client.post("/accounts/reauthenticate/", password | following)  # type: ignore[return-value] # as above


def an_app_of(user: User, *, password: str = PASSWORD) -> str:
    """The session token of an app in which the person has just logged in, by JSON."""
    sent = app_auth("login", {"email": user.email, "password": password})
    token = str(json.loads(sent.content)["meta"]["session_token"])
    if sent.status_code == 401:
        sent = app_auth("2fa/authenticate", {"code": a_recovery_code_of(user)}, token=token)
        token = str(body_of(sent)["meta"]["session_token"])
    return token


def app_auth(path: str, body: Any, *, token: str = "") -> HttpResponse:
    headers = {"X-Session-Token": token} if token else {}
    return Client().post(  # type: ignore[return-value] # Django's test client says so too
        f"/_allauth/app/v1/auth/{path}", json.dumps(body), "application/json", headers=headers
    )


def proves_in_an_app(token: str, **by: str) -> str:
    """Gives the password or a code in an app; the session token that counts from then on."""
    path = "2fa/reauthenticate" if "code" in by else "reauthenticate"
    return str(body_of(app_auth(path, by, token=token))["meta"]["session_token"])


def dollars(minor: Any, *, currency: str = "usd") -> dict[str, Any]:
    """An amount, as the API takes it and shows it."""
    return {"amount_minor": minor, "currency": currency}


class Api:
    """JSON over the REST API: as a person, with a key, in a browser's session or with an app's session token."""

    def __init__(
        self, user: User | None = None, *, key: str = "", token: str = "", client: Client | None = None
    ) -> None:
        self.client = client or browser(user)
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.headers |= {"X-Session-Token": token} if token else {}

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self.client.get(f"/api/v1/{path}", query, headers=self.headers)  # type: ignore[return-value] # Django's test client says so too

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.client.generic(  # type: ignore[return-value] # as above
            method,
            f"/api/v1/{path}",
            json.dumps(body if body is not None else {}),
            "application/json",
            headers=self.headers | headers,
        )

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: Any) -> HttpResponse:
        return self.send("PATCH", path, body)

    def delete(self, path: str) -> HttpResponse:
        return self.send("DELETE", path)


def code_of(response: HttpResponse) -> str:
    """The stable code of a problem, after a look that it is one."""
    assert response.headers["Content-Type"] == "application/problem+json", response.content
    body = json.loads(response.content)
    assert body["status"] == response.status_code
    return str(body["code"])


def body_of(response: HttpResponse) -> Any:
    assert response.status_code < 300, response.content
    return json.loads(response.content)


def the_way_in(email: str) -> str:
    """The path of the link in the newest mail that confirms the address."""
    letters = [letter for letter in mail.outbox if letter.to == [email]]
    found = [
        match[0]
        for each in letters
        if (match := re.search(r"/accounts/confirm-email/[^/\s]+/", str(each.body)))
    ]
    assert found, f"{email} got no mail to confirm it"
    return found[-1]


def comes_in(email: str, **says: str) -> Client:
    """The browser of somebody who has signed up by the page with PASSWORD and pressed the link in their mail."""
    client = Client()
    sent = {"email": email, "password1": PASSWORD, "comes_to": "performer", "name": "Ada", "time_zone": "UTC"}
    assert client.post("/accounts/signup/", sent | says).headers["Location"] == "/accounts/confirm-email/"
    assert client.post(the_way_in(email)).status_code == 302
    return client
