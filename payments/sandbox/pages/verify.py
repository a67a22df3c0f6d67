"""The hosted page on which a person proves who they are, with a choice of how Stripe's check ends."""

import secrets
from urllib.parse import parse_qs

from payments.sandbox.errors import ApiError
from payments.sandbox.identity import checks
from payments.sandbox.pages.html import Safe, field, fill, join, page, redirect
from payments.sandbox.wire import Json, Reply, Request, read_form
from payments.sandbox.world import World


def answer(world: World, request: Request, session_id: str) -> Reply:
    session = world.store.find(session_id, kind=checks.KIND)
    if session is None:
        return page("Not found", Safe("<h1>This page does not exist.</h1>"), status=404)
    if request.method == "POST":
        return _submit(world, session, read_form(request.body.decode()))
    start = parse_qs(request.query).get("start", [""])[0]
    if session["status"] != "requires_input" or not _opens(world, session, start):
        return page("Verify your identity", Safe("<h1>This link was used, or has run out.</h1>"), status=410)
    session["_address"] |= {"used": True, "form": secrets.token_urlsafe(16)}
    world.store.save(session)
    return _form(session, {}, problem=None)


def _opens(world: World, session: Json, start: str) -> bool:
    return secrets.compare_digest(start, session["_address"]["token"]) and not checks.is_used_up(
        world, session
    )


def _submit(world: World, session: Json, form: Json) -> Reply:
    expected = session["_address"].get("form", "")
    if not expected or not secrets.compare_digest(str(form.pop("token", "")), expected):
        return page("Verify your identity", Safe("<h1>This link was used, or has run out.</h1>"), status=410)
    if form.get("leave"):
        return _back(session)
    given = {name: str(form.get(name, "")) for name in ("first_name", "last_name", "dob", "error")}
    try:
        checks.submit(world, session, **given)
    except (ApiError, ValueError) as refusal:
        return _form(session, form, problem=str(refusal))
    return _back(session)


def _back(session: Json) -> Reply:
    if session["_return_url"]:
        return redirect(session["_return_url"])
    return page("Thank you", Safe("<h1>Thank you. You can close this window.</h1>"))


def _form(session: Json, form: Json, *, problem: str | None) -> Reply:
    fields = [
        field("First name, as on the document", "first_name", form.get("first_name", "")),
        field("Last name, as on the document", "last_name", form.get("last_name", "")),
        field("Date of birth", "dob", form.get("dob", ""), kind="date"),
    ]
    endings = [
        ("", "The document is good: verified"),
        *((code, text) for code, text in checks.REASONS.items()),
    ]
    choices = [
        fill(
            "<label class='choice'><input type='radio' name='error' value='{code}'{checked}>{text}</label>",
            code=code,
            text=text,
            checked=Safe(" checked") if code == form.get("error", "") else Safe(""),
        )
        for code, text in endings
    ]
    body = fill(
        "<h1>Verify your identity</h1><p>Stripe compares a document with your face. In this sandbox you say how it "
        "ends.</p>{problem}<form method='post'><input type='hidden' name='token' value='{token}'>{fields}"
        "<fieldset><legend>How the check ends</legend>{choices}</fieldset>"
        "<button>Submit</button> <button name='leave' value='1' formnovalidate>Leave without submitting</button></form>",
        problem=fill("<p class='problem' role='alert'>{problem}</p>", problem=problem)
        if problem
        else Safe(""),
        token=session["_address"]["form"],
        fields=join(fields),
        choices=join(choices),
    )
    return page("Verify your identity", body, status=400 if problem else 200)
