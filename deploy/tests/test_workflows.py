""".github/workflows: of the format that the hosting expects, and about recipes and images that there are."""

import re
import sys
import unittest

import yaml

from support import REPOSITORY, run

FILES = sorted((REPOSITORY / ".github/workflows").glob("*.yml"))


def jobs():
    for file in FILES:
        yield from yaml.safe_load(file.read_text())["jobs"].items()


def commands():
    return [step["run"] for _, job in jobs() for step in job["steps"] if "run" in step]


class Workflows(unittest.TestCase):
    def test_they_are_valid(self):
        self.assertTrue(FILES)
        run(sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", *FILES)

    def test_the_recipes_exist(self):
        known = set(re.findall(r"^([a-z][a-z-]*)(?: [^:=\n]*)?:(?!=)", (REPOSITORY / "justfile").read_text(), re.MULTILINE))
        called = {name for text in commands() for name in re.findall(r"^(?:just|deploy/local/run) ([a-z-]+)", text)}
        self.assertEqual(called, {"ci", "deny", "image"})
        self.assertLessEqual(called, known)

    def test_images_are_made_for_both_processors(self):
        runners = dict(jobs())["images"]["strategy"]["matrix"]["include"]
        self.assertEqual({one["processor"]: one["runner"].endswith("-arm") for one in runners},
                         {"amd64": False, "arm64": True})

    def test_the_published_image_must_be_as_small_as_the_tested_one(self):
        steps = [step.get("run", "") for step in dict(jobs())["images"]["steps"]]
        limits = [re.search(r'\[ "\$bytes" -le (\d+) \]', step) for step in steps]
        [place] = [place for place, limit in enumerate(limits) if limit]
        tested = re.search(r"^LARGEST = (\S+)$", (REPOSITORY / "docker/test_images.py").read_text(), re.MULTILINE)
        self.assertEqual(int(limits[place][1]), float(tested[1]))
        # Unpacked. What the daemon says about sizes depends on how it keeps images.
        self.assertIn("docker create creditors-agent", steps[place])
        [published] = [place for place, step in enumerate(steps) if "docker push" in step]
        self.assertLess(place, published)

    def test_the_compiler_is_that_of_the_images(self):
        used = re.search(r"^ARG RUST_IMAGE=docker.io/library/(\S+)$", (REPOSITORY / "docker/Dockerfile").read_text(), re.MULTILINE)
        self.assertEqual(dict(jobs())["ci"]["container"]["image"], used[1])

    def test_every_job_ends_and_has_no_more_rights_than_it_needs(self):
        for file in FILES:
            self.assertEqual(yaml.safe_load(file.read_text())["permissions"], {"contents": "read"})
        for name, job in jobs():
            self.assertIn("timeout-minutes", job, name)
            self.assertEqual("packages" in job.get("permissions", {}), name in ("images", "publish"), name)
        for text in commands():
            self.assertNotIn("github.event.", text, "what outsiders write must not become part of a command")


if __name__ == "__main__":
    unittest.main()
