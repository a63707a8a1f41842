//! The network of the installer: a shaped link, an HTTP client over it, and what speaks to a registry.

mod client;
mod connector;
mod credentials;
mod fetch_error;
mod limits;
mod link;
mod npm_config;
mod npm_config_error;
pub(crate) mod npmrc;
mod pieces;
mod registry_client;
mod setting;
mod shaped;

pub use client::Client;
pub use fetch_error::{FetchError, FetchErrorKind, TimeoutOf};
pub use limits::Limits;
pub use link::{InvalidProfile, Link, LinkProfile};
pub use npm_config::NpmConfig;
pub use npm_config_error::NpmConfigError;
pub use pieces::Pieces;
pub use registry_client::RegistryClient;
pub use shaped::Shaped;
