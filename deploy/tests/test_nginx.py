"""deploy/nginx: the reverse proxy and the shard router (webapi §15, smp §8), with real web servers and databases."""

import http.server
import json
import re
import threading
import unittest

from support import DEPLOY, Client, Home, free_port, run, until

# Every creditor id belongs to this agent.
ALL_IDS = {"MIN_CREDITOR_ID": str(-(2**63)), "MAX_CREDITOR_ID": str(2**63 - 1)}

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


def upstream(name, *ports):
    """As in upstreams.conf, but with these servers."""
    given = re.search(r"upstream web \{.*?\n\}\n", (DEPLOY / "nginx/upstreams.conf").read_text(), re.DOTALL)[0]
    given = given.replace("upstream web", f"upstream {name}").replace("zone web", f"zone {name}")
    lines = re.findall(r"server web:8080.*\n", given)
    servers = "".join(line.replace("web:8080", f"127.0.0.1:{port}") for port in ports for line in lines)
    return given.replace(lines[0], servers).replace(lines[1], "")


def shards(keys, low, high, **ports):
    settings = {"creditor_shards": keys, "min_creditor_id": low, "max_creditor_id": high}
    text = "".join(f'map "" ${name} {{ default "{value}"; }}\n' for name, value in settings.items())
    return text + "".join(upstream(name.replace("_", "-"), port) for name, port in ports.items())


class Events:
    """A log that is followed through the proxy: each event arrives while the stream goes on (one connection of 30 s)."""

    def test_events_arrive_at_once(self):
        with Client(self.port) as client, Client(self.port) as follower:
            position = client.get("/creditors/1/wallet").json()["logLatestEntryId"]
            lines = follower.follow(f"/creditors/1/log?prev={position}")
            # Three, so that nobody can have waited for the next one.
            for number in [1, 2, 3]:
                created = client.post("/creditors/1/accounts/", {"type": "DebtorIdentity", "uri": f"swpt:{number}000"})
                self.assertEqual(created.status, 201)
                # An account's creation is two entries.
                for _ in range(2):
                    position += 1
                    self.assertEqual(next(line for line in lines if line.startswith("id:")), f"id: {position}")


class OneShard(Events, Home):
    """Two web servers of one shard behind nginx."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ports = [free_port(), free_port()]
        cls.database_url = cls.database()
        cls.servers = [cls.serve(index) for index in range(2)]
        cls.port = cls.nginx("nginx", "nginx.conf", {"upstreams.conf": upstream("web", *cls.ports)})
        with Client(cls.port) as client:
            assert client.post("/creditors/1/activate").status == 200

    @classmethod
    def serve(cls, index):
        return cls.web(f"web-{index}", cls.database_url, cls.ports[index], **ALL_IDS)

    def test_requests_arrive_and_errors_of_the_service_come_back_untouched(self):
        with Client(self.port) as client:
            self.assertEqual(client.get("/creditors/1/wallet").json()["type"], "Wallet")
            missing = client.get("/creditors/2/wallet")
            self.assertEqual((missing.status, missing.json()["status"]), (404, "Not Found"))
            self.assertEqual(client.get("/elsewhere").status, 404)
            self.assertEqual(client.get("/creditors/health/check/public").status, 200)

    def test_http_2_is_spoken(self):
        version = run("curl", "-sk", "--http2", "-o", "/dev/null", "-w", "%{http_version} %{http_code}",
                      f"https://127.0.0.1:{self.port}/creditors/1/wallet")
        self.assertEqual(version, "2 200")

    def test_old_tls_is_refused(self):
        with self.assertRaises(AssertionError):
            run("curl", "-sk", "--tlsv1.0", "--tls-max", "1.1", f"https://127.0.0.1:{self.port}/creditors/1/wallet")

    def test_locations_are_made_of_what_the_client_sees(self):
        with Client(self.port, host="wallet.example:8888") as client:
            answer = client.get("/creditors/1", X_Forwarded_Proto="http", X_Forwarded_Port="1")
            self.assertEqual(answer.status, 308)
            self.assertEqual(answer.headers["Location"], "https://wallet.example:8888/creditors/1/")

    def test_clients_cannot_say_who_they_are(self):
        with Client(self.port) as client:
            self.assertEqual(client.get("/creditors/1/", X_Swpt_User_Id="creditors:2").status, 200)

    def test_the_limit_of_bodies_is_that_of_the_service(self):
        with Client(self.port) as client:
            largest = client.post("/creditors/1/debtor-lookup", b"{" + b" " * 20478 + b"}")
            self.assertEqual((largest.status, largest.json()["status"]), (422, "Unprocessable Entity"))
            larger = client.post("/creditors/1/debtor-lookup", b"{" + b" " * 20479 + b"}")
            self.assertEqual((larger.status, larger.json()["code"]), (413, 413))
            self.assertEqual(larger.headers["Content-Type"], "application/json")
            self.assertEqual(larger.headers["Access-Control-Allow-Origin"], "*")

    def test_connections_to_the_service_are_kept(self):
        with Client(self.port) as client:
            for _ in range(20):
                client.get("/creditors/1/wallet")
        ports = "or".join(f" dport = :{port} " for port in self.ports)
        established = run("ss", "-Htn", "state", "established", f"( {ports} )").strip().splitlines()
        self.assertTrue(0 < len(established) <= 20, established)

    def test_no_request_fails_while_servers_are_replaced_one_right_after_the_other(self):
        load = Load(self.port)
        for index in [0, 1, 0, 1]:
            self.servers[index].terminate()
            self.servers[index].wait(30)
            before = load.done
            until(lambda before=before: load.done > before + 20, "requests without one server")
            # The next one goes as soon as this one is back, although nginx may still leave it out.
            self.servers[index] = self.serve(index)
        load.stop()
        self.assertEqual(load.failures, [])

    def test_a_server_that_is_killed_gets_no_requests(self):
        load = Load(self.port)
        before = load.done
        until(lambda: load.done > before + 20, "requests with both servers")
        self.servers[0].kill()
        self.servers[0].wait()
        before = load.done
        until(lambda: load.done > before + 50, "requests without the killed server")
        load.stop()
        self.servers[0] = self.serve(0)
        self.assertEqual(load.failures, [])

    def test_without_servers_clients_are_told_to_come_back(self):
        port = self.nginx("alone", "nginx.conf", {"upstreams.conf": upstream("web", free_port())})
        with Client(port) as client:
            answer = client.get("/creditors/1/wallet")
            self.assertEqual((answer.status, answer.json()["code"], answer.headers["Retry-After"]), (503, 503, "1"))
            self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "*")


class Load:
    """Two wallets that read and write, each over one connection, until they are stopped."""

    def __init__(self, port):
        self.done = 0
        self.failures = []
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(port,)) for _ in range(2)]
        for thread in self.threads:
            thread.start()

    def work(self, port):
        with Client(port) as client:
            while not self.stopped.is_set():
                try:
                    statuses = [
                        client.get("/creditors/1/wallet").status,
                        client.post("/creditors/1/account-lookup", {"uri": "swpt:1/1"}).status,
                    ]
                except OSError as error:
                    statuses = [repr(error)]
                self.failures += [status for status in statuses if status != 200]
                self.done += len(statuses)

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()


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


class Syntax(Home):
    """What stands in the files as they are."""

    def test_the_configurations_are_sound_but_for_names_that_only_exist_in_a_deployment(self):
        for main, names in [("nginx.conf", ["web"]), ("router.conf", ["web-0", "web-1"])]:
            hosts = {file.name: self.resolved(file.read_text(), names) for file in self.files()}
            self.nginx(main.replace(".", "-"), main, hosts)

    @staticmethod
    def files():
        return (DEPLOY / "nginx").glob("*.conf")

    @staticmethod
    def resolved(text, names):
        for name in names:
            text = text.replace(f"server {name}:", "server 127.0.0.1:")
        return text

    def test_a_wrong_key_is_found_at_the_first_request(self):
        changes = {"shards.conf": shards("0.# 2.#", 1, 2, shard_0=1)}
        port = self.nginx("wrong", "router.conf", changes)
        with Client(port) as client:
            self.assertEqual(client.get("/creditors/0/").status, 500)
        self.assertIn('"2.#" is no routing key of a shard', self.log_of("wrong"))


if __name__ == "__main__":
    unittest.main()
