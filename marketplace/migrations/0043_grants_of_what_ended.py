"""What was granted with terms that both never signed, by engagements that ended before the house knew that this is an end."""

from django.db import migrations
from django.utils import timezone

BY = "system:rights"


def end_what_is_left(apps, schema_editor):
    """As `rights.supersede` does it since; the receipt of each is issued by the next sweep."""
    grants = apps.get_model("marketplace", "Grant").objects
    events = apps.get_model("marketplace", "GrantEvent").objects
    audit = apps.get_model("accounts", "AuditEvent").objects
    at = timezone.now()
    left = grants.filter(state="given", application__engagement__state="terminated")
    for grant in left.order_by("id"):
        grants.filter(pk=grant.pk).update(state="superseded", superseded_at=at)
        events.create(grant=grant, kind="superseded", at=at, by=BY, text_sha256=grant.text_sha256)
        audit.create(
            at=at,
            actor=BY,
            verb="grant.superseded",
            thing=str(grant.public_id),
            from_state="given",
            to_state="superseded",
            reason="The engagement ended before both had signed.",
        )


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0042_provenance"), ("accounts", "0018_appeals_of_a_second_no")]

    operations = [migrations.RunPython(end_what_is_left, migrations.RunPython.noop)]
