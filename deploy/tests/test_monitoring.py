"""deploy/monitoring: the rules are sound, and ask for what the processes really show."""

import http.client
import json
import re
import unittest
import urllib.request

import yaml

from shard import COPIES, PAYER, Shard, pay
from support import DEPLOY, REPOSITORY, Client, free_port, is_ready, program, run, until

HERE = DEPLOY / "monitoring"
METRIC = re.compile(r"\b((?:creditors|process|rabbitmq)_[a-z_]+)\b")
# Of the broker, not ours.
FOREIGN = {"rabbitmq_queue_messages_ready"}
# Added by Prometheus, from where the process is.
ADDED = {"job", "instance", "service", "shard"}
# Not shown by processes that work well, and why. Their labels are compared with the table of metrics instead.
RARE = {
    "creditors_consumer_dead_letters_total": "only bad messages are put aside",
    "creditors_consumer_paused_workers": "consumers pause only without a database",
    "creditors_transaction_retries_total": "only after races",
    "creditors_part_restarts_total": "only of `creditors-agent all`, when a part has crashed",
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
        for name, selector in re.findall(rf"{METRIC.pattern}(?:\{{([^}}]*)\}})?", query):
            found.setdefault(family(name), set()).update(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", selector))
        for labels, inner in grouped(query):
            for name in METRIC.findall(inner):
                found[family(name)].update(labels)
    return found


def grouped(query):
    """Labels of each `by (…)`, and what stands in the brackets behind it."""
    for clause in re.finditer(r"\bby \(([^)]*)\)\s*\(", query):
        depth, end = 1, clause.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(query[end], 0)
            end += 1
        yield set(re.split(r",\s*", clause[1])), query[clause.end():end]


def documented():
    """Metrics with their labels, by the table."""
    table = (REPOSITORY / "crates/observability/METRICS.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| \w+ \| ([^|]*) \|", table, re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}


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


class Services(Shard):
    """What the processes show, as Prometheus reads it, while somebody pays and somebody guesses."""

    def observed(self, name, which):
        """Another process, once it is ready; returns its admin port."""
        admin = free_port()
        self.start(name, [program(which)], {**self.environment, "APP_ADMIN_PORT": str(admin)})
        until(lambda: is_ready(admin), name)
        return admin

    def scrape(self, port):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
            return answer.read().decode()

    def shown(self, ports):
        """All metrics with their labels."""
        found = {}
        for port in ports:
            for name, labels in re.findall(r"^(\w+)(?:\{(.*)\})? ", self.scrape(port), re.MULTILINE):
                found.setdefault(family(name), set()).update(re.findall(r'(\w+)="', labels))
        return found

    def guess_pin(self):
        """Sets a PIN, and tries another one; not through the proxy, which does not let callers say who they are."""
        new = {"status": "on", "newPin": "98237465", "latestUpdateId": 2}
        for status, body in [(200, new), (403, {"status": "off", "pin": "98237466", "latestUpdateId": 3})]:
            connection = http.client.HTTPConnection("127.0.0.1", self.ports[0], timeout=30)
            connection.request("PATCH", f"/creditors/{PAYER}/pin", json.dumps(body), {
                "Content-Type": "application/json", "X-Swpt-User-Id": f"creditors:{PAYER}", "X-Swpt-Require-Pin": "true"})
            self.assertEqual(connection.getresponse().status, status)
            connection.close()

    def test_queries_ask_for_what_is_shown_with_the_labels_it_has(self):
        admin = free_port()
        self.web("web-0", self.database_url, self.ports[0], **{**self.environment, "APP_ADMIN_PORT": str(admin)})
        ports = [admin] + [self.observed(name, name) for name in [*COPIES, "scanner"]]
        self.proxy(1)
        with Client(self.port) as client:
            pay(client, self.prepare(client))
        self.guess_pin()
        expected = set(asked()) - FOREIGN - set(RARE)
        # Some metrics are shown only after the next look at the database.
        until(lambda: expected <= set(self.shown(ports)), expected - set(self.shown(ports)))
        shown = self.shown(ports)
        for name, labels in asked().items():
            if name not in FOREIGN:
                known = shown[name] if name in shown else documented()[name]
                self.assertLessEqual(labels - ADDED - {"le"}, known, name)
        self.assertLessEqual(set(RARE), set(asked()), "nobody asks for it anymore")
        self.assertEqual(set(RARE) & set(shown), set(), "it is shown after all")


if __name__ == "__main__":
    unittest.main()
