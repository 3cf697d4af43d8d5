"""Entries of one user and of one action are found in the order of time: an index of both takes the place of that of the one."""

from django.db import migrations, models

_REPLACED = (["who"], ["action"])


def drop_replaced(apps, schema_editor):
    """By hand: SQLite would make the table anew, and lose the triggers that protect it."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "staff_entry")
    for name, constraint in found.items():
        if constraint["index"] and constraint["columns"] in _REPLACED:
            schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")


class Migration(migrations.Migration):
    dependencies = [("staff", "0004_audit_is_written_once")]
    operations = [
        migrations.AddIndex("entry", models.Index(fields=["who", "at", "no"], name="entry_by_who")),
        migrations.AddIndex("entry", models.Index(fields=["action", "at", "no"], name="entry_by_action")),
        migrations.SeparateDatabaseAndState(
            [migrations.RunPython(drop_replaced, migrations.RunPython.noop)],
            [
                migrations.AlterField("entry", "who", models.CharField(max_length=150)),
                migrations.AlterField("entry", "action", models.CharField(max_length=100)),
            ],
        ),
    ]
