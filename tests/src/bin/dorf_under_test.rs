//! `dorf` itself, for the stories that start it as a process of its own.

fn main() -> std::process::ExitCode {
    api::cli::main()
}
