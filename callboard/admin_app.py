"""Apart from the door itself, because Django reads this before any model."""

from django.contrib.admin.apps import AdminConfig


class BackDoorConfig(AdminConfig):
    """The admin, through our own door."""

    default_site = "callboard.back_door.BackDoor"
