//! One process per SQLite database: whoever serves it or changes its schema holds a lock beside it, which goes with the process.
//!
//! A second server would serve pages that the first has changed, and send what the first has withdrawn. Commands that only write a row,
//! such as `operator create`, and those that read, may run beside a server.

use crate::config::Settings;
use anyhow::{Context, bail};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::PathBuf;

/// Held for as long as it lives; nothing on PostgreSQL.
pub struct Hold {
    _locked: Option<File>,
}

impl Hold {
    /// Takes the hold of the settings' database.
    ///
    /// # Errors
    /// When another process has it, and which.
    pub fn take(settings: &Settings) -> anyhow::Result<Self> {
        let Some(database) = entity::database_file(&settings.database_url()) else {
            return Ok(Self { _locked: None });
        };
        let mut name = database.clone().into_os_string();
        name.push(".lock");
        let path = PathBuf::from(name);
        let mut file = match open(&path) {
            Ok(file) => file,
            // Nothing can be written here anyway.
            Err(error) if matches!(error.kind(), ErrorKind::ReadOnlyFilesystem | ErrorKind::StorageFull) => {
                return Ok(Self { _locked: None });
            }
            Err(error) => return Err(error).with_context(|| format!("cannot open the lock {}", path.display())),
        };
        match file.try_lock() {
            Ok(()) => note_process(&mut file),
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                let _ = file.read_to_string(&mut holder);
                bail!(
                    "another dorf (process {}) uses {} already: on SQLite one process does everything; stop it first",
                    holder.trim(),
                    database.display()
                );
            }
            Err(TryLockError::Error(error)) => {
                tracing::warn!(%error, "this file system knows no locks: make sure that no other dorf uses the database");
            }
        }
        Ok(Self { _locked: Some(file) })
    }
}

fn open(path: &std::path::Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(_) if path.exists() => File::open(path),
        opened => opened,
    }
}

/// For the message of the next; on a full disk there is none.
fn note_process(file: &mut File) {
    let noted = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| write!(file, "{}", std::process::id()));
    if let Err(error) = noted {
        tracing::debug!(%error, "the lock says not whose it is");
    }
}
