//! `Client`: HTTP over a shaped link, with limits and retries.

use super::answer::{Answer, refusal};
use super::connector::Connector;
use super::fetch_error::{FetchError, FetchErrorKind, TimeoutOf};
use super::limits::Limits;
use super::link::{InvalidProfile, Link, LinkProfile};
use super::npmrc::basic;
use super::pieces::Pieces;
use super::retry_after::retry_after;
use super::wait::{Teller, Wait};
use crate::budget::Budget;
use backon::Retryable;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER, USER_AGENT,
};
use hyper::{Method, Request, Response, Uri};
use hyper_util::client::legacy::Client as HyperClient;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use percent_encoding::percent_decode_str;
use std::future::ready;
use std::sync::Arc;
use std::time::SystemTime;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use url::Url;

/// An HTTP client over a [`Link`] of its own; clones share it, and its connections. It belongs to the tokio runtime that it
/// is first used in.
///
/// It speaks HTTP/1.1 as npm's clients do. What it gets is not compressed, because tarballs are already; what it posts for may be, because
/// that answer comes over the same link while tarballs do. It follows up to
/// 5 redirects; `Authorization` goes only to the host and port that it was meant for, and https never becomes http. What
/// may be otherwise in a moment ([`FetchError::is_transient`]) is tried again, as [`Limits`] say, or after the time that the
/// server asks for, but at most the longest wait.
#[derive(Clone, Debug)]
pub struct Client {
    http: HyperClient<Connector, Full<Bytes>>,
    limits: Limits,
    teller: Option<Teller>,
    /// Of all answers that are in memory as a whole.
    budget: Budget,
    /// One for each GET, until its body is read.
    permits: Arc<Semaphore>,
}

/// What is asked for.
struct Ask<'a> {
    url: &'a Url,
    accept: Option<&'a str>,
    authorization: Option<&'a str>,
    /// Of a POST.
    body: Option<Bytes>,
}

impl Client {
    /// How many redirects are followed.
    const MAX_REDIRECTS: usize = 5;
    /// More than an installer downloads at once, so that none of its connections is made anew for want of room.
    const MAX_IDLE: usize = 128;
    /// How many bytes of answers are in memory at once: see [`holding`](Self::holding).
    const BUDGET: u64 = 256 << 20;

    /// A client over a link like this.
    ///
    /// # Errors
    ///
    /// If a number of the profile is out of its range.
    pub fn new(profile: LinkProfile, limits: Limits) -> Result<Self, InvalidProfile> {
        let http = HyperClient::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(Self::MAX_IDLE)
            .build(Connector::new(Link::new(profile)?, limits.connect));
        Ok(Client {
            http,
            limits,
            teller: None,
            budget: Budget::new(Self::BUDGET),
            permits: Arc::new(Semaphore::new(at_once())),
        })
    }

    /// Gets so many things at once, whatever they are: packuments and tarballs share the connections. By default it is pnpm's rule for
    /// `network-concurrency`: three for each core but one, 16 to 64.
    #[must_use]
    pub fn at_once(self, requests: usize) -> Self {
        Client { permits: Arc::new(Semaphore::new(requests)), ..self }
    }

    /// Has each wait before a retry told to the user, many at one time as one.
    #[must_use]
    pub fn telling(self, tell: impl Fn(&Wait) + Send + Sync + 'static) -> Self {
        Client { teller: Some(Teller::new(tell)), ..self }
    }

    /// Holds so many bytes of answers at once, instead of 256 MiB. More than that are only of one that is longer than all of it
    /// or than it was announced.
    #[must_use]
    pub fn holding(self, bytes: u64) -> Self {
        Client { budget: Budget::new(bytes), ..self }
    }

    /// What a request may take.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Gets the whole of what is at this URL.
    ///
    /// # Errors
    ///
    /// If it cannot be had, or not within the limits, also when it is tried again.
    pub async fn get(
        &self,
        url: &Url,
        accept: Option<&str>,
        authorization: Option<&str>,
    ) -> Result<Bytes, FetchError> {
        self.get_with(url, accept, authorization, |answer| ready(Ok(answer.bytes))).await
    }

    /// Gets the whole of what is at this URL, and gives it to `take`. An error of `take` is one of the answer: if it is
    /// transient, all is tried again. So an answer without a length, of which only its reader can tell that it was cut off,
    /// is as good as one with a length.
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get), and what `take` says.
    pub async fn get_with<T, F>(
        &self,
        url: &Url,
        accept: Option<&str>,
        authorization: Option<&str>,
        take: impl Fn(Answer) -> F,
    ) -> Result<T, FetchError>
    where
        F: Future<Output = Result<T, FetchErrorKind>>,
    {
        let ask = &Ask { url, accept, authorization, body: None };
        let take = &take;
        self.retry(|| async move {
            let permit = self.permits.acquire().await;
            let (url, response) = self.send(ask).await?;
            let fail = |kind| FetchError::get(&url, kind);
            let read = Answer::read(response.into_body(), self.limits.max_bytes, &self.limits, &self.budget);
            let answer = read.await.map_err(fail)?;
            drop(permit);
            take(answer).await.map_err(fail)
        })
        .await
    }

    /// Posts JSON, and yields the answer as it arrives. The request is tried again until the head of the answer is there, so
    /// it should be one that changes nothing; the rest is not.
    ///
    /// # Errors
    ///
    /// If the server cannot be reached or refuses; then, for a piece, if it does not come.
    pub async fn post(&self, url: &Url, json: Vec<u8>) -> Result<Pieces, FetchError> {
        let ask = &Ask {
            url,
            accept: Some("application/x-ndjson, application/json; q=0.8"),
            authorization: None,
            body: Some(json.into()),
        };
        let (url, response) = self.retry(|| self.send(ask)).await?;
        Ok(Pieces::new(response, url, self.limits.stall))
    }

    /// Tries again what may be otherwise in a moment.
    async fn retry<T, F>(&self, attempt: impl FnMut() -> F) -> Result<T, FetchError>
    where
        F: Future<Output = Result<T, FetchError>>,
    {
        let mut tries_left = self.limits.retries;
        let asked = |error: &FetchError| error.retry_after().map(|wait| wait.min(self.limits.retry_max));
        attempt
            .retry(self.limits.waits())
            .when(FetchError::is_transient)
            .adjust(|error: &FetchError, wait| wait.map(|wait| asked(error).unwrap_or(wait)))
            .notify(|error: &FetchError, time| {
                if let Some(teller) = &self.teller {
                    teller.tell(&Wait { error: error.clone(), time, tries_left });
                }
                tries_left -= 1;
            })
            .await
    }

    /// Asks, and wherever that redirects to, until there is an answer: where it came from, and the answer.
    async fn send(&self, ask: &Ask<'_>) -> Result<(Url, Response<Incoming>), FetchError> {
        let mut url = ask.url.clone();
        let mut authorization = ask.authorization.map(str::to_owned).or_else(|| credentials(ask.url));
        for _ in 0..=Self::MAX_REDIRECTS {
            let fail = |kind| {
                if ask.body.is_some() { FetchError::post(&url, kind) } else { FetchError::get(&url, kind) }
            };
            let response = self.send_once(&url, ask, authorization.as_deref()).await.map_err(fail)?;
            let status = response.status().as_u16();
            if response.status().is_success() {
                return Ok((url, response));
            }
            if !matches!(status, 301 | 302 | 303 | 307 | 308) {
                let now = SystemTime::now();
                let retry_after =
                    response.headers().get(RETRY_AFTER).and_then(|header| retry_after(header, now));
                let text = refusal(response.into_body(), &self.limits).await;
                return Err(fail(FetchErrorKind::Status { code: status, text, retry_after }));
            }
            let location = response.headers().get(LOCATION);
            let next = redirect(&url, status, location, ask.body.is_some())
                .map_err(|why| fail(FetchErrorKind::Redirect(why)))?;
            if !is_same_server(&url, &next) {
                authorization = None;
            }
            url = next;
        }
        let kind = FetchErrorKind::Redirect(format!("it redirects more than {} times", Self::MAX_REDIRECTS));
        Err(if ask.body.is_some() { FetchError::post(ask.url, kind) } else { FetchError::get(ask.url, kind) })
    }

    async fn send_once(
        &self,
        url: &Url,
        ask: &Ask<'_>,
        authorization: Option<&str>,
    ) -> Result<Response<Incoming>, FetchErrorKind> {
        let request = request(url, ask, authorization)?;
        match timeout(self.limits.first_byte, self.http.request(request)).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(FetchErrorKind::of_request(&error, self.limits.connect)),
            Err(_elapsed) => Err(FetchErrorKind::Timeout(TimeoutOf::FirstByte, self.limits.first_byte)),
        }
    }
}

/// See [`Client::at_once`].
fn at_once() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (cores.saturating_sub(1) * 3).clamp(16, 64)
}

fn request(
    url: &Url,
    ask: &Ask<'_>,
    authorization: Option<&str>,
) -> Result<Request<Full<Bytes>>, FetchErrorKind> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(FetchErrorKind::BadUrl(format!("`{}` is not supported", url.scheme())));
    }
    // Not the credentials, which go into a header, and not the fragment.
    let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let uri: Uri = format!("{}://{host}{path}", url.scheme())
        .parse()
        .map_err(|error| FetchErrorKind::BadUrl(format!("the URL cannot be sent: {error}")))?;

    let method = if ask.body.is_some() { Method::POST } else { Method::GET };
    let mut request = Request::new(Full::new(ask.body.clone().unwrap_or_default()));
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    headers.insert(
        USER_AGENT,
        HeaderValue::from_static(concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"))),
    );
    if ask.body.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    }
    if let Some(accept) = ask.accept {
        let accept = HeaderValue::from_str(accept)
            .map_err(|error| FetchErrorKind::BadUrl(format!("`Accept` cannot be sent: {error}")))?;
        headers.insert(ACCEPT, accept);
    }
    if let Some(authorization) = authorization {
        let mut value = HeaderValue::from_str(authorization).map_err(|_| {
            FetchErrorKind::Configuration(
                "the token for it cannot be sent: take line breaks and the like out of it".into(),
            )
        })?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    Ok(request)
}

/// Where a redirect leads, or why it is not followed.
fn redirect(from: &Url, status: u16, location: Option<&HeaderValue>, is_post: bool) -> Result<Url, String> {
    if is_post && !matches!(status, 307 | 308) {
        // Clients make a GET of it, which would not be what was asked for.
        return Err(format!("it redirects with {status}, which a POST does not follow"));
    }
    let location = location.ok_or("it redirects to nowhere (no `Location`)")?;
    let location = location.to_str().map_err(|_| "it redirects to something that is no URL")?;
    let to = from.join(location).map_err(|error| format!("it redirects to no URL: {error}"))?;
    match (from.scheme(), to.scheme()) {
        (_, "https") | ("http", "http") => Ok(to),
        ("https", "http") => Err("it redirects from https to http, which is not safe".into()),
        (_, other) => Err(format!("it redirects to `{other}:`, which is not supported")),
    }
}

fn is_same_server(a: &Url, b: &Url) -> bool {
    (a.host(), a.port_or_known_default()) == (b.host(), b.port_or_known_default())
}

/// The authorization that is in the URL itself.
fn credentials(url: &Url) -> Option<String> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let decode = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
    Some(basic(&decode(url.username()), &decode(url.password().unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use super::{HeaderValue, Url, credentials, is_same_server, redirect};

    #[test]
    fn where_a_redirect_leads() {
        for (from, status, location, is_post, expected) in [
            ("http://a/b/c", 301, Some("d"), false, Ok("http://a/b/d")),
            ("http://a/b/c", 302, Some("/d"), false, Ok("http://a/d")),
            ("http://a/b", 307, Some("//e/f"), true, Ok("http://e/f")),
            ("http://a/b", 308, Some("https://a/b"), true, Ok("https://a/b")),
            ("http://a/b", 303, Some("/d"), true, Err("it redirects with 303, which a POST does not follow")),
            ("http://a/b", 303, None, false, Err("it redirects to nowhere (no `Location`)")),
            (
                "https://a/",
                301,
                Some("http://a/"),
                false,
                Err("it redirects from https to http, which is not safe"),
            ),
            (
                "http://a/",
                301,
                Some("file:///x"),
                false,
                Err("it redirects to `file:`, which is not supported"),
            ),
            ("http://a/", 301, Some("http://["), false, Err("it redirects to no URL: invalid IPv6 address")),
        ] {
            let location = location.map(HeaderValue::from_static);
            let to = redirect(&Url::parse(from).unwrap(), status, location.as_ref(), is_post);
            assert_eq!(to.as_ref().map(Url::as_str).map_err(String::as_str), expected, "{from} {location:?}");
        }
    }

    #[test]
    fn which_urls_are_of_one_server() {
        for (a, b, expected) in [
            ("http://a/x", "http://a/y", true),
            ("http://a/", "http://a:80/", true),
            ("http://a/", "http://A/", true),
            ("http://a/", "http://a:81/", false),
            ("http://a/", "https://a/", false),
            ("http://a/", "http://b.a/", false),
        ] {
            assert_eq!(is_same_server(&Url::parse(a).unwrap(), &Url::parse(b).unwrap()), expected, "{a} {b}");
        }
    }

    #[test]
    fn credentials_of_a_url_become_a_header() {
        for (url, expected) in [
            ("http://host/", None),
            ("http://me:se%40cret@host/", Some("Basic bWU6c2VAY3JldA==")),
            ("http://me@host/", Some("Basic bWU6")),
        ] {
            assert_eq!(credentials(&Url::parse(url).unwrap()).as_deref(), expected, "{url}");
        }
    }
}
