"""The office's calendar is the deadlines' business, too: its tables go, with all they hold, to ``cases`` (its 0009)."""

from django.db import migrations

TABLES = {'WeekDay': 'cases_weekday', 'Exceptional': 'cases_exceptional', 'HolidayChoice': 'cases_holidaychoice'}


class Migration(migrations.Migration):

    dependencies = [
        ('conversation', '0001_questions_and_hours'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable(name, table) for name, table in TABLES.items()],
            state_operations=[migrations.DeleteModel(name) for name in TABLES],
        ),
    ]
