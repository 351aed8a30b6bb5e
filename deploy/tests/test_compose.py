"""deploy/compose: the files are of the format they claim, agree with the programs, with each other and with the sample."""

import re
import sys
import unittest

import yaml

from support import DEPLOY, PROGRAMS, REPOSITORY, run
from variables import check_command, check_variables, public, variables

HERE = DEPLOY / "compose"
FILES = ["compose.yaml", "compose.all.yaml"]
REFERENCE = re.compile(r"\$(?:\$|\{([A-Z0-9_]+)(?:(:?[-?])((?:[^{}]|\{[^{}]*\})*))?\})")


def services(file):
    return yaml.safe_load((HERE / file).read_text())["services"]


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
        run(sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec",
            *[HERE / file for file in FILES])

    def test_what_belongs_to_the_stack(self):
        self.assertEqual(set(services("compose.yaml")), set("""
            postgres rabbitmq rabbitmq-policies configure web consumer flusher ledger-processor log-processor scanner
            certificate nginx swagger-ui prometheus grafana""".split()))
        self.assertEqual(set(services("compose.all.yaml")), set("""
            web hydra hydra-postgres hydra-migrations login wallet message-bridge circular-trade""".split()))

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
