from django.apps import AppConfig


class CallboardConfig(AppConfig):
    """No models: the composition root with its commands, templates and static files."""

    name = "callboard"
