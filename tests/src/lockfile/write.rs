//! `Lockfile::write`.

use super::{Lockfile, LockfileError, LockfileFault};
use std::io::{self, Write as _};
use std::path::Path;

impl Lockfile {
    /// Writes it as pnpm reads it: whole or not at all, whatever happens meanwhile.
    ///
    /// # Errors
    ///
    /// If the file system does not allow it.
    pub fn write(&self, path: &Path) -> Result<(), LockfileError> {
        self.replace(path).map_err(|error| LockfileFault::Write(error).at(path, None))
    }

    fn replace(&self, path: &Path) -> io::Result<()> {
        let dir = path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut builder = tempfile::Builder::new();
        builder.prefix(".pnpm-lock-");
        // Else it would be for this user only, as temporary files are.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
        let mut file = builder.tempfile_in(dir)?;
        file.write_all(self.to_yaml().as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    }

    /// The text of the file.
    ///
    /// # Panics
    ///
    /// Never: a map of texts has a form in YAML.
    pub fn to_yaml(&self) -> String {
        let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
        serde_saphyr::to_string_with_options(self, options).expect("a lockfile is plain maps of texts")
    }
}
