"""What may stand in TELAL_DATABASE_URL."""

from pathlib import Path

import pytest

from telal.config.database import database

HOME = Path("/var/lib/telal")


def test_without_an_address_it_is_a_file_at_home():
    assert database("", HOME)["NAME"] == HOME / "telal.sqlite3"
    assert database("sqlite:///srv/mo%C5%BEe.sqlite3", HOME)["NAME"] == Path("/srv/može.sqlite3")


def test_an_address_says_who_where_and_how():
    found = database("postgresql://telal:p%40ss@db.example.ba:6432/telal?sslmode=require", HOME)
    assert (found["NAME"], found["USER"], found["PASSWORD"]) == ("telal", "telal", "p@ss")
    assert (found["HOST"], found["PORT"]) == ("db.example.ba", "6432")
    assert found["OPTIONS"]["sslmode"] == "require"


def test_of_several_servers_the_one_that_takes_changes_is_used():
    found = database("postgresql://telal@a:5432,b:5433/telal", HOME)
    assert (found["HOST"], found["PORT"]) == ("a,b", "5432,5433")
    assert found["OPTIONS"]["target_session_attrs"] == "read-write"


def test_what_the_address_says_goes_before_our_own_limits():
    assert database("postgresql://a/telal?connect_timeout=9", HOME)["OPTIONS"]["connect_timeout"] == "9"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://telal:secret@a/b",
        "postgresql://telal:sec#ret@[a/b",
        "postgresql://telal:secret@a/b?colour=red",
    ],
)
def test_a_bad_address_is_explained_without_its_password(url):
    with pytest.raises(ValueError, match="postgresql://") as refused:
        database(url, HOME)
    assert "sec" not in str(refused.value)
