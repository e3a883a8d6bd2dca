"""`dev.py` and its commands: refusals, restarts and the end of processes."""

import os
import runpy
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

import psutil

from ticketflower import environment
from ticketflower.development import browser, checks, manage, records, run
from ticketflower.development.__main__ import main
from ticketflower.development.address import Address, CannotRunError
from ticketflower.development.checks import Background, Check
from ticketflower.development.processes import Process, end
from ticketflower.development.records import Run
from ticketflower.development.run import Child
from ticketflower.development.stop import stop

# Loads all pages with only the packages of requirements.txt: imports of all others fail.
WITHOUT_TOOLS = """
import importlib.metadata, re, sys
from pathlib import Path

def listed(name):
    lines = Path(name).read_text(encoding="utf-8").splitlines()
    return {re.split(r"[=\\[]", line)[0] for line in lines if "==" in line}

tools = listed("requirements-dev.txt") - listed("requirements.txt")
for name, owners in importlib.metadata.packages_distributions().items():
    if {re.sub(r"[-_.]+", "-", owner).lower() for owner in owners} <= tools:
        sys.modules[name] = None
import django
django.setup()
import ticketflower.urls
"""
# Ignores SIGTERM, starts a child process, then prints that it is ready.
STUBBORN = (
    "import signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print('ready', flush=True)\n"
    "time.sleep(60)\n"
)


def is_alive(process: psutil.Process) -> bool:
    """Return whether the process runs; a zombie does not."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class AddressTests(unittest.TestCase):
    """The addresses on which `run` may listen."""

    def setUp(self) -> None:
        self.enterContext(mock.patch.dict(os.environ))
        os.environ.pop("SITE_URL", None)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])

    def refusal(self, host: str = "127.0.0.1", *, embedded: bool = True) -> str:
        with self.assertRaises(CannotRunError) as refused:
            Address.validated(host, self.port, embedded=embedded)
        return str(refused.exception)

    def test_this_machine(self) -> None:
        for host in ("127.0.0.1", "localhost"):
            address = Address.validated(host, self.port, embedded=True)
            self.assertEqual(address.url, f"http://127.0.0.1:{self.port}")

    def test_nobody_else_reaches_the_demo(self) -> None:
        self.assertIn("demo accounts", self.refusal("0.0.0.0"))  # noqa: S104
        self.assertIn("demo accounts", self.refusal("192.0.2.1"))
        os.environ["SITE_URL"] = "https://tickets.example.com"
        self.assertIn("demo accounts", self.refusal())

    def test_others_reach_a_site_with_its_own_database_at_its_address(self) -> None:
        self.assertIn("SITE_URL", self.refusal("0.0.0.0", embedded=False))  # noqa: S104
        os.environ["SITE_URL"] = "https://tickets.example.com"
        address = Address.validated("0.0.0.0", self.port, embedded=False)  # noqa: S104
        self.assertEqual(address.url, f"http://127.0.0.1:{self.port}")

    def test_invalid_address(self) -> None:
        self.assertIn("IP address", self.refusal("tickets.example.com"))
        self.port = 70000
        self.assertIn("cannot be used", self.refusal())

    def test_a_taken_port(self) -> None:
        with socket.create_server(("127.0.0.1", self.port)):
            self.assertIn(f"--port {self.port + 1}", self.refusal())

    def test_how_addresses_are_written(self) -> None:
        self.assertEqual(Address("::1", 80).url, "http://[::1]:80")
        self.assertEqual(Address("::", 80).url, "http://[::1]:80")

    def test_no_status_without_a_server(self) -> None:
        self.assertIsNone(Address("127.0.0.1", self.port).health_status())


class ProcessTests(unittest.TestCase):
    """Ending only the processes that we started."""

    def started(self, code: str) -> "subprocess.Popen[str]":
        popen = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=environment.BASE_DIR,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.addCleanup(popen.communicate)
        self.addCleanup(popen.kill)
        assert popen.stdout is not None
        self.assertEqual(popen.stdout.readline(), "ready\n")
        return popen

    def test_ends_a_process_with_those_that_it_started(self) -> None:
        process = Process.of(self.started(STUBBORN).pid)
        tree = process.find_tree()
        self.assertEqual(len(tree), 2)
        self.assertTrue(end([process], grace=0.2))
        self.assertFalse(any(map(is_alive, tree)))
        self.assertIsNone(process.find_alive())
        self.assertFalse(end([process]))

    def test_another_process_with_the_same_number_is_left_alone(self) -> None:
        popen = self.started("import time; print('ready', flush=True); time.sleep(60)")
        self.assertFalse(end([Process(popen.pid, time.time() - 3600)]))
        self.assertIsNone(popen.poll())

    @unittest.skipIf(sys.platform == "win32", "Windows has no process groups of this kind")
    def test_finds_orphans_of_a_killed_process(self) -> None:
        popen = self.started(STUBBORN)
        process = Process.of(popen.pid)
        _, orphan = process.find_tree()
        popen.kill()
        popen.wait()
        self.assertTrue(end([process], grace=0.2))
        self.assertFalse(is_alive(orphan))


class ChildTests(unittest.TestCase):
    """Restarting the worker, whatever its exit status was."""

    def ended(self, code: str, *, now: list[float]) -> Child:
        """Return a child process that has ended."""
        child = Child([sys.executable, "-c", code], clock=lambda: now[0])
        self.wait_for_end(child)
        return child

    def wait_for_end(self, child: Child) -> None:
        while child.status() is None:
            time.sleep(0.01)

    def test_a_running_child_is_left_alone(self) -> None:
        child = Child([sys.executable, "-c", "import time; time.sleep(60)"])
        self.addCleanup(end, [child.process], grace=1)
        self.assertIsNone(child.status())
        self.assertFalse(child.restart_if_ended())

    def test_starts_again_after_a_growing_pause(self) -> None:
        now = [0.0]
        child = self.ended("", now=now)
        for pause in (1, 2, 4):
            self.assertFalse(child.restart_if_ended())
            now[0] += pause - 0.1
            self.assertFalse(child.restart_if_ended())
            now[0] += 0.2
            self.assertTrue(child.restart_if_ended())
            self.wait_for_end(child)

    def test_the_pause_is_short_again_after_a_steady_run(self) -> None:
        now = [0.0]
        child = self.ended("", now=now)
        for pause in (1, 2):
            child.restart_if_ended()
            now[0] += pause
            child.restart_if_ended()
            self.wait_for_end(child)
        now[0] += 3600
        child.restart_if_ended()
        now[0] += 1
        self.assertTrue(child.restart_if_ended())
        self.wait_for_end(child)

    def test_the_status_of_one_that_failed(self) -> None:
        self.assertEqual(self.ended("raise SystemExit(3)", now=[0.0]).status(), 3)


class McpTests(unittest.TestCase):
    """`run --mcp` starts the MCP server beside the site, on the next port."""

    def test_only_if_it_is_asked_for(self) -> None:
        with mock.patch.object(run, "run", return_value=0) as ran:
            main(["run"])
            main(["run", "--port", "8010", "--mcp"])
        self.assertEqual(
            ran.call_args_list,
            [
                mock.call("127.0.0.1", 8000, with_mcp=False),
                mock.call("127.0.0.1", 8010, with_mcp=True),
            ],
        )

    def test_its_command(self) -> None:
        command = run.mcp_command("127.0.0.1", 8001)
        self.assertEqual(command[1:], ["manage.py", "mcp", "--http", "--host", "127.0.0.1", "--port", "8001"])


class RecordTests(unittest.TestCase):
    """The record with which `stop` and the next `run` find processes."""

    def setUp(self) -> None:
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.file = folder / "var" / "run.json"
        self.enterContext(mock.patch.object(records, "FILE", self.file))

    def test_comes_back_as_it_was(self) -> None:
        run = Run("http://127.0.0.1:8000", Process(1, 2.5), (Process(3, 4.5),))
        self.assertIsNone(Run.read())
        run.write()
        self.assertEqual(Run.read(), run)
        Run.forget()
        self.assertIsNone(Run.read())

    def test_an_invalid_file_is_ignored(self) -> None:
        self.file.parent.mkdir()
        for text in ("", "[]", "{}", '{"address": "x", "children": [{}], "supervisor": {}}'):
            with self.subTest(text):
                self.file.write_text(text, encoding="utf-8")
                self.assertIsNone(Run.read())

    def test_stop_ends_the_recorded_processes(self) -> None:
        popen = subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True
        )
        self.addCleanup(popen.wait)
        self.addCleanup(popen.kill)
        gone = Process(popen.pid, 0.0)
        Run("http://127.0.0.1:8000", gone, (Process.of(popen.pid),)).write()
        with mock.patch("ticketflower.development.stop.stop_embedded", return_value=False):
            self.assertEqual(stop(), 0)
        self.assertNotEqual(popen.wait(timeout=5), 0)
        self.assertIsNone(Run.read())


class StopSignalsTests(unittest.TestCase):
    """A request to stop does not interrupt anything."""

    @unittest.skipIf(sys.platform == "win32", "other signals there")
    def test_each_signal_is_noticed(self) -> None:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            code = (
                "import os, signal\n"
                "from ticketflower.development.run import StopSignals\n"
                "stopping = StopSignals()\n"
                "assert not stopping\n"
                f"os.kill(os.getpid(), signal.{name})\n"
                "assert stopping\n"
            )
            with self.subTest(name):
                subprocess.run([sys.executable, "-c", code], cwd=environment.BASE_DIR, check=True)


class TestCommandTests(unittest.TestCase):
    """`dev.py test` runs every check and fails if one of them did."""

    def run_all(self, tests: int = 0, **statuses: int) -> tuple[int, list[str]]:
        said: list[str] = []
        others = [
            checks.Check(name, [sys.executable, "-c", f"print('says {name}'); exit({status})"])
            for name, status in statuses.items()
        ]
        with (
            mock.patch.object(checks, "_checks", return_value=others),
            mock.patch.object(checks, "run_in_foreground", return_value=tests),
            mock.patch.object(checks, "use_when_none_is_configured"),
            mock.patch.object(browser, "provide"),
            mock.patch.object(checks, "say", lambda text="": said.append(text)),
        ):
            status = checks.run_all()
        return status, said

    def test_all_hold(self) -> None:
        status, said = self.run_all(format=0, lint=0)
        self.assertEqual(status, 0)
        self.assertNotIn("FAILED", "".join(said))
        self.assertEqual(
            [text for text in said if "says" in text and "===" not in text], ["says format", "says lint"]
        )

    def test_goes_on_after_a_failure_and_says_so_at_the_end(self) -> None:
        status, said = self.run_all(format=0, lint=1, types=0)
        self.assertEqual(status, 1)
        self.assertRegex(said[-3], "^FAILED +lint")
        self.assertRegex(said[-2], "^ok +types")
        self.assertRegex(said[-1], "^ok +tests")
        self.assertEqual(self.run_all(1, format=0)[0], 1)

    def test_checks_everything(self) -> None:
        names = [check.name for check in checks._checks()]
        self.assertEqual(names, ["format", "lint", "types", "layers", "migrations", "deployment"])

    def test_ends_the_other_checks_when_it_is_ended(self) -> None:
        forever = [sys.executable, "-c", "import time; time.sleep(60)"]
        began = time.monotonic()
        with self.assertRaises(SystemExit), Background([Check("forever", forever)] * 2):
            raise SystemExit
        self.assertLess(time.monotonic() - began, 30)

    def test_arguments_go_to_pytest_alone(self) -> None:
        with (
            mock.patch.object(checks, "run_in_foreground", return_value=5) as ran,
            mock.patch.object(checks, "use_when_none_is_configured"),
            mock.patch.object(browser, "provide"),
        ):
            self.assertEqual(checks.run_tests(["-k", "walls"]), 5)
        self.assertEqual(ran.call_args.args[0][1:], ["-m", "pytest", "-k", "walls"])


class BrowserTests(unittest.TestCase):
    """The browser tests get a browser, or the user is warned that there is none."""

    def setUp(self) -> None:
        self.enterContext(mock.patch.dict(os.environ))
        self.say = self.enterContext(mock.patch.object(browser, "say"))

    def test_the_configured_browser(self) -> None:
        os.environ[browser.VARIABLE] = sys.executable
        browser.provide(may_install=False)
        self.assertEqual(os.environ[browser.VARIABLE], sys.executable)
        self.say.assert_not_called()

    def test_warns_loudly_without_a_browser(self) -> None:
        with mock.patch.object(browser, "find", return_value=None):
            browser.provide(may_install=False)
        self.assertIn("SKIPPED", self.say.call_args.args[0])


class ManageTests(unittest.TestCase):
    """`dev.py manage` prepares an empty embedded database, and only that."""

    def commands(self, *arguments: str, empty: bool, configured: bool = False) -> list[list[str]]:
        with (
            mock.patch.dict(os.environ),
            mock.patch.object(environment, "load_env_file"),
            mock.patch.object(manage, "use_when_none_is_configured"),
            mock.patch.object(manage, "_is_empty", return_value=empty),
            mock.patch.object(manage, "run_in_foreground", return_value=0) as ran,
        ):
            os.environ["DB_NAME"] = "elsewhere" if configured else ""
            self.assertEqual(manage.manage([*arguments]), 0)
        return [call.args[0][2:] for call in ran.call_args_list]

    def test_migrates_an_empty_database_first(self) -> None:
        self.assertEqual(self.commands("shell", empty=True), [["migrate", "--verbosity=0"], ["shell"]])

    def test_migrates_nothing_else(self) -> None:
        self.assertEqual(self.commands("shell", empty=False), [["shell"]])
        self.assertEqual(self.commands("shell", empty=True, configured=True), [["shell"]])
        for command in ("migrate", "help", "test", "--version"):
            self.assertEqual(self.commands(command, empty=True), [[command]])


class RequirementsTests(unittest.TestCase):
    """What `run` installs."""

    def test_the_pages_need_no_tools_of_developers(self) -> None:
        command = [sys.executable, "-c", WITHOUT_TOOLS]
        settings = {**os.environ, "DJANGO_SETTINGS_MODULE": "ticketflower.settings"}
        done = subprocess.run(
            command, env=settings, cwd=environment.BASE_DIR, capture_output=True, text=True, check=False
        )
        self.assertEqual(done.returncode, 0, done.stderr)


class DevTests(unittest.TestCase):
    """`dev.py` itself: when it installs packages and when it does not."""

    def setUp(self) -> None:
        self.root = Path(self.enterContext(tempfile.TemporaryDirectory()))
        for name in ("requirements.txt", "requirements-dev.txt"):
            (self.root / name).write_text(name, encoding="utf-8")
        self.dev = runpy.run_path(str(environment.BASE_DIR / "dev.py"))
        self.state: dict[str, Any] = self.dev["main"].__globals__
        python = self.root / "python"
        python.touch()
        self.state.update(ROOT=self.root, STAMP=self.root / "installed.json", PYTHON=python)
        self.delegated: list[list[str]] = []
        self.state.update(run_in_venv=self.run_in_venv, install=self.install, LOG=self.root / "install.log")
        self.installed: list[str] = []
        self.is_interrupted = False
        self.subprocess_run = self.enterContext(mock.patch("subprocess.run"))
        self.print = self.enterContext(mock.patch("builtins.print"))

    def run_in_venv(self, arguments: list[str]) -> int:
        self.delegated.append(arguments)
        return 0

    def install(self, requirements: str) -> None:
        self.installed.append(requirements)
        if self.is_interrupted:
            raise KeyboardInterrupt

    def ran(self) -> list[str]:
        """Return what was done since the last call: "venv", and the files given to pip."""
        made = ["venv" for _call in self.subprocess_run.call_args_list]
        found = [*made, *self.installed]
        self.subprocess_run.reset_mock()
        self.installed.clear()
        return found

    def test_standard_output_is_left_to_the_command(self) -> None:
        self.dev["main"](["manage", "mcp"])
        self.assertTrue(self.print.call_args_list)
        for call in self.print.call_args_list:
            self.assertEqual(call.kwargs["file"], sys.stderr)

    def test_installs_once(self) -> None:
        self.assertEqual(self.dev["main"](["run", "--port", "1"]), 0)
        self.assertEqual(self.ran(), ["venv", "requirements.txt"])
        self.dev["main"](["run"])
        self.assertEqual(self.ran(), [])
        self.assertEqual(self.delegated, [["run", "--port", "1"], ["run"]])

    def test_tests_need_more_and_that_is_enough_for_all(self) -> None:
        self.dev["main"](["run"])
        self.ran()
        self.dev["main"](["test"])
        self.assertEqual(self.ran(), ["requirements-dev.txt"])
        for command in ("run", "manage", "test"):
            self.dev["main"]([command])
        self.assertEqual(self.ran(), [])

    def test_tests_by_djangos_command_need_as_much(self) -> None:
        self.dev["main"](["manage", "test"])
        self.assertEqual(self.ran(), ["venv", "requirements-dev.txt"])

    def test_a_benchmark_made_of_tests_needs_as_much(self) -> None:
        self.dev["main"](["bench", "memory"])
        self.assertEqual(self.ran(), ["venv", "requirements.txt"])
        self.dev["main"](["bench", "api_fuzz"])
        self.assertEqual(self.ran(), ["requirements-dev.txt"])

    def test_installs_again_what_has_changed(self) -> None:
        self.dev["main"](["test"])
        (self.root / "requirements.txt").write_text("changed", encoding="utf-8")
        self.ran()
        self.dev["main"](["run"])
        self.assertEqual(self.ran(), ["requirements.txt"])

    def test_starts_over_for_another_python(self) -> None:
        self.dev["main"](["run"])
        self.ran()
        self.state["this_python"] = lambda: "another"
        self.dev["main"](["run"])
        self.assertEqual(self.ran(), ["venv", "requirements.txt"])

    def test_an_interrupted_installation_does_not_count(self) -> None:
        self.is_interrupted = True
        with self.assertRaises(KeyboardInterrupt):
            self.dev["main"](["run"])
        self.is_interrupted = False
        self.ran()
        self.dev["main"](["run"])
        self.assertEqual(self.ran(), ["requirements.txt"])

    @unittest.skipIf(sys.platform == "win32", "a shell script stands for pip")
    def test_says_how_far_pip_is_and_why_it_failed(self) -> None:
        python = self.root / "python"
        python.chmod(0o755)
        (self.root / "requirements.txt").write_text("a==1 \\\n  --hash=x\nb==2\n# c==3\n", encoding="utf-8")
        said = "\n".join(["Collecting a"] * 10 + ["Installing collected packages: a", "pip's own words"])
        for status in (0, 1):
            python.write_text(f"#!/bin/sh\ncat <<END\n{said}\nEND\nexit {status}\n", encoding="utf-8")
            self.print.reset_mock()
            try:
                self.dev["install"]("requirements.txt")
            except subprocess.CalledProcessError as error:
                self.assertEqual(error.returncode, status)
            words = " ".join(str(call.args) for call in self.print.call_args_list)
            self.assertIn("Installing 2 packages", words)
            self.assertIn("10 of 2 fetched", words)
            self.assertEqual("pip's own words" in words, bool(status))
            self.assertIn("pip's own words", (self.root / "install.log").read_text(encoding="utf-8"))

    def test_stop_installs_nothing(self) -> None:
        self.assertEqual(self.dev["main"](["stop"]), 0)
        self.assertEqual((self.ran(), self.delegated), ([], []))

    def test_explains_itself(self) -> None:
        self.assertEqual(self.dev["main"](["--help"]), 0)
        self.assertEqual(self.dev["main"](["rnu"]), 2)
        self.assertEqual(self.dev["main"]([]), 2)
        self.assertEqual(self.ran(), [])
