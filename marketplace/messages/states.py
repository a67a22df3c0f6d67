from django.db.models import TextChoices

from kit.transitions import Transitions


class FlagState(TextChoices):
    WAITING = "waiting", "Waits for talent operations"
    ANSWERED = "answered", "Answered"


S = FlagState
# Whoever reported it may say that it is not settled.
FLAG = Transitions("flag", {S.WAITING: {S.ANSWERED}, S.ANSWERED: {S.WAITING}})
