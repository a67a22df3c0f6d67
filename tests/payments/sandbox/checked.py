"""The in-process transport that also holds every reply against Stripe's own description of its API."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs

from payments.sandbox import rooms
from payments.sandbox.inprocess import InProcessClient
from payments.sandbox.sandbox import Sandbox

Json = dict[str, Any]

REDUCED: Json = json.loads(Path(__file__).with_name("openapi").joinpath("reduced.json").read_text())

# What the pinned version of the API has that the description (an older one) has not, read off the SDK's classes; a
# test holds each of them against the installed SDK.
ADDED_CAPABILITY_CODES = (
    "rejected_fraud", "rejected_incomplete_verification", "rejected_listed", "rejected_other",
    "rejected_platform_fraud", "rejected_platform_other", "rejected_platform_terms_of_service",
    "rejected_terms_of_service",
)  # fmt: skip
# The description knows no null in v2; docs.stripe.com/api-includable-response-values gives it to all that is not asked for.
INCLUDED = ("configuration", "defaults", "future_requirements", "identity", "requirements")
CONFIGURATIONS = ("customer", "merchant", "recipient")


def pinned(described: Json) -> Json:
    """The description brought to the version that the SDK pins."""
    definitions: Json = json.loads(json.dumps(described["$defs"]))
    use_case = definitions["v2.core.account_link"]["properties"]["use_case"]
    for details in use_case["properties"].values():
        if "configurations" in details.get("properties", {}):
            del details["properties"]["configurations"]
            details["required"].remove("configurations")
    account = definitions["v2.core.account"]["properties"]
    recipient = account["configuration"]["properties"]["recipient"]
    balance = recipient["properties"]["capabilities"]["properties"]["stripe_balance"]["properties"]
    for capability in balance.values():
        capability["properties"]["status"]["enum"].append("rejected")
        detail = capability["properties"]["status_details"]["items"]["properties"]
        detail["code"]["enum"].extend(ADDED_CAPABILITY_CODES)
    for part, name in [(account["configuration"]["properties"], name) for name in CONFIGURATIONS] + [
        (account, name) for name in INCLUDED
    ]:
        part[name] = {"anyOf": [part[name], {"type": "null"}]}
    # The description forgets the United States, whose instructions its own documentation shows.
    definitions["funding_instructions_bank_transfer"]["properties"]["type"]["enum"].append("us_bank_transfer")
    definitions["v2.core.event"]["properties"]["snapshot_event"] = {"type": "string"}
    return definitions


DEFINITIONS = pinned(REDUCED)
_ROUTER = rooms.router()


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({**json.loads(schema), "$defs": DEFINITIONS})


def check(document: Json, schema: Json, *, where: str) -> None:
    """Raise AssertionError with every way in which the document is not what Stripe describes."""
    problems = [
        f"{'.'.join(str(part) for part in problem.instance_path)}: {problem.message[:300]}"
        for problem in _validator(json.dumps(schema)).iter_errors(document)
    ]
    assert not problems, f"{where} is not valid:\n" + "\n".join(problems)


def check_reply(method: str, path: str, status: int, document: Json) -> str | None:
    """Hold one reply against the description; the endpoint that it came from, if the sandbox knows it."""
    found = _ROUTER.find(method.upper(), path)
    if status >= 400:
        shape = "error_v2" if path.startswith("/v2/") else "error"
        check(document, REDUCED[shape], where=f"The error of {method} {path}")
        return None
    assert found is not None
    endpoint = f"{found[0].method} {found[0].pattern}"
    described = REDUCED["endpoints"].get(endpoint)
    if described is not None:
        check(document, described["answer"], where=f"The answer of {endpoint}")
    return endpoint


def states_in(document: Any, *, within: str = "") -> Iterator[tuple[str, str]]:
    """Every object in a reply that has a status, with it; of an account, which has none, those of its parts."""
    if isinstance(document, dict):
        kind = document.get("object")
        within = kind if isinstance(kind, str) else within
        if isinstance(document.get("status"), str) and (kind or within == "v2.core.account"):
            yield within, document["status"]
        document = list(document.values())
    if isinstance(document, list):
        for part in document:
            yield from states_in(part, within=within)


def check_event(event: Json) -> None:
    """An event as it was recorded: its frame, and the object in it by its own kind."""
    if event["object"] == "v2.core.event":
        check(event, REDUCED["thin_event"], where=event["type"])
        return
    check(event, REDUCED["event"], where=event["type"])
    kind = event["data"]["object"]["object"]
    assert kind in DEFINITIONS, f"{event['type']} carries a {kind}, which is not described"
    check(event["data"]["object"], {"$ref": f"#/$defs/{kind}"}, where=f"The object of {event['type']}")


class CheckedClient(InProcessClient):
    """The sandbox's transport; a reply that Stripe would not give fails the test that asked for it."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__(sandbox)
        self.seen: set[str] = set()
        self.states: set[tuple[str, str]] = set()

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, Mapping[str, str]]:
        body, status, answered = super().request(method, url, headers, post_data)
        document = json.loads(body)
        endpoint = check_reply(method, urlsplit(url).path, status, document)
        if endpoint:
            self.seen.add(endpoint)
            self.states |= set(states_in(document))
        return body, status, answered
