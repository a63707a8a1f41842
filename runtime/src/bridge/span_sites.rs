//! Sites of spans: one for each place in the program that makes spans of a name, and each scope that counts them.

use crate::base::lock::lock;
use crate::call::key::Kind;
use crate::call::site::Site;
use std::collections::HashMap;
use std::sync::Mutex;
use tracing::Metadata;
use tracing::callsite::Identifier;

/// Of the whole process, whatever layers it has: a site is never freed, and their number is bounded by the text of the program.
static SITES: Mutex<Option<HashMap<Place, &'static Site>>> = Mutex::new(None);

#[derive(PartialEq, Eq, Hash)]
struct Place {
    scope: &'static str,
    callsite: Identifier,
    polls: bool,
}

/// The site of the spans with this metadata. Those of one name are one probe, as with names that are written by hand.
pub(super) fn site(scope: &'static str, metadata: &'static Metadata<'static>, kind: Kind) -> &'static Site {
    let place = Place { scope, callsite: metadata.callsite(), polls: kind == Kind::Polls };
    let mut sites = lock(&SITES);
    sites.get_or_insert_default().entry(place).or_insert_with(|| {
        let file = metadata.file().unwrap_or("?");
        let line = metadata.line().unwrap_or_default();
        Box::leak(Box::new(Site::of_span(kind, scope, metadata.name(), file, line)))
    })
}
