"""What the municipality says in its own words: versions that are written once, as the database itself makes sure."""

from django.db import migrations, models

_POSTGRESQL = """
CREATE FUNCTION conversation_refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a version of a text is written once and never edited'; END $$;
CREATE TRIGGER conversation_wording_is_final BEFORE UPDATE ON conversation_wording
FOR EACH ROW EXECUTE FUNCTION conversation_refuse_edit();
"""
_SQLITE = """
CREATE TRIGGER conversation_wording_is_final BEFORE UPDATE ON conversation_wording
BEGIN SELECT RAISE(ABORT, 'a version of a text is written once and never edited'); END;
"""
_POSTGRESQL_UNDO = (
    "DROP TRIGGER conversation_wording_is_final ON conversation_wording; DROP FUNCTION conversation_refuse_edit();"
)
_SQLITE_UNDO = "DROP TRIGGER conversation_wording_is_final;"


def protect(apps, schema_editor):
    schema_editor.execute(_POSTGRESQL if schema_editor.connection.vendor == "postgresql" else _SQLITE)


def release(apps, schema_editor):
    schema_editor.execute(_POSTGRESQL_UNDO if schema_editor.connection.vendor == "postgresql" else _SQLITE_UNDO)


class Migration(migrations.Migration):
    dependencies = [("conversation", "0002_hours_belong_to_cases")]
    operations = [
        migrations.CreateModel(
            name="Wording",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("app", models.CharField(max_length=20)),
                ("part", models.CharField(max_length=5)),
                ("language", models.CharField(max_length=2)),
                ("name", models.CharField(max_length=60)),
                ("template", models.TextField(blank=True)),
                ("after", models.PositiveBigIntegerField()),
                ("saved_at", models.DateTimeField()),
                ("saved_by", models.CharField(max_length=150)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["app", "part", "language", "name", "after"], name="wording_in_line"
                    )
                ]
            },
        ),
        migrations.RunPython(protect, release),
    ]
