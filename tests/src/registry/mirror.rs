//! `Mirror`: packages of a directory.

use super::shelf::Shelf;
use crate::package::{Dist, PackageId, VersionManifest};
use crate::store::{gunzip, unpack};
use bytes::Bytes;
use serde_json::Value;
use ssri::{Algorithm, IntegrityOpts};
use std::fs;
use std::path::{Path, PathBuf};
use url::Url;

/// The packages of a directory of `.tgz` files, as `npm pack` makes them.
#[derive(Debug)]
pub struct Mirror {
    shelf: Shelf,
}

/// Why a directory is no mirror.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// It, or a file in it, cannot be read.
    #[error("cannot read {}: {source}; name a directory of .tgz files with --mirror", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is nothing in it.
    #[error("there is no .tgz file in {}: make some with `npm pack`", path.display())]
    Empty {
        /// The directory.
        path: PathBuf,
    },
    /// A file is no package.
    #[error("{} is no package: {why}; take it out, or pack it anew with `npm pack`", path.display())]
    Package {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

impl Mirror {
    /// Reads all packages of a directory.
    ///
    /// # Errors
    ///
    /// If one cannot be read, is no package, or is there twice; if there is none.
    pub fn open(dir: &Path) -> Result<Self, MirrorError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| MirrorError::Read { path, source }
        };
        let mut found: Vec<(PackageId, VersionManifest, Bytes)> = Vec::new();
        for entry in fs::read_dir(dir).map_err(failed(dir))? {
            let path = entry.map_err(failed(dir))?.path();
            if path.extension().is_none_or(|kind| kind != "tgz") {
                continue;
            }
            let tarball = Bytes::from(fs::read(&path).map_err(failed(&path))?);
            let wrong = |why: String| MirrorError::Package { path: path.clone(), why };
            let (id, manifest) = manifest(&tarball).map_err(wrong)?;
            if found.iter().any(|(other, ..)| *other == id) {
                return Err(wrong(format!("{id} is in another file too")));
            }
            found.push((id, manifest, tarball));
        }
        if found.is_empty() {
            return Err(MirrorError::Empty { path: dir.into() });
        }
        // What is added last is the latest: the highest release, and of a package without one its highest version.
        found.sort_by_key(|(id, ..)| {
            (id.name.clone(), id.version.pre_release().is_empty(), id.version.clone())
        });
        let mut shelf = Shelf::default();
        for (_, manifest, tarball) in found {
            shelf.add(manifest, Some(tarball));
        }
        Ok(Mirror { shelf })
    }

    pub(super) fn shelf(&self) -> &Shelf {
        &self.shelf
    }
}

/// What a tarball says of itself.
fn manifest(tarball: &[u8]) -> Result<(PackageId, VersionManifest), String> {
    let archive = gunzip(tarball).map_err(|fault| fault.to_string())?;
    let entries = unpack(&archive).map_err(|fault| fault.to_string())?;
    let text = entries.iter().find(|entry| entry.path == "package.json").ok_or("it has no package.json")?;
    // Some editors put a mark in front, which npm passes over.
    let text = text.bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text.bytes);
    let mut manifest: Value =
        serde_json::from_slice(text).map_err(|error| format!("its package.json: {error}"))?;
    let dist = Dist {
        // Put in when it is served.
        tarball: Url::parse("http://localhost/").expect("it is a URL"),
        integrity: Some(
            IntegrityOpts::new().algorithm(Algorithm::Sha512).chain(tarball).result().to_string(),
        ),
        file_count: None,
        unpacked_size: None,
    };
    let fields = manifest.as_object_mut().ok_or("its package.json is no object")?;
    fields.insert("dist".into(), serde_json::to_value(dist).map_err(|error| error.to_string())?);
    let manifest: VersionManifest =
        serde_json::from_value(manifest).map_err(|error| format!("its package.json: {error}"))?;
    let id = PackageId::parse(&format!("{}@{}", manifest.name, manifest.version))?;
    Ok((id, manifest))
}
