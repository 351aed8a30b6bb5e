# The only list of recipes. On a fresh machine start with `deploy/local/run RECIPE`, which installs what is missing.

target := env("CARGO_TARGET_DIR", "target")
# What the local stack and the demo are built with: `just profile=dev demo` saves a build, and is slower.
profile := "release"
built := target / (if profile == "dev" { "debug" } else { profile })
with_servers := target / "debug/creditors-local with-servers"
with_stack := target / "debug/creditors-local with-stack"
# Where `deploy/local/run` puts what checks the running service.
checks := ".run/tools/checks/bin"
# The same for what checks the files of `deploy/`.
deploy_checks := ".run/tools/deploy/bin"
just := quote(just_executable())

# List the recipes
default:
    @{{ just }} --list --unsorted

# Start the whole agent on this machine: servers, all services, nginx, an authorization server, a simulated authority
up *options: (_build profile)
    {{ built }}/creditors-local up {{ options }}

# Stop what `up` has started (`--erase`: and remove its data)
down *options:
    {{ built }}/creditors-local down {{ options }}

# Show what `up` has started
status:
    {{ built }}/creditors-local status

# Show the logs of what `up` has started (`-f`: and go on; a name: only that one)
logs *options:
    {{ built }}/creditors-local logs {{ options }}

# Show a payment's whole way, on servers of its own
demo *options: (_build profile)
    {{ built }}/creditors-local demo {{ options }}

# Measure the services on servers of their own: `just bench web log`; nothing named = all (`web` needs the package wrk)
[positional-arguments]
bench *options: (_build profile)
    {{ built }}/creditors-local with-servers --durable -- {{ built }}/creditors-bench "$@"

# Run the tests with private servers (options as of `cargo nextest run`)
[positional-arguments]
test *options: (_build "dev")
    {{ with_servers }} -- {{ just }} _tests "$@"

# Run the tests of hot ledgers and logs with 100,000 transfers and entries, with private servers
test-large: (_build "dev")
    CREDITORS_TEST_TRANSFERS_EACH=5000 CREDITORS_TEST_LOG_ENTRIES=100000 {{ with_servers }} -- \
        {{ just }} _tests -p creditors-procedures --test it -- ledgers_take_in_all_transfers one_hot_log_grows_in_bounded_pieces

# Replay the recorded requests and responses of the web API against the web server
[positional-arguments]
transcripts *options: (_build "dev")
    {{ with_servers }} -- {{ just }} _tests -p creditors-web --test it "$@" transcripts

# Write down the OpenAPI document
openapi:
    cargo run --quiet --package creditors-web --example openapi > openapi/openapi.json

# Try the page of the API's documentation in a browser (needs the package chromium; `deploy/local/run` installs all)
swagger-test: (_build "dev")
    {{ with_stack }} -- {{ checks }}/python deploy/checks/swagger_ui.py .run/swagger-ui.png

# Send the web API, for so many seconds, whatever its OpenAPI document allows and forbids (`deploy/local/run` installs all)
schemathesis seconds="60": (_build "dev")
    {{ with_stack }} -- {{ checks }}/python deploy/checks/schemathesis.py {{ checks }}/schemathesis {{ seconds }}

# Check the files of `deploy/` against their formats, the programs, and real requests (`deploy/local/run` installs all)
deploy-test: (_build "dev")
    {{ with_servers }} -- {{ deploy_checks }}/python -B -m unittest discover -s deploy/tests

# Make the images of the agent and of its documentation, with Docker, Podman or Buildah
image:
    docker/build

# Make images of programs built with `profile`, without any registry, and test them (as root; `deploy/local/run` installs all)
image-test: (_build profile)
    PROFILE={{ profile }} {{ built }}/creditors-local with-servers -- docker/test {{ built }} {{ deploy_checks }}/python

# Run a command with private servers: `just with-servers -- psql …` (before the `--`, `--durable` makes storage safe)
[positional-arguments]
with-servers +command: (_build "dev")
    {{ with_servers }} "$@"

# Format the code
fmt:
    cargo fmt --all

# Check format and lints
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# Check that every crate uses only what the design allows it
layers:
    deploy/local/layers

# Check licences, sources and known weaknesses of what we depend on (needs cargo-deny: `deploy/local/run` installs all)
deny:
    deploy/local/deny

# Check the documentation
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items

# Create or verify the schema of the database that POSTGRES_URL names
migrate: (_build "dev")
    {{ target }}/debug/creditors-agent configure

# Print the schema as PostgreSQL describes it
schema: (_build "dev")
    {{ with_servers }} -- sh -eu -c \
        'POSTGRES_URL=$CREDITORS_TEST_POSTGRES_URL {{ target }}/debug/creditors-agent configure >&2; \
         pg_dump --schema-only --no-owner "$CREDITORS_TEST_POSTGRES_URL"'

# Everything that must be in order before a change is accepted
ci: lint layers deny doc test deploy-test swagger-test schemathesis
    {{ just }} profile=dev demo
    docker/test-if-changed {{ just }} profile=dev image-test

[private]
_build profile:
    cargo build --workspace --bins --profile {{ profile }}

[positional-arguments]
[private]
_tests *options:
    #!/bin/sh
    set -eu
    if cargo nextest --version >/dev/null 2>&1; then
        cargo nextest run "$@"
    else
        echo "cargo-nextest is not installed, so plain \`cargo test\` runs the tests (slower; \`cargo install cargo-nextest --locked\`)"
        cargo test --lib --bins --tests "$@"
    fi
    if [ $# -eq 0 ]; then
        cargo test --workspace --doc
    fi
