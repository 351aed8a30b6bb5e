"""What the tests of the deployment share: where things are, private databases, services and proxies as processes."""

import http.client
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
import urllib.request
from base64 import b64encode
from urllib.parse import quote, urlsplit, urlunsplit

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = REPOSITORY / "deploy"
PROFILE = os.environ.get("PROFILE", "dev")
PROGRAMS = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")) / ("debug" if PROFILE == "dev" else PROFILE)
NAMES = "agent web consumer flusher ledger-processor log-processor scanner".split()
DEADLINE = 60


def program(name):
    """Path of one of our programs: `agent`, `web`, ...."""
    path = PROGRAMS / f"creditors-{name}"
    if not path.exists():
        raise RuntimeError(f"{path} is not built: `cargo build --workspace --bins`")
    return path


def run(*command, **options):
    """Runs a command to its end and returns what it prints; a failure is shown with all that was printed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command} has failed with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, what):
    """Waits until the condition returns something true, and returns that."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError(f"in vain waited for {what}")


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def is_ready(admin_port):
    """Whether a process of the agent says that it can work."""
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{admin_port}/health/ready", timeout=10).close()
    except OSError:
        return False
    return True


class Home(unittest.TestCase):
    """A test class with a directory of its own, in which everything that was started is ended."""

    @classmethod
    def setUpClass(cls):
        cls.home = pathlib.Path(tempfile.mkdtemp(prefix="creditors-deploy-"))
        cls.addClassCleanup(shutil.rmtree, cls.home, ignore_errors=True)
        # The workers of a proxy that root starts have another account.
        cls.home.chmod(0o755)

    @classmethod
    def start(cls, name, command, environment=None):
        log = open(cls.home / f"{name}.log", "ab")
        cls.addClassCleanup(log.close)
        settings = {"PATH": os.environ["PATH"], "HOME": str(cls.home), **(environment or {})}
        process = subprocess.Popen([str(word) for word in command], stdout=log, stderr=log, env=settings)
        cls.addClassCleanup(end, process)
        return process

    @classmethod
    def log_of(cls, name):
        return (cls.home / f"{name}.log").read_text()

    @classmethod
    def database(cls):
        """A database of its own with the whole schema; dropped in the end."""
        server = os.environ.get("CREDITORS_TEST_POSTGRES_URL")
        if not server:
            raise RuntimeError("CREDITORS_TEST_POSTGRES_URL is not set: run `just deploy-test`")
        name = f"creditors_test_deploy_{secrets.token_hex(6)}"
        run("psql", server, "-qc", f"CREATE DATABASE {name}")
        cls.addClassCleanup(run, "psql", server, "-qc", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        url = urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        run(program("agent"), "configure", env={"PATH": os.environ["PATH"], "POSTGRES_URL": url})
        return url

    @classmethod
    def broker(cls):
        """A virtual host of its own, without anything in it; deleted in the end."""
        server, api = (os.environ.get(f"CREDITORS_TEST_BROKER_{name}") for name in ["URL", "API_URL"])
        if not server or not api:
            raise RuntimeError("CREDITORS_TEST_BROKER_URL and CREDITORS_TEST_BROKER_API_URL: run `just deploy-test`")
        url, name = urlsplit(server), f"creditors_test_deploy_{secrets.token_hex(6)}"
        login = b64encode(f"{url.username}:{url.password}".encode()).decode()

        def ask(method, path, body=None):
            headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
            request = urllib.request.Request(f"{api}/api/{path}", body, headers, method=method)
            urllib.request.urlopen(request, timeout=30).close()

        ask("PUT", f"vhosts/{name}", b"{}")
        cls.addClassCleanup(ask, "DELETE", f"vhosts/{name}")
        rights = json.dumps(dict.fromkeys(["configure", "write", "read"], ".*")).encode()
        ask("PUT", f"permissions/{name}/{quote(url.username, safe='')}", rights)
        return urlunsplit(url._replace(path=f"/{name}"))

    @classmethod
    def service(cls, name, which, environment):
        """Another process of the agent, once it is ready. `name` is that of its log."""
        admin = free_port()
        process = cls.start(name, [program(which)], {**environment, "APP_ADMIN_PORT": str(admin)})
        until(lambda: is_ready(admin) or process.poll() is not None, f"{name} to be ready")
        if process.poll() is not None:
            raise AssertionError(f"{name} has ended:\n{cls.log_of(name)}")
        return process

    @classmethod
    def web(cls, name, database, port, **settings):
        """A web server that trusts its caller, who is the superuser unless the proxy says otherwise."""
        environment = {
            "POSTGRES_URL": database,
            "APP_AUTH_MODE": "trusted-headers",
            "APP_WEBSERVER_BIND": "127.0.0.1",
            "APP_ADMIN_PORT": "0",
            "WEBSERVER_PORT": str(port),
            **settings,
        }
        process = cls.start(name, [program("web")], environment)
        until(lambda: accepts(port) or process.poll() is not None, name)
        if process.poll() is not None:
            raise AssertionError(f"{name} has ended:\n{cls.log_of(name)}")
        return process

    @classmethod
    def nginx(cls, name, main, changes, listens_at="8443"):
        """The configuration in deploy/nginx with some files replaced, and ports and paths of its own; returns the
        port that serves the API."""
        home = cls.home / name
        shutil.copytree(DEPLOY / "nginx", home)
        port = free_port()
        for file, text in changes.items():
            (home / file).write_text(text)
        for file in home.glob("*.conf"):
            text = file.read_text().replace("/tmp/", f"{home}/").replace(f"listen {listens_at}", f"listen 127.0.0.1:{port}")
            file.write_text(text.replace("/dev/stdout", f"{home}/access.log"))
        (home / "tls").mkdir(exist_ok=True)
        certificate(home / "tls")
        run("nginx", "-t", "-e", "stderr", "-c", home / main)
        cls.start(name, ["nginx", "-e", "stderr", "-c", home / main, "-g", "daemon off;"])
        until(lambda: accepts(port), name)
        return port


def end(process):
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def certificate(directory):
    """A certificate for `localhost`, signed by itself."""
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-keyout", directory / "tls.key", "-out", directory / "tls.crt")


class Answer:
    """What came back from the API."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)


class Client:
    """Speaks HTTP/1.1 with TLS to a proxy of ours, over one connection."""

    def __init__(self, port, host="wallet.example"):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.host = host
        self.connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def ask(self, method, path, body=None, **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            named.setdefault("Content-Type", "application/json")
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.connection.request(method, path, body, {"Host": self.host, **named})
        return Answer(self.connection.getresponse())

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def follow(self, path):
        """The lines of a stream of events, as they arrive."""
        self.connection.request("GET", path, headers={"Host": self.host, "Accept": "text/event-stream"})
        answer = self.connection.getresponse()
        if (answer.status, answer.headers["Content-Type"]) != (200, "text/event-stream"):
            raise AssertionError((answer.status, answer.headers, answer.read()))
        while line := answer.readline():
            yield line.decode().rstrip("\n")

    def post(self, path, body=None, **headers):
        return self.ask("POST", path, {} if body is None else body, **headers)
