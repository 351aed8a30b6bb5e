"""Tries the page of the API's documentation in a browser: Swagger UI lists every operation, lets a creditor log in
(authorization code, PKCE), and sends requests.

Needs what `creditors-local with-stack` gives: CREDITORS_API_URL, where an agent is that wants tokens and serves the default
range of creditors; CREDITORS_TOKEN_URL and CREDITORS_AUTHORIZATION_URL, where tokens come from; CREDITORS_SUPERUSER_SECRET and
CREDITORS_PASSWORD. An argument says where to save a picture of the page.
"""

import os
import sys
import urllib.parse

from playwright.sync_api import expect, sync_playwright

API = os.environ["CREDITORS_API_URL"].rstrip("/")
TOKEN_URL = os.environ["CREDITORS_TOKEN_URL"]
AUTHORIZATION_URL = os.environ["CREDITORS_AUTHORIZATION_URL"]
LOGIN = urllib.parse.urljoin(AUTHORIZATION_URL, "/")
CREDITOR = "1103806595072"
SCOPES = ["access", "access.readonly"]
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


def activate(page):
    """Makes the creditor an active one, with a superuser's token."""
    form = {
        "grant_type": "client_credentials",
        "client_id": "creditors-superuser",
        "client_secret": os.environ["CREDITORS_SUPERUSER_SECRET"],
        "scope": "activate",
    }
    issued = page.request.post(TOKEN_URL, form=form)
    assert issued.ok, issued.status
    headers = {"Authorization": f"Bearer {issued.json()['access_token']}"}
    activated = page.request.post(f"{API}/creditors/{CREDITOR}/activate", data={}, headers=headers).status
    # 409: it is active already.
    assert activated in (200, 409), activated


def log_in(page):
    """Uses the button "Authorize" as a person does. Returns what the authorization server was asked for, and how the code
    was exchanged for a token."""
    asked = []
    page.context.on("request", lambda request: asked.append(request.url))
    page.locator(".auth-wrapper .btn.authorize").click()
    form = page.locator(".auth-container").filter(has_text="authorizationCode with PKCE")
    for scope in SCOPES:
        form.locator(f"label[for='{scope}-authorizationCode-checkbox-oauth2'] .item").click()
    with page.expect_popup() as opened:
        form.locator(".btn.auth.authorize").click()
    popup = opened.value
    popup.get_by_label("Creditor").fill(f"creditors:{CREDITOR}")
    popup.get_by_label("Password").fill(os.environ["CREDITORS_PASSWORD"])
    with page.expect_request(lambda request: request.url == TOKEN_URL and request.method == "POST") as exchanged:
        popup.get_by_role("button", name="Log in").click()
    expect(form.get_by_role("button", name="Remove authorization")).to_be_visible()
    form.locator(".btn-done").click()
    [query] = [urllib.parse.urlsplit(url).query for url in asked if url.startswith(f"{AUTHORIZATION_URL}?")]
    return urllib.parse.parse_qs(query), urllib.parse.parse_qs(exchanged.value.post_data)


def try_out(page, operation_id, parameters, expected="200"):
    """Sends a request as a person does, and returns what was sent and the status that is shown."""
    block = page.locator(f".opblock[id$='-{operation_id}']")
    if not block.locator(".opblock-body").is_visible():
        block.locator(".opblock-summary-control").first.click()
        block.get_by_role("button", name="Try it out").click()
    for name, value in parameters.items():
        block.locator(f"tr[data-param-name='{name}'] input").fill(value)
    with page.expect_request(lambda request: "/creditors/" in request.url) as sent:
        block.get_by_role("button", name="Execute").click()
    status = block.locator(".live-responses-table .response-col_status").last
    expect(status).to_have_text(expected)
    return sent.value.url, block.locator(".live-responses-table pre").all_inner_texts()


def check(page):
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    foreign = []
    ours = (f"{API}/", LOGIN, "data:", "blob:")
    page.on("request", lambda request: None if request.url.startswith(ours) else foreign.append(request.url))

    activate(page)
    page.goto(f"{API}/creditors/.docs/")
    expected = operation_ids(page.request.get(f"{API}/creditors/.docs/openapi.json").json())
    expect(page.locator(".opblock")).to_have_count(len(expected))
    shown = {block.get_attribute("id").rsplit("-", 1)[1] for block in page.locator(".opblock").all()}
    assert shown == expected, f"the page lists {shown ^ expected} otherwise"

    url, _ = try_out(page, "checkHealth", {})
    assert url == f"{API}/creditors/health/check/public", url
    try_out(page, "getWallet", {"creditorId": CREDITOR}, expected="401")
    # The browser tells the console of it.
    assert len(errors) == 1 and "401" in errors[0], errors
    errors.clear()
    asked, exchanged = log_in(page)
    assert asked["client_id"] == ["swagger-ui"] and asked["code_challenge_method"] == ["S256"], asked
    assert exchanged["grant_type"] == ["authorization_code"] and len(exchanged["code_verifier"][0]) >= 43, "without PKCE"
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
            print(f"Swagger UI lists all {count} operations, a creditor can log in, and \"Try it out\" works.")
        finally:
            if len(sys.argv) > 1:
                page.screenshot(path=sys.argv[1], full_page=True)
                print(f"A picture of the page is in {sys.argv[1]}.")
            browser.close()


main()
