"""The test database for pytest. How it is made: `tests/database.py`."""

import gc
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import groupby
from typing import Any

import pytest
from pytest_django.plugin import blocking_manager_key


@pytest.hookimpl(wrapper=True)
def pytest_sessionstart(session: pytest.Session) -> Iterator[None]:
    """In a parallel run, make the database once, while the workers collect the tests."""
    if hasattr(session.config, "workerinput") or session.config.getoption("dist", "no") == "no":
        return (yield)
    from tests.database import migrated_database, template_in_the_making

    stack = ExitStack()
    with session.config.stash[blocking_manager_key].unblock(), template_in_the_making():
        yield
        stack.enter_context(migrated_database(keep=_keep(session.config), as_template=True))
    session.config.add_cleanup(lambda: _close(stack, session.config.stash[blocking_manager_key]))
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let each process of a parallel run begin with a share of the slow classes: none is left for the end.

    xdist gives each process an equal part of the list. One that is done takes over from another's end.
    """
    processes = getattr(config, "workerinput", {}).get("workercount", 1)
    slow = {item: None for item in items if any(map(item.get_closest_marker, ("browser", "slow")))}
    classes = [list(tests) for _class, tests in groupby(slow, key=lambda item: item.parent)]
    shares: list[list[pytest.Item]] = [[] for _process in range(processes)]
    for tests in sorted(classes, key=len, reverse=True):
        min(shares, key=len).extend(tests)
    others = [item for item in items if item not in slow]
    items.clear()
    for number, share in enumerate(shares):
        left = len(others) + sum(map(len, shares[number:]))
        rest = left // (processes - number) - len(share)
        items += [*share, *others[:rest]]
        del others[:rest]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Keep the garbage collector from looking at all imported code again and again: a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 100)


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: Any,
    django_db_modify_db_settings: None,
) -> Iterator[None]:
    """Replace pytest-django's fixture of this name: the database has two roles (docs/security.md)."""
    from tests.database import copied_database, make_everybody, migrated_database

    stack = ExitStack()
    with django_db_blocker.unblock():
        is_worker = hasattr(request.config, "workerinput")
        stack.enter_context(copied_database() if is_worker else migrated_database(keep=_keep(request.config)))
        make_everybody()
    yield
    _close(stack, django_db_blocker)


def _keep(config: pytest.Config) -> bool:
    return bool(config.getvalue("reuse_db")) and not config.getvalue("create_db")


def _close(stack: ExitStack, blocker: Any) -> None:
    with blocker.unblock():
        stack.close()
