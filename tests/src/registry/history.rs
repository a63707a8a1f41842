//! The history of a package: the older versions that its packument tells of.

use crate::package::VersionManifest;
use serde_json::{Value, json};
use url::Url;

/// Older versions of a package, with as many bytes of JSON as a packument is to have beside the versions that can be had. None of them
/// satisfies a range of a generated package: their major number is 0. They need what the package itself needs, and say of their tarball, which
/// is nowhere, what npm's registry says.
pub(super) fn older_versions(
    manifest: &VersionManifest,
    bytes: usize,
    tarball: impl Fn(&str) -> Url,
) -> Vec<(String, Value)> {
    let mut left = bytes;
    let mut versions = Vec::new();
    while left > 0 {
        let number = versions.len();
        let version = format!("0.{}.{}", number / 20, number % 20);
        let manifest = older(manifest, &version, &tarball(&version), number);
        // Its length as JSON, and what is around it.
        let takes = manifest.to_string().len() + version.len() + 4;
        left = left.saturating_sub(takes);
        versions.push((version, manifest));
    }
    versions
}

/// A version as the short form of a packument has it:
/// <https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md#abbreviated-version-object>.
fn older(manifest: &VersionManifest, version: &str, tarball: &Url, number: usize) -> Value {
    let digest = |bytes: usize| -> String {
        (0..bytes).map(|at| char::from(b"0123456789abcdef"[(number + at * at) % 16])).collect()
    };
    json!({
        "name": manifest.name,
        "version": version,
        "dependencies": manifest.dependencies,
        "devDependencies": {},
        "engines": { "node": ">=6.9.0" },
        "dist": {
            "shasum": digest(40),
            "tarball": tarball,
            "fileCount": 8,
            "integrity": manifest.dist.integrity,
            "signatures": [{ "sig": digest(96), "keyid": "SHA256:jl3bwswu80PjjokCgh0o2w5c2U4LhQAE57gj9cz1kzA" }],
            "unpackedSize": 20_000 + number,
        },
    })
}
