//! Giving an operator a second factor on the command line: the secret is shown with a QR code, and one code is asked for. A script
//! reads the line `secret …` from standard output and writes the code as the next line of standard input.

use crate::accounts::Enrolment;
use crate::app::App;
use crate::qr;
use std::io::{BufRead, IsTerminal, Read, Write};

/// How often a code may be mistyped.
const TRIES: usize = 3;

/// Longest line that is read from standard input, in bytes.
const LONGEST_LINE: u64 = 4096;

/// Asks for a password: on a terminal without showing it, else as a line of standard input.
///
/// # Errors
/// When there is nothing to read.
pub fn password() -> anyhow::Result<String> {
    if std::io::stdin().is_terminal() { Ok(rpassword::prompt_password("Password: ")?) } else { line() }
}

/// Shows what the authenticator needs, asks for a code of it, and stores what comes of that.
///
/// # Errors
/// When no right code was given; nothing is stored then.
pub async fn enrol(app: &App, enrolment: &Enrolment) -> anyhow::Result<()> {
    let set_up = enrolment.set_up()?;
    println!("Scan this with an authenticator app, or type the secret in:\n");
    println!("{}\n", qr::for_terminal(&set_up.otpauth_url)?);
    println!("secret   {}\naddress  {}\n", set_up.secret, set_up.otpauth_url);
    for _ in 0..TRIES {
        print!("Code that it shows now: ");
        std::io::stdout().flush()?;
        if let Some(codes) = enrolment.confirm(app, &line()?).await? {
            println!("\nThe operator can log in now, with the password and the next code.");
            println!("Recovery codes, each good once, for when the authenticator is lost; keep them apart from it:");
            codes.iter().for_each(|code| println!("  {code}"));
            return Ok(());
        }
        println!("That is not the code of this moment; is the clock of the machine right?");
    }
    anyhow::bail!("no right code was given; nothing was stored")
}

/// The next line of standard input.
fn line() -> anyhow::Result<String> {
    let mut line = String::new();
    std::io::stdin().lock().take(LONGEST_LINE).read_line(&mut line)?;
    anyhow::ensure!(!line.is_empty(), "standard input has ended; nothing was stored");
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
