"""Whoever installs Telal is told where to begin."""

import pytest
from django.contrib.auth.models import User

from telal.config import commands
from telal.staff import first

pytestmark = pytest.mark.django_db


def told(capsys) -> tuple[int, str]:
    code = commands.first_user(commands.parser().parse_args(["user", "first"]))
    return code, capsys.readouterr().out.strip()


def test_the_link_holds_its_code_where_no_log_sees_it(capsys, settings):
    settings.TELAL_PUBLIC_URL = "https://predmeti.example.ba"
    done, address = told(capsys)
    where, _, code = address.partition("#")
    assert (done, where) == (0, "https://predmeti.example.ba/counter/first")
    assert first.is_good(code)


def test_where_somebody_has_a_user_there_is_no_link(capsys):
    User.objects.create(username="amra")
    assert told(capsys) == (1, "")
    commands._say_where_to_begin()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("is_terminal", "said"), [(True, "/counter/first#"), (False, "telal user first")])
def test_the_link_is_for_whoever_sits_at_the_console(capsys, monkeypatch, is_terminal, said):
    monkeypatch.setattr("sys.stderr.isatty", lambda: is_terminal)
    commands._say_where_to_begin()
    assert said in capsys.readouterr().err
