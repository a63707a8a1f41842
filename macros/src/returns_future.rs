//! Whether a return type says that it is a future.

use crate::tokens;
use proc_macro2::TokenStream;
use syn::punctuated::Punctuated;
use syn::{GenericArgument, Path, PathArguments, Token, Type, TypeParamBound};

/// Traits, type aliases and associated types that name a future.
const FUTURES: [&str; 6] =
    ["Future", "TryFuture", "FusedFuture", "IntoFuture", "BoxFuture", "LocalBoxFuture"];

/// Types that hand on what they hold.
const HOLDERS: [&str; 4] = ["Result", "Option", "Box", "Pin"];

/// Whether a value of this type is a future, or holds one in a `Result`, `Option`, `Box` or `Pin`.
pub(crate) fn is_future(ty: &Type) -> bool {
    match ty {
        Type::Group(group) => is_future(&group.elem),
        Type::Paren(paren) => is_future(&paren.elem),
        Type::Reference(reference) => is_future(&reference.elem),
        Type::ImplTrait(bounds) => any_bound_is_future(&bounds.bounds),
        Type::TraitObject(object) => any_bound_is_future(&object.bounds),
        Type::Path(path) => path_is_future(&path.path),
        _ => false,
    }
}

fn any_bound_is_future(bounds: &Punctuated<TypeParamBound, Token![+]>) -> bool {
    bounds.iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => path_names(&bound.path, &FUTURES),
        _ => false,
    })
}

fn path_is_future(path: &Path) -> bool {
    if path_names(path, &FUTURES) {
        return true;
    }
    let Some(last) = path.segments.last() else { return false };
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return false };
    path_names(path, &HOLDERS)
        && arguments
            .args
            .iter()
            .any(|argument| matches!(argument, GenericArgument::Type(ty) if is_future(ty)))
}

fn path_names(path: &Path, names: &[&str]) -> bool {
    path.segments.last().is_some_and(|last| tokens::is_one_of(&last.ident, names))
}

/// Whether a future is named anywhere in these tokens.
pub(crate) fn mentions_future(output: TokenStream) -> bool {
    tokens::mentions(output, &FUTURES)
}
