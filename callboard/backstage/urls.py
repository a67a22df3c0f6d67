from django.urls import path

from callboard.backstage import pages

urlpatterns = [
    path("_gallery/", pages.gallery, name="gallery"),
    path("mail/", pages.mail, name="mail"),
    path("phones/", pages.phones, name="phones"),
]
