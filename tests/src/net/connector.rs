//! `Connector`: makes the connections of a client, shaped and, where the URL says so, with TLS.

use super::link::Link;
use super::shaped::Shaped;
use hyper::Uri;
use hyper::http::uri::Scheme;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::net::TcpStream;
use tower_service::Service;

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type BoxFuture<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// TCP over the link.
#[derive(Clone, Debug)]
pub(super) struct ShapedConnector {
    tcp: HttpConnector,
    link: Link,
}

impl Service<Uri> for ShapedConnector {
    type Response = Shaped<TokioIo<TcpStream>>;
    type Error = BoxError;
    type Future = BoxFuture<Self::Response>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(ready!(self.tcp.poll_ready(cx)).map_err(Into::into))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.tcp.call(uri);
        let link = self.link.clone();
        Box::pin(async move { Ok(link.connect(connecting).await?) })
    }
}

/// Why nothing can be had over https.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct NoRoots(String);

/// TCP over the link, and TLS on it for https, within a time. TLS comes after the link, so that it pays for its round trips
/// and its bytes too.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    plain: ShapedConnector,
    /// Made for the first https URL: to read the root certificates takes a while, and a machine without any can still do
    /// plain http.
    tls: Arc<OnceLock<Result<HttpsConnector<ShapedConnector>, NoRoots>>>,
    limit: Duration,
}

impl Connector {
    /// Connects over `link`, each within `limit`.
    pub(super) fn new(link: Link, limit: Duration) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        Connector { plain: ShapedConnector { tcp, link }, tls: Arc::default(), limit }
    }

    /// The connector for https, or why there is none.
    fn tls(&self) -> Result<HttpsConnector<ShapedConnector>, NoRoots> {
        let made = self.tls.get_or_init(|| {
            let builder = HttpsConnectorBuilder::new().with_native_roots().map_err(|error| {
                let text = error.to_string();
                // What follows is a list for a debugger.
                NoRoots(text.split_once(" (").map_or(text.as_str(), |(text, _)| text).to_owned())
            })?;
            Ok(builder.https_only().enable_http1().wrap_connector(self.plain.clone()))
        });
        made.clone()
    }
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<Shaped<TokioIo<TcpStream>>>;
    type Error = BoxError;
    type Future = BoxFuture<Self::Response>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.plain.poll_ready(cx)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting: BoxFuture<Self::Response> = if uri.scheme() == Some(&Scheme::HTTPS) {
            match self.tls() {
                Ok(mut tls) => tls.call(uri),
                Err(why) => Box::pin(async move { Err(why.into()) }),
            }
        } else {
            let connecting = self.plain.call(uri);
            Box::pin(async move { Ok(MaybeHttpsStream::Http(connecting.await?)) })
        };
        let limit = self.limit;
        Box::pin(async move {
            match tokio::time::timeout(limit, connecting).await {
                Ok(connected) => connected,
                Err(_elapsed) => Err(io::Error::from(io::ErrorKind::TimedOut).into()),
            }
        })
    }
}
