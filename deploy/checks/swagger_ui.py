"""Tries the page of the API's documentation in a browser: Swagger UI lists every operation, and sends requests.

Needs CREDITORS_API_URL, where an agent is that trusts its callers and serves the default range of creditors. An argument
says where to save a picture of the page.
"""

import os
import sys

from playwright.sync_api import expect, sync_playwright

API = os.environ["CREDITORS_API_URL"].rstrip("/")
CREDITOR = "1103806595072"
BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]


def browser_path():
    given = os.environ.get("CHROMIUM")
    found = [path for path in ([given] if given else BROWSERS) if os.path.exists(path)]
    if not found:
        sys.exit("there is no Chromium: install the package chromium, or name one by the variable CHROMIUM")
    return found[0]


def operation_ids(document):
    operations = (item for path in document["paths"].values() for name, item in path.items() if name != "parameters")
    return {operation["operationId"] for operation in operations}


def try_out(page, operation_id, parameters):
    """Sends a request as a person does, and returns what was sent and the status that is shown."""
    block = page.locator(f".opblock[id$='-{operation_id}']")
    block.locator(".opblock-summary-control").first.click()
    block.get_by_role("button", name="Try it out").click()
    for name, value in parameters.items():
        block.locator(f"tr[data-param-name='{name}'] input").fill(value)
    with page.expect_request(lambda request: "/creditors/" in request.url) as sent:
        block.get_by_role("button", name="Execute").click()
    status = block.locator(".live-responses-table .response-col_status").last
    expect(status).to_have_text("200")
    return sent.value.url, block.locator(".live-responses-table pre").all_inner_texts()


def check(page):
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    foreign = []
    ours = (f"{API}/", "data:", "blob:")
    page.on("request", lambda request: None if request.url.startswith(ours) else foreign.append(request.url))

    # 409: it is active already.
    activated = page.request.post(f"{API}/creditors/{CREDITOR}/activate", data={}).status
    assert activated in (200, 409), activated
    page.goto(f"{API}/creditors/.docs/")
    expected = operation_ids(page.request.get(f"{API}/creditors/.docs/openapi.json").json())
    expect(page.locator(".opblock")).to_have_count(len(expected))
    shown = {block.get_attribute("id").rsplit("-", 1)[1] for block in page.locator(".opblock").all()}
    assert shown == expected, f"the page lists {shown ^ expected} otherwise"

    url, _ = try_out(page, "checkHealth", {})
    assert url == f"{API}/creditors/health/check/public", url
    url, texts = try_out(page, "getWallet", {"creditorId": CREDITOR})
    assert url == f"{API}/creditors/{CREDITOR}/wallet", url
    assert any(f"/creditors/{CREDITOR}/accounts-list" in text for text in texts), texts

    assert not errors, errors
    assert not foreign, f"the page needs other servers: {foreign}"
    return len(expected)


def main():
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=browser_path(), args=arguments)
        page = browser.new_page(viewport={"width": 1280, "height": 1600})
        try:
            count = check(page)
            print(f"Swagger UI lists all {count} operations, and \"Try it out\" works.")
        finally:
            if len(sys.argv) > 1:
                page.screenshot(path=sys.argv[1], full_page=True)
                print(f"A picture of the page is in {sys.argv[1]}.")
            browser.close()


main()
