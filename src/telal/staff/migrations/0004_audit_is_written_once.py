"""The audit log is only appended to: the database itself refuses to change a line, and to drop one before its time.

The time is over for what a cut has gone past, and never within a year.
"""

from django.db import migrations

_TABLES = ("staff_entry", "staff_mention", "staff_cut")
_REFUSAL = "the audit log is only appended to"
_NOT_CUT = "{no} > COALESCE((SELECT max(through) FROM staff_cut), 0)"

_POSTGRESQL = [
    f"""
    CREATE FUNCTION staff_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$
    """,
    f"""
    CREATE FUNCTION staff_refuse_early_end() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF {_NOT_CUT.format(no="OLD.no")} OR OLD.at > now() - interval '365 days' THEN RAISE EXCEPTION '{_REFUSAL}'; END IF;
        RETURN OLD;
    END $$
    """,
    f"""
    CREATE FUNCTION staff_refuse_early_forgetting() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF {_NOT_CUT.format(no="OLD.entry_id")} THEN RAISE EXCEPTION '{_REFUSAL}'; END IF;
        RETURN OLD;
    END $$
    """,
    *(
        f"CREATE TRIGGER {table}_is_final BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION staff_refuse_edit()"
        for table in _TABLES
    ),
    "CREATE TRIGGER staff_entry_stays BEFORE DELETE ON staff_entry FOR EACH ROW EXECUTE FUNCTION staff_refuse_early_end()",
    "CREATE TRIGGER staff_mention_stays BEFORE DELETE ON staff_mention FOR EACH ROW EXECUTE FUNCTION staff_refuse_early_forgetting()",
    "CREATE TRIGGER staff_cut_stays BEFORE DELETE ON staff_cut FOR EACH ROW EXECUTE FUNCTION staff_refuse_edit()",
]
_RAISE = f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
_SQLITE = [
    *(f"CREATE TRIGGER {table}_is_final BEFORE UPDATE ON {table} {_RAISE}" for table in _TABLES),
    f"""
    CREATE TRIGGER staff_entry_stays BEFORE DELETE ON staff_entry
    WHEN {_NOT_CUT.format(no="OLD.no")} OR OLD.at > datetime('now', '-365 days') {_RAISE}
    """,
    f"CREATE TRIGGER staff_mention_stays BEFORE DELETE ON staff_mention WHEN {_NOT_CUT.format(no='OLD.entry_id')} {_RAISE}",
    f"CREATE TRIGGER staff_cut_stays BEFORE DELETE ON staff_cut {_RAISE}",
]


def _triggers():
    yield from ((f"{table}_is_final", table) for table in _TABLES)
    yield from ((f"{table}_stays", table) for table in _TABLES)


def protect(apps, schema_editor):
    statements = _POSTGRESQL if schema_editor.connection.vendor == "postgresql" else _SQLITE
    for statement in statements:
        schema_editor.execute(statement)


def release(apps, schema_editor):
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    for trigger, table in _triggers():
        schema_editor.execute(f"DROP TRIGGER {trigger} ON {table}" if on_postgresql else f"DROP TRIGGER {trigger}")
    if on_postgresql:
        for function in ("staff_refuse_edit", "staff_refuse_early_end", "staff_refuse_early_forgetting"):
            schema_editor.execute(f"DROP FUNCTION {function}")


class Migration(migrations.Migration):
    dependencies = [("staff", "0003_audit_log_and_guesses")]
    operations = [migrations.RunPython(protect, release)]
