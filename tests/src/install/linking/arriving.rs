//! `Arriving`: a package that is being downloaded, and where it is to be linked.

use crate::install::InstallError;
use crate::install::downloads::Download;
use crate::install::slot_job::SlotJob;

/// A package that is being downloaded, and where it is to be linked.
pub(in crate::install) struct Arriving {
    pub(in crate::install) download: Download,
    pub(in crate::install) job: SlotJob,
}

impl Arriving {
    /// Waits for the download. `None` if the registry does not have the package, and nobody needs it.
    pub(super) async fn arrive(self) -> Result<Option<SlotJob>, InstallError> {
        match self.download.await {
            Ok(files) => Ok(Some(SlotJob { files, ..self.job })),
            Err(why) if self.job.slot.optional && why.is_absence() => {
                self.job.site.failed(&self.job.slot, why);
                Ok(None)
            }
            Err(error) => Err(InstallError::Download(error)),
        }
    }
}
