"""A system that traces its own requests finds ours under the same id."""

from telal.cases.models import CaseEvent

THEIRS = "0af7651916cd43dd8448eb211c80319c"


def test_what_a_traced_request_records_belongs_to_its_trace(dms):
    dms.put()
    headers = {"Idempotency-Key": "e1", "traceparent": f"00-{THEIRS}-b7ad6b7169203331-01"}
    dms.send("POST", "cases/A-1/events", {"status": "assigned"}, **headers)
    dms.event("e2", status="in_progress")
    received, assigned, in_progress = [event.trace.hex for event in CaseEvent.objects.order_by("no")]
    assert assigned == THEIRS
    assert len({received, assigned, in_progress}) == 3
