//! `dorf`: see the crate `api`.

fn main() -> std::process::ExitCode {
    api::cli::main()
}
