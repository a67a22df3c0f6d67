"""A thread between a company and an applicant, and what was reported of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.access.standings import Suspended
from kit import clock
from kit.errors import Invalid
from kit.forms import put_refusal
from kit.instants import length_in_words
from marketplace.casting.queries import get_application
from marketplace.messages import operations, queries
from marketplace.messages.forms import FlagForm, MessageForm

BOTH = (Audience.PERFORMER, Audience.COMPANY)


@allow(*BOTH)
@require_http_methods(["GET", "POST"])
def thread(request: HttpRequest, application_id: str) -> HttpResponse:
    """What was said so far, and a word more. A refusal keeps what was typed."""
    actor = actor_of(request)
    form = MessageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        application = get_application(actor, application_id)
        try:
            operations.write(
                application=application, text=form.cleaned_data["text"], by=actor, at=clock.now()
            )
        except Invalid as refusal:
            put_refusal(form, refusal)
        except (
            operations.ThreadOver,
            operations.ThreadBlocked,
            operations.TooManyMessages,
            Suspended,
        ) as refusal:
            form.add_error(None, f"{refusal.title}. {refusal.detail}")
        else:
            messages.success(request, "Sent. They are told.")
            return redirect("messages", application_id=application_id)
    context = {
        "thread": queries.get_thread(actor, application_id, at=clock.now()),
        "form": form,
        "flag_form": FlagForm(auto_id=False),
        "answered_within": length_in_words(operations.ANSWERED_WITHIN),
    }
    return render(request, "marketplace/messages.html", context, status=422 if form.errors else 200)


@allow(*BOTH)
@require_POST
def thread_block(request: HttpRequest, application_id: str) -> HttpResponse:
    actor = actor_of(request)
    application = get_application(actor, application_id)
    ends = request.POST.get("do") == "unblock"
    act = operations.unblock if ends else operations.block
    act(application=application, by=actor, at=clock.now())
    messages.success(
        request, "You can write to each other again." if ends else "Blocked. Neither of you can write now."
    )
    return redirect("messages", application_id=application_id)


@allow(*BOTH)
@require_POST
def message_flag(request: HttpRequest, message_id: str) -> HttpResponse:
    actor = actor_of(request)
    message = queries.get_message(actor, message_id)
    operations.flag(message=message, text=request.POST.get("text", ""), by=actor, at=clock.now())
    within = length_in_words(operations.ANSWERED_WITHIN)
    messages.success(request, f"Reported. Talent operations read it, and answer you within {within}.")
    return redirect("messages", application_id=message.application.public_id)


@allow(Audience.SIGNED_IN)
@require_GET
def flag(request: HttpRequest, flag_id: str) -> HttpResponse:
    """What was reported and what was answered; for talent operations, with the thread around it."""
    actor = actor_of(request)
    found = queries.get_flag(actor, flag_id)
    answers = actor.is_talent and found.reporter_id != actor.user_id
    rows = found.message.application.messages.order_by("-id")[: queries.SHOWN] if answers else [found.message]
    return render(
        request,
        "marketplace/flag.html",
        {"flag": found, "said": list(reversed(rows)), "answers": answers},
    )


@allow(Audience.TALENT)
@require_POST
def flag_answer(request: HttpRequest, flag_id: str) -> HttpResponse:
    actor = actor_of(request)
    found = queries.get_flag(actor, flag_id)
    operations.answer(flag=found, text=request.POST.get("text", ""), by=actor, at=clock.now())
    messages.success(request, "Answered. They are told.")
    return redirect("flag", flag_id=flag_id)


OF_ONE = "applications/<str:application_id>/messages/"
urlpatterns = [
    path(OF_ONE, thread, name="messages"),
    path(f"{OF_ONE}block/", thread_block, name="thread_block"),
    path("messages/<str:message_id>/report/", message_flag, name="message_flag"),
    path("reported/<str:flag_id>/", flag, name="flag"),
    path("reported/<str:flag_id>/answer/", flag_answer, name="flag_answer"),
]
