"""Commands that run in the foreground, sharing our terminal."""

import subprocess
import sys
from collections.abc import Mapping, Sequence

from ticketflower import environment

PYTHON = sys.executable
MANAGE = [PYTHON, "manage.py"]


def run_in_foreground(command: Sequence[str], *, variables: Mapping[str, str] | None = None) -> int:
    """Run `command` in the project's folder, wait for it and return its exit status.

    Ctrl-C reaches the command too, and we wait until it has ended. If this process is ended in
    another way, the command is terminated.
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
