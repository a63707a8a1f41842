//! One probed function: where its count begins, and the statements that begin it.

use crate::args::Args;
use crate::item::{Body, Function};
use crate::returns_future::{self, Later};
use crate::{body, polls, tail};
use proc_macro2::{Group, Ident, Literal, Span, TokenStream};
use quote::quote_spanned;
use syn::{Error, Result, ReturnType};

/// What is emitted for a function.
pub(crate) struct Probe<'a> {
    function: &'a Function,
    private: TokenStream,
    scope: Literal,
    name: Literal,
    named: bool,
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
            private: args.private(),
            scope: literal(&args.require_scope()?.value()),
            name: args.name.as_ref().map_or_else(|| literal(default_name), |name| literal(&name.value())),
            named: args.name.is_some(),
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
                Some(_) => polls::wrap(&self.polls_entry(), body, true, output),
                None => body::splice(body, &self.enter_async()),
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
        Ok((self.function.with_body(body::splice(body, &self.enter())), Ran::Sync))
    }

    /// Splices into the async blocks that a function builds and returns.
    fn inside(&self, body: &Group, found: &tail::Tail) -> Result<Group> {
        found.check_returns()?;
        if let [only] = found.blocks() {
            let mut splice = |block: &Group, moves: bool| match self.polls {
                Some(_) => polls::wrap(&self.polls_entry(), block, moves, None),
                None => body::splice(block, &self.enter_async()),
            };
            return Ok(tail::replace(body, &[*only], &mut splice));
        }
        // Several blocks share one site. It is an item because a `let` would be captured: by reference where
        // there is no `move`, and in every future in any case.
        let site = Ident::new("__CONCURRENCY_PROBE_SITE", Span::mixed_site());
        let private = &self.private;
        let mut splice = |block: &Group, moves: bool| match self.polls {
            Some(_) => {
                let entry = quote_spanned!(Span::mixed_site()=> #private::enter_polls(&#site));
                polls::wrap(&entry, block, moves, None)
            }
            None => body::splice(block, &await_entry(&TokenStream::new(), private, &site)),
        };
        let body = tail::replace(body, found.blocks(), &mut splice);
        let kind = if self.polls.is_some() { "Polls" } else { "Async" };
        Ok(body::splice(&body, &self.site(&site, kind)))
    }

    // A `let` binds no name that is a constant, a static or a unit struct where it stands: hygiene keeps variables apart,
    // not items. Hence the long name, here and wherever a pattern is emitted.
    //
    // Input:
    //     #[concurrency_probe(scope = "install")]
    //     fn link(slot: &Slot) -> u32 {
    //         slot.0
    //     }
    //
    // Output:
    //     fn link(slot: &Slot) -> u32 {
    //         let __concurrency_probe = {
    //             static SITE: ::concurrency_probe::__private::Site = ..;
    //             ::concurrency_probe::__private::enter(&SITE)
    //         };
    //         slot.0
    //     }
    fn enter(&self) -> TokenStream {
        let entry = self.entry("enter", "Sync");
        quote_spanned!(Span::mixed_site()=> let __concurrency_probe = #entry;)
    }

    // The count begins with an `.await`, which a hold may keep pending. The guard is moved out of the block so that it is
    // never alive together with the future that gave it: otherwise every probed future would hold both.
    //
    // Input:
    //     #[concurrency_probe(scope = "install")]
    //     fn fetch(id: u32) -> BoxFuture<'static, u32> {
    //         let url = url(id);
    //         Box::pin(async move { get(url).await })
    //     }
    //
    // Output:
    //     fn fetch(id: u32) -> BoxFuture<'static, u32> {
    //         let url = url(id);
    //         Box::pin(async move {
    //             let __concurrency_probe = {
    //                 static SITE: ::concurrency_probe::__private::Site = ..;
    //                 let __concurrency_probe_begun = ::concurrency_probe::__private::enter_async(|| &SITE).await;
    //                 __concurrency_probe_begun
    //             };
    //             get(url).await
    //         })
    //     }
    fn enter_async(&self) -> TokenStream {
        let name = Ident::new("SITE", Span::mixed_site());
        await_entry(&self.site(&name, "Async"), &self.private, &name)
    }

    /// The expression that begins the count of a future whose polls are entries.
    pub(crate) fn polls_entry(&self) -> TokenStream {
        self.entry("enter_polls", "Polls")
    }

    fn entry(&self, enter: &str, kind: &str) -> TokenStream {
        let private = &self.private;
        let enter = Ident::new(enter, Span::mixed_site());
        let name = Ident::new("SITE", Span::mixed_site());
        let site = self.site(&name, kind);
        quote_spanned! {Span::mixed_site()=>
            { #site #private::#enter(&#name) }
        }
    }

    // Output:
    //     static SITE: ::concurrency_probe::__private::Site = {
    //         use ::core::{file as __concurrency_probe_file, line as __concurrency_probe_line};
    //         ::concurrency_probe::__private::Site::new(
    //             ::concurrency_probe::__private::Kind::Sync, "install", "link", false,
    //             __concurrency_probe_file!(), __concurrency_probe_line!(),
    //         )
    //     };
    fn site(&self, site: &Ident, kind: &str) -> TokenStream {
        let Probe { private, scope, name, named, .. } = self;
        let kind = Ident::new(kind, Span::mixed_site());
        // `line!()` reports the place its own tokens come from: with the span of the function's name that is the
        // function, otherwise it would be the attribute. Such tokens have the user's edition, and `::core` is
        // unknown in 2015; hence the names, which are found nowhere but in this block.
        let place = self.function.signature.ident.span();
        let file = quote_spanned!(place=> __concurrency_probe_file!());
        let line = quote_spanned!(place=> __concurrency_probe_line!());
        quote_spanned! {Span::mixed_site()=>
            static #site: #private::Site = {
                use ::core::{file as __concurrency_probe_file, line as __concurrency_probe_line};
                #private::Site::new(#private::Kind::#kind, #scope, #name, #named, #file, #line)
            };
        }
    }
}

/// The statement that waits for a future's count to begin; `item` is the site, unless it stands elsewhere.
fn await_entry(item: &TokenStream, private: &TokenStream, site: &Ident) -> TokenStream {
    quote_spanned! {Span::mixed_site()=>
        let __concurrency_probe = {
            #item
            let __concurrency_probe_begun = #private::enter_async(|| &#site).await;
            __concurrency_probe_begun
        };
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
