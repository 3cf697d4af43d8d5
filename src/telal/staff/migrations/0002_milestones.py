from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('staff', '0001_members'),
    ]

    operations = [
        migrations.CreateModel(
            name='Milestone',
            fields=[
                ('code', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('about', models.CharField(blank=True, max_length=64)),
                ('settled_by', models.CharField(max_length=150)),
                ('settled_at', models.DateTimeField()),
            ],
        ),
    ]
