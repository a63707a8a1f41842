//! `#[must_run_parallel]`: the signature that makes a call outside a pass impossible.

use crate::args::{self, combine};
use crate::body;
use crate::item::{self, Body, Function, Item};
use crate::returns_future::{self, Later};
use crate::tokens;
use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Error, FnArg, PathArguments, Result, Type};

/// Expands `#[must_run_parallel]`.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    match mark(arguments, item.clone()) {
        Ok(marked) => marked,
        Err(error) => {
            let mut refused = error.into_compile_error();
            refused.extend(item);
            refused
        }
    }
}

fn mark(arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let ours = args::parse_marker(arguments)?;
    let Item::Function(function) = item::parse(item.clone())? else {
        let first = item.into_iter().next().map_or_else(Span::call_site, |token| token.span());
        return Err(Error::new(
            first,
            "expected a function; in an `impl` block, put it on each of the methods that block",
        ));
    };
    let lane = check(&function)?;
    let Body::Braces(body) = &function.body else { return Ok(item) };
    let body = body::splice(body, &type_check(lane, &ours));
    Ok(function.with_body(body))
}

/// The type of the lane, in a signature that is as it must be.
fn check(function: &Function) -> Result<&Type> {
    let signature = &function.signature;
    let mut errors = None;
    if let Some(generator) = &function.generator {
        let name = generator.name();
        combine(
            &mut errors,
            Error::new_spanned(
                &generator.keywords,
                format!(
                    "`{name}` is not supported by `#[must_run_parallel]`: its body would run outside the lane; do the \
                     work in a plain `fn`, and return its result"
                ),
            ),
        );
    }
    if let Some(asyncness) = &signature.asyncness {
        combine(
            &mut errors,
            Error::new(
                asyncness.span,
                "`async fn` is not supported by `#[must_run_parallel]`: a lane ends with its item and cannot wait; \
                 make it a plain `fn`, and call it from async code through a pass or `offload`",
            ),
        );
    }
    if let syn::ReturnType::Type(_, output) = &signature.output {
        if let Some(later) = returns_future::mentioned(output) {
            combine(&mut errors, Error::new_spanned(output, outside_the_lane(later)));
        }
    }
    let generic_lane = signature.generics.type_params().any(|parameter| parameter.ident == "Lane");
    let mut lane = None;
    for input in &signature.inputs {
        let ty = match input {
            FnArg::Typed(typed) => &*typed.ty,
            FnArg::Receiver(_) => continue,
        };
        if is_lane(ty) && generic_lane {
            combine(
                &mut errors,
                Error::new_spanned(
                    ty,
                    "a type parameter named `Lane` is not supported by `#[must_run_parallel]`: it can be anything; \
                     rename it, and take `lane: Lane<'_>`",
                ),
            );
        } else if is_lane(ty) {
            if lane.is_some() {
                combine(
                    &mut errors,
                    Error::new_spanned(
                        ty,
                        "a second `Lane` is not supported by `#[must_run_parallel]`: one lane pays for one call; \
                         remove it",
                    ),
                );
            } else {
                lane = Some(ty);
            }
        } else if holds_lane(ty.to_token_stream()) {
            combine(
                &mut errors,
                Error::new_spanned(
                    ty,
                    "this `Lane` is not supported by `#[must_run_parallel]`: it is no proof unless it is taken by \
                     value; write `lane: Lane<'_>`",
                ),
            );
        }
    }
    match (lane, errors) {
        (_, Some(errors)) => Err(errors),
        (Some(lane), None) => Ok(lane),
        (None, None) => Err(Error::new(
            signature.ident.span(),
            format!(
                "`{}` needs a `Lane<'_>` parameter: a marked function takes the proof that it runs inside a parallel \
                 pass; add `lane: Lane<'_>` (the type is known by its name)",
                signature.ident
            ),
        )),
    }
}

/// Why a function is refused that returns what runs later.
fn outside_the_lane(later: Later) -> &'static str {
    match later {
        Later::Future => {
            "a function that returns a future is not supported by `#[must_run_parallel]`: the future would run \
             outside the lane; do the work here, and return its result"
        }
        Later::Stream => {
            "a function that returns a stream is not supported by `#[must_run_parallel]`: the stream would run \
             outside the lane; do the work here, and return its results"
        }
    }
}

/// Whether the type is a path that ends in `Lane`, with lifetimes at most.
fn is_lane(ty: &Type) -> bool {
    match ty {
        Type::Group(group) => is_lane(&group.elem),
        Type::Paren(paren) => is_lane(&paren.elem),
        Type::Path(path) if path.qself.is_none() => path.path.segments.last().is_some_and(|last| {
            let only_lifetimes = match &last.arguments {
                PathArguments::None => true,
                PathArguments::AngleBracketed(arguments) => arguments
                    .args
                    .iter()
                    .all(|argument| matches!(argument, syn::GenericArgument::Lifetime(_))),
                PathArguments::Parenthesized(_) => false,
            };
            last.ident == "Lane" && only_lifetimes
        }),
        _ => false,
    }
}

/// Whether a value of this type may hold a lane. A callback that takes one, `impl FnOnce(Lane<'_>)`, does not.
fn holds_lane(ty: TokenStream) -> bool {
    let mut after_ident = false;
    ty.into_iter().any(|token| {
        let takes = std::mem::replace(&mut after_ident, matches!(&token, TokenTree::Ident(_)));
        match token {
            TokenTree::Ident(ident) => ident == "Lane",
            TokenTree::Group(group) if takes && group.delimiter() == Delimiter::Parenthesis => false,
            TokenTree::Group(group) => holds_lane(group.stream()),
            _ => false,
        }
    })
}

/// An item that compiles only if the type is the runtime's own `Lane`, and costs nothing.
//
// Input:
//     #[must_run_parallel]
//     fn link<'a>(lane: Lane<'a>) {
//         work()
//     }
//
// Output:
//     fn link<'a>(lane: Lane<'a>) {
//         const _: fn(Lane<'_>) = |__concurrency_probe_lane| {
//             let _: ::concurrency_probe::Lane<'_> = __concurrency_probe_lane;
//         };
//         work()
//     }
fn type_check(lane: &Type, ours: &TokenStream) -> TokenStream {
    let theirs = tokens::elide_lifetimes(lane.to_token_stream());
    let parameter = Ident::new("__concurrency_probe_lane", lane.span().resolved_at(Span::mixed_site()));
    quote_spanned! {Span::mixed_site()=>
        const _: fn(#theirs) = |#parameter| {
            let _: #ours<'_> = #parameter;
        };
    }
}
