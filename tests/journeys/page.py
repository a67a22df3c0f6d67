"""A page as whoever reads it has it: its words, its links, and the forms that they could send from it."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import requests


@dataclass
class Form:
    """A form on a page: where it goes, and what it would send as it stands."""

    action: str
    fields: dict[str, str | list[str]] = field(default_factory=dict)
    by_script: bool = False  # what the page sends by itself, with the token in a header


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
        self._select = self._area = ""
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
        elif "hx-post" in said:
            self.forms.append(Form(action=said["hx-post"], by_script=True))
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
            self._area = name if tag == "textarea" else ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.forms[-1].fields[self._area] = data.lstrip("\n")
        self.words.append(data)
