//! Measures the agent's services; see `creditors-bench --help`.

fn main() -> std::process::ExitCode {
    creditors_testkit::bench::main()
}
