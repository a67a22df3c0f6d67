"""What was signed is never changed: an amendment is the next version."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION refuse_change_of_signed_terms() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.company_signed_at IS NOT NULL
     OR (OLD.performer_signed_at IS NOT NULL
         AND (OLD.text_sha256, OLD.text, OLD.rate_minor, OLD.policy, OLD.purposes, OLD.performer_signed_at, OLD.performer_signature)
             IS DISTINCT FROM
             (NEW.text_sha256, NEW.text, NEW.rate_minor, NEW.policy, NEW.purposes, NEW.performer_signed_at, NEW.performer_signature))
  THEN
    RAISE EXCEPTION 'signed terms are never changed; an amendment is the next version'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER signed_terms_stay BEFORE UPDATE ON marketplace_terms
  FOR EACH ROW EXECUTE FUNCTION refuse_change_of_signed_terms();
CREATE TRIGGER terms_are_never_deleted BEFORE DELETE ON marketplace_terms
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
BACKWARD = """
DROP TRIGGER signed_terms_stay ON marketplace_terms;
DROP TRIGGER terms_are_never_deleted ON marketplace_terms;
DROP FUNCTION refuse_change_of_signed_terms();
"""


class Migration(migrations.Migration):
    dependencies = [("marketplace", "0004_presence_by_day"), ("accounts", "0002_immutable_audit")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
