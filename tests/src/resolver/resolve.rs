//! `resolve`: from a `package.json` to a lockfile.

use super::resolution::Resolution;
use super::{PackumentSource, ResolveError, ResolvedPackage};
use crate::lockfile::Lockfile;
use crate::package::{Platform, ProjectManifest};
use futures::{StreamExt, stream};

/// The most packuments that are asked for at once.
pub const IN_FLIGHT: usize = 64;

/// Finds for every dependency the highest version that satisfies it, level by level: the packuments of a level are asked
/// for at once, each one once per resolution, and the next level begins when all have come.
///
/// `on_resolved` is told of each package in a version as soon as it is known that it will be installed on this machine, so
/// in no certain order. The lockfile is the same in whatever order the answers come.
///
/// # Errors
///
/// If a dependency that is needed cannot be satisfied, if it cannot be found out what there is of any, or if one is not from a registry, has a peer that would have to be
/// resolved, or has no SHA-512. Optional dependencies that cannot be satisfied are left out.
pub async fn resolve<S: PackumentSource>(
    source: &S,
    manifest: &ProjectManifest,
    mut on_resolved: impl FnMut(ResolvedPackage),
) -> Result<Lockfile, ResolveError<S::Error>> {
    let mut resolution = Resolution::of(manifest, Platform::current())?;
    loop {
        let level = resolution.next_level();
        if level.is_empty() {
            return resolution.lockfile(manifest, |id| source.usual_tarball(id));
        }
        let asked = level.into_iter().map(|name| async move {
            let answer = source.packument(&name).await;
            (name, answer)
        });
        let mut answers = stream::iter(asked).buffer_unordered(IN_FLIGHT);
        while let Some((name, answer)) = answers.next().await {
            let is_fault = answer.as_ref().is_err_and(|error| !S::is_absence(error));
            resolution.learn(name.clone(), answer, &mut on_resolved)?;
            if is_fault && let Some(fault) = resolution.fault(name) {
                return Err(fault);
            }
        }
    }
}
