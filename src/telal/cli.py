"""``telal …``: what an installation is run with. ``telal help`` lists the commands."""

import os
import sys
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code: 0 done, 1 something is wrong (said in words), 2 wrong usage."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "telal.config.settings")
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] == ["demo"]:
        from telal.demo.run import main as demo  # the demo makes the environment that the settings read

        return demo(given[1:])
    from telal.notices.words import MissingWords

    try:
        import django

        django.setup()
    except (ImproperlyConfigured, MissingWords) as error:
        print(error, file=sys.stderr)
        return 1
    from telal import spans
    from telal.config import logging
    from telal.sealing.keyring import Unreadable

    logging.configure(steps=given[:1] in (["serve"], ["web"], ["worker"]))
    try:
        from telal.config import commands

        chosen = commands.parser().parse_args(given)
        spans.configure()
        code: int = chosen.run(chosen)
    except (MissingWords, Unreadable) as error:
        print(error, file=sys.stderr)
        code = 1
    spans.close()
    return code


if __name__ == "__main__":
    sys.exit(main())
