//! A simulated accounting authority; see `creditors-authority --help`.

fn main() -> std::process::ExitCode {
    creditors_testkit::authority::main()
}
