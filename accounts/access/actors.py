"""Who is acting: a person, an API key of a company, or the house itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from accounts.companies.models import Company, Membership
from accounts.identity.models import StaffRole
from accounts.performers.models import Performer
from kit.errors import Forbidden, NotFound

if TYPE_CHECKING:
    from accounts.access.models import ApiKey
    from accounts.identity.models import User

Role = Membership.Role
Staff = StaffRole.Role


@dataclass(frozen=True)
class Actor:
    """Roles are read once per request, when first asked for.

    `proved_at`: when this person last gave a password or second factor; None when never in this session, or by a key.
    """

    user: User | None = None
    key: ApiKey | None = None
    system: str = ""
    proved_at: datetime | None = None

    @classmethod
    def of_system(cls, name: str) -> Actor:
        """The house acting by itself: a task, a webhook, a command."""
        return cls(system=name)

    @classmethod
    def anonymous(cls) -> Actor:
        return cls()

    @property
    def label(self) -> str:
        """How the audit trail names this actor."""
        if self.key is not None:
            return self.key.public_id
        return (
            self.user.public_id
            if self.user is not None
            else f"system:{self.system}"
            if self.system
            else "anonymous"
        )

    @property
    def user_id(self) -> int | None:
        return self.user.pk if self.user is not None else None

    @property
    def zone(self) -> str:
        """The zone in which the actor reads times."""
        return self.user.time_zone if self.user is not None else "UTC"

    @property
    def is_system(self) -> bool:
        return bool(self.system)

    @property
    def is_anonymous(self) -> bool:
        return self.user is None and self.key is None and not self.system

    @cached_property
    def performer(self) -> Performer | None:
        if self.user is None:
            return None
        return Performer.objects.filter(user_id=self.user.pk).first()

    @cached_property
    def roles(self) -> dict[int, str]:
        """The role in each company, by the company's key."""
        if self.key is not None:
            return {self.key.company_id: Role.PRODUCER}
        if self.user is None:
            return {}
        return dict(Membership.objects.filter(user_id=self.user.pk).values_list("company_id", "role"))

    @property
    def company_ids(self) -> list[int]:
        return list(self.roles)

    @cached_property
    def companies(self) -> list[Company]:
        return list(Company.objects.filter(pk__in=self.company_ids).order_by("name"))

    @cached_property
    def staff_roles(self) -> frozenset[str]:
        if self.user is None:
            return frozenset()
        return frozenset(StaffRole.objects.filter(user_id=self.user.pk).values_list("role", flat=True))

    @property
    def is_staff(self) -> bool:
        return bool(self.staff_roles)

    @property
    def is_finance(self) -> bool:
        return Staff.FINANCE in self.staff_roles

    @property
    def is_talent(self) -> bool:
        return Staff.TALENT in self.staff_roles

    def require_company(self, company_id: int, *roles: str) -> None:
        """Raise NotFound (404) for another's company, Forbidden (403) without one of `roles` (any, when none is named)."""
        if self.is_system:
            return
        role = self.roles.get(company_id)
        if role is None:
            raise NotFound
        if roles and role not in roles:
            raise Forbidden(f"This takes {' or '.join(roles)} of the company; you are {role}.")

    def require_performer(self, performer_id: int) -> None:
        """Raise NotFound (404) unless the actor is that performer."""
        if self.is_system:
            return
        if self.performer is None or self.performer.pk != performer_id:
            raise NotFound

    def require_finance(self) -> None:
        if not (self.is_finance or self.is_system):
            raise Forbidden("This is finance's to do.")
