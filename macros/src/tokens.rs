//! Small questions to tokens, where a syntax tree would know less or cost more.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

/// Whether one of these identifiers occurs anywhere in the tokens.
pub(crate) fn mentions(tokens: TokenStream, names: &[&str]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => is_one_of(&ident, names),
        TokenTree::Group(group) => mentions(group.stream(), names),
        _ => false,
    })
}

pub(crate) fn is_one_of(ident: &Ident, names: &[&str]) -> bool {
    names.iter().any(|name| ident == name)
}

/// An identifier's text without `r#`.
pub(crate) fn unraw(ident: &Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#").map_or(text.clone(), str::to_owned)
}

/// The same group, its span too, with other content.
pub(crate) fn with_content(group: &Group, content: TokenStream) -> Group {
    let mut new = Group::new(group.delimiter(), content);
    new.set_span(group.span());
    new
}

/// The tokens without the invisible groups that `macro_rules!` puts around `$meta:meta` and the like.
pub(crate) fn flat(tokens: TokenStream) -> Vec<TokenTree> {
    tokens
        .into_iter()
        .flat_map(|token| match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => flat(group.stream()),
            token => vec![token],
        })
        .collect()
}

/// The tokens with every lifetime made `'_`, for a place where those of the signature are unknown or would count as
/// used. Tokens with a binder (`for<'a> ..`) are left alone.
pub(crate) fn elide_lifetimes(tokens: TokenStream) -> TokenStream {
    if mentions(tokens.clone(), &["for"]) {
        return tokens;
    }
    let mut after_quote = false;
    tokens
        .into_iter()
        .map(|token| {
            let is_lifetime = std::mem::replace(
                &mut after_quote,
                matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '\''),
            );
            match token {
                TokenTree::Ident(ident) if is_lifetime => TokenTree::Ident(Ident::new("_", ident.span())),
                TokenTree::Group(group) => {
                    TokenTree::Group(with_content(&group, elide_lifetimes(group.stream())))
                }
                token => token,
            }
        })
        .collect()
}
