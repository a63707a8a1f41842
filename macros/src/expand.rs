//! `#[concurrency_probe]`: parse, expand, return; an error is returned with the item it stands on.

use crate::args::{self, Args};
use crate::impl_block;
use crate::item::{self, Item};
use crate::plain::{Plain, PlainArgs};
use crate::probe::Probe;
use crate::site::Site;
use crate::tokens;
use proc_macro2::{Ident, Literal, Span, TokenStream};
use syn::Error;

/// Expands `#[concurrency_probe]`.
pub(crate) fn expand(arguments: TokenStream, tokens: TokenStream) -> TokenStream {
    if let Some(expanded) = expand_plain(&arguments, &tokens) {
        return expanded;
    }
    let item = match item::parse(tokens.clone()) {
        Ok(item) => item,
        Err(error) => return refuse(error, tokens),
    };
    let args = match Args::parse(arguments) {
        Ok(args) => args,
        Err(error) => return refuse(error, plain(&item, tokens)),
    };
    let expanded = match &item {
        Item::Function(_) | Item::Impl(_) if args.skip.is_some() => Err(misplaced_skip(&args, &item)),
        Item::Function(function) => Probe::new(function, &args, &function.name())
            .and_then(|probe| probe.expand(false))
            .map(|(tokens, _)| tokens),
        Item::Impl(block) => impl_block::expand(block, &args),
        Item::Other(error) => Err(error.clone()),
    };
    expanded.unwrap_or_else(|error| refuse(error, plain(&item, tokens)))
}

/// Expands the plain case, in which nothing can be wrong.
fn expand_plain(arguments: &TokenStream, tokens: &TokenStream) -> Option<TokenStream> {
    let args = PlainArgs::parse(arguments.clone())?;
    let function = Plain::parse(tokens.clone())?;
    let named = args.name.is_some();
    let name = args.name.unwrap_or_else(|| {
        let mut name = Literal::string(&tokens::unraw(function.name()));
        name.set_span(Span::mixed_site());
        name
    });
    let place = function.name().span();
    let site = Site { private: args::private(), scope: args.scope, name, named, place };
    Some(function.with_statements(site.enter()))
}

/// The item as it would be without the attribute.
fn plain(item: &Item, tokens: TokenStream) -> TokenStream {
    match item {
        Item::Impl(block) => impl_block::without_attributes(block),
        _ => tokens,
    }
}

fn refuse(error: Error, item: TokenStream) -> TokenStream {
    let mut tokens = error.into_compile_error();
    tokens.extend(item);
    tokens
}

fn misplaced_skip(args: &Args, item: &Item) -> Error {
    let span = args.skip.as_ref().map_or_else(Span::call_site, Ident::span);
    let place = match item {
        Item::Impl(_) => {
            "an `impl` block: it belongs on one of its methods; remove the attribute to probe none"
        }
        _ => {
            "a function by itself: it belongs on a method of an `impl` block that carries \
             `#[concurrency_probe(scope = \"..\")]`"
        }
    };
    Error::new(span, format!("`skip` is not supported by {place}"))
}
