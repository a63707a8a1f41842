//! One probed function: where its count begins, and the statements that begin it.

use crate::args::Args;
use crate::item::{Body, Function};
use crate::returns_future::{self, Later};
use crate::site::Site;
use crate::{body, polls, tail};
use proc_macro2::{Group, Ident, Literal, Span, TokenStream};
use quote::quote_spanned;
use syn::{Error, Result, ReturnType};

/// What is emitted for a function.
pub(crate) struct Probe<'a> {
    function: &'a Function,
    site: Site,
    polls: Option<&'a Ident>,
}

/// What a function turned out to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ran {
    Sync,
    Async,
}

impl<'a> Probe<'a> {
    /// `default_name` is the name unless the arguments give one.
    pub(crate) fn new(function: &'a Function, args: &'a Args, default_name: &str) -> Result<Probe<'a>> {
        let literal = |text: &str| {
            let mut literal = Literal::string(text);
            literal.set_span(Span::mixed_site());
            literal
        };
        Ok(Probe {
            function,
            site: Site {
                private: args.private(),
                scope: literal(&args.require_scope()?.value()),
                name: args.name.as_ref().map_or_else(|| literal(default_name), |name| literal(&name.value())),
                named: args.name.is_some(),
                place: function.signature.ident.span(),
            },
            polls: args.polls.as_ref(),
        })
    }

    /// The function with its count, or why it cannot have one.
    ///
    /// `polls_if_async` is the word of an `impl` block: it counts the polls of the async methods only.
    pub(crate) fn expand(&self, polls_if_async: bool) -> Result<(TokenStream, Ran)> {
        let signature = &self.function.signature;
        if let Some(generator) = &self.function.generator {
            let (name, item) =
                (generator.name(), if generator.is_async { "async function" } else { "function" });
            return Err(Error::new_spanned(
                &generator.keywords,
                format!(
                    "`{name}` is not supported by `#[concurrency_probe]`: only the construction would be counted; \
                     probe the {item} that makes each item, or put a block with `concurrency_probe::enter!(..)` \
                     around the work on an item"
                ),
            ));
        }
        if let Some(constness) = &signature.constness {
            return Err(Error::new(
                constness.span,
                "`const fn` is not supported by `#[concurrency_probe]`: a call that the compiler evaluates cannot be \
                 counted; remove `const` or the attribute, or in a probed `impl` block leave this method out with \
                 `#[concurrency_probe(skip)]`",
            ));
        }
        let Body::Braces(body) = &self.function.body else {
            return Err(Error::new(
                signature.ident.span(),
                "a function without a body is not supported by `#[concurrency_probe]`; put the attribute on the \
                 functions that implement it",
            ));
        };
        let output = match &signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(&**ty),
        };
        if signature.asyncness.is_some() {
            let body = match self.polls {
                Some(_) => polls::wrap(&self.site.enter_polls(), body, true, output),
                None => body::splice(body, &self.site.enter_async()),
            };
            return Ok((self.function.with_body(body), Ran::Async));
        }
        if let Some(output) = output {
            match tail::find(body) {
                Ok(found) if found.builds() => {
                    let body = self.inside(body, &found)?;
                    return Ok((self.function.with_body(body), Ran::Async));
                }
                Ok(found) if found.only_diverges() => {}
                _ => {
                    if let Some(later) = returns_future::of(output) {
                        return Err(Error::new_spanned(output, only_construction(later)));
                    }
                }
            }
        }
        if let Some(polls) = self.polls.filter(|_| !polls_if_async) {
            return Err(Error::new(
                polls.span(),
                "`polls` is not supported by a function that is not async: nothing polls it; remove `polls`",
            ));
        }
        Ok((self.function.with_body(body::splice(body, &self.site.enter())), Ran::Sync))
    }

    /// Splices into the async blocks that a function builds and returns.
    fn inside(&self, body: &Group, found: &tail::Tail) -> Result<Group> {
        found.check_returns()?;
        if let [only] = found.blocks() {
            let mut splice = |block: &Group, moves: bool| match self.polls {
                Some(_) => polls::wrap(&self.site.enter_polls(), block, moves, None),
                None => body::splice(block, &self.site.enter_async()),
            };
            return Ok(tail::replace(body, &[*only], &mut splice));
        }
        // Several blocks share one site. It is an item because a `let` would be captured: by reference where
        // there is no `move`, and in every future in any case.
        let site = Ident::new("__CONCURRENCY_PROBE_SITE", Span::mixed_site());
        let private = &self.site.private;
        let mut splice = |block: &Group, moves: bool| match self.polls {
            Some(_) => {
                let entry = quote_spanned!(Span::mixed_site()=> #private::enter_polls(&#site));
                polls::wrap(&entry, block, moves, None)
            }
            None => body::splice(block, &self.site.await_entry(&TokenStream::new(), &site)),
        };
        let body = tail::replace(body, found.blocks(), &mut splice);
        let kind = if self.polls.is_some() { "Polls" } else { "Async" };
        Ok(body::splice(&body, &self.site.declared(&site, kind)))
    }
}

/// Why a function is refused that returns what runs later.
fn only_construction(later: Later) -> &'static str {
    match later {
        Later::Future => {
            "a function that returns a future it does not build in tail position is not supported by \
             `#[concurrency_probe]`: only the construction would be counted; make it an `async fn`, or end it with \
             `async move { .. }` or `Box::pin(async move { .. })`"
        }
        Later::Stream => {
            "a function that returns a stream is not supported by `#[concurrency_probe]`: only the construction would \
             be counted; probe the async function that makes each item, or put a block with \
             `concurrency_probe::enter!(..)` around the work on an item"
        }
    }
}
