from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access.rules import Audience, allow
from callboard.backstage import outbox, phone, samples


@allow(Audience.ANYONE)
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component as it stands, in the reader's colours."""
    return render(request, "gallery.html", samples.context())


@allow(Audience.ANYONE)
def mail(request: HttpRequest) -> HttpResponse:
    """The newest mails of this laptop, which were written to files and not sent."""
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    return render(request, "mail.html", {"mails": outbox.newest(folder) if folder else []})


@allow(Audience.ANYONE)
def phones(request: HttpRequest) -> HttpResponse:
    """What the authenticator apps of the demo's people show now: they have no other phone."""
    shown = [(email, phone.shows(email)) for email in phone.everyones()]
    return render(request, "phones.html", {"phones": shown})
