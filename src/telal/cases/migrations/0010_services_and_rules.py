"""What sets the time for deciding: services, and the rules of procedures."""

import django.core.validators
from django.db import migrations, models

KINDS = [('administrative', 'Upravni postupak'), ('non_administrative', 'Vanupravni predmet'), ('certificate', 'Uvjerenje ili izvod')]
PROCEDURES = [
    ('shortened', 'Skraćeni postupak'),
    ('ordinary', 'Redovni postupak'),
    ('special', 'Poseban ispitni postupak'),
    ('from_records', 'Uvjerenje iz službene evidencije'),
    ('of_facts', 'Uvjerenje o činjenicama izvan evidencije'),
    ('information', 'Pristup informacijama'),
    ('other', 'Ostalo, vanupravno'),
]
DAYS = {
    'shortened': 15,
    'ordinary': 30,
    'special': 60,
    'from_records': 5,
    'of_facts': 8,
    'information': 8,
    'other': None,
    'remanded': 15,
    'opinion': 15,
    'appeal': 15,
}


def days(**options):
    validators = [django.core.validators.MaxValueValidator(3650)]
    return models.PositiveSmallIntegerField(blank=True, null=True, validators=validators, **options)


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0009_calendar'),
    ]

    operations = [
        migrations.CreateModel(
            name='Service',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(blank=True, max_length=40)),
                ('name', models.CharField(max_length=200, unique=True)),
                ('kind', models.CharField(choices=KINDS, default='administrative', max_length=20)),
                ('procedure', models.CharField(choices=PROCEDURES, default='ordinary', max_length=20)),
                ('days', days()),
                ('completeness_days', days()),
                ('sensitive', models.BooleanField(default=False)),
                ('active', models.BooleanField(default=True)),
            ],
            options={
                'ordering': ['name'],
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('code', ''), _negated=True), fields=('code',), name='service_code_once'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DeadlineRules',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                *((name, days(default=number)) for name, number in DAYS.items()),
                ('opinion_extends', models.BooleanField(default=True)),
                ('complete_when_received', models.BooleanField(default=True)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='deadline_rules_once')],
            },
        ),
    ]
