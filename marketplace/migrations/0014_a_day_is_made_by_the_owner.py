"""A day's partition of presence, by the owner's right: who only reads and writes rows makes no tables."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION presence_make_day(day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  name text := 'marketplace_presencedelivery_' || to_char(day, 'YYYYMMDD');
BEGIN
  IF to_regclass(name) IS NOT NULL THEN
    RETURN false;
  END IF;
  EXECUTE format('CREATE TABLE %I PARTITION OF marketplace_presencedelivery FOR VALUES FROM (%L) TO (%L)',
    name, day::text || ' 00:00+00', (day + 1)::text || ' 00:00+00');
  RETURN true;
END $$;
"""
BACKWARD = "DROP FUNCTION presence_make_day(date);"


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0013_proposed_holds")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
