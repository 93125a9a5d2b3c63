//! Does the tour in docs/timeline.md look as the shell does?
//!
//! Its sessions are held one after the other, in one folder. Two things may differ: times, and the 32 hexadecimal digits of an
//! identity.

mod common;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use common::Shell;
use regex::Regex;

fn page() -> String {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/timeline.md");
    std::fs::read_to_string(file).expect("the page")
}

/// What is shown in the blocks of the tour.
fn tour(page: &str) -> String {
    let blocks = page.split("<!-- tour -->\n```console\n").skip(1);
    blocks.map(|block| block.split_once("```").expect("the end of a block").0).collect()
}

/// A command line, what is typed into it, and all that is seen then.
struct Session {
    command: String,
    typed: String,
    seen: String,
}

fn sessions(tour: &str) -> Vec<Session> {
    let prompt = Regex::new(r"^SQLite-[0-9.]+ \S+-> ").unwrap();
    let mut sessions: Vec<Session> = Vec::new();
    for line in tour.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            sessions.push(Session { command: command.to_owned(), typed: String::new(), seen: String::new() });
            continue;
        }
        let session = sessions.last_mut().expect("a command line first");
        let text = prompt.replace(line, "");
        if text != line {
            session.typed += &format!("{text}\n");
        }
        session.seen += &format!("{text}\n");
    }
    sessions
}

/// What is another thing each time.
fn masked(text: &str) -> String {
    let time = Regex::new(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d\d\dZ").unwrap();
    let identity = Regex::new(r"\b[0-9a-f]{32}\b").unwrap();
    identity.replace_all(&time.replace_all(text, "TIME"), "IDENTITY").into_owned()
}

/// A program `seawall` that repeats what it is told, and draws boxes, as on a terminal.
fn install(dir: &Path) {
    let file = dir.join("seawall");
    let script = format!("#!/bin/sh\nexec '{}' -noinit -box -echo \"$@\"\n", common::program().display());
    std::fs::write(&file, script).expect("a script");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).expect("a program");
}

#[test]
fn the_tour_is_what_the_shell_shows() {
    let (sh, bin) = (Shell::new(), tempfile::tempdir().unwrap());
    install(bin.path());
    let sessions = sessions(&tour(&page()));
    assert_eq!(sessions.len(), 3);
    for session in sessions {
        let path = format!("{}:{}", bin.path().display(), std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new("sh");
        command.args(["-c", &session.command]).current_dir(sh.dir()).env("PATH", path).env("NO_COLOR", "1");
        command.stdin(Stdio::piped());
        let said = sh.run_command(command, &session.typed);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{}", session.command);
        assert_eq!(masked(&said.out), masked(&session.seen), "{}: it shows\n{}", session.command, said.out);
    }
}
