//! What the tests of the shell share: running it and looking at what it says.

#![allow(dead_code, reason = "no test file uses all of it")]

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The shell, in an empty directory of its own, untouched by the user's own files.
pub struct Shell {
    dir: tempfile::TempDir,
}

/// The shell that is tested: the one that cargo has built, unless SEAWALL_TEST_SHELL names another.
pub fn program() -> OsString {
    std::env::var_os("SEAWALL_TEST_SHELL").unwrap_or_else(|| env!("CARGO_BIN_EXE_sqlite3").into())
}

/// What one run has said.
#[derive(Debug, PartialEq, Eq)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// All went well and this is what it printed.
    pub fn ok(out: &str) -> Self {
        Self { code: 0, out: out.to_string(), err: String::new() }
    }

    /// It failed with exit code 1 and this message.
    pub fn failed(err: &str) -> Self {
        Self { code: 1, out: String::new(), err: err.to_string() }
    }
}

impl Shell {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().expect("a temporary directory") }
    }

    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// A command that runs the shell with these arguments and the start-up script switched off.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.arg("-noinit").args(args).current_dir(self.dir()).env("NO_COLOR", "1");
        for name in ["SQLITE_PS1", "SQLITE_PS2", "SQLITE_HISTORY", "XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs the shell on the script `input`.
    pub fn run(&self, args: &[&str], input: &str) -> Said {
        self.run_command(self.command(args), input)
    }

    pub fn run_command(&self, mut command: Command, input: &str) -> Said {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the shell starts");
        // The shell may leave before it has read everything.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        said(child.wait_with_output().expect("the shell ends"))
    }

    /// Runs a script that must succeed on a database in memory; returns what it printed.
    pub fn script(&self, input: &str) -> String {
        let said = self.run(&[":memory:"], input);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "output: {}", said.out);
        said.out
    }

    /// Runs a script that must fail on a database in memory; returns its error messages.
    pub fn failing(&self, input: &str) -> String {
        let said = self.run(&[":memory:"], input);
        assert_eq!(said.code, 1, "{said:?}");
        said.err
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.dir().join(name), text).expect("the file can be written");
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.dir().join(name)).expect("the file can be read")
    }
}

fn said(output: Output) -> Said {
    Said {
        code: output.status.code().expect("the shell has not been killed"),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}
