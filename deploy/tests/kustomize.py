"""Builds manifests for Kubernetes as an operator does."""

import platform
import shutil
import sys
import unittest

import yaml

from support import DEPLOY, run

HERE = DEPLOY / "kubernetes"
# Kinds of operators, of which Kubernetes itself has no schema.
CUSTOM = {"PrometheusRule", "ServiceMonitor", "ScaledObject", "TriggerAuthentication"}
AGENT = "creditors-agent:0.1.0"


def required():
    """`deploy/local/run` installs kubectl; where it cannot (it finds none for this processor), that is said loudly."""
    if shutil.which("kubectl") is None:
        if platform.machine() == "x86_64":
            raise RuntimeError("kubectl (1.21 or newer) is not installed: `deploy/local/run deploy-test` installs it")
        print("\n*** NOT CHECKED: deploy/kubernetes needs kubectl (1.21 or newer), which is not installed ***", file=sys.stderr)
        raise unittest.SkipTest("kubectl is not installed")


def kustomize(directory):
    """All objects that a directory describes."""
    return list(yaml.safe_load_all(run("kubectl", "kustomize", directory)))
