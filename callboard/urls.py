"""Every address of the site. A route says itself who may call it; see the access matrix in the tests."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("_allauth/", include("allauth.headless.urls")),
    path("admin/", admin.site.urls),
]
handler403 = "callboard.refusals.forbidden"
handler404 = "callboard.refusals.not_found"
handler500 = "callboard.refusals.failed"
