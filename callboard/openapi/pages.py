"""The API for people: what there is, each operation with its fields and an example, and every code with what to do."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from accounts.access.rules import Audience, allow
from accounts.keys.operations import SCOPES
from callboard.openapi.reading import resources
from callboard.openapi.refusals import codes


@allow(Audience.ANYONE)
def api_docs(request: HttpRequest) -> HttpResponse:
    """Where one begins: how to prove who one is, how lists and repeats work, and all operations in a line each."""
    return render(request, "api/index.html", {"resources": resources(), "scopes": SCOPES.items()})


@allow(Audience.ANYONE)
def api_docs_errors(request: HttpRequest) -> HttpResponse:
    """Every code with which the API refuses, and what to do about it."""
    return render(request, "api/errors.html", {"codes": codes()})


@allow(Audience.ANYONE)
def api_docs_resource(request: HttpRequest, name: str) -> HttpResponse:
    """The operations of one resource, in full."""
    found = next((resource for resource in resources() if resource.name == name), None)
    if found is None:
        raise Http404
    return render(request, "api/resource.html", {"resource": found, "resources": resources()})


urlpatterns = [
    path("docs/api/", api_docs, name="api_docs"),
    path("docs/api/errors/", api_docs_errors, name="api_docs_errors"),
    path("docs/api/<slug:name>/", api_docs_resource, name="api_docs_resource"),
]
