"""What a person of the demo does: asks the running site over HTTP, as an app or a program of theirs would, and reads mail."""

import re
import threading
import time
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import requests

from callboard.backstage import outbox, phone
from callboard.backstage.phone import Phone

TIMEOUT_S, A_PAGE = 30, 100
MAIL_COMES_S = 30.0
TYPES_IN_S = 3.0
Json = dict[str, Any]


class Refused(RuntimeError):
    """The site said no to something that the demo's people may do; the message is its answer, `code` the problem's."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Mailbox:
    """The mails of this house, as they were written to its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._read = folder, dict[Path, int]()
        self._mails: dict[str, list[str]] = {}
        self._reading = threading.Lock()

    def link(self, to: str, pattern: str) -> str:
        """What the pattern's first group finds in a mail to that address, once one has come. Raises Refused."""
        deadline = time.monotonic() + MAIL_COMES_S
        while time.monotonic() < deadline:
            self._look()
            found = [match for text in self._mails.get(to, []) if (match := re.search(pattern, text))]
            if found:
                return found[-1][1]
            time.sleep(0.1)
        raise Refused(f"No mail to {to} has {pattern} in it.")

    def _look(self) -> None:
        with self._reading:
            for path in self._folder.glob("*.log"):
                # A file that is being written, or gets a second mail within its second, is read again.
                if self._read.get(path) == (size := path.stat().st_size):
                    continue
                self._read[path] = size
                for mail in outbox.read(path):
                    self._mails.setdefault(mail.to, []).append(mail.body)


class Asks:
    """Requests to the API by somebody who says who they are in `headers`."""

    def __init__(self, web_url: str, who: str) -> None:
        self._web_url, self._who = web_url, who
        self._http = requests.Session()

    @property
    def headers(self) -> dict[str, str]:
        return {}

    def get(self, path: str, **query: str | int) -> Json:
        return self._ask("GET", path, query=query)

    def all(self, path: str, **query: str | int) -> Iterator[Json]:
        """Each row of a list, page by page."""
        cursor: dict[str, str | int] = {}
        while True:
            found = self.get(path, limit=A_PAGE, **query, **cursor)
            yield from found["data"]
            if not found.get("next_cursor"):
                return
            cursor = {"cursor": found["next_cursor"]}

    def post(self, path: str, **body: Any) -> Json:
        return self._ask("POST", path, body=body)

    def patch(self, path: str, **body: Any) -> Json:
        return self._ask("PATCH", path, body=body)

    def _ask(self, method: str, path: str, *, query: Json | None = None, body: Json | None = None) -> Json:
        answer = self._http.request(
            method,
            f"{self._web_url}/api/v1/{path}",
            params=query,
            json=body,
            headers=self.headers,
            timeout=TIMEOUT_S,
        )
        if not answer.ok:
            raise Refused(
                f"{self._who}: {method} {path}: {answer.status_code} {answer.text[:600]}",
                code=_code_of(answer),
            )
        found: Json = answer.json() if answer.content else {}
        return found


def _code_of(answer: requests.Response) -> str:
    """Of a problem (RFC 9457); empty where the answer is none."""
    is_problem = answer.headers.get("Content-Type", "").startswith("application/problem+json")
    return str(answer.json()["code"]) if is_problem else ""


class Program(Asks):
    """A program of a company's, with its key."""

    def __init__(self, web_url: str, who: str, *, key: str) -> None:
        super().__init__(web_url, who)
        self._key = key

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key}"}


class Person(Asks):
    """Someone with an address, a password and, where they need one, a phone; logged in by an app."""

    def __init__(self, web_url: str, mailbox: Mailbox, *, email: str, name: str, password: str) -> None:
        super().__init__(web_url, name)
        self.email, self.name = email, name
        self._password, self._mailbox, self._token = password, mailbox, ""

    @property
    def headers(self) -> dict[str, str]:
        return {"X-Session-Token": self._token}

    def comes_back(self) -> bool:
        """Log in, with the second factor if there is one. False where there is no such account yet."""
        said = self._auth("POST", "auth/login", {"email": self.email, "password": self._password}, (400, 401))
        if said["status"] == 401 and (mine := phone.of(self.email)):
            self._auth("POST", "auth/2fa/authenticate", {"code": self._code(mine)})
        return bool(said["status"] != 400)

    def signs_up(self, **says: str) -> None:
        """Make an account, or take up the one that waits for it, and confirm the address by the mail that came."""
        phone.keep(self.email, None)  # of an earlier house
        account = {"email": self.email, "password": self._password, "name": self.name}
        self._auth("POST", "auth/signup", account | says, may=(401,))
        key = self._mailbox.link(self.email, r"/accounts/confirm-email/([^/\s]+)/")
        if self._auth("POST", "auth/email/verify", {"key": key}, may=(401,))["status"] == 401:
            self.comes_back()  # confirmed, by the mail of a sign-up before this one

    def sets_up_a_phone(self) -> None:
        """An authenticator app as the second factor, and the codes written down."""
        if phone.of(self.email):
            return
        self.proves_it_is_them()
        asked = self._auth("GET", "account/authenticators/totp", may=(404,))
        mine = Phone(secret=asked["meta"]["secret"])
        self._auth("POST", "account/authenticators/totp", {"code": self._code(mine)})
        codes = self._auth("GET", "account/authenticators/recovery-codes")
        mine.written_down = list(codes["data"]["unused_codes"])
        phone.keep(self.email, mine)

    def proves_it_is_them(self) -> None:
        """Give the second factor again, or the password where there is none."""
        if mine := phone.of(self.email):
            self._auth("POST", "auth/2fa/reauthenticate", {"code": self._code(mine)})
        else:
            self._auth("POST", "auth/reauthenticate", {"password": self._password})

    def _code(self, mine: Phone) -> str:
        """One that holds for as long as it takes to be typed: the house takes none of the thirty seconds before."""
        left_s = phone.STEP_S - time.time() % phone.STEP_S
        if left_s < TYPES_IN_S:
            time.sleep(left_s)
        code = mine.code(at_s=time.time())
        phone.keep(self.email, mine)
        return code

    def _auth(
        self, method: str, path: str, body: dict[str, str] | None = None, may: Collection[int] = ()
    ) -> Json:
        answer = self._http.request(
            method,
            f"{self._web_url}/_allauth/app/v1/{path}",
            json=body,
            headers=self.headers if self._token else {},
            timeout=TIMEOUT_S,
        )
        if not answer.ok and answer.status_code not in may:
            raise Refused(f"{self.name}: {path}: {answer.status_code} {answer.text[:600]}")
        found: Json = answer.json()
        self._token = found.get("meta", {}).get("session_token") or self._token
        return found
