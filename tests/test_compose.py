"""The files of Docker Compose, without Docker: what they say, and the script that makes the roles."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import yaml
from django.test import SimpleTestCase
from dotenv import dotenv_values

from ticketflower.embedded_postgres import embedded_server, process
from ticketflower.embedded_postgres.roles import SUPERUSER, load_or_create_passwords
from ticketflower.environment import BASE_DIR
from ticketflower.tests.test_embedded_postgres import ServerTestCase
from workflow_ops.api.mcp.transports import PATH

_VARIABLE = re.compile(r"\$\{(\w+)(:-|:\?)?([^}]*)\}")


def compose(name: str) -> dict[str, Any]:
    """Return the services of a Compose file."""
    services: dict[str, Any] = yaml.safe_load((BASE_DIR / name).read_text(encoding="utf-8"))["services"]
    return services


class DevelopmentTests(SimpleTestCase):
    """`docker compose up --detach db` needs nothing, and `.env.example` is the other half."""

    def test_the_database_has_the_values_of_the_example(self) -> None:
        example = dotenv_values(BASE_DIR / ".env.example")
        found = _VARIABLE.findall((BASE_DIR / "docker-compose.yml").read_text(encoding="utf-8"))
        self.assertEqual(
            {name for name, _operator, _default in found},
            {"DB_NAME", "DB_PORT", "DB_USER", "DB_PASSWORD", "DB_OWNER_USER", "DB_OWNER_PASSWORD"}
            | {"POSTGRES_PASSWORD"},
        )
        for name, operator, default in found:
            self.assertEqual((operator, default), (":-", example[name]), name)
        self.assertEqual(example["DB_HOST"], "127.0.0.1")

    def test_it_is_alone_and_only_this_machine_reaches_it(self) -> None:
        services = compose("docker-compose.yml")
        self.assertEqual([*services], ["db"])
        self.assertEqual(services["db"]["ports"], ["127.0.0.1:${DB_PORT:-5432}:5432"])


class ProductionTests(SimpleTestCase):
    def test_nothing_that_matters_has_a_default(self) -> None:
        text = (BASE_DIR / "docker-compose.production.yml").read_text(encoding="utf-8")
        needed = re.compile("^(DB_.*|POSTGRES_)PASSWORD$|SECRET_KEY$|^ENCRYPTION_KEYS$|^PROXY_COUNT$")
        found = [each for each in _VARIABLE.findall(text) if needed.search(each[0])]
        self.assertGreaterEqual(len(found), 5)
        for name, operator, _default in found:
            self.assertEqual(operator, ":?", name)

    def test_the_passwords_of_development_are_refused(self) -> None:
        password = dotenv_values(BASE_DIR / ".env.example")["DB_PASSWORD"] or ""
        env = {"SITE_URL": "https://tickets.example.com", "DB_PASSWORD": password, "DB_NAME": "x"}
        result = subprocess.run(
            [sys.executable, "-c", "import ticketflower.settings"],
            check=False,
            cwd=BASE_DIR,
            env={**os.environ, **env, "DEBUG": ""},
            capture_output=True,
            text=True,
        )
        self.assertIn("DB_PASSWORD is that of .env.example", result.stderr)

    def test_only_the_proxy_is_reached_from_outside(self) -> None:
        services = compose("docker-compose.production.yml")
        self.assertEqual([name for name, service in services.items() if "ports" in service], ["proxy"])
        self.assertIn("./docker/nginx.conf:/etc/nginx/conf.d/default.conf:ro", services["proxy"]["volumes"])

    def test_the_proxy_passes_what_is_for_mcp_to_its_process(self) -> None:
        command = compose("docker-compose.production.yml")["mcp"]["command"]
        self.assertEqual(command[1:4], ["manage.py", "mcp", "--http"])
        port = command[command.index("--port") + 1]
        proxy = (BASE_DIR / "docker" / "nginx.conf").read_text(encoding="utf-8")
        self.assertIn(f"set $mcp mcp:{port};", proxy)
        self.assertRegex(proxy, rf"location = {PATH} \{{\s+proxy_pass http://\$mcp;")

    def test_only_what_migrates_knows_the_owner(self) -> None:
        services = compose("docker-compose.production.yml")
        knowing = [
            name for name, one in services.items() if "DB_OWNER_PASSWORD" in one.get("environment", {})
        ]
        self.assertEqual(knowing, ["database", "migrate"])


class RolesTests(ServerTestCase):
    """The script as PostgreSQL's image runs it: by psql, as the superuser, with the service's environment."""

    def test_it_makes_both_roles_even_with_the_line_ends_of_windows(self) -> None:
        defaults = {
            name: default
            for name, _operator, default in _VARIABLE.findall(
                (BASE_DIR / "docker-compose.yml").read_text(encoding="utf-8")
            )
        }
        # The embedded server has the roles and the database of these names already.
        names = {name: f"{value}_compose" for name, value in defaults.items() if not name.endswith("PORT")}
        script = self.folder / "make-roles.sql"
        text = (BASE_DIR / "docker" / "make-roles.sql").read_text(encoding="utf-8")
        script.write_text(text, encoding="utf-8", newline="\r\n")
        with embedded_server(self.folder).in_use() as variables:
            self._run(script, variables, names)
            with psycopg.connect(
                host=variables["DB_HOST"],
                port=variables["DB_PORT"],
                dbname=names["DB_NAME"],
                user=names["DB_USER"],
                password=names["DB_PASSWORD"],
            ) as site:
                roles = site.execute(
                    "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname LIKE %s "
                    "ORDER BY rolname",
                    ["%_compose"],
                ).fetchall()
                owner = site.execute(
                    "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
                ).fetchone()
        self.assertEqual(
            roles,
            [(names["DB_OWNER_USER"], False, False, True), (names["DB_USER"], False, False, False)],
        )
        self.assertEqual(owner, (names["DB_OWNER_USER"],))

    def _run(self, script: Path, variables: dict[str, str], names: dict[str, str]) -> None:
        passwords = load_or_create_passwords(self.folder / "passwords.json")
        address = ["--host", variables["DB_HOST"], "--port", variables["DB_PORT"] or "5432"]
        subprocess.run(
            [
                *(str(process.program("psql")), "--no-psqlrc", "--set", "ON_ERROR_STOP=1", *address),
                *("--username", SUPERUSER, "--dbname", "postgres", "--file", str(script)),
            ],
            check=True,
            capture_output=True,
            env={**os.environ, **names, "PGPASSWORD": passwords.superuser},
        )
