//! Whether a return type says that it is a future or a stream.
//!
//! Types are known by their names alone. A name such as `Future` is a trait behind `impl` and `dyn`, and anywhere else a
//! type of the user's own.

use crate::tokens;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Attribute, GenericArgument, Ident, Path, PathArguments, Token, Type, TypeParamBound, TypePath};

/// What runs only after the function that returned it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Later {
    Future,
    Stream,
}

/// The names of traits, and of associated types that implement them.
const TRAITS: [(&str, Later); 8] = [
    ("Future", Later::Future),
    ("TryFuture", Later::Future),
    ("FusedFuture", Later::Future),
    ("IntoFuture", Later::Future),
    ("Stream", Later::Stream),
    ("TryStream", Later::Stream),
    ("FusedStream", Later::Stream),
    ("AsyncIterator", Later::Stream),
];

/// Type aliases of the `futures` crate. Each takes the type of what is given.
const ALIASES: [(&str, Later); 4] = [
    ("BoxFuture", Later::Future),
    ("LocalBoxFuture", Later::Future),
    ("BoxStream", Later::Stream),
    ("LocalBoxStream", Later::Stream),
];

/// Types that hand on what they hold.
const HOLDERS: [&str; 4] = ["Result", "Option", "Box", "Pin"];

/// What a value of this type is, or holds in a `Result`, `Option`, `Box` or `Pin`.
pub(crate) fn of(ty: &Type) -> Option<Later> {
    itself(ty).or_else(|| match ty {
        Type::Group(group) => of(&group.elem),
        Type::Paren(paren) => of(&paren.elem),
        Type::Reference(reference) => of(&reference.elem),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            if tokens::is_one_of(&last.ident, &HOLDERS) { arguments(&path.path).find_map(of) } else { None }
        }
        _ => None,
    })
}

/// What a value of this type is, or what is named anywhere in it.
pub(crate) fn mentioned(ty: &Type) -> Option<Later> {
    itself(ty).or_else(|| match ty {
        Type::Array(array) => mentioned(&array.elem),
        Type::Group(group) => mentioned(&group.elem),
        Type::ImplTrait(object) => mentioned_in_bounds(&object.bounds),
        Type::Paren(paren) => mentioned(&paren.elem),
        Type::Path(path) => {
            let of_self = path.qself.as_ref().and_then(|qself| mentioned(&qself.ty));
            of_self.or_else(|| mentioned_in_path(&path.path))
        }
        Type::Ptr(pointer) => mentioned(&pointer.elem),
        Type::Reference(reference) => mentioned(&reference.elem),
        Type::Slice(slice) => mentioned(&slice.elem),
        Type::TraitObject(object) => mentioned_in_bounds(&object.bounds),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(mentioned),
        // A function pointer: syn 2 and syn 3 have other names for it.
        other => mentioned_in_call(other.to_token_stream()),
    })
}

/// What the type says of itself, whatever it holds.
fn itself(ty: &Type) -> Option<Later> {
    match ty {
        Type::ImplTrait(object) => of_bounds(&object.bounds),
        Type::TraitObject(object) => of_bounds(&object.bounds),
        Type::Path(path) => of_path(path),
        _ => None,
    }
}

fn of_bounds(bounds: &Punctuated<TypeParamBound, Token![+]>) -> Option<Later> {
    bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => last_of(&bound.path, &TRAITS),
        _ => None,
    })
}

/// An alias, an associated type such as `Self::Future`, or a trait object as edition 2015 writes it.
fn of_path(path: &TypePath) -> Option<Later> {
    let segments = &path.path.segments;
    let last = segments.last()?;
    if arguments(&path.path).next().is_some() {
        if let Some(alias) = last_of(&path.path, &ALIASES) {
            return Some(alias);
        }
    }
    // What stands before an associated type is a type, and what stands before a type is a module.
    let owner = segments.iter().rev().nth(1).map(|owner| tokens::unraw(&owner.ident));
    let is_associated = path.qself.is_some()
        || owner.is_some_and(|owner| owner.starts_with(|first: char| first.is_uppercase()));
    let has_binding = match &last.arguments {
        PathArguments::AngleBracketed(arguments) => {
            arguments.args.iter().any(|argument| matches!(argument, GenericArgument::AssocType(_)))
        }
        _ => false,
    };
    if is_associated || has_binding { last_of(&path.path, &TRAITS) } else { None }
}

fn last_of(path: &Path, names: &[(&str, Later)]) -> Option<Later> {
    let last = path.segments.last()?;
    names.iter().find(|(name, _)| last.ident == name).map(|(_, later)| *later)
}

/// The types that a path ends in: `T` and `E` of `std::result::Result<T, E>`.
fn arguments(path: &Path) -> impl Iterator<Item = &Type> {
    let arguments = match path.segments.last().map(|last| &last.arguments) {
        Some(PathArguments::AngleBracketed(arguments)) => Some(&arguments.args),
        _ => None,
    };
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

fn mentioned_in_path(path: &Path) -> Option<Later> {
    path.segments.iter().find_map(|segment| match &segment.arguments {
        PathArguments::None => None,
        PathArguments::AngleBracketed(arguments) => {
            arguments.args.iter().find_map(|argument| match argument {
                GenericArgument::Type(ty) => mentioned(ty),
                GenericArgument::AssocType(binding) => mentioned(&binding.ty),
                GenericArgument::Constraint(constraint) => mentioned_in_bounds(&constraint.bounds),
                _ => None,
            })
        }
        PathArguments::Parenthesized(call) => mentioned_in_call(call.to_token_stream()),
    })
}

fn mentioned_in_bounds(bounds: &Punctuated<TypeParamBound, Token![+]>) -> Option<Later> {
    of_bounds(bounds).or_else(|| {
        bounds.iter().find_map(|bound| match bound {
            TypeParamBound::Trait(bound) => mentioned_in_path(&bound.path),
            _ => None,
        })
    })
}

/// What is named in the parameters and the output of `fn(A, b: B) -> C`, whatever stands before the parentheses.
fn mentioned_in_call(tokens: TokenStream) -> Option<Later> {
    let parameter = |input: ParseStream<'_>| {
        input.call(Attribute::parse_outer)?;
        if input.peek(Ident::peek_any) && input.peek2(Token![:]) && !input.peek2(Token![::]) {
            input.call(Ident::parse_any)?;
            input.parse::<Token![:]>()?;
        }
        if input.parse::<Option<Token![...]>>()?.is_some() {
            return Ok(None);
        }
        Ok(mentioned(&input.parse()?))
    };
    let mut tokens = tokens.into_iter();
    let parameters = tokens.find_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => Some(group.stream()),
        _ => None,
    })?;
    let output = |input: ParseStream<'_>| {
        input.parse::<Token![->]>()?;
        Ok(mentioned(&input.parse()?))
    };
    let in_output = output.parse2(tokens.collect()).ok().flatten();
    let all = |input: ParseStream<'_>| Punctuated::<_, Token![,]>::parse_terminated_with(input, parameter);
    in_output.or_else(|| all.parse2(parameters).ok()?.into_iter().flatten().next())
}
