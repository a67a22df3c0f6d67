"""The lock that a seal takes, by the owner's right: who only writes the trail may not lock it by their own."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION audit_wait_for_writers() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  LOCK TABLE accounts_auditevent IN SHARE MODE;
END $$;
"""
BACKWARD = "DROP FUNCTION audit_wait_for_writers();"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_second_factor")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
