"""Work lists: open cases of an officer, of a department, of all, by section and deadline. A closed case is in none of them."""

import datetime

from django.db import migrations, models
from django.db.models.functions import Coalesce

_SECTIONS = (
    (("awaiting_other_body",), 1),
    (("awaiting_applicant", "suspended"), 2),
    (("received", "assigned"), 3),
    (("in_progress", "inspection_or_hearing", "remanded"), 4),
    (("decided", "dispatched", "ready_for_pickup", "served", "appealed"), 5),
)


def _index(name, *first):
    whens = [models.When(status__in=statuses, then=models.Value(number)) for statuses, number in _SECTIONS]
    return models.Index(
        *first,
        models.Case(*whens, output_field=models.IntegerField()),
        Coalesce("due_on", models.Value(datetime.date(9999, 12, 31))),
        "id",
        name=name,
        condition=models.Q(status__in=tuple(status for statuses, _ in _SECTIONS for status in statuses)),
    )


class Migration(migrations.Migration):
    dependencies = [("cases", "0016_notes_are_written_once")]
    operations = [
        migrations.AddIndex("case", _index("open_of_officer", "officer")),
        migrations.AddIndex("case", _index("open_of_department", "department")),
        migrations.AddIndex("case", _index("open_of_all")),
    ]
