"""How somebody was told in another way stands with the message from now on."""

from django.db import migrations

_MOVE = """
UPDATE messaging_message SET
    settled_at = (SELECT n.settled_at FROM notices_notice n WHERE n.message_id = messaging_message.id),
    settled_by = (SELECT n.settled_by FROM notices_notice n WHERE n.message_id = messaging_message.id)
WHERE id IN (SELECT message_id FROM notices_notice WHERE settled_at IS NOT NULL AND message_id IS NOT NULL)
"""


class Migration(migrations.Migration):
    dependencies = [("notices", "0006_representatives"), ("messaging", "0013_settled")]
    operations = [
        migrations.RunSQL(_MOVE, migrations.RunSQL.noop),
        migrations.RemoveField("notice", "settled_at"),
        migrations.RemoveField("notice", "settled_by"),
    ]
