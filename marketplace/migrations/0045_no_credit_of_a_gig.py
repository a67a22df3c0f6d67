"""A gig had a figure for credit of its own, which nothing ever wrote: what a company draws on terms is set aside as any other
money, so what a gig has is what is set aside."""

from django.db import migrations, models

FORWARD = """
CREATE OR REPLACE FUNCTION gig_commits_what_it_has() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.committed_minor > OLD.committed_minor AND NEW.committed_minor > NEW.funded_minor THEN
    RAISE EXCEPTION 'a gig commits more than it has'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'gig_commits_within_funding';
  END IF;
  RETURN NEW;
END $$;
"""
BACKWARD = """
CREATE OR REPLACE FUNCTION gig_commits_what_it_has() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.committed_minor > OLD.committed_minor AND NEW.committed_minor > NEW.funded_minor + NEW.credit_minor THEN
    RAISE EXCEPTION 'a gig commits more than it has'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'gig_commits_within_funding';
  END IF;
  RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0044_labels")]

    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RemoveConstraint(model_name="gig", name="gig_money_is_not_negative"),
        migrations.RemoveField(model_name="gig", name="credit_minor"),
        migrations.AddConstraint(
            model_name="gig",
            constraint=models.CheckConstraint(
                condition=models.Q(("committed_minor__gte", 0), ("funded_minor__gte", 0)),
                name="gig_money_is_not_negative",
            ),
        ),
        migrations.AlterField(
            model_name="gig",
            name="committed_minor",
            field=models.BigIntegerField(
                default=0,
                help_text="The most that the booked sessions can cost, fees included. It never grows beyond what is set aside; a refund or "
                "a dispute may leave less than was promised (a trigger holds it, migration 0045).",
            ),
        ),
    ]
