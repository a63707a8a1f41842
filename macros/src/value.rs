//! What an expression in tail position gives: a future whose async block is at hand, or not.

use crate::tokens;
use syn::{Block, Expr, ExprCall, Lit, Stmt};

/// What an expression in tail position gives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value {
    /// A future whose async block is at hand, in at least one arm; in no arm another.
    Built,
    /// Nothing, or no future: `panic!()`, `return`, `Err(..)`, `None`.
    Nothing,
    /// Anything else.
    Other,
}

/// What the statements of a block give; the async blocks it gives are added to `blocks`.
pub(crate) fn block_value(statements: &[Stmt], blocks: &mut Vec<usize>) -> Value {
    match statements.last() {
        Some(Stmt::Expr(expr, None)) => value(expr, blocks),
        Some(Stmt::Macro(call)) if call.semi_token.is_none() => macro_value(&call.mac),
        // A block that gives a future and has no tail expression does not get to its end.
        _ => Value::Nothing,
    }
}

/// What an expression gives; the async blocks it gives are added to `blocks`.
pub(crate) fn value(expr: &Expr, blocks: &mut Vec<usize>) -> Value {
    match expr {
        Expr::Async(block) => match numbered(&block.block) {
            Some(number) => {
                blocks.push(number);
                Value::Built
            }
            None => Value::Other,
        },
        Expr::Paren(paren) => value(&paren.expr, blocks),
        Expr::Group(group) => value(&group.expr, blocks),
        Expr::Cast(cast) => value(&cast.expr, blocks),
        Expr::Unsafe(block) => block_value(&block.block.stmts, blocks),
        Expr::Block(block) if block.label.is_none() => block_value(&block.block.stmts, blocks),
        Expr::If(branches) => {
            let Some((_, otherwise)) = &branches.else_branch else { return Value::Other };
            let then = block_value(&branches.then_branch.stmts, blocks);
            either(then, value(otherwise, blocks))
        }
        Expr::Match(arms) => {
            arms.arms.iter().map(|arm| value(&arm.body, blocks)).fold(Value::Nothing, either)
        }
        Expr::MethodCall(call) if tokens::is_one_of(&call.method, &METHODS) => value(&call.receiver, blocks),
        Expr::Call(call) => call_value(call, blocks),
        Expr::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "None") => {
            Value::Nothing
        }
        Expr::Macro(call) => macro_value(&call.mac),
        Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => Value::Nothing,
        _ => Value::Other,
    }
}

fn either(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Other, _) | (_, Value::Other) => Value::Other,
        (Value::Nothing, value) | (value, Value::Nothing) => value,
        (Value::Built, Value::Built) => Value::Built,
    }
}

/// Methods that hand on the future they are called on and run nothing of their own.
const METHODS: [&str; 9] = [
    "boxed",
    "boxed_local",
    "fuse",
    "in_current_span",
    "instrument",
    "into",
    "into_future",
    "left_future",
    "right_future",
];

/// The same as functions: the type, and the name.
const FUNCTIONS: [(&str, &str); 12] = [
    ("Box", "pin"),
    ("Box", "new"),
    ("Box", "into_pin"),
    ("Pin", "new"),
    ("Pin", "from"),
    ("Either", "Left"),
    ("Either", "Right"),
    ("", "Ok"),
    ("", "Some"),
    ("", "Left"),
    ("", "Right"),
    ("FutureExt", "boxed"),
];

fn call_value(call: &ExprCall, blocks: &mut Vec<usize>) -> Value {
    let Expr::Path(path) = &*call.func else { return Value::Other };
    let mut segments = path.path.segments.iter().rev().map(|segment| &segment.ident);
    let Some(name) = segments.next() else { return Value::Other };
    let owner = segments.next();
    if name == "Err" {
        return Value::Nothing;
    }
    let hands_on = FUNCTIONS
        .iter()
        .any(|(ty, function)| name == function && (ty.is_empty() || owner.is_some_and(|owner| owner == ty)));
    match call.args.first() {
        Some(argument) if hands_on && call.args.len() == 1 => value(argument, blocks),
        _ => Value::Other,
    }
}

fn macro_value(call: &syn::Macro) -> Value {
    let diverges = ["panic", "todo", "unimplemented", "unreachable"];
    match call.path.segments.last() {
        Some(last) if tokens::is_one_of(&last.ident, &diverges) => Value::Nothing,
        _ => Value::Other,
    }
}

/// The number that `number` left in an async block.
fn numbered(block: &Block) -> Option<usize> {
    match block.stmts.as_slice() {
        [Stmt::Expr(Expr::Lit(literal), None)] => match &literal.lit {
            Lit::Int(number) => number.base10_parse().ok(),
            _ => None,
        },
        _ => None,
    }
}
