//! `Remembering`: a source of packuments that keeps what it was told.

use crate::package::{PackageId, PackageName};
use crate::registry::Packument;
use crate::resolver::PackumentSource;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// A source of packuments that keeps each one, fetched and parsed, for a time: what a server that resolves for many projects has
/// over a client that resolves for one. Clones share what is kept.
#[derive(Debug)]
pub struct Remembering<S> {
    source: S,
    max_age: Duration,
    known: Arc<Mutex<HashMap<PackageName, Known>>>,
}

/// For how long a packument is taken for the newest: npm's registry says `cache-control: max-age=300` of each.
pub const MAX_AGE: Duration = Duration::from_secs(300);

#[derive(Debug)]
struct Known {
    packument: Arc<Packument>,
    /// `None` is for ever.
    until: Option<Instant>,
}

impl Known {
    fn is_fresh(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

impl<S> Remembering<S> {
    /// Knows nothing yet, asks `source`, and takes what it was told for the newest for so long. [`MAX_AGE`] is what npm's registry says;
    /// [`Duration::MAX`] is for ever.
    pub fn new(source: S, max_age: Duration) -> Self {
        Remembering { source, max_age, known: Arc::default() }
    }

    /// Forgets the packuments that are not to be kept.
    pub fn retain(&self, keep: impl Fn(&PackageName) -> bool) {
        self.lock().retain(|name, _| keep(name));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PackageName, Known>> {
        // A map is whole between any two calls of its methods.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Clone> Clone for Remembering<S> {
    fn clone(&self) -> Self {
        Remembering { source: self.source.clone(), max_age: self.max_age, known: Arc::clone(&self.known) }
    }
}

impl<S: PackumentSource + Sync> PackumentSource for Remembering<S> {
    type Error = S::Error;

    async fn packument(&self, name: &PackageName) -> Result<Arc<Packument>, S::Error> {
        if let Some(known) = self.lock().get(name).filter(|known| known.is_fresh(Instant::now())) {
            return Ok(Arc::clone(&known.packument));
        }
        let packument = self.source.packument(name).await?;
        let now = Instant::now();
        let mut known = self.lock();
        // What is too old is asked for again, and needs no room until then.
        known.retain(|_, known| known.is_fresh(now));
        let until = now.checked_add(self.max_age);
        known.insert(name.clone(), Known { packument: Arc::clone(&packument), until });
        drop(known);
        Ok(packument)
    }

    fn is_absence(error: &S::Error) -> bool {
        S::is_absence(error)
    }

    fn usual_tarball(&self, id: &PackageId) -> Option<Url> {
        self.source.usual_tarball(id)
    }
}
