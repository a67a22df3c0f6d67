"""A company's webhooks, and what was sent to them."""

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.step_up import StaleProof
from accounts.companies import events
from accounts.companies.queries import get_company
from accounts.outgoing import operations, queries
from accounts.outgoing.addresses import AddressRefused
from accounts.outgoing.models import LONGEST_ADDRESS, Sending, Webhook
from kit import clock
from kit.http.serializers import InstantField, LineField, Strict
from kit.transitions import IllegalMove


class KindsIn(Strict):
    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=sorted(events.KINDS.items())),
        max_length=len(events.KINDS),
        help_text="Types of events; an empty list means all.",
    )


class WebhookIn(KindsIn):
    address = LineField(max_length=LONGEST_ADDRESS)


class WebhookOut(serializers.ModelSerializer[Webhook]):
    id = serializers.CharField(source="public_id")
    address = serializers.CharField(
        source="shown_address",
        help_text="Whole for the company's owners; for others its host, as a path may hold a secret.",
    )
    waits = serializers.IntegerField(help_text="How many messages wait to be sent there.")

    class Meta:
        model = Webhook
        fields = ["id", "address", "kinds", "state", "created_at", "failing_since", "former_until", "waits"]


class NewWebhookOut(Strict):
    """The secret is in this answer and nowhere else."""

    webhook = WebhookOut()
    secret = serializers.CharField()


class SendingOut(serializers.ModelSerializer[Sending]):
    id = serializers.CharField(source="public_id")
    event = serializers.CharField(source="event.public_id")
    kind = serializers.CharField(source="event.kind")
    happened_at = serializers.DateTimeField(source="event.happened_at")

    class Meta:
        model = Sending
        fields = [
            "id",
            "event",
            "kind",
            "happened_at",
            "state",
            "tries",
            "tried_at",
            "due_at",
            "answer",
            "failure",
        ]


class SinceIn(Strict):
    since = InstantField(help_text="Of what happened from then on.")


class SentAgainOut(Strict):
    count = serializers.IntegerField()


class Webhooks(Endpoint):
    allow = (Audience.COMPANY,)

    @described("webhooks_list", "List a company's webhooks.", responses=WebhookOut(many=True))
    def get(self, request: Request, company_id: str) -> Response:
        company = get_company(self.actor, company_id)
        return self.listed(WebhookOut, queries.webhooks(self.actor, company), by=("-id",))

    @described(
        "webhooks_create",
        "Make a webhook; its secret is in this answer only.",
        refuses=(StaleProof, AddressRefused, operations.AddressTaken, operations.TooMany),
        not_once="A kept answer would hold the secret in clear.",
        request=WebhookIn,
        responses={201: NewWebhookOut},
    )
    def post(self, request: Request, company_id: str) -> Response:
        company, sent = get_company(self.actor, company_id), self.read(WebhookIn)
        webhook, secret = operations.make(company=company, **sent, by=self.actor, at=clock.now())
        shown = {"webhook": queries.get_webhook(self.actor, webhook.public_id), "secret": secret}
        return Response(NewWebhookOut(shown).data, status=201)


class OneWebhook(Endpoint):
    allow = (Audience.COMPANY,)

    @described("webhooks_get", "Read a webhook.", responses=WebhookOut)
    def get(self, request: Request, webhook_id: str) -> Response:
        return Response(WebhookOut(queries.get_webhook(self.actor, webhook_id)).data)

    @described("webhooks_choose", "Choose what it is told.", request=KindsIn, responses=WebhookOut)
    def put(self, request: Request, webhook_id: str) -> Response:
        webhook, sent = queries.get_webhook(self.actor, webhook_id), self.read(KindsIn)
        chosen = operations.choose(webhook=webhook, **sent, by=self.actor, at=clock.now())
        return Response(WebhookOut(chosen).data)

    @described("webhooks_end", "End a webhook at once.", refuses=(IllegalMove,), responses={204: None})
    def delete(self, request: Request, webhook_id: str) -> Response:
        operations.end(webhook=queries.get_webhook(self.actor, webhook_id), by=self.actor, at=clock.now())
        return Response(status=204)


class PauseWebhook(Endpoint):
    allow = (Audience.COMPANY,)

    @described(
        "webhooks_pause",
        "Send nothing for now; what happens meanwhile waits.",
        refuses=(IllegalMove,),
        request=None,
        responses=WebhookOut,
    )
    def post(self, request: Request, webhook_id: str) -> Response:
        webhook = queries.get_webhook(self.actor, webhook_id)
        return self.done(WebhookOut, lambda: operations.pause(webhook=webhook, by=self.actor, at=clock.now()))


class ResumeWebhook(Endpoint):
    allow = (Audience.COMPANY,)

    @described(
        "webhooks_resume",
        "Send again, what waits at once.",
        refuses=(IllegalMove,),
        request=None,
        responses=WebhookOut,
    )
    def post(self, request: Request, webhook_id: str) -> Response:
        webhook = queries.get_webhook(self.actor, webhook_id)
        return self.done(
            WebhookOut, lambda: operations.resume(webhook=webhook, by=self.actor, at=clock.now())
        )


class RenewSecret(Endpoint):
    allow = (Audience.COMPANY,)

    @described(
        "webhooks_renew_secret",
        "Make another secret; for a day both sign.",
        refuses=(StaleProof, IllegalMove),
        not_once="A kept answer would hold the secret in clear.",
        request=None,
        responses={201: NewWebhookOut},
    )
    def post(self, request: Request, webhook_id: str) -> Response:
        webhook = queries.get_webhook(self.actor, webhook_id)
        secret = operations.renew_secret(webhook=webhook, by=self.actor, at=clock.now())
        shown = {"webhook": queries.get_webhook(self.actor, webhook.public_id), "secret": secret}
        return Response(NewWebhookOut(shown).data, status=201)


class TestWebhook(Endpoint):
    allow = (Audience.COMPANY,)

    @described(
        "webhooks_test",
        "Send a message of no meaning.",
        refuses=(IllegalMove,),
        request=None,
        responses={201: SendingOut},
    )
    def post(self, request: Request, webhook_id: str) -> Response:
        webhook = queries.get_webhook(self.actor, webhook_id)
        return self.created(
            SendingOut, lambda: operations.send_test(webhook=webhook, by=self.actor, at=clock.now())
        )


class Sendings(Endpoint):
    allow = (Audience.COMPANY,)

    @described("webhook_sendings_list", "List what was sent there.", responses=SendingOut(many=True))
    def get(self, request: Request, webhook_id: str) -> Response:
        webhook = queries.get_webhook(self.actor, webhook_id)
        return self.listed(SendingOut, queries.sendings(self.actor, webhook), by=("-id",))


class SendAgain(Endpoint):
    allow = (Audience.COMPANY,)

    @described(
        "webhook_sendings_again",
        "Send it once more, under the same id.",
        refuses=(IllegalMove,),
        request=None,
        responses=SendingOut,
    )
    def post(self, request: Request, sending_id: str) -> Response:
        sending = queries.get_sending(self.actor, sending_id)
        return self.done(
            SendingOut, lambda: operations.send_again(sending=sending, by=self.actor, at=clock.now())
        )


class SendAllAgain(Endpoint):
    allow = (Audience.COMPANY,)

    @described(
        "webhooks_send_all_again",
        "Send once more what was given up since then.",
        refuses=(IllegalMove,),
        request=SinceIn,
        responses=SentAgainOut,
    )
    def post(self, request: Request, webhook_id: str) -> Response:
        webhook, sent = queries.get_webhook(self.actor, webhook_id), self.read(SinceIn)
        return self.done(
            SentAgainOut,
            lambda: {
                "count": operations.send_all_again(webhook=webhook, **sent, by=self.actor, at=clock.now())
            },
        )


_ONE = "webhooks/<str:webhook_id>"
urlpatterns = [
    path("companies/<str:company_id>/webhooks", Webhooks.as_view(), name="api_webhooks"),
    path(_ONE, OneWebhook.as_view(), name="api_webhook"),
    path(f"{_ONE}/pause", PauseWebhook.as_view(), name="api_webhook_pause"),
    path(f"{_ONE}/resume", ResumeWebhook.as_view(), name="api_webhook_resume"),
    path(f"{_ONE}/renew-secret", RenewSecret.as_view(), name="api_webhook_renew_secret"),
    path(f"{_ONE}/test", TestWebhook.as_view(), name="api_webhook_test"),
    path(f"{_ONE}/sendings", Sendings.as_view(), name="api_webhook_sendings"),
    path(f"{_ONE}/send-again", SendAllAgain.as_view(), name="api_webhook_send_all_again"),
    path("webhook-sendings/<str:sending_id>/again", SendAgain.as_view(), name="api_webhook_sending_again"),
]
