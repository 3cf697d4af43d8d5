"""The timeline is written once: the database itself refuses to change a line of it."""

from django.db import migrations

_POSTGRESQL = """
CREATE FUNCTION cases_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the timeline of a case is written once and never edited'; END $$;
CREATE TRIGGER cases_caseevent_is_final BEFORE UPDATE ON cases_caseevent FOR EACH ROW EXECUTE FUNCTION cases_refuse_edit();
"""
_SQLITE = """
CREATE TRIGGER cases_caseevent_is_final BEFORE UPDATE ON cases_caseevent
BEGIN SELECT RAISE(ABORT, 'the timeline of a case is written once and never edited'); END;
"""
_POSTGRESQL_UNDO = "DROP TRIGGER cases_caseevent_is_final ON cases_caseevent; DROP FUNCTION cases_refuse_edit();"
_SQLITE_UNDO = "DROP TRIGGER cases_caseevent_is_final;"


def protect(apps, schema_editor):
    schema_editor.execute(_POSTGRESQL if schema_editor.connection.vendor == "postgresql" else _SQLITE)


def release(apps, schema_editor):
    schema_editor.execute(_POSTGRESQL_UNDO if schema_editor.connection.vendor == "postgresql" else _SQLITE_UNDO)


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [migrations.RunPython(protect, release)]
