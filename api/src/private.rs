//! Files that only their owner may read: addresses, mails and keys are in them.

use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a folder, and those it is in, that only its owner can look into. One that is there stays as it is.
///
/// # Errors
/// When it cannot be made.
pub fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Makes an empty file that only its owner can read, unless there is one.
///
/// # Errors
/// When it cannot be made.
pub fn create_private_file(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Takes the rights of others away from a file or folder, if it is there and ours.
#[cfg(unix)]
pub fn make_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let Ok(found) = path.metadata() else { return };
    let (before, after) = (found.permissions().mode() & 0o7777, found.permissions().mode() & 0o7700);
    if before == after {
        return;
    }
    match std::fs::set_permissions(path, std::fs::Permissions::from_mode(after)) {
        Ok(()) => tracing::warn!(path = %path.display(), "others could look into this: they cannot any more"),
        Err(error) => tracing::warn!(path = %path.display(), %error, "others can look into this"),
    }
}

/// Rights are another matter elsewhere.
#[cfg(not(unix))]
pub fn make_private(_: &Path) {}
