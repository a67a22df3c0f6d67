"""Only to collect static files while an image is built: no database, no secret."""

from callboard.settings.base import *  # noqa: F403

SECRET_KEY = "only-to-collect-static-files"  # noqa: S105 -- nothing is signed with it
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
