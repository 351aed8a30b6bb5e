"""deploy/kubernetes: the overlays can be built, are of the format that Kubernetes expects, and agree with the programs."""

import functools
import ipaddress
import re
import subprocess
import sys
import unittest

import yaml

from kustomize import AGENT, CUSTOM, HERE, kustomize, required
from support import DEPLOY, REPOSITORY, Home, program, run
from variables import check_command, check_variables, variables

OVERLAYS = ["single-shard", "two-shards", "peer-drop-in"]
SERVICES = "web consumer drainer flusher ledger-processor log-processor scanner".split()
setUpModule = required


@functools.cache
def build(overlay):
    return kustomize(HERE / "overlays" / overlay)


def of_kind(overlay, kind):
    return {item["metadata"]["name"]: item for item in build(overlay) if item["kind"] == kind}


def containers(deployment):
    pod = deployment["spec"]["template"]["spec"]
    return pod.get("initContainers", []), pod["containers"]


def environment(overlay, container):
    """Name and value of all variables; secrets are `?`."""
    found = {}
    for source in container.get("envFrom", []):
        prefix = source.get("prefix", "")
        if "configMapRef" in source:
            data = of_kind(overlay, "ConfigMap")[source["configMapRef"]["name"]]["data"]
            found |= {prefix + name: value for name, value in data.items()}
        else:
            names = {"pg_": ["username", "password"], "rmq_": ["connection_string"]}[prefix]
            found |= {prefix + name: "secret" for name in names}
    for item in container.get("env", []):
        value = item.get("value", "?")
        found[item["name"]] = re.sub(r"\$\((\w+)\)", lambda match: found[match[1]], value)
    return found


def agents(overlay):
    """All containers with our image: the Deployment's name, the container, whether it is an init container."""
    for name, deployment in of_kind(overlay, "Deployment").items():
        for index, group in enumerate(containers(deployment)):
            for container in group:
                if container["image"] == AGENT:
                    yield name, container, index == 0


class Kubernetes(unittest.TestCase):
    def test_all_objects_are_valid(self):
        for overlay in OVERLAYS:
            native = [item for item in build(overlay) if item["kind"] not in CUSTOM]
            self.assertGreater(len(native), 7)
            text = yaml.safe_dump_all(native)
            done = subprocess.run([sys.executable, "-m", "kubernetes_validate", "--strict", "--quiet", "/dev/stdin"],
                                  input=text, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_validator_finds_mistakes(self):
        text = yaml.safe_dump(of_kind("single-shard", "Deployment")["web"]).replace("replicas", "replica")
        done = subprocess.run([sys.executable, "-m", "kubernetes_validate", "--strict", "--quiet", "/dev/stdin"],
                              input=text.replace("containers:", "container:"), capture_output=True, text=True,
                              check=False)
        self.assertNotEqual(done.returncode, 0)

    def test_each_service_has_a_deployment_in_each_shard(self):
        self.assertEqual(set(of_kind("single-shard", "Deployment")), set(SERVICES))
        both = {f"{name}-{shard}" for name in SERVICES for shard in "01"}
        self.assertEqual(set(of_kind("two-shards", "Deployment")), both | {"router"})

    def test_the_image_knows_all_arguments_and_variables(self):
        for overlay in OVERLAYS:
            found = list(agents(overlay))
            self.assertGreaterEqual(len(found), 10)
            for name, container, _ in found:
                with self.subTest(overlay=overlay, deployment=name, container=container["name"]):
                    check_command(container["args"])
                    check_variables(environment(overlay, container))

    def test_the_programs_accept_the_settings(self):
        secrets = {"POSTGRES_URL": "postgresql://u:p@h/d", "PROTOCOL_BROKER_URL": "amqp://u:p@h/"}
        for overlay in OVERLAYS:
            for name, container, _ in agents(overlay):
                settings = environment(overlay, container)
                settings |= {key: value for key, value in secrets.items() if settings.get(key) in ("?", "secret")}
                with self.subTest(overlay=overlay, deployment=name, container=container["name"]):
                    run(program("agent"), "config", env=settings)

    def test_each_container_has_what_its_command_needs(self):
        for overlay in OVERLAYS:
            for name, container, _ in agents(overlay):
                word, settings = container["args"][0], set(environment(overlay, container))
                with self.subTest(overlay=overlay, deployment=name, word=word):
                    self.assertIn("POSTGRES_URL", settings)
                    self.assertIn("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", settings)
                    if word in ("configure", "consume_messages", "flush_all"):
                        self.assertIn("PROTOCOL_BROKER_URL", settings)
                        self.assertIn("PROTOCOL_BROKER_QUEUE", settings)
                    if word in ("webserver", "all"):
                        self.assertLessEqual({"PIN_PROTECTION_SECRET", "OAUTH2_INTROSPECT_URL"}, settings)
                    if word not in ("await_migrations",):
                        self.assertLessEqual({"MIN_CREDITOR_ID", "MAX_CREDITOR_ID"}, settings)

    def test_the_schema_is_there_before_anything_starts_and_made_once(self):
        for overlay, shards in [("single-shard", [""]), ("two-shards", ["-0", "-1"]), ("peer-drop-in", [""])]:
            first = [container["args"] for _, container, init in agents(overlay) if init]
            self.assertEqual(first.count(["configure"]), len(shards))
            self.assertEqual(set(map(tuple, first)), {("configure",), ("await_migrations",)})
            for name, deployment in of_kind(overlay, "Deployment").items():
                if name != "router":
                    self.assertEqual(len(containers(deployment)[0]), 1, name)

    def test_our_pods_have_no_rights(self):
        for overlay in ["single-shard", "two-shards"]:
            for name, deployment in of_kind(overlay, "Deployment").items():
                pod = deployment["spec"]["template"]["spec"]
                self.assertTrue(pod["securityContext"]["runAsNonRoot"], name)
                self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
                self.assertFalse(pod["automountServiceAccountToken"])
                for container in sum(containers(deployment), []):
                    context = container["securityContext"]
                    self.assertEqual(
                        (context["allowPrivilegeEscalation"], context["readOnlyRootFilesystem"], context["capabilities"]),
                        (False, True, {"drop": ["ALL"]}), name)
                    self.assertIn("memory", container["resources"]["limits"], name)
                    self.assertLessEqual({"cpu", "memory"}, set(container["resources"]["requests"]), name)

    def test_secrets_are_only_referred_to(self):
        for overlay in ["single-shard", "two-shards"]:
            self.assertEqual(of_kind(overlay, "Secret"), {})
            for name, container, _ in agents(overlay):
                for variable in container.get("env", []):
                    if re.search("URL|SECRET", variable["name"]):
                        self.assertEqual(list(variable["valueFrom"]), ["secretKeyRef"], (name, variable["name"]))
                given = set(environment(overlay, container)) - {item["name"] for item in container["env"]}
                self.assertFalse(given & {"POSTGRES_URL", "PROTOCOL_BROKER_URL", "PIN_PROTECTION_SECRET"}, name)

    def test_policies_of_the_network_let_in_who_must_come_in_and_nobody_else(self):
        for overlay, web in [("single-shard", "web"), ("two-shards", "web-0")]:
            policies, pods = of_kind(overlay, "NetworkPolicy"), of_kind(overlay, "Deployment")
            for deployment in pods.values():
                labels = deployment["spec"]["template"]["metadata"]["labels"]
                selected = [item for item in policies.values()
                            if item["spec"]["podSelector"]["matchLabels"].items() <= labels.items()]
                self.assertTrue(selected, deployment["metadata"]["name"])
            agent = next(item["spec"] for name, item in policies.items() if name.startswith("agent"))
            self.assertEqual(set(agent["policyTypes"]), {"Ingress", "Egress"})
            metrics = agent["ingress"][0]["ports"][0]
            shown = {port["containerPort"] for _, container, init in agents(overlay) if not init
                     for port in container["ports"] if port["name"] == "admin"}
            self.assertEqual((metrics["port"], metrics["endPort"]), (min(shown), max(shown)))
            for way in agent["egress"][0]["to"]:
                self.assertTrue(ipaddress.ip_network(way["ipBlock"]["cidr"]).is_private or
                                way["ipBlock"]["cidr"] == "100.64.0.0/10")
            self.assertEqual(policies[web]["spec"]["ingress"][0]["ports"], [{"port": "http", "protocol": "TCP"}])

    def test_probes_ask_the_port_of_the_service(self):
        code = (REPOSITORY / "crates/observability/src/admin.rs").read_text()
        ports = {name: int(port) for name, port in re.findall(r"pub const ([A-Z_]+): u16 = (\d+);", code)}
        ports["DRAINER"] = ports["CONSUMER"]
        for name, container, init in agents("single-shard"):
            if init:
                continue
            shown = {port["name"]: port["containerPort"] for port in container["ports"]}
            self.assertEqual(shown["admin"], ports[name.upper().replace("-", "_")])
            for probe, path in [("livenessProbe", "/health/live"), ("readinessProbe", "/health/ready")]:
                self.assertEqual(container[probe]["httpGet"], {"path": path, "port": "admin"})

    def test_selectors_of_shards_do_not_overlap(self):
        for kind in ["Service", "Deployment", "PodDisruptionBudget", "NetworkPolicy"]:
            for name, item in of_kind("two-shards", kind).items():
                match = re.fullmatch(r".*-([01])", name)
                if match:
                    spec = item["spec"]
                    selector = spec.get("podSelector", spec.get("selector"))
                    labels = selector.get("matchLabels", selector)
                    self.assertEqual(labels["creditors-shard"], match[1], (kind, name))

    def test_each_shard_has_its_own_database_queue_and_realm(self):
        for name, container, _ in agents("two-shards"):
            shard = name[-1]
            settings = environment("two-shards", container)
            self.assertEqual(settings["PROTOCOL_BROKER_QUEUE"], f"swpt_creditors_{shard}")
            self.assertEqual(settings["PROTOCOL_BROKER_QUEUE_ROUTING_KEY"], f"{shard}.#")
            secret = next(item for item in container["env"] if item["name"] == "POSTGRES_URL")
            self.assertEqual(secret["valueFrom"]["secretKeyRef"]["name"], f"creditors-database-{shard}")

    def test_budgets_and_autoscalers_lead_to_deployments(self):
        for overlay in ["single-shard", "two-shards"]:
            deployments = of_kind(overlay, "Deployment")
            for name, scaler in of_kind(overlay, "HorizontalPodAutoscaler").items():
                target = deployments[scaler["spec"]["scaleTargetRef"]["name"]]
                self.assertNotIn("replicas", target["spec"], name)
            for name, budget in of_kind(overlay, "PodDisruptionBudget").items():
                labels = deployments[name]["spec"]["template"]["metadata"]["labels"]
                self.assertLessEqual(budget["spec"]["selector"]["matchLabels"].items(), labels.items())
            for name, deployment in deployments.items():
                if deployment["spec"].get("replicas", 2) > 1:
                    self.assertIn(name, of_kind(overlay, "PodDisruptionBudget"))
                    self.assertIn("podAntiAffinity", deployment["spec"]["template"]["spec"]["affinity"])

    def test_the_ingress_leads_to_a_service_with_pods(self):
        for overlay in ["single-shard", "two-shards"]:
            backend = of_kind(overlay, "Ingress")["api"]["spec"]["rules"][0]["http"]["paths"][0]["backend"]
            service = of_kind(overlay, "Service")[backend["service"]["name"]]
            self.assertEqual(backend["service"]["port"]["name"], service["spec"]["ports"][0]["name"])
            pods = [item["spec"]["template"]["metadata"]["labels"] for item in of_kind(overlay, "Deployment").values()]
            self.assertTrue(any(service["spec"]["selector"].items() <= labels.items() for labels in pods))

    def test_the_alerts_are_those_of_prometheus(self):
        rule = of_kind("single-shard", "PrometheusRule")["agent"]
        alerts = yaml.safe_load((DEPLOY / "monitoring/alerts.yml").read_text())
        self.assertEqual(rule["spec"], alerts,
                         "deploy/monitoring/prometheus-rule writes components/prometheus-operator/prometheus-rule.yaml")

    def test_the_peer_s_workloads_are_those_of_existing_deployments(self):
        found = {}
        for name, deployment in of_kind("peer-drop-in", "Deployment").items():
            first, [container] = containers(deployment)
            found[name] = (" ".join(container["args"]), deployment["spec"]["replicas"], first[0]["args"][0])
        self.assertEqual(found, {  # operations §10
            "tasks-processor": ("all", 1, "configure"),
            "messages-consumer": ("consume_messages", 2, "await_migrations"),
            "messages-drainer": ("consume_messages --draining-mode", 0, "await_migrations"),
            "messages-flusher": ("flush_all", 2, "await_migrations"),
            "web-server": ("webserver", 2, "await_migrations"),
        })
        first, _ = containers(of_kind("peer-drop-in", "Deployment")["web-server"])
        self.assertEqual({name for name in environment("peer-drop-in", first[0]) if re.search("BROKER_URL|OAUTH|PIN", name)}, set())

    def test_the_peer_s_deployment_keeps_all_but_the_image(self):
        before = yaml.safe_load_all((HERE / "overlays/peer-drop-in/existing.yaml").read_text())
        after = of_kind("peer-drop-in", "Deployment")
        for item in before:
            if item["kind"] != "Deployment":
                continue
            changed = after[item["metadata"]["name"]]
            for old, new in zip(sum(containers(item), []), sum(containers(changed), []), strict=True):
                self.assertEqual((old["image"], new["image"]), ("swpt_creditors", AGENT))
                for part in ["args", "env", "resources", "securityContext", "livenessProbe", "readinessProbe"]:
                    self.assertEqual(old.get(part), new.get(part))

    def test_every_variable_of_the_map_is_read_by_somebody(self):
        for overlay in OVERLAYS:
            read = {}
            for _, container, _ in agents(overlay):
                for source in container.get("envFrom", []):
                    if "configMapRef" in source:
                        read.setdefault(source["configMapRef"]["name"], set()).add(container["args"][0])
            for name, words in read.items():
                known = set().union(*(self.known(word) for word in words))
                names = {key for key in of_kind(overlay, "ConfigMap")[name]["data"] if not key.startswith("pg_")}
                self.assertLessEqual(names, known, (overlay, name))

    @staticmethod
    def known(word):
        return variables() if word in ("all", "creditors-scanner") else variables(word)


class Router(Home):
    """The router's configuration, as Kubernetes mounts it."""

    def test_nginx_accepts_it(self):
        maps = [item["data"] for name, item in of_kind("two-shards", "ConfigMap").items() if name.startswith("nginx-")]
        self.assertEqual(len(maps), 1)
        files = dict(maps[0])
        self.assertIn("listen 8080;", files["listen.conf"])
        services = of_kind("two-shards", "Service")
        for host, port in re.findall(r"server ([\w-]+):(\d+) ", files["shards.conf"]):
            self.assertEqual(services[host]["spec"]["ports"][0]["port"], int(port))
        keys = re.search(r'creditor_shards \{\s*default "(.*)";', files["shards.conf"])[1].split()
        realms = {environment("two-shards", container)["PROTOCOL_BROKER_QUEUE_ROUTING_KEY"]
                  for _, container, _ in agents("two-shards")}
        self.assertEqual(set(keys), realms)
        files["shards.conf"] = re.sub(r"server web-", "server 127.0.0.1:1; #", files["shards.conf"])
        self.nginx("router", "router.conf", files, listens_at="8080")


if __name__ == "__main__":
    unittest.main()
