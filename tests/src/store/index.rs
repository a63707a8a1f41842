//! `Index`: which packages are in the store.

use super::{IndexReader, IndexWriter, PackageFiles, StoreError};
use crate::package::PackageId;
use rusqlite::{Connection, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The layout of the database.
const LAYOUT: i64 = 1;

/// How long to wait for another process that writes, or opens the index for the first time. It holds its lock for the time
/// of one batch.
const BUSY: Duration = Duration::from_secs(60);

/// Which packages are in the store: an `SQLite` database, because several processes may read and write it at once. A
/// reader sees what was committed when it began, and waits for no writer.
#[derive(Debug)]
pub struct Index {
    path: PathBuf,
}

/// A package and its files, on their way into the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The package.
    pub package: PackageId,
    /// The integrity of its tarball.
    pub integrity: String,
    /// Its files.
    pub files: std::sync::Arc<PackageFiles>,
}

impl Index {
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let index = Index { path: path.into() };
        let database = index.connect()?;
        let failed = || StoreError::index("open", path);
        // One transaction, so that two processes that make the index at once make one.
        database.execute_batch("BEGIN IMMEDIATE").map_err(failed())?;
        match database.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed())? {
            0 => database
                .execute_batch(&format!(
                    "CREATE TABLE packages (
                         integrity TEXT NOT NULL, package TEXT NOT NULL, files BLOB NOT NULL,
                         PRIMARY KEY (integrity, package)
                     ) WITHOUT ROWID;
                     PRAGMA user_version = {LAYOUT};"
                ))
                .map_err(failed())?,
            LAYOUT => {}
            found => return Err(StoreError::Version { path: path.into(), found, known: LAYOUT }),
        }
        database.execute_batch("COMMIT").map_err(failed())?;
        Ok(index)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn connect(&self) -> Result<Connection, StoreError> {
        let failed = || StoreError::index("open", &self.path);
        let database = Connection::open(&self.path).map_err(failed())?;
        database.busy_timeout(BUSY).map_err(failed())?;
        // With a log, readers and the writer do not wait for each other. A crash of the machine may lose the last rows, whose
        // packages are then fetched again, or files of a row: that is seen when they are linked.
        database.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;").map_err(failed())?;
        Ok(database)
    }

    /// Starts a writer.
    ///
    /// # Errors
    ///
    /// If the database cannot be opened, or no thread can be started.
    pub fn writer(&self) -> Result<IndexWriter, StoreError> {
        IndexWriter::start(self)
    }

    /// Opens it for reading.
    ///
    /// # Errors
    ///
    /// If the database cannot be opened.
    pub fn reader(&self) -> Result<IndexReader, StoreError> {
        IndexReader::open(self)
    }

    /// Forgets the packages that are not to be kept. Their files stay.
    ///
    /// # Errors
    ///
    /// If the database cannot be written.
    pub fn retain(&self, keep: impl Fn(&str) -> bool) -> Result<(), StoreError> {
        let failed = || StoreError::index("write", &self.path);
        let mut database = self.connect()?;
        let writing = database.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed())?;
        let packages: Vec<String> = {
            let mut select = writing.prepare("SELECT package FROM packages").map_err(failed())?;
            let rows = select.query_map([], |row| row.get(0)).map_err(failed())?;
            rows.collect::<Result<_, _>>().map_err(failed())?
        };
        for package in packages.iter().filter(|package| !keep(package)) {
            writing.execute("DELETE FROM packages WHERE package = ?1", [package]).map_err(failed())?;
        }
        writing.commit().map_err(failed())
    }
}
