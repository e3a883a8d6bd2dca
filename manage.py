#!/usr/bin/env python3
"""Django's command line. `python3 dev.py manage …` does the same and sets up what is missing first."""

import os
import sys

from ticketflower.embedded_postgres import use_when_none_is_configured


def main() -> None:
    """Run one management command, on the configured database or else on the embedded one."""
    # Tests have settings of their own: cheap passwords, and a runner that makes the database as its owner.
    settings = "tests.settings" if sys.argv[1:2] == ["test"] else "ticketflower.settings"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", settings)
    with use_when_none_is_configured():
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
