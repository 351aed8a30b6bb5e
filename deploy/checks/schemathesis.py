"""Sends the web API whatever its OpenAPI document allows, and much that it does not: nothing may make the server fail, and
no answer may contradict the document.

Needs CREDITORS_WEB_URL, where a web server is that trusts its callers and serves the default range of creditors. The first
argument is the program `schemathesis`, the second one how many seconds it may take.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

WEB = os.environ["CREDITORS_WEB_URL"].rstrip("/")
CONFIG = pathlib.Path(__file__).with_suffix(".toml")
CREDITORS = ["1103806595072", "1103806595073"]


def post(path, body, expected):
    data = json.dumps(body).encode()
    request = urllib.request.Request(WEB + path, data, {"Content-Type": "application/json"}, method="POST")
    try:
        with urllib.request.urlopen(request) as answer:
            status = answer.status
    except urllib.error.HTTPError as error:
        status = error.code
    assert status in expected, f"POST {path}: {status}"


def prepare():
    """What the paths of `schemathesis.toml` lead to."""
    for creditor in CREDITORS:
        post(f"/creditors/{creditor}/activate", {}, {200, 409})
        for debtor in ("1001", "1002"):
            # 200: it was created before, and we were led to it.
            post(f"/creditors/{creditor}/accounts/", {"uri": f"swpt:{debtor}"}, {200, 201})
        transfer = {
            "transferUuid": "8f2fa364-5d2e-4ca2-9d0c-0e0c4ce18f14",
            "recipient": {"uri": "swpt:1001/2208"},
            "amount": 2500,
        }
        post(f"/creditors/{creditor}/transfers/", transfer, {200, 201})


def main():
    program, seconds = sys.argv[1:]
    prepare()
    document = f"{WEB}/creditors/.docs/openapi.json"
    options = ["--url", WEB, "--max-time", seconds, "--no-color"]
    command = [os.path.abspath(program), "--config-file", str(CONFIG), "run", document, *options]
    with tempfile.TemporaryDirectory() as directory:
        sys.exit(subprocess.run(command, cwd=directory).returncode)


main()
