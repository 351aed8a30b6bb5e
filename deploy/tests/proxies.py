"""What tests of proxies share: configurations with servers of their own, and what each proxy must do."""

import re

from support import DEPLOY, Client

# Every creditor id belongs to this agent.
ALL_IDS = {"MIN_CREDITOR_ID": str(-(2**63)), "MAX_CREDITOR_ID": str(2**63 - 1)}


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
