"""One path, seen from outside: in the log, in the database, by a collector of traces and by the dead-man's switch."""

import gzip
import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.house import House, ask, eventually, free_port

THEIRS = "0af7651916cd43dd8448eb211c80319c"


class Outside(ThreadingHTTPServer):
    """A collector of traces (OTLP over HTTP) at /v1/traces, and a dead-man's switch at /ping."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.spans: list[Any] = []
        self.pings: list[tuple[str, str]] = []
        self.url = f"http://127.0.0.1:{self.server_port}"

    def steps(self, trace: str) -> dict[str, Any]:
        """The spans of one trace, by name."""
        return {span.name: span for span in self.spans if span.trace_id.hex() == trace}


class _Handler(BaseHTTPRequestHandler):
    server: Outside

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if self.headers["Content-Encoding"] == "gzip":
            body = gzip.decompress(body)
        if self.path == "/v1/traces":
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                self.server.spans += [span for scope in resource.scope_spans for span in scope.spans]
        else:
            self.server.pings.append((self.path, body.decode()))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    with Outside() as outside:
        thread = Thread(target=outside.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield outside
        outside.shutdown()
        thread.join()


@pytest.fixture(scope="module", params=["postgresql"])
def house(request: pytest.FixtureRequest, outside: Outside) -> Iterator[House]:
    """Web and worker are two processes: the path crosses from one to the other."""
    house = House(request.param, restarts=False)
    house.environment |= {
        "TELAL_LOG": "json",
        "TELAL_DEADMAN_URL": f"{outside.url}/ping",
        "OTEL_EXPORTER_OTLP_ENDPOINT": outside.url,
        "OTEL_BSP_SCHEDULE_DELAY": "100",
    }
    house.commands["worker1"] += ["--metrics-port", str(free_port())]
    with house:
        yield house


def lines(house: House, event: str) -> list[dict[str, Any]]:
    """The lines about this step, from all processes."""
    said = [line for name in house.commands for line in house.log(name).splitlines() if f'"{event}"' in line]
    return [json.loads(line) for line in said]


def test_a_change_is_one_path_from_the_caller_to_the_phone(house, outside):
    phone = house.bound("A-1", "06-23-1847/26")
    house.api(
        "POST", "/cases/A-1/events", {"status": "in_progress"},
        Idempotency_Key="e1", traceparent=f"00-{THEIRS}-b7ad6b7169203331-01",
    )  # fmt: skip
    phone.hears_all(3)

    for event in ("event_recorded", "event_announced", "send_ended", "receipt"):
        eventually(lambda event=event: THEIRS in [line["trace"] for line in lines(house, event)], event)
    trail = eventually(
        lambda: (said := house.telal("trace", THEIRS)) and "delivered" in said and said, "the trail"
    )
    for step in ("changed", "announced", "queued", "tried", "sent", "delivered"):
        assert step in trail

    spans = eventually(
        lambda: len(found := outside.steps(THEIRS)) == 3 and found, "the steps come to the collector"
    )
    change, announce, send = spans["change"], spans["announce"], spans["send"]
    assert change.parent_span_id.hex() == "b7ad6b7169203331"
    assert announce.parent_span_id == change.span_id
    assert send.parent_span_id == announce.span_id
    assert ("telal.outcome", "accepted") in [(a.key, a.value.string_value) for a in send.attributes]
    assert change.start_time_unix_nano <= send.start_time_unix_nano < send.end_time_unix_nano


def test_a_question_is_one_path_from_the_webhook_to_the_phone(house, outside):
    phone = house.bound("A-2", "06-23-1848/26")
    phone.say("moji predmeti")
    eventually(lambda: len(phone.heard()) == 3, "the answer")
    handled = eventually(lambda: lines(house, "callback_handled"), "the log")[-1]
    trace = handled["trace"]
    spans = eventually(
        lambda: len(found := outside.steps(trace)) == 3 and found, "the steps come to the collector"
    )
    callback, handle, send = spans["callback"], spans["handle"], spans["send"]
    assert not callback.parent_span_id
    assert handle.parent_span_id == send.parent_span_id == callback.span_id
    assert "answer to contact" in house.telal("trace", trace)


def test_a_worker_shows_what_it_has_done_to_whoever_measures(house):
    port = house.commands["worker1"][-1]
    measured = str(ask("GET", f"http://127.0.0.1:{port}/metrics").body)
    for counted in (
        'sends_total{outcome="accepted"}',
        'handover_seconds_count{lane="answer"}',
        "send_seconds_count",
    ):
        found = re.search(rf"^telal_{re.escape(counted)} (\S+)$", measured, re.MULTILINE)
        assert found, counted
        assert float(found[1]) > 0


def test_the_dead_mans_switch_hears_of_life_and_of_trouble(house, outside):
    assert eventually(lambda: outside.pings, "a sign of life")[0] == ("/ping", "")
    house.fault(kind="status", status=2)
    house.change("A-1", "e2", "decided", outcome="granted")
    eventually(lambda: "stopped" in str(ask("GET", f"{house.url}/health/ready").body), "the stop")
    house.stop("worker1")
    outside.pings.clear()
    house.start("worker1")
    path, said = eventually(lambda: outside.pings, "a sign of trouble")[0]
    assert (path, "Sending is stopped" in said) == ("/ping/fail", True)


def test_what_is_told_outside_is_about_nobody(house, outside):
    phone_id = house.accepted()[0]["receiver"]
    told = " ".join(map(str, outside.spans)) + " ".join(map(str, outside.pings))
    for name in house.commands:
        told += house.log(name)
    for secret in ("Ivana", "06-23-1847", "61123456", "moji predmeti", phone_id):
        assert secret not in told
