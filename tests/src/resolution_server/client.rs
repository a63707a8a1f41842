//! `ResolutionClient`: asks a resolution server.

use super::answer::{AnswerError, read_answer};
use super::protocol::PATH;
use crate::lockfile::Lockfile;
use crate::net::{Client, FetchError};
use crate::package::ProjectManifest;
use crate::resolver::ResolvedPackage;
use url::Url;

/// Asks a resolution server.
#[derive(Clone, Debug)]
pub struct ResolutionClient {
    client: Client,
    server: Url,
}

/// Why a resolution server has not resolved a project.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// It cannot be asked.
    #[error(transparent)]
    Ask(#[from] FetchError),
    /// Its answer is none.
    #[error(transparent)]
    Answer(#[from] AnswerError<FetchError>),
}

impl ResolutionClient {
    /// A client of the server at this URL.
    pub fn new(client: Client, server: Url) -> Self {
        ResolutionClient { client, server }
    }

    /// Resolves a project. `on_resolved` is told of each package that the server tells of.
    ///
    /// # Errors
    ///
    /// If the server cannot be asked, or does not resolve the project.
    pub async fn resolve(
        &self,
        manifest: &ProjectManifest,
        on_resolved: impl FnMut(ResolvedPackage),
    ) -> Result<Lockfile, AskError> {
        let url = self.server.join(PATH).unwrap_or_else(|_| self.server.clone());
        let request = serde_json::to_vec(manifest).expect("texts are always JSON");
        let pieces = self.client.post(&url, request).await?;
        Ok(read_answer(pieces, on_resolved).await?)
    }
}
