//! Modules that were compiled, for all connections of the process.

use std::sync::{Arc, Mutex, PoisonError};

use once_cell::sync::Lazy;
use sha2::{Digest, Sha256};

use super::effects::{Effects, effects};
use super::interpreter::Wasmi;
use super::runtime::Runtime;

/// The runtime that this build has.
pub(crate) type R = Wasmi;

/// The SHA-256 of a body as it is stored.
pub(crate) type Hash = [u8; 32];

/// What modules may cost that are kept although nobody may need them any longer, in bytes.
const KEPT: usize = 64 << 20;

/// What a byte of a binary module costs when it is compiled. Empty functions need the most.
const COMPILED: usize = 16;

/// Locals that a function may have. Each is cleared at each call, and no fuel is charged for that.
const LOCALS: u64 = 1000;

/// What a module costs besides: its initial memory, and a stack.
const OVERHEAD: usize = 256 << 10;

/// A module that was compiled for a function of it.
pub(crate) struct Compiled {
    pub(crate) hash: Hash,
    /// The name of the function. What it does depends on it.
    pub(crate) export: String,
    /// See [`Limits`](super::runtime::Limits).
    pub(crate) stack: u32,
    pub(crate) wasm: Arc<[u8]>,
    pub(crate) module: <R as Runtime>::Module,
    /// What calls of it do.
    pub(crate) effects: Effects,
}

/// The most recently used ones, the last of them first.
static CACHE: Lazy<Mutex<Vec<Arc<Compiled>>>> = Lazy::new(Mutex::default);

pub(crate) fn hash(body: &[u8]) -> Hash {
    Sha256::digest(body).into()
}

/// The module with this hash, compiled, from the cache if it is there. `wasm` gives the binary module.
pub(crate) fn compiled(
    hash: &Hash,
    export: &str,
    stack: u32,
    wasm: impl FnOnce() -> Result<Arc<[u8]>, String>,
) -> Result<Arc<Compiled>, String> {
    let is_it = |c: &Arc<Compiled>| c.hash == *hash && c.stack == stack && c.export == export;
    {
        let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(i) = cache.iter().position(is_it) {
            cache[..=i].rotate_right(1);
            return Ok(Arc::clone(&cache[0]));
        }
    }
    // Whoever asks for another module meanwhile need not wait.
    let wasm = wasm()?;
    let effects = effects(&wasm, export);
    if effects.locals > LOCALS {
        return Err(format!("it has a function with {} locals, and {LOCALS} are the limit", effects.locals));
    }
    let module = R::compile(&wasm, stack, &effects)?;
    let new = Arc::new(Compiled { hash: *hash, export: export.to_owned(), stack, wasm, module, effects });
    let dropped = {
        let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
        cache.insert(0, Arc::clone(&new));
        let mut cost = 0;
        let mut fits = |c: &Arc<Compiled>| {
            cost += c.wasm.len() * COMPILED + OVERHEAD;
            cost <= KEPT
        };
        let kept = cache.iter().position(|c| !fits(c)).unwrap_or(cache.len());
        cache.split_off(kept)
    };
    drop(dropped);
    Ok(new)
}
