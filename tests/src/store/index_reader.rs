//! `IndexReader`: looks packages up.

use super::{Index, PackageFiles, StoreError};
use crate::package::PackageId;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Looks packages up in an [`Index`]. It sees what is committed, and never waits for a writer.
#[derive(Debug)]
pub struct IndexReader {
    database: Connection,
    path: PathBuf,
}

impl Index {
    /// Opens it for reading.
    ///
    /// # Errors
    ///
    /// If the database cannot be opened.
    pub fn reader(&self) -> Result<IndexReader, StoreError> {
        IndexReader::open(self)
    }
}

impl IndexReader {
    pub(super) fn open(index: &Index) -> Result<Self, StoreError> {
        Ok(IndexReader { database: index.connect()?, path: index.path().into() })
    }

    /// The files of a package with this integrity, if it is in the index now.
    ///
    /// # Errors
    ///
    /// If the database cannot be read, or what is in it is damaged.
    pub fn get(&self, package: &PackageId, integrity: &str) -> Result<Option<PackageFiles>, StoreError> {
        get(&self.database, &self.path, package, integrity)
    }

    /// What is in the index of these packages, each with its integrity, at this one moment.
    ///
    /// # Errors
    ///
    /// As [`IndexReader::get`].
    pub fn snapshot<'a>(
        &mut self,
        wanted: impl IntoIterator<Item = (&'a PackageId, &'a str)>,
    ) -> Result<HashMap<PackageId, Arc<PackageFiles>>, StoreError> {
        // What is read in one transaction is of one moment, however many rows are committed meanwhile.
        let moment = self.database.transaction().map_err(StoreError::index("read", &self.path))?;
        let mut found = HashMap::new();
        for (package, integrity) in wanted {
            if let Some(files) = get(&moment, &self.path, package, integrity)? {
                found.insert(package.clone(), Arc::new(files));
            }
        }
        Ok(found)
    }
}

fn get(
    database: &Connection,
    path: &std::path::Path,
    package: &PackageId,
    integrity: &str,
) -> Result<Option<PackageFiles>, StoreError> {
    let row: Option<Vec<u8>> = database
        .prepare_cached("SELECT files FROM packages WHERE integrity = ?1 AND package = ?2")
        .and_then(|mut select| {
            select.query_row(params![integrity, package.to_string()], |row| row.get(0)).optional()
        })
        .map_err(StoreError::index("read", path))?;
    let Some(row) = row else { return Ok(None) };
    let corrupt = |why: &str| StoreError::Corrupt {
        path: path.into(),
        why: format!("the row of {package} cannot be read: {why}"),
    };
    let files: PackageFiles = serde_json::from_slice(&row).map_err(|error| corrupt(&error.to_string()))?;
    if files.is_sound() { Ok(Some(files)) } else { Err(corrupt("a file of it is nowhere")) }
}
