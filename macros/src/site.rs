//! The static that a probe leaves in the program, and the statements that count by it.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::quote_spanned;

/// What the static of a probe says.
pub(crate) struct Site {
    /// The path of the runtime's items for generated code.
    pub(crate) private: TokenStream,
    pub(crate) scope: Literal,
    pub(crate) name: Literal,
    /// Whether the name was written by hand.
    pub(crate) named: bool,
    /// Where the probe is said to be: at the function's name.
    pub(crate) place: Span,
}

impl Site {
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
    //             static SITE: ::concurrency_probe::__private::Site =
    //                 ::concurrency_probe::__private::Sync.site("install", "link");
    //             ::concurrency_probe::__private::enter(&SITE)
    //         };
    //         slot.0
    //     }
    pub(crate) fn enter(&self) -> TokenStream {
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
    pub(crate) fn enter_async(&self) -> TokenStream {
        let name = Ident::new("SITE", Span::mixed_site());
        self.await_entry(&self.declared(&name, "Async"), &name)
    }

    /// The expression that begins the count of a future whose polls are entries.
    pub(crate) fn enter_polls(&self) -> TokenStream {
        self.entry("enter_polls", "Polls")
    }

    /// The statement that waits for a future's count to begin; `item` is the static, unless it stands elsewhere.
    pub(crate) fn await_entry(&self, item: &TokenStream, site: &Ident) -> TokenStream {
        let private = &self.private;
        quote_spanned! {Span::mixed_site()=>
            let __concurrency_probe = {
                #item
                let __concurrency_probe_begun = #private::enter_async(|| &#site).await;
                __concurrency_probe_begun
            };
        }
    }

    fn entry(&self, enter: &str, kind: &str) -> TokenStream {
        let private = &self.private;
        let enter = Ident::new(enter, Span::mixed_site());
        let name = Ident::new("SITE", Span::mixed_site());
        let site = self.declared(&name, kind);
        quote_spanned! {Span::mixed_site()=>
            { #site #private::#enter(&#name) }
        }
    }

    /// The static by itself.
    ///
    /// The call takes its own place for that of the probe (`#[track_caller]`). A compiler says of a method's call that it is where the
    /// method's name and its parentheses are: these have the place of the function's name. `line!()` was tried: a thousand calls of it
    /// are a tenth of what a thousand functions take to check.
    pub(crate) fn declared(&self, site: &Ident, kind: &str) -> TokenStream {
        let Site { private, scope, name, named, place } = self;
        let kind = Ident::new(kind, Span::mixed_site());
        let method = Ident::new(if *named { "named_site" } else { "site" }, *place);
        let arguments = quote_spanned!(*place=> (#scope, #name));
        quote_spanned! {Span::mixed_site()=>
            static #site: #private::Site = #private::#kind.#method #arguments;
        }
    }
}
