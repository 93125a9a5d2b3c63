//! What one call of a function in WebAssembly may use, for each connection.

use crate::hooks::AsHandle;
use crate::{Error, Result, ffi};

/// A limit for one call of a function in WebAssembly. See [`wasm_limit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WasmLimit {
    /// Instructions, roughly. 1,000,000,000 at first.
    Fuel,
    /// Bytes of memory of a module. 33,554,432 at first, 4 GiB at most.
    Memory,
    /// Calls that have not returned. 1,000 at first, 100,000 at most.
    Stack,
}

/// The limit that a connection has, and a new one for it if `new` is given: one that is too large becomes the largest.
/// A call that needs more ends with an SQL error that names the function and the limit.
///
/// `PRAGMA wasm_fuel`, `wasm_memory` and `wasm_stack` do the same.
///
/// `SQLITE_MISUSE` if the connection is not open, `SQLITE_NOMEM` if there is no memory.
pub fn wasm_limit(connection: &impl AsHandle, limit: WasmLimit, new: Option<u64>) -> Result<u64> {
    let db = connection.as_handle();
    if db.is_null() {
        return Err(Error::MISUSE.with_message("a limit of WebAssembly needs an open connection"));
    }
    let id = match limit {
        WasmLimit::Fuel => ffi::SEAWALL_WASM_FUEL,
        WasmLimit::Memory => ffi::SEAWALL_WASM_MEMORY,
        WasmLimit::Stack => ffi::SEAWALL_WASM_STACK,
    };
    let new = new.map_or(-1, |new| i64::try_from(new).unwrap_or(i64::MAX));
    // SAFETY: the connection is open.
    let old = unsafe { ffi::seawall_wasm_limit(db, id, new) };
    u64::try_from(old).map_err(|_| Error::NOMEM)
}
