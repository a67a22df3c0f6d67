from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower, Now

from accounts.access.roles import Staff
from accounts.identity.names import LONGEST_EMAIL, LONGEST_NAME
from accounts.identity.zones import LONGEST_ZONE, validate_zone
from kit.ids import TypedIdField


class UserManager(BaseUserManager["User"]):
    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in: by mail address, in a time zone."""

    public_id = TypedIdField(prefix="usr")
    email = models.EmailField(max_length=LONGEST_EMAIL, unique=True)
    name = models.CharField(max_length=LONGEST_NAME)
    time_zone = models.CharField(max_length=LONGEST_ZONE, default="UTC", validators=[validate_zone])
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="May open the admin.")
    joined_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_user_per_email")]

    def __str__(self) -> str:
        return self.public_id

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email


class FormerAddress(models.Model):
    """An address that was the account's until somebody changed it. Whoever reads it is told, and can undo that.

    Kept while the change can be undone: as long, news of weight go there too, and nobody else signs up with it.
    """

    public_id = TypedIdField(prefix="adr")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="former_addresses")
    email = models.EmailField(max_length=LONGEST_EMAIL)
    until = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    mail_due_at = models.DateTimeField(null=True, blank=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["until"], name="former_address_age"),
            models.Index(Lower("email"), name="former_address_email"),
        ]

    def __str__(self) -> str:
        return self.public_id


class StaffRole(models.Model):
    """What a member of the house may do. Nobody has a role by being a superuser."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="staff_roles")
    role = models.CharField(max_length=20, choices=Staff)
    granted_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="one_staff_role_per_user"),
            models.CheckConstraint(condition=models.Q(role__in=Staff.values), name="staff_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.role}"
