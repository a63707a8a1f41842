//! `IndexWriter`: the one thread that writes the index.

use super::{Index, Row, StoreError};
use rusqlite::{Connection, TransactionBehavior, params};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, JoinHandle};

/// The most rows that are committed together.
const BATCH: usize = 256;

/// Writes rows into the index, on a thread of its own, in batches of what has arrived: a commit costs much more than a row.
/// A row is seen by readers once its batch is committed.
#[derive(Debug)]
pub struct IndexWriter {
    rows: RowSender,
    thread: Option<JoinHandle<Result<(), StoreError>>>,
}

/// Sends rows to an [`IndexWriter`].
#[derive(Clone, Debug)]
pub struct RowSender(Sender<Message>);

#[derive(Debug)]
enum Message {
    Row(Row),
    /// Nothing that is sent later is waited for.
    End,
}

impl RowSender {
    /// Sends a row. What is sent after the writer failed or finished is lost: [`IndexWriter::finish`] tells of a failure.
    pub fn send(&self, row: Row) {
        let _ = self.0.send(Message::Row(row));
    }
}

impl Index {
    /// Starts a writer.
    ///
    /// # Errors
    ///
    /// If the database cannot be opened, or no thread can be started.
    pub fn writer(&self) -> Result<IndexWriter, StoreError> {
        IndexWriter::start(self)
    }
}

impl IndexWriter {
    pub(super) fn start(index: &Index) -> Result<Self, StoreError> {
        let database = index.connect()?;
        let path = index.path().to_owned();
        let (rows, arrived) = channel();
        let thread = Builder::new()
            .name("index-writer".into())
            .spawn(move || write(database, &path, &arrived))
            .map_err(|error| StoreError::Threads {
                what: "that write the store's index",
                why: error.to_string(),
            })?;
        Ok(IndexWriter { rows: RowSender(rows), thread: Some(thread) })
    }

    /// A sender of rows, for a thread or task that adds packages.
    pub fn rows(&self) -> RowSender {
        self.rows.clone()
    }

    /// Waits until everything is committed that was sent before.
    ///
    /// # Errors
    ///
    /// If a batch could not be written.
    pub fn finish(mut self) -> Result<(), StoreError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), StoreError> {
        let Some(thread) = self.thread.take() else { return Ok(()) };
        let _ = self.rows.0.send(Message::End);
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

impl Drop for IndexWriter {
    /// Commits what was sent. An install that failed is over already, and has its error.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = self.end();
        }
    }
}

/// Writes rows until the end is sent, or nobody is left who could send one.
fn write(mut database: Connection, path: &Path, arrived: &Receiver<Message>) -> Result<(), StoreError> {
    let failed = || StoreError::index("write", path);
    let mut is_open = true;
    while is_open && let Ok(Message::Row(first)) = arrived.recv() {
        let mut rows = vec![first];
        while rows.len() < BATCH
            && let Ok(message) = arrived.try_recv()
        {
            match message {
                Message::Row(row) => rows.push(row),
                Message::End => {
                    is_open = false;
                    break;
                }
            }
        }
        let writing = database.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed())?;
        for row in rows {
            let files = serde_json::to_vec(&*row.files).expect("strings and numbers are always JSON");
            writing
                .prepare_cached(
                    "INSERT OR REPLACE INTO packages (integrity, package, files) VALUES (?1, ?2, ?3)",
                )
                .and_then(|mut insert| insert.execute(params![row.integrity, row.package.to_string(), files]))
                .map_err(failed())?;
        }
        writing.commit().map_err(failed())?;
    }
    Ok(())
}
