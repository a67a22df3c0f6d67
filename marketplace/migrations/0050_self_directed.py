"""A gig whose performers direct themselves: one seat, and once it was on the board it stays so, as people signed it."""

from django.db import migrations, models

FORWARD = """
CREATE FUNCTION gig_is_directed_as_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'who directs a gig stays as it was published'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'gig_is_directed_as_published';
END $$;
CREATE TRIGGER gig_is_directed_as_published BEFORE UPDATE ON marketplace_gig FOR EACH ROW
  WHEN (OLD.published_at IS NOT NULL AND OLD.self_directed IS DISTINCT FROM NEW.self_directed)
  EXECUTE FUNCTION gig_is_directed_as_published();
"""
BACKWARD = """
DROP TRIGGER gig_is_directed_as_published ON marketplace_gig;
DROP FUNCTION gig_is_directed_as_published();
"""


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0049_benchmarks")]

    operations = [
        migrations.AddField(
            model_name="gig",
            name="self_directed",
            field=models.BooleanField(
                default=False,
                help_text="The one performer of a session directs it alone: nobody of the company need be in the room. It stays as "
                "published: a trigger holds it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="gig",
            constraint=models.CheckConstraint(
                condition=models.Q(("self_directed", False), ("seats", 1), _connector="OR"),
                name="who_directs_themself_plays_alone",
            ),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
