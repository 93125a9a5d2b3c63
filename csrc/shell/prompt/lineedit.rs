//! Line editing for the prompt, called from C through `lineedit.h`.
//!
//! A statement is typed line by line, each after its own prompt, as in other shells for SQL. It is one entry of the history, and
//! comes back from there with all its lines, to be edited as a whole. Up, in a line that continues a statement, does the same
//! with what has been typed so far.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString, OsStr, c_char, c_int, c_void};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::ptr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use rustyline::completion::{Completer, Pair};
use rustyline::config::Config;
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::MemHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{
    Cmd, CompletionType, ConditionalEventHandler, Context, Event, EventContext, EventHandler, Helper, KeyCode,
    KeyEvent, Modifiers, RepeatCount,
};
use unicode_width::UnicodeWidthChar;

use crate::highlight::highlight;
use crate::linehistory::{ENTRIES_MAX, HistoryFile};

/// `EDIT_*` of `lineedit.h`.
const EDIT_LINE: c_int = 0;
const EDIT_EOF: c_int = 1;
const EDIT_INTERRUPT: c_int = 2;

/// How typing comes to its end.
enum Input {
    Text(String),
    /// With what has been typed of a statement before.
    Eof(String),
    Interrupt,
}

type Put = unsafe extern "C" fn(*mut c_void, *const c_char);

/// `EditCalls` of `lineedit.h`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Calls {
    arg: *mut c_void,
    complete: unsafe extern "C" fn(*mut c_void, *const c_char) -> c_int,
    color: unsafe extern "C" fn(*mut c_void) -> c_int,
    prompt: unsafe extern "C" fn(*mut c_void, *const c_char, Put, *mut c_void),
    candidates: unsafe extern "C" fn(*mut c_void, *const c_char, Put, *mut c_void) -> c_int,
}

/// Adds `text` to the vector that `to` points to.
///
/// # Safety
/// `to` comes from [`Calls`], `text` is a string that ends with a zero.
unsafe extern "C" fn collect(to: *mut c_void, text: *const c_char) {
    // SAFETY: by the contract of this function.
    let (to, text) = unsafe { (&mut *to.cast::<Vec<String>>(), CStr::from_ptr(text)) };
    to.push(text.to_string_lossy().into_owned());
}

/// The text for C, where it ends at the first zero.
fn c_text(text: &str) -> CString {
    CString::new(text.replace('\0', "")).unwrap_or_default()
}

// All of them: the contract of seawall_edit_open() makes the functions callable with `arg`.
impl Calls {
    fn is_complete(&self, text: &str) -> bool {
        // SAFETY: see above.
        unsafe { (self.complete)(self.arg, c_text(text).as_ptr()) != 0 }
    }

    fn has_color(&self) -> bool {
        // SAFETY: see above.
        unsafe { (self.color)(self.arg) != 0 }
    }

    /// The prompt for what follows `pending`.
    fn prompt(&self, pending: &str) -> String {
        let mut texts: Vec<String> = Vec::new();
        let text = c_text(pending);
        let pending = if pending.is_empty() { ptr::null() } else { text.as_ptr() };
        // SAFETY: see above; collect() gets what it asks for.
        unsafe { (self.prompt)(self.arg, pending, collect, (&raw mut texts).cast()) };
        texts.concat()
    }

    /// How many bytes at the end of `text` are completed, and to what.
    fn candidates(&self, text: &str) -> (usize, Vec<String>) {
        let mut found: Vec<String> = Vec::new();
        // SAFETY: see above; collect() gets what it asks for.
        let replaced = unsafe { (self.candidates)(self.arg, c_text(text).as_ptr(), collect, (&raw mut found).cast()) };
        found.sort_by_cached_key(|name| (name.to_lowercase(), name.clone()));
        found.dedup();
        (usize::try_from(replaced).unwrap_or(0), found)
    }
}

/// What the editor asks while a line is typed.
struct Assistant {
    calls: Calls,
    /// The lines of the statement before this one, each with its newline.
    pending: Rc<RefCell<String>>,
    screen: Rc<Cell<Screen>>,
}

impl Helper for Assistant {}

impl Hinter for Assistant {
    type Hint = String;
}

impl Completer for Assistant {
    type Candidate = Pair;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<Pair>)> {
        let text = format!("{}{}", self.pending.borrow(), &line[..pos]);
        let (replaced, mut candidates) = self.calls.candidates(&text);
        if let [word] = candidates.as_mut_slice()
            && !word.ends_with(['(', '/', '.', '"'])
            && !line[pos..].starts_with(' ')
        {
            word.push(' ');
        }
        match pos.checked_sub(replaced).filter(|start| line.is_char_boundary(*start)) {
            Some(start) => Ok((start, self.screen.get().listed(candidates))),
            None => Ok((pos, Vec::new())),
        }
    }
}

impl Highlighter for Assistant {
    fn highlight<'l>(&self, line: &'l str, _pos: usize) -> Cow<'l, str> {
        if !self.calls.has_color() {
            return Cow::Borrowed(line);
        }
        let pending = self.pending.borrow();
        Cow::Owned(highlight(&format!("{pending}{line}"), pending.len()))
    }

    fn highlight_char(&self, _line: &str, _pos: usize, kind: CmdKind) -> bool {
        kind != CmdKind::MoveCursor && self.calls.has_color()
    }
}

impl Validator for Assistant {
    /// Enter ends the only line; among several, it does so only when nothing is missing.
    fn validate(&self, context: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        let line = context.input();
        let text = || format!("{}{line}", self.pending.borrow());
        Ok(if line.contains('\n') && !self.calls.is_complete(&text()) {
            ValidationResult::Incomplete
        } else {
            ValidationResult::Valid(None)
        })
    }
}

/// What Up and Down do next.
const WALK_NONE: u8 = 0;
const WALK_ALL: u8 = 1;
const WALK_PREFIX: u8 = 2;

/// Up and Down: through the whole history from an empty line, else through what begins like the line up to the cursor.
struct Arrows {
    /// One of `WALK_*`: the last key was one of the arrows as well.
    walk: AtomicU8,
    /// The line continues a statement.
    continues: AtomicBool,
    /// The lines before are wanted back.
    reopen: AtomicBool,
}

impl Arrows {
    /// Up or Down.
    fn walk(&self, up: bool, line: &str, pos: usize) -> Option<Cmd> {
        let mut walk = self.walk.load(Ordering::Relaxed);
        if walk == WALK_NONE {
            if up && self.continues.load(Ordering::Relaxed) && !line[..pos].contains('\n') {
                self.reopen.store(true, Ordering::Relaxed);
                return Some(Cmd::AcceptLine);
            }
            walk = if pos == 0 || line.contains('\n') { WALK_ALL } else { WALK_PREFIX };
            self.walk.store(walk, Ordering::Relaxed);
        }
        (walk == WALK_PREFIX).then_some(if up { Cmd::HistorySearchBackward } else { Cmd::HistorySearchForward })
    }
}

/// The keys, as rustyline wants to have them.
struct Keys(Arc<Arrows>);

impl ConditionalEventHandler for Keys {
    fn handle(&self, event: &Event, _: RepeatCount, _: bool, context: &EventContext) -> Option<Cmd> {
        match event.get(0) {
            Some(KeyEvent(KeyCode::Up, Modifiers::NONE)) => self.0.walk(true, context.line(), context.pos()),
            Some(KeyEvent(KeyCode::Down, Modifiers::NONE)) => self.0.walk(false, context.line(), context.pos()),
            _ => {
                self.0.walk.store(WALK_NONE, Ordering::Relaxed);
                None
            }
        }
    }
}

/// The prompt without colors: what a control sequence is has no width.
fn without_colors(prompt: &str) -> String {
    let mut parts = prompt.split("\x1b[");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let end = part.find(|c: char| ('@'..='~').contains(&c)).map_or(part.len(), |at| at + 1);
        plain.push_str(&part[end..]);
    }
    plain
}

/// The row behind `text` on a screen that is `columns` wide.
fn rows(text: &str, columns: usize) -> usize {
    let (mut row, mut column) = (1, 0);
    for c in text.chars() {
        let width = match c {
            '\n' => columns,
            '\t' => 8 - column % 8,
            _ => c.width().unwrap_or(0),
        };
        if c == '\n' || column + width > columns {
            row += 1;
            column = 0;
        }
        if c != '\n' {
            column += width;
        }
    }
    if column == columns { row + 1 } else { row }
}

/// Its size, in characters.
#[derive(Clone, Copy)]
struct Screen {
    columns: usize,
    rows: usize,
}

/// Used where the terminal does not tell.
const SCREEN: Screen = Screen { columns: 80, rows: 24 };

impl Screen {
    /// As many of `candidates` as a list may have before rustyline asks whether to go on, which Ctrl-C would not end. The
    /// last one, which stands for all that are left out, keeps what they have in common.
    fn listed(self, mut candidates: Vec<String>) -> Vec<Pair> {
        let width = |text: &str| text.chars().map(|c| c.width().unwrap_or(0)).sum::<usize>();
        let more = |left: usize| format!("({left} more)");
        let widest = candidates.iter().chain([&more(candidates.len())]).map(|name| width(name)).max().unwrap_or(0);
        let gap = 2;
        let fit = (self.columns / (widest + gap)).max(1) * self.rows.saturating_sub(2).max(2);
        let mut list: Vec<Pair> = Vec::new();
        if let Some(left) = candidates.len().checked_sub(fit).filter(|left| *left > 0) {
            let last = candidates.pop().unwrap_or_default();
            candidates.truncate(fit - 1);
            list.push(Pair { display: more(left + 1), replacement: last });
        }
        list.splice(0..0, candidates.into_iter().map(|name| Pair { display: name.clone(), replacement: name }));
        list
    }
}

struct LineEditor {
    editor: rustyline::Editor<Assistant, MemHistory>,
    calls: Calls,
    pending: Rc<RefCell<String>>,
    screen: Rc<Cell<Screen>>,
    arrows: Arc<Arrows>,
    history: Option<HistoryFile>,
}

impl LineEditor {
    /// Takes over the terminal and reads the history, if there is any.
    fn open(history: Option<HistoryFile>, calls: Calls) -> rustyline::Result<Self> {
        let config = Config::builder()
            .max_history_size(ENTRIES_MAX)?
            .completion_type(CompletionType::List)
            .completion_prompt_limit(usize::MAX)
            .build();
        let entries = MemHistory::with_config(&config);
        let mut editor = rustyline::Editor::with_history(config, entries)?;
        for entry in history.iter().flat_map(HistoryFile::entries) {
            editor.add_history_entry(entry)?;
        }
        let pending = Rc::new(RefCell::new(String::new()));
        let screen = Rc::new(Cell::new(SCREEN));
        editor.set_helper(Some(Assistant { calls, pending: pending.clone(), screen: screen.clone() }));
        let arrows = Arc::new(Arrows {
            walk: AtomicU8::new(WALK_NONE),
            continues: AtomicBool::new(false),
            reopen: AtomicBool::new(false),
        });
        editor.bind_sequence(Event::Any, EventHandler::Conditional(Box::new(Keys(arrows.clone()))));
        Ok(Self { editor, calls, pending, screen, arrows, history })
    }

    /// Lets the user type until nothing is missing, and remembers it.
    fn read(&mut self) -> Input {
        self.pending.borrow_mut().clear();
        let input = self.read_lines();
        if let Input::Text(text) = &input {
            self.remember(text);
        }
        input
    }

    fn read_lines(&mut self) -> Input {
        // What is on the screen since the main prompt, and where the cursor goes in a statement that is opened again.
        let mut shown = 0;
        let mut again: Option<(String, String)> = None;
        loop {
            let before = self.pending.borrow().clone();
            let prompt = self.calls.prompt(&before);
            let prompt = (without_colors(&prompt), prompt);
            let screen = self
                .editor
                .dimensions()
                .map_or(SCREEN, |(columns, rows)| Screen { columns: usize::from(columns), rows: usize::from(rows) });
            self.screen.set(screen);
            self.arrows.walk.store(WALK_NONE, Ordering::Relaxed);
            self.arrows.continues.store(!before.is_empty(), Ordering::Relaxed);
            let typed = match again.take() {
                None => self.editor.readline(&prompt),
                Some((left, right)) => self.editor.readline_with_initial(&prompt, (&left, &right)),
            };
            let line = match typed {
                Ok(line) => line,
                Err(ReadlineError::Interrupted) => return Input::Interrupt,
                Err(_) => return Input::Eof(before),
            };
            shown += rows(&format!("{}{line}", prompt.0), screen.columns);
            if self.arrows.reopen.swap(false, Ordering::Relaxed) {
                // Up over all of it, and away with it.
                print!("\x1b[{shown}A\r\x1b[J");
                let _ = std::io::stdout().flush();
                shown = 0;
                again = Some((before.trim_end_matches('\n').to_owned(), format!("\n{line}")));
                self.pending.borrow_mut().clear();
            } else if self.calls.is_complete(&format!("{before}{line}")) {
                return Input::Text(before + &line);
            } else {
                *self.pending.borrow_mut() = before + &line + "\n";
            }
        }
    }

    fn remember(&mut self, text: &str) {
        // Without room for it the text is still good. A repetition is not added.
        let added = self.editor.add_history_entry(text).unwrap_or(false);
        if let Some(history) = self.history.as_mut().filter(|_| added) {
            history.add(text);
        }
    }
}

/// Runs `f`; a panic in it becomes `None`.
fn guarded<T>(f: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(f)).ok()
}

/// See `lineedit.h`.
///
/// # Safety
/// `history` is null or a string that ends with a zero. `calls` is valid, and what it holds stays so until
/// [`seawall_edit_close`].
#[unsafe(no_mangle)]
unsafe extern "C" fn seawall_edit_open(history: *const c_char, calls: *const Calls) -> *mut c_void {
    let file = if history.is_null() {
        None
    } else {
        // SAFETY: by the contract of this function.
        let name = unsafe { CStr::from_ptr(history) };
        Some(HistoryFile::new(Path::new(OsStr::from_bytes(name.to_bytes())).to_path_buf()))
    };
    // SAFETY: by the contract of this function.
    let calls = unsafe { *calls };
    match guarded(|| LineEditor::open(file, calls)) {
        Some(Ok(editor)) => Box::into_raw(Box::new(editor)).cast(),
        _ => ptr::null_mut(),
    }
}

/// See `lineedit.h`.
///
/// # Safety
/// `editor` comes from [`seawall_edit_open`] and is not null, `end` may be written to.
#[unsafe(no_mangle)]
unsafe extern "C" fn seawall_edit_statement(editor: *mut c_void, end: *mut c_int) -> *mut c_char {
    // SAFETY: by the contract of this function.
    let editor = unsafe { &mut *editor.cast::<LineEditor>() };
    let (code, text) = match guarded(|| editor.read()) {
        Some(Input::Text(text)) => (EDIT_LINE, Some(text)),
        Some(Input::Eof(text)) => (EDIT_EOF, Some(text)),
        Some(Input::Interrupt) => (EDIT_INTERRUPT, None),
        None => (EDIT_EOF, None),
    };
    // SAFETY: by the contract of this function.
    unsafe { *end = code };
    text.map_or(ptr::null_mut(), |text| c_text(&text).into_raw())
}

/// See `lineedit.h`.
///
/// # Safety
/// `text` is null or comes from [`seawall_edit_statement`]; it must not be used any more.
#[unsafe(no_mangle)]
unsafe extern "C" fn seawall_edit_free(text: *mut c_char) {
    if !text.is_null() {
        // SAFETY: by the contract of this function, CString::into_raw has made it.
        drop(unsafe { CString::from_raw(text) });
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
    guarded(move || editor.history.map(HistoryFile::close));
}
