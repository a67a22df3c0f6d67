"""The house as its operator starts it, and as people meet it: an address, pages with forms, mail in a folder.

Nothing here, and nothing in this folder, imports the product: what a journey knows, a person could see.
"""

import contextlib
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests

from tests.journeys import reached
from tests.processes import PROJECT, plain_environment, staying_up
from tests.totp import code as code_of_the_app

STANDS = "Ctrl-C stops everything"
WAITS_S, WORKS_S = 20, 240
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

    def manages(self, *words: str, **environment: str) -> str:
        """What `python manage.py …` says. AssertionError when it fails."""
        done = self._runs([".venv/bin/python", "manage.py", *words], **environment)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

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

    def asks_stripe(self, control: str, **body: Any) -> dict[str, Any]:
        """One of the sandbox's controls: POST with a body, else GET."""
        method = "POST" if body else "GET"
        answer = requests.request(
            method, f"{self.stripe}/_sandbox/{control}", json=body or None, timeout=WAITS_S
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def _runs(self, words: list[str], **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            words,
            cwd=PROJECT,
            env=plain_environment(CALLBOARD_HOME=str(self.home), **environment),
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
            house = House(
                url=_address(said, "Callboard"), stripe=_address(said, "Stripe sandbox"), home=Path(home)
            )
            yield house
            reached.note(house.url)


@contextlib.contextmanager
def in_a_busy_week() -> Iterator[tuple[House, dict[str, str]]]:
    """`make demo` in a home and on ports of its own; with it the mail address of each who can log in, by who they are,
    and under "password" what they all log in with."""
    with tempfile.TemporaryDirectory(prefix="callboard-journeys-", ignore_cleanup_errors=True) as home:
        told = plain_environment(CALLBOARD_HOME=home, COLUMNS="200", PYTHONUNBUFFERED="1")
        command = ["make", "demo", "ARGS=--performers 16 --sessions 24 --port 0"]
        with staying_up(command, until=STANDS, environment=told) as said:
            found = re.findall(r"^ {2}(\S.*?) {2,}(\S+@\S+) {2,}(\S+)$", said, re.MULTILINE)
            people = {who: email for who, email, _ in found} | {"password": found[0][2]}
            url, stripe = _address(said, "Callboard"), _address(said, "Stripe sandbox")
            agreed = re.findall(r"^ +(yes|NO) +(\w.*)$", said, re.MULTILINE)
            assert len(agreed) == 7, said[-4000:]
            assert [what for holds, what in agreed if holds != "yes"] == []
            yield House(url=url, stripe=stripe, home=Path(home)), people
            reached.note(url)


def _address(said: str, of: str) -> str:
    found = re.search(rf"^{of}\s+(http://\S+)", said, re.MULTILINE)
    if found is None:
        raise RuntimeError(said[-4000:])
    return found[1]


@dataclass
class Form:
    """A form on a page: where it goes, and what it would send as it stands."""

    action: str
    fields: dict[str, str | list[str]] = field(default_factory=dict)


class Page(HTMLParser):
    """What a person reads on a page, and the forms that they could send from it."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__()
        self.url, self.status = answer.url, answer.status_code
        self.path = re.sub(r"^https?://[^/]+", "", answer.url)
        self.forms: list[Form] = []
        self.boxes: dict[str, list[str]] = {}
        self.words: list[str] = []
        self.links: list[str] = []
        self._select = ""
        self.feed(answer.text)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    def form(self, action: str) -> Form:
        """The form that goes to the address that begins so; a pattern."""
        found = next((form for form in self.forms if re.match(action, form.action)), None)
        assert found is not None, f"{self.path} has no form to {action}: {self.text[:2000]}"
        return found

    def link(self, pattern: str) -> str:
        """The first address on the page that has the pattern in it."""
        found = next((link for link in self.links if re.search(pattern, link)), None)
        assert found is not None, f"{self.path} has no link like {pattern}: {self.text[:2000]}"
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        name, value = said.get("name", ""), said.get("value", "")
        kind = said.get("type")
        unticked = kind in ("radio", "checkbox") and "checked" not in said
        if tag == "form":
            self.forms.append(Form(action=said.get("action") or self.path))
        elif tag == "a":
            self.links.append(said.get("href", ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and self.forms:
            # As a browser does: the chosen one, or else the first.
            if "selected" in said or self._select not in self.forms[-1].fields:
                self.forms[-1].fields[self._select] = value
        elif tag == "input" and unticked:
            self.boxes.setdefault(name, []).append(value)
        elif tag in ("input", "textarea") and name and self.forms and kind != "submit":
            self.forms[-1].fields[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        self.words.append(data)


class Person:
    """Someone with a browser, a mail address and a memory for what they typed."""

    def __init__(self, house: House, name: str) -> None:
        self.house, self.name = house, name
        self.email = f"{name.split(maxsplit=1)[0].lower()}@example.org"
        self.password = f"{name} keeps a long sentence in mind"
        self.codes: list[str] = []
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
        form = page.form(action)
        return Page(
            self._browser.post(
                urljoin(page.url, form.action),
                form.fields | typed,
                headers={"Referer": page.url},
                timeout=WAITS_S,
            )
        )

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
        code = self.codes.pop() if self.codes else self._code_on_the_phone()
        return self.sends(page, "/accounts/2fa/authenticate/", code=code)

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
        if not self.codes:
            path = "/accounts/reauthenticate/"
            return self.sends(self.opens(path), path, password=self.password)
        return self.sends(self.opens(PROVES), PROVES, code=self.codes.pop())

    def calls(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """The API's answer, with the `status_code` that it came with; in the browser's own session."""
        answer = self._browser.request(
            method,
            f"{self.house.url}/api/v1/{path}",
            json=body if method != "GET" else None,
            headers={"Referer": self.house.url, "X-CSRFToken": self._browser.cookies.get("csrftoken") or ""},
            timeout=WAITS_S,
        )
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found | {"status_code": answer.status_code}

    def reads_mail(self, subject: str) -> str:
        """The body of the newest mail to this person whose subject has these words, once it is there."""
        deadline = time.monotonic() + WAITS_S
        while time.monotonic() < deadline:
            for message in self._mail():
                if subject.lower() in str(message["subject"]).lower():
                    body = message.get_body(preferencelist=("plain",))
                    return str(body.get_content()) if body else ""
            time.sleep(0.2)
        raise AssertionError(f"{self.email} got no mail about {subject!r}")

    def _mail(self) -> Iterator[EmailMessage]:
        for path in sorted(self.house.mail.glob("*.log"), reverse=True):
            for part in re.split(rb"\n-{79}\n", path.read_bytes()):
                message: EmailMessage = message_from_bytes(part.strip(), policy=policy.default)
                if self.email in str(message["to"]):
                    yield message
