"""Makes `reduced.json` out of Stripe's OpenAPI description: what the sandbox answers and what it is asked.

    python tests/payments/sandbox/openapi/reduce.py openapi.spec3.json

Kept are the schemas of the objects that the sandbox shows, rewritten for a JSON Schema 2020-12 validator: nulls as
`anyOf`, no unknown field, no descriptions. Of each endpoint's request the names and kinds of its parameters are kept.
"""

import json
import sys
from pathlib import Path
from typing import Any

from payments.sandbox import rooms

Json = dict[str, Any]

KEPT_KINDS = {
    "account", "account_link", "balance", "balance_settings", "balance_transaction", "bank_account", "capability",
    "cash_balance", "charge", "checkout.session", "customer", "customer_cash_balance_transaction", "deleted_account",
    "deleted_bank_account", "deleted_customer", "deleted_external_account", "deleted_invoice", "deleted_invoiceitem",
    "deleted_webhook_endpoint", "dispute", "event", "funding_instructions", "identity.verification_session", "invoice",
    "invoice_payment", "invoiceitem", "item", "line_item", "login_link", "payment_intent", "payment_method", "payout",
    "person", "price",
    "refund", "topup", "transfer", "transfer_reversal", "webhook_endpoint", "v2.core.account",
    "v2.core.account_link", "v2.core.event", "v2.core.event_destination", "v2.core.account_person",
}  # fmt: skip
# Of the many ways to pay, those that the sandbox knows.
METHODS = {"card", "us_bank_account", "stripe_account", "customer_balance", "type"}
DROPPED = {"description", "title", "format", "maxLength", "pattern", "nullable", "example", "default"}
REFERENCE = "#/components/schemas/"


class Reducer:
    """Follows references from the endpoints' answers and rewrites what it meets."""

    def __init__(self, spec: Json) -> None:
        self.spec = spec
        self.schemas: Json = spec["components"]["schemas"]
        self.kept: Json = {}

    def keep(self, name: str) -> Json:
        """A reference to the reduced schema of that name."""
        if name not in self.kept:
            self.kept[name] = {}
            schema = self.schemas[name]
            if name in ("payment_method_details", "payment_method"):
                properties = {
                    key: value
                    for key, value in schema["properties"].items()
                    if key in METHODS or not _is_method(value, name)
                }
                schema = {**schema, "properties": properties}
            self.kept[name] = self.rewrite(schema)
        return {"$ref": f"#/$defs/{name}"}

    def rewrite(self, node: Json) -> Json:
        """One schema for a 2020-12 validator."""
        if "$ref" in node:
            name = node["$ref"].removeprefix(REFERENCE)
            kind = self.schemas[name].get("properties", {}).get("object", {}).get("enum", [""])[0]
            if kind and name not in KEPT_KINDS and kind != "list":
                return {"type": "object"}
            return self.keep(name)
        result: Json = {}
        for key, value in node.items():
            if key in DROPPED or key.startswith("x-"):
                continue
            if key == "properties":
                result[key] = {name: self.rewrite(item) for name, item in value.items()}
            elif key in ("anyOf", "oneOf", "allOf"):
                result["anyOf" if key == "oneOf" else key] = [self.rewrite(item) for item in value]
            elif key in ("items", "additionalProperties") and isinstance(value, dict):
                result[key] = self.rewrite(value)
            else:
                result[key] = value
        if result.get("type") == "object" and "properties" in result:
            result.setdefault("additionalProperties", False)
        if node.get("nullable"):
            return {"anyOf": [result, {"type": "null"}]}
        return result

    def operation(self, method: str, pattern: str) -> Json | None:
        """The spec's operation for one of our routes, whatever it calls its path's holes."""
        shape = _shape(pattern)
        for path, methods in self.spec["paths"].items():
            if _shape(path) == shape and method.lower() in methods:
                found: Json = methods[method.lower()]
                return found
        return None


def _is_method(value: Json, name: str) -> bool:
    return "$ref" in value and value["$ref"].removeprefix(REFERENCE).startswith(
        (name, "payment_flows_private")
    )


def _shape(pattern: str) -> list[str]:
    return ["{}" if part.startswith("{") else part for part in pattern.split("/")]


def _kind(schema: Json) -> str:
    """One word for a parameter: what a wrong value would be wrong about."""
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        kinds = sorted({_kind(option) for option in options})
        return "|".join(kinds)
    if "enum" in schema and schema["enum"] != [""]:
        return "enum"
    return str(schema.get("type", "any"))


def _parameters(operation: Json) -> Json:
    found: Json = {}
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "query":
            found[parameter["name"]] = _kind(parameter["schema"])
    for content in operation.get("requestBody", {}).get("content", {}).values():
        for name, schema in content["schema"].get("properties", {}).items():
            found[name] = _kind(schema)
    return found


def reduce(spec: Json) -> Json:
    """The part of `spec` that the sandbox's endpoints need."""
    reducer = Reducer(spec)
    endpoints: Json = {}
    for route in rooms.router().routes:
        operation = reducer.operation(route.method, route.pattern)
        if operation is None:
            continue
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
        endpoints[f"{route.method} {route.pattern}"] = {
            "answer": reducer.rewrite(schema),
            "parameters": _parameters(operation),
        }
    error = reducer.keep("error")
    error_v2 = reducer.keep("v2.error")
    event = reducer.keep("event")
    thin = reducer.keep("v2.core.event")
    return {
        "version": spec["info"]["version"],
        "endpoints": endpoints,
        "error": error,
        "error_v2": error_v2,
        "event": event,
        "thin_event": thin,
        "$defs": dict(sorted(reducer.kept.items())),
    }


def _by_line(document: Json) -> str:
    """One schema and one endpoint to a line, so that a new version is a diff that can be read."""
    parts = []
    for name, value in sorted(document.items()):
        if name in ("$defs", "endpoints"):
            lines = [f"{json.dumps(key)}: {json.dumps(value[key], sort_keys=True)}" for key in sorted(value)]
            parts.append(f"{json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n}")
        else:
            parts.append(f"{json.dumps(name)}: {json.dumps(value, sort_keys=True)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    spec = json.loads(Path(sys.argv[1]).read_text())
    target = Path(__file__).with_name("reduced.json")
    target.write_text(_by_line(reduce(spec)))
    sys.stdout.write(f"{target}: {target.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
