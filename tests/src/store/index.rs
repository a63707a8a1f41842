//! `Index`: which packages are in the store.

use super::{PackageFiles, StoreError};
use crate::package::PackageId;
use backon::{BlockingRetryable, ConstantBuilder};
use rusqlite::{Connection, ErrorCode, TransactionBehavior};
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

    /// Connects. While another connection turns the index into one with a log, or takes the log away because it is the last
    /// one, `SQLite` says that the index is busy without waiting: so the waiting is done here.
    pub(super) fn connect(&self) -> Result<Connection, StoreError> {
        let pause = Duration::from_millis(5);
        let tries = usize::try_from(BUSY.as_millis() / pause.as_millis()).unwrap_or(usize::MAX);
        let is_busy = |error: &rusqlite::Error| error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy);
        (|| self.try_to_connect())
            .retry(ConstantBuilder::default().with_delay(pause).with_max_times(tries))
            .when(is_busy)
            .call()
            .map_err(StoreError::index("open", &self.path))
    }

    fn try_to_connect(&self) -> rusqlite::Result<Connection> {
        let database = Connection::open(&self.path)?;
        database.busy_timeout(BUSY)?;
        // With a log, readers and the writer do not wait for each other. A crash of the machine may lose the last rows, whose
        // packages are then fetched again, or files of a row: that is seen when they are linked.
        database.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")?;
        // Once it has read, the log stays as long as this connection does.
        database.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get::<_, i64>(0))?;
        Ok(database)
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
