//! What does a person at a terminal see?

mod common;

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};

use common::Shell;

const LEFT: &str = "\x1b[D";
const UP: &str = "\x1b[A";
const ENTER: &str = "\r";
const DOWN: &str = "\x1b[B";
const REDRAW: &str = "\x0c";
const TAB: &str = "\t";
const CTRL_C: &str = "\x03";
const CTRL_E: &str = "\x05";
const CTRL_R: &str = "\x12";
const CTRL_D: &str = "\x04";

/// The main prompt ends with this.
const PROMPT: &str = "-> ";

/// A test that waits longer than this, in milliseconds, has hung.
const PATIENCE_MS: i32 = 120_000;

/// The shell on a terminal of its own.
struct Terminal {
    master: File,
    child: Child,
    /// What has been shown and not been looked at yet.
    unread: String,
}

impl Terminal {
    /// Both ends of a new terminal, 80 columns wide.
    fn pair() -> (File, OwnedFd) {
        let (mut master, mut slave) = (-1, -1);
        let size = libc::winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        // SAFETY: the first two arguments may be written to, the others are null or valid.
        let rc = unsafe { libc::openpty(&mut master, &mut slave, std::ptr::null_mut(), std::ptr::null(), &size) };
        assert_eq!(rc, 0, "no terminal: {}", std::io::Error::last_os_error());
        for fd in [master, slave] {
            // SAFETY: setting a flag of a descriptor touches no memory. Other children must not hold the terminal.
            unsafe { libc::fcntl(fd, libc::F_SETFD, libc::FD_CLOEXEC) };
        }
        // SAFETY: openpty() has just opened both, and nobody else knows of them.
        unsafe { (File::from_raw_fd(master), OwnedFd::from_raw_fd(slave)) }
    }

    fn open(sh: &Shell, args: &[&str]) -> Self {
        Self::run(sh, sh.command(args).env("TERM", "xterm"))
    }

    /// With colors.
    fn open_in_color(sh: &Shell, args: &[&str]) -> Self {
        Self::run(sh, sh.command(args).env("TERM", "xterm").env_remove("NO_COLOR"))
    }

    fn run(sh: &Shell, command: &mut Command) -> Self {
        let (master, slave) = Self::pair();
        command
            .env("SQLITE_HISTORY", sh.dir().join("history"))
            .stdin(slave.try_clone().expect("a descriptor"))
            .stdout(slave.try_clone().expect("a descriptor"))
            .stderr(Stdio::from(slave));
        // SAFETY: setsid() and ioctl() are async-signal-safe.
        unsafe {
            command.pre_exec(|| {
                if libc::setsid() < 0 || libc::ioctl(0, libc::TIOCSCTTY, 0) < 0 {
                    return Err(std::io::Error::last_os_error());
                }
                Ok(())
            });
        }
        let child = command.spawn().expect("the shell starts");
        Self { master, child, unread: String::new() }
    }

    fn send(&mut self, keys: &str) {
        self.master.write_all(keys.as_bytes()).expect("the shell reads on");
    }

    /// Reads more of what is shown. False when the shell has gone.
    fn fill(&mut self) -> bool {
        let mut poll = libc::pollfd { fd: self.master.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: poll is one valid entry.
        let ready = unsafe { libc::poll(&mut poll, 1, PATIENCE_MS) };
        assert!(ready > 0, "the shell shows absent; so far: {:?}", self.unread);
        let mut buffer = [0; 4096];
        match self.master.read(&mut buffer) {
            Ok(n) if n > 0 => {
                self.unread.push_str(&String::from_utf8_lossy(&buffer[..n]));
                true
            }
            // Linux says EIO when the other end has been closed.
            _ => false,
        }
    }

    /// Waits for `text` and returns what was shown before it.
    fn expect(&mut self, text: &str) -> String {
        loop {
            if let Some(at) = self.unread.find(text) {
                let rest = self.unread.split_off(at + text.len());
                return std::mem::replace(&mut self.unread, rest);
            }
            assert!(self.fill(), "the shell has ended without {text:?}: {:?}", self.unread);
        }
    }

    /// Looks at the line that is being typed, and sends it.
    fn expect_line(&mut self, line: &str) {
        self.send(REDRAW);
        self.expect("\x1b[H\x1b[J");
        self.expect(&format!("{PROMPT}{line}\r"));
        self.send(ENTER);
    }

    /// Sends a line and waits until the shell asks for the next one; returns what it said, after what was typed.
    fn ask(&mut self, line: &str) -> String {
        self.send(line);
        self.send(ENTER);
        self.expect("\r\n");
        self.expect(PROMPT)
    }

    /// Leaves, after a session without errors.
    fn quit(mut self) {
        self.send(".quit\r");
        let (status, said) = self.end();
        assert!(status.success(), "{status}: {said:?}");
    }

    /// Waits for the end.
    fn end(mut self) -> (ExitStatus, String) {
        while self.fill() {}
        (self.child.wait().expect("an exit status"), self.unread)
    }
}

#[test]
fn the_banner_tells_the_version_and_what_is_open() {
    let sh = Shell::new();
    let mut tty = Terminal::open(&sh, &["x.db"]);
    let banner = tty.expect(PROMPT);
    let version = sh.script("SELECT sqlite_version();");
    assert!(banner.contains(&format!("SQLite version {} 20", version.trim_end())), "{banner:?}");
    assert!(banner.contains("Enter \".help\" for usage hints.\r\n"), "{banner:?}");
    assert!(banner.contains("SQLite-3.") && banner.contains(" x.db-> "), "{banner:?}");
    tty.send(".quit\r");
    assert!(tty.end().0.success());
}

#[test]
fn a_line_can_be_edited_and_recalled() {
    let sh = Shell::new();
    let mut tty = Terminal::open(&sh, &[":memory:"]);
    tty.expect(PROMPT);
    tty.send("SELECT 40+;");
    tty.send(LEFT);
    tty.send("2");
    tty.send(ENTER);
    tty.expect("│   42 │");
    tty.expect(PROMPT);
    tty.send(UP);
    tty.send(LEFT);
    tty.send("0");
    tty.send(ENTER);
    tty.expect("│    60 │");
    tty.expect(PROMPT);
    tty.send(CTRL_D);
    assert!(tty.end().0.success());
    assert_eq!(sh.read("history"), "SELECT 40+2;\nSELECT 40+20;\n");

    // The next session remembers.
    let mut tty = Terminal::open(&sh, &[":memory:"]);
    tty.expect(PROMPT);
    tty.send(UP);
    tty.send(UP);
    tty.send(ENTER);
    tty.expect("│   42 │");
    tty.expect(PROMPT);
    tty.send(".exit 3\r");
    assert_eq!(tty.end().0.code(), Some(3));
    assert_eq!(sh.read("history"), "SELECT 40+2;\nSELECT 40+20;\nSELECT 40+2;\n.exit 3\n");
}

#[test]
fn the_history_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let sh = Shell::new();
    let mut tty = Terminal::open(&sh, &[":memory:"]);
    tty.expect(PROMPT);
    tty.send(".quit\r");
    assert!(tty.end().0.success());
    let mode = std::fs::metadata(sh.dir().join("history")).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn the_continuation_prompt_tells_what_is_missing() {
    let sh = Shell::new();
    let mut tty = Terminal::open(&sh, &[":memory:"]);
    tty.expect(PROMPT);
    tty.send("SELECT max(1,\r");
    tty.expect(");-> ");
    tty.send("'a\r");
    tty.expect("');-> ");
    tty.send("') IS NULL AS answer;\r");
    tty.expect("│ answer │");
    tty.expect(PROMPT);
    tty.send(".quit\r");
    assert!(tty.end().0.success());
}

#[test]
fn ctrl_c_takes_back_what_was_typed() {
    let sh = Shell::new();
    let mut tty = Terminal::open(&sh, &[":memory:"]);
    tty.expect(PROMPT);
    tty.send("SELECT 'unfinished\r");
    tty.expect("';-> ");
    tty.send("more");
    tty.send(CTRL_C);
    tty.expect("memory-> ");
    tty.send("SELECT 'fresh' AS word;\r");
    tty.expect("│ fresh │");
    tty.expect(PROMPT);
    tty.send(".quit\r");
    assert!(tty.end().0.success());
}

#[test]
fn ctrl_c_interrupts_a_statement() {
    let sh = Shell::new();
    let mut tty = Terminal::open(&sh, &["-list", ":memory:"]);
    tty.expect(PROMPT);
    tty.send("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT x FROM c;\r");
    tty.expect("\n1000\r\n");
    tty.send(CTRL_C);
    tty.expect("Error near line 1: interrupted");
    tty.expect(PROMPT);
    tty.send("SELECT 'still here';\r");
    tty.expect("\nstill here\r\n");
    tty.expect(PROMPT);
    tty.send(".quit\r");
    // There has been an error.
    assert_eq!(tty.end().0.code(), Some(1));
}

#[test]
fn the_prompt_can_show_an_open_transaction() {
    let sh = Shell::new();
    let mut tty = Terminal::open(&sh, &[":memory:"]);
    tty.expect(PROMPT);
    tty.send(".prompt '/x*txn*/:idle/;> '\r");
    tty.expect("idle> ");
    tty.send("BEGIN;\r");
    tty.expect("*txn*> ");
    tty.send(".quit\r");
    assert!(tty.end().0.success());
}

#[test]
fn without_line_editing_there_is_still_a_prompt() {
    let sh = Shell::new();
    let mut tty = Terminal::open(&sh, &["-cmdline-edit", "off", ":memory:"]);
    tty.expect(PROMPT);
    tty.send("SELECT 6*7 AS n;\n");
    tty.expect("│ 42 │");
    tty.expect(PROMPT);
    tty.send("SELECT 'half\n");
    tty.expect("';-> ");
    tty.send(CTRL_C);
    tty.expect("memory-> ");
    tty.send(CTRL_D);
    assert!(tty.end().0.success());
    assert!(!sh.dir().join("history").exists());
}

#[test]
fn a_query_in_a_pipeline_is_shown_for_programs() {
    let sh = Shell::new();
    let (_master, slave) = Terminal::pair();
    let output = sh.command(&[":memory:", "SELECT 'x', 1"]).stdin(slave).output().expect("the shell runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "x|1\n");
}

#[test]
fn a_statement_of_several_lines_is_one_entry_of_the_history() {
    let sh = Shell::new();
    let mut tty = Terminal::open(&sh, &["-list", ":memory:"]);
    tty.expect(PROMPT);
    tty.send("SELECT 'a\r");
    tty.expect("';-> ");
    tty.send("b' AS x,\r");
    tty.expect(";-> ");
    tty.ask("20+2;");
    assert_eq!(sh.read("history"), "SELECT 'a\x0cb' AS x,\x0c20+2;\n");
    tty.send(UP);
    tty.send(LEFT);
    tty.send("0\r");
    tty.expect("a\r\nb|40\r\n");
    tty.expect(PROMPT);
    tty.quit();

    // With all its lines in the next session as well.
    let mut tty = Terminal::open(&sh, &["-list", ":memory:"]);
    tty.expect(PROMPT);
    tty.send(UP);
    tty.send(UP);
    tty.send(ENTER);
    tty.expect("a\r\nb|40\r\n");
    tty.expect(PROMPT);
    tty.quit();
}

#[test]
fn up_goes_back_into_the_lines_of_an_unfinished_statement() {
    let sh = Shell::new();
    let mut tty = Terminal::open(&sh, &["-list", ":memory:"]);
    tty.expect(PROMPT);
    tty.send("SELECT 'wring',\r");
    tty.expect(";-> ");
    tty.send("'end'");
    tty.send(UP);
    tty.expect("memory-> SELECT 'wring',\r\n");
    // The cursor is behind the first line.
    tty.send(&LEFT.repeat(4));
    tty.send("\x7fo");
    tty.send(DOWN);
    tty.send(CTRL_E);
    tty.send(";\r");
    tty.expect("\nwrong|end\r\n");
    tty.expect(PROMPT);
    tty.quit();
}

#[test]
fn enter_in_several_lines_waits_until_nothing_is_missing() {
    let sh = Shell::new();
    let mut tty = Terminal::open(&sh, &["-list", ":memory:"]);
    tty.expect(PROMPT);
    tty.send("\x1b[200~SELECT 1\n+ 2\x1b[201~");
    tty.send(ENTER);
    tty.send("+ 4;\r");
    tty.expect("\n7\r\n");
    tty.expect(PROMPT);
    tty.quit();
}

#[test]
fn what_is_pasted_runs_as_a_whole() {
    let sh = Shell::new();
    let mut tty = Terminal::open(&sh, &[":memory:"]);
    tty.expect(PROMPT);
    // A tab in it completes nothing.
    tty.send("\x1b[200~.mode list\nSELECT 'o\tne';\nSELECT 'two';\x1b[201~");
    tty.expect("'two';");
    tty.send(ENTER);
    tty.expect("\no\tne\r\ntwo\r\n");
    tty.expect(PROMPT);
    tty.send(UP);
    tty.expect("SELECT 'two';");
    tty.send(CTRL_C);
    tty.expect(PROMPT);
    tty.quit();
}

#[test]
fn arrows_search_for_what_begins_like_the_line() {
    let sh = Shell::new();
    sh.write("history", "SELECT 1;\n.show\nSELECT 2;\nVALUES(3);\n");
    let mut tty = Terminal::open(&sh, &["-list", ":memory:"]);
    tty.expect(PROMPT);
    tty.send("SEL");
    tty.send(UP);
    tty.send(ENTER);
    tty.expect("\n2\r\n");
    tty.expect(PROMPT);
    tty.send("SEL");
    // The newest is what has just been run.
    tty.send(&UP.repeat(3));
    tty.send(ENTER);
    tty.expect("\n1\r\n");
    tty.expect(PROMPT);
    // From an empty line they go through everything.
    tty.send(&UP.repeat(3));
    tty.send(DOWN);
    tty.send(ENTER);
    tty.expect("\n2\r\n");
    tty.expect(PROMPT);
    tty.quit();
}

#[test]
fn the_history_can_be_searched_in_any_case() {
    let sh = Shell::new();
    sh.write("history", "SELECT 'needle', 1;\nSELECT 'hay';\n");
    let mut tty = Terminal::open(&sh, &["-list", ":memory:"]);
    tty.expect(PROMPT);
    tty.send(CTRL_R);
    tty.expect("(reverse-i-search)`': ");
    tty.send("NEED");
    tty.expect("(reverse-i-search)`NEED': SELECT 'needle', 1;");
    tty.send(ENTER);
    tty.expect("\nneedle|1\r\n");
    tty.expect(PROMPT);
    tty.quit();
}

#[test]
fn shells_at_the_same_time_keep_each_others_history() {
    let sh = Shell::new();
    let mut one = Terminal::open(&sh, &[":memory:"]);
    let mut two = Terminal::open(&sh, &[":memory:"]);
    one.expect(PROMPT);
    two.expect(PROMPT);
    one.ask("SELECT 1;");
    two.ask("SELECT 2;");
    one.ask("SELECT 3;");
    two.quit();
    one.quit();
    assert_eq!(sh.read("history"), "SELECT 1;\nSELECT 2;\nSELECT 3;\n.quit\n.quit\n");
}

#[test]
fn the_history_does_not_grow_without_end() {
    let sh = Shell::new();
    let old: String = (0..2100).map(|i| format!("SELECT {i};\n")).collect();
    sh.write("history", &old);
    let mut tty = Terminal::open(&sh, &[":memory:"]);
    tty.expect(PROMPT);
    tty.quit();
    let history = sh.read("history");
    let lines: Vec<&str> = history.lines().collect();
    assert_eq!((lines.len(), lines[0], lines[1999]), (2000, "SELECT 101;", ".quit"));
}

#[test]
fn a_history_that_cannot_be_written_is_told_at_the_end() {
    let sh = Shell::new();
    std::fs::create_dir(sh.dir().join("history")).expect("a directory");
    let mut tty = Terminal::open(&sh, &[":memory:"]);
    tty.expect(PROMPT);
    tty.ask("SELECT 1;");
    tty.send(".quit\r");
    let (status, said) = tty.end();
    assert!(status.success());
    assert!(said.contains("Warning: cannot write the history to ") && said.contains("Is a directory"), "{said:?}");
}

/// A database with names to be completed.
fn with_names(sh: &Shell) {
    let said = sh.run(
        &["names.db"],
        "CREATE TABLE alphabet(letter TEXT, position INTEGER, \"full name\" TEXT);\n\
         CREATE TABLE alpine(height INTEGER);\n\
         CREATE VIEW broken AS SELECT * FROM nowhere;\n\
         INSERT INTO alphabet VALUES('q', 17, 'cue');\n",
    );
    assert_eq!((said.code, said.err.as_str()), (0, ""));
}

#[test]
fn tab_completes_keywords_and_names() {
    let sh = Shell::new();
    with_names(&sh);
    let mut tty = Terminal::open(&sh, &["-list", "names.db"]);
    tty.expect(PROMPT);
    tty.send("selec\tlett\t, upp\tletter) fro\talpha\t;");
    tty.expect_line("select letter , upper(letter) from alphabet ;");
    tty.expect("\nq|Q\r\n");
    tty.expect(PROMPT);
    // As written: large letters. Behind a dot: the columns of the table, quoted where that is needed.
    tty.send("SELEC\tmain.alphabet.fu\t FRO\tmai\talpha\t;");
    tty.expect_line("SELECT main.alphabet.\"full name\" FROM main.alphabet ;");
    tty.expect("\ncue\r\n");
    tty.expect(PROMPT);
    tty.send("PRAGMA user_ver\t;");
    tty.expect_line("PRAGMA user_version ;");
    tty.expect("\n0\r\n");
    tty.expect(PROMPT);
    // On a line that continues a statement.
    tty.send("SELECT \"full n\t\r");
    tty.expect(";-> ");
    tty.send("FROM alpha\t;\r");
    tty.expect("\ncue\r\n");
    tty.expect(PROMPT);
    tty.quit();
}

#[test]
fn tab_lists_what_is_ambiguous() {
    let sh = Shell::new();
    with_names(&sh);
    let mut tty = Terminal::open(&sh, &["-list", "names.db"]);
    tty.expect(PROMPT);
    tty.send("SELECT * FROM al");
    tty.send(TAB);
    tty.send(TAB);
    tty.expect("\nalphabet  alpine\r\n");
    tty.send("i\t;");
    tty.expect_line("SELECT * FROM alpine ;");
    tty.expect(PROMPT);
    tty.quit();
}

#[test]
fn the_list_of_what_is_ambiguous_ends_with_the_screen() {
    let sh = Shell::new();
    let mut script = String::new();
    for i in 100..600 {
        script += &format!("CREATE TABLE many_{i}(x);\n");
    }
    assert_eq!(sh.run(&["many.db"], &script).err, "");
    let mut tty = Terminal::open(&sh, &["-list", "many.db"]);
    tty.expect(PROMPT);
    tty.send("SELECT 'ab' FROM man");
    tty.send(TAB);
    tty.send(TAB);
    // No question, no pager: the prompt is there again, with what all have in common.
    let shown = tty.expect(" more)");
    assert!(shown.contains("many_100 ") && !shown.contains("many_599"), "{shown:?}");
    tty.expect("FROM many_");
    tty.send("599 WHERE 0 UNION SELECT 'done';\r");
    tty.expect("\ndone\r\n");
    tty.expect(PROMPT);
    tty.quit();
}

#[test]
fn what_is_typed_ahead_is_run() {
    let sh = Shell::new();
    let mut tty = Terminal::open(&sh, &["-list", ":memory:"]);
    tty.send("SELECT 'o'||'ne';\rSELECT 't'||'wo';\r");
    tty.expect("\none\r\n");
    tty.expect("\ntwo\r\n");
    tty.expect(PROMPT);
    tty.send("SELECT 'th'||'ree';\r.print four\rSELECT\r'fi'||'ve';\r");
    tty.expect("\nthree\r\n");
    tty.expect("\nfour\r\n");
    tty.expect("\nfive\r\n");
    tty.expect(PROMPT);
    tty.quit();
}

#[test]
fn ctrl_d_behind_an_unfinished_statement_ends_the_shell_with_an_error() {
    let sh = Shell::new();
    let mut tty = Terminal::open(&sh, &["-list", ":memory:"]);
    tty.expect(PROMPT);
    tty.send("SELECT 1,\r");
    tty.expect(";-> ");
    tty.send(CTRL_D);
    let (status, said) = tty.end();
    assert_eq!(status.code(), Some(1), "{said:?}");
    assert!(said.contains("incomplete input"), "{said:?}");
}

#[test]
fn tab_leaves_strings_and_comments_alone() {
    let sh = Shell::new();
    with_names(&sh);
    let mut tty = Terminal::open(&sh, &["-list", "names.db"]);
    tty.expect(PROMPT);
    tty.send("SELECT 'alphab\t';\r");
    tty.expect("\nalphab\r\n");
    tty.expect(PROMPT);
    tty.quit();
}

#[test]
fn tab_completes_dot_commands_and_what_they_take() {
    let sh = Shell::new();
    with_names(&sh);
    sh.write("a script.sql", "SELECT 'read';\n");
    std::fs::create_dir(sh.dir().join("folder")).expect("a directory");
    sh.write("folder/rows.csv", "1\n2\n");
    let mut tty = Terminal::open(&sh, &["names.db"]);
    tty.expect(PROMPT);
    tty.send(".mod\tmark\t--tablen\tt");
    tty.expect_line(".mode markdown --tablename t");
    tty.expect(PROMPT);
    tty.send(".read a\t");
    tty.expect_line(".read \"a script.sql\"");
    tty.expect("| read ");
    tty.expect(PROMPT);
    tty.send(".import --cs\tfol\trow\talpi\t");
    tty.expect_line(".import --csv folder/rows.csv alpine ");
    tty.expect(PROMPT);
    tty.send(".schem\talpi\t\r");
    tty.expect("CREATE TABLE alpine");
    tty.expect(PROMPT);
    tty.send(".help nullv\t\r");
    tty.expect(".nullvalue STRING ");
    tty.expect(PROMPT);
    tty.quit();
}

#[test]
fn tab_completes_words_whose_arguments_may_be_left_out() {
    let sh = Shell::new();
    let mut tty = Terminal::open(&sh, &[":memory:"]);
    tty.expect(PROMPT);
    tty.send(".timel\t--sch\tmain ke\t");
    tty.expect_line(".timeline --schema main keep ");
    tty.expect(PROMPT);
    tty.send(".session ena\t");
    tty.expect_line(".session enable ");
    tty.expect(PROMPT);
    tty.send(CTRL_D);
    tty.end();
}

#[test]
fn tab_does_not_list_files_in_safe_mode() {
    let sh = Shell::new();
    sh.write("secret-name", "");
    let mut tty = Terminal::open(&sh, &["-safe", ":memory:"]);
    tty.expect(PROMPT);
    tty.send(".read secr\tX");
    let shown = tty.expect("X");
    assert!(shown.contains("secr") && !shown.contains("secret"), "{shown:?}");
    tty.send(CTRL_C);
    tty.expect(PROMPT);
    tty.quit();
}

#[test]
fn tab_works_without_names_from_a_broken_or_locked_database() {
    let sh = Shell::new();
    sh.write("broken.db", &"This is not a database at all. ".repeat(40));
    with_names(&sh);
    let mut holder = Terminal::open(&sh, &["-list", "names.db"]);
    holder.expect(PROMPT);
    holder.ask("BEGIN EXCLUSIVE;");
    for name in ["broken.db", "names.db"] {
        let mut tty = Terminal::open(&sh, &["-list", name]);
        tty.expect(PROMPT);
        tty.ask(".timeout 3600000");
        tty.send("SELEC\tlett\t fro\t");
        tty.expect_line("SELECT lett from ");
        tty.expect(";-> ");
        tty.send(CTRL_C);
        tty.expect(PROMPT);
        tty.quit();
    }
    holder.quit();
}

#[test]
fn completion_leaves_no_trace() {
    let sh = Shell::new();
    with_names(&sh);
    let mut tty = Terminal::open(&sh, &["-list", "names.db"]);
    tty.expect(PROMPT);
    tty.ask(".timeout 1234");
    tty.ask(".trace stdout");
    tty.ask(".auth on");
    tty.ask(".progress 1 --limit 100000");
    tty.send("PRAGMA busy_t\t;\r");
    let shown = tty.expect("\n1234\r\n");
    assert!(!shown.contains("pragma_list"), "{shown:?}");
    assert!(
        shown.contains("\nauthorizer: PRAGMA 'busy_timeout' ") && shown.contains("\nPRAGMA busy_timeout ;\r\n"),
        "{shown:?}"
    );
    assert_eq!(shown.matches("Progress 1\r").count(), 1, "{shown:?}");
    tty.expect(PROMPT);
    tty.quit();
}

#[test]
fn sql_has_colors_while_it_is_typed() {
    let sh = Shell::new();
    let mut tty = Terminal::open_in_color(&sh, &["-list", "x.db"]);
    tty.expect("\x1b[1;32mSQLite-3.");
    tty.expect(PROMPT);
    tty.send("SELECT 'text', 1;");
    tty.expect("\x1b[1;34mSELECT\x1b[0m \x1b[32m'text'\x1b[0m, \x1b[36m1\x1b[0m;");
    tty.send(ENTER);
    tty.expect("\ntext|1\r\n");
    tty.expect(PROMPT);
    tty.send("SELECT absent;\r");
    tty.expect("\x1b[1;31mParse error\x1b[0m near line 2: no such column: absent");
    tty.expect(PROMPT);
    tty.send(".quit\r");
    tty.end();
}

#[test]
fn without_colors_there_are_none() {
    let sh = Shell::new();
    let mut tty = Terminal::open(&sh, &["-list", "x.db"]);
    let mut shown = tty.expect(PROMPT);
    tty.send("SELECT 'text', absent;\r");
    shown += &tty.expect("^--- error here");
    shown += &tty.expect(PROMPT);
    assert!(!shown.contains("m'text'") && !shown.contains("\x1b[1;") && !shown.contains("\x1b[3"), "{shown:?}");
    tty.send(CTRL_D);
    tty.end();
}

#[test]
fn a_dumb_terminal_gets_nothing_but_text() {
    let sh = Shell::new();
    let mut tty = Terminal::run(&sh, sh.command(&["-list", ":memory:"]).env("TERM", "dumb").env_remove("NO_COLOR"));
    let mut shown = tty.expect(PROMPT);
    tty.send("SELECT 'half\n");
    shown += &tty.expect("';-> ");
    tty.send(CTRL_C);
    shown += &tty.expect(PROMPT);
    tty.send("SELECT absent;\n");
    shown += &tty.expect(PROMPT);
    tty.send(".quit\n");
    shown += &tty.end().1;
    assert!(shown.contains("no such column: absent") && !shown.contains('\x1b'), "{shown:?}");
}

/// Waits for a line of progress and returns it.
fn progress(tty: &mut Terminal, what: &str) -> String {
    tty.expect(&format!("\r{what}: "));
    tty.expect("\x1b[K")
}

/// Rows that take some milliseconds each to be indexed.
fn with_slow_index(tty: &mut Terminal) {
    tty.ask("CREATE TABLE t(x);");
    tty.ask("INSERT INTO t SELECT value FROM generate_series(1, 100000);");
    tty.send("CREATE INDEX slow ON t(length(replace(hex(zeroblob(20000+x)), '0', 'xx')));\r");
}

#[test]
fn an_index_in_the_making_shows_progress_until_ctrl_c() {
    let sh = Shell::new();
    let mut tty = Terminal::open(&sh, &["-list", "x.db"]);
    tty.expect(PROMPT);
    with_slow_index(&mut tty);
    let line = progress(&mut tty, "CREATE INDEX");
    assert!(line.contains(" pages, ") && line.contains("/s, "), "{line:?}");
    tty.send(CTRL_C);
    // The line goes first.
    tty.expect("\r\x1b[KError near line 3: interrupted");
    tty.expect(PROMPT);
    assert_eq!(tty.ask("SELECT count(*) FROM sqlite_schema;").lines().next(), Some("1"));
    tty.send(CTRL_D);
    tty.end();
}

#[test]
fn an_interrupted_statement_undoes_itself_and_leaves_the_transaction() {
    let sh = Shell::new();
    let mut tty = Terminal::open(&sh, &["-list", "x.db"]);
    tty.expect(PROMPT);
    tty.ask("CREATE TABLE kept(a); INSERT INTO kept VALUES('committed');");
    tty.ask("BEGIN;");
    tty.ask("INSERT INTO kept VALUES('not yet');");
    tty.send("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT x FROM c;\r");
    tty.expect("\n1000\r\n");
    tty.send(CTRL_C);
    tty.expect("interrupted");
    tty.expect(PROMPT);
    assert!(tty.ask("COMMIT; SELECT a FROM kept;").starts_with("committed\r\nnot yet\r\n"));
    tty.send(CTRL_D);
    tty.end();
}

#[test]
fn an_import_shows_progress_and_is_undone_by_ctrl_c() {
    let sh = Shell::new();
    let mut tty = Terminal::open(&sh, &["-list", "x.db"]);
    tty.expect(PROMPT);
    tty.ask("CREATE TABLE t(a);");
    tty.send(".import \"|yes row\" t\r");
    let line = progress(&mut tty, "import");
    assert!(line.contains(" rows, ") && line.contains("/s, "), "{line:?}");
    tty.send(CTRL_C);
    tty.expect("interrupted");
    tty.expect(PROMPT);
    assert!(tty.ask("SELECT count(*) FROM t;").starts_with("0\r\n"));
    tty.send(CTRL_D);
    tty.end();
}

#[test]
fn a_second_ctrl_c_ends_the_shell() {
    let sh = Shell::new();
    let mut tty = Terminal::open(&sh, &["-list", "x.db"]);
    tty.expect(PROMPT);
    tty.ask("CREATE TABLE t(a); INSERT INTO t VALUES('committed');");
    // One call of a function that takes for ever: the first Ctrl-C cannot be honoured.
    tty.send("SELECT 'begun'; SELECT instr(printf('%.*c', 8000000, 'a'), printf('%.*cb', 4000000, 'a')) FROM t;\r");
    tty.expect("\nbegun\r\n");
    // Two that come too close are one to the system: each waits for the echo of the one before. There may be nobody any more.
    // A terminal drops what it has not shown yet, which may be the last words.
    while tty.master.write_all(CTRL_C.as_bytes()).is_ok() && tty.fill() {}
    assert_eq!(tty.end().0.code(), Some(1));
    assert_eq!(sh.run(&["x.db"], "SELECT a FROM t;").out, "committed\n");
}

#[test]
fn a_pipe_gets_no_progress() {
    let sh = Shell::new();
    let (_master, slave) = Terminal::pair();
    // Something that takes its time.
    let output = sh
        .command(&["x.db", "CREATE TABLE t(a)", ".import \"|seq 300000\" t", "SELECT count(*) FROM t", "VACUUM"])
        .stdin(slave)
        .output()
        .expect("the shell runs");
    assert_eq!(
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)),
        ("300000\n".into(), "".into())
    );
}
