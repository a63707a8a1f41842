//! Tokens from any bytes. A compiler's reader would refuse nearly all that was broken; this one passes over what is no
//! token, closes what is open at the end, and knows the groups that no text has: a backtick opens an invisible one, and a
//! backslash closes it.

use proc_macro2::{Delimiter, Group, Punct, Spacing, TokenStream, TokenTree};

/// Groups inside one another. What is deeper is read as if it stood in the last of them: rustc gives up at 128 by itself.
const DEEPEST: usize = 100;

/// The arguments of an attribute, which are the first line, and the item it stands on.
pub(crate) fn read(input: &[u8]) -> (TokenStream, TokenStream) {
    let text = String::from_utf8_lossy(input);
    let (arguments, item) = text.split_once('\n').unwrap_or(("", &text));
    (tokens(arguments), tokens(item))
}

fn tokens(text: &str) -> TokenStream {
    let mut open: Vec<(Delimiter, Vec<TokenTree>)> = vec![(Delimiter::None, Vec::new())];
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let mut behind = &rest[first.len_utf8()..];
        match first {
            '(' | '{' | '[' | '`' if open.len() <= DEEPEST => open.push((delimiter(first), Vec::new())),
            ')' | '}' | ']' | '\\' => {
                // One that closes nothing is passed over, so that brackets need not match.
                if open.len() > 1 {
                    close(&mut open);
                }
            }
            _ => {
                if let Some((found, length)) = lexeme(rest) {
                    open.last_mut().expect("there is the whole").1.extend(found);
                    behind = &rest[length..];
                }
            }
        }
        rest = behind;
    }
    while open.len() > 1 {
        close(&mut open);
    }
    open.remove(0).1.into_iter().collect()
}

fn delimiter(open: char) -> Delimiter {
    match open {
        '(' => Delimiter::Parenthesis,
        '{' => Delimiter::Brace,
        '[' => Delimiter::Bracket,
        _ => Delimiter::None,
    }
}

fn close(open: &mut Vec<(Delimiter, Vec<TokenTree>)>) {
    if let (Some((delimiter, content)), Some((_, outer))) = (open.pop(), open.last_mut()) {
        outer.push(TokenTree::Group(Group::new(delimiter, content.into_iter().collect())));
    }
}

/// The token that a text begins with, and how long it is.
fn lexeme(text: &str) -> Option<(TokenStream, usize)> {
    let word = text.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(text.len());
    let ends = [
        quoted(text, word),
        (text[word..].starts_with('#')).then(|| word + 1 + end_of_word(&text[word + 1..])),
    ];
    let first = text.chars().next()?;
    for end in ends.into_iter().flatten().chain([word]).filter(|end| *end > 0) {
        if let Ok(found) = text[..end].parse::<TokenStream>() {
            return Some((found, end));
        }
    }
    let next = text[first.len_utf8()..].chars().next();
    if !"~!@#$%^&*-=+|;:,<.>/?'".contains(first) {
        return None;
    }
    // A quote is joint, or the compiler's tokens could not have it.
    let is_joint = first == '\'' || next.is_some_and(|next| "~!@#$%^&*-=+|;:,<.>/?".contains(next));
    if first == '\'' && !next.is_some_and(|next| next == '_' || next.is_alphabetic()) {
        return None;
    }
    let spacing = if is_joint { Spacing::Joint } else { Spacing::Alone };
    Some((TokenTree::Punct(Punct::new(first, spacing)).into(), first.len_utf8()))
}

fn end_of_word(text: &str) -> usize {
    text.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(text.len())
}

/// Where a literal in quotes ends whose prefix is a word of this length: `b".."`, `r#".."#`, `'c'`.
fn quoted(text: &str, word: usize) -> Option<usize> {
    let hashes = text[word..].bytes().take_while(|byte| *byte == b'#').count();
    let quote = text[word + hashes..].chars().next().filter(|c| "\"'".contains(*c))?;
    let content = word + hashes + 1;
    let is_raw = text[..word].ends_with('r');
    let mut escaped = false;
    for (at, c) in text[content..].char_indices() {
        if c == quote && !escaped {
            return Some((content + at + 1 + if is_raw { hashes } else { 0 }).min(text.len()))
                .filter(|end| text.is_char_boundary(*end));
        }
        escaped = c == '\\' && !escaped && !is_raw;
        // No character is longer; what is, is a lifetime.
        if quote == '\'' && at > 12 {
            return None;
        }
    }
    None
}
