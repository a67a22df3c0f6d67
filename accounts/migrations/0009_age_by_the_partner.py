"""A statement of being 18 gives way to the partner's word, and the moment of a suspension to its row."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_vetting")]

    operations = [
        migrations.RemoveField(model_name="performer", name="adult_confirmed_at"),
        migrations.RemoveField(model_name="performer", name="suspended_at"),
    ]
