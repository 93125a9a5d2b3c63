//! What does a person at a terminal see?

mod common;

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, ExitStatus, Stdio};

use common::Shell;

const LEFT: &str = "\x1b[D";
const UP: &str = "\x1b[A";
const ENTER: &str = "\r";
const CTRL_C: &str = "\x03";
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
        let (master, slave) = Self::pair();
        let mut command = sh.command(args);
        command
            .env("TERM", "xterm")
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
        assert!(ready > 0, "the shell shows nothing; so far: {:?}", self.unread);
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
