"""What the guides of the deployment name exists: files, headings, metrics, variables, words."""

import re
import unittest

from support import DEPLOY, REPOSITORY
from test_monitoring import family, shown_in_code
from variables import public, variables, words

GUIDES = [*DEPLOY.rglob("README.md"), REPOSITORY / "docker/README.md", REPOSITORY / "README.md"]
GUIDES = [guide for guide in GUIDES if "node_modules" not in guide.parts]

# Read by the image of the API's documentation.
OF_THE_DOCUMENTATION = {"OAUTH2_AUTHORIZATION_URL", "OAUTH2_TOKEN_URL", "OAUTH2_REFRESH_URL"}


def anchors(file):
    """Where a link may lead to inside of a file, as the hosting derives it from headings."""
    for title in re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


class Guides(unittest.TestCase):
    def test_links_lead_somewhere(self):
        checked = 0
        for guide in GUIDES:
            for target in re.findall(r"\]\(([^)\s]+)\)", guide.read_text()):
                if target.startswith("http"):
                    continue
                path, _, heading = target.partition("#")
                file = (guide.parent / path).resolve() if path else guide
                self.assertTrue(file.exists(), (guide, target))
                if heading:
                    self.assertIn(heading, list(anchors(file)), (guide, target))
                checked += 1
        self.assertGreater(checked, 25)

    def test_metrics_exist(self):
        for guide in GUIDES:
            named = {family(name) for name in re.findall(r"`((?:creditors|process)_[a-z]+_[a-z_]+)`", guide.read_text())}
            self.assertLessEqual(named, shown_in_code(), guide)

    def test_variables_exist(self):
        for guide in GUIDES:
            named = set(re.findall(r"`((?:APP|PROTOCOL|FLUSH|PROCESS|WEBSERVER|OAUTH2|PIN)_[A-Z0-9_]+)[`=]", guide.read_text()))
            self.assertLessEqual(named, variables() | public() | OF_THE_DOCUMENTATION, guide)

    def test_commands_exist(self):
        for guide in GUIDES:
            for word in re.findall(r"creditors-agent ([a-z][a-z_-]+)", guide.read_text()):
                self.assertIn(word, words(), guide)


if __name__ == "__main__":
    unittest.main()
