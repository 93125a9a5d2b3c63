//! Regular expressions and hashes for SQL functions, called from C through `text.h`.

use std::ffi::{CString, c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::slice;

use regex::bytes::{Regex, RegexBuilder};
use sha1::Sha1;
use sha3::digest::DynDigest;
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};

/// The largest program that a pattern may become, in bytes: what `{m,n}` repeats is there as often.
const REGEX_BYTES_MAX: usize = 4 << 20;

/// # Safety
/// `z` points to `n` readable bytes, or `n` is 0.
pub unsafe fn bytes<'a>(z: *const c_void, n: usize) -> &'a [u8] {
    // SAFETY: as above. A slice of no bytes needs a pointer that is not null.
    if n == 0 { &[] } else { unsafe { slice::from_raw_parts(z.cast(), n) } }
}

fn compile(pattern: &[u8], ignores_case: bool) -> Result<Regex, String> {
    let pattern = std::str::from_utf8(pattern).map_err(|_| "the pattern is not UTF-8".to_owned())?;
    let mut builder = RegexBuilder::new(pattern);
    builder.case_insensitive(ignores_case).size_limit(REGEX_BYTES_MAX);
    // The last line says what is wrong; those before it point at the place.
    builder.build().map_err(|error| error.to_string().lines().last().unwrap_or_default().to_owned())
}

/// # Safety
/// `z` points to `n` bytes; `error` can be written to.
#[unsafe(no_mangle)]
unsafe extern "C" fn seawall_regex_open(
    z: *const c_char,
    n: usize,
    ignores_case: c_int,
    error: *mut *mut c_char,
) -> *mut c_void {
    // SAFETY: the caller's.
    let pattern = unsafe { bytes(z.cast(), n) };
    let compiled = catch_unwind(|| compile(pattern, ignores_case != 0));
    match compiled.unwrap_or_else(|_| Err("the pattern cannot be compiled".to_owned())) {
        Ok(regex) => Box::into_raw(Box::new(regex)).cast(),
        Err(message) => {
            let message = CString::new(message.replace('\0', " ")).unwrap_or_default();
            // SAFETY: the caller's.
            unsafe { error.write(message.into_raw()) };
            ptr::null_mut()
        }
    }
}

/// # Safety
/// `regex` is from [`seawall_regex_open`]; `z` points to `n` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn seawall_regex_matches(regex: *const c_void, z: *const c_char, n: usize) -> c_int {
    // SAFETY: the caller's. SQLite runs one function of a connection at a time.
    let (regex, text) = unsafe { (&*regex.cast::<Regex>(), bytes(z.cast(), n)) };
    catch_unwind(AssertUnwindSafe(|| regex.is_match(text))).unwrap_or(false).into()
}

/// # Safety
/// `regex` is from [`seawall_regex_open`], or null, and not used again.
#[unsafe(no_mangle)]
unsafe extern "C" fn seawall_regex_close(regex: *mut c_void) {
    if !regex.is_null() {
        // SAFETY: the caller's.
        drop(unsafe { Box::from_raw(regex.cast::<Regex>()) });
    }
}

/// # Safety
/// `z` is from a function of this file, or null, and not used again.
#[unsafe(no_mangle)]
unsafe extern "C" fn seawall_text_free(z: *mut c_char) {
    if !z.is_null() {
        // SAFETY: the caller's.
        drop(unsafe { CString::from_raw(z) });
    }
}

type Hash = Box<dyn DynDigest>;

#[unsafe(no_mangle)]
extern "C" fn seawall_hash_open(bits: c_int) -> *mut c_void {
    let hash: Hash = match bits {
        160 => Box::new(Sha1::default()),
        224 => Box::new(Sha3_224::default()),
        256 => Box::new(Sha3_256::default()),
        384 => Box::new(Sha3_384::default()),
        512 => Box::new(Sha3_512::default()),
        _ => return ptr::null_mut(),
    };
    Box::into_raw(Box::new(hash)).cast()
}

/// # Safety
/// `hash` is from [`seawall_hash_open`]; `p` points to `n` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn seawall_hash_add(hash: *mut c_void, p: *const c_void, n: usize) {
    // SAFETY: the caller's, who has no other reference.
    let (hash, data) = unsafe { (&mut *hash.cast::<Hash>(), bytes(p, n)) };
    hash.update(data);
}

/// # Safety
/// `hash` is from [`seawall_hash_open`] and not used again; `out` takes as many bytes as the hash has.
#[unsafe(no_mangle)]
unsafe extern "C" fn seawall_hash_close(hash: *mut c_void, out: *mut u8) {
    // SAFETY: the caller's.
    let hash = unsafe { Box::from_raw(hash.cast::<Hash>()) };
    let result = hash.finalize();
    // SAFETY: the caller's.
    unsafe { ptr::copy_nonoverlapping(result.as_ptr(), out, result.len()) };
}
