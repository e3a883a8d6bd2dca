"""Take the pictures of README.md from the demo: start `dev.py run`, then `python docs/img/take.py` in .venv.

It needs the packages of requirements-dev.txt and a Chromium.
"""

import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from ticketflower.development.browser import find

SITE = "http://127.0.0.1:8000"
PASSWORD = "ticketflower-demo"  # noqa: S105 - printed by `dev.py run`
# The picture, who sees it, the link on the first page of which list to follow, and the height.
PICTURES = (
    ("ticket", "admin@demo.example", "/manage/tickets/", "New employee", 900),
    ("designer", "designer@demo.example", "/design/", "Vacation request", 900),
)


def take(browser: Browser, site: str) -> None:
    """Store each picture beside this file."""
    for name, person, address, link, height in PICTURES:
        context = browser.new_context(
            base_url=site, viewport={"width": 1280, "height": height}, color_scheme="light"
        )
        page = context.new_page()
        page.goto("/users/login/")
        page.get_by_label("E-mail address").fill(person)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        page.goto(address)
        page.get_by_role("main").get_by_role("link", name=link).first.click()
        page.wait_for_load_state()
        page.screenshot(path=Path(__file__).with_name(f"{name}.png"))
        context.close()


if __name__ == "__main__":
    flags = ["--no-sandbox", "--disable-gpu"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find(), args=flags)
        take(chromium, sys.argv[1] if len(sys.argv) > 1 else SITE)
