//! The C interface as bindgen sees it: SQLite's own from [`libsqlite3_sys`], libSQL's and Seawall's from the two
//! headers in `include/`, where they are documented.

#![allow(missing_docs, non_camel_case_types, non_snake_case, non_upper_case_globals)]
#![allow(clippy::all)]

mod bindings;

pub use bindings::*;
pub use libsqlite3_sys::*;
