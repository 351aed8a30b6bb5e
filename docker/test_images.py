"""The images, as `docker/test` has made them: what is in them, and that it works without any rights."""

import json
import os
import re
import signal
import subprocess
import unittest
import urllib.request

import yaml

from proxies import ALL_IDS
from support import DEPLOY, NAMES, PROFILE, REPOSITORY, Home, accepts, free_port, program, run, until
from variables import words

AGENT, PAGES = "creditors-agent", "creditors-swagger-ui"
USER = 10001
# Bytes, unpacked. What stands around the programs is the same whatever they are built with.
LARGEST_REST = 70e6
LARGEST = 150e6
# In a view of the file system of its own: the image, read-only; nothing else can be written but /tmp. Without any
# capability, and with no way to get one. `$1` is the root, `$2` the directory to work in.
BOX = """
root=$1 directory=$2; shift 2
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
exec chroot "$root" setpriv --reuid %d --regid %d --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs \
    -- env -i -C "$directory" "$@"
""" % (USER, USER)


class Image:
    """An image, and its file system."""

    def __init__(self, name):
        self.name = name
        described = json.loads(run("buildah", "inspect", "--type", "image", name))
        self.config = described["Docker"]["config"]
        self.container = run("buildah", "from", "--pull-never", name).strip()
        self.root = run("buildah", "mount", self.container).strip()

    def remove(self):
        run("buildah", "umount", self.container)
        run("buildah", "rm", self.container)

    def command(self, *arguments, isolated=False, **environment):
        """What runs the image with these arguments; `isolated` from the network."""
        arguments = [str(one) for one in arguments] or self.config["Cmd"]
        settings = self.config["Env"] + [f"{name}={value}" for name, value in environment.items()]
        directory = self.config.get("WorkingDir") or "/"
        return ["unshare", "--mount", *(["--net"] if isolated else []), "sh", "-euc",
                ("ip link set lo up\n" if isolated else "") + BOX, "box", self.root, directory, *settings,
                *self.config["Entrypoint"], *arguments]

    def run(self, *arguments, **environment):
        return run(*self.command(*arguments, **environment))


class Images(Home):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.image = Image(AGENT)
        cls.addClassCleanup(cls.image.remove)

    def size(self, path):
        return int(run("du", "-xsb", path).split()[0])

    def test_it_is_small(self):
        everything = self.size(self.image.root)
        programs = sum(self.size(f"{self.image.root}/usr/local/bin/creditors-{name}") for name in NAMES)
        print(f"\n{AGENT}: {everything / 1e6:.1f} MB, of which the programs are {programs / 1e6:.1f} MB")
        self.assertLess(everything - programs, LARGEST_REST)
        if PROFILE == "dev":
            print("the programs are not optimised, so that their size is not judged (`just image-test` does)")
        else:
            self.assertLessEqual(everything, LARGEST)

    def test_what_it_says_of_itself(self):
        config = self.image.config
        self.assertEqual(config["User"], f"{USER}:{USER}")
        self.assertEqual((config["Entrypoint"], config["Cmd"]), (["creditors-agent"], ["all"]))
        self.assertEqual(config["Healthcheck"]["Test"], ["CMD", "creditors-agent", "health"])
        self.assertEqual(config["WorkingDir"], "/home/swpt_creditors")
        self.assertEqual(set(config["ExposedPorts"]), {"8080/tcp"})
        self.assertFalse(config.get("Volumes"))
        labels = {name.removeprefix("org.opencontainers.image."): value for name, value in config["Labels"].items()
                  if name.startswith("org.opencontainers.image.")}
        self.assertEqual(set(labels), {"title", "description", "licenses", "version", "revision"})
        self.assertEqual(f"{AGENT} {labels['version']}", run(program("agent"), "--version").strip())
        self.assertRegex(labels["revision"], r"^[0-9a-f]{40}$|^unknown$")

    def test_everybody_in_it_is_a_user_without_rights(self):
        shown = self.image.run("sh", "-c", "id; pwd; grep -E '^(Cap|NoNewPrivs)' /proc/self/status")
        self.assertIn(f"uid={USER}(swpt_creditors) gid={USER}(swpt_creditors)", shown)
        self.assertIn("\n/home/swpt_creditors\n", shown)
        self.assertEqual(set(re.findall(r"Cap\w+:\s+(\w+)", shown)), {"0" * 16})
        self.assertRegex(shown, r"NoNewPrivs:\s+1")
        self.image.run("sh", "-c", "echo >/tmp/file && ! echo >file && ! echo >/usr/file")

        self.assertEqual(self.image.run("stat", "-c", "%u:%g %a", "/home/swpt_creditors").split()[0], f"{USER}:{USER}")
        self.assertEqual(run("stat", "-c", "%a", f"{self.image.root}/tmp").strip(), "1777")
        self.assertEqual(run("find", self.image.root, "-xdev", "-type", "f", "-perm", "/6000"), "")

    def test_operators_find_their_tools(self):
        self.assertRegex(self.image.run("psql", "--version"), r"^psql \(PostgreSQL\) \d+")
        self.assertIn("psql", self.image.run("sh", "-c", "command -v psql"))
        shell, _, script = yaml.safe_load((DEPLOY / "compose/compose.yaml").read_text())["services"]["certificate"]["command"]
        script = script.replace("/tls/", "/tmp/").replace("$$", "$") + "openssl x509 -in /tmp/tls.crt -noout -text"
        self.assertIn("DNS:a.example", self.image.run(shell, "-euc", script, HOST="a.example"))
        for name in NAMES:
            self.assertIn("Usage", self.image.run(f"creditors-{name}", "--help"))

    def test_every_word_explains_itself(self):
        self.assertGreater(len(words()), 25)
        for word in words():
            self.assertIn("Usage", self.image.run(word, "--help"), word)

    def test_a_database_and_a_broker_are_set_up_and_served(self):
        server = os.environ["CREDITORS_TEST_POSTGRES_URL"]
        database = self.empty_database(server)
        environment = {"POSTGRES_URL": database, "PROTOCOL_BROKER_URL": self.broker()}
        waiting = self.start("await", self.image.command("await_migrations", POSTGRES_URL=database))
        until(lambda: self.log_of("await"), "something from await_migrations")
        self.assertIsNone(waiting.poll())
        self.image.run("configure", SETUP_RABBITMQ_BINDINGS="yes", **environment)
        self.assertEqual(waiting.wait(60), 0)
        self.assertRegex(self.log_of("await"), r"7efa67e7f781 \(head\)")
        self.assertEqual(self.image.run("psql", database, "-Atc", "SELECT count(*) FROM creditor").strip(), "0")

        port, admin = free_port(), free_port()
        web = self.start("web", self.image.command(
            "webserver", **environment, WEBSERVER_PORT=port, APP_ADMIN_PORT=admin, APP_WEBSERVER_BIND="127.0.0.1",
            APP_AUTH_MODE="trusted-headers", **ALL_IDS))
        until(lambda: accepts(port) or web.poll() is not None, "the web server")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/creditors/health/check/public", timeout=30) as answer:
            self.assertEqual(answer.status, 200)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/creditors/.list", timeout=30) as answer:
            self.assertEqual(json.load(answer)["type"], "CreditorsList")
        self.image.run("health", "--port", admin)
        web.send_signal(signal.SIGTERM)
        self.assertEqual(web.wait(45), 0, self.log_of("web"))

        consumer = self.start("consumer", self.image.command("consume_messages", **environment, APP_ADMIN_PORT=admin))
        until(lambda: self.succeeds("health", "--port", admin) or consumer.poll() is not None, "the consumer")
        consumer.send_signal(signal.SIGTERM)
        self.assertEqual(consumer.wait(45), 1, self.log_of("consumer"))

    def empty_database(self, server):
        """A database without a schema."""
        full = self.database()
        name = full.rsplit("/", 1)[1].split("?")[0]
        run("psql", server, "-qc", f"DROP DATABASE {name} WITH (FORCE)", "-c", f"CREATE DATABASE {name}")
        return full

    def succeeds(self, *arguments):
        return subprocess.run(self.image.command(*arguments), capture_output=True, check=False).returncode == 0

    def test_without_arguments_everything_is_started_and_the_health_check_tells_when(self):
        # Away from other processes of this machine, since the ports are the usual ones; so there are no servers either,
        # and all parts wait for them.
        settings = {"POSTGRES_URL": "postgresql://u:p@127.0.0.1/d", "PROTOCOL_BROKER_URL": "amqp://127.0.0.1",
                    "OAUTH2_INTROSPECT_URL": "http://127.0.0.1/introspect"}
        everything = self.start("all", self.image.command(isolated=True, **settings))
        check = self.image.config["Healthcheck"]["Test"][1:]
        until(lambda: self.inside(everything, check) or everything.poll() is not None, "the health check")
        self.assertIsNone(everything.poll(), self.log_of("all"))
        parts = run("ps", "--ppid", everything.pid, "-o", "args=").split()
        self.assertEqual({part.rsplit("/", 1)[-1] for part in parts if "creditors-" in part},
                         {f"creditors-{name}" for name in NAMES if name != "agent"})
        everything.send_signal(signal.SIGTERM)
        self.assertEqual(everything.wait(45), 0, self.log_of("all"))

    def inside(self, process, command):
        """Whether a command succeeds in the network of a process and in its image."""
        words = ["nsenter", f"--net=/proc/{process.pid}/ns/net", "--", *self.image.command(*command[1:])]
        return subprocess.run(words, capture_output=True, check=False).returncode == 0


class Documentation(Home):
    """The second image."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.image = Image(PAGES)
        cls.addClassCleanup(cls.image.remove)
        cls.process = cls.start("pages", cls.image.command(
            isolated=True, API_ROOT="https://a.example/x|y", OAUTH2_AUTHORIZATION_URL="https://a.example/auth?\"q\"",
            OAUTH2_TOKEN_URL="https://a.example/token&z"))
        until(lambda: cls.get("/") or cls.process.poll() is not None, "the documentation")

    @classmethod
    def get(cls, path):
        done = subprocess.run(
            ["nsenter", f"--net=/proc/{cls.process.pid}/ns/net", "curl", "-sf", f"http://127.0.0.1:8080{path}"],
            capture_output=True, check=False)
        return done.stdout if done.returncode == 0 else None

    def test_it_is_restricted_as_well(self):
        self.assertEqual(self.image.config["User"], f"{USER}:{USER}")
        self.assertIsNone(self.process.poll(), self.log_of("pages"))

    def test_the_document_has_no_placeholders_left(self):
        text = self.get("/openapi.json").decode()
        document = json.loads(text)
        self.assertEqual(document["servers"][0]["url"], "https://a.example/x|y")
        for url in ["https://a.example/auth?\\\"q\\\"", "https://a.example/token&z"]:
            self.assertIn(url, text)
        for name in ["API_ROOT", "OAUTH2_AUTHORIZATION_URL", "OAUTH2_TOKEN_URL", "OAUTH2_REFRESH_URL"]:
            self.assertNotIn(f"${name}", text)

    def test_the_page_and_all_that_it_names_are_there(self):
        page = self.get("/").decode()
        named = re.findall(r'(?:src|href)="(?:\./)?([^"#:]+)"', page)
        self.assertGreaterEqual(len(named), 6)
        for name in [*named, "oauth2-redirect.html"]:
            self.assertTrue(self.get(f"/{name}"), name)
        page = self.get("/swagger-initializer.js")
        self.assertIn(b'url: "openapi.json"', page)
        # The same client as on the page that the agent itself serves.
        embedded = REPOSITORY / "services/web/src/routes/docs/swagger-initializer.js"
        client = re.compile(rb'initOAuth\(\{.*\bclientId: "(.*?)"')
        self.assertEqual(client.search(page)[1], client.search(embedded.read_bytes())[1])


if __name__ == "__main__":
    unittest.main()
