//! `dorf` itself, for the stories that start it as a process of its own.

fn main() -> std::process::ExitCode {
    match api::cli::main() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dorf: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
