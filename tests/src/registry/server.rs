//! `Registry`: serves packages over HTTP.

use super::embedded::Embedded;
use super::fault::Fault;
use super::mirror::Mirror;
use super::shelf::Shelf;
use crate::package::PackageName;
use axum::Router;
use axum::extract::State;
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;
use url::Url;

/// What a registry serves.
#[derive(Debug)]
pub enum Catalogue {
    /// Packages that are generated.
    Embedded(Box<Embedded>),
    /// Packages of a directory.
    Mirror(Mirror),
}

/// A registry on this machine, over HTTP/1.1: `GET /<name>` is the packument of a package, and
/// `GET /<name>/-/<bare name>-<version>.tgz` a tarball. It ends when this is dropped.
#[derive(Debug)]
pub struct Registry {
    url: Url,
    shared: Arc<Shared>,
    serving: AbortHandle,
}

/// Why a registry does not serve.
#[derive(Debug, thiserror::Error)]
#[error("cannot serve on {address}: {source}; is another program at this port?")]
pub struct StartError {
    address: SocketAddr,
    source: std::io::Error,
}

#[derive(Debug)]
struct Shared {
    catalogue: Catalogue,
    url: Url,
    /// Packuments as they are served, by the URL that the registry is known by.
    rendered: Mutex<HashMap<(Url, PackageName), Bytes>>,
    faults: Mutex<Vec<Planned>>,
    packuments: AtomicUsize,
    tarballs: AtomicUsize,
}

/// A fault that is to come.
#[derive(Debug)]
struct Planned {
    path: String,
    fault: Fault,
    /// How often; `None` for always.
    times: Option<usize>,
}

impl Registry {
    /// Starts a registry.
    ///
    /// # Errors
    ///
    /// If it cannot listen at the address.
    pub async fn start(catalogue: Catalogue, address: SocketAddr) -> Result<Self, StartError> {
        let failed = |source| StartError { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let local = listener.local_addr().map_err(failed)?;
        let url =
            Url::parse(&format!("http://{local}/")).map_err(|error| failed(std::io::Error::other(error)))?;
        let shared = Arc::new(Shared {
            catalogue,
            url: url.clone(),
            rendered: Mutex::default(),
            faults: Mutex::default(),
            packuments: AtomicUsize::new(0),
            tarballs: AtomicUsize::new(0),
        });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        let serving = tokio::spawn(async move { axum::serve(listener, router).await }).abort_handle();
        Ok(Registry { url, shared, serving })
    }

    /// Where it is.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Makes requests of this path fail, the next `times` of them or all.
    pub fn fault(&self, path: &str, fault: Fault, times: Option<usize>) {
        lock(&self.shared.faults).push(Planned { path: path.into(), fault, times });
    }

    /// Takes all faults back.
    pub fn heal(&self) {
        lock(&self.shared.faults).clear();
    }

    /// How many packuments it was asked for.
    pub fn packument_requests(&self) -> usize {
        self.shared.packuments.load(Ordering::Relaxed)
    }

    /// How many tarballs it was asked for.
    pub fn tarball_requests(&self) -> usize {
        self.shared.tarballs.load(Ordering::Relaxed)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn answer(State(shared): State<Arc<Shared>>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if method != Method::GET {
        return error(StatusCode::METHOD_NOT_ALLOWED, "only GET is served");
    }
    let path = percent_decode_str(uri.path()).decode_utf8_lossy().into_owned();
    let path = path.trim_start_matches('/');
    let (kind, body) = if path.contains("/-/") {
        shared.tarballs.fetch_add(1, Ordering::Relaxed);
        ("application/octet-stream", shared.shelf().tarball(path))
    } else if path.is_empty() {
        ("application/json", Some(format!(r#"{{"packages":{}}}"#, shared.shelf().len()).into()))
    } else {
        shared.packuments.fetch_add(1, Ordering::Relaxed);
        ("application/json", shared.packument(path, &headers))
    };
    match (shared.next_fault(path), body) {
        (Some(fault), right) => fault.spoil(right).await,
        (None, Some(body)) => ([(CONTENT_TYPE, kind)], body).into_response(),
        (None, None) => error(StatusCode::NOT_FOUND, "not found"),
    }
}

fn error(status: StatusCode, what: &str) -> Response {
    (status, [(CONTENT_TYPE, "application/json")], format!(r#"{{"error":"{what}"}}"#)).into_response()
}

impl Shared {
    fn shelf(&self) -> &Shelf {
        match &self.catalogue {
            Catalogue::Embedded(embedded) => embedded.shelf(),
            Catalogue::Mirror(mirror) => mirror.shelf(),
        }
    }

    fn packument(&self, name: &str, headers: &HeaderMap) -> Option<Bytes> {
        let name: PackageName = name.parse().ok()?;
        let base = self.base(headers);
        let key = (base, name);
        if let Some(rendered) = lock(&self.rendered).get(&key) {
            return Some(rendered.clone());
        }
        let rendered = self.shelf().packument(&key.1, &key.0)?;
        lock(&self.rendered).insert(key, rendered.clone());
        Some(rendered)
    }

    /// The URL by which the client knows the registry: tarballs are where packuments are, also behind another name. Names are
    /// few, so that what is rendered for each of them can be kept; one of a stranger is not taken.
    fn base(&self, headers: &HeaderMap) -> Url {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let known = host.and_then(|host| Url::parse(&format!("http://{host}/")).ok());
        let is_this = |url: &Url| {
            matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
                && url.port() == self.url.port()
        };
        known.filter(is_this).unwrap_or_else(|| self.url.clone())
    }

    fn next_fault(&self, path: &str) -> Option<Fault> {
        let mut faults = lock(&self.faults);
        let planned = faults
            .iter_mut()
            .find(|planned| planned.path.trim_start_matches('/') == path && planned.times != Some(0))?;
        planned.times = planned.times.map(|times| times - 1);
        Some(planned.fault.clone())
    }
}
