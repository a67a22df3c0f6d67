"""Signed terms stay as they were read, whoever tries to change them."""

import pytest
from django.db import IntegrityError, transaction

from marketplace.engagements.models import Terms
from tests import stories


@pytest.mark.django_db
class TestSignedTerms:
    @pytest.mark.parametrize(
        "change", [{"rate_minor": 1}, {"text": "other"}, {"company_signature": "Someone else"}]
    )
    def test_are_never_changed(self, change: dict[str, object]) -> None:
        terms = stories.an_active_engagement(stories.a_gig(stories.a_company())).versions.get()
        with pytest.raises(IntegrityError, match="signed terms are never changed"), transaction.atomic():
            Terms.objects.filter(pk=terms.pk).update(**change)

    def test_are_never_deleted(self) -> None:
        terms = stories.accepts(stories.a_performer(), stories.a_gig(stories.a_company())).versions.get()
        with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
            Terms.objects.filter(pk=terms.pk).delete()
