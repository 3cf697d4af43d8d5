"""The log says what happened, on one line, and nothing about anybody."""

import errno
import json
import logging as standard
import time

import pytest
import structlog

from telal.config import logging


@pytest.fixture
def configured(settings):
    """Configure the log as asked, and leave everything as it was."""
    root = standard.getLogger()
    before = root.handlers[:], root.level

    def configure(form: str, *, steps: bool = True):
        settings.TELAL_LOG = form
        logging.configure(steps=steps)
        return structlog.get_logger("test")

    yield configure
    structlog.reset_defaults()
    root.handlers[:], root.level = before


def test_machines_get_one_object_a_line(configured, capfd):
    log = configured("json")
    log.info("send_ended", trace="0af7", message=3)
    log.warning("channel_resumed")
    line, _ = map(json.loads, capfd.readouterr().err.splitlines())
    assert (line["event"], line["level"], line["trace"], line["message"]) == ("send_ended", "info", "0af7", 3)


def test_a_step_is_on_its_way_within_a_moment(configured, capfd):
    configured("text").info("send_ended", trace="0af7")
    end = time.monotonic() + 5
    while not (said := capfd.readouterr().err) and time.monotonic() < end:
        time.sleep(0.01)
    assert "send_ended" in said


def test_a_full_disk_stops_nobody_who_has_something_to_say():
    class Full:
        def write(self, line):
            raise OSError(errno.ENOSPC, "No space left on device")

        def flush(self):
            raise OSError(errno.ENOSPC, "No space left on device")

    lines = logging.Lines(Full())
    lines.info(b"a step")
    lines.critical(b"trouble")


def test_people_get_one_line_whatever_is_in_it(configured, capfd):
    configured("text").warning("send_ended", trace="0af7", detail="two\nlines")
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "warning  send_ended" in said
    assert r"detail='two\nlines'" in said


def test_what_a_library_says_comes_in_the_same_form(configured, capfd):
    configured("json")
    standard.getLogger("some.library").warning("%s is late", "it")
    line = json.loads(capfd.readouterr().err)
    assert (line["event"], line["level"], line["logger"]) == ("it is late", "warning", "some.library")


@pytest.mark.parametrize("form", ["json", "text"])
def test_of_an_error_the_places_are_said_and_not_the_words(configured, capfd, form):
    log = configured(form)
    try:
        raise ValueError(" ".join(("An" + "a", "+38761123456")))
    except ValueError:
        log.exception("request_failed")
        standard.getLogger("some.library").exception("failed")
    said = capfd.readouterr().err
    assert said.count("builtins.ValueError") == 2
    assert "test_logging.py" in said
    assert "Ana" not in said


def test_a_command_at_a_terminal_does_not_tell_each_step(configured, capfd):
    log = configured("text", steps=False)
    log.info("event_recorded")
    log.error("pump_trouble")
    assert "event_recorded" not in (said := capfd.readouterr().err)
    assert "pump_trouble" in said
