//! `NpmConfig`: npm's own configuration, as far as an installer needs it.

use super::credentials::Credentials;
use super::fetch_settings::FetchSettings;
use super::limits::Limits;
use super::npm_config_error::NpmConfigError;
use super::npmrc::{self, Environment};
use super::setting::Setting;
use crate::package::PackageName;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs, io};
use url::Url;

/// npm's own configuration, as far as an installer needs it: registries, the authorization for them, and how patient to be
/// (<https://docs.npmjs.com/cli/configuring-npm/npmrc>). npm's global and builtin files are not read, which rarely exist.
#[derive(Clone, Debug, Default)]
pub struct NpmConfig {
    registry: Option<Url>,
    /// Scope without `@` to its registry. One that nobody needs may be anything: a file is shared by projects and machines.
    scopes: BTreeMap<String, Setting>,
    /// `//host[:port]/path/` to what is known of it.
    credentials: BTreeMap<String, Credentials>,
    fetch: FetchSettings,
}

impl NpmConfig {
    /// Reads the configuration of the project in this directory. What comes first counts: `registry_flag`, the
    /// environment (`npm_config_registry`, in any case), the project's `.npmrc`, the user's (`npm_config_userconfig`, else
    /// `.npmrc` in the home directory).
    ///
    /// # Errors
    ///
    /// If a file cannot be read or understood, a registry is no URL of http or https, or a timeout is no number. A file that does not exist is
    /// empty.
    pub fn load(project_dir: &Path, registry_flag: Option<Url>) -> Result<Self, NpmConfigError> {
        let environment: Environment = env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let user = Setting::of_environment(&environment)
            .into_iter()
            .find(|setting| setting.key == "userconfig")
            .map(|setting| PathBuf::from(setting.value))
            .or_else(|| Some(dirs::home_dir()?.join(".npmrc")));
        let mut files = Vec::new();
        for file in [Some(project_dir.join(".npmrc")), user].into_iter().flatten() {
            match fs::read_to_string(&file) {
                Ok(text) => files.push((file, text)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(NpmConfigError::Read { file, source }),
            }
        }
        Self::from_sources(registry_flag, &environment, &files)
    }

    /// As [`load`](Self::load), of this environment and these files (path and text, the first one counts most).
    ///
    /// # Errors
    ///
    /// If a text cannot be understood, a registry is no URL of http or https, or a timeout is no number.
    pub fn from_sources(
        registry_flag: Option<Url>,
        environment: &BTreeMap<String, String>,
        files: &[(PathBuf, String)],
    ) -> Result<Self, NpmConfigError> {
        let mut settings = Vec::new();
        if let Some(url) = registry_flag {
            settings.push(Setting {
                key: "registry".into(),
                value: url.into(),
                origin: "the command line".into(),
            });
        }
        settings.extend(Setting::of_environment(environment));
        for (file, text) in files {
            let keys =
                npmrc::parse(text).map_err(|why| NpmConfigError::Syntax { file: file.clone(), why })?;
            settings.extend(keys.into_iter().map(|(key, value)| Setting {
                key: npmrc::interpolate(&key, environment),
                value: npmrc::interpolate(&value, environment),
                origin: file.display().to_string(),
            }));
        }
        let mut config = NpmConfig::default();
        for setting in settings {
            config.add(setting)?;
        }
        Ok(config)
    }

    /// Adds what no earlier source has set.
    fn add(&mut self, setting: Setting) -> Result<(), NpmConfigError> {
        if self.fetch.add(&setting)? {
            return Ok(());
        }
        if setting.key == "registry" {
            if self.registry.is_none() {
                self.registry = Some(registry(&setting)?);
            }
        } else if let Some(scope) =
            setting.key.strip_prefix('@').and_then(|key| key.strip_suffix(":registry"))
        {
            if !self.scopes.contains_key(scope) {
                self.scopes.insert(scope.to_owned(), setting);
            }
        } else if setting.key.starts_with("//")
            && let Some((prefix, name)) = setting.key.rsplit_once(':')
        {
            let credentials = self.credentials.entry(with_slash(prefix)).or_default();
            let place = match name {
                "_authToken" => &mut credentials.token,
                "_auth" => &mut credentials.auth,
                "username" => &mut credentials.username,
                "_password" => &mut credentials.password,
                _ => return Ok(()),
            };
            place.get_or_insert(setting);
        }
        Ok(())
    }

    /// The default limits, but for what is set here: `fetch-timeout`, `fetch-retries`, `fetch-retry-factor`,
    /// `fetch-retry-mintimeout` and `fetch-retry-maxtimeout`.
    pub fn limits(&self) -> Limits {
        self.fetch.limits(Limits::default())
    }

    /// The registry of what has no scope, or none of its own. It ends with `/`. `None`: nothing says which.
    pub fn registry(&self) -> Option<&Url> {
        self.registry.as_ref()
    }

    /// With this registry, where nothing says which.
    #[must_use]
    pub fn or_registry(mut self, mut url: Url) -> Self {
        url.set_path(&with_slash(url.path()));
        self.registry.get_or_insert(url);
        self
    }

    /// The registry of this package: that of its scope, else [`registry`](Self::registry).
    ///
    /// # Errors
    ///
    /// If that of its scope is no URL of http or https, or needs a variable that is not set.
    pub fn registry_of(&self, name: &PackageName) -> Result<Option<Url>, NpmConfigError> {
        match name.scope().and_then(|scope| self.scopes.get(scope)) {
            Some(setting) => registry(setting).map(Some),
            None => Ok(self.registry.clone()),
        }
    }

    /// The value of `Authorization` for this URL: that of the longest `//host[:port]/path/` that it begins with. A token
    /// counts more than `_auth`, and that more than a name and a password.
    ///
    /// # Errors
    ///
    /// If it needs a variable that is not set, or a password that is not in base 64.
    pub fn authorization(&self, url: &Url) -> Result<Option<String>, NpmConfigError> {
        let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
        let place = with_slash(&format!("//{host}{}", url.path()));
        let credentials = self
            .credentials
            .iter()
            .filter(|(prefix, known)| place.starts_with(*prefix) && known.are_enough());
        credentials
            .max_by_key(|(prefix, _)| prefix.len())
            .and_then(|(_, credentials)| credentials.authorization().transpose())
            .transpose()
    }
}

fn registry(setting: &Setting) -> Result<Url, NpmConfigError> {
    let fail =
        |why| NpmConfigError::Registry { key: setting.key.clone(), origin: setting.origin.clone(), why };
    let mut url = Url::parse(setting.defined()?).map_err(|error| fail(error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(fail(format!("`{}:` is neither http nor https", url.scheme())));
    }
    url.set_query(None);
    url.set_fragment(None);
    url.set_path(&with_slash(url.path()));
    Ok(url)
}

fn with_slash(path: &str) -> String {
    if path.ends_with('/') { path.to_owned() } else { format!("{path}/") }
}

#[cfg(test)]
mod tests {
    use super::{NpmConfig, NpmConfigError};
    use std::collections::BTreeMap;
    use std::path::PathBuf;
    use url::Url;

    fn config(environment: &[(&str, &str)], files: &[&str]) -> Result<NpmConfig, String> {
        let environment: BTreeMap<_, _> =
            environment.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let files: Vec<_> = files
            .iter()
            .zip(["project", "user"])
            .map(|(text, name)| (PathBuf::from(name), (*text).to_owned()))
            .collect();
        NpmConfig::from_sources(None, &environment, &files).map_err(|error| error.to_string())
    }

    #[test]
    fn what_comes_first_counts() {
        let (project, user) = ("registry=http://project", "registry=http://user");
        for (environment, files, expected) in [
            (&[][..], &[][..], None),
            (&[], &["", user], Some("http://user/")),
            (&[], &[project, user], Some("http://project/")),
            (&[("npm_config_registry", "http://env/a")], &[project, user], Some("http://env/a/")),
            (&[("NPM_CONFIG_REGISTRY", "http://env")], &[project], Some("http://env/")),
            (
                &[("NPM_CONFIG_REGISTRY", "http://b"), ("npm_config_registry", "http://a")],
                &[],
                Some("http://a/"),
            ),
            (&[("npm_config_registry", "")], &[project], Some("http://project/")),
            (&[("HOST", "h:1")], &["registry=https://${HOST}/x?y#z"], Some("https://h:1/x/")),
        ] {
            let config = config(environment, files).unwrap();
            assert_eq!(config.registry().map(Url::as_str), expected, "{environment:?} {files:?}");
        }
        let flag = Url::parse("http://flag").unwrap();
        let environment = [("npm_config_registry".to_owned(), "http://env".to_owned())].into();
        let flagged = NpmConfig::from_sources(Some(flag.clone()), &environment, &[]).unwrap();
        assert_eq!(flagged.registry(), Some(&flag));
        assert_eq!(config(&[], &[]).unwrap().or_registry(flag.clone()).registry(), Some(&flag));
        assert_eq!(flagged.or_registry(Url::parse("http://other").unwrap()).registry(), Some(&flag));
    }

    /// What each of them means is tested beside [`FetchSettings`](super::FetchSettings).
    #[test]
    fn retries_are_set_in_the_environment_or_in_a_file() {
        for (environment, files, expected) in [
            (&[][..], &[][..], 2),
            (&[], &["fetch-retries=3", "fetch-retries=4"], 3),
            (&[("npm_config_fetch_retries", "5")], &["fetch-retries=3"], 5),
            (&[("NPM_CONFIG_FETCH_RETRIES", "6")], &[], 6),
            (&[], &["fetch-retries=${N-7}"], 7),
        ] {
            let limits = config(environment, files).unwrap().limits();
            assert_eq!(limits.retries, expected, "{environment:?} {files:?}");
        }
    }

    #[test]
    fn a_scope_may_have_its_own_registry() {
        let config = config(
            &[],
            &[
                "registry=http://all\n@mine:registry=http://mine/npm\n@no:registry=ftp://a\n@unset:registry=https://${NONE}/",
                "@mine:registry=x",
            ],
        );
        let config = config.unwrap();
        for (name, says) in [
            (
                "@no/x",
                "`@no:registry` of project names no registry: `ftp:` is neither http nor https; expected a URL like",
            ),
            (
                "@unset/x",
                "`@unset:registry` of project needs the environment variable `NONE`, which is not set",
            ),
        ] {
            let error = config.registry_of(&name.parse().unwrap()).unwrap_err().to_string();
            assert!(error.starts_with(says), "{error}");
        }
        for (name, expected) in
            [("left-pad", "http://all/"), ("@mine/x", "http://mine/npm/"), ("@other/x", "http://all/")]
        {
            let registry = config.registry_of(&name.parse().unwrap()).unwrap().unwrap();
            assert_eq!(registry.as_str(), expected, "{name}");
        }
    }

    #[test]
    fn a_token_goes_where_it_is_meant_for() {
        let files = [
            "//host/:_authToken=project\n//host/deep/:_authToken=deep\n//host:8080/:_authToken=${PORT}\n\
             //none/:_authToken=${NONE}\n//host/deep/er:_auth=ZGVlcA==\n//empty/:always-auth=true",
            "//host/:_authToken=user\n//named/:username=me\n//named/:_password=c2VjcmV0\n\
             //wrong/:username=me\n//wrong/:_password=!\n//half/:username=me\n//none/ok/:_authToken=fine",
        ];
        let config = config(&[("PORT", "port"), ("npm_config_//env/:_authToken", "Env_1")], &files).unwrap();
        for (url, expected) in [
            ("http://host/", Ok(Some("Bearer project"))),
            ("https://host/x", Ok(Some("Bearer project"))),
            ("http://host/deep/x", Ok(Some("Bearer deep"))),
            ("http://host/deep", Ok(Some("Bearer deep"))),
            ("http://host/deeper/x", Ok(Some("Bearer project"))),
            ("http://host/deep/er/x", Ok(Some("Basic ZGVlcA=="))),
            ("http://host:8080/x", Ok(Some("Bearer port"))),
            ("http://host:8081/x", Ok(None)),
            ("http://host.evil/x", Ok(None)),
            ("http://user:pass@host/x", Ok(Some("Bearer project"))),
            ("http://env/x", Ok(Some("Bearer Env_1"))),
            ("http://named/x", Ok(Some("Basic bWU6c2VjcmV0"))),
            ("http://half/x", Ok(None)),
            ("http://empty/x", Ok(None)),
            ("http://none/ok/x", Ok(Some("Bearer fine"))),
            (
                "http://none/x",
                Err(
                    "`//none/:_authToken` of project needs the environment variable `NONE`, which is not set; \
                     set it, or remove the key",
                ),
            ),
            (
                "http://wrong/x",
                Err("`//wrong/:_password` of user is not in base 64; let `npm login` write it, or encode it"),
            ),
        ] {
            let authorization = config.authorization(&Url::parse(url).unwrap());
            let authorization = authorization.map_err(|error| error.to_string());
            assert_eq!(
                authorization.as_ref().map(Option::as_deref).map_err(String::as_str),
                expected,
                "{url}"
            );
        }
        assert!(!format!("{config:?}").contains("project\""), "a token must not be shown");
    }

    /// A scope, because this machine's environment and home may say something of the registry.
    #[test]
    fn the_file_of_the_project_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(".npmrc");
        let scope = || {
            let config = NpmConfig::load(dir.path(), None)?;
            Ok(config.scopes.get("a-scope-of-this-test").map(|setting| setting.value.clone()))
        };
        let none: Result<_, NpmConfigError> = scope();
        assert_eq!(none.unwrap(), None);
        std::fs::write(&file, "@a-scope-of-this-test:registry=http://a").unwrap();
        assert_eq!(scope().unwrap().as_deref(), Some("http://a"));
        std::fs::remove_file(&file).unwrap();
        std::fs::create_dir(&file).unwrap();
        let error = scope().unwrap_err();
        assert!(matches!(&error, NpmConfigError::Read { file: of, .. } if *of == file), "{error}");
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, expected) in [
            (
                "registry=registry.npmjs.org",
                "`registry` of project names no registry: relative URL without a base; expected a URL like \
                 `https://host/path/`",
            ),
            (
                "registry=ftp://a",
                "`registry` of project names no registry: `ftp:` is neither http nor https; expected a URL like \
                 `https://host/path/`",
            ),
            (
                "fetch-retries=many",
                "`fetch-retries` of project is no number; expected one that is not negative, times in \
                 milliseconds",
            ),
            (
                "a=1\n[b",
                "cannot understand project: line 2: Found opening bracket for section name but no closing \
                 bracket; expected lines of `key=value`",
            ),
        ] {
            assert_eq!(config(&[], &[text]).unwrap_err(), expected);
        }
    }
}
