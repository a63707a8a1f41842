//! `Content`: what is in generated files.

use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What scripts are made of.
const WORDS: [&str; 40] = [
    "const ",
    "function ",
    "return ",
    "module.exports",
    "require(",
    "if (",
    ") {\n",
    "}\n",
    "else ",
    "let ",
    "value",
    "index",
    "result",
    "options",
    "callback",
    "error",
    "length",
    "this.",
    "prototype",
    " = ",
    " === ",
    "null",
    "undefined",
    "typeof ",
    "new ",
    "Object.",
    "Array",
    "map(",
    "filter(",
    " => ",
    ";\n",
    "  ",
    "// ",
    "the ",
    "export default ",
    "import ",
    "class ",
    "extends ",
    "throw ",
    "await ",
];

/// The bytes of the pool.
const POOL: usize = 4 << 20;

/// What is in generated files: pieces of one large script, which compresses to about a third as real ones do.
#[derive(Debug)]
pub(super) struct Content {
    pool: Vec<u8>,
}

/// How many times as large as its tarball a package is when it is unpacked, about.
pub(super) const RATIO: usize = 3;

impl Content {
    pub(super) fn new(seed: u64) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed ^ 0x5eed);
        let mut pool = Vec::with_capacity(POOL + 64);
        while pool.len() < POOL {
            let word = WORDS[random.random_range(0..WORDS.len())];
            pool.extend_from_slice(word.as_bytes());
            if random.random_ratio(1, 6) {
                // Names and numbers, which do not compress.
                let number = random.next_u32();
                pool.extend_from_slice(format!("{number:x}").as_bytes());
            }
        }
        Content { pool }
    }

    /// A script of so many bytes, which does nothing: it is a comment.
    pub(super) fn script(&self, bytes: usize, random: &mut impl Rng) -> Vec<u8> {
        let mut script = Vec::with_capacity(bytes + 64);
        script.extend_from_slice(b"/*\n");
        while script.len() < bytes {
            let piece = (bytes - script.len()).min(random.random_range(2_000..60_000));
            let begin = random.random_range(0..self.pool.len() - piece);
            script.extend_from_slice(&self.pool[begin..begin + piece]);
        }
        script.extend_from_slice(b"\n*/\n");
        script
    }
}

/// A text that many packages share.
pub(super) fn license(number: usize) -> Vec<u8> {
    let holder = ["the authors", "the contributors", "a foundation", "a company"][number % 4];
    format!(
        "Copyright (c) {holder}\n\nPermission is hereby granted, free of charge, to any person who obtains a copy of these \
         generated files, to deal in them without restriction.\n"
    )
    .into_bytes()
}
