//! The C interface as bindgen sees it: SQLite's own from [`libsqlite3_sys`], libSQL's and Seawall's from the two
//! headers in `include/`, where they are documented.
//!
//! With the cargo feature `prefixed`, only the functions that the two headers declare, and the few of SQLite that this
//! crate calls itself, are those of this library. The other `sqlite3_` functions are those of the SQLite beside it.

#![allow(missing_docs, non_camel_case_types, non_snake_case, non_upper_case_globals)]
#![allow(clippy::all)]

mod bindings;

pub use bindings::*;
