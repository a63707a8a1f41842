//! A number of a line, or its share of a sum.

use super::found::shown;
use crate::metric::Sum;
use crate::sample::Sample;

/// A number of a line, or its share of a sum.
pub(super) fn share(metric: &Sum, of: Option<&Sum>, line: &Sample<'_>) -> Result<f64, String> {
    let value = metric.of(line)?;
    let Some(of) = of else { return Ok(value) };
    let whole = of.of(line)?;
    if whole > 0.0 {
        Ok(value / whole)
    } else {
        Err(format!("`{of}` is {}: expected more than 0, to take a share of it", shown(whole)))
    }
}
