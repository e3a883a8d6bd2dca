"""The whole journey of a company: sign-up, three people, one of whom leaves, and a visit by staff."""

from playwright.sync_api import Page, expect

from tests.browser.cases import BrowserTestCase
from users.tests.cases import PASSWORD


class PeoplePath(BrowserTestCase):
    """Each person has a separate browser."""

    def test_the_whole_path(self) -> None:
        with self.person() as nora, self.person() as ben, self.person(width=360) as cleo:
            self.sign_up(nora)
            self.add_role(nora, "Finance")
            self.invite(nora, "ben@bakery.example", "Finance")
            self.invite(nora, "cleo@bakery.example")
            self.do_jobs()
            self.confirm_address(nora)
            self.do_jobs()
            self.accept(ben, "ben@bakery.example", "Ben", "Baker")
            self.accept(cleo, "cleo@bakery.example", "Cleo", "Cook")
            self.make_designer(nora, "Cleo Cook")
            self.deactivate(nora, "Ben Baker")
            self.assert_is_out(ben)
            cleo.goto("/users/dashboard/")
            expect(cleo.get_by_role("heading", level=1)).to_contain_text("Cleo")
            with self.person() as staff:
                self.look_in(staff)
            self.read_audit(nora)

    def sign_up(self, page: Page) -> None:
        page.goto("/users/signup/")
        for label, text in (
            ("Company name", "Bakery"),
            ("First name", "Nora"),
            ("Last name", "Noon"),
            ("E-mail address", "nora@bakery.example"),
        ):
            page.get_by_label(label).fill(text)
        page.locator("[name=password1]").fill(PASSWORD)
        page.locator("[name=password2]").fill(PASSWORD)
        page.get_by_role("button", name="Sign up").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Nora")

    def confirm_address(self, page: Page) -> None:
        """Invitations wait for this."""
        expect(page.locator("body")).to_contain_text("Until then, invitations wait.")
        self.assert_accessible(page)
        page.goto(self.link_in_last_mail(to="nora@bakery.example"))
        page.get_by_role("button", name="Yes, this is my address").click()
        expect(page.locator("main")).to_contain_text("Your e-mail address is confirmed.")

    def add_role(self, page: Page, name: str) -> None:
        page.goto("/users/roles/new/")
        page.get_by_label("Name").fill(name)
        page.get_by_role("button", name="Create the role").click()
        expect(page.locator("main")).to_contain_text(name)

    def invite(self, page: Page, email: str, *roles: str) -> None:
        page.goto("/users/people/invite/")
        page.get_by_label("E-mail address").fill(email)
        for role in roles:
            page.get_by_label(role).check()
        page.get_by_role("button", name="Send the invitation").click()
        expect(page.locator("main")).to_contain_text(email)

    def accept(self, page: Page, email: str, first_name: str, last_name: str) -> None:
        page.goto(self.link_in_last_mail(to=email))
        page.get_by_label("First name").fill(first_name)
        page.get_by_label("Last name").fill(last_name)
        page.locator("[name=password1]").fill(PASSWORD)
        page.locator("[name=password2]").fill(PASSWORD)
        page.get_by_role("button", name="Create my account").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(first_name)

    def open_person(self, page: Page, name: str) -> None:
        page.goto("/users/people/")
        page.get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text(name)

    def make_designer(self, page: Page, name: str) -> None:
        self.open_person(page, name)
        page.get_by_role("link", name="Change roles").first.click()
        page.get_by_label("Workflow creator").check()
        page.get_by_role("button", name="Save roles").click()
        expect(page.locator("main")).to_contain_text("Workflow creator")

    def deactivate(self, page: Page, name: str) -> None:
        self.open_person(page, name)
        page.get_by_role("link", name="Deactivate").click()
        page.get_by_role("button", name="Deactivate").click()
        expect(page.locator("main")).to_contain_text(f"{name} has been deactivated")

    def assert_is_out(self, page: Page) -> None:
        page.goto("/users/dashboard/")
        expect(page).to_have_url(f"{self.live_server_url}/users/login/?next=/users/dashboard/")
        self.log_in(page, "ben@bakery.example")
        expect(page.get_by_role("heading", level=1)).to_have_text("Log in")

    def look_in(self, page: Page) -> None:
        self.log_in(page, self.staff.email)
        page.goto("/users/companies/?q=Bakery")
        page.get_by_role("button", name="Enter").first.click()
        expect(page.locator("body")).to_contain_text("as TicketFlower staff")
        page.goto("/users/company/")
        page.get_by_label("Company name").fill("Bakery and sons")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("body")).to_contain_text("The settings have been saved")
        page.get_by_role("button", name="Leave").first.click()
        expect(page).to_have_url(f"{self.live_server_url}/users/companies/")

    def read_audit(self, page: Page) -> None:
        page.goto("/users/audit/")
        log = page.locator("main")
        for text in (
            "Bakery and sons",
            "TicketFlower staff",
            "Nora Noon",
            "Ben Baker",
            "Workflow creator",
            "Finance",
        ):
            expect(log).to_contain_text(text)
        renamed = page.locator("li, tr", has_text="Bakery and sons").first
        expect(renamed).to_contain_text("TicketFlower staff")
