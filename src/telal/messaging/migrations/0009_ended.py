"""Finding out quickly whom to call: past messages that ended are few among the sent."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0008_open_lines'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('ended_at__isnull', False)), fields=['-id'], name='message_ended'),
        ),
    ]
