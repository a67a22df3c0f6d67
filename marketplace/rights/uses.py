"""Who had a performer's work before them: written down in the act itself, each act once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from marketplace.rights.models import Use


@dataclass(frozen=True)
class Had:
    """One performer's work in one act. `key` tells the act: told twice is once."""

    key: str
    performer_id: int
    company_id: int
    gig_id: int
    about: str
    purposes: Sequence[str]


def note(had: Iterable[Had], *, kind: Use.Kind, at: datetime) -> None:
    rows = [
        Use(
            key=f"{kind}:{each.key}",
            kind=kind,
            performer_id=each.performer_id,
            company_id=each.company_id,
            gig_id=each.gig_id,
            about=each.about,
            purposes=list(each.purposes),
            at=at,
        )
        for each in had
    ]
    Use.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1_000)
