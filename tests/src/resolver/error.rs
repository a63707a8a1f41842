//! `ResolveError`: why there is no lockfile.

use crate::package::PackageName;

/// Why a project has no resolution. `E` is why the registry did not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResolveError<E: std::error::Error + 'static> {
    /// The name that a dependency is installed under is none.
    #[error("{from} has a dependency under a name that cannot be a directory: {why}; rename it")]
    Name {
        /// Who asks for it.
        from: String,
        /// What is wrong with it.
        why: String,
    },
    /// A dependency that is not from a registry.
    #[error("{from} asks for `{alias}` as `{specifier}`, and only registries are supported here; run `pnpm install --lockfile-only` once, and install what it locked", specifier = specifier.escape_debug())]
    NotOfRegistry {
        /// Who asks for it.
        from: String,
        /// The name it is under.
        alias: PackageName,
        /// What is asked for.
        specifier: String,
    },
    /// The registry did not say.
    #[error("cannot find out the versions of `{name}`, which {from} asks for: {source}")]
    Packument {
        /// The package.
        name: PackageName,
        /// Who asks for it.
        from: String,
        /// What the registry said.
        source: E,
    },
    /// Nothing satisfies.
    #[error("no version of `{name}` is `{specifier}`, which {from} asks for: {known}; ask for another", specifier = specifier.escape_debug())]
    NoVersion {
        /// The package.
        name: PackageName,
        /// What is asked for.
        specifier: String,
        /// Who asks for it.
        from: String,
        /// What there is.
        known: String,
    },
    /// The registry says something that cannot be.
    #[error(
        "what the registry says of `{id}`, which {from} asks for, cannot be used: {why}; ask for another version"
    )]
    Malformed {
        /// `name@version`.
        id: String,
        /// Who asks for it.
        from: String,
        /// What is wrong.
        why: String,
    },
    /// A tarball that could not be checked.
    #[error("`{id}`, which {from} asks for, has no usable `integrity`: {why}; ask for another version")]
    Integrity {
        /// `name@version`.
        id: String,
        /// Who asks for it.
        from: String,
        /// What is wrong with it.
        why: String,
    },
    /// A package has a peer, which would change where it is linked.
    #[error("`{id}`, which {from} asks for, has the peer `{peer}`, and peers are not resolved here; run `pnpm install --lockfile-only` once, and install what it locked", peer = peer.escape_debug())]
    Peer {
        /// `name@version`.
        id: String,
        /// Who asks for it.
        from: String,
        /// The peer.
        peer: String,
    },
}
