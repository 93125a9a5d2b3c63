//! A `sqlite3`-compatible shell on Seawall.
//!
//! The shell itself is written in C, next to this file: `shell.h` tells what lives where. Rust hands it the command line, a
//! prompt with line editing in [`lineedit`], what some SQL functions do in [`text`], and compression in [`deflate`].

#[path = "functions/deflate.rs"]
mod deflate;
#[path = "prompt/highlight.rs"]
mod highlight;
#[path = "prompt/lineedit.rs"]
mod lineedit;
#[path = "prompt/linehistory.rs"]
mod linehistory;
#[path = "functions/text.rs"]
mod text;

use std::ffi::{CString, c_char, c_int};
use std::os::unix::ffi::OsStringExt;

// The C calls SQLite, which is in this crate.
use seawall as _;

unsafe extern "C" {
    /// Runs the shell and returns its exit code. `argv` holds `argc` strings and then a null.
    fn seawall_shell_main(argc: c_int, argv: *mut *mut c_char) -> c_int;
}

/// Runs the shell with the arguments of the process, and ends the process.
pub fn main() -> ! {
    let args: Vec<CString> = std::env::args_os()
        .map(|arg| CString::new(arg.into_vec()).expect("the system ends arguments with a zero"))
        .collect();
    let mut argv: Vec<*mut c_char> = args.iter().map(|arg| arg.as_ptr().cast_mut()).collect();
    argv.push(std::ptr::null_mut());
    let argc = c_int::try_from(args.len()).expect("the system limits the number of arguments");

    // SAFETY: SIG_DFL is a valid action, and nothing else has started a thread yet. Rust ignores
    // SIGPIPE; a shell in a pipeline must end when nobody reads on.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    // SAFETY: argv holds argc strings and a null, and lives until the call returns. The C code does
    // not write to the strings.
    let code = unsafe { seawall_shell_main(argc, argv.as_mut_ptr()) };
    std::process::exit(code)
}
