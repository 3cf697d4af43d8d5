"""Notes of the timeline are kept sealed. A line is still written once; only its note may be sealed anew, with another key."""

from django.db import migrations

from telal.sealing.fields import SealedTextField
from telal.sealing.upgrade import sealing

_REFUSAL = "the timeline of a case is written once and never edited"
_SAME_KEY_OR_OPEN = (
    "substr(OLD.note, 1, 7) <> 'sealed:' OR substr(NEW.note, 1, 7) <> 'sealed:' "
    "OR substr(OLD.note, 1, 16) = substr(NEW.note, 1, 16)"
)


def release(apps, schema_editor):
    on_table = " ON cases_caseevent" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP TRIGGER cases_caseevent_is_final{on_table}")


def release_all(apps, schema_editor):
    release(apps, schema_editor)
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER cases_caseevent_note_is_final")


def protect(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        changed = f"{_SAME_KEY_OR_OPEN} OR to_jsonb(OLD) - 'note' IS DISTINCT FROM to_jsonb(NEW) - 'note'"
        schema_editor.execute(
            "CREATE TRIGGER cases_caseevent_is_final BEFORE UPDATE ON cases_caseevent "
            f"FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION cases_refuse_edit()"
        )
        return
    columns = [field.column for field in apps.get_model("cases", "CaseEvent")._meta.local_fields]
    columns.remove("note")
    for name, event in (
        ("is_final", f"UPDATE OF {', '.join(columns)} ON cases_caseevent"),
        ("note_is_final", f"UPDATE OF note ON cases_caseevent WHEN {_SAME_KEY_OR_OPEN}"),
    ):
        schema_editor.execute(
            f"CREATE TRIGGER cases_caseevent_{name} BEFORE {event} BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
        )


def protect_all(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        event = "BEFORE UPDATE ON cases_caseevent FOR EACH ROW EXECUTE FUNCTION cases_refuse_edit()"
    else:
        event = f"BEFORE UPDATE ON cases_caseevent BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
    schema_editor.execute(f"CREATE TRIGGER cases_caseevent_is_final {event}")


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_sealed")]
    operations = [
        migrations.RunPython(release, protect_all),
        # Text before and after: the table is not copied for it, which on SQLite would lose its triggers.
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.AlterField("caseevent", "note", SealedTextField(blank=True))]
        ),
        sealing("cases_caseevent", "note"),
        migrations.RunPython(protect, release_all),
    ]
