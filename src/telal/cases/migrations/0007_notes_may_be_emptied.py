"""The timeline is still written once; but a note with personal data may be emptied, and nothing else of its line be touched."""

from django.db import migrations

_REFUSAL = "the timeline of a case is written once and never edited"
_SAME_KEY_OR_OPEN = (
    "substr(OLD.note, 1, 7) <> 'sealed:' OR substr(NEW.note, 1, 7) <> 'sealed:' "
    "OR substr(OLD.note, 1, 16) = substr(NEW.note, 1, 16)"
)
_NOT_EMPTIED = f"NEW.note <> '' AND ({_SAME_KEY_OR_OPEN})"


def _protect_notes(schema_editor, unless):
    if schema_editor.connection.vendor == "postgresql":
        changed = f"({unless}) OR to_jsonb(OLD) - 'note' IS DISTINCT FROM to_jsonb(NEW) - 'note'"
        schema_editor.execute("DROP TRIGGER cases_caseevent_is_final ON cases_caseevent")
        schema_editor.execute(
            "CREATE TRIGGER cases_caseevent_is_final BEFORE UPDATE ON cases_caseevent "
            f"FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION cases_refuse_edit()"
        )
        return
    schema_editor.execute("DROP TRIGGER cases_caseevent_note_is_final")
    schema_editor.execute(
        f"CREATE TRIGGER cases_caseevent_note_is_final BEFORE UPDATE OF note ON cases_caseevent WHEN {unless} "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    )


def allow_emptying(apps, schema_editor):
    _protect_notes(schema_editor, _NOT_EMPTIED)


def refuse_emptying(apps, schema_editor):
    _protect_notes(schema_editor, _SAME_KEY_OR_OPEN)


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_sealed_notes")]
    operations = [migrations.RunPython(allow_emptying, refuse_emptying)]
