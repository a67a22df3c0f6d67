"""The OpenAPI document as a file of the repository: what changed for clients is seen in a diff, and told in the changelog."""

import hashlib
from pathlib import Path
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT, CHANGELOG = ROOT / "openapi.yaml", ROOT / "CHANGELOG.md"


def generate() -> dict[str, Any]:
    """The document as it is served."""
    found: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call] # ships no types
    return found


def render() -> str:
    """The document as YAML."""
    text: bytes = OpenApiYamlRenderer().render(generate(), renderer_context={})  # type: ignore[no-untyped-call] # as above
    return text.decode()


def digest(text: str) -> str:
    """The twelve characters by which the changelog names a version of the document."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
