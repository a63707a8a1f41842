//! `Downloads`: tarballs on their way into the store.

use super::progress::Progress;
use super::unpackers::{Unpackers, Unpacking};
use crate::budget::Budget;
use crate::net::{Answer, FetchError, FetchErrorKind, RegistryClient, without_credentials};
use crate::package::PackageId;
use crate::store::{
    IndexReader, MAX_UNPACKED, PackageFault, PackageFiles, Row, RowSender, Store, StoreError, unpacked_size,
};
use concurrency_probe::{ScopeHandle, concurrency_probe};
use futures::future::{BoxFuture, FutureExt, Shared, ready};
use ssri::Integrity;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::AbortHandle;
use url::Url;

/// A download that any number of askers wait for.
pub type Download = Shared<BoxFuture<'static, Result<Arc<PackageFiles>, Arc<DownloadError>>>>;

/// Downloads packages into the store, each once, however many ask for it: the memory cache of an install.
#[derive(Debug)]
pub struct Downloads {
    worker: Arc<Worker>,
    cache: Mutex<Cache>,
    running: Mutex<Vec<AbortHandle>>,
}

/// What is known to be in the store, or on its way.
#[derive(Debug)]
struct Cache {
    stored: IndexReader,
    /// By the package and its integrity: two places of the same bytes are one.
    downloads: HashMap<(PackageId, String), Download>,
}

/// A package that is to be in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The package.
    pub package: PackageId,
    /// What its tarball must hash to.
    pub integrity: String,
    /// Where the tarball is.
    pub tarball: Url,
}

/// Why a package could not be brought into the store.
#[derive(Debug, thiserror::Error)]
pub enum DownloadError {
    /// The registry did not give it.
    #[error("cannot download {package}: {source}")]
    Fetch {
        /// The package.
        package: PackageId,
        /// What went wrong.
        source: FetchError,
    },
    /// What the registry gave is not what it should be.
    #[error("{source} (it is from {tarball})")]
    Refused {
        /// Where the tarball is.
        tarball: String,
        /// What is wrong with it.
        source: StoreError,
    },
    /// It could not be stored.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its integrity is none.
    #[error("cannot store {package}: `{integrity}` is no integrity, expected `sha512-..`: {source}")]
    Integrity {
        /// The package.
        package: PackageId,
        /// What was given.
        integrity: String,
        /// What is wrong with it.
        source: ssri::Error,
    },
    /// The install ended before it.
    #[error("the download of {package} was stopped, as the install ended")]
    Stopped {
        /// The package.
        package: PackageId,
    },
}

impl DownloadError {
    /// Whether the registry has no such package. Only then may an install go on without one that is optional.
    ///
    /// pnpm (10) goes on whatever it was: where it links packages it catches every error of an optional one's fetch. So with
    /// a full disk, or a tarball that somebody changed, it says that all is well, and the package is missing. An optional
    /// dependency is there for machines that it does not suit, not for faults that come and go.
    pub fn is_absence(&self) -> bool {
        matches!(self, DownloadError::Fetch { source, .. } if source.is_not_found())
    }
}

/// What the downloads share.
#[derive(Debug)]
struct Worker {
    registry: RegistryClient,
    store: Arc<Store>,
    rows: RowSender,
    /// Bytes of unpacked packages that may be in memory. The tarballs count against the client's own.
    memory: Budget,
    unpackers: Unpackers,
    progress: Arc<Progress>,
}

impl Downloads {
    /// # Errors
    ///
    /// If the index of the store cannot be read, or no threads can be started.
    pub fn new(
        registry: &RegistryClient,
        store: &Arc<Store>,
        rows: RowSender,
        progress: &Arc<Progress>,
    ) -> Result<Self, StoreError> {
        Self::within(Unpacking::default(), registry, store, rows, progress)
    }

    /// As [`new`](Self::new), with so much room to unpack in.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn within(
        unpacking: Unpacking,
        registry: &RegistryClient,
        store: &Arc<Store>,
        rows: RowSender,
        progress: &Arc<Progress>,
    ) -> Result<Self, StoreError> {
        Ok(Downloads {
            worker: Arc::new(Worker {
                registry: registry.clone(),
                store: Arc::clone(store),
                rows,
                memory: Budget::new(unpacking.memory),
                unpackers: Unpackers::start(unpacking.threads)?,
                progress: Arc::clone(progress),
            }),
            cache: Mutex::new(Cache { stored: store.index().reader()?, downloads: HashMap::new() }),
            running: Mutex::default(),
        })
    }

    /// Downloads a package, unless it is known or on its way. It starts immediately, and goes on whether or not anybody waits. It is
    /// counted in the batch of the handle, if that is one.
    ///
    /// # Errors
    ///
    /// If the index of the store cannot be read.
    pub fn start(&self, install: &ScopeHandle, wanted: &Wanted) -> Result<Download, StoreError> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (wanted.package.clone(), wanted.integrity.clone());
        if let Some(download) = cache.downloads.get(&key) {
            return Ok(download.clone());
        }
        let download = match cache.stored.get(&wanted.package, &wanted.integrity)? {
            Some(files) => ready(Ok(Arc::new(files))).boxed().shared(),
            None => self.begin(install, wanted.clone()),
        };
        cache.downloads.insert(key, download.clone());
        Ok(download)
    }

    fn begin(&self, install: &ScopeHandle, wanted: Wanted) -> Download {
        let package = wanted.package.clone();
        // Attached, so that the probe in it counts for this install.
        let task = tokio::spawn(install.attach(download(Arc::clone(&self.worker), wanted)));
        self.running.lock().unwrap_or_else(PoisonError::into_inner).push(task.abort_handle());
        let ended = async move {
            match task.await {
                Ok(files) => files.map_err(Arc::new),
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Err(_) => Err(Arc::new(DownloadError::Stopped { package })),
            }
        };
        ended.boxed().shared()
    }
}

impl Drop for Downloads {
    /// What still runs belongs to an install that failed.
    fn drop(&mut self) {
        for task in self.running.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            task.abort();
        }
        self.worker.unpackers.stop();
    }
}

/// Downloads, checks, unpacks and stores one package.
#[concurrency_probe(scope = "install")]
async fn download(worker: Arc<Worker>, wanted: Wanted) -> Result<Arc<PackageFiles>, DownloadError> {
    let Wanted { package, integrity, tarball } = wanted;
    let check: Integrity = integrity.parse().map_err(|source| DownloadError::Integrity {
        package: package.clone(),
        integrity: integrity.clone(),
        source,
    })?;
    let check = Arc::new(check);
    let from = &tarball;
    let stored = worker.registry.tarball_with(from, |answer| {
        let (worker, package, check) = (Arc::clone(&worker), package.clone(), check.clone());
        async move { worker.store(package, check, answer).await }
    });
    let (size, stored) = match stored.await {
        Ok(stored) => stored,
        Err(source) => return Err(DownloadError::Fetch { package, source }),
    };
    let files = match stored {
        None => return Err(DownloadError::Stopped { package }),
        Some(Err(source @ StoreError::Package { .. })) => {
            return Err(DownloadError::Refused { tarball: without_credentials(from), source });
        }
        Some(files) => Arc::new(files?),
    };
    worker.rows.send(Row { package, integrity, files: Arc::clone(&files) });
    worker.progress.downloaded(size);
    Ok(files)
}

/// The bytes of a tarball, and what became of it: `None` if nobody waits any more.
type Stored = (u64, Option<Result<PackageFiles, StoreError>>);

impl Worker {
    /// Stores a tarball. One that was cut off on its way is an error of the answer, which is asked for again.
    async fn store(
        self: Arc<Self>,
        package: PackageId,
        check: Arc<Integrity>,
        answer: Answer,
    ) -> Result<Stored, FetchErrorKind> {
        let answer = Arc::new(answer);
        let size = answer.bytes.len() as u64;
        // What it says of itself may be wrong. If it has more than that, it is unpacked again with all the room there is.
        let mut room = unpacked_size(&answer.bytes);
        loop {
            let held = self.memory.hold(room).await;
            let (worker, package, check) = (Arc::clone(&self), package.clone(), Arc::clone(&check));
            let tarball = Arc::clone(&answer);
            let add = move || {
                let added = worker.store.add_within(room, &package, &check, &tarball.bytes);
                // Held until it is done, also where nobody waits for it any more.
                drop(held);
                added
            };
            match self.unpackers.run(add).await {
                Some(Err(StoreError::Package { fault: PackageFault::CutOff(why), .. })) => {
                    return Err(FetchErrorKind::Truncated(why));
                }
                Some(Err(StoreError::Package { fault: PackageFault::TooLarge(_), .. }))
                    if room < MAX_UNPACKED =>
                {
                    room = MAX_UNPACKED;
                }
                stored => return Ok((size, stored)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::DownloadError;
    use crate::package::PackageId;
    use crate::store::{PackageFault, StoreError};
    use std::io::{Error, ErrorKind};

    /// What cannot be made to happen on every machine; `tests/optional.rs` has the faults of a registry.
    #[test]
    fn a_fault_of_this_machine_is_no_absence() {
        let package = || PackageId::parse("left-pad@1.3.0").unwrap();
        let fault = |fault| StoreError::Package { package: package(), fault };
        let write = |kind: ErrorKind| StoreError::Write { path: "x".into(), source: Error::from(kind) };
        for error in [
            write(ErrorKind::StorageFull),
            write(ErrorKind::QuotaExceeded),
            write(ErrorKind::PermissionDenied),
            write(ErrorKind::ReadOnlyFilesystem),
            write(ErrorKind::NotFound),
            fault(PackageFault::Empty),
            fault(PackageFault::Memory(1)),
            fault(PackageFault::TooLarge(1)),
            StoreError::Threads { what: "that unpack packages", why: "there are none".into() },
            StoreError::Corrupt { path: "index.db".into(), why: "it is".into() },
        ] {
            let error = DownloadError::from(error);
            assert!(!error.is_absence(), "{error}");
            assert!(!error.to_string().contains('\n'), "{error}");
        }
        assert!(!DownloadError::Stopped { package: package() }.is_absence());
    }
}
