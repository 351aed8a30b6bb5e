//! Private servers and the whole agent on this machine; see `creditors-local --help`.

fn main() -> std::process::ExitCode {
    creditors_testkit::local::main()
}
