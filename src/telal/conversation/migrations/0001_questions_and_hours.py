"""Questions for the staff, and their working hours."""

import django.db.models.deletion
import telal.sealing.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('messaging', '0010_people_choose'),
    ]

    operations = [
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
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('question', 'pitanje'), ('erasure', 'zahtjev za brisanje podataka')], max_length=10)),
                ('text', telal.sealing.fields.SealedTextField(blank=True)),
                ('asked_at', models.DateTimeField()),
                ('due_on', models.DateField(blank=True, null=True)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answered_by', models.CharField(blank=True, max_length=150)),
                ('contact', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='messaging.contact')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('answered_at__isnull', True)), fields=['id'], name='question_open')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('answered_at__isnull', True), ('kind', 'erasure')), fields=('contact',), name='erasure_asked_once')],
            },
        ),
    ]
