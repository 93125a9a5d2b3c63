//! The logs that come with the library.

mod live;
mod memory;
#[cfg(feature = "timeline")]
pub mod timeline;

pub use memory::{Memory, MemoryWal};
#[cfg(feature = "timeline")]
pub use timeline::{Timeline, TimelineWal};

use std::panic::catch_unwind;

use libc::c_int;

use crate::{Error, ffi, log, registry};

/// Register them. `sqlite3_initialize()` calls this, each time that it has work to do.
#[unsafe(no_mangle)]
pub extern "C" fn seawall_register_backends() -> c_int {
    let register = || {
        #[cfg(feature = "timeline")]
        registry::register("timeline", Timeline::default())?;
        registry::register("memory", Memory)
    };
    match catch_unwind(register) {
        Ok(Ok(())) => ffi::SQLITE_OK,
        Ok(Err(error)) => error.report(),
        Err(payload) => {
            log::panicked(ffi::SQLITE_INTERNAL, "the registration of the wals", payload);
            Error::new(ffi::SQLITE_INTERNAL).extended_code()
        }
    }
}
