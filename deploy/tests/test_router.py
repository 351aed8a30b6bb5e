"""deploy/nginx: the shard router (webapi §15, smp §8), with real web servers and databases."""

import http.server
import json
import re
import threading
import unittest

from proxies import ALL_IDS, Events, shards
from support import Client, Home, free_port, run

# id -> the realms among 0.#, 1.#, 0.1.#, 1.0.1.#, 0.1.1.0.# that it belongs to (smp §8).
VECTORS = {
    0: "0 01",
    1: "1",
    2: "1",
    -1: "1",
    -2: "1",
    123: "1",
    -123: "1",
    1234: "0 01",
    4294967296: "0",
    8589934591: "1",
    1103806595072: "1 101",
    2199023255551: "1",
    9223372036854775807: "1 101",
    -9223372036854775808: "0 01",
}


def unsigned(creditor_id):
    return creditor_id % 2**64


class TwoShards(Events, Home):
    """Two shards with a database and a web server each, behind the router."""

    IDS = [*range(1, 31), 2**63, 2**64 - 1]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.web_ports = {bits: free_port() for bits in "01"}
        cls.databases = {bits: cls.database() for bits in "01"}
        for bits, port in cls.web_ports.items():
            cls.web(f"web-{bits}", cls.databases[bits], port, PROTOCOL_BROKER_QUEUE_ROUTING_KEY=f"{bits}.#",
                    APP_CREDITORS_PER_PAGE="3", **ALL_IDS)
        cls.port = cls.nginx("nginx", "router.conf", {"shards.conf": cls.shards(1, 2**63 - 1)})
        with Client(cls.port) as client:
            for creditor_id in cls.IDS:
                # A shard that the creditor does not belong to would answer 404.
                answer = client.post(f"/creditors/{creditor_id}/activate")
                assert answer.status == 200, (creditor_id, answer.status, answer.body)

    @classmethod
    def shards(cls, low, high):
        return shards("0.# 1.#", low, high, shard_0=cls.web_ports["0"], shard_1=cls.web_ports["1"])

    def rows(self, bits, query):
        return run("psql", self.databases[bits], "-Atc", query).split()

    def test_each_creditor_of_the_vectors_is_in_its_database(self):
        with Client(self.port) as client:
            for creditor_id, realms in VECTORS.items():
                if creditor_id == 0:
                    continue  # The database has no creditor 0.
                answer = client.post(f"/creditors/{unsigned(creditor_id)}/reserve")
                self.assertIn(answer.status, (200, 409), creditor_id)
                where = f"SELECT creditor_id FROM creditor WHERE creditor_id = {creditor_id}"
                self.assertEqual(self.rows(realms[0], where), [str(creditor_id)])
                self.assertEqual(self.rows("10"[int(realms[0])], where), [])

    def test_a_path_may_be_escaped_or_wrong(self):
        with Client(self.port) as client:
            self.assertEqual(client.get("/creditors/%31/").status, 200)
            self.assertEqual(client.get("/creditors/1/wallet?x=1").json()["type"], "Wallet")
            self.assertEqual(client.get("/creditors/1").status, 308)
            for path in ["01/", "18446744073709551616/", "99999999999999999999/", "x/", "-1/", ""]:
                self.assertEqual(client.get(f"/creditors/{path}").status, 404, path)

    def test_what_is_about_no_creditor_is_answered_by_any_shard(self):
        with Client(self.port) as client:
            for _ in range(8):
                self.assertEqual(client.get("/creditors/.wallet").status, 204)
                self.assertEqual(client.get("/creditors/.list").json()["type"], "CreditorsList")
                self.assertEqual(client.get("/creditors/health/check/public").status, 200)
                self.assertEqual(client.ask("OPTIONS", "/creditors/.creditor-reserve").status, 200)
                self.assertEqual(client.ask("OPTIONS", "/creditors/5/enumerate").status, 200)

    def listed(self, client, path):
        """All creditors, following the links, and how many pages there were."""
        found, pages = [], 0
        while path is not None:
            answer = client.get(path)
            self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "application/json"))
            page = answer.json()
            self.assertEqual(page["type"], "ObjectReferencesPage")
            self.assertEqual(client.get(page["uri"]).json(), page)
            found += [int(item["uri"].split("/")[2]) for item in page["items"]]
            path, pages = page.get("next"), pages + 1
        return found, pages

    def test_the_list_goes_through_all_shards(self):
        with Client(self.port) as client:
            found, pages = self.listed(client, client.get("/creditors/.list").json()["first"])
            self.assertEqual(sorted(found), sorted(self.IDS))
            self.assertGreater(pages, 10)

    def test_a_list_from_the_middle_begins_there_in_each_shard(self):
        with Client(self.port) as client:
            found, _ = self.listed(client, "/creditors/17/enumerate?x=1&v=nonsense")
            # Unsigned ids of 2**63 and above are negative, and negative ones come first.
            self.assertEqual(sorted(found), list(range(17, 31)))

    def test_a_random_creditor_is_reserved_where_it_belongs(self):
        with Client(self.port) as client:
            reserved = set()
            for _ in range(12):
                answer = client.post("/creditors/.creditor-reserve", {"type": "CreditorReservationRequest"})
                self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "application/json"))
                reserved.add(int(answer.json()["creditorId"]))
        self.assertEqual(len(reserved), 12)
        self.assertTrue(all(1 <= creditor_id < 2**63 for creditor_id in reserved))
        query = "SELECT creditor_id FROM creditor WHERE status_flags & 1 = 0"
        both = [{int(row) for row in self.rows(bits, query)} & reserved for bits in "01"]
        self.assertEqual(both[0] | both[1], reserved)
        self.assertTrue(both[0] and both[1], both)

    def test_a_reservation_is_tried_again_until_an_id_is_free(self):
        # 30 of these 32 ids are taken; 40 tries find one of the others with a chance of 92 %.
        port = self.nginx("narrow", "router.conf", {"shards.conf": self.shards("0x1", 32)})
        with Client(port) as client:
            ids = [client.post("/creditors/.creditor-reserve") for _ in range(12)]
            found = {answer.json()["creditorId"] for answer in ids if answer.status == 200}
            self.assertEqual(found, {"31", "32"})
            self.assertEqual({answer.status for answer in ids}, {200, 409})

    def test_what_a_shard_says_of_a_wrong_reservation_comes_back(self):
        with Client(self.port) as client:
            wrong = client.post("/creditors/.creditor-reserve", {"type": "Nonsense"})
            self.assertEqual((wrong.status, wrong.json()["status"]), (422, "Unprocessable Entity"))
            self.assertEqual(client.post("/creditors/.creditor-reserve", b"{").status, 400)
            large = client.post("/creditors/.creditor-reserve", b"{" + b" " * 20478 + b"}")
            self.assertEqual(large.status, 200)

    def test_internal_paths_are_not_served(self):
        with Client(self.port) as client:
            self.assertEqual(client.get("/:shard-0/creditors/1/wallet").status, 404)


class Echo(http.server.BaseHTTPRequestHandler):
    """Answers with the name of its server; to a reservation, with what was asked, or 409 if that was answered before."""

    def do_GET(self):  # noqa: N802: the library's name
        self.reply(200, self.server.name)

    def do_POST(self):  # noqa: N802: the library's name
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.asked.append(self.path)
        status = 409 if len(self.server.asked) < 3 else 418
        self.reply(status, json.dumps({"path": self.path, "body": body, "headers": dict(self.headers)}))

    def reply(self, status, text):
        self.send_response(status)
        self.send_header("Content-Type", "text/x-echo")
        self.send_header("X-Echo", "of the service alone")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


class ManyShards(Home):
    """Shards without services: what the router asks of whom (webapi §15)."""

    # The realms of the vectors, as shards of different sizes.
    KEYS = "0.0.# 0.1.0.# 0.1.1.0.# 0.1.1.1.# 1.0.0.# 1.0.1.# 1.1.#"

    def router(self, name, keys, low, high):
        """Echoes for these keys, and a router before them; returns its port and the paths of all reservations."""
        ports, asked = {}, []
        for bits in [key[:-1].replace(".", "") for key in keys.split()]:
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
            server.name, server.asked = bits, asked
            threading.Thread(target=server.serve_forever, daemon=True).start()
            self.addCleanup(server.server_close)
            self.addCleanup(server.shutdown)
            ports[f"shard_{bits}" if bits else "shard"] = server.server_port
        return self.nginx(name, "router.conf", {"shards.conf": shards(keys, low, high, **ports)}), asked

    def test_each_creditor_of_the_vectors_goes_to_its_shard(self):
        port, _ = self.router("many", self.KEYS, 1, 2)
        with Client(port) as client:
            for creditor_id, realms in VECTORS.items():
                shard = client.get(f"/creditors/{unsigned(creditor_id)}/wallet").body.decode()
                expected = [bits for bits in ["0", "1", "01", "101", "0110"] if shard.startswith(bits)]
                self.assertEqual(expected, realms.split(), (creditor_id, shard))

    def test_a_reservation_carries_what_the_client_has_sent_and_brings_back_little(self):
        port, asked = self.router("reserving", "#", -1000, -1)
        with Client(port, host="wallet.example:7") as client:
            answer = client.post("/creditors/.creditor-reserve?q=1", b'{"some": 1}', Authorization="Bearer x",
                                 X_Swpt_User_Id="creditors:1")
        self.assertEqual((answer.status, answer.headers["Content-Type"]), (418, "text/x-echo"))
        self.assertIsNone(answer.headers["X-Echo"])
        echo = answer.json()
        self.assertEqual((echo["path"], echo["body"]), (asked[-1], '{"some": 1}'))
        headers = {name.lower(): value for name, value in echo["headers"].items()}
        self.assertEqual((headers["authorization"], headers["content-type"], headers["host"]),
                         ("Bearer x", "application/json", "wallet.example:7"))
        self.assertNotIn("x-swpt-user-id", headers)
        ids = [int(re.fullmatch(r"/creditors/(\d+)/reserve(\?q=1)?", path)[1]) for path in asked]
        self.assertEqual(len(ids), 3)
        self.assertTrue(all(2**64 - 1000 <= creditor_id <= 2**64 - 1 for creditor_id in ids), ids)

    def test_a_wrong_key_is_found_at_the_first_request(self):
        changes = {"shards.conf": shards("0.# 2.#", 1, 2, shard_0=1)}
        port = self.nginx("wrong", "router.conf", changes)
        with Client(port) as client:
            self.assertEqual(client.get("/creditors/0/").status, 500)
        self.assertIn('"2.#" is no routing key of a shard', self.log_of("wrong"))


if __name__ == "__main__":
    unittest.main()
