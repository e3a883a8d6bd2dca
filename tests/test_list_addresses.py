"""URLs of lists with malicious or malformed parameters."""

import base64
import json
from itertools import cycle, product
from typing import Any

from users.tests.cases import CompanyTestCase, logged_in

# Sorted by a text, a time and a number; all lists read their addresses in the same way.
LISTS = {
    "/users/people/": ("name", "joined"),
    "/users/roles/": ("people",),
}
VALUES: tuple[Any, ...] = (
    *(None, True, 1.5, 10**30, -(10**30), [], {"a": 1}, "", "x" * 10_000, "\x00", "\ud800"),
    *("2020-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
)
IDS: tuple[Any, ...] = (1, "1", -1, 1.5, 10**30, -(10**30), None, [], "\ud800")


class Cursors(CompanyTestCase):
    """The list is shown whatever JSON `?after=` and `?before=` contain."""

    def test_any_content(self) -> None:
        places: list[Any] = [[value, 1] for value in VALUES] + [["a", pk] for pk in IDS]
        places += [[], {}, None, [1, 2, 3]]
        for path, sorts in LISTS.items():
            client = logged_in(self.ours.admin)
            # Both are read in the same way, so each place comes in one of them.
            for (sort, place), name in zip(product(sorts, places), cycle(("after", "before"))):
                text = json.dumps(place)
                with self.subTest(path=path, sort=sort, place=text[:40], name=name):
                    cursor = base64.urlsafe_b64encode(text.encode()).decode()
                    response = client.get(path, {"sort": sort, name: cursor})
                    self.assertEqual(response.status_code, 200)
