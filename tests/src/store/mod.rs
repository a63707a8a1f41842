//! The store: the files of all packages, kept once for all projects of a machine.
//!
//! A file is named by the SHA-512 of what is in it ([`ContentStore`]); an [`Index`] says which files a package has. Several
//! installs may use one store at once: files are renamed into their place, and the index is a database.

mod content;
mod error;
mod index;
mod index_reader;
mod index_writer;
mod package_files;
mod unpack;

pub use content::ContentStore;
pub use error::StoreError;
pub(crate) use error::{MORE_THREADS, advice};
pub use index::{Index, Row};
pub use index_reader::IndexReader;
pub use index_writer::{IndexWriter, RowSender};
pub use package_files::{PackageFiles, StoredFile};
pub use unpack::{Entry, MAX_UNPACKED, PackageFault, gunzip, unpack, unpacked_size};

use crate::package::PackageId;
use ssri::{Algorithm, Integrity};
use std::path::Path;

/// A store: its files and its index.
#[derive(Debug)]
pub struct Store {
    content: ContentStore,
    index: Index,
}

impl Store {
    /// Opens the store in a directory, and makes it where there is none.
    ///
    /// # Errors
    ///
    /// If the directory cannot be made or written, or what is in it is no index of this version.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        // The number is that of the layout.
        let dir = dir.join("v1");
        Ok(Store { content: ContentStore::open(&dir)?, index: Index::open(&dir.join("index.db"))? })
    }

    /// Its files.
    pub fn content(&self) -> &ContentStore {
        &self.content
    }

    /// What is known to be in it.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Checks a tarball against its integrity, unpacks it, and adds its files. The index does not know of it before an
    /// [`IndexWriter`] is told.
    ///
    /// Nothing is stored of a tarball that is not what it should be: it is verified and read to its end first.
    ///
    /// # Errors
    ///
    /// If the tarball is another one, is damaged, or holds what no package may hold; if a file cannot be written.
    pub fn add(
        &self,
        id: &PackageId,
        integrity: &Integrity,
        tarball: &[u8],
    ) -> Result<PackageFiles, StoreError> {
        self.add_within(MAX_UNPACKED, id, integrity, tarball)
    }

    /// As [`add`](Self::add), of a package that has no more than `room` bytes when it is unpacked.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add), and [`PackageFault::TooLarge`] if it has more.
    pub fn add_within(
        &self,
        room: u64,
        id: &PackageId,
        integrity: &Integrity,
        tarball: &[u8],
    ) -> Result<PackageFiles, StoreError> {
        let refused = |fault| StoreError::Package { package: id.clone(), fault };
        match integrity.check(tarball) {
            Ok(Algorithm::Sha512) => {}
            Ok(weaker) => return Err(refused(PackageFault::WeakIntegrity(weaker.to_string()))),
            Err(_) => return Err(refused(PackageFault::integrity(integrity, tarball))),
        }
        let unpacked = unpack::gunzip_within(room, tarball).map_err(refused)?;
        let entries = unpack(&unpacked).map_err(refused)?;
        let files = entries.iter().map(|entry| self.content.put(entry)).collect::<Result<_, _>>()?;
        Ok(PackageFiles { files })
    }
}
