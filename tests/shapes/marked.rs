//! Marked functions, with and without a probe.

use concurrency_probe::{Lane, testing::with_lane};

pub mod alone {
    use super::{Lane, with_lane};

    //@mark
    fn link(lane: Lane<'_>, slot: u32) -> u32 {
        drop(lane);
        slot + 1
    }

    pub fn run() -> String {
        format!("{}", with_lane(|lane| link(lane, 1)))
    }
}

pub mod probe_above {
    use super::{Lane, with_lane};

    //@probe(scope = "shapes")
    //@mark
    fn link(_: Lane<'_>, slot: &str) -> Result<usize, String> {
        if slot.is_empty() {
            return Err(String::from("empty"));
        }
        Ok(slot.len())
    }

    pub fn run() -> String {
        format!("{:?}", with_lane(|lane| link(lane, "x")))
    }
}

pub mod mark_above {
    use super::{Lane, with_lane};

    //@mark
    //@probe(scope = "shapes")
    #[track_caller]
    fn link<'a, T: Clone>(_lane: Lane<'_>, slot: &'a T) -> (&'a T, String) {
        (slot, crate::support::here())
    }

    pub fn run() -> String {
        format!("{:?}", with_lane(|lane| link(lane, &1)))
    }
}

pub mod joined_lane {
    use super::{Lane, with_lane};

    //@probe(scope = "shapes") calls=7
    //@mark
    fn sum(lane: Lane<'_>, values: &[u32]) -> u32 {
        if let [only] = values {
            return *only;
        }
        let (left, right) = values.split_at(values.len() / 2);
        let (left, right) = lane.join(|lane| sum(lane, left), |lane| sum(lane, right));
        left + right
    }

    pub fn run() -> String {
        format!("{}", with_lane(|lane| sum(lane, &[1, 2, 3, 4])))
    }
}

pub mod methods {
    use super::{Lane, with_lane};

    struct Linker(u32);

    impl Linker {
        //@probe(scope = "shapes")
        //@mark
        unsafe fn by_reference<const N: usize>(&self, (a, b): (u32, u32), _lane: Lane<'_>) -> [u32; N] {
            [self.0 + a + b; N]
        }

        //@mark
        //@probe(scope = "shapes")
        fn by_value<'l>(self, lane: concurrency_probe::Lane<'l>) -> u32 {
            let _lane: Lane<'l> = lane;
            self.0
        }
    }

    pub fn run() -> String {
        // SAFETY: it asks for nothing.
        let array: [u32; 2] = with_lane(|lane| unsafe { Linker(1).by_reference((1, 2), lane) });
        format!("{array:?} {}", with_lane(|lane| Linker(2).by_value(lane)))
    }
}

pub mod traits {
    use super::{Lane, with_lane};

    trait Link {
        //@mark
        fn link(&self, lane: Lane<'_>, slot: u32) -> u32;

        //@probe(scope = "shapes")
        //@mark
        fn link_next(&self, lane: Lane<'_>, slot: u32) -> u32 {
            self.link(lane, slot + 1)
        }
    }

    impl Link for u32 {
        //@mark
        //@probe(scope = "shapes") calls=2
        fn link(&self, _lane: Lane<'_>, slot: u32) -> u32 {
            self + slot
        }
    }

    pub fn run() -> String {
        let link: &dyn Link = &1;
        format!("{} {}", with_lane(|lane| link.link(lane, 1)), with_lane(|lane| link.link_next(lane, 1)))
    }
}

pub mod made_by_a_macro {
    use super::{Lane, with_lane};

    macro_rules! make {
        ($name:ident, $lane:ty, $body:block) => {
            //@probe(scope = "shapes")
            //@mark
            fn $name(_lane: $lane) -> u32 $body
        };
    }

    make!(made, Lane<'_>, { 1 });

    pub fn run() -> String {
        format!("{}", with_lane(made))
    }
}

pub mod inner_attributes_and_items {
    use super::{Lane, with_lane};

    //@probe(scope = "shapes")
    //@mark
    fn link(_lane: Lane<'_>) -> u32 {
        #![allow(unused_variables)]
        const LANE: u32 = 2;
        let unused = 1;
        LANE
    }

    pub fn run() -> String {
        format!("{}", with_lane(link))
    }
}

pub mod in_a_pass {
    use super::Lane;
    use concurrency_probe::{Pass, Scope};

    //@probe(scope = "marked in a pass") calls=0
    //@mark
    fn link(_lane: Lane<'_>, slot: &u32) -> Result<u32, String> {
        slot.checked_mul(2).ok_or_else(String::new)
    }

    fn link_all(pass: Pass<'_>, slots: &[u32]) -> Result<Vec<u32>, String> {
        pass.try_map(slots, link)
    }

    pub fn run() -> String {
        let mut scope = Scope::open("marked in a pass");
        format!("{:?}", link_all(scope.pass("cold"), &[1, 2, 3]))
    }
}
