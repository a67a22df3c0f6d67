import os

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callboard.settings.local")

app = Celery("callboard")
app.conf.update(settings.CELERY, broker_url=settings.REDIS_URL)
app.autodiscover_tasks(["accounts", "marketplace", "payments"])
