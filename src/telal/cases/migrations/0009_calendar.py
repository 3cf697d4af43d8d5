"""The office's calendar, whose tables come from ``conversation`` (its 0002)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0008_names'),
        ('conversation', '0002_hours_belong_to_cases'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(state_operations=[
            migrations.CreateModel(
                name='HolidayChoice',
                fields=[
                    ('day', models.DateField(primary_key=True, serialize=False)),
                    ('worked', models.BooleanField()),
                ],
            ),
            migrations.CreateModel(
                name='WeekDay',
                fields=[
                    ('weekday', models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                    ('hours', models.CharField(blank=True, max_length=100)),
                ],
            ),
            migrations.CreateModel(
                name='Exceptional',
                fields=[
                    ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                    ('first_day', models.DateField()),
                    ('last_day', models.DateField()),
                    ('hours', models.CharField(blank=True, max_length=100)),
                    ('reason', models.CharField(blank=True, max_length=100)),
                ],
                options={
                    'constraints': [models.CheckConstraint(condition=models.Q(('last_day__gte', models.F('first_day'))), name='exceptional_days_in_order')],
                },
            ),
        ]),
    ]
