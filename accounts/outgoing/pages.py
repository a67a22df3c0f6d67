"""A company's webhooks, for the people who run it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access.acts import Act
from accounts.access.middleware import actor_of
from accounts.access.rules import Audience, allow
from accounts.companies.queries import get_company
from accounts.outgoing import operations, queries, sending
from accounts.outgoing.addresses import AddressRefused
from accounts.outgoing.forms import KindsForm, WebhookForm
from accounts.outgoing.models import Webhook
from kit import clock
from kit.errors import Invalid
from kit.forms import put_refusal
from kit.http.pagination import page
from kit.instants import length_in_words


@allow(Audience.COMPANY)
@require_http_methods(["GET", "POST"])
def company_webhooks(request: HttpRequest, company_id: str) -> HttpResponse:
    """The company's webhooks; an owner makes another here, and sees its secret once."""
    actor = actor_of(request)
    company, form = get_company(actor, company_id), WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = operations.make(company=company, **form.cleaned_data, by=actor, at=clock.now())
        except Invalid as refused:
            put_refusal(form, refused)
        except (AddressRefused, operations.AddressTaken, operations.TooMany) as refused:
            form.add_error("address", refused.detail)
        else:
            # No redirect: the secret is shown in this answer and kept in clear nowhere.
            return _with_secret(request, made, secret)
    context = {
        "company": company,
        "is_owner": actor.may(Act.RUN_COMPANY, company_id=company.pk),
        "webhooks": queries.webhooks(actor, company).order_by("-id"),
        "form": form,
    }
    return render(request, "accounts/webhooks.html", context, status=422 if form.errors else 200)


@allow(Audience.COMPANY)
@require_safe
def company_webhook(request: HttpRequest, webhook_id: str) -> HttpResponse:
    """What was sent there, newest first, and what can be done with it."""
    actor = actor_of(request)
    webhook = queries.get_webhook(actor, webhook_id)
    context = {
        "webhook": webhook,
        "is_owner": actor.may(Act.RUN_COMPANY, company_id=webhook.company_id),
        "sent": page(queries.sendings(actor, webhook), by=("-id",), cursor=request.GET.get("cursor", "")),
        "kept_for": length_in_words(sending.KEPT_FOR),
        "form": KindsForm(initial={"kinds": webhook.kinds}),
    }
    return render(request, "accounts/webhook.html", context)


@allow(Audience.COMPANY)
@require_POST
def webhook_choose(request: HttpRequest, webhook_id: str) -> HttpResponse:
    actor, form = actor_of(request), KindsForm(request.POST)
    webhook = queries.get_webhook(actor, webhook_id)
    kinds = form.cleaned_data["kinds"] if form.is_valid() else request.POST.getlist("kinds")
    operations.choose(webhook=webhook, kinds=kinds, by=actor, at=clock.now())
    messages.success(request, "It is told that from now on.")
    return _back(webhook)


@allow(Audience.COMPANY)
@require_POST
def webhook_step(request: HttpRequest, webhook_id: str, step: str) -> HttpResponse:
    """Pause, resume, end, test, or send again what was given up."""
    actor, at = actor_of(request), clock.now()
    webhook = queries.get_webhook(actor, webhook_id)
    if step == "pause":
        operations.pause(webhook=webhook, by=actor, at=at)
        words = "It is paused. What happens meanwhile waits."
    elif step == "resume":
        operations.resume(webhook=webhook, by=actor, at=at)
        words = "It sends again, what waited at once."
    elif step == "end":
        operations.end(webhook=webhook, by=actor, at=at)
        words = "It has ended. Nothing is sent there any more."
    elif step == "test":
        operations.send_test(webhook=webhook, by=actor, at=at)
        words = "A test is on its way. Look here again in a few seconds."
    else:
        since = at - sending.KEPT_FOR
        count = operations.send_all_again(webhook=webhook, since=since, by=actor, at=at)
        words = f"{count} on their way once more."
    messages.success(request, words)
    return _back(webhook)


@allow(Audience.COMPANY)
@require_POST
def webhook_secret(request: HttpRequest, webhook_id: str) -> HttpResponse:
    actor = actor_of(request)
    webhook = queries.get_webhook(actor, webhook_id)
    secret = operations.renew_secret(webhook=webhook, by=actor, at=clock.now())
    return _with_secret(request, webhook, secret)


@allow(Audience.COMPANY)
@require_POST
def webhook_again(request: HttpRequest, sending_id: str) -> HttpResponse:
    actor = actor_of(request)
    sent = queries.get_sending(actor, sending_id)
    operations.send_again(sending=sent, by=actor, at=clock.now())
    messages.success(request, "It is on its way once more.")
    return _back(sent.webhook)


def _with_secret(request: HttpRequest, webhook: Webhook, secret: str) -> HttpResponse:
    return render(request, "accounts/webhook_secret.html", {"webhook": webhook, "secret": secret})


def _back(webhook: Webhook) -> HttpResponse:
    return redirect("company_webhook", webhook_id=webhook.public_id)


urlpatterns = [
    path("company/<str:company_id>/webhooks/", company_webhooks, name="company_webhooks"),
    path("webhooks/of/<str:webhook_id>/", company_webhook, name="company_webhook"),
    path("webhooks/of/<str:webhook_id>/kinds/", webhook_choose, name="company_webhook_choose"),
    path("webhooks/of/<str:webhook_id>/secret/", webhook_secret, name="company_webhook_secret"),
    *(
        path(
            f"webhooks/of/<str:webhook_id>/{step}/",
            webhook_step,
            {"step": step},
            name=f"company_webhook_{step.replace('-', '_')}",
        )
        for step in ("pause", "resume", "end", "test", "send-again")
    ),
    path("webhooks/sent/<str:sending_id>/again/", webhook_again, name="company_webhook_again"),
]
