"""deploy/compose: the files are of the format they claim, agree with the programs, with each other and with the sample."""

import json
import re
import sys
import tempfile
import unittest

import yaml

from support import DEPLOY, PROGRAMS, REPOSITORY, run
from variables import check_command, check_variables, public, variables

HERE = DEPLOY / "compose"
FILES = ["compose.yaml", "compose.all.yaml"]
REFERENCE = re.compile(r"\$(?:\$|\{([A-Z0-9_]+)(?:(:?[-?])((?:[^{}]|\{[^{}]*\})*))?\})")


def services(file):
    return yaml.safe_load((HERE / file).read_text())["services"]


def merge(below, above):
    """What Compose makes of two files, as far as these need it."""
    if isinstance(below, dict) and isinstance(above, dict):
        return below | {name: merge(below[name], value) if name in below else value for name, value in above.items()}
    return above


def everything():
    first, second = [yaml.safe_load((HERE / file).read_text()) for file in FILES]
    return merge(first, second)


def used(merged, kind):
    """The networks, volumes or configurations that services name."""
    found = set()
    for service in merged["services"].values():
        for one in service.get(kind, []):
            name = one["source"] if isinstance(one, dict) else one.split(":")[0]
            found |= {name} - {"default"} if not name.startswith(".") else set()
    return found


def sample(commented=False):
    lines = (HERE / "env.sample").read_text().splitlines()
    pattern = re.compile(r"(?:# )?([A-Z0-9_]+)=(.*)" if commented else r"([A-Z0-9_]+)=(.*)")
    return {match[1]: match[2].strip("'") for match in map(pattern.fullmatch, lines) if match}


def environment(service):
    return {name: "" if value is None else str(value) for name, value in service.get("environment", {}).items()}


def references(text):
    """Variables that a text is made of, those inside of default values included."""
    for name, _, default in REFERENCE.findall(text):
        if name:
            yield name
            yield from references(default)


def resolve(text, values):
    """What Compose makes of a text; a missing value that is required is an error."""

    def value(match):
        name, operator, default = match.groups()
        if name is None:
            return "$"
        if values.get(name):
            return values[name]
        if operator == ":?":
            raise AssertionError(f"{name} is required")
        return resolve(default or "", values)

    return REFERENCE.sub(value, text)


class Compose(unittest.TestCase):
    def test_the_files_are_valid(self):
        self.check(*[HERE / file for file in FILES])

    def check(self, *files):
        run(sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", *files)

    def test_the_files_together_are_valid(self):
        merged = everything()
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump(merged, file)
            file.flush()
            self.check(file.name)
        web = merged["services"]["web"]
        self.assertEqual(web["command"], ["webserver"])
        self.assertEqual(web["environment"]["WEBSERVER_PORT"], "8080")
        self.assertEqual(web["environment"]["APP_AUTH_MODE"], "introspection")
        self.assertEqual(set(web["depends_on"]), {"configure", "hydra"})
        for kind in ["networks", "volumes", "configs"]:
            self.assertEqual(set(merged.get(kind, {})), used(merged, kind), kind)

    def test_only_who_must_shares_a_network_with_the_oauth2_server(self):
        merged = everything()
        members = {}
        for name, service in merged["services"].items():
            for network in [] if "network_mode" in service else service.get("networks", ["default"]):
                members.setdefault(network, set()).add(name)
        self.assertEqual(members["hydra-database"], {"hydra", "hydra-migrations", "hydra-postgres"})
        self.assertEqual(members["hydra-admin"], {"hydra", "hydra-clients", "web", "login"})
        self.assertNotIn("hydra", members["default"])
        self.assertLessEqual({"web", "login", "nginx", "postgres", "rabbitmq"}, members["default"])
        # Ports are published by a network that is not internal.
        self.assertEqual({name for name, settings in merged["networks"].items() if settings}, {"hydra-admin"})
        self.assertEqual(merged["networks"]["hydra-admin"], {"internal": True})
        self.assertEqual([resolve(port, {}) for port in merged["services"]["hydra"]["ports"]], ["127.0.0.1:4444:4444"])

    def test_the_oauth2_server_is_told_its_clients(self):
        job = services("compose.all.yaml")["hydra-clients"]
        self.assertEqual(job["profiles"], ["setup"], "not at each start: what is there already cannot be imported again")
        content = everything()["configs"]["hydra-clients"]["content"]
        values = sample(commented=True) | {"SUPERUSER_CLIENT_SECRET": "s3cret", "SUPERVISOR_CLIENT_SECRET": "s3cret"}
        clients = {client["client_id"]: client for client in json.loads(resolve(content, values))}
        self.assertEqual({name: set(client["scope"].split()) for name, client in clients.items()}, {
            "creditors-superuser": {"access", "access.readonly", "activate", "deactivate", "disable_pin"},
            "creditors-supervisor": {"access.readonly", "activate"},
            "wallet": {"access", "access.readonly", "disable_pin"},
            "swagger-ui": {"access", "access.readonly", "disable_pin"}})
        for name, client in clients.items():
            if name in ["wallet", "swagger-ui"]:
                self.assertEqual((client["token_endpoint_auth_method"], client.get("client_secret")), ("none", None), name)
                for url in client["redirect_uris"]:
                    self.assertRegex(url, r"^https?://[a-z.]+(:\d+)?/", name)
            else:
                self.assertEqual((client["grant_types"], client["client_secret"]), (["client_credentials"], "s3cret"))
        page = (REPOSITORY / "docker/swagger-initializer.js").read_text()
        self.assertIn('clientId: "swagger-ui"', page)

    def test_there_is_a_sample_for_each_file_that_other_projects_read(self):
        names = set()
        for name, service in services("compose.all.yaml").items():
            for file in service.get("env_file", []):
                names.add(file["path"])
                lines = (HERE / f"{file['path']}.sample").read_text().splitlines()
                self.assertTrue(all(re.fullmatch(r"#.*|[A-Z0-9_]+=\S*", line) for line in lines), name)
                for host, port in re.findall(r"(?:@|http://)([a-z]+):(\d+)", "\n".join(lines)):
                    served = {"hydra": {"4444", "4445"}, "web": {"8080"}, "rabbitmq": {"5672"}}
                    self.assertIn(port, served[host], name)
        self.assertEqual({file.name.removesuffix(".sample") for file in HERE.glob("*.env.sample")}, names)

    def test_without_tokens_no_page_from_elsewhere_may_call_the_api(self):
        self.assertEqual((sample()["APP_AUTH_MODE"], sample()["APP_ENABLE_CORS"]), ("trusted-headers", "false"))

    def test_what_belongs_to_the_stack(self):
        self.assertEqual(set(services("compose.yaml")), set("""
            postgres rabbitmq rabbitmq-policies configure web consumer flusher ledger-processor log-processor scanner
            certificate nginx swagger-ui prometheus grafana""".split()))
        self.assertEqual(set(services("compose.all.yaml")), set("""
            web hydra hydra-postgres hydra-migrations hydra-clients login wallet message-bridge circular-trade""".split()))

    def agents(self):
        for name, service in services("compose.yaml").items():
            if service["image"] == "${CREDITORS_IMAGE:-creditors-agent}":
                yield name, service

    def test_the_image_knows_all_commands_and_variables(self):
        agents = dict(self.agents())
        self.assertEqual(len(agents), 8)
        for name, service in agents.items():
            with self.subTest(name):
                check_command(service["command"])
                if "healthcheck" in service:
                    check_command(service["healthcheck"]["test"][2:])
                if name != "certificate":
                    check_variables(environment(service))
        check_variables(environment(services("compose.all.yaml")["web"]))

    def test_a_process_is_checked_at_its_own_port(self):
        code = (REPOSITORY / "crates/observability/src/admin.rs").read_text()
        ports = dict(re.findall(r"pub const ([A-Z_]+): u16 = (\d+);", code))
        for name, service in self.agents():
            if "healthcheck" in service:
                self.assertEqual(service["healthcheck"]["test"][-1], ports[name.upper().replace("-", "_")], name)

    def test_processes_are_restricted(self):
        for name, service in self.agents():
            self.assertEqual(service["cap_drop"], ["ALL"], name)
            if name != "certificate":
                self.assertTrue(service["read_only"], name)
                self.assertEqual(service["security_opt"], ["no-new-privileges:true"], name)

    def test_only_the_api_may_be_public(self):
        for file in FILES:
            for name, service in services(file).items():
                for port in service.get("ports", []):
                    address = resolve(port, {})
                    self.assertTrue(address.startswith("127.0.0.1:"), (name, port))

    def test_dependencies_and_volumes_exist(self):
        everything = {**services("compose.yaml"), **services("compose.all.yaml")}
        for file in FILES:
            volumes = yaml.safe_load((HERE / file).read_text())["volumes"]
            for name, service in services(file).items():
                self.assertLessEqual(set(service.get("depends_on", {})), set(everything), name)
                for volume in service.get("volumes", []):
                    source = volume.split(":")[0]
                    known = (HERE / source).exists() if source.startswith(".") else source in volumes
                    self.assertTrue(known, (name, volume))
                build = service.get("build")
                if build:
                    stages = (HERE / build["context"] / build["dockerfile"]).read_text()
                    self.assertRegex(stages, rf"(?m)^FROM \S+ AS {build['target']}$")

    def test_the_sample_has_every_public_variable_and_nothing_that_nobody_reads(self):
        shown = set(sample(commented=True))
        self.assertLessEqual(public(), shown)
        used = {name for file in FILES for name in references((HERE / file).read_text())}
        self.assertLessEqual(shown, used | variables())
        required = {name for name, operator, _ in REFERENCE.findall((HERE / "compose.yaml").read_text())
                    if operator == ":?"}
        self.assertLessEqual(required, set(sample()))
        more = {name for name, operator, _ in REFERENCE.findall((HERE / "compose.all.yaml").read_text())
                if operator == ":?"}
        self.assertLessEqual(more, shown)

    def test_the_sample_with_secrets_is_a_configuration_that_the_programs_accept(self):
        secrets = ["POSTGRES_PASSWORD", "RABBITMQ_PASSWORD", "GRAFANA_PASSWORD", "PIN_PROTECTION_SECRET"]
        values = sample() | dict.fromkeys(secrets, "s3cret")
        for name, service in self.agents():
            if name == "certificate":
                continue
            settings = values | {key: resolve(text, values) for key, text in environment(service).items()}
            shown = run(PROGRAMS / "creditors-agent", "config", env=settings)
            self.assertIn("POSTGRES_URL=postgresql://creditors:***@postgres:5432/creditors", shown)
            self.assertIn("PROTOCOL_BROKER_URL=amqp://creditors:***@rabbitmq:5672/%2F", shown)
            self.assertNotIn("s3cret", shown)

    def test_defaults_in_the_sample_are_those_of_the_programs(self):
        shown = run(PROGRAMS / "creditors-agent", "config", env={})
        defaults = dict(re.findall(r"^([A-Z0-9_]+)=(.*) \(default\)$", shown, re.MULTILINE))
        ours = {"API_ROOT", "APP_AUTH_MODE", "APP_TRUSTED_GATEWAY", "APP_LOG_FORMAT", "PIN_PROTECTION_SECRET"}
        for name, value in sample().items():
            if name in defaults and name not in ours:
                self.assertEqual(value, defaults[name], name)

    def test_the_broker_has_the_plugins_that_the_agent_needs(self):
        plugins = (HERE / "rabbitmq/enabled_plugins").read_text()
        self.assertRegex(plugins, r"^\[[a-z_,]*rabbitmq_random_exchange[a-z_,]*\]\.\n$")


if __name__ == "__main__":
    unittest.main()
