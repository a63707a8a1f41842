//! `RegistryClient`: what a registry has, over a client.

use super::answer::Answer;
use super::client::Client;
use super::fetch_error::{FetchError, FetchErrorKind};
use super::npm_config::NpmConfig;
use crate::package::{PackageId, PackageName};
use crate::registry::Packument;
use crate::resolver::PackumentSource;
use bytes::Bytes;
use std::future::ready;
use std::sync::Arc;
use url::Url;

/// Packuments and tarballs, from the registry and with the authorization that npm's configuration has for each. Clones share
/// the connections.
#[derive(Clone, Debug)]
pub struct RegistryClient {
    client: Client,
    config: Arc<NpmConfig>,
}

impl RegistryClient {
    /// As npm asks: the short form of a packument, which has what an installer needs, or else the long one.
    const ACCEPT: &'static str = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8";

    /// Asks over `client` what `config` says. Where that names no registry it is npm's own, `https://registry.npmjs.org/`,
    /// as in npm; see [`NpmConfig::or_registry`].
    #[must_use]
    pub fn new(client: Client, config: NpmConfig) -> Self {
        let npm = Url::parse("https://registry.npmjs.org/").expect("a URL");
        RegistryClient { client, config: Arc::new(config.or_registry(npm)) }
    }

    /// What it was made with, and the registry that was chosen where that named none.
    pub fn config(&self) -> &NpmConfig {
        &self.config
    }

    /// What the registry says of this package. npm's abbreviated form, where the registry has it.
    ///
    /// # Errors
    ///
    /// If it cannot be had, or is not the packument of this package.
    pub async fn packument(&self, name: &PackageName) -> Result<Packument, FetchError> {
        // The slash of a scope is escaped, as npm does: some registries take only that.
        let url = self.url(name, &name.as_str().replacen('/', "%2f", 1))?;
        self.get(&url, Some(Self::ACCEPT), |answer| ready(parse(name, &answer.bytes))).await
    }

    /// The tarball at this URL, whole and unchecked: its hash is for the caller to compare.
    ///
    /// # Errors
    ///
    /// If it cannot be had.
    pub async fn tarball(&self, url: &Url) -> Result<Bytes, FetchError> {
        self.tarball_with(url, |answer| ready(Ok(answer.bytes))).await
    }

    /// Gets the tarball at this URL, unchecked, and gives it to `take`, as [`Client::get_with`].
    ///
    /// # Errors
    ///
    /// If it cannot be had, and what `take` says.
    pub async fn tarball_with<T, F>(&self, url: &Url, take: impl Fn(Answer) -> F) -> Result<T, FetchError>
    where
        F: Future<Output = Result<T, FetchErrorKind>>,
    {
        self.get(url, None, take).await
    }

    /// Where the tarball of this package usually is: `<registry>/<name>/-/<bare>-<version>.tgz`. Build metadata
    /// (`1.0.0+build`) is left out of it, as in npm and pnpm.
    ///
    /// # Errors
    ///
    /// If the registry of its scope is no URL of http or https, or needs a variable that is not set.
    pub fn tarball_url(&self, id: &PackageId) -> Result<Url, FetchError> {
        let version = id.version.to_string();
        let version = version.split_once('+').map_or(version.as_str(), |(version, _)| version);
        self.url(&id.name, &format!("{}/-/{}-{version}.tgz", id.name, id.name.bare()))
    }

    async fn get<T, F>(
        &self,
        url: &Url,
        accept: Option<&str>,
        take: impl Fn(Answer) -> F,
    ) -> Result<T, FetchError>
    where
        F: Future<Output = Result<T, FetchErrorKind>>,
    {
        let authorization = self
            .config
            .authorization(url)
            .map_err(|error| FetchError::get(url, FetchErrorKind::Configuration(error.to_string())))?;
        self.client.get_with(url, accept, authorization.as_deref(), take).await
    }

    /// A path in the registry of this package.
    fn url(&self, name: &PackageName, path: &str) -> Result<Url, FetchError> {
        let registry =
            self.config.registry_of(name).map_err(|error| FetchError::no_registry(name.as_str(), &error))?;
        let mut url = registry.expect("`new` sees to it that there is one");
        let path = format!("{}{path}", url.path());
        url.set_path(&path);
        Ok(url)
    }
}

/// The packument of a package. JSON that ends too early was cut off on its way, and may be whole the next time.
fn parse(name: &PackageName, bytes: &[u8]) -> Result<Packument, FetchErrorKind> {
    let packument: Packument = serde_json::from_slice(bytes).map_err(|error| {
        if error.is_eof() {
            let length = bytes.len();
            return FetchErrorKind::Truncated(format!(
                "{length} bytes came, and the packument of {name} goes on"
            ));
        }
        FetchErrorKind::Garbage(format!("expected the packument of {name}, {error}"))
    })?;
    if packument.name != *name {
        let found = &packument.name;
        return Err(FetchErrorKind::Garbage(format!(
            "expected the packument of {name}, found that of {found}"
        )));
    }
    Ok(packument)
}

impl PackumentSource for RegistryClient {
    type Error = FetchError;

    async fn packument(&self, name: &PackageName) -> Result<Arc<Packument>, FetchError> {
        RegistryClient::packument(self, name).await.map(Arc::new)
    }

    fn is_absence(error: &FetchError) -> bool {
        error.is_not_found()
    }

    fn usual_tarball(&self, id: &PackageId) -> Option<Url> {
        self.tarball_url(id).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::RegistryClient;
    use crate::net::{Client, Limits, LinkProfile, NpmConfig};
    use crate::package::PackageId;
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    #[test]
    fn a_tarball_is_in_the_usual_place() {
        let text = "registry=http://host/npm\n@mine:registry=http://mine".to_owned();
        let config =
            NpmConfig::from_sources(None, &BTreeMap::new(), &[(PathBuf::from(".npmrc"), text)]).unwrap();
        let client = Client::new(LinkProfile::default(), Limits::default()).unwrap();
        let registry = RegistryClient::new(client, config);
        for (id, url) in [
            ("left-pad@1.3.0", "http://host/npm/left-pad/-/left-pad-1.3.0.tgz"),
            ("@mine/a@1.0.0-rc.1+b", "http://mine/@mine/a/-/a-1.0.0-rc.1.tgz"),
            ("@other/a@1.0.0", "http://host/npm/@other/a/-/a-1.0.0.tgz"),
        ] {
            assert_eq!(registry.tarball_url(&PackageId::parse(id).unwrap()).unwrap().as_str(), url);
        }
    }
}
