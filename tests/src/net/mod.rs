//! The network of the installer: a shaped link, an HTTP client over it, and what speaks to a registry.

mod answer;
mod client;
mod connector;
mod credentials;
mod fetch_error;
mod fetch_settings;
mod inflate;
mod limits;
mod link;
mod npm_config;
mod npm_config_error;
pub(crate) mod npmrc;
mod pieces;
mod registry_client;
mod retry_after;
mod setting;
mod shaped;
mod wait;

pub use answer::Answer;
pub use client::Client;
pub(crate) use fetch_error::without_credentials;
pub use fetch_error::{FetchError, FetchErrorKind, TimeoutOf};
pub use limits::Limits;
pub use link::{InvalidProfile, Link, LinkProfile};
pub use npm_config::NpmConfig;
pub use npm_config_error::NpmConfigError;
pub use pieces::Pieces;
pub use registry_client::RegistryClient;
pub use shaped::Shaped;
pub use wait::Wait;
