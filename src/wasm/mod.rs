//! Functions of SQL in WebAssembly: what `csrc/wasm_runtime.h` wants of a runtime.

mod body;
mod cache;
mod effects;
mod function;
mod interpreter;
mod layout;
mod limit;
mod memory;
mod runtime;
mod touched;

use std::ffi::CStr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{ptr, slice};

use libc::{c_char, c_int, c_void};

pub use limit::{WasmLimit, wasm_limit};

use self::function::{Function, Pooled, Sql};
use self::layout::Stored;
use self::runtime::{Fault, Limits};
use crate::{ffi, log};

/// `SeawallWasmInfo`
#[repr(C)]
pub struct Info {
    arguments: c_int,
    flags: c_int,
}

/// `SeawallWasmCall`
#[repr(C)]
pub struct Call {
    api: *const ffi::libsql_wasm_udf_api,
    context: *mut ffi::sqlite3_context,
    count: c_int,
    arguments: *mut *mut ffi::sqlite3_value,
    limits: *const [i64; 3],
    poll: unsafe extern "C" fn(*mut ffi::sqlite3_context) -> c_int,
}

/// `SeawallWasmRuntime`
#[repr(C)]
pub struct Table {
    compile: unsafe extern "C" fn(
        *const c_char,
        *const c_void,
        i64,
        i64,
        *mut *mut Function,
        *mut Info,
        *mut *mut c_char,
    ) -> c_int,
    declare: unsafe extern "C" fn(*const c_void, i64, c_int, *mut *mut c_void, *mut i64, *mut *mut c_char) -> c_int,
    same: unsafe extern "C" fn(*const Function, *const Function) -> c_int,
    call: unsafe extern "C" fn(*mut Function, *const Call),
    free: unsafe extern "C" fn(*mut Function),
}

static TABLE: Table = Table { compile, declare, same, call, free };

/// The runtime. The C side calls this when it needs one.
#[unsafe(no_mangle)]
pub extern "C" fn seawall_wasm_runtime() -> *const Table {
    &TABLE
}

/// Characters of a message at most.
const MESSAGE: usize = 1000;

/// What fails on the way from C to a function and back.
enum Failure {
    Message(String),
    NoMemory,
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Failure::Message(message)
    }
}

/// Run what may fail or panic. Returns a result code, with a message in `error`.
///
/// # Safety
/// `error` can be written.
unsafe fn guarded(what: &str, error: *mut *mut c_char, run: impl FnOnce() -> Result<(), Failure>) -> c_int {
    let message = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(())) => return ffi::SQLITE_OK,
        Ok(Err(Failure::NoMemory)) => return ffi::SQLITE_NOMEM,
        Ok(Err(Failure::Message(message))) => message,
        Err(payload) => {
            log::panicked(ffi::SQLITE_INTERNAL, what, payload);
            return ffi::SQLITE_INTERNAL;
        }
    };
    // A line of a module may be as long as the module.
    let mut text: Vec<u8> = message.replace('\0', " ").chars().take(MESSAGE).collect::<String>().into_bytes();
    text.push(0);
    match allocate(&text) {
        // SAFETY: see above.
        Some(copy) => unsafe { *error = copy.cast() },
        None => return ffi::SQLITE_NOMEM,
    }
    ffi::SQLITE_ERROR
}

/// A copy that SQLite can free.
fn allocate(bytes: &[u8]) -> Option<*mut c_void> {
    // SAFETY: the copy has the length of the bytes, and does not overlap them.
    unsafe {
        let copy = ffi::sqlite3_malloc64(bytes.len() as u64);
        if copy.is_null() {
            return None;
        }
        ptr::copy_nonoverlapping(bytes.as_ptr(), copy.cast(), bytes.len());
        Some(copy)
    }
}

/// Bytes that C lends.
///
/// # Safety
/// `data` has `length` bytes, or is NULL.
unsafe fn bytes<'a>(data: *const c_void, length: i64) -> &'a [u8] {
    match usize::try_from(length) {
        // SAFETY: see above.
        Ok(length) if !data.is_null() => unsafe { slice::from_raw_parts(data.cast(), length) },
        _ => &[],
    }
}

/// `xCompile`
unsafe extern "C" fn compile(
    name: *const c_char,
    body: *const c_void,
    length: i64,
    stack: i64,
    out: *mut *mut Function,
    info: *mut Info,
    error: *mut *mut c_char,
) -> c_int {
    // SAFETY: the name is a text or NULL, the body has that length, and the three last pointers can be written.
    unsafe {
        guarded("a compiler of WebAssembly", error, || {
            if name.is_null() {
                return Ok(Function::check(bytes(body, length), stack_limit(stack))?);
            }
            let name = CStr::from_ptr(name).to_string_lossy();
            let function = Function::new(&name, bytes(body, length), stack_limit(stack))?;
            let arguments = c_int::try_from(function.arguments()).unwrap_or(c_int::MAX);
            *info = Info { arguments, flags: c_int::from(function.flags()) };
            *out = Box::into_raw(Box::new(function));
            Ok(())
        })
    }
}

fn stack_limit(stack: i64) -> u32 {
    u32::try_from(stack).unwrap_or(u32::MAX)
}

/// `xDeclare`
unsafe extern "C" fn declare(
    body: *const c_void,
    length: i64,
    flags: c_int,
    out: *mut *mut c_void,
    out_length: *mut i64,
    error: *mut *mut c_char,
) -> c_int {
    // SAFETY: the body has that length, and the three last pointers can be written.
    unsafe {
        guarded("a declaration of WebAssembly", error, || {
            if let Some(declared) = body::declare(bytes(body, length), flags as u8)? {
                *out = allocate(&declared).ok_or(Failure::NoMemory)?;
                *out_length = declared.len() as i64;
            }
            Ok(())
        })
    }
}

/// `xSame`
unsafe extern "C" fn same(a: *const Function, b: *const Function) -> c_int {
    // SAFETY: both come from compile(), and have not been freed.
    unsafe { c_int::from((*a).is(&*b)) }
}

/// `xFree`
unsafe extern "C" fn free(function: *mut Function) {
    // SAFETY: it comes from compile(), and is freed once.
    log::drop_quietly(unsafe { Box::from_raw(function) }, "a function in WebAssembly");
}

/// `xCall`
unsafe extern "C" fn call(function: *mut Function, call: *const Call) {
    // SAFETY: the function comes from compile(), and the call is as SQLite's function has got it.
    let (function, call) = unsafe { (&*function, &*call) };
    let context = call.context;
    // SAFETY: the table lives as long as the call.
    let api = unsafe { &*call.api };
    // SAFETY: the context is that of the call.
    let ran = catch_unwind(AssertUnwindSafe(|| unsafe { run(function, call) }));
    let fault = match ran {
        Ok(Ok(())) => return,
        Ok(Err(fault)) => fault,
        Err(payload) => {
            log::panicked(ffi::SQLITE_INTERNAL, "a function in WebAssembly", payload);
            // SAFETY: as above.
            return unsafe { ffi::sqlite3_result_error_code(context, ffi::SQLITE_INTERNAL) };
        }
    };
    // SAFETY: the limits are three numbers.
    let limits = unsafe { &*call.limits };
    let reason = match fault {
        Fault::Failed(reason) => reason,
        Fault::Fuel => format!("it needs more than {} units of fuel (PRAGMA wasm_fuel)", limits[0]),
        Fault::Memory => format!("it needs more than {} bytes of memory (PRAGMA wasm_memory)", limits[1]),
        Fault::Stack => format!("it needs more stack than for {} calls within calls (PRAGMA wasm_stack)", limits[2]),
        // SAFETY: as above.
        Fault::Stopped(code) => return unsafe { ffi::sqlite3_result_error_code(context, code) },
        Fault::NoMemory => {
            let tell = api.libsql_result_error_nomem.unwrap_or(ffi::sqlite3_result_error_nomem);
            // SAFETY: as above.
            return unsafe { tell(context) };
        }
    };
    let message = format!("Calling function {} failed: {reason}", function.name()).replace('\0', " ");
    let length = c_int::try_from(message.len()).unwrap_or(c_int::MAX);
    let tell = api.libsql_result_error.unwrap_or(ffi::sqlite3_result_error);
    // SAFETY: as above; SQLite copies the message.
    unsafe { tell(context, message.as_ptr().cast(), length) };
}

/// Call the function, and set the result.
///
/// # Safety
/// The call is as SQLite's function has got it.
unsafe fn run(function: &Function, call: &Call) -> Result<(), Fault> {
    let context = call.context;
    let count = usize::try_from(call.count).unwrap_or(0);
    // SAFETY: there are that many arguments, and three limits.
    let (values, limits) =
        unsafe { (if count == 0 { &[][..] } else { slice::from_raw_parts(call.arguments, count) }, &*call.limits) };
    let unsigned = |limit: i64| u64::try_from(limit).unwrap_or(0);
    let limits = Limits { fuel: unsigned(limits[0]), memory: unsigned(limits[1]), stack: stack_limit(limits[2]) };
    // SAFETY: the table lives as long as the call.
    let api = unsafe { &*call.api };
    let argument = |i: usize| match values.get(i) {
        // SAFETY: the values live as long as the call.
        Some(value) => unsafe { argument(api, *value) },
        None => Ok(Sql::Stored(Stored::Null)),
    };
    // SAFETY: the context is that of the call.
    let mut poll = || unsafe { (call.poll)(context) };
    // SAFETY: under the slot there is NULL, or what keep() has put there.
    let kept: *mut Option<Pooled> = unsafe { ffi::sqlite3_get_auxdata(context, function.slot()) }.cast();
    let mut fresh = None;
    // SAFETY: a statement runs on one thread at a time, and a function does not call back.
    let pool = unsafe { kept.as_mut() }.unwrap_or(&mut fresh);
    if let ([_], Some(pooled)) = (values, &mut *pool)
        && let Some(result) = function.quick_call(argument(0)?, &limits, pooled)
    {
        // SAFETY: the context is that of the call.
        return unsafe { returns(api, context, result) };
    }
    // SAFETY: the context is that of the call.
    let result = function.call(argument, &limits, &mut poll, pool, |result| unsafe { returns(api, context, result) });
    if fresh.is_some() {
        // SAFETY: SQLite frees it, at once if it cannot keep it.
        unsafe {
            ffi::sqlite3_set_auxdata(context, function.slot(), Box::into_raw(Box::new(fresh)).cast(), Some(drop_pool))
        };
    }
    result
}

/// A statement lets go of an instance.
unsafe extern "C" fn drop_pool(pool: *mut c_void) {
    // SAFETY: run() has made it, and SQLite destroys it once.
    log::drop_quietly(unsafe { Box::from_raw(pool.cast::<Option<Pooled>>()) }, "an instance of WebAssembly");
}

/// A function that the table of a call leaves out.
fn missing() -> Fault {
    Fault::failed("the table of functions for values is not complete")
}

/// Whether all 64 bits of integers get in.
fn reads_64_bits(api: &ffi::libsql_wasm_udf_api) -> bool {
    let own: unsafe extern "C" fn(*mut ffi::sqlite3_value) -> c_int = ffi::sqlite3_value_int;
    api.libsql_value_int.is_some_and(|given| ptr::fn_addr_eq(given, own))
}

/// Whether all 64 bits of integers get out.
fn returns_64_bits(api: &ffi::libsql_wasm_udf_api) -> bool {
    let own: unsafe extern "C" fn(*mut ffi::sqlite3_context, c_int) = ffi::sqlite3_result_int;
    api.libsql_result_int.is_some_and(|given| ptr::fn_addr_eq(given, own))
}

/// An argument. Its text or blob is lent by the value.
///
/// # Safety
/// `value` is an argument of a call that outlives the result, and `api` has functions for values.
unsafe fn argument<'a>(api: &ffi::libsql_wasm_udf_api, value: *mut ffi::sqlite3_value) -> Result<Sql<'a>, Fault> {
    let kind = api.libsql_value_type.ok_or_else(missing)?;
    // SAFETY: see above. The text or the blob is taken before its length, as SQLite wants it.
    unsafe {
        Ok(match kind(value) {
            ffi::SQLITE_INTEGER if reads_64_bits(api) => Sql::Integer(ffi::sqlite3_value_int64(value)),
            ffi::SQLITE_INTEGER => Sql::Integer(api.libsql_value_int.ok_or_else(missing)?(value).into()),
            ffi::SQLITE_FLOAT => Sql::Real(api.libsql_value_double.ok_or_else(missing)?(value)),
            ffi::SQLITE_TEXT => {
                let text = api.libsql_value_text.ok_or_else(missing)?(value);
                if text.is_null() {
                    return Err(Fault::NoMemory);
                }
                let length = api.libsql_value_bytes.ok_or_else(missing)?(value);
                Sql::Stored(Stored::Text(bytes(text.cast(), length.into())))
            }
            ffi::SQLITE_BLOB => {
                let blob = api.libsql_value_blob.ok_or_else(missing)?(value);
                let length = api.libsql_value_bytes.ok_or_else(missing)?(value);
                if blob.is_null() && length > 0 {
                    return Err(Fault::NoMemory);
                }
                Sql::Stored(Stored::Blob(bytes(blob, length.into())))
            }
            _ => Sql::Stored(Stored::Null),
        })
    }
}

/// Set the result of the call.
///
/// # Safety
/// The context is that of a call, and `api` has functions for values.
unsafe fn returns(
    api: &ffi::libsql_wasm_udf_api,
    context: *mut ffi::sqlite3_context,
    result: Sql<'_>,
) -> Result<(), Fault> {
    // SAFETY: see above. SQLite copies texts and blobs.
    unsafe {
        let length = match result {
            Sql::Stored(Stored::Text(bytes) | Stored::Blob(bytes)) => {
                let db = ffi::sqlite3_context_db_handle(context);
                let limit = ffi::sqlite3_limit(db, ffi::SQLITE_LIMIT_LENGTH, -1);
                let fits = c_int::try_from(bytes.len()).ok().filter(|length| *length <= limit);
                fits.ok_or_else(|| {
                    Fault::failed(format!("its result has {} bytes, and the limit is {limit}", bytes.len()))
                })?
            }
            _ => 0,
        };
        let transient = ffi::SQLITE_TRANSIENT();
        match result {
            Sql::Integer(value) if returns_64_bits(api) => ffi::sqlite3_result_int64(context, value),
            Sql::Integer(value) => {
                let value = c_int::try_from(value)
                    .map_err(|_| Fault::failed(format!("its result is {value}, and the caller takes 32 bits")))?;
                api.libsql_result_int.ok_or_else(missing)?(context, value);
            }
            Sql::Real(value) => api.libsql_result_double.ok_or_else(missing)?(context, value),
            Sql::Stored(Stored::Text(text)) => {
                api.libsql_result_text.ok_or_else(missing)?(context, text.as_ptr().cast(), length, transient);
            }
            Sql::Stored(Stored::Blob(blob)) => {
                api.libsql_result_blob.ok_or_else(missing)?(context, blob.as_ptr().cast(), length, transient);
            }
            Sql::Stored(Stored::Null) => api.libsql_result_null.ok_or_else(missing)?(context),
        }
    }
    Ok(())
}
