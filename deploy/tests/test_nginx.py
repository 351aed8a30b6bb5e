"""deploy/nginx: the reverse proxy, with real web servers."""

import threading
import unittest

from proxies import ALL_IDS, Events, upstream
from support import DEPLOY, Client, Home, free_port, run, until


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


if __name__ == "__main__":
    unittest.main()
