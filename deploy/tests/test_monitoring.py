"""deploy/monitoring: the rules are sound, and ask for what the processes really show."""

import json
import re
import unittest
import urllib.request

import yaml

from support import DEPLOY, REPOSITORY, Home, free_port, program, run, until

HERE = DEPLOY / "monitoring"
METRIC = re.compile(r"\b((?:creditors|process|rabbitmq)_[a-z_]+)\b")
# Of the broker, not ours.
FOREIGN = {"rabbitmq_queue_messages_ready"}
# Added by Prometheus, from where the process is.
ADDED = {"job", "instance", "service", "shard"}
# Shown although nothing has happened yet.
EARLY = {
    "creditors_http_request_seconds", "creditors_outbox_age_seconds", "creditors_outbox_rows", "creditors_ledger_lag_seconds",
    "creditors_ledger_pending_rows", "creditors_log_lag_seconds", "creditors_log_pending_rows",
    "creditors_transaction_seconds", "creditors_pool_wait_seconds",
}


def alerts():
    groups = yaml.safe_load((HERE / "alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels():
    dashboard = json.loads((HERE / "grafana/dashboards/creditors.json").read_text())
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def queries():
    """All queries, as Prometheus gets them."""
    found = [rule["expr"] for rule in alerts()]
    found += [target["expr"] for panel in panels() for target in panel["targets"]]
    return [query.replace("$__rate_interval", "5m").replace("$shard", ".*") for query in found]


def family(name):
    """What a histogram's series belong to."""
    return re.sub(r"_(bucket|sum|count)$", "", name)


def asked():
    """Metrics with the labels that queries expect of them: in selectors, and in `by` around them."""
    found = {}
    for query in queries():
        by = {label for labels in re.findall(r"\bby \(([^)]*)\)", query) for label in re.split(r",\s*", labels)}
        for name, selector in re.findall(rf"{METRIC.pattern}(?:\{{([^}}]*)\}})?", query):
            matched = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector))
            found.setdefault(family(name), set()).update(matched | by)
    return found


def shown_in_code():
    """Every metric in the code of the services, with its labels where they stand beside it."""
    names, text = set(), ""
    for root in ["crates", "services"]:
        for file in (REPOSITORY / root).glob("*/src/**/*.rs"):
            text += re.sub(r"//.*", "", file.read_text())
    names.update(re.findall(r'"((?:creditors|process)_[a-z_]+)"', text))
    return names


class Rules(unittest.TestCase):
    def test_prometheus_accepts_configuration_and_rules(self):
        run("promtool", "check", "config", HERE / "prometheus.yml")
        run("promtool", "check", "rules", HERE / "alerts.yml")

    def test_alerts_come_when_they_must_and_not_before(self):
        run("promtool", "test", "rules", HERE / "alerts_test.yml")

    def test_every_alert_is_tested_both_ways_and_explained(self):
        cases = [case for test in yaml.safe_load((HERE / "alerts_test.yml").read_text())["tests"]
                 for case in test["alert_rule_test"]]
        coming = {case["alertname"] for case in cases if case.get("exp_alerts")}
        quiet = {case["alertname"] for case in cases if not case.get("exp_alerts")}
        names = {rule["alert"] for rule in alerts()}
        self.assertEqual(coming, names)
        self.assertEqual(quiet, names)
        readme = (HERE / "README.md").read_text()
        for name in names:
            self.assertIn(f"`{name}`", readme)

    def test_the_dashboard_s_queries_are_sound(self):
        rules = [{"record": f"panel:{index}", "expr": query} for index, query in enumerate(queries())]
        text = yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]})
        run("promtool", "check", "rules", "/dev/stdin", input=text)

    def test_panels_have_titles_units_and_places_of_their_own(self):
        self.assertEqual(len({panel["id"] for panel in panels()}), len(panels()))
        taken = set()
        for panel in panels():
            self.assertTrue(panel["title"] and panel["fieldConfig"]["defaults"]["unit"])
            place = panel["gridPos"]
            cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
            self.assertFalse(cells & taken, panel["title"])
            taken |= cells

    def test_the_services_know_every_metric_that_is_asked_for(self):
        unknown = set(asked()) - shown_in_code() - FOREIGN
        self.assertEqual(unknown, set())

    def test_the_ports_are_those_of_the_services(self):
        code = (REPOSITORY / "crates/observability/src/admin.rs").read_text()
        ports = {name.lower().replace("_", "-"): int(port)
                 for name, port in re.findall(r"pub const ([A-Z_]+): u16 = (\d+);", code)}
        jobs = yaml.safe_load((HERE / "prometheus.yml").read_text())["scrape_configs"]
        scraped = {config["names"][0]: config["port"] for config in jobs[0]["dns_sd_configs"]}
        self.assertEqual(scraped, {name: port for name, port in ports.items() if name != "agent"})


class Services(Home):
    """What the processes show, as Prometheus reads it."""

    def scrape(self, port):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            return answer.read().decode()

    def test_labels_in_queries_are_those_that_are_shown(self):
        database = self.database()
        web, admin = free_port(), free_port()
        self.web("web", database, web, APP_ADMIN_PORT=str(admin))
        for path in ["health/check/public", ".list", "4311810048/wallet"]:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{web}/creditors/{path}", timeout=10).close()
            except urllib.error.HTTPError as error:
                error.close()
        ports = [admin]
        for name in ["flusher", "ledger-processor", "log-processor"]:
            ports.append(free_port())
            self.start(name, [program(name)], {
                "POSTGRES_URL": database, "PROTOCOL_BROKER_URL": "amqp://127.0.0.1:1", "APP_ADMIN_PORT": str(ports[-1])})
            until(lambda: self.answers(ports[-1]), name)
        # Some metrics are shown only after the first look at the database.
        shown = until(lambda: self.shown(ports), "metrics")
        for name in set(asked()) & set(shown):
            # Several metrics may stand in one query, each with labels of its own.
            selected = {label for query in queries() for label in self.selected(query, name)}
            self.assertLessEqual(selected - ADDED - {"le"}, shown[name], name)

    def shown(self, ports):
        """All metrics with their labels, once most of what is asked for is there."""
        found = {}
        for port in ports:
            for name, labels in re.findall(r"^(\w+)(?:\{(.*)\})? ", self.scrape(port), re.MULTILINE):
                found.setdefault(family(name), set()).update(re.findall(r'(\w+)="', labels))
        return found if EARLY <= set(found) else None

    @staticmethod
    def selected(query, name):
        for selector in re.findall(rf"\b{name}(?:_bucket|_sum|_count)?\{{([^}}]*)\}}", query):
            yield from re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector)

    def answers(self, port):
        try:
            return self.scrape(port)
        except OSError:
            return False


if __name__ == "__main__":
    unittest.main()
