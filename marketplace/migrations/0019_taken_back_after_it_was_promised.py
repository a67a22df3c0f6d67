"""Money that is taken back at Stripe may have been promised: a gig then has less than it has committed. What it commits
still never grows beyond what it has."""

from django.db import migrations, models

FORWARD = """
CREATE FUNCTION gig_commits_what_it_has() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.committed_minor > OLD.committed_minor AND NEW.committed_minor > NEW.funded_minor + NEW.credit_minor THEN
    RAISE EXCEPTION 'a gig commits more than it has'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'gig_commits_within_funding';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER gig_commits_within_funding BEFORE UPDATE OF committed_minor ON marketplace_gig
  FOR EACH ROW EXECUTE FUNCTION gig_commits_what_it_has();
"""
BACKWARD = """
DROP TRIGGER gig_commits_within_funding ON marketplace_gig;
DROP FUNCTION gig_commits_what_it_has();
"""


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0018_late_lines_and_two_readings")]

    operations = [
        migrations.RemoveConstraint(model_name="gig", name="gig_commits_within_funding"),
        migrations.AlterField(
            model_name="gig",
            name="committed_minor",
            field=models.BigIntegerField(
                default=0,
                help_text="The most that the booked sessions can cost, fees included. It never grows beyond what is set aside and "
                "lent; a refund or a dispute may leave less than was promised (a trigger holds it, migration 0019).",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
