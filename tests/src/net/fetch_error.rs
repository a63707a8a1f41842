//! `FetchError`: why something could not be had from a server.

use super::connector::NoRoots;
use super::npm_config_error::NpmConfigError;
use std::fmt;
use std::io;
use std::time::Duration;
use url::Url;

/// Why something could not be had from a server. It prints as a sentence that names the method and the URL, without the
/// credentials that may be in it, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{}", self.without_advice(), kind.advice(*.is_post))]
pub struct FetchError {
    is_post: bool,
    url: String,
    kind: FetchErrorKind,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchErrorKind {
    /// There was no connection.
    #[error("{0}")]
    Connect(String),
    /// There was a connection, and no TLS on it.
    #[error("{0}")]
    Tls(String),
    /// There are no root certificates to check that of the server with.
    #[error("{0}")]
    NoRoots(String),
    /// It took longer than a limit.
    #[error("{0} within {limit} s", limit = .1.as_secs_f64())]
    Timeout(TimeoutOf, Duration),
    /// The server refused, with the beginning of what it said.
    #[error("it answered {code}{reason}{}{text}", if .text.is_empty() { "" } else { ": " }, reason = reason(*.code))]
    Status {
        /// The status, 300 to 599 mostly.
        code: u16,
        /// At most 200 characters in one line, perhaps none.
        text: String,
        /// How long the server asks to wait (`Retry-After`), if it does.
        retry_after: Option<Duration>,
    },
    /// The connection ended before the answer did, or what came ends before it should. It says how much came.
    #[error("the connection ended before the answer did ({0})")]
    Truncated(String),
    /// The answer, or a line of it, is longer than this many bytes.
    #[error("the answer, or a line of it, is longer than {0} bytes")]
    TooLarge(u64),
    /// This machine has not so many bytes for the answer.
    #[error("there is no memory for an answer of {0} bytes")]
    Memory(u64),
    /// A redirect that is not followed.
    #[error("{0}")]
    Redirect(String),
    /// No server can be asked for this URL.
    #[error("{0}")]
    BadUrl(String),
    /// The answer is not what it should be.
    #[error("the answer makes no sense: {0}")]
    Garbage(String),
    /// npm's configuration has a token or a registry for it that cannot be used.
    #[error("{0}")]
    Configuration(String),
}

/// What did not come in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeoutOf {
    /// The connection.
    Connect,
    /// The head of the answer.
    FirstByte,
    /// More of the answer.
    Stall,
    /// The end of the answer.
    Whole,
}

impl fmt::Display for TimeoutOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TimeoutOf::Connect => "no connection",
            TimeoutOf::FirstByte => "no answer",
            TimeoutOf::Stall => "the answer stopped, and no more of it came",
            TimeoutOf::Whole => "the answer came too slowly, and was not whole",
        })
    }
}

impl FetchError {
    /// Of a GET of this URL.
    pub(super) fn get(url: &Url, kind: FetchErrorKind) -> Self {
        FetchError { is_post: false, url: without_credentials(url), kind }
    }

    /// Of a package whose registry is not known.
    pub(super) fn no_registry(package: &str, why: &NpmConfigError) -> Self {
        FetchError {
            is_post: false,
            url: package.into(),
            kind: FetchErrorKind::Configuration(why.to_string()),
        }
    }

    /// Of a POST to this URL.
    pub(super) fn post(url: &Url, kind: FetchErrorKind) -> Self {
        FetchError { is_post: true, url: without_credentials(url), kind }
    }

    /// What went wrong.
    pub fn kind(&self) -> &FetchErrorKind {
        &self.kind
    }

    /// The sentence, but for what to do.
    pub(super) fn without_advice(&self) -> String {
        format!("cannot {} {}: {}", if self.is_post { "post to" } else { "get" }, self.url, self.kind)
    }

    /// Whether the server said that there is no such thing (404 or 410), or none that it may give to anybody (451).
    pub fn is_not_found(&self) -> bool {
        matches!(self.kind, FetchErrorKind::Status { code: 404 | 410 | 451, .. })
    }

    /// How long the server asks to wait.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self.kind {
            FetchErrorKind::Status { retry_after, .. } => retry_after,
            _ => None,
        }
    }

    /// Whether it may be otherwise in a moment, so that it is worth a retry.
    pub fn is_transient(&self) -> bool {
        match &self.kind {
            FetchErrorKind::Connect(_) | FetchErrorKind::Timeout(..) | FetchErrorKind::Truncated(_) => true,
            FetchErrorKind::Status { code, .. } => {
                matches!(code, 408 | 425 | 429 | 500 | 502 | 503 | 504)
            }
            _ => false,
        }
    }
}

impl FetchErrorKind {
    /// Why a request came to nothing: told from what is at the bottom of the error.
    pub(super) fn of_request(error: &hyper_util::client::legacy::Error, connect: Duration) -> Self {
        let mut source: &(dyn std::error::Error + 'static) = error;
        let mut of_hyper: Option<&hyper::Error> = None;
        while let Some(next) = source.source() {
            of_hyper = of_hyper.or(next.downcast_ref());
            source = next;
        }
        if error.is_connect() {
            if source.is::<NoRoots>() {
                return FetchErrorKind::NoRoots(source.to_string());
            }
            let of_io = source.downcast_ref::<io::Error>();
            // An error of TLS is inside of one of io, inside of another.
            let inner = of_io.and_then(|error| error.get_ref()?.downcast_ref::<io::Error>());
            if inner.is_some_and(|inner| inner.kind() == io::ErrorKind::InvalidData) {
                return FetchErrorKind::Tls(source.to_string());
            }
            return match of_io.map(io::Error::kind) {
                Some(io::ErrorKind::TimedOut) => FetchErrorKind::Timeout(TimeoutOf::Connect, connect),
                Some(io::ErrorKind::ConnectionRefused) => {
                    FetchErrorKind::Connect("connection refused".into())
                }
                _ => FetchErrorKind::Connect(source.to_string()),
            };
        }
        of_hyper.map_or_else(|| FetchErrorKind::Truncated(source.to_string()), Self::of_hyper)
    }

    /// Why the rest of an answer did not come.
    pub(super) fn of_hyper(error: &hyper::Error) -> Self {
        let cause = std::error::Error::source(error);
        // A chunk whose length is no number is not a parse error to hyper, but it is to us: it would be so again.
        let is_garbage = error.is_parse()
            || cause
                .and_then(|cause| cause.downcast_ref::<io::Error>())
                .is_some_and(|cause| cause.kind() == io::ErrorKind::InvalidInput);
        let text = cause.map_or_else(|| error.to_string(), |cause| format!("{error}: {cause}"));
        if is_garbage { FetchErrorKind::Garbage(text) } else { FetchErrorKind::Truncated(text) }
    }

    fn advice(&self, is_post: bool) -> &'static str {
        match self {
            FetchErrorKind::Connect(_) | FetchErrorKind::Timeout(TimeoutOf::Connect, _) if is_post => {
                "; is the server running?"
            }
            FetchErrorKind::Connect(_) | FetchErrorKind::Timeout(TimeoutOf::Connect, _) => {
                "; is the registry running?"
            }
            FetchErrorKind::Tls(_) => {
                "; is it an https server, and its certificate one that SSL_CERT_FILE trusts?"
            }
            FetchErrorKind::NoRoots(_) => {
                "; install this system's root certificates, or name a file of them in SSL_CERT_FILE"
            }
            FetchErrorKind::Timeout(..) => {
                "; try again, or raise `fetch-timeout` in .npmrc if the network is this slow"
            }
            FetchErrorKind::Truncated(_) => {
                "; try again, or see what stands between this machine and the server"
            }
            FetchErrorKind::Status { code: 401 | 403, .. } => {
                "; give a token for this URL that allows it in .npmrc"
            }
            FetchErrorKind::Status { code: 404 | 410, .. } => "; check the name and the registry",
            FetchErrorKind::Status { code: 408 | 425 | 429, .. } => "; try again later",
            FetchErrorKind::Status { code: 400..=499, .. } => "; see what the server expects",
            FetchErrorKind::Status { .. } => "; try again later, or see the log of the server",
            FetchErrorKind::TooLarge(_) => {
                "; nothing that is installed is so large: see what the server sends"
            }
            FetchErrorKind::Memory(_) => "; end other programs, or raise the limit on memory (`ulimit -v`)",
            FetchErrorKind::Redirect(_) => "; name the place where it is now",
            FetchErrorKind::BadUrl(_) => "; expected one like `https://host/path`",
            FetchErrorKind::Garbage(_) => "; is there a registry at this URL?",
            // The configuration's error gives its own.
            FetchErrorKind::Configuration(_) => "",
        }
    }
}

/// The words of a status.
fn reason(code: u16) -> String {
    let status = hyper::StatusCode::from_u16(code).ok();
    status.and_then(|status| status.canonical_reason()).map(|reason| format!(" {reason}")).unwrap_or_default()
}

/// The URL as it may be shown to anybody.
pub(crate) fn without_credentials(url: &Url) -> String {
    let mut url = url.clone();
    // They fail where a URL cannot have any.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

#[cfg(test)]
mod tests {
    use super::{FetchError, FetchErrorKind as Kind, TimeoutOf};
    use std::time::Duration;
    use url::Url;

    #[test]
    fn what_they_say_and_whether_they_are_worth_a_retry() {
        let url = Url::parse("http://user:secret@127.0.0.1:1/x").unwrap();
        let status = |code, text: &str| Kind::Status { code, text: text.into(), retry_after: None };
        for (kind, text, is_transient) in [
            (
                Kind::Connect("connection refused".into()),
                "cannot get http://127.0.0.1:1/x: connection refused; is the registry running?",
                true,
            ),
            (
                Kind::Timeout(TimeoutOf::FirstByte, Duration::from_millis(1500)),
                "cannot get http://127.0.0.1:1/x: no answer within 1.5 s; try again, or raise `fetch-timeout` \
                 in .npmrc if the network is this slow",
                true,
            ),
            (
                status(404, ""),
                "cannot get http://127.0.0.1:1/x: it answered 404 Not Found; check the name and the registry",
                false,
            ),
            (
                status(503, "busy"),
                "cannot get http://127.0.0.1:1/x: it answered 503 Service Unavailable: busy; try again later, or \
                 see the log of the server",
                true,
            ),
            (
                status(429, ""),
                "cannot get http://127.0.0.1:1/x: it answered 429 Too Many Requests; try again later",
                true,
            ),
            (
                Kind::Garbage("expected value".into()),
                "cannot get http://127.0.0.1:1/x: the answer makes no sense: expected value; is there a registry \
                 at this URL?",
                false,
            ),
        ] {
            let error = FetchError::get(&url, kind);
            assert_eq!(error.to_string(), text);
            assert_eq!(error.is_transient(), is_transient, "{error}");
        }
        for (code, is_not_found) in
            [(404, true), (410, true), (451, true), (401, false), (403, false), (500, false)]
        {
            assert_eq!(FetchError::post(&url, status(code, "")).is_not_found(), is_not_found, "{code}");
        }
    }
}
