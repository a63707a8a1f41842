//! `Names`: each name once, and its number.

use serde::{Serialize, Serializer};
use std::collections::HashMap;

/// Each name once. Its number says which colour it has, and is what stands in the data.
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
}

impl Serialize for Names {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.names.serialize(serializer)
    }
}
