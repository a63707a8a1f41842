//! The programs that are accepted: the twin of each one in `reject/`, and the shapes that are right to begin with. Each
//! compiles, and its `main` is a test here.
//!
//! They are modules of one program, which is compiled and linked in seconds, where trybuild's `pass` would link each of
//! them.
#![allow(dead_code, unreachable_pub, reason = "each is a program of its own")]
#![allow(clippy::all, clippy::pedantic, reason = "each is written like the program it is the twin of")]

mod files;

macro_rules! programs {
    ($($group:ident { $($shape:ident)+ })+) => {
        mod accept {$(
            mod $group {$(
                mod $shape;

                #[test]
                fn $shape() {
                    $shape::main();
                }
            )+}
        )+}

        const PROGRAMS: &[&str] = &[$($(concat!(stringify!($group), "/", stringify!($shape), ".rs")),+),+];
    };
}

programs! {
    accepted {
        after_the_join both_attributes catch_unwind drive drive_in_place dyn_method either_arm from_a_macro
        from_sync_code function_item future_in_a_lane future_of_ones_own generic_wrapper helper items
        lane_join locals_across_awaits many_offloads named_not_called nested_scopes non_send_captures
        pass_taken_once passes_split question_mark scope_in_a_task self_by_value send_future spellings_of_lane
        two_passes
    }
    enter {
        across_an_await dropped_at_once name_behind_the_scope name_in_a_variable not_a_string
        sent_to_a_thread without_a_scope without_arguments
    }
    found_at_run_time {
        a_pass_of_many a_scope_per_item mutex_around_a_scope pass_in_a_loop pass_in_a_polled_future
        refcell_around_a_scope
    }
    keeping_a_lane {
        across_an_await any asserted_send async_fn_with_a_lane box_leak channel channel_from_a_pass clone
        constructor default fixed_lifetime_closure generic_static lending_iterator longer_lifetime
        mem_replace mem_take nested_pass outer_mutex outer_variable panic_payload rayon_join rayon_scope
        rayon_spawn rc_refcell returned_from_lane_join returned_from_offload returned_from_the_closure
        returned_from_with_lane returned_in_a_boxed_closure returned_in_a_closure returned_in_a_future
        scope_run shared_with_a_thread shorter_lifetime static_item struct_literal struct_with_a_lifetime
        thread_local thread_scope tokio_spawn tokio_spawn_in_a_lane trait_object
    }
    marker {
        alias_named_lane async_fn generic_lane impl_drops_the_lane impl_takes_the_lane_by_reference
        impl_with_a_lane_of_its_own lane_by_mutable_reference lane_by_reference lane_of_ones_own
        marked_impl_drops_the_lane on_a_struct on_an_impl_block optional_lane phantom_lane renamed_lane
        returns_a_stream returns_boxed_future returns_impl_future trait_method_without_a_lane two_lanes
        unknown_argument without_a_lane wrong_crate_path
    }
    not_rejected {
        blocking_offload future_under_another_name scope_per_future trait_with_a_lane_of_its_own
    }
    outside_a_pass {
        async_block async_closure async_fn combinator drop dyn_trait function_item function_pointer
        inherent_method macro_rules par_iter poll question_mark_argument rayon_join select spawn_blocking
        sync_helper thread_spawn trait_default_body try_join_all unit_test use_as
    }
    pass_per_item {
        arc_pass arc_scope async_closure clone drive_borrows dropped_scope for_each_concurrent for_loop
        from_a_handle from_a_shared_scope function_per_future futures_unordered in_a_lane_of_its_scope join
        offload_borrows offload_borrows_a_parameter outlives_its_scope scope_clone scope_in_each_future
        scope_in_each_future_move select spawned_task_each spawned_with_a_borrowed_scope struct_literal
        struct_per_future try_join_all try_join_all_move twice two_futures while_let_next
    }
    probe {
        async_gen_fn_in_an_impl_block const_fn const_method_in_an_impl_block crate_is_a_string
        crate_leads_elsewhere duplicate empty_scope error_in_a_polled_body error_in_the_body gen_fn
        missing_comma misspelt name_on_an_impl_block on_a_module on_a_struct on_a_trait only_a_name
        polls_on_a_sync_fn polls_with_a_value polls_without_async_methods returns_a_boxed_future
        returns_a_boxed_stream returns_a_future returns_a_future_early returns_a_stream scope_by_position
        scope_in_a_constant scope_is_a_number scope_without_a_value skip_in_a_plain_impl_block
        skip_on_a_function skip_on_an_impl_block twice_on_a_method two_errors unknown without_a_body
        without_a_scope
    }
    serial_in_one_lane {
        after_join closure_called_twice helper_called_twice iterator join_all loop_of_calls
        outer_lane_in_join par_iter through_a_reference two_calls
    }
}

#[test]
fn every_program_is_listed() {
    let listed: Vec<&str> = PROGRAMS.to_vec();
    assert_eq!(listed, files::programs("accept"), "left: those in this list, right: those in `accept/`");
}
