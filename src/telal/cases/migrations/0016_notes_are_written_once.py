"""Notes are written once: one may be sealed anew with another key, or be emptied when it holds personal data, and no more."""

from django.db import migrations

_REFUSAL = "a note is written once and never edited"
_NOT_EMPTIED = (
    "NEW.text <> '' AND (substr(OLD.text, 1, 7) <> 'sealed:' OR substr(NEW.text, 1, 7) <> 'sealed:' "
    "OR substr(OLD.text, 1, 16) = substr(NEW.text, 1, 16))"
)


def protect(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        changed = f"({_NOT_EMPTIED}) OR to_jsonb(OLD) - 'text' IS DISTINCT FROM to_jsonb(NEW) - 'text'"
        schema_editor.execute(
            "CREATE FUNCTION cases_refuse_note_edit() RETURNS trigger LANGUAGE plpgsql AS $$ "
            f"BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
        )
        schema_editor.execute(
            "CREATE TRIGGER cases_note_is_final BEFORE UPDATE ON cases_note "
            f"FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION cases_refuse_note_edit()"
        )
        return
    columns = [field.column for field in apps.get_model("cases", "Note")._meta.local_fields]
    columns.remove("text")
    for name, event in (
        ("is_final", f"UPDATE OF {', '.join(columns)} ON cases_note"),
        ("text_is_final", f"UPDATE OF text ON cases_note WHEN {_NOT_EMPTIED}"),
    ):
        schema_editor.execute(
            f"CREATE TRIGGER cases_note_{name} BEFORE {event} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )


def release(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER cases_note_is_final ON cases_note")
        schema_editor.execute("DROP FUNCTION cases_refuse_note_edit()")
        return
    for name in ("is_final", "text_is_final"):
        schema_editor.execute(f"DROP TRIGGER cases_note_{name}")


class Migration(migrations.Migration):
    dependencies = [("cases", "0015_notes")]
    operations = [migrations.RunPython(protect, release)]
