//! Puts sqlx 0.9 and diesel 2.3 on Seawall, in one program with rusqlite 0.41. In the manifest of your workspace:
//!
//! ```toml
//! [patch.crates-io]
//! libsqlite3-sys = { git = "…" }    # the repository of Seawall
//! ```
//!
//! A lock file from before may hold on to the package of crates.io, and cargo then warns that the patch was not used:
//! `cargo update libsqlite3-sys` makes it give way. `examples/one-sqlite/` is a whole program.
//!
//! sqlx and diesel want an older `libsqlite3-sys` than rusqlite does, and cargo takes no two of them into one program,
//! for each links a SQLite. This package has the name, and a version that both accept, but links nothing itself. It hands
//! out [`seawall::ffi`], which contains the `libsqlite3-sys` that rusqlite uses, and with that comes Seawall.
//!
//! The feature `bundled` and most others change nothing: there is one SQLite, and this is it. Features that ask for what
//! it cannot be, such as `sqlcipher`, stop the build. One difference stays: the SQLite that `bundled` compiles enforces
//! foreign keys, Seawall only after `PRAGMA foreign_keys = ON`, as stock SQLite does. sqlx sends that to every
//! connection, diesel and rusqlite do not. `LIBSQLITE3_FLAGS=-DSQLITE_DEFAULT_FOREIGN_KEYS=1` compiles it in.

#[cfg(feature = "sqlcipher")]
compile_error!("Seawall does not encrypt: turn off `sqlcipher` or `bundled-sqlcipher` of libsqlite3-sys");

#[cfg(feature = "loadable_extension")]
compile_error!("Seawall is linked, not loaded into: turn off `loadable_extension` of libsqlite3-sys");

#[cfg(feature = "session")]
compile_error!("Seawall has sessions, but no Rust declarations of them: turn off `session` of libsqlite3-sys");

pub use seawall::ffi::*;
