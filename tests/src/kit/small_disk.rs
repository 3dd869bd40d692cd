//! A disk that can be filled.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A small file system of its own. Needs root; elsewhere the story says that it was not told.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts it at `folder`.
    pub fn mount(folder: &Path, mib: u32) -> Option<Self> {
        let size = format!("size={mib}m,mode=1777");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(folder).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(folder.to_owned()));
        }
        eprintln!("a small file system cannot be mounted here: the story of the full disk is not told");
        None
    }

    /// Takes whatever room is left, but for less than a page. Gives the file to remove for room again.
    pub fn fill(&self) -> PathBuf {
        let filler = self.0.join("filler");
        let filled =
            Command::new("dd").args(["if=/dev/zero", "bs=1k"]).arg(format!("of={}", filler.display())).output();
        assert!(!filled.expect("dd runs").status.success(), "the disk is full");
        filler
    }

    /// Mounts it anew, as in `ro`.
    pub fn remount(&self, how: &str) {
        let done = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(&self.0).status();
        assert!(done.is_ok_and(|status| status.success()), "remounted");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
