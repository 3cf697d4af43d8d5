"""``python -m bench [--rounds N] [webhook|outbox …]``: run on PostgreSQL where there is one, and say the figures."""

import argparse
import os
import tempfile

from tests import database
from tests.house import TOKEN


def main() -> None:
    arguments = argparse.ArgumentParser(prog="bench")
    arguments.add_argument("which", nargs="*", default=["webhook", "outbox"])
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--seconds", type=float, default=3)
    arguments.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    chosen = arguments.parse_args()

    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "telal.config.settings",
        "TELAL_HOME": tempfile.mkdtemp(prefix="telal-bench-"),
        "TELAL_SECRET_KEY": "bench",
        "TELAL_VIBER_TOKEN": TOKEN,
    }
    if chosen.database == "postgresql":
        os.environ["TELAL_DATABASE_URL"] = database.new_postgres_database()

    import django
    from django.core.management import call_command
    from django.db import connection

    from bench import outbox, report, webhook

    django.setup()
    call_command("migrate", verbosity=0)
    connection.close()
    print(f"{report.machine()}\n{chosen.database}, {chosen.rounds} rounds, medians\n")
    tables = []
    if "webhook" in chosen.which:
        tables.append(webhook.bench(chosen.rounds, chosen.seconds))
        print(tables[-1], "\n")
    if "outbox" in chosen.which:
        tables.append(outbox.bench(chosen.rounds))
        print(tables[-1], "\n")
    connection.close()
    missed = [goal for table in tables for goal in table.missed]
    print("All goals met." if not missed else "Missed: " + "; ".join(missed))


main()
