//! `parse_integrity`: what a tarball must hash to.

use ssri::{Algorithm, Integrity};

/// Reads `sha512-..`. Weaker hashes beside it are left out: a tarball must not pass for one of them.
///
/// # Errors
///
/// If there is no SHA-512 in it, or one that is none, as a sentence.
pub fn parse_integrity(text: &str) -> Result<Integrity, String> {
    let mut strong = Vec::new();
    for part in text.split_ascii_whitespace() {
        let Some(digest) = part.strip_prefix("sha512-") else { continue };
        if !is_digest(digest) {
            return Err(format!(
                "`{}` is no SHA-512 in base 64: it has another length, or was cut off",
                part.escape_debug()
            ));
        }
        strong.push(ssri::Hash { algorithm: Algorithm::Sha512, digest: digest.to_owned() });
    }
    if strong.is_empty() {
        return Err(format!("`{}` has no SHA-512, the only hash that is trusted here", text.escape_debug()));
    }
    Ok(Integrity { hashes: strong })
}

/// Whether this is base 64 of 64 bytes. `ssri` does not look.
fn is_digest(text: &str) -> bool {
    // 64 bytes are 85 digits and two bits of another.
    let Some(digits) = text.strip_suffix("==").filter(|digits| digits.len() == 86) else { return false };
    digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/')
        && digits.ends_with(['A', 'Q', 'g', 'w'])
}

#[cfg(test)]
mod tests {
    use super::parse_integrity;

    #[test]
    fn only_a_whole_sha512_is_one() {
        let good = ssri::IntegrityOpts::new().algorithm(ssri::Algorithm::Sha512).chain(b"text").result();
        assert_eq!(parse_integrity(&good.to_string()), Ok(good.clone()));
        assert_eq!(parse_integrity(&format!("sha1-deadbeef {good}")), Ok(good.clone()));
        let good = good.to_string();
        for bad in ["", "sha512-", "sha1-deadbeef", "md5", &good[..good.len() - 1], &good.replace("==", "A=")]
        {
            assert!(parse_integrity(bad).is_err(), "{bad}");
        }
    }
}
