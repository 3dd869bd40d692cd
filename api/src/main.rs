//! `dorf`: see the crate `api`.

fn main() -> std::process::ExitCode {
    match api::cli::main() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dorf: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
