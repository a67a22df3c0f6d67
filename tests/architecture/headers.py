"""The headers that every answer carries, whoever asked for whatever."""

import re

from django.http import HttpResponse

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
KINDS = re.compile(r"text/[a-z]+; (?:.*; )?charset=utf-8|application/[a-z0-9.+-]+(?:; .*)?|image/svg\+xml")
POLICY = {"default-src": "'self'", "object-src": "'none'", "base-uri": "'none'", "frame-ancestors": "'none'"}


def wanting(answer: HttpResponse, *, personal: bool) -> list[str]:
    """The headers that are missing, or other than they should be."""
    said = answer.headers
    found = [name for name, value in ALWAYS.items() if said.get(name) != value]
    policy = said.get("Content-Security-Policy", "")
    if "unsafe" in policy or not all(f"{name} {value}" in policy for name, value in POLICY.items()):
        found.append("Content-Security-Policy")
    if "geolocation=()" not in said.get("Permissions-Policy", ""):
        found.append("Permissions-Policy")
    if "Access-Control-Allow-Origin" in said:
        found.append("Access-Control-Allow-Origin")
    if not KINDS.fullmatch(
        said.get("Content-Type", "" if answer.streaming or answer.content else "text/html; charset=utf-8")
    ):
        found.append(f"Content-Type {said.get('Content-Type')}")
    if personal and said.get("Cache-Control") != "no-store":
        found.append("Cache-Control")
    return found
