//! The largest derivations against the scrypt crate: minutes, and 8 GiB at the last. `npm run
//! derivations` runs them; `cargo test` does not.

#[path = "../common/mod.rs"]
mod common;

use common::derivations::with_each_stride;

#[test]
fn every_work_factor_from_19_to_22_with_each_stride_is_as_the_crate_derives_it() {
    (19..=22).for_each(with_each_stride);
}
