//! The async blocks a function builds and returns, found without parsing what is inside them.
//!
//! The body is parsed from a copy in which each async block holds nothing but its number. The tail expression of that
//! copy gives the numbers of the blocks that matter, and the statements go into these groups of the original tokens:
//! nothing that was written is printed from a syntax tree.

use crate::body;
use crate::early_return;
use crate::tokens;
use crate::value::{Value, block_value};
use proc_macro2::{Delimiter, Group, Literal, TokenStream, TokenTree};
use syn::parse::Parser as _;
use syn::{Block, Error, Result};

/// What the tail and the early returns of a function give.
pub(crate) struct Tail {
    end: Value,
    blocks: Vec<usize>,
    /// Early returns of a future that is not built there.
    strays: Option<Error>,
}

impl Tail {
    /// Whether the function evidently returns a future that it builds.
    pub(crate) fn builds(&self) -> bool {
        self.end != Value::Other && !self.blocks.is_empty()
    }

    /// Whether the function returns nothing at all.
    pub(crate) fn only_diverges(&self) -> bool {
        self.end == Value::Nothing && self.blocks.is_empty() && self.strays.is_none()
    }

    /// The numbers of the async blocks, in the order in which they are written.
    pub(crate) fn blocks(&self) -> &[usize] {
        &self.blocks
    }

    /// The error of the early returns whose future is built elsewhere.
    pub(crate) fn check_returns(&self) -> Result<()> {
        self.strays.clone().map_or(Ok(()), Err)
    }
}

/// Looks at a body's tail expression and at its early returns. An error means that the body does not parse.
pub(crate) fn find(body: &Group) -> Result<Tail> {
    let mut count = 0;
    let numbered = number(body.stream(), &mut count);
    if count == 0 && !mentions_nothing_else(&numbered) {
        return Ok(Tail { end: Value::Other, blocks: Vec::new(), strays: None });
    }
    let statements = Block::parse_within.parse2(body::split_inner_attributes(numbered).1)?;
    let mut blocks = Vec::new();
    let end = block_value(&statements, &mut blocks);
    let strays = early_return::check(&statements, &mut blocks);
    blocks.sort_unstable();
    blocks.dedup();
    Ok(Tail { end, blocks, strays })
}

/// Whether a body without async blocks is short enough to be a stub such as `todo!()`.
fn mentions_nothing_else(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().take(STUB).count() < STUB
}

/// More tokens than `::core::unreachable!(..);` has.
const STUB: usize = 12;

/// Replaces what is in each async block by its number.
fn number(tokens: TokenStream, count: &mut usize) -> TokenStream {
    walk(tokens, &mut |group, _| {
        let number = Literal::usize_unsuffixed(*count);
        *count += 1;
        Some(tokens::with_content(group, TokenTree::Literal(number).into()))
    })
}

/// Replaces the async blocks of these numbers; `replacement` is given each, and whether it has `move`.
pub(crate) fn replace(
    body: &Group,
    numbers: &[usize],
    replacement: &mut dyn FnMut(&Group, bool) -> Group,
) -> Group {
    let mut count = 0;
    let content = walk(body.stream(), &mut |group, moves| {
        let number = count;
        count += 1;
        numbers.contains(&number).then(|| replacement(group, moves))
    });
    tokens::with_content(body, content)
}

/// Visits each outermost async block, in the order in which they are written. A group in which nothing was replaced
/// is the group it was.
fn walk(tokens: TokenStream, visit: &mut dyn FnMut(&Group, bool) -> Option<Group>) -> TokenStream {
    /// What stands before the token at hand.
    #[derive(PartialEq, Eq)]
    enum Before {
        Async,
        AsyncMove,
        Other,
    }
    let mut before = Before::Other;
    let mut walked = Vec::new();
    for token in tokens {
        let next = match &token {
            TokenTree::Ident(ident) if ident == "async" => Before::Async,
            TokenTree::Ident(ident) if before == Before::Async && ident == "move" => Before::AsyncMove,
            _ => Before::Other,
        };
        walked.push(match token {
            TokenTree::Group(group) if before != Before::Other && group.delimiter() == Delimiter::Brace => {
                TokenTree::Group(visit(&group, before == Before::AsyncMove).unwrap_or(group))
            }
            TokenTree::Group(group) => {
                let mut replaced = false;
                let content = walk(group.stream(), &mut |block, moves| {
                    let replacement = visit(block, moves);
                    replaced |= replacement.is_some();
                    replacement
                });
                TokenTree::Group(if replaced { tokens::with_content(&group, content) } else { group })
            }
            other => other,
        });
        before = next;
    }
    walked.into_iter().collect()
}
