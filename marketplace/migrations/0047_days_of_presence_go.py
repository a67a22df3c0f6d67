"""Days of presence that are kept no longer are dropped whole, by the owner's right, and never a younger one."""

from django.db import migrations

# 6 * 366 days, as `marketplace.sessions.deliveries.KEPT_FOR`; here by the database's own clock, which no house plays with.
FORWARD = """
CREATE FUNCTION presence_drop_days(before date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '1s' AS $$
DECLARE
  until date := least(before, (now() AT TIME ZONE 'UTC')::date - 2196);
  day name;
  dropped integer := 0;
BEGIN
  FOR day IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'marketplace_presencedelivery'::regclass
      AND c.relname ~ '_[0-9]{8}$' AND right(c.relname, 8) < to_char(until, 'YYYYMMDD')
    ORDER BY c.relname LIMIT 31
  LOOP
    EXECUTE format('DROP TABLE %I', day);
    dropped := dropped + 1;
  END LOOP;
  DELETE FROM marketplace_presencedelivery_rest WHERE received_at < until::timestamp AT TIME ZONE 'UTC';
  RETURN dropped;
END $$;
"""
BACKWARD = "DROP FUNCTION presence_drop_days(date);"


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0046_works")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
