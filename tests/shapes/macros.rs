//! Functions made by `macro_rules!`.

pub mod whole_item {
    macro_rules! make {
        ($item:item) => {
            //@probe(scope = "shapes")
            $item
        };
    }

    make! {
        /// Made.
        #[inline]
        fn made<'a>(values: &'a [u32]) -> Option<&'a u32> {
            let first = values.first()?;
            Some(first)
        }
    }

    pub fn run() -> String {
        format!("{:?}", made(&[1]))
    }
}

pub mod body_is_a_block {
    macro_rules! make {
        ($(#[$meta:meta])* $vis:vis fn $name:ident($($argument:ident: $ty:ty),*) -> $output:ty $body:block) => {
            //@probe(scope = "shapes")
            $(#[$meta])*
            $vis fn $name($($argument: $ty),*) -> $output $body
        };
    }

    make! {
        /// Made.
        #[must_use]
        pub(super) fn made(a: u32, b: Option<u32>) -> Result<u32, String> {
            let b = b.ok_or_else(String::new)?;
            Ok(a + b)
        }
    }

    pub fn run() -> String {
        format!("{:?}", made(1, Some(2)))
    }
}

pub mod body_is_an_expression {
    macro_rules! make {
        ($name:ident, $output:ty, $value:expr) => {
            //@probe(scope = "shapes") calls=2
            fn $name() -> $output {
                $value
            }
        };
    }

    make!(one, u32, 1);
    make!(boxed, Box<dyn Fn() -> u32>, Box::new(|| 2));

    pub fn run() -> String {
        format!("{} {}", one(), boxed()())
    }
}

pub mod body_is_statements {
    macro_rules! make {
        ($name:ident [$value:expr] $($statement:stmt;)*) => {
            //@probe(scope = "shapes")
            fn $name() -> u32 {
                $($statement;)*
                $value
            }
        };
    }

    make!(made [1 + 1] let _a = 1; let _b = 2;);

    pub fn run() -> String {
        format!("{}", made())
    }
}

pub mod tokens {
    macro_rules! make {
        ($($token:tt)*) => {
            //@probe(scope = "shapes") calls=4
            $($token)*
        };
    }

    make! {
        async fn made(n: u32) -> u32 {
            crate::support::pause().await;
            n + 1
        }
    }

    make! {
        fn plain<T>(value: T) -> T where T: Clone {
            value.clone()
        }
    }

    pub fn run() -> String {
        let waited = crate::support::block_on(async { made(made(1).await).await });
        format!("{waited} {} {}", plain(1), plain("x"))
    }
}

pub mod literals_and_lifetimes {
    macro_rules! make {
        ($life:lifetime, $name:ident, $at:literal, $generic:ident: $bound:path) => {
            //@probe(scope = "shapes", name = "made")
            fn $name<$life, $generic: $bound>(values: &$life [$generic]) -> &$life $generic {
                &values[$at]
            }
        };
    }

    make!('a, made, 1, T: Clone);

    pub fn run() -> String {
        format!("{}", made(&[1, 2]))
    }
}

pub mod scope_is_a_literal_of_the_caller {
    macro_rules! make {
        ($scope:literal, $probe:literal, $name:ident) => {
            //@probe(scope = $scope, name = $probe)
            fn $name() -> &'static str {
                concat!($scope, "/", $probe)
            }
        };
    }

    make!("shapes", "made by a macro", made);

    pub fn run() -> String {
        made().to_owned()
    }
}

pub mod attribute_of_the_caller {
    macro_rules! make {
        ($(#[$meta:meta])* $name:ident) => {
            $(#[$meta])*
            fn $name(n: u32) -> u32 {
                n + 1
            }
        };
    }

    make! {
        //@probe(scope = "shapes")
        #[inline]
        made
    }

    pub fn run() -> String {
        format!("{}", made(1))
    }
}

pub mod hygiene {
    macro_rules! make {
        ($name:ident, $argument:ident) => {
            //@probe(scope = "shapes")
            fn $name(_probe: u32, $argument: u32) -> u32 {
                let local = _probe;
                let $argument = $argument + local;
                $argument
            }
        };
    }

    make!(made, local);

    pub fn run() -> String {
        format!("{}", made(1, 2))
    }
}

pub mod nested {
    macro_rules! inner {
        ($vis:vis $name:ident $body:block) => {
            //@probe(scope = "shapes")
            $vis fn $name() -> u32 $body
        };
    }
    macro_rules! outer {
        ($vis:vis $name:ident $body:block) => {
            inner!($vis $name $body);
        };
    }

    outer!(pub(crate) made { 1 + 1 });

    pub fn run() -> String {
        format!("{}", made())
    }
}

pub mod methods {
    struct Store(u32);

    macro_rules! getters {
        ($($name:ident => $body:expr),*) => {
            impl Store {
                $(
                    //@probe(scope = "shapes") calls=2
                    fn $name(&self) -> u32 {
                        let get: fn(&Store) -> u32 = $body;
                        get(self)
                    }
                )*
            }
        };
    }

    getters!(one => |store| store.0, two => |store| store.0 + 1);

    pub fn run() -> String {
        format!("{} {}", Store(1).one(), Store(1).two())
    }
}

pub mod impl_blocks {
    trait Double {
        fn double(&self) -> Self;
    }

    macro_rules! double {
        ($($ty:ty),*) => {
            $(
                //@probe(scope = "shapes") calls=2
                impl Double for $ty {
                    fn double(&self) -> Self {
                        self + self
                    }
                }
            )*
        };
    }

    double!(u8, f32);

    pub fn run() -> String {
        format!("{} {}", 1_u8.double(), 2.5_f32.double())
    }
}

pub mod futures_in_macros {
    use crate::support::{block_on, pause};
    use std::pin::Pin;

    macro_rules! make {
        ($name:ident, $output:ty, $body:block, $value:expr) => {
            //@probe(scope = "shapes")
            fn $name() -> Pin<Box<dyn Future<Output = $output>>> {
                let value = $value;
                Box::pin(async move {
                    let more: $output = $body;
                    pause().await;
                    value + more
                })
            }
        };
    }

    make!(made, u32, { 1 + 1 }, 3);

    pub fn run() -> String {
        format!("{}", block_on(made()))
    }
}

pub mod calls_in_the_body {
    macro_rules! early {
        ($condition:expr) => {
            if $condition {
                return None;
            }
        };
    }

    //@probe(scope = "shapes") calls=2
    fn checked(n: u32) -> Option<Vec<u32>> {
        early!(n == 0);
        dbg_like!(n);
        Some(vec![n; 2])
    }

    macro_rules! dbg_like {
        ($value:expr) => {{
            let value = $value;
            value
        }};
    }
    use dbg_like;

    pub fn run() -> String {
        format!("{:?} {:?}", checked(0), checked(1))
    }
}
