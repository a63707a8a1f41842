//! What open scopes are doing right now: the live file.

use serde::{Deserialize, Serialize};

/// What the open scopes of a process are doing now: the content of the file that the environment variable `CONCURRENCY_PROBE_LIVE` names.
///
/// The file is one JSON object. It is replaced about once a second, and when the last scope closes. If a program hangs, the file says which
/// probes have calls inside, and for how long nothing has changed.
///
/// A child process with the same variable writes the same file. The last writer wins, and `pid` says which process that was.
///
/// ```
/// use concurrency_probe::Live;
///
/// let text = r#"{"schema":"concurrency-probe-live/1","pid":7,"scopes":[{"scope":"install","open_ns":12000000000,
///     "probes":[{"name":"link","file":"src/link.rs","line":12,"inside":2,"calls":8,"unchanged_ns":11000000000}]}]}"#;
/// let live: Live = serde_json::from_str(text)?;
/// assert_eq!(live.scopes[0].probes[0].inside, 2);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Live {
    /// The format: [`Live::SCHEMA`].
    pub schema: String,
    /// The process that wrote it.
    pub pid: u32,
    /// The open scopes, at most 64, in the order in which they were opened.
    pub scopes: Vec<LiveScope>,
    /// How many more scopes are open.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub more_scopes: u64,
}

impl Live {
    /// The name of the format, and its version.
    pub const SCHEMA: &'static str = "concurrency-probe-live/1";
}

/// An open scope of a [`Live`] file.
///
/// ```
/// use concurrency_probe::LiveScope;
///
/// let scope: LiveScope = serde_json::from_str(r#"{"scope":"install","open_ns":12000000000,"probes":[]}"#)?;
/// assert_eq!((scope.scope.as_str(), scope.open_ns / 1_000_000_000), ("install", 12));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LiveScope {
    /// Its name.
    pub scope: String,
    /// For how long it has been open, in nanoseconds.
    pub open_ns: u64,
    /// The probes that were called in it, at most 256.
    pub probes: Vec<LiveProbe>,
}

/// A probe of an open scope of a [`Live`] file.
///
/// ```
/// use concurrency_probe::LiveProbe;
///
/// let text = r#"{"name":"link","file":"src/link.rs","line":12,"inside":2,"calls":8,"unchanged_ns":11000000000}"#;
/// let probe: LiveProbe = serde_json::from_str(text)?;
/// assert!(probe.inside > 0 && probe.unchanged_ns > 10_000_000_000, "two calls have been inside for 11 seconds");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LiveProbe {
    /// Its name.
    pub name: String,
    /// The source file, as the compiler names it.
    pub file: String,
    /// The line in that file.
    pub line: u32,
    /// How many calls have begun and not ended.
    pub inside: u64,
    /// How many calls have begun.
    pub calls: u64,
    /// For how long no call has begun or ended, in nanoseconds. It is exact to about a second, the time between two writes.
    pub unchanged_ns: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_zero(value: &u64) -> bool {
    *value == 0
}
