//! Line editing and history for the prompt, called from C through `lineedit.h`.
//!
//! The history file is plain text, a line for each entry, as GNU readline keeps it: so it can be
//! shared with other builds of the `sqlite3` shell.

use std::ffi::{CStr, CString, OsStr, c_char, c_int, c_void};
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use rustyline::config::Config;
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;

/// `EDIT_*` of `lineedit.h`.
const EDIT_LINE: c_int = 0;
const EDIT_EOF: c_int = 1;
const EDIT_INTERRUPT: c_int = 2;

/// Entries that the history file keeps.
const HISTORY_ENTRIES_MAX: usize = 2000;

/// How a call of [`LineEditor::read`] ends.
enum Input {
    Line(String),
    Eof,
    Interrupt,
}

struct LineEditor {
    editor: rustyline::Editor<(), MemHistory>,
    history: Option<PathBuf>,
}

impl LineEditor {
    /// Takes over the terminal and reads the history, if there is any.
    fn open(history: Option<PathBuf>) -> rustyline::Result<Self> {
        let config = Config::builder().max_history_size(HISTORY_ENTRIES_MAX)?.build();
        let entries = MemHistory::with_config(&config);
        let mut editor = rustyline::Editor::with_history(config, entries)?;
        // A history that cannot be read is no reason to do without a prompt.
        let text = history.as_ref().and_then(|path| fs::read(path).ok());
        for line in String::from_utf8_lossy(&text.unwrap_or_default()).lines() {
            editor.add_history_entry(line)?;
        }
        Ok(Self { editor, history })
    }

    /// Lets the user type a line and remembers it.
    fn read(&mut self, prompt: &str) -> Input {
        match self.editor.readline(prompt) {
            Ok(line) => {
                // Without room for it the line is still good.
                let _ = self.editor.add_history_entry(line.as_str());
                Input::Line(line)
            }
            Err(ReadlineError::Interrupted) => Input::Interrupt,
            Err(_) => Input::Eof,
        }
    }

    /// Writes the history to its file, readable by its owner only.
    fn save(&self) -> std::io::Result<()> {
        let Some(path) = &self.history else {
            return Ok(());
        };
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        let text: String = self.editor.history().into_iter().map(|e| format!("{e}\n")).collect();
        file.write_all(text.as_bytes())
    }
}

/// Runs `f`; a panic in it becomes `None`.
fn guarded<T>(f: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(f)).ok()
}

/// See `lineedit.h`.
///
/// # Safety
/// `history` is null or a string that ends with a zero.
#[unsafe(no_mangle)]
unsafe extern "C" fn seawall_edit_open(history: *const c_char) -> *mut c_void {
    let path = if history.is_null() {
        None
    } else {
        // SAFETY: by the contract of this function.
        let name = unsafe { CStr::from_ptr(history) };
        Some(Path::new(OsStr::from_bytes(name.to_bytes())).to_path_buf())
    };
    match guarded(|| LineEditor::open(path)) {
        Some(Ok(editor)) => Box::into_raw(Box::new(editor)).cast(),
        _ => std::ptr::null_mut(),
    }
}

/// See `lineedit.h`.
///
/// # Safety
/// `editor` comes from [`seawall_edit_open`] and is not null, `prompt` is a string that ends with a
/// zero, `end` may be written to.
#[unsafe(no_mangle)]
unsafe extern "C" fn seawall_edit_line(editor: *mut c_void, prompt: *const c_char, end: *mut c_int) -> *mut c_char {
    // SAFETY: by the contract of this function.
    let (editor, prompt) = unsafe { (&mut *editor.cast::<LineEditor>(), CStr::from_ptr(prompt)) };
    let prompt = prompt.to_string_lossy();
    let (code, line) = match guarded(|| editor.read(&prompt)) {
        Some(Input::Line(line)) => (EDIT_LINE, CString::new(line.replace('\0', "")).ok()),
        Some(Input::Interrupt) => (EDIT_INTERRUPT, None),
        Some(Input::Eof) | None => (EDIT_EOF, None),
    };
    // SAFETY: by the contract of this function.
    unsafe { *end = code };
    line.map_or(std::ptr::null_mut(), CString::into_raw)
}

/// See `lineedit.h`.
///
/// # Safety
/// `line` is null or comes from [`seawall_edit_line`]; it must not be used any more.
#[unsafe(no_mangle)]
unsafe extern "C" fn seawall_edit_free(line: *mut c_char) {
    if !line.is_null() {
        // SAFETY: by the contract of this function, CString::into_raw has made it.
        drop(unsafe { CString::from_raw(line) });
    }
}

/// See `lineedit.h`.
///
/// # Safety
/// `editor` is null or comes from [`seawall_edit_open`]; it must not be used any more.
#[unsafe(no_mangle)]
unsafe extern "C" fn seawall_edit_close(editor: *mut c_void) {
    if editor.is_null() {
        return;
    }
    // SAFETY: by the contract of this function, Box::into_raw has made it.
    let editor = unsafe { Box::from_raw(editor.cast::<LineEditor>()) };
    guarded(move || {
        if let (Err(error), Some(path)) = (editor.save(), &editor.history) {
            eprintln!("Warning: cannot write the history to {}: {error}", path.display());
        }
    });
}
