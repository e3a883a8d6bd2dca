"""The embedded database, tested with real servers: starting, stopping and recovering from kill -9."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from typing import ClassVar
from unittest import mock

import psutil
import psycopg

from ticketflower import embedded_postgres, environment
from ticketflower.embedded_postgres import EmbeddedPostgresError, embedded_server, process

# Uses the server in argv[1] until its standard input ends; prints its variables when it is ready.
ANOTHER_USER = """
import json, pathlib, sys
from ticketflower.embedded_postgres import embedded_server
with embedded_server(pathlib.Path(sys.argv[1])).in_use() as variables:
    print(json.dumps(variables), flush=True)
    sys.stdin.read()
"""


def connect(variables: dict[str, str], *, role: str = "DB", database: str = "") -> psycopg.Connection:
    """Return a connection as the site's role or, with "DB_OWNER", as the owner."""
    return psycopg.connect(
        host=variables["DB_HOST"],
        port=variables["DB_PORT"],
        user=variables[f"{role}_USER"],
        password=variables[f"{role}_PASSWORD"],
        dbname=database or variables["DB_NAME"],
        autocommit=True,
    )


class ServerTestCase(unittest.TestCase):
    """A test case with a folder inside the project, which a server run by root can access.

    The server is stopped after every test.
    """

    folder: ClassVar[Path]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        var = environment.BASE_DIR / "var"
        var.mkdir(exist_ok=True)
        cls.folder = Path(tempfile.mkdtemp(prefix="test-postgres-", dir=var))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(embedded_server(self.folder).stop)

    def new_folder(self, name: str) -> Path:
        """Create another folder, whose server is also stopped after the test."""
        folder = self.folder / "more" / name
        folder.mkdir(parents=True)
        self.addCleanup(embedded_server(folder).stop)
        return folder

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def another_user(self) -> "subprocess.Popen[str]":
        """Start a second process that uses the server until its standard input is closed."""
        user = subprocess.Popen(
            [sys.executable, "-c", ANOTHER_USER, str(self.folder)],
            cwd=environment.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(user.communicate)
        self.addCleanup(user.kill)
        assert user.stdout is not None
        self.assertIn("DB_NAME", json.loads(user.stdout.readline()))
        return user

    def is_running(self) -> bool:
        return process.postmaster(self.data) is not None

    def kill_postmaster(self) -> psutil.Process:
        postmaster = process.postmaster(self.data)
        assert postmaster is not None
        postmaster.kill()
        # Without an init process that reaps orphans, it stays as a zombie, which counts as dead.
        for _ in range(100):
            if not self.is_running():
                return postmaster
            time.sleep(0.05)
        raise AssertionError("kill -9 did nothing")


class UsersTests(ServerTestCase):
    """The server runs exactly as long as it is used."""

    def test_runs_while_used_and_stops_after(self) -> None:
        with embedded_server(self.folder).in_use() as variables:
            self.assertTrue(self.is_running())
            with connect(variables) as connection:
                self.assertEqual(connection.execute("SELECT 1").fetchone(), (1,))
        self.assertFalse(self.is_running())
        self.assertFalse((self.data / "postmaster.pid").exists())

    def test_the_last_user_stops_it_not_the_first(self) -> None:
        with embedded_server(self.folder).in_use():
            other = self.another_user()
        self.assertTrue(self.is_running())
        other.communicate("")
        self.assertFalse(self.is_running())

    def test_a_killed_user_does_not_keep_it(self) -> None:
        with embedded_server(self.folder).in_use():
            other = self.another_user()
            other.kill()
            other.wait()
        self.assertFalse(self.is_running())

    def test_runs_on_when_its_only_user_is_killed_until_stopped(self) -> None:
        other = self.another_user()
        other.kill()
        other.wait()
        self.assertTrue(self.is_running())
        self.assertTrue(embedded_server(self.folder).stop())
        self.assertFalse(self.is_running())
        self.assertFalse(embedded_server(self.folder).stop())

    def test_stop_ends_it_under_its_users(self) -> None:
        with embedded_server(self.folder).in_use() as variables:
            connection = connect(variables)
            self.assertTrue(embedded_server(self.folder).stop())
            with self.assertRaises(psycopg.OperationalError):
                connection.execute("SELECT 1")

    def test_an_error_inside_stops_it_too(self) -> None:
        with self.assertRaises(ZeroDivisionError), embedded_server(self.folder).in_use():
            raise ZeroDivisionError
        self.assertFalse(self.is_running())


class HardKillTests(ServerTestCase):
    """Recovery from leftovers of a kill -9 or a crash of the machine."""

    def setUp(self) -> None:
        super().setUp()
        with embedded_server(self.folder).in_use() as variables, connect(variables, role="DB_OWNER") as owner:
            owner.execute("CREATE TABLE IF NOT EXISTS note AS SELECT 'kept' AS text")

    def assert_starts_with_its_data(self) -> None:
        with embedded_server(self.folder).in_use() as variables, connect(variables, role="DB_OWNER") as owner:
            self.assertEqual(owner.execute("SELECT text FROM note").fetchone(), ("kept",))
        self.assertFalse(self.is_running())

    def test_killed_server_starts_again(self) -> None:
        with embedded_server(self.folder).in_use():
            self.kill_postmaster()
            self.assertTrue((self.data / "postmaster.pid").exists())
        self.assert_starts_with_its_data()

    def test_another_user_starts_a_killed_server_again_at_once(self) -> None:
        self.another_user()
        dead = self.kill_postmaster()
        with embedded_server(self.folder).in_use():
            self.assertNotEqual(process.postmaster(self.data), dead)
            self.assertTrue(self.is_running())

    def test_backends_that_outlive_the_server_are_ended_first(self) -> None:
        with embedded_server(self.folder).in_use() as variables, connect(variables) as connection:
            backend = psutil.Process(connection.info.backend_pid)
            backend.suspend()  # a suspended backend does not notice that its server died
            self.kill_postmaster()
            self.assertFalse(embedded_server(self.folder).stop())
            self.assertFalse(backend.is_running() and backend.status() != psutil.STATUS_ZOMBIE)
        self.assert_starts_with_its_data()

    def test_its_number_now_belongs_to_another_program(self) -> None:
        lines = [str(os.getpid()), str(self.data), "1700000000", "5432", str(self.data), "", "1 1", "ready"]
        (self.data / "postmaster.pid").write_text("\n".join(lines), encoding="utf-8")
        self.assert_starts_with_its_data()

    @unittest.skipIf(sys.platform == "win32", "Windows has no zombies")
    def test_its_number_belongs_to_a_zombie(self) -> None:
        zombie = subprocess.Popen([process.program("postgres"), "--version"], stdout=subprocess.DEVNULL)
        while psutil.Process(zombie.pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.01)
        lines = [str(zombie.pid), str(self.data), "1700000000", "5432", str(self.data), "", "1 1", "ready"]
        (self.data / "postmaster.pid").write_text("\n".join(lines), encoding="utf-8")
        self.assert_starts_with_its_data()
        zombie.wait()

    def test_a_half_written_pid_file(self) -> None:
        (self.data / "postmaster.pid").write_text("", encoding="utf-8")
        self.assert_starts_with_its_data()


class FolderTests(ServerTestCase):
    """Unusual folders, and unexpected content in them."""

    def test_name_too_long_for_a_socket(self) -> None:
        folder = self.new_folder("deep" * 12 + "/" + "deeper" * 10)
        with embedded_server(folder).in_use() as variables:
            if sys.platform != "win32":
                self.assertNotIn("deep", variables["DB_HOST"])
                self.assertEqual(Path(variables["DB_HOST"]).stat().st_mode & 0o777, 0o700)
            connect(variables).close()
        if sys.platform != "win32":
            self.assertFalse(Path(variables["DB_HOST"]).exists())

    def test_name_with_space_quote_and_comma(self) -> None:
        with embedded_server(self.new_folder("it's mine, really")).in_use() as variables:
            connect(variables).close()

    def test_interrupted_creation_of_the_data(self) -> None:
        folder = self.new_folder("interrupted")
        (folder / "data.new").mkdir()
        (folder / "data.new" / "PG_VERSION").write_text("18\n", encoding="ascii")
        with embedded_server(folder).in_use() as variables:
            connect(variables).close()
        self.assertFalse((folder / "data.new").exists())

    def test_data_of_another_version_is_left_alone(self) -> None:
        folder = self.new_folder("other-version")
        (folder / "data").mkdir()
        (folder / "data" / "PG_VERSION").write_text("16\n", encoding="ascii")
        with self.assertRaisesRegex(EmbeddedPostgresError, "created by PostgreSQL 16"):
            embedded_server(folder).in_use().__enter__()

    def test_a_failed_start_explains_itself(self) -> None:
        with embedded_server(self.folder).in_use():
            pass
        control = self.data / "global" / "pg_control"
        control.rename(control.with_name("elsewhere"))
        self.addCleanup(control.with_name("elsewhere").rename, control)
        with self.assertRaisesRegex(EmbeddedPostgresError, "pg_control"):
            embedded_server(self.folder).in_use().__enter__()

    def test_lost_passwords_are_reported(self) -> None:
        with embedded_server(self.folder).in_use():
            pass
        passwords = self.folder / "passwords.json"
        content = passwords.read_text(encoding="utf-8")
        self.addCleanup(passwords.write_text, content, encoding="utf-8")
        passwords.unlink()
        with self.assertRaisesRegex(EmbeddedPostgresError, r"passwords\.json"):
            embedded_server(self.folder).in_use().__enter__()
        self.assertFalse(self.is_running())

    @unittest.skipIf(sys.platform == "win32", "rights of files are another matter there")
    def test_nobody_else_may_read_the_passwords(self) -> None:
        with embedded_server(self.folder).in_use():
            self.assertEqual((self.folder / "passwords.json").stat().st_mode & 0o077, 0)
            self.assertEqual(self.data.stat().st_mode & 0o077, 0)


class RolesTests(ServerTestCase):
    """The two roles: one owns the database, the other is restricted."""

    RIGHTS: ClassVar[str] = (
        "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication"
        " FROM pg_roles WHERE rolname = current_user"
    )

    def test_their_rights(self) -> None:
        with embedded_server(self.folder).in_use() as variables:
            with connect(variables) as site:
                self.assertEqual(site.execute(self.RIGHTS).fetchone(), (False,) * 5)
            with connect(variables, role="DB_OWNER") as owner:
                self.assertEqual(owner.execute(self.RIGHTS).fetchone(), (False, True, False, False, False))

    def test_only_the_owner_makes_tables_and_test_databases(self) -> None:
        with embedded_server(self.folder).in_use() as variables:
            with connect(variables, role="DB_OWNER") as owner:
                owner.execute("CREATE TABLE ours ()")
                owner.execute("CREATE DATABASE test_ours")
            with connect(variables, database="test_ours") as site:
                self.assertEqual(site.execute("SELECT 1").fetchone(), (1,))
                for statement in ("CREATE TABLE mine ()", "CREATE DATABASE mine", "CREATE ROLE mine"):
                    with self.assertRaises(psycopg.errors.InsufficientPrivilege):
                        site.execute(statement)

    def test_no_one_gets_in_without_a_password(self) -> None:
        with embedded_server(self.folder).in_use() as variables:
            for user in ("postgres", variables["DB_USER"], variables["DB_OWNER_USER"]):
                with self.assertRaises(psycopg.OperationalError):
                    connect({**variables, "DB_USER": user, "DB_PASSWORD": "guess"})

    def test_a_changed_role_is_repaired(self) -> None:
        with embedded_server(self.folder).in_use() as variables, connect(variables, role="DB_OWNER") as owner:
            owner.execute("CREATE TABLE kept ()")
            passwords = json.loads((self.folder / "passwords.json").read_text(encoding="utf-8"))
            superuser = {**variables, "DB_USER": "postgres", "DB_PASSWORD": passwords["superuser"]}
            with connect(superuser) as connection:
                connection.execute("ALTER ROLE ticketflower_site SUPERUSER BYPASSRLS PASSWORD 'other'")
        with embedded_server(self.folder).in_use() as variables:
            with connect(variables) as site:
                self.assertEqual(site.execute(self.RIGHTS).fetchone(), (False,) * 5)
            with connect(variables, role="DB_OWNER") as owner:
                owner.execute("SELECT * FROM kept")


class EnvironmentTests(ServerTestCase):
    """`use_when_none_is_configured` does nothing if a database is configured."""

    def setUp(self) -> None:
        super().setUp()
        self.enterContext(mock.patch.object(embedded_postgres, "FOLDER", self.folder))
        self.enterContext(mock.patch.object(environment, "load_env_file"))
        self.enterContext(mock.patch.dict(os.environ))
        for name in [name for name in os.environ if name.startswith("DB_")]:
            del os.environ[name]

    def test_configured_database_is_left_alone(self) -> None:
        os.environ["DB_NAME"] = "elsewhere"
        with embedded_postgres.use_when_none_is_configured():
            self.assertNotIn("DB_HOST", os.environ)
        self.assertFalse(self.is_running())

    def test_children_inherit_it_and_do_not_stop_it(self) -> None:
        os.environ["DB_HOST"] = "before"
        child = (
            "from ticketflower.embedded_postgres import use_when_none_is_configured as use\n"
            "import os, psycopg\n"
            "with use():\n"
            "    psycopg.connect(**{key: os.environ[f'DB_{name}'] for key, name in {\n"
            "        'host': 'HOST', 'port': 'PORT', 'user': 'USER', 'password': 'PASSWORD',\n"
            "        'dbname': 'NAME'}.items()}).close()\n"
        )
        with embedded_postgres.use_when_none_is_configured():
            subprocess.run([sys.executable, "-c", child], cwd=environment.BASE_DIR, check=True)
            self.assertTrue(self.is_running())
            self.assertEqual(os.environ["DB_NAME"], "ticketflower")
        self.assertFalse(self.is_running())
        self.assertEqual(os.environ["DB_HOST"], "before")
        self.assertNotIn("DB_NAME", os.environ)

    def test_stop_without_a_server(self) -> None:
        self.assertFalse(embedded_postgres.stop_embedded())
        with mock.patch.object(embedded_postgres, "FOLDER", self.folder / "missing"):
            self.assertFalse(embedded_postgres.stop_embedded())
        self.assertFalse((self.folder / "missing").exists())

    @unittest.skipIf(sys.platform == "win32", "ends by other means there")
    def test_interrupted_while_starting(self) -> None:
        starting = (
            "import os, pathlib, signal, sys\n"
            "from unittest import mock\n"
            "from ticketflower.embedded_postgres import embedded_server, server\n"
            "signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in background processes\n"
            "def interrupted(*_):\n"
            "    os.kill(os.getpid(), signal.SIGINT)\n"
            "with mock.patch.object(server, 'make_roles_and_database', interrupted):\n"
            "    embedded_server(pathlib.Path(sys.argv[1])).in_use().__enter__()\n"
        )
        result = subprocess.run(
            [sys.executable, "-c", starting, str(self.folder)],
            cwd=environment.BASE_DIR,
            check=False,
            capture_output=True,
        )
        self.assertIn(b"KeyboardInterrupt", result.stderr)
        self.assertFalse(self.is_running())
