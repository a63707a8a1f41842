//! `PackumentSource`: who is asked for packuments.

use crate::package::PackageName;
use crate::registry::Packument;

/// Who is asked for packuments: a registry, its cache, or a map in a test.
pub trait PackumentSource {
    /// Why there is none.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Asks for the packument of a package. It is asked for many at once.
    ///
    /// # Errors
    ///
    /// If there is no such package, or it cannot be found out.
    fn packument(&self, name: &PackageName) -> impl Future<Output = Result<Packument, Self::Error>> + Send;
}
