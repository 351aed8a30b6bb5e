"""What the programs know: environment variables and words, as they tell themselves."""

import functools
import re

from support import NAMES, program, run

# Read by nobody of ours, and accepted (operations §2): parts of URLs, put together in manifests.
IGNORED = re.compile(r"(pg|rmq)_[a-z_]+|RESOURCE_SERVER|REDIS_URL|(SQLALCHEMY|FLASK|GUNICORN)_[A-Z_]+")


@functools.cache
def words():
    """The commands of the container."""
    text = run(program("agent"), "--help")
    return re.findall(r"^  ([a-z_-]+) +\S", text, re.MULTILINE)


@functools.cache
def variables(word="config"):
    """The names of all variables that a word reads; `config` reads all."""
    if word == "config":
        text = run(program("agent"), "config", env={})
        return set(re.findall(r"^([A-Z0-9_]+)=", text, re.MULTILINE))
    return set(re.findall(r"^  ([A-Z0-9_]+) \(", run(program("agent"), word, "--help"), re.MULTILINE))


def check_command(arguments):
    """Complains about arguments of the container that the image would not understand."""
    word, *options = [str(argument) for argument in arguments]
    if word in ("sh", "psql"):
        return
    if word.removeprefix("creditors-") in NAMES:
        text = run(program(word.removeprefix("creditors-")), "--help")
    elif word in words():
        text = run(program("agent"), word, "--help")
    else:
        raise AssertionError(f"the image has no command {word}")
    for option in options:
        name = option.split("=")[0]
        if name.startswith("-") and not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text):
            raise AssertionError(f"{word} has no option {name}")


def check_variables(names):
    """Complains about variables that no program reads."""
    unknown = {name for name in names if name not in variables() and not IGNORED.fullmatch(name)}
    if unknown:
        raise AssertionError(f"no program reads {sorted(unknown)}")


def public():
    """The variables that operators find in the sample of settings."""
    return set(PUBLIC.split())


# operations §2, "Public".
PUBLIC = """
    MIN_CREDITOR_ID MAX_CREDITOR_ID PIN_PROTECTION_SECRET OAUTH2_INTROSPECT_URL OAUTH2_SUPERUSER_USERNAME
    OAUTH2_SUPERVISOR_USERNAME WEBSERVER_PROCESSES WEBSERVER_THREADS WEBSERVER_PORT POSTGRES_URL PROTOCOL_BROKER_URL
    PROTOCOL_BROKER_QUEUE PROTOCOL_BROKER_QUEUE_ROUTING_KEY PROTOCOL_BROKER_PROCESSES PROTOCOL_BROKER_THREADS
    PROTOCOL_BROKER_PREFETCH_COUNT PROTOCOL_BROKER_PREFETCH_SIZE FLUSH_PROCESSES FLUSH_PERIOD
    PROCESS_LOG_ADDITIONS_THREADS PROCESS_LEDGER_UPDATES_THREADS DELETE_PARENT_SHARD_RECORDS SETUP_RABBITMQ_BINDINGS
    APP_LOG_LEVEL APP_LOG_FORMAT
"""
