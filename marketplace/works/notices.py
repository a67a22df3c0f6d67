"""Who is told of a piece, and of what: once of each step, however often it is pressed."""

from datetime import datetime

from accounts.companies.notices import tell_company
from accounts.notifications.news import About
from accounts.notifications.operations import notify
from accounts.notifications.piece_kinds import PieceKind
from marketplace.works.models import Commission


def tell_performer(piece: Commission, kind: PieceKind, about: About, *, step: str = "", at: datetime) -> None:
    notify(
        kind=kind,
        user_id=piece.performer.user_id,
        key=_key(piece, kind, step),
        about={"piece": piece.title, **about},
        where={"commission_id": piece.public_id},
        at=at,
    )


def tell_its_company(
    piece: Commission, kind: PieceKind, about: About, *, step: str = "", at: datetime
) -> None:
    tell_company(
        kind=kind,
        company_id=piece.engagement.company_id,
        key=_key(piece, kind, step),
        about={"piece": piece.title, "performer": piece.performer.stage_name, **about},
        where={"commission_id": piece.public_id},
        at=at,
    )


def _key(piece: Commission, kind: PieceKind, step: str) -> str:
    """`step` tells apart what happens to one piece more than once: by the version, or the day."""
    return f"piece:{piece.public_id}:{kind.name.lower()}:{step}"
