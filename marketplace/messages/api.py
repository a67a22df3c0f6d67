"""Messages between a company and an applicant, over the API."""

from django.urls import path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access.endpoint import Endpoint
from accounts.access.rules import Audience
from accounts.access.schema import described
from accounts.access.standings import Suspended
from accounts.audit.operations import MOVE_REFUSALS
from kit import clock
from kit.http.serializers import Strict, TextField
from marketplace.casting.queries import get_application
from marketplace.messages import operations, queries
from marketplace.messages.models import LONGEST_TEXT, Flag, Message
from marketplace.messages.states import FlagState

BOTH = (Audience.PERFORMER, Audience.COMPANY)


class MessageIn(Strict):
    text = TextField(max_length=LONGEST_TEXT)


class MessageOut(Strict):
    id = serializers.CharField(source="public_id")
    of_company = serializers.BooleanField()
    text = serializers.CharField()
    sent_at = serializers.DateTimeField()


class FlagOut(Strict):
    id = serializers.CharField(source="public_id")
    message = serializers.CharField(source="message.public_id")
    state = serializers.ChoiceField(choices=FlagState.choices)
    text = serializers.CharField()
    flagged_at = serializers.DateTimeField()
    answer_due_at = serializers.DateTimeField()
    answer = serializers.CharField()
    answered_at = serializers.DateTimeField(allow_null=True)


class ThreadOut(Strict):
    blocked = serializers.BooleanField(help_text="Whether either side has ended it.")


class Messages(Endpoint):
    """What a company and an applicant wrote to each other."""

    allow = BOTH

    @described("messages_list", "List the messages of an application.", responses=MessageOut(many=True))
    def get(self, request: Request, application_id: str) -> Response:
        application = get_application(self.actor, application_id)
        operations.side_of(application, self.actor)
        rows = Message.objects.visible_to(self.actor).filter(application=application)
        return self.listed(MessageOut, rows, by=("-id",))

    @described(
        "messages_create",
        "Write to the other side of an application.",
        refuses=(
            Suspended,
            operations.ThreadOver,
            operations.ThreadBlocked,
            operations.TooManyMessages,
        ),
        request=MessageIn,
        responses={201: MessageOut},
    )
    def post(self, request: Request, application_id: str) -> Response:
        text, application = self.read(MessageIn)["text"], get_application(self.actor, application_id)
        return self.created(
            MessageOut,
            lambda: operations.write(application=application, text=text, by=self.actor, at=clock.now()),
        )


class ThreadBlock(Endpoint):
    """Neither side writes to the other while a block stands, about whatever gig."""

    allow = BOTH

    @described(
        "messages_block", "Take no more messages of the other side.", request=None, responses=ThreadOut
    )
    def put(self, request: Request, application_id: str) -> Response:
        application = get_application(self.actor, application_id)
        operations.block(application=application, by=self.actor, at=clock.now())
        return Response(ThreadOut({"blocked": True}).data)

    @described("messages_unblock", "Take messages of the other side again.", responses={200: ThreadOut})
    def delete(self, request: Request, application_id: str) -> Response:
        application = get_application(self.actor, application_id)
        operations.unblock(application=application, by=self.actor, at=clock.now())
        return Response(ThreadOut({"blocked": operations.blocks_between(application).exists()}).data)


class MessageFlag(Endpoint):
    allow = BOTH

    @described(
        "messages_report",
        "Report a message to talent operations.",
        refuses=(operations.AlreadyFlagged,),
        request=MessageIn,
        responses={201: FlagOut},
    )
    def post(self, request: Request, message_id: str) -> Response:
        text, message = self.read(MessageIn)["text"], queries.get_message(self.actor, message_id)
        return self.created(
            FlagOut, lambda: operations.flag(message=message, text=text, by=self.actor, at=clock.now())
        )


class Flags(Endpoint):
    """Messages that you reported; all of them for talent operations."""

    allow = (*BOTH, Audience.TALENT)

    @described("message_reports_list", "List reported messages.", responses=FlagOut(many=True))
    def get(self, request: Request) -> Response:
        rows = Flag.objects.visible_to(self.actor).select_related("message")
        return self.listed(FlagOut, rows, by=("-id",))


class FlagAnswer(Endpoint):
    allow = (Audience.TALENT,)

    @described(
        "message_reports_answer",
        "Answer whoever reported a message.",
        refuses=MOVE_REFUSALS,
        request=MessageIn,
        responses=FlagOut,
    )
    def post(self, request: Request, flag_id: str) -> Response:
        text, flag = self.read(MessageIn)["text"], queries.get_flag(self.actor, flag_id)
        return self.done(
            FlagOut, lambda: operations.answer(flag=flag, text=text, by=self.actor, at=clock.now())
        )


urlpatterns = [
    path("applications/<str:application_id>/messages", Messages.as_view(), name="api_messages"),
    path("applications/<str:application_id>/block", ThreadBlock.as_view(), name="api_thread_block"),
    path("messages/<str:message_id>/report", MessageFlag.as_view(), name="api_message_flag"),
    path("message-reports", Flags.as_view(), name="api_flags"),
    path("message-reports/<str:flag_id>/answer", FlagAnswer.as_view(), name="api_flag_answer"),
]
