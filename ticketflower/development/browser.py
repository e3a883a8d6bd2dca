"""The Chromium for the browser tests: found on this machine or installed with apt-get."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from ticketflower.development.console import say

VARIABLE = "TICKETFLOWER_CHROMIUM"
# The first needs a third less time, but older systems lack it.
_PACKAGES = ("chromium-headless-shell", "chromium")
_NAMES = (*_PACKAGES, "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)


def provide(*, may_install: bool) -> None:
    """Set TICKETFLOWER_CHROMIUM to the path of a Chromium, or warn that there is none.

    With `may_install`, install one if none is found and this user has the right to. The browser
    tests are skipped without one.
    """
    found = find() or (_install() if may_install else None)
    if found:
        os.environ[VARIABLE] = found
        return
    say(
        "\n!!! No Chromium or Chrome was found: the browser tests will be SKIPPED.\n"
        f"!!! Install one, or set {VARIABLE} to the path of its program.\n"
    )


def find() -> str | None:
    """Return the path of a Chromium: the one in TICKETFLOWER_CHROMIUM, else one in a usual place."""
    named = os.environ.get(VARIABLE, "")
    candidates = [named, *map(shutil.which, _NAMES), *_PLACES]
    return next((path for path in candidates if path and Path(path).exists()), None)


def _install() -> str | None:
    apt = _apt()
    if apt is None:
        return None
    say("Installing Chromium for the browser tests ...")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # `update` fails if a single source is broken, so only the result of the installation counts.
    subprocess.run([*apt, "update", "-q"], check=False, env=quiet, stdout=subprocess.DEVNULL)
    for package in _PACKAGES:
        install = [*apt, "install", "-q", "-y", "--no-install-recommends", package]
        subprocess.run(install, check=False, env=quiet, stdout=subprocess.DEVNULL)
        if found := find():
            return found
    return None


def _apt() -> list[str] | None:
    """Return the command that runs apt-get as root, or None if that is not possible."""
    if shutil.which("apt-get") is None:
        return None
    if sys.platform != "win32" and os.geteuid() == 0:
        return ["apt-get"]
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], check=False).returncode == 0:
        return ["sudo", "-n", "apt-get"]
    return None
