"""``telal demo``: a whole municipality on this machine, with a fake Viber, until Ctrl-C. Nothing leaves the machine."""

import argparse
import contextlib
import io
import secrets
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from telal.demo import municipality
from telal.demo.board import Access, board
from telal.demo.children import ChildDied, Children, Interrupted
from telal.demo.environment import HOST, CannotStart, Folder, Place, choose_port
from telal.demo.people import Phone
from telal.demo.web import Refused, Site

_PORT, _SIMULATOR_PORT = 8000, 8090
_PACE, _FAST_PACE = 2.5, 0.3
_SECONDS_TO_START = 60
_USER = "salter"
_VISITOR = "Ivana Marić"


def main(argv: Sequence[str]) -> int:
    """Run until told to stop. Returns 0 then, and 1 when it could not start or a process died (said in words)."""
    asked = _arguments(argv)
    home = Path("var/demo").absolute()
    try:
        with Folder(home), Children(home) as children:
            place = Place(
                home,
                port=choose_port(asked.port, _PORT),
                simulator_port=choose_port(asked.simulator_port, _SIMULATOR_PORT),
                token=_token(),
            )
            _run(place, asked, children)
    except Interrupted:
        _say("Zaustavljeno. · Stopped.")
    except (CannotStart, ChildDied, Refused, OSError) as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1
    return 0


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="telal demo", description=__doc__)
    parser.add_argument("--port", type=int, help=f"of the web side; else {_PORT}, or a free one")
    parser.add_argument(
        "--simulator-port", type=int, help=f"of the phones; else {_SIMULATOR_PORT}, or a free one"
    )
    parser.add_argument(
        "--pace", type=float, default=_PACE, metavar="SECONDS", help="between two replayed events"
    )
    parser.add_argument(
        "--fast", dest="pace", action="store_const", const=_FAST_PACE, help=f"--pace {_FAST_PACE}"
    )
    parser.add_argument("--no-replay", action="store_true", help="replay no histories")
    return parser.parse_args(argv)


def _token() -> str:
    """In the form of Viber's own."""
    return "-".join(secrets.token_hex(8) for _ in range(3))


def _run(place: Place, asked: argparse.Namespace, children: Children) -> None:
    begun = time.monotonic()
    _say("Telal se pokreće … · Telal is starting …")
    place.settle()
    children.start("simulator", "-m", "telal.simulator", *_simulator_arguments(place))
    _telal(children, "migrate")
    children.start("telal", "-m", "telal.cli", "serve", "--host", HOST, "--port", str(place.port))
    access = _prepare(place, children)
    _wait_until_ready(place, children)
    _telal(children, "viber", "register")
    phones = _settle_people(place, access, children)
    _say(board(place, access, visitor=_VISITOR, seconds=time.monotonic() - begun))
    if not asked.no_replay:
        _replay(place, access, phones, children, asked.pace)
    children.watch()


# ── Starting ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def _simulator_arguments(place: Place) -> Iterator[str]:
    yield from ("--host", HOST, "--port", str(place.simulator_port), "--token", place.token)
    yield from ("--name", "Općina Stari Grad Sarajevo", "--phones", "0")


def _telal(children: Children, *arguments: str) -> str:
    """One command of the command line, in this process because starting another takes a second. Returns what it printed."""
    children.check()
    import django  # here: only now is the environment made that the settings read

    django.setup()
    from django.db import connections

    from telal.config import commands

    chosen = commands.parser().parse_args(arguments)
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = chosen.run(chosen)
    connections.close_all()
    if code:
        raise CannotStart(said.getvalue())
    return said.getvalue()


def _prepare(place: Place, children: Children) -> Access:
    """Staff, a key for the DMS, and the register as the DMS exports it, imported as on a municipality's first day."""
    from telal.intake.commands import SAMPLE

    file = place.home / "predmeti.csv"
    file.write_text(municipality.export(datetime.now().astimezone()), encoding="utf-8")
    _telal(children, "import", str(file), "--mapping", str(SAMPLE / "primjer.toml"))
    _write_hours()
    password = _telal(children, "user", "create", _USER, "--role", "counter").split()[-1]
    _give_work()
    return Access(
        user=_USER,
        password=password,
        key=_telal(children, "apikey", "create", "demo").split()[-1],
    )


def _write_hours() -> None:
    from django.db import connections

    from telal.cases.rules import WeekDay

    for weekday, hours in enumerate(municipality.week()):
        WeekDay.objects.create(weekday=weekday, hours=hours)
    connections.close_all()


def _give_work() -> None:
    """Who signs in is an officer with cases of their own, and what those wait for was asked for when they began to wait."""
    from django.contrib.auth.models import User
    from django.db import connections

    from telal.cases.models import Case, Officer, Opinion
    from telal.staff.models import Member

    officer = Officer.objects.get(name=municipality.OFFICER)
    user = User.objects.get(username=_USER)
    member, _ = Member.objects.update_or_create(user=user, defaults={"officer": officer})
    member.departments.set(officer.cases.exclude(department=None).values_list("department", flat=True))
    for case in Case.objects.exclude(waiting_for=None).select_related("officer", "waiting_for"):
        assert case.waiting_for
        assert case.waiting_since
        Opinion.objects.create(
            case=case,
            institution=case.waiting_for,
            asked_on=case.waiting_since,
            asked_by=case.officer.name if case.officer else _USER,
            due_on=case.waiting_since + timedelta(days=10),
        )
    connections.close_all()


def _wait_until_ready(place: Place, children: Children) -> None:
    simulator, web = _simulator(place), Site(f"{HOST}:{place.port}")
    end = time.monotonic() + _SECONDS_TO_START
    while not (simulator.is_ready("/control/state") and web.is_ready("/health/ready")):
        children.watch(0.05)
        if time.monotonic() > end:
            raise CannotStart(
                f"Telal se nije pokrenuo za {_SECONDS_TO_START} s; pogledajte dnevnike u {place.home}.\n"
                f"Telal did not start within {_SECONDS_TO_START} s; see the logs in {place.home}."
            )


def _settle_people(place: Place, access: Access, children: Children) -> list[Phone]:
    """The visitor's phone, and those of citizens who hear about their cases already. Returns the latter."""
    from telal.demo.histories import Dms

    dms = Dms(_api(place, access))
    Phone.new(_simulator(place), _VISITOR)
    phones = []
    for citizen in municipality.citizens():
        children.check()
        phone = Phone.new(_simulator(place), citizen.name)
        phone.connect(dms.invite(citizen.ref))
        phones.append(phone)
    return phones


def _api(place: Place, access: Access) -> Site:
    return Site(f"{HOST}:{place.port}", {"Authorization": f"Bearer {access.key}"})


def _simulator(place: Place) -> Site:
    return Site(f"{HOST}:{place.simulator_port}")


# ── Running ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _replay(place: Place, access: Access, phones: list[Phone], children: Children, pace: float) -> None:
    from telal.demo.histories import Dms, describe, steps

    dms = Dms(_api(place, access))
    _say("  Stvarne istorije, ponovo · Real histories, again:")
    for step in steps(datetime.now().astimezone().date()):
        children.watch(pace)
        phone = phones[step.citizen % len(phones)]
        now = datetime.now().astimezone()
        try:
            if step.opens:
                phone.connect(dms.put(step, phone.name, now.isoformat()))
            else:
                dms.tell(step)
        except (OSError, Refused) as error:
            # The visitor may have done anything to this phone or case meanwhile; only a process that died ends the demonstration.
            children.watch(0.2)
            _say(f"  {now:%H:%M:%S}  preskočeno · left out: {error}")
        else:
            _say(f"  {now:%H:%M:%S}  {phone.name:<18} {describe(step)}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
