//! Compression for archives, called from C through `deflate.h`.

use std::ffi::{c_int, c_longlong, c_uint, c_void};
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};

use flate2::{Compress, Compression, Crc, Decompress, FlushCompress, FlushDecompress, Status};

use crate::text::bytes;

/// The output does not fit, or the input ends too early.
const SHORT: c_longlong = -1;
/// The input is not what it should be.
const CORRUPT: c_longlong = -2;

/// # Safety
/// `out` points to `n` bytes that nobody else uses, or `n` is 0.
unsafe fn bytes_mut<'a>(out: *mut c_void, n: usize) -> &'a mut [MaybeUninit<u8>] {
    // SAFETY: as above. A slice of no bytes needs a pointer that is not null.
    if n == 0 { &mut [] } else { unsafe { std::slice::from_raw_parts_mut(out.cast(), n) } }
}

/// The size of what was written if `work` came to an end, `SHORT` if not, `CORRUPT` if it failed.
fn size(work: impl FnOnce() -> Option<(Status, u64)>) -> c_longlong {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Some((Status::StreamEnd, n))) => c_longlong::try_from(n).unwrap_or(CORRUPT),
        Ok(Some(_)) => SHORT,
        Ok(None) | Err(_) => CORRUPT,
    }
}

/// # Safety
/// `input` points to `nin` bytes, `out` to `nout` bytes that are not among those.
#[unsafe(no_mangle)]
unsafe extern "C" fn seawall_deflate(
    input: *const c_void,
    nin: usize,
    out: *mut c_void,
    nout: usize,
    format: c_int,
    level: c_int,
) -> c_longlong {
    // SAFETY: the caller's.
    let (input, out) = unsafe { (bytes(input, nin), bytes_mut(out, nout)) };
    size(|| {
        let level = Compression::new(u32::try_from(level).ok()?.min(9));
        let mut stream = Compress::new(level, format != 0);
        let status = stream.compress_uninit(input, out, FlushCompress::Finish).ok()?;
        Some((status, stream.total_out()))
    })
}

/// # Safety
/// As for [`seawall_deflate`].
#[unsafe(no_mangle)]
unsafe extern "C" fn seawall_inflate(
    input: *const c_void,
    nin: usize,
    out: *mut c_void,
    nout: usize,
    format: c_int,
) -> c_longlong {
    // SAFETY: the caller's.
    let (input, out) = unsafe { (bytes(input, nin), bytes_mut(out, nout)) };
    size(|| {
        let mut stream = Decompress::new(format != 0);
        let status = stream.decompress_uninit(input, out, FlushDecompress::Finish).ok()?;
        Some((status, stream.total_out()))
    })
}

/// # Safety
/// `p` points to `n` bytes.
#[unsafe(no_mangle)]
unsafe extern "C" fn seawall_crc32(p: *const c_void, n: usize) -> c_uint {
    let mut crc = Crc::new();
    // SAFETY: the caller's.
    crc.update(unsafe { bytes(p, n) });
    crc.sum()
}
