"""Commands run one after the other, with our terminal as theirs."""

import subprocess
import sys
from collections.abc import Mapping, Sequence

from ticketflower import environment

PYTHON = sys.executable
MANAGE = [PYTHON, "manage.py"]


def run_in_foreground(command: Sequence[str], *, variables: Mapping[str, str] | None = None) -> int:
    """Run `command` in the project's folder, wait for it, return its exit status.

    Ctrl-C reaches it too, and we wait until it has ended; if we are ended otherwise, it is as well.
    """
    with subprocess.Popen(command, cwd=environment.BASE_DIR, env=variables) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.wait()
            raise
        except BaseException:
            process.terminate()
            raise
