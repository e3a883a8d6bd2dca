"""What is around every page, of which parts are drawn once for all who see the same."""

import gzip
import re

from django.utils.translation import deactivate, trans_real

from users.tests.cases import CompanyTestCase, logged_in

PAGE = "/users/profile/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


class FrameTests(CompanyTestCase):
    """Each page is asked for twice at least, so that what was drawn before is used."""

    def menu(self, page: str) -> list[str]:
        """Return the addresses in the menu of a page."""
        return re.findall(r'class="tf-nav-link" href="([^"]+)"', page)

    def test_menu_of_each_person(self) -> None:
        for _again in range(2):
            admin, worker, theirs = (
                logged_in(person).get(PAGE).content.decode()
                for person in (self.ours.admin, self.ours.worker, self.theirs.worker)
            )
            self.assertIn("/manage/tickets/", self.menu(admin))
            self.assertNotIn("/manage/tickets/", self.menu(worker))
            self.assertEqual(self.menu(worker), self.menu(theirs))
            self.assertIn(f"<span>{self.theirs.company.name}</span>", theirs)
            self.assertNotIn(self.ours.company.name, theirs)

    def test_the_menu_of_the_person(self) -> None:
        people = (self.ours.admin, self.ours.worker, self.ours.admin)
        for person in people:
            page = logged_in(person).get(f"{PAGE}?for={person.pk}").content.decode()
            menu = page[page.index('popovertarget="person-menu"') : page.index("</header>")]
            self.assertIn(f'aria-label="Your menu, {person.get_full_name()}"', menu)
            self.assertIn(person.email, menu)
            self.assertIn(f'name="next" value="{PAGE}?for={person.pk}"', menu)
            self.assertEqual(menu.count("@"), 1)
            self.assertEqual(len(set(TOKEN.findall(menu))), 1)

    def test_a_language_is_active(self) -> None:
        """Without one, Django looks for it in vain for each text."""
        deactivate()
        logged_in(self.ours.admin).get(PAGE)
        self.assertTrue(hasattr(trans_real._active, "value"))  # type: ignore[attr-defined]  # not in the stubs

    def test_the_current_entry(self) -> None:
        client = logged_in(self.ours.admin)
        for path in ("/manage/tickets/", "/tasks/", "/manage/tickets/"):
            page = client.get(path).content.decode()
            self.assertEqual(re.findall(r'class="tf-nav-link" href="([^"]+)" aria-current', page), [path])

    def test_the_theme(self) -> None:
        client = logged_in(self.ours.admin)
        for theme in ("dark", "light", "dark"):
            client.cookies["theme"] = theme
            page = client.get(PAGE)
            self.assertRegex(page.content.decode(), rf'value="{theme}"\s+aria-pressed="true"')
            self.assertContains(page, f'data-bs-theme="{theme}"')

    def test_scripts_of_shortcuts(self) -> None:
        client = logged_in(self.ours.admin)
        for value, count in (("off", 0), ("", 1), ("off", 0)):
            client.cookies["shortcuts"] = value
            self.assertContains(client.get(PAGE), "js/shortcuts.js", count=count)

    def test_compressed_page_has_a_new_token_each_time(self) -> None:
        """So what an attacker learns of one page's length says nothing about the next one's token."""
        client, found = logged_in(self.ours.admin), set()
        for _again in range(2):
            page = client.get(PAGE, headers={"Accept-Encoding": "gzip"})
            self.assertEqual(page.headers["Content-Encoding"], "gzip")
            self.assertEqual(set(page.headers["Vary"].split(", ")), {"Accept-Encoding", "Cookie"})
            tokens = set(TOKEN.findall(gzip.decompress(page.content).decode()))
            self.assertEqual(len(tokens), 1)
            found |= tokens
        self.assertEqual(len(found), 2)
