//! `Downloads`: tarballs on their way into the store.

use super::progress::Progress;
use crate::net::{FetchError, RegistryClient};
use crate::package::PackageId;
use crate::store::{IndexReader, PackageFiles, Row, RowSender, Store, StoreError};
use concurrency_probe::{Scope, concurrency_probe};
use futures::future::{BoxFuture, FutureExt, Shared, ready};
use ssri::Integrity;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;
use tokio::task::{AbortHandle, spawn, spawn_blocking};
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

/// What the downloads share.
#[derive(Debug)]
struct Worker {
    registry: RegistryClient,
    store: Arc<Store>,
    rows: RowSender,
    /// At most so many packages are downloaded and unpacked at once.
    permits: Semaphore,
    /// At most so many are unpacked at once: that takes a processor and the memory of the whole package.
    unpacking: Semaphore,
    progress: Arc<Progress>,
}

impl Downloads {
    /// # Errors
    ///
    /// If the index of the store cannot be read.
    pub fn new(
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
                permits: Semaphore::new(at_once()),
                unpacking: Semaphore::new(cores().max(2)),
                progress: Arc::clone(progress),
            }),
            cache: Mutex::new(Cache { stored: store.index().reader()?, downloads: HashMap::new() }),
            running: Mutex::default(),
        })
    }

    /// Downloads a package, unless it is known or on its way. It starts at once, and goes on whether or not anybody waits.
    ///
    /// # Errors
    ///
    /// If the index of the store cannot be read.
    pub fn start(&self, install: &Scope, wanted: &Wanted) -> Result<Download, StoreError> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (wanted.package.clone(), wanted.integrity.clone());
        if let Some(download) = cache.downloads.get(&key) {
            return Ok(download.clone());
        }
        let download = match cache.stored.get(&wanted.package, &wanted.integrity)? {
            Some(files) => ready(Ok(Arc::new(files))).boxed().shared(),
            None => self.spawn(install, wanted.clone()),
        };
        cache.downloads.insert(key, download.clone());
        Ok(download)
    }

    fn spawn(&self, install: &Scope, wanted: Wanted) -> Download {
        let package = wanted.package.clone();
        // Attached, so that the probe in it counts for this install.
        let task = spawn(install.attach(download(Arc::clone(&self.worker), wanted)));
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
    let _permit = worker.permits.acquire().await;
    let bytes = match worker.registry.tarball(&tarball).await {
        Ok(bytes) => bytes,
        Err(source) => return Err(DownloadError::Fetch { package, source }),
    };
    let size = bytes.len() as u64;
    let _unpacking = worker.unpacking.acquire().await;
    let (store, of) = (Arc::clone(&worker.store), package.clone());
    let stored = spawn_blocking(move || store.add(&of, &check, &bytes)).await;
    let files = match stored {
        Ok(files) => Arc::new(files?),
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => return Err(DownloadError::Stopped { package }),
    };
    worker.rows.send(Row { package, integrity, files: Arc::clone(&files) });
    worker.progress.downloaded(size);
    Ok(files)
}

/// pnpm's own rule: three for each core but one, 16 to 64.
fn at_once() -> usize {
    (cores().saturating_sub(1) * 3).clamp(16, 64)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
