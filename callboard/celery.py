import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callboard.settings.local")

app = Celery("callboard")
app.config_from_object("django.conf:settings", namespace="CELERY_NOTHING")


def _configure() -> None:
    from django.conf import settings  # noqa: PLC0415 -- the settings module must be named first

    app.conf.update(settings.CELERY, broker_url=settings.REDIS_URL)


_configure()
app.autodiscover_tasks(["accounts", "marketplace", "payments"])
