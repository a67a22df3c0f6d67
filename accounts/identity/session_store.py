"""Sessions as Django keeps them, but for how long: by the real clock, whatever day a laptop's house plays."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

# Why as long: callboard/decisions/0009-asvs.md. What a stolen session must not do asks for a proof of five minutes anyhow.
IDLE = timedelta(days=7)
LIFETIME = timedelta(days=14)
NOTED_EVERY = timedelta(hours=1)
BEGAN = "began"


class SessionStore(db.SessionStore):
    """Ends a session that was not used for `IDLE`, and each `LIFETIME` after its log-in or last proof, in use or not."""

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        began = data.setdefault(BEGAN, timezone.now().isoformat())
        row = super().create_model_instance(data)
        row.expire_date = min(row.expire_date, _ends_at(began))
        return row

    def cycle_key(self) -> None:
        self.pop(BEGAN, None)
        super().cycle_key()

    def _get_session_from_db(self) -> AbstractBaseSession | None:
        row: AbstractBaseSession | None = super()._get_session_from_db()  # type: ignore[misc] # the stubs leave it out
        if row is not None and row.expire_date - timezone.now() < IDLE - NOTED_EVERY:
            self._note_use(row)
        return row

    def _note_use(self, row: AbstractBaseSession) -> None:
        began = self.decode(row.session_data).get(BEGAN)
        if began is not None:
            row.expire_date = _ends_at(began)
            row.save(update_fields=["expire_date"])


def _ends_at(began: str) -> datetime:
    return min(timezone.now() + IDLE, datetime.fromisoformat(began) + LIFETIME)
