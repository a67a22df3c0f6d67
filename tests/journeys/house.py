"""The house as its operator starts it, and as people meet it: an address, pages with forms, mail in a folder.

Nothing here, and nothing in this folder, imports the product: what a journey knows, a person could see.
"""

import contextlib
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import requests

from tests.processes import plain_environment, staying_up

STANDS = "Ctrl-C stops everything"
WAITS_S = 20


@dataclass(frozen=True)
class House:
    """A house that is up: where it answers, and the folder its mail lies in."""

    url: str
    mail: Path


@contextlib.contextmanager
def running() -> Iterator[House]:
    """`make run` in a home and on ports of its own, until the block ends. RuntimeError when it does not come up."""
    with tempfile.TemporaryDirectory(prefix="callboard-journeys-", ignore_cleanup_errors=True) as home:
        told = plain_environment(CALLBOARD_HOME=home)
        with staying_up(["make", "run", "ARGS=--port 0"], until=STANDS, environment=told) as said:
            (url,) = re.findall(r"^Callboard\s+(http://\S+)", said, re.MULTILINE)
            yield House(url=url, mail=Path(home, "mail"))


@dataclass
class Form:
    """A form on a page: where it goes, and what it would send as it stands."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """What a person reads on a page, and the forms that they could send from it."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__()
        self.url, self.status = answer.url, answer.status_code
        self.path = re.sub(r"^https?://[^/]+", "", answer.url)
        self.forms: list[Form] = []
        self.words: list[str] = []
        self._select = ""
        self.feed(answer.text)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))

    def form(self, action: str) -> Form:
        """The form that goes to the address that begins so."""
        return next(form for form in self.forms if form.action.startswith(action))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        name, value = said.get("name", ""), said.get("value", "")
        unticked = said.get("type") in ("radio", "checkbox") and "checked" not in said
        if tag == "form":
            self.forms.append(Form(action=said.get("action") or self.path))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in said:
            self.forms[-1].fields[self._select] = value
        elif tag in ("input", "textarea") and name and not unticked and self.forms:
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
        self._browser = requests.Session()

    def opens(self, path: str) -> Page:
        return Page(self._browser.get(urljoin(self.house.url, path), timeout=WAITS_S))

    def sends(self, page: Page, action: str, **typed: str) -> Page:
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
