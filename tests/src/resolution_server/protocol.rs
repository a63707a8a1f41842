//! `Line`: what an answer is made of.

use crate::lockfile::Lockfile;
use crate::resolver::ResolvedPackage;
use serde::{Deserialize, Serialize};

/// Where a [`ProjectManifest`](crate::package::ProjectManifest) is posted to, as JSON.
pub const PATH: &str = "/v1/resolve";

/// A line of an answer, as JSON. Any number of packages, and then one of the others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Line {
    /// A package was found.
    Package(ResolvedPackage),
    /// All were found.
    Done {
        /// The lockfile.
        lockfile: Box<Lockfile>,
    },
    /// There is no resolution.
    Error {
        /// Why, as a sentence.
        message: String,
    },
}

impl Line {
    /// The line with its end.
    ///
    /// # Panics
    ///
    /// Never: it is plain maps of texts.
    pub fn to_bytes(&self) -> bytes::Bytes {
        let mut text = serde_json::to_vec(self).expect("a line is plain maps of texts");
        text.push(b'\n');
        text.into()
    }
}
