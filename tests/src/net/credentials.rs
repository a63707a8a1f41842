//! `Credentials`: what npm's configuration knows of a part of a server.

use super::npm_config_error::NpmConfigError;
use super::npmrc;
use super::setting::Setting;

/// What is known of a part of a server.
#[derive(Clone, Debug, Default)]
pub(super) struct Credentials {
    pub(super) token: Option<Setting>,
    pub(super) auth: Option<Setting>,
    pub(super) username: Option<Setting>,
    pub(super) password: Option<Setting>,
}

impl Credentials {
    /// Whether there is something to send.
    pub(super) fn are_enough(&self) -> bool {
        self.token.is_some() || self.auth.is_some() || (self.username.is_some() && self.password.is_some())
    }

    /// The value of `Authorization`.
    pub(super) fn authorization(&self) -> Result<Option<String>, NpmConfigError> {
        Ok(match self {
            Credentials { token: Some(token), .. } => Some(format!("Bearer {}", token.defined()?)),
            Credentials { auth: Some(auth), .. } => Some(format!("Basic {}", auth.defined()?)),
            Credentials { username: Some(username), password: Some(password), .. } => {
                let decoded = npmrc::decode_password(password.defined()?);
                let decoded = decoded.ok_or_else(|| NpmConfigError::Password {
                    key: password.key.clone(),
                    origin: password.origin.clone(),
                })?;
                Some(npmrc::basic(username.defined()?, &decoded))
            }
            _ => None,
        })
    }
}
