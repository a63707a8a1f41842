//! The one wrapping there is: with `polls`, the body becomes a future of its own, so that a guard can be held
//! around each poll. A poll cannot be seen from inside a body.

use crate::body;
use crate::tokens;
use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{GenericArgument, PathArguments, Type};

/// Makes each poll of an async body an entry. `entry` is the expression that begins the count.
//
// Input:
//     #[concurrency_probe(scope = "install", polls)]
//     async fn fetch(id: u32) -> Result<u32, Error> {
//         get(id).await
//     }
//
// Output, where `__` stands for `__concurrency_probe_`:
//     async fn fetch(id: u32) -> Result<u32, Error> {
//         let __in_flight = { static SITE: ..; ::concurrency_probe::__private::enter_polls(&SITE) };
//         let mut __body = ::core::pin::pin!(async move {
//             if let ::core::option::Option::Some(__output) = ::core::option::Option::None::<Result<u32, Error>> {
//                 return __output;
//             };
//             get(id).await
//         });
//         ::core::future::poll_fn(|__cx| {
//             let __polling = __in_flight.poll();
//             ::core::future::Future::poll(__body.as_mut(), __cx)
//         }).await
//     }
pub(crate) fn wrap(entry: &TokenStream, block: &Group, moves: bool, output: Option<&Type>) -> Group {
    if never_waits(block.stream()) {
        let statements = quote_spanned! {Span::mixed_site()=>
            let __concurrency_probe_in_flight = #entry;
            let __concurrency_probe_polling = __concurrency_probe_in_flight.poll();
        };
        return body::splice(block, &statements);
    }
    let (inner, statements) = body::split_inner_attributes(block.stream());
    // Located at the body, an error about the value it returns stands there and not on the attribute.
    let span = block.span().resolved_at(Span::mixed_site());
    let hint = output.and_then(return_hint);
    let moves = moves.then(|| quote_spanned!(block.span()=> move));
    let body = tokens::with_content(block, quote_spanned!(Span::mixed_site()=> #hint #statements));
    // Written as if by the user: lints such as `clippy::needless_return` pass over blocks that a macro wrote.
    let body = quote_spanned!(block.span()=> async #moves #body);
    let content = quote_spanned! {span=>
        #inner
        let __concurrency_probe_in_flight = #entry;
        let mut __concurrency_probe_body = ::core::pin::pin!(#body);
        ::core::future::poll_fn(|__concurrency_probe_cx| {
            let __concurrency_probe_polling = __concurrency_probe_in_flight.poll();
            ::core::future::Future::poll(__concurrency_probe_body.as_mut(), __concurrency_probe_cx)
        }).await
    };
    tokens::with_content(block, content)
}

/// Whether a body has no `.await`, and no macro call in which one could hide: then its first poll is its only one.
///
/// Nothing is to be wrapped then, and `clippy::unused_async` keeps its say.
fn never_waits(body: TokenStream) -> bool {
    let mut after_bang = false;
    body.into_iter().all(|token| match token {
        TokenTree::Ident(ident) => {
            after_bang = false;
            ident != "await"
        }
        TokenTree::Punct(punct) => {
            after_bang = punct.as_char() == '!';
            true
        }
        TokenTree::Literal(_) => true,
        // `!(..)` may be a negation; taking it for a macro call is the safe side.
        TokenTree::Group(group) => !std::mem::take(&mut after_bang) && never_waits(group.stream()),
    })
}

/// Tells an async block its output, as the signature told the body.
///
/// Without it the type of `?`'s error and coercions such as `Box<T>` to `Box<dyn Trait>` would be lost. It trips no lint,
/// so that there is no `allow` for a `forbid` to refuse.
fn return_hint(output: &Type) -> Option<TokenStream> {
    if matches!(output, Type::ImplTrait(_) | Type::Infer(_) | Type::Never(_)) {
        return None;
    }
    let mut output = output.clone();
    erase_impl(&mut output);
    if tokens::mentions(output.to_token_stream(), &["impl"]) {
        return None;
    }
    let span = output.span().resolved_at(Span::mixed_site());
    // A lifetime of the signature that is named here as well would hide `clippy::needless_lifetimes`.
    let output = tokens::elide_lifetimes(output.to_token_stream());
    Some(quote_spanned! {span=>
        if let ::core::option::Option::Some(__concurrency_probe_output) = ::core::option::Option::None::<#output> {
            return __concurrency_probe_output;
        };
    })
}

/// Writes `_` for each `impl Trait`, which is not accepted as the type of a variable.
fn erase_impl(ty: &mut Type) {
    match ty {
        Type::ImplTrait(bounds) => {
            // Not `Type::Infer`, which syn 2 and syn 3 make in different ways.
            *ty = Type::Verbatim(quote_spanned!(bounds.impl_token.span=> _));
        }
        Type::Array(array) => erase_impl(&mut array.elem),
        Type::Group(group) => erase_impl(&mut group.elem),
        Type::Paren(paren) => erase_impl(&mut paren.elem),
        Type::Reference(reference) => erase_impl(&mut reference.elem),
        Type::Slice(slice) => erase_impl(&mut slice.elem),
        Type::Tuple(tuple) => tuple.elems.iter_mut().for_each(erase_impl),
        Type::Path(path) => {
            for segment in &mut path.path.segments {
                let PathArguments::AngleBracketed(arguments) = &mut segment.arguments else { continue };
                for argument in &mut arguments.args {
                    if let GenericArgument::Type(ty) = argument {
                        erase_impl(ty);
                    }
                }
            }
        }
        _ => {}
    }
}
