//! As many scopes as can have a timeline at once, and one more. In a binary of its own: no other test has one meanwhile.

use concurrency_probe::Scope;

#[test]
fn a_scope_that_finds_no_room_says_so_and_the_next_one_has_it() {
    let open = || Scope::builder("many").timeline().quiet().open();
    let mut scopes: Vec<Scope> = (0..255).map(|_| open()).collect();
    assert!(scopes.iter().all(|scope| scope.report().timeline.is_some()));
    assert_eq!(open().report().timeline, None, "no timeline is no empty one");
    drop(scopes.pop());
    assert!(open().report().timeline.is_some());
}
