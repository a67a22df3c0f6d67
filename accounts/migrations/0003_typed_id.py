from django.db import migrations

FORWARD = """
-- `prf_01k…`: the public id of a row, as Python writes it (Crockford's base 32 over the 128 bits).
CREATE OR REPLACE FUNCTION callboard_typed_id(prefix text, id uuid) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT prefix || '_' || string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz', value + 1, 1), '' ORDER BY place)
  FROM (
    SELECT place, substring(bits FROM place * 5 + 1 FOR 5)::bit(5)::int AS value
    FROM (SELECT B'00' || ('x' || replace(id::text, '-', ''))::bit(128) AS bits) AS all_bits, generate_series(0, 25) AS place
  ) AS letters
$$;
"""
BACKWARD = "DROP FUNCTION callboard_typed_id(text, uuid)"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_immutable_audit")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
