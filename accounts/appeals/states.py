from django.db.models import TextChoices

from kit.transitions import Transitions


class AppealState(TextChoices):
    FILED = "filed", "Waits for a person"
    HUMAN_REVIEW = "human_review", "A person looks at it"
    UPHELD = "upheld", "The decision stays"
    REVERSED = "reversed", "The decision is taken back"
    REMEDIED = "remedied", "Put right in another way"
    WITHDRAWN = "withdrawn", "Taken back"


S = AppealState
OPEN = (S.FILED, S.HUMAN_REVIEW)
APPEAL = Transitions(
    "appeal",
    {
        S.FILED: {S.HUMAN_REVIEW, S.WITHDRAWN},
        S.HUMAN_REVIEW: {S.UPHELD, S.REVERSED, S.REMEDIED, S.WITHDRAWN},
    },
)
