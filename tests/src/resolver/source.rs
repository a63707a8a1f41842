//! `PackumentSource`: who is asked for packuments.

use crate::package::{PackageId, PackageName};
use crate::registry::Packument;
use std::sync::Arc;
use url::Url;

/// Who is asked for packuments: a registry, its cache, or a map in a test.
pub trait PackumentSource {
    /// Why there is none.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Asks for the packument of a package. It is asked for many at once.
    ///
    /// # Errors
    ///
    /// If there is no such package, or it cannot be found out.
    fn packument(
        &self,
        name: &PackageName,
    ) -> impl Future<Output = Result<Arc<Packument>, Self::Error>> + Send;

    /// Whether an error says that there is no such package. Only then can an optional dependency do without; whoever knows of
    /// no other errors need not say.
    fn is_absence(_error: &Self::Error) -> bool {
        true
    }

    /// Where the tarball of a package usually is, if that is known. A lockfile says where it is only if it is somewhere else.
    fn usual_tarball(&self, id: &PackageId) -> Option<Url>;
}
