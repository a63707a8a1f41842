//! `Shared`: the scope, of which a board knows only that there is one.

pub(crate) struct Shared;
