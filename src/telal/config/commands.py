"""The commands behind ``telal``: each a function of the parsed arguments that returns the exit code.

What only one of them needs and takes long to load is imported there: every command starts by loading this module.
"""

import argparse
import asyncio
import getpass
import json
import os
import secrets
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from telal.backup import Trouble
from telal.cases import recount
from telal.cases.models import Department, Officer
from telal.config.database import settle
from telal.messaging.account import Finding, ask, callback_url, open_channel, remember
from telal.messaging.channel import Account
from telal.retention import erasing, people, proof, report
from telal.retention.models import Asker
from telal.sealing import keyring, known_keys, rotation, seals
from telal.sealing.keyring import Unreadable
from telal.sql import database_now
from telal.staff import audit, first
from telal.staff.audit import Draft
from telal.staff.models import Door, Member
from telal.staff.permissions import ROLES

Run = Callable[[argparse.Namespace], int]


def parser() -> argparse.ArgumentParser:
    """The command line of design section 6."""
    top = argparse.ArgumentParser(
        prog="telal", description="Tells citizens, in Viber, what has just happened to their case."
    )
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")

    commands.add_parser("demo", help="everything on SQLite with a simulator and sample data")
    for name, run, text in (
        ("serve", serve, "web and worker in one process"),
        ("web", web, "the web side; any number, with PostgreSQL"),
    ):
        command = _add(commands, name, run, text)
        command.add_argument("--host", default="127.0.0.1")
        command.add_argument("--port", type=int, default=8000)
    worker_ = _add(commands, "worker", worker, "the sending side; any number, with PostgreSQL")
    worker_.add_argument(
        "--metrics-port", type=int, metavar="PORT", help="serve this worker's own counters on 127.0.0.1"
    )
    _add(commands, "migrate", migrate, "create or upgrade the database")
    check_ = _add(commands, "check", check, "configuration, database, Viber account; says what to fix")
    check_.add_argument(
        "--code", action="store_true", help="instead, check the source: migrations and texts are complete"
    )

    viber = commands.add_parser("viber", help="the Viber account").add_subparsers(
        required=True, metavar="ACTION"
    )
    _add(viber, "register", register, "point Viber's callbacks to TELAL_PUBLIC_URL")

    import_ = _add(commands, "import", import_file, "replay a file of the DMS")
    import_.add_argument("file", type=Path, metavar="FILE")
    import_.add_argument("--mapping", type=Path, required=True, metavar="M")
    import_.add_argument("--dry-run", action="store_true", help="report, change nothing")

    apikey = commands.add_parser("apikey", help="keys of the API").add_subparsers(
        required=True, metavar="ACTION"
    )
    for name, run, text in (
        ("create", create_key, "make a key, shown once"),
        ("revoke", revoke_key, "end a key"),
    ):
        _add(apikey, name, run, text).add_argument("name", metavar="NAME")

    keys = commands.add_parser("keys", help="keys that personal data is sealed with").add_subparsers(
        required=True, metavar="ACTION"
    )
    _add(keys, "new", new_key, "print a fresh key, for TELAL_DATA_KEYS")
    _add(keys, "rotate", rotate_keys, "seal everything anew with the newest key; may run beside the service")

    audit_ = commands.add_parser("audit", help="who has looked at what, and changed what").add_subparsers(
        required=True, metavar="ACTION"
    )
    verify = _add(audit_, "verify", verify_audit, "does the chain of the audit log hold? prints its end")
    verify.add_argument(
        "--digest",
        default="",
        metavar="DIGEST",
        help="an end of the chain noted earlier: is it still part of it?",
    )

    user = commands.add_parser("user", help="staff who may sign in").add_subparsers(
        required=True, metavar="ACTION"
    )
    create = _add(user, "create", create_user, "make or change a user; prints a new password")
    create.add_argument("name", metavar="NAME")
    create.add_argument("--role", choices=ROLES, required=True)
    create.add_argument(
        "--officer", default="", metavar="NAME", help="who they are on cases, as it stands there"
    )
    create.add_argument(
        "--department", action="append", default=[], metavar="NAME", help="where they work; may be repeated"
    )
    create.add_argument(
        "--password-stdin", action="store_true", help="read the password from standard input instead"
    )

    _add(
        user,
        "first",
        first_user,
        "a link that makes the first administrator in the browser, once, while nobody has a user",
    )

    backup_ = _add(commands, "backup", backup, "the whole database into one file, while it is in use")
    backup_.add_argument("file", type=Path, metavar="FILE")
    backup_.add_argument("--with-key", action="store_true", help="the secret key kept in TELAL_HOME, too")
    restore_ = _add(commands, "restore", restore, "a backup into an empty database")
    restore_.add_argument("file", type=Path, metavar="FILE")
    restore_.add_argument("--replace", action="store_true", help="lose what is in the database now")

    erase_ = _add(commands, "erase", erase, "all data of a person; prints what it found, and the proof")
    person = erase_.add_mutually_exclusive_group(required=True)
    person.add_argument(
        "--phone", metavar="NUMBER", help="who left this number; - reads it from standard input"
    )
    person.add_argument("--case", metavar="REF", help="the applicant of this case")
    person.add_argument("--chat", metavar="ID", help="who writes in this chat, as the counter numbers it")
    person.add_argument("--proof", metavar="REFERENCE", help="print the proof of an earlier erasure")
    erase_.add_argument("--asked-by", choices=Asker.values, default="person")
    erase_.add_argument("--request", default="", metavar="NUMBER", help="under which the request is filed")
    erase_.add_argument("--done-by", default="", metavar="NAME", help="who does it; you, unless given")
    erase_.add_argument("--yes", action="store_true", help="erase; without it nothing is changed")
    _add(commands, "retention", retention, "what is kept how long, and what of it is over now")

    deadlines_ = _add(
        commands,
        "deadlines",
        deadlines,
        "open cases whose deadline is another one by today's rules and calendar",
    )
    deadlines_.add_argument(
        "--yes", action="store_true", help="give them the new one; without it nothing is changed"
    )

    trace_ = _add(commands, "trace", trace, "the whole path of one id, from what came in to what was said")
    trace_.add_argument(
        "id", metavar="ID", help="a trace id from the log (32 digits), or the number of a message"
    )

    _add(
        commands, "understand", understand_lines, "a text a line on standard input, a JSON object a line out"
    )
    return top


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, run: Run, text: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=text, description=text)
    command.set_defaults(run=_recorded(command.prog, run) if run in TOUCHING else run)
    return command


def _recorded(name: str, run: Run) -> Run:
    """Leaves a line in the audit log, whatever became of it. What the command was called with may be personal, and is left out."""

    def recorded(arguments: argparse.Namespace) -> int:
        code = run(arguments)
        with suppress(DatabaseError, Unreadable):  # before the first telal migrate there is no log
            audit.record([Draft(Door.COMMAND, _operator(), name, code)])
        return code

    return recorded


def _operator() -> str:
    """Who gives the command; in a container the system may know them by number only."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


# ── Running ──────────────────────────────────────────────────────────────────────────────────────────────────────────


_FIRST = (
    "Open this, and make the first administrator. It is good once, for a day, and while nobody has a user:"
)
ONE_PROCESS = "SQLite is for one process: use telal serve, or PostgreSQL (TELAL_DATABASE_URL) for telal web and telal worker."


def serve(arguments: argparse.Namespace) -> int:
    return _listen(arguments, works=True)


def web(arguments: argparse.Namespace) -> int:
    if connection.vendor == "sqlite":
        return _complain(ONE_PROCESS)
    return _listen(arguments, works=False)


def worker(arguments: argparse.Namespace) -> int:
    if connection.vendor == "sqlite":
        return _complain(ONE_PROCESS)
    if problem := _database_problem():
        return _complain(problem)
    if arguments.metrics_port:
        from prometheus_client import start_http_server

        start_http_server(arguments.metrics_port, addr="127.0.0.1")
    import uvloop

    uvloop.run(_work())
    return 0


async def _work() -> None:
    from telal.worker.pumps import Worker

    channel = open_channel()
    loop = asyncio.get_running_loop()
    pumps = Worker(channel)
    for stop in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(stop, pumps.stop)
    await pumps.run()
    await channel.aclose()


def _listen(arguments: argparse.Namespace, *, works: bool) -> int:
    if problem := _database_problem():
        return _complain(problem)
    _say_where_to_begin()
    for stop in (signal.SIGINT, signal.SIGTERM):
        # Before the server listens to them, and after it has stopped in order and raises the signal once more for us.
        signal.signal(stop, lambda *_: sys.exit(0))
    import uvicorn

    from telal.config.asgi import Door

    uvicorn.run(
        Door(works=works),
        host=arguments.host,
        port=arguments.port,
        # Paths hold the tokens of slips: no access log.
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,  # the door sees to them, where they matter
        timeout_graceful_shutdown=5,
    )
    return 0


def _say_where_to_begin() -> None:
    """While nobody has a user. The link goes to somebody who sits at the console; a log that others read gets the command."""
    if not first.is_wanted():
        return
    if sys.stderr.isatty():
        print(f"{_FIRST}\n  {_first_address()}", file=sys.stderr)
    else:
        print("Nobody has a user yet. Begin with: telal user first", file=sys.stderr)


# ── Setting up ───────────────────────────────────────────────────────────────────────────────────────────────────────


def migrate(_: argparse.Namespace) -> int:
    call_command("migrate", interactive=False, verbosity=1)
    settle(connection)
    return _take_texts_over()


def _take_texts_over() -> int:
    """Own words that an older release left in files."""
    from telal.config import texts

    if not (directory := settings.TELAL_HOME / "texts").is_dir():
        return 0
    taken, problems = texts.take_over(directory)
    if problems:
        said = "".join(f"\n  - {problem}" for problem in problems)
        return _complain(
            f"The texts in {directory} were not taken over. Put them right, or away, and run telal migrate again:{said}"
        )
    print(
        f"{taken} texts of {directory} were taken over: they are edited at the counter now, and the folder is no longer read."
    )
    return 0


def check(arguments: argparse.Namespace) -> int:
    if arguments.code:
        call_command("makemigrations", check_changes=True, dry_run=True, verbosity=1)
        call_command("check", fail_level="WARNING")
        from telal.config import translations  # needs Babel, which only developers have

        return _complain("\n".join(wrong)) if (wrong := translations.troubles()) else 0
    findings = _examine_configuration()
    for finding in findings:
        print(f"✗ {finding.what}\n  → {finding.remedy}")
    if not findings:
        print("✓ Configuration, database, Viber account and webhook are as they should be.")
    return 1 if findings else 0


def _examine_configuration() -> list[Finding]:
    findings = []
    if not settings.TELAL_PUBLIC_URL.startswith("https://"):
        findings.append(
            Finding(
                "TELAL_PUBLIC_URL is not https.",
                "Viber calls only https addresses: put a TLS proxy in front.",
            )
        )
    if problem := _database_problem():
        return [
            *findings,
            Finding(problem, "See TELAL_DATABASE_URL and TELAL_DATA_KEYS in docs/operations.md."),
        ]
    if old := _count_under_old_keys():
        findings.append(
            Finding(f"{old} values are still sealed with an older key.", "Run telal keys rotate.")
        )
    if not settings.TELAL_CHANNEL["options"]["token"]:
        return [
            *findings,
            Finding("No TELAL_VIBER_TOKEN.", "Copy the bot's token from the Viber admin panel."),
        ]
    return findings + ask()


def _count_under_old_keys() -> int:
    usage = rotation.usage()
    return usage.total() - usage[seals.keys().newest]


def _database_problem() -> str:
    """Why the database cannot be used, or an empty string."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "The database does not answer."
    return "The database is not up to date: run telal migrate." if pending else _keys_problem()


def _keys_problem() -> str:
    """Why what is sealed cannot be opened, or an empty string."""
    try:
        known_keys.know(connection)
    except Unreadable as error:
        return str(error)
    return ""


def register(_: argparse.Namespace) -> int:
    channel = open_channel()

    async def do() -> tuple[str, Account]:
        problem = await channel.register(callback_url(channel))
        account = await channel.account()
        await channel.aclose()
        return problem, account

    problem, account = asyncio.run(do())
    remember(account, channel)
    if problem:
        return _complain(problem)
    print(f"Callbacks now come to {callback_url(channel)}")
    return 0


def import_file(arguments: argparse.Namespace) -> int:
    from telal.intake.commands import run_import

    if problem := _database_problem():
        return _complain(problem)
    return run_import(arguments.file, arguments.mapping, dry_run=arguments.dry_run)


def create_key(arguments: argparse.Namespace) -> int:
    from telal.api.keys import create

    try:
        key = create(arguments.name)
    except ValueError as error:
        return _complain(str(error))
    print(f"The key for {arguments.name}, shown only now (header Authorization: Bearer …):", file=sys.stderr)
    print(key)
    return 0


def revoke_key(arguments: argparse.Namespace) -> int:
    from telal.api.keys import revoke

    ended = revoke(arguments.name)
    return 0 if ended else _complain(f"There is no valid key called {arguments.name}.")


def new_key(_: argparse.Namespace) -> int:
    print(keyring.new_key())
    return 0


def rotate_keys(_: argparse.Namespace) -> int:
    if problem := _database_problem():
        return _complain(problem)
    unreadable = 0
    for column in rotation.rotate():
        print(f"{column.place}: {column.resealed} sealed anew", flush=True)
        unreadable += len(column.unreadable)
        for row, error in column.unreadable.items():
            print(f"✗ row {row}: {error}", file=sys.stderr)
    print(f"Everything else is sealed with the key {seals.keys().newest}.")
    return 1 if unreadable else 0


def create_user(arguments: argparse.Namespace) -> int:
    password = sys.stdin.readline().rstrip("\n") if arguments.password_stdin else secrets.token_urlsafe(12)
    user, _ = User.objects.get_or_create(username=arguments.name)
    user.set_password(password)
    user.is_active = True
    user.save()
    user.groups.set([Group.objects.get_or_create(name=arguments.role)[0]])
    _employ(user, arguments.officer, arguments.department)
    if not arguments.password_stdin:
        print(f"Password of {arguments.name}, shown only now:", file=sys.stderr)
        print(password)
    return 0


def first_user(_: argparse.Namespace) -> int:
    if problem := _database_problem():
        return _complain(problem)
    if not first.is_wanted():
        return _complain(
            "There are users already: one who is an administrator can make others, or telal user create."
        )
    print(_FIRST, file=sys.stderr)
    print(_first_address())
    return 0


def _first_address() -> str:
    """The code stands behind a #: browsers do not send that, so no log of a proxy gets to hold it."""
    return f"{settings.TELAL_PUBLIC_URL}/counter/first#{first.code()}"


def _employ(user: User, officer: str, departments: Sequence[str]) -> None:
    """What is not said stays as it is."""
    member, _ = Member.objects.get_or_create(user=user)
    if officer:
        member.officer = Officer.called(officer)
        member.save(update_fields=["officer"])
    if departments:
        member.departments.set(filter(None, map(Department.called, departments)))


def verify_audit(arguments: argparse.Namespace) -> int:
    if problem := _database_problem():
        return _complain(problem)
    verdict = audit.verify()
    if verdict.broken_at is not None:
        return _complain(f"The chain breaks at entry {verdict.broken_at}: it {verdict.why}.")
    if arguments.digest and not audit.holds(arguments.digest):
        return _complain(
            "The chain holds, but the noted digest is not part of it: it was replaced as a whole."
        )
    print(f"The chain holds: {verdict.entries} entries. Note its end elsewhere:")
    print(f"{verdict.head.no} {verdict.head.digest}")
    return 0


def backup(arguments: argparse.Namespace) -> int:
    from telal.backup import keeping

    return _tell(keeping.back_up(arguments.file, with_key=arguments.with_key))


def restore(arguments: argparse.Namespace) -> int:
    from telal.backup import keeping

    done = _tell(keeping.restore(arguments.file, replace=arguments.replace))
    if done == 0:
        settle(connection)
    return done


def _tell(sentences: Iterator[str]) -> int:
    try:
        for sentence in sentences:
            print(sentence)
    except Trouble as trouble:
        return _complain(str(trouble))
    except DatabaseError:
        return _complain(
            "The database does not answer, or refuses: see TELAL_DATABASE_URL in docs/operations.md."
        )
    return 0


def erase(arguments: argparse.Namespace) -> int:
    if problem := _database_problem():
        return _complain(problem)
    try:
        if arguments.proof:
            erasure = people.proof(arguments.proof)
        else:
            person = _person(arguments)
            if not arguments.yes:
                return _preview(person)
            erasure = erasing.erase(
                person,
                asked_by=Asker(arguments.asked_by),
                done_by=arguments.done_by or getpass.getuser(),
                request=arguments.request,
            )
    except people.Nobody as nobody:
        return _complain(str(nobody))
    for line in proof.lines(erasure):
        print(line)
    return 0


def _person(arguments: argparse.Namespace) -> erasing.Person:
    if arguments.phone:
        # What a program is called with can be seen by others, and stays in the shell's history.
        return people.by_phone(sys.stdin.readline() if arguments.phone == "-" else arguments.phone)
    return people.by_case(arguments.case) if arguments.case else people.by_contact(arguments.chat)


def _preview(person: erasing.Person) -> int:
    for code, count in erasing.found(person).items():
        print(f"{count:>6}  {code}")
    print("Nothing has been erased. To erase it for ever, say --yes.")
    return 0


def retention(_: argparse.Namespace) -> int:
    if problem := _database_problem():
        return _complain(problem)
    for line in report.lines(database_now()):
        print(line)
    return 0


def deadlines(arguments: argparse.Namespace) -> int:
    if problem := _database_problem():
        return _complain(problem)
    count = sum(1 for _ in recount.shifts())
    if not arguments.yes:
        print(f"{count} open cases have another deadline by today's rules. Give it to them with --yes.")
        return 0
    done = recount.shift(count, actor=getpass.getuser())
    print(f"{done} deadlines changed; who follows these cases is told.")
    return 0


def trace(arguments: argparse.Namespace) -> int:
    from telal.config import trail

    try:
        path = trail.find(arguments.id)
    except ValueError:
        return _complain("An id has 32 hexadecimal digits, as the log shows them; a message has a number.")
    steps = trail.steps(path) if path else []
    if not path or not steps:
        return _complain("Nothing is known of it, or no longer.")
    print(f"trace {path.hex}", *steps, sep="\n")
    return 0


def understand_lines(_: argparse.Namespace) -> int:
    from telal.conversation.understand import to_json, understand

    year = timezone.localdate().year
    for line in sys.stdin.buffer:
        text = line.decode(errors="replace").rstrip("\r\n")
        print(json.dumps(to_json(understand(text, year=year))), flush=True)
    return 0


# What changes data, or shows it, or takes it away.
TOUCHING = frozenset(
    {
        import_file,
        create_key,
        revoke_key,
        rotate_keys,
        create_user,
        backup,
        restore,
        erase,
        trace,
        verify_audit,
    }
)


def _complain(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
