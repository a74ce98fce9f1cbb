#[cfg(unix)]
use std::{fs::Permissions, os::unix::fs::PermissionsExt};
use std::{
    io::Write,
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use crate::{failure::Failure, input::name_of};

/// The page's file before there is a page: what cannot be written in the end is refused before anything is measured, and what ends amid it leaves
/// the old file as it was.
pub(super) struct Page {
    path: PathBuf,
    beside: NamedTempFile,
}

impl Page {
    pub(super) fn at(path: &Path) -> Result<Self, Failure> {
        // What is no file cannot be replaced by one: as root that would be the end of /dev/null.
        if path.exists() && !path.is_file() {
            return Err(Failure::new(format!("--html: {} is no file", name_of(path))));
        }
        // Of a link it is the file that is replaced, and not the link.
        let path = &path.canonicalize().unwrap_or_else(|_not_yet| path.to_owned());
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut named = tempfile::Builder::new();
        named.prefix(".portcullis-compare-").suffix(".html");
        // A page is for whoever may read it; what is only for a moment would be for its owner alone.
        #[cfg(unix)]
        named.permissions(Permissions::from_mode(0o666));
        let beside = named.tempfile_in(folder.unwrap_or(Path::new(".")));
        let beside = beside.map_err(|error| {
            Failure::because(format!("the page cannot be written to {}", name_of(path)), &error)
        })?;
        Ok(Self { path: path.to_owned(), beside })
    }

    pub(super) fn write(mut self, page: &str) -> Result<(), Failure> {
        let what = format!("the page cannot be written to {}", name_of(&self.path));
        self.beside.write_all(page.as_bytes()).map_err(|error| Failure::because(&what, &error))?;
        self.beside.persist(&self.path).map_err(|error| Failure::because(&what, &error))?;
        Ok(())
    }
}
