"""What somebody does on the Swagger page, by Playwright.

``python -m tests.local_aws.swagger_page ADDRESS FILE`` does it and takes the picture that is in the documentation.
"""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

#: Milliseconds that anything on the page has to happen: a function may have to start first.
TIMEOUT = 60_000
#: As root, as in a container, Chromium runs with no sandbox of its own only; all that it opens is ours.
OPTIONS = ["--no-sandbox", "--no-proxy-server", "--disable-dev-shm-usage"]
ORDER = {"customer_name": "Ada Lovelace", "item": "coffee", "quantity": 2}


@dataclass
class Seen:
    """What was on the page.

    Attributes:
        placed: The order that the API answered with.
        listed: The orders on the page that was listed then.
        problems: What the console told, and requests that failed.
        addresses: What was asked for.
    """

    placed: dict[str, Any] = field(default_factory=dict)
    listed: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    addresses: set[str] = field(default_factory=set)


def place_and_list(chromium: str, address: str, picture: Path) -> Seen:
    """Place an order and list it with "Try it out"; the picture is of the order that was placed."""
    seen = Seen()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        try:
            page = browser.new_page(viewport={"width": 1200, "height": 1250})
            page.set_default_timeout(TIMEOUT)
            watch(page, seen)
            page.goto(address)
            seen.placed = try_out(page, "POST", "/api/orders", json.dumps(ORDER, indent=2))
            page.screenshot(path=str(picture))
            seen.listed = try_out(page, "GET", "/api/orders")["orders"]
        finally:
            browser.close()
    return seen


def watch(page: Page, seen: Seen) -> None:
    """Note what goes wrong, and what is asked for."""

    def note(kind: str, text: str) -> None:
        seen.problems.append(f"{kind}: {text}")

    page.on(
        "console", lambda message: note(message.type, message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: note("page", str(error)))
    page.on("requestfailed", lambda request: note("request", request.url))
    page.on("request", lambda request: seen.addresses.add(request.url) if request.url.startswith("http") else None)


def try_out(page: Page, method: str, path: str, body: str | None = None) -> Any:
    """Have an operation executed, and give what came back."""
    operation = page.locator(f".opblock-{method.lower()}").filter(has=page.locator(f'[data-path="{path}"]')).first
    operation.locator(".opblock-summary-control").first.click()
    operation.get_by_role("button", name="Try it out").click()
    if body is not None:
        operation.locator("textarea").first.fill(body)
    with page.expect_response(lambda response: response.url.split("?")[0].endswith(path)) as answer:
        operation.get_by_role("button", name="Execute").click()
    operation.locator(".live-responses-table").wait_for()
    return answer.value.json()


if __name__ == "__main__":
    place_and_list(str(shutil.which("chromium")), sys.argv[1], Path(sys.argv[2]))
