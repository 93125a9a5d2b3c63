//! SQLite with a write-ahead log that you can replace, by name.
//!
//! A program that counts the commits of every connection that asks for it:
//!
//! ```
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicU32, Ordering};
//!
//! use rusqlite::Connection;
//! use seawall::{Frames, Result, Stock, Wal, WalManager, WrapWal};
//!
//! struct Counter(Arc<AtomicU32>);
//!
//! impl<W: Wal> WrapWal<W> for Counter {
//!     fn append(&mut self, inner: &mut W, frames: Frames<'_>) -> Result<u32> {
//!         let added = inner.append(frames)?;
//!         if frames.commit().is_some() {
//!             self.0.fetch_add(1, Ordering::Relaxed);
//!         }
//!         Ok(added)
//!     }
//! }
//!
//! fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
//!     let commits = Arc::new(AtomicU32::new(0));
//!     let counter = Arc::clone(&commits);
//!     seawall::register("counting", Stock.wrap(move |_| Counter(Arc::clone(&counter))))?;
//!
//!     let dir = tempfile::tempdir()?;
//!     let db = Connection::open(format!("file:{}?wal=counting", dir.path().join("app.db").display()))?;
//!     db.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1);")?;
//!     assert_eq!(commits.load(Ordering::Relaxed), 2);
//!     Ok(())
//! }
//! ```
//!
//! * [`Wal`] and [`WalManager`] are what a log of one's own implements. They are safe traits.
//! * [`Stock`] is SQLite's own log. [`WalManager::wrap`] puts a [`WrapWal`] around it, or around any other log.
//! * [`register`] gives a log a name, which `file:app.db?wal=name` uses in any language that can open a URI.
//! * [`Memory`] is a log on the heap, registered as `memory`.
//! * `Timeline` is a log that keeps history, registered as `timeline`, with the cargo feature `timeline`. The module `timeline` has
//!   what can be done with the history.
//! * [`close_hook`] tells when a connection is being closed.
//! * [`frame_count`], [`read_frame`] and [`Inserter`] ship a log to a copy of the database.
//!
//! With the cargo feature `wasm`, a database can hold functions in WebAssembly (`CREATE FUNCTION … LANGUAGE wasm`, see
//! `docs/wasm-functions.md`), and `wasm_limit` sets what a call may use.
//!
//! There is no connection API here: `rusqlite` runs on this library, as the program above shows. It must be the release
//! of `rusqlite` that uses the same `libsqlite3-sys` (0.41), and needs no feature. A program that names nothing of this
//! crate says `use seawall as _;`, or nothing links SQLite. The cargo feature `rusqlite` lets [`close_hook`] take a
//! `rusqlite::Connection`. The C interface is in [`ffi`].
//!
//! The feature `prefixed` is for C programs that link another SQLite as well: every C symbol of this library begins with
//! `seawall_`, and what is said of `rusqlite` above does not hold, for it finds no function of this library.

#![warn(missing_docs)]
#![warn(unsafe_op_in_unsafe_fn, clippy::undocumented_unsafe_blocks)]

/// The program in that page is a test.
#[cfg(all(doctest, feature = "timeline"))]
#[doc = include_str!("../docs/timeline.md")]
struct TourOfTheTimeline;

mod backends;
mod error;
pub mod ffi;
mod frames;
mod hooks;
mod log;
mod registry;
pub mod wal;
#[cfg(feature = "wasm")]
mod wasm;

pub use backends::{Memory, MemoryWal};
#[cfg(feature = "timeline")]
pub use backends::{Timeline, TimelineWal, timeline};
pub use error::{Error, Result};
pub use frames::{FRAME_HEADER, Insert, Inserter, disable_checkpoint, frame_count, read_frame};
pub use hooks::{AsHandle, close_hook, remove_close_hook};
pub use registry::{is_registered, name_of, names, register, register_default, restore_default, unregister};
pub use wal::*;
#[cfg(feature = "wasm")]
pub use wasm::{WasmLimit, wasm_limit};
