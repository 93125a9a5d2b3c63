//! The logs that come with the library.

mod live;
mod memory;

pub use memory::{Memory, MemoryWal};

use std::panic::catch_unwind;

use libc::c_int;

use crate::{Error, ffi, log, registry};

/// Register them. `sqlite3_initialize()` calls this, each time that it has work to do.
#[unsafe(no_mangle)]
pub extern "C" fn seawall_register_backends() -> c_int {
    match catch_unwind(|| registry::register("memory", Memory)) {
        Ok(Ok(())) => ffi::SQLITE_OK,
        Ok(Err(error)) => error.report(),
        Err(payload) => {
            log::panicked(ffi::SQLITE_INTERNAL, "the registration of the wals", payload);
            Error::new(ffi::SQLITE_INTERNAL).extended_code()
        }
    }
}
