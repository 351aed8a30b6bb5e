"""deploy/kubernetes: objects of the Prometheus operator and of KEDA are of the format that these expect, and lead to
what exists."""

import copy
import os
import re
import unittest

from cloudcoil.models.keda import v1alpha1 as keda
from cloudcoil.models.prometheus_operator import v1 as prometheus

from kustomize import CUSTOM, HERE, kustomize, required
from support import Home

KINDS = {
    "PrometheusRule": prometheus.PrometheusRule,
    "ServiceMonitor": prometheus.ServiceMonitor,
    "ScaledObject": keda.ScaledObject,
    "TriggerAuthentication": keda.TriggerAuthentication,
}
setUpModule = required


def complaints(item):
    """What is wrong with an object: values of a wrong type, and names that its kind does not know."""
    try:
        understood = KINDS[item["kind"]].model_validate(item)
    except ValueError as error:
        return [str(error)]
    return list(lost(item, understood.model_dump(mode="json", by_alias=True, exclude_unset=True), item["kind"]))


def lost(given, understood, path):
    """Paths of what is not, or not as it was given, in what was understood."""
    if isinstance(given, dict) and isinstance(understood, dict):
        for name, value in given.items():
            yield from lost(value, understood.get(name), f"{path}.{name}")
    elif isinstance(given, list) and isinstance(understood, list) and len(given) == len(understood):
        for index, value in enumerate(given):
            yield from lost(value, understood[index], f"{path}[{index}]")
    elif given != understood:
        yield path


class Operators(Home):
    """The overlays with all components, the optional ones included."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.overlays = {name: cls.everything(name) for name in ["single-shard", "two-shards"]}

    @classmethod
    def everything(cls, overlay):
        """The objects of an overlay in which an operator has chosen all options: lines that are comments."""
        copied = cls.home / "deploy" / "kubernetes"
        for source in HERE.rglob("*"):
            if source.is_file():
                target = copied / source.relative_to(HERE)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(re.sub(r"(?m)^( +)# (- \.\./.*components/)", r"\1\2", source.read_text()))
        link = cls.home / "deploy" / "nginx"
        if not link.exists():
            os.symlink(HERE.parent / "nginx", link)
        return kustomize(copied / "overlays" / overlay)

    def each(self, kind):
        for overlay, objects in self.overlays.items():
            for item in objects:
                if item["kind"] == kind:
                    yield overlay, item

    def test_all_objects_are_valid(self):
        self.assertEqual(set(KINDS), CUSTOM)
        for kind in CUSTOM:
            found = list(self.each(kind))
            self.assertGreaterEqual(len(found), 2, kind)
            for overlay, item in found:
                self.assertEqual(complaints(item), [], overlay)

    def test_mistakes_are_found(self):
        for kind, spoil in [
            ("PrometheusRule", lambda spec: spec["groups"][0]["rules"][0].pop("expr")),
            ("PrometheusRule", lambda spec: spec["groups"][0].update(rule=[])),
            ("ServiceMonitor", lambda spec: spec["endpoints"][0].update(ports="admin")),
            ("ServiceMonitor", lambda spec: spec["endpoints"][0]["relabelings"][0].update(sourceLabels="x")),
            ("ScaledObject", lambda spec: spec.pop("triggers")),
            ("ScaledObject", lambda spec: spec.update(minReplicas=2)),
            ("TriggerAuthentication", lambda spec: spec["secretTargetRef"][0].pop("key")),
        ]:
            item = copy.deepcopy(next(self.each(kind))[1])
            spoil(item["spec"])
            self.assertNotEqual(complaints(item), [], item)

    def test_monitors_select_the_services_that_show_metrics_of_every_pod(self):
        for overlay, monitor in self.each("ServiceMonitor"):
            objects = self.overlays[overlay]
            labels = monitor["spec"]["selector"]["matchLabels"]
            services = [item for item in objects if item["kind"] == "Service"
                        and labels.items() <= item["metadata"].get("labels", {}).items()]
            self.assertEqual(len(services), {"single-shard": 1, "two-shards": 2}[overlay])
            port = monitor["spec"]["endpoints"][0]["port"]
            selected = set()
            for service in services:
                self.assertEqual([one["name"] for one in service["spec"]["ports"]], [port])
                selected |= {item["metadata"]["name"] for item in objects if item["kind"] == "Deployment"
                             and service["spec"]["selector"].items()
                             <= item["spec"]["template"]["metadata"]["labels"].items()}
            deployments = {item["metadata"]["name"] for item in objects if item["kind"] == "Deployment"}
            self.assertEqual(selected, deployments - {"router"})

    def test_labels_that_alerts_need_come_from_labels_that_pods_have(self):
        for overlay, monitor in self.each("ServiceMonitor"):
            pods = [item["spec"]["template"]["metadata"]["labels"] for item in self.overlays[overlay]
                    if item["kind"] == "Deployment" and item["metadata"]["name"] != "router"]
            known = {re.sub(r"[^a-zA-Z0-9_]", "_", name) for labels in pods for name in labels}
            targets = set()
            for rule in monitor["spec"]["endpoints"][0]["relabelings"]:
                targets.add(rule["targetLabel"])
                for source in rule.get("sourceLabels", []):
                    name = source.removeprefix("__meta_kubernetes_pod_label_")
                    if overlay == "two-shards" or rule["targetLabel"] != "shard":
                        self.assertIn(name, known)
            self.assertEqual(targets, {"service", "shard", "job"})

    def test_the_consumers_of_each_shard_are_scaled_by_its_queue(self):
        found = list(self.each("ScaledObject"))
        self.assertEqual(len(found), 3)
        for overlay, scaler in found:
            objects = {(item["kind"], item["metadata"]["name"]): item for item in self.overlays[overlay]}
            deployment = objects["Deployment", scaler["spec"]["scaleTargetRef"]["name"]]
            self.assertNotIn("replicas", deployment["spec"])
            container = deployment["spec"]["template"]["spec"]["containers"][0]
            self.assertEqual(container["args"], ["consume_messages"])
            shard = container["envFrom"][1]["configMapRef"]["name"]
            trigger = scaler["spec"]["triggers"][0]
            self.assertEqual(trigger["metadata"]["queueName"],
                             objects["ConfigMap", shard]["data"]["PROTOCOL_BROKER_QUEUE"])
            secret = objects["TriggerAuthentication", trigger["authenticationRef"]["name"]]["spec"]["secretTargetRef"]
            broker = next(item for item in container["env"] if item["name"] == "PROTOCOL_BROKER_URL")
            self.assertEqual({name: secret[0][name] for name in ["name", "key"]}, broker["valueFrom"]["secretKeyRef"])

    def test_replicas_that_the_scaler_takes_away_are_not_missed_by_the_budget(self):
        for _, scaler in self.each("ScaledObject"):
            self.assertGreaterEqual(scaler["spec"]["minReplicaCount"], 2)
            self.assertGreater(scaler["spec"]["maxReplicaCount"], scaler["spec"]["minReplicaCount"])


if __name__ == "__main__":
    unittest.main()
