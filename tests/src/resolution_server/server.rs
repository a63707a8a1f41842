//! `ResolutionServer`: the server's side.

use super::compressed::Compressed;
use super::remembering::MAX_AGE;
use super::{Line, PATH};
use crate::package::ProjectManifest;
use crate::resolver::{PackumentSource, resolve};
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use futures::stream;
use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::Instant;
use url::Url;

/// A resolution server of one registry, until it is dropped.
///
/// It has threads of its own, as a server is another process where it is real: an installer that blocks its runtime must
/// not slow down the server that it is measured against.
pub struct ResolutionServer {
    /// Always there until the drop.
    runtime: Option<Runtime>,
    address: SocketAddr,
    url: Url,
    answers: Answers,
}

/// Why a resolution server could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The address cannot be had.
    #[error("cannot listen at {address}: {source}; name another address, or port 0 for any that is free")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The system has no threads to give.
    #[error("cannot start the threads of the resolution server: {0}; try again when fewer processes run")]
    Threads(#[source] io::Error),
}

/// The answers so far.
#[derive(Clone, Debug, Default)]
struct Answers(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    /// By the dependencies asked for, the last line, and until when it is taken for right.
    last_lines: HashMap<String, (Bytes, Instant)>,
    /// How often all was forgotten. What was begun before that is not remembered.
    forgotten: u64,
}

impl Answers {
    fn lock(&self) -> MutexGuard<'_, Known> {
        // It is whole between any two statements that can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a request is answered with.
#[derive(Clone)]
struct Context<S> {
    source: S,
    answers: Answers,
}

impl ResolutionServer {
    /// Starts to listen. Port 0 is any that is free.
    ///
    /// # Errors
    ///
    /// If the address cannot be had, or the system has no threads to give.
    pub fn start<S>(source: S, address: SocketAddr) -> Result<Self, ServerError>
    where
        S: PackumentSource + Clone + Send + Sync + 'static,
    {
        let listen = |source| ServerError::Listen { address, source };
        let listener = TcpListener::bind(address).map_err(listen)?;
        listener.set_nonblocking(true).map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        let url = Url::parse(&format!("http://{address}/")).expect("an address is a host and a port");
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("resolution-server")
            .enable_all()
            .build()
            .map_err(ServerError::Threads)?;
        let answers = Answers::default();
        let context = Context { source, answers: answers.clone() };
        let router = Router::new().route(PATH, post(answer::<S>)).with_state(context);
        let listener = {
            let _in_runtime = runtime.enter();
            tokio::net::TcpListener::from_std(listener).map_err(listen)?
        };
        runtime.spawn(async move { axum::serve(listener, router).await });
        Ok(ResolutionServer { runtime: Some(runtime), address, url, answers })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its address as a URL; questions go to [`PATH`] there.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Empties the cache, so that the next answer to anything streams.
    pub fn forget(&self) {
        let mut known = self.answers.lock();
        known.last_lines.clear();
        known.forgotten += 1;
    }
}

impl Drop for ResolutionServer {
    fn drop(&mut self) {
        // Without waiting: it may be dropped in another runtime, which must not be blocked.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for ResolutionServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResolutionServer").field("address", &self.address).finish_non_exhaustive()
    }
}

async fn answer<S>(State(context): State<Context<S>>, headers: HeaderMap, question: Bytes) -> Response
where
    S: PackumentSource + Clone + Send + Sync + 'static,
{
    let manifest: ProjectManifest = match serde_json::from_slice(&question) {
        Ok(manifest) => manifest,
        Err(error) => {
            let message = format!("the question is no `package.json`: {error}; post one as JSON");
            return lines(StatusCode::BAD_REQUEST, Body::from(Line::Error { message }.to_bytes()));
        }
    };
    // What the project is called makes no difference.
    let manifest = ProjectManifest { name: None, ..manifest };
    let key = serde_json::to_string(&manifest).expect("a manifest is plain maps of texts");
    let (sender, receiver) = unbounded_channel();
    let forgotten = {
        let known = context.answers.lock();
        let last = known.last_lines.get(&key).filter(|(_, until)| Instant::now() < *until);
        if let Some((last, _)) = last {
            // It goes the way of every answer.
            let _ = sender.send(last.clone());
            let answer = Answer { lines: receiver, _work: JoinSet::new() };
            drop(sender);
            return answer.to(&headers);
        }
        known.forgotten
    };
    // In the answer, so that it ends with it: who goes away is not resolved for.
    let mut work = JoinSet::new();
    work.spawn(async move {
        let last = find(&context.source, &manifest, &sender).await;
        if matches!(last, Line::Done { .. }) {
            let mut known = context.answers.lock();
            if known.forgotten == forgotten {
                let now = Instant::now();
                // What is too old is resolved again, and needs no room until then.
                known.last_lines.retain(|_, (_, until)| now < *until);
                known.last_lines.insert(key, (last.to_bytes(), now + MAX_AGE));
            }
        }
        let _ = sender.send(last.to_bytes());
    });
    Answer { lines: receiver, _work: work }.to(&headers)
}

/// Whether a client understands gzip.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let codings = headers.get(header::ACCEPT_ENCODING).and_then(|codings| codings.to_str().ok());
    codings.is_some_and(|codings| codings.split(',').any(|coding| coding.trim() == "gzip"))
}

/// The lines of an answer, as they are found.
struct Answer {
    lines: UnboundedReceiver<Bytes>,
    _work: JoinSet<()>,
}

impl Answer {
    /// As the client understands it.
    fn to(self, headers: &HeaderMap) -> Response {
        if takes_gzip(headers) { self.compressed() } else { self.plain() }
    }

    fn plain(self) -> Response {
        let body = stream::unfold(self, async |mut answer| {
            let line = answer.lines.recv().await?;
            Some((Ok::<_, Infallible>(line), answer))
        });
        lines(StatusCode::OK, Body::from_stream(body))
    }

    fn compressed(self) -> Response {
        let body = stream::unfold(Some((self, Compressed::new())), async |state| {
            let (mut answer, mut compressed) = state?;
            let Some(line) = answer.lines.recv().await else {
                return Some((Ok::<_, Infallible>(compressed.end()), None));
            };
            // What is there already goes with it: together they are shorter.
            let mut text = line.to_vec();
            while let Ok(line) = answer.lines.try_recv() {
                text.extend_from_slice(&line);
            }
            Some((Ok(compressed.push(&text)), Some((answer, compressed))))
        });
        let mut response = lines(StatusCode::OK, Body::from_stream(body));
        response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response
    }
}

/// Resolves, and sends a line for each package on the way. That nobody receives it is seen elsewhere.
async fn find<S: PackumentSource>(
    source: &S,
    manifest: &ProjectManifest,
    sender: &UnboundedSender<Bytes>,
) -> Line {
    let send = |package| drop(sender.send(Line::Package(package).to_bytes()));
    match resolve(source, manifest, send).await {
        Ok(lockfile) => Line::Done { lockfile: Box::new(lockfile) },
        Err(error) => Line::Error { message: error.to_string() },
    }
}

fn lines(status: StatusCode, body: Body) -> Response {
    (status, [(header::CONTENT_TYPE, "application/x-ndjson")], body).into_response()
}
