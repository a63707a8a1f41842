//! A number, or its share of a sum.

use crate::metric::Sum;
use crate::sentence::number;

/// A number, or its share of a sum; `value` says what a sum is, of a line or of a run.
pub(super) fn share(
    metric: &Sum,
    of: Option<&Sum>,
    sum: impl Fn(&Sum) -> Result<f64, String>,
) -> Result<f64, String> {
    let value = sum(metric)?;
    let Some(of) = of else { return Ok(value) };
    let whole = sum(of)?;
    if whole > 0.0 {
        Ok(value / whole)
    } else {
        Err(format!("`{of}` is {}: expected more than 0, to take a share of it", number(whole)))
    }
}
