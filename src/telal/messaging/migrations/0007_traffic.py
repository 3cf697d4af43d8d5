"""Stops of sending become rows of their own, so that past ones are known; the busiest table has fewer checks and indexes to keep."""

import django.db.models.deletion
from django.db import migrations, models


def keep_stops(apps, schema_editor):
    """A stop of the time before the upgrade is still a stop."""
    state, stop = (apps.get_model("messaging", name) for name in ("ChannelState", "Stop"))
    for old in state.objects.filter(stopped_at__isnull=False):
        stop.objects.create(
            channel=old.channel, scope="all", because=old.stopped_because, needs_human=True,
            began_at=old.stopped_at, probe_at=old.probe_at or old.stopped_at,
        )


def leave_nothing_unheld(apps, schema_editor):
    """What was being sent must have a holder, or be in doubt: the database no longer empties the name of a holder that is gone."""
    message = apps.get_model("messaging", "Message")
    message.objects.filter(state="sending", sender=None).update(
        state="uncertain", due_at=models.F("created_at"), error="crashed"
    )


def leave_room(apps, schema_editor):
    """A message changes several times soon after it is written: with room on its page, that costs no index anything."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE messaging_message SET (fillfactor = 60)")


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0006_seal'),
    ]

    operations = [
        migrations.CreateModel(
            name='Stop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(max_length=20)),
                ('scope', models.CharField(choices=[('all', 'All'), ('paid', 'Paid')], max_length=4)),
                ('because', models.CharField(max_length=300)),
                ('needs_human', models.BooleanField()),
                ('began_at', models.DateTimeField()),
                ('probe_at', models.DateTimeField()),
                ('probes', models.PositiveIntegerField(default=0)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.RunPython(keep_stops, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='channelstate',
            name='probe_at',
        ),
        migrations.RemoveField(
            model_name='channelstate',
            name='stopped_at',
        ),
        migrations.RemoveField(
            model_name='channelstate',
            name='stopped_because',
        ),
        migrations.AddField(
            model_name='channelstate',
            name='pace',
            field=models.FloatField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='channelstate',
            name='slowed_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='attempt',
            name='message',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='attempts', to='messaging.message'),
        ),
        migrations.AlterField(
            model_name='message',
            name='contact',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='messaging.contact'),
        ),
        migrations.AlterField(
            model_name='message',
            name='sender',
            field=models.ForeignKey(blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, to='messaging.sender'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('sent_at__isnull', False)), fields=['contact', 'sent_at'], name='message_lately'),
        ),
        migrations.AddConstraint(
            model_name='stop',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('channel', 'scope'), name='stop_once'),
        ),
        migrations.RunPython(leave_room, migrations.RunPython.noop),
        migrations.RunPython(leave_nothing_unheld, migrations.RunPython.noop),
    ]
