"""The house as its operator starts it, and as people meet it: an address, pages with forms, mail in a folder.

Nothing here, and nothing in this folder, imports the product: what a journey knows, a person could see.
"""

import contextlib
import hashlib
import hmac
import json
import re
import secrets
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests

from tests.journeys import reached
from tests.journeys.page import Page
from tests.processes import PROJECT, plain_environment, staying_up
from tests.totp import code as code_of_the_app

STANDS = "Ctrl-C stops everything"
WAITS_S, WORKS_S = 60, 240
LOGINS = "/_allauth/browser/v1/auth/sessions"
PROVES = "/accounts/2fa/reauthenticate/"


@dataclass(frozen=True)
class House:
    """A house that is up: where it answers, where its Stripe does, and the home that its commands work in."""

    url: str
    stripe: str
    home: Path

    @property
    def mail(self) -> Path:
        return self.home / "mail"

    def makes(self, command: str, args: str = "") -> str:
        """What `make COMMAND ARGS=…` says. AssertionError when it fails."""
        done = self._runs(["make", command, f"ARGS={args}"])
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def manages(self, *words: str, types: str | None = None, **environment: str) -> str:
        """What `python manage.py …` says to whoever types these lines. AssertionError when it fails."""
        done = self._runs([".venv/bin/python", "manage.py", *words], types=types, **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def now(self) -> datetime:
        """What its clock shows: the real time, and as many seconds more as a file in its home says."""
        moved = self.home / "clock"
        ahead_s = float(moved.read_text()) if moved.exists() else 0
        return datetime.now(UTC) + timedelta(seconds=ahead_s)

    def passes_to(self, at: datetime, *, step_s: int = 43_200) -> None:
        """The house's clock moves on to `at`, and Stripe's with it."""
        self.makes("house_clock", f"--to {at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ} --step {step_s}")

    def passes_by_hand(self, to: datetime, *, step_s: int) -> Iterator[datetime]:
        """As `passes_to`, but it stands still after each step until the next is asked for."""
        until = f"{to.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        words = f".venv/bin/python manage.py house_clock --by-hand --step {step_s} --to {until}"
        with subprocess.Popen(
            words.split(),
            cwd=PROJECT,
            env=plain_environment(CALLBOARD_HOME=str(self.home)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as clock:
            assert clock.stdin is not None
            assert clock.stdout is not None
            for line in clock.stdout:
                if not line.startswith("It is"):
                    yield datetime.fromisoformat(line.strip())
                    clock.stdin.write("\n")
                    clock.stdin.flush()
        assert clock.returncode == 0

    def answers(self, path: str, *, key: str = "") -> requests.Response:
        """What its API says to a program with that key, or to whoever has none."""
        bearer = {"Authorization": f"Bearer {key}"} if key else {}
        return requests.get(f"{self.url}/api/v1/{path}", headers=bearer, timeout=WAITS_S)

    def asks_stripe(self, control: str, **body: Any) -> dict[str, Any]:
        """One of the sandbox's controls: POST with a body, else GET."""
        method = "POST" if body else "GET"
        answer = requests.request(
            method, f"{self.stripe}/_sandbox/{control}", json=body or None, timeout=WAITS_S
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def stripe_is_well_again(self) -> None:
        """Whatever it was told to do wrong, it does no longer."""
        requests.delete(f"{self.stripe}/_sandbox/faults", timeout=WAITS_S).raise_for_status()

    def hears_from_stripe(self, kind: str, account: str, of: str) -> str:
        """An event that Stripe signs, of an account or the platform, about the object `of`; the event's id."""
        event = f"evt_{secrets.token_hex(8)}"
        said = {
            "id": event,
            "object": "event",
            "type": kind,
            "account": account,
            "data": {"object": {"id": of}},
        }
        source, body = "connect" if account else "platform", json.dumps(said)
        kept = json.loads((self.home / "secrets.json").read_text())
        at_s = int(time.time())
        signed = hmac.new(
            kept[f"STRIPE_WEBHOOK_SECRET_{source.upper()}"].encode(),
            f"{at_s}.{body}".encode(),
            hashlib.sha256,
        ).hexdigest()
        answer = requests.post(
            f"{self.url}/webhooks/stripe/{source}",
            data=body,
            headers={"Stripe-Signature": f"t={at_s},v1={signed}"},
            timeout=WAITS_S,
        )
        answer.raise_for_status()
        return event

    def _runs(
        self, words: list[str], *, types: str | None = None, **environment: str
    ) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            words,
            cwd=PROJECT,
            env=plain_environment(CALLBOARD_HOME=str(self.home), **environment),
            input=types,
            capture_output=True,
            text=True,
            timeout=WORKS_S,
            check=False,
        )


@contextlib.contextmanager
def running() -> Iterator[House]:
    """`make run` in a home and on ports of its own, until the block ends. RuntimeError when it does not come up."""
    with tempfile.TemporaryDirectory(prefix="callboard-journeys-", ignore_cleanup_errors=True) as home:
        told = plain_environment(CALLBOARD_HOME=home)
        with staying_up(["make", "run", "ARGS=--port 0"], until=STANDS, environment=told) as said:
            url, stripe = address_of("Callboard", said), address_of("Stripe sandbox", said)
            house = House(url=url, stripe=stripe, home=Path(home))
            yield house
            reached.note(house.url)


def waits_until(holds: Callable[[], object], what: str, *, for_s: float = WAITS_S) -> None:
    """Return once it holds. AssertionError with `what` when it never does."""
    deadline = time.monotonic() + for_s
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.5)


def address_of(part: str, said: str) -> str:
    found = re.search(rf"^{part}\s+(http://\S+)", said, re.MULTILINE)
    if found is None:
        raise RuntimeError(said[-4000:])
    return found[1]


class Person:
    """Someone with a browser, a mail address and a memory for what they typed."""

    def __init__(self, house: House, name: str) -> None:
        self.house, self.name = house, name
        self.email = f"{name.split(maxsplit=1)[0].lower()}@example.org"
        self.password = f"a long sentence kept in mind by {name.split(maxsplit=1)[0]}"
        self.codes: list[str] = []
        self._given = ""  # the last code that the app on their phone showed them
        self._browser = requests.Session()

    def jar(self) -> list[dict[str, str]]:
        """The same, as another browser takes them over."""
        kept = self._browser.cookies
        return [{"name": each.name, "value": each.value or "", "url": self.house.url} for each in kept]

    def cookies(self) -> list[str]:
        """What their browser keeps for the house: the session, the token of its forms."""
        return [each.value for each in self._browser.cookies if each.value and len(each.value) >= 16]

    def opens(self, path: str) -> Page:
        return Page(self._browser.get(urljoin(self.house.url, path), timeout=WAITS_S))

    def waits_for(self, path: str, words: str) -> Page:
        """Open the page again and again until it has the words. AssertionError when it never does."""
        deadline = time.monotonic() + WAITS_S
        while words not in (page := self.opens(path)).text:
            assert time.monotonic() < deadline, f"{words!r} never stands on {path}: {page.text[:2000]}"
            time.sleep(0.3)
        return page

    def sends(self, page: Page, action: str, **typed: str | list[str]) -> Page:
        """Fill in the page's form to `action` and press its button."""
        return Page(self.posts(page, action, **typed))

    def posts(self, page: Page, action: str, **typed: str | list[str]) -> requests.Response:
        """The same, where no page comes of it."""
        form = page.form(action)
        return self._browser.post(
            urljoin(page.url, form.action),
            form.fields | typed,
            headers={"Referer": page.url} | (self._token() if form.by_script else {}),
            timeout=WAITS_S,
        )

    def uploads(
        self, page: Page, action: str, *, receipt: tuple[str, bytes], field: str = "receipt", **typed: str
    ) -> Page:
        """The same with a file: its name, and what is in it."""
        form = page.form(action)
        fields = {name: value for name, value in (form.fields | typed).items() if name != field}
        files = {field: receipt}
        address, headers = urljoin(page.url, form.action), {"Referer": page.url}
        return Page(self._browser.post(address, fields, files=files, headers=headers, timeout=WAITS_S))

    def gets(self, path: str) -> bytes:
        """A file, as it is. AssertionError where there is none."""
        answer = self._browser.get(urljoin(self.house.url, path), timeout=WAITS_S)
        assert answer.status_code == 200, answer.status_code
        return answer.content

    def tus(self, method: str, address: str, body: bytes = b"", **says: str) -> requests.Response:
        """One step of a resumable upload; `upload_offset` says `Upload-Offset`. AssertionError where it is refused."""
        headers = {name.replace("_", "-").title(): value for name, value in says.items()}
        told = {"Tus-Resumable": "1.0.0", "Referer": self.house.url} | self._token() | headers
        if body:
            told["Content-Type"] = "application/offset+octet-stream"
        url = urljoin(self.house.url, address)
        answer = self._browser.request(method, url, data=body, headers=told, timeout=WAITS_S)
        assert answer.status_code in (200, 201, 204), (answer.status_code, answer.text)
        return answer

    def _token(self) -> dict[str, str]:
        return {"X-CSRFToken": self._browser.cookies.get("csrftoken") or ""}

    def signs_up(self, **says: str) -> Page:
        """The page that says to look into one's mail, or the first one inside where a mail led here; `says` is what the form
        asks beside name, mail and password."""
        account = {"name": self.name, "email": self.email, "password1": self.password}
        return self.sends(self.opens("/accounts/signup/"), "/accounts/signup/", **account, **says)

    def comes_in(self, **says: str) -> Page:
        """The first page inside, after signing up and following the link in the mail that comes."""
        assert "Look into your mail" in self.signs_up(**says).text
        return self.confirms()

    def confirms(self) -> Page:
        """Follow the link in the mail, read whose address it is, and press the button."""
        link = re.search(r"http\S+/accounts/confirm-email/\S+", self.reads_mail("confirm"))
        assert link is not None
        question = self.opens(link[0])
        assert self.email in question.text
        return self.sends(question, "/accounts/confirm-email/")

    def logs_in(self) -> Page:
        """With the password, and a recovery code where a second factor is asked for."""
        page = self.sends(
            self.opens("/accounts/login/"), "/accounts/login/", login=self.email, password=self.password
        )
        if not page.path.startswith("/accounts/2fa/authenticate/"):
            return page
        return self._gives_a_code(page, "/accounts/2fa/authenticate/")

    def _gives_a_code(self, page: Page, to: str) -> Page:
        """One that they wrote down, or the next that the app shows: the house takes each once."""
        if self.codes:
            return self.sends(page, to, code=self.codes.pop())
        answer = self.sends(page, to, code=self.reads_a_code())
        return self._gives_a_code(answer, to) if answer.path.startswith(to) else answer

    def reads_a_code(self) -> str:
        """The next that the app on their phone shows."""
        while (code := self._code_on_the_phone()) == self._given:
            time.sleep(1)
        self._given = code
        return code

    def _code_on_the_phone(self) -> str:
        """Of the demo's people, whose phones lie open."""
        shown = re.search(rf"{re.escape(self.email)}\s+(\d{{6}})", self.opens("/phones/").text)
        assert shown is not None, f"{self.email} has no phone"
        return shown[1]

    def sets_up_a_second_factor(self) -> Page:
        """An authenticator app, whose code they type; they keep the recovery codes, and go on to where they were going."""
        page = self.opens("/accounts/2fa/totp/activate/")
        secret = re.search(r"\b[A-Z2-7]{32}\b", page.text)
        assert secret is not None, page.path
        shown = self.sends(page, "/accounts/2fa/totp/activate/", code=code_of_the_app(secret[0]))
        self.codes = re.findall(r"\b\d{8}\b", shown.text)
        assert len(self.codes) == 10, shown.path
        return self.opens(shown.link("/settings/second-factor/"))

    def proves(self) -> Page:
        """Gives, on their own page for it, what proves that it is still them."""
        page = self.opens(PROVES)
        if page.path.startswith(PROVES):
            return self._gives_a_code(page, PROVES)
        path = "/accounts/reauthenticate/"
        return self.sends(self.opens(path), path, password=self.password)

    def calls(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """The API's answer, with the `status_code` that it came with; in the browser's own session."""
        answer = self.asks(method, path, **body)
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found | {"status_code": answer.status_code}

    def asks(self, method: str, path: str, **body: Any) -> requests.Response:
        """The same, as it came."""
        return self._browser.request(
            method,
            f"{self.house.url}/api/v1/{path}",
            json=body if method != "GET" else None,
            headers={"Referer": self.house.url} | self._token(),
            timeout=WAITS_S,
        )

    def does(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """What the API answers to what it does. AssertionError where it does not."""
        answer = self.calls(method, path, **body)
        assert answer["status_code"] in (200, 201, 204), answer
        return answer

    def lists_logins(self) -> list[dict[str, Any]]:
        """Where they are logged in, as a script on the house's pages reads it."""
        answer = self._browser.get(f"{self.house.url}{LOGINS}", timeout=WAITS_S)
        answer.raise_for_status()
        rows: list[dict[str, Any]] = answer.json()["data"]
        return rows

    def ends_logins(self, ids: list[int]) -> None:
        """Those end. AssertionError where they do not."""
        headers = {"Referer": self.house.url} | self._token()
        answer = self._browser.delete(
            f"{self.house.url}{LOGINS}", json={"sessions": ids}, headers=headers, timeout=WAITS_S
        )
        assert answer.status_code == 200, answer.text

    def is_refused(self, method: str, path: str, code: str, **body: Any) -> None:
        """AssertionError unless the API says no, by this code."""
        answer = self.calls(method, path, **body)
        assert answer["status_code"] >= 400, answer
        assert answer["code"] == code, answer

    def reads_mail(self, subject: str) -> str:
        """The body of the newest mail to this person whose subject has these words, once it is there."""
        return self._reads(f"about {subject!r}", lambda about, _: subject.lower() in about.lower())

    def reads_in_mail(self, words: str) -> str:
        """The body of the newest mail to this person that has these words; several news of a kind come in one."""
        return self._reads(f"with {words!r}", lambda _, body: words in " ".join(body.split()))

    def _reads(self, which: str, fits: Callable[[str, str], bool]) -> str:
        deadline = time.monotonic() + WAITS_S
        while time.monotonic() < deadline:
            for message in self._mail():
                part = message.get_body(preferencelist=("plain",))
                body = str(part.get_content()) if part else ""
                if fits(str(message["subject"]), body):
                    return body
            time.sleep(0.2)
        raise AssertionError(f"{self.email} got no mail {which}")

    def _mail(self) -> Iterator[EmailMessage]:
        for path in sorted(self.house.mail.glob("*.log"), reverse=True):
            for part in re.split(rb"\n-{79}\n", path.read_bytes()):
                message: EmailMessage = message_from_bytes(part.strip(), policy=policy.default)
                if self.email in str(message["to"]):
                    yield message
