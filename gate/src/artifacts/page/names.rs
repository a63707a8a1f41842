//! `Names`: each name once, and its number.

use serde::{Serialize, Serializer};
use std::collections::HashMap;

/// The colours of names, and of what is written on them. They are those of Okabe and Ito (<https://jfly.uni-koeln.de/color/>), with grey in
/// the place of black. They can be told apart without colour vision. From the ninth name on they come again, with a pattern.
pub(super) const COLORS: [(&str, &str); 8] = [
    ("#0072b2", "#fff"),
    ("#e69f00", "#000"),
    ("#009e73", "#000"),
    ("#cc79a7", "#000"),
    ("#56b4e9", "#000"),
    ("#d55e00", "#fff"),
    ("#f0e442", "#000"),
    ("#999999", "#000"),
];

/// Each name once. Its number is used in the data, and chooses its colour.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: Vec<String>,
    known: HashMap<String, usize>,
}

impl Names {
    /// The number of a name.
    pub(super) fn number(&mut self, name: &str) -> u64 {
        if let Some(number) = self.known.get(name) {
            return *number as u64;
        }
        let number = self.names.len();
        self.known.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        number as u64
    }

    /// The name of a number.
    pub(super) fn name(&self, number: u64) -> &str {
        usize::try_from(number).ok().and_then(|at| self.names.get(at)).map_or("", String::as_str)
    }
}

impl Serialize for Names {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.names.serialize(serializer)
    }
}
