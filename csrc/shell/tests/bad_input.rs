//! What is wrong is told, with the right exit code and within bounds: files, text, streams and disks.

#![cfg(unix)]

mod common;

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Output, Stdio};

use common::{Said, Shell};

const LONG: usize = 100_000_000;

/// Memory that no other run may need.
const MEMORY_MAX: u64 = 1 << 30;

/// Runs the script in a file with so much memory; or with all that there is, if the shell is one that watches its memory and
/// sets much aside for that.
fn run_file(shell: &Shell, input: &str, memory_max: u64) -> Output {
    let mut command = shell.command(&[":memory:"]);
    command.stdin(File::open(shell.dir().join(input)).expect("the script"));
    if std::env::var_os("SEAWALL_TEST_SHELL").is_some() {
        return command.output().expect("the shell runs");
    }
    // SAFETY: setrlimit() is safe between fork and exec, and the limit is valid for the call.
    unsafe {
        command.pre_exec(move || {
            let limit = libc::rlimit { rlim_cur: memory_max, rlim_max: memory_max };
            match libc::setrlimit(libc::RLIMIT_AS, &raw const limit) {
                0 => Ok(()),
                _ => Err(std::io::Error::last_os_error()),
            }
        });
    }
    command.output().expect("the shell runs")
}

#[test]
fn what_is_no_database_is_told() {
    let sh = Shell::new();
    sh.write("text", &"no database, but long enough to be one ".repeat(100));
    std::fs::create_dir(sh.dir().join("dir")).expect("a directory");
    let not_one = "file is not a database";
    assert_eq!(
        sh.run(&["text"], "SELECT * FROM sqlite_schema;\n").err,
        format!("Parse error near line 1: {not_one} (26)\n")
    );
    for command in [".tables", ".schema", ".indexes", ".fullschema", ".backup b", ".clone c", ".import text t"] {
        let said = sh.run(&["text"], &format!("{command}\n"));
        assert!(said.err.contains(not_one), "{command}: {said:?}");
    }
    let said = sh.run(&["text"], ".dump\n");
    assert!(said.code == 1 && said.out.ends_with("*****/\nROLLBACK; -- due to errors\n"), "{said:?}");
    for name in ["dir", "/nonexistent/x.db", "text/x.db"] {
        let said = sh.run(&[name], "CREATE TABLE t(a);\n");
        let told = format!("Error: unable to open database \"{name}\": unable to open database file\n");
        assert_eq!((said.code, said.err), (1, told));
    }
}

#[test]
fn a_truncated_database_is_told_and_dumped_as_far_as_it_goes() {
    let sh = Shell::new();
    let fill = "CREATE TABLE t(a); INSERT INTO t SELECT zeroblob(500) FROM generate_series(1, 1000);\n";
    assert_eq!(sh.run(&["x.db"], fill), Said::ok(""));
    let file = OpenOptions::new().write(true).open(sh.dir().join("x.db")).expect("the database");
    let whole = file.metadata().expect("the database").len();
    file.set_len(whole / 2).expect("the file can be cut");
    let malformed = "database disk image is malformed";
    let said = sh.run(&["x.db"], "SELECT sum(length(a)) FROM t;\n");
    assert!(said.code == 1 && said.err.contains(malformed), "{said:?}");
    let said = sh.run(&["x.db"], ".dump\n");
    assert!(
        said.code == 1 && said.out.contains("CORRUPTION ERROR") && said.out.ends_with("ROLLBACK; -- due to errors\n")
    );
    assert!(said.out.matches("INSERT INTO t").count() > 100);
    // Not even a whole header.
    file.set_len(50).expect("the file can be cut");
    assert!(sh.run(&["x.db"], ".tables\n").err.contains(malformed));
}

#[test]
fn an_unreadable_file_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let sh = Shell::new();
    sh.write("x", "SELECT 1;");
    std::fs::set_permissions(sh.dir().join("x"), std::fs::Permissions::from_mode(0o000)).expect("the mode can be set");
    // What root is refused, too, is a file below a file.
    let name = if File::open(sh.dir().join("x")).is_ok() { "x/x" } else { "x" };
    assert_eq!(
        sh.failing(&format!(".read '{}'\n", sh.dir().join(name).display())),
        format!("Error: cannot open \"{}\"\n", sh.dir().join(name).display())
    );
    assert_eq!(
        sh.run(&[":memory:"], &format!(".import {name} t\n")),
        Said::failed(&format!("line 1: cannot open \"{name}\"\n"))
    );
    assert_eq!(sh.run(&["-init", name, ":memory:", "SELECT 1;"], "").err, format!("cannot open: \"{name}\"\n"));
}

#[test]
fn scripts_that_are_no_files_are_told() {
    let sh = Shell::new();
    std::fs::create_dir(sh.dir().join("dir")).expect("a directory");
    assert_eq!(sh.failing(".read dir\n"), "Error: cannot open \"dir\"\n");
    sh.write("self.sql", "SELECT 1;\n.read self.sql\n");
    let said = sh.run(&[":memory:"], ".read self.sql\nSELECT 'next';\n");
    assert_eq!((said.code, said.out), (1, format!("{}next\n", "1\n".repeat(24))));
    assert_eq!(said.err, "self.sql: Input nesting limit (25) reached at line 2. Check recursion.\n");
}

#[test]
fn binary_input_does_no_harm() {
    let sh = Shell::new();
    let mut bytes: Vec<u8> = b"SELECT 1;\0 not seen\nSELECT 2;\n\0\n".to_vec();
    bytes.extend((0..200_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8));
    bytes.extend(b"\n;\n.print end\n");
    std::fs::write(sh.dir().join("junk"), &bytes).expect("a file");
    let said = run_file(&sh, "junk", MEMORY_MAX);
    assert_eq!(said.status.code(), Some(1));
    assert!(said.stdout.starts_with(b"1\n2\n"), "{:?}", String::from_utf8_lossy(&said.stdout));
    let said = sh
        .command(&[":memory:", ".import --csv junk t", ".schema", "SELECT * FROM t"])
        .output()
        .expect("the shell runs");
    assert!(said.status.code().is_some(), "{said:?}");
}

#[test]
fn a_long_line_needs_a_few_times_its_memory() {
    let sh = Shell::new();
    let long = "x".repeat(LONG);
    let next = "next\n";
    for (script, out, times) in [
        (format!("SELECT length('{long}');\nSELECT 'next';\n"), format!("{LONG}\n{next}"), 8),
        (format!(".print {long}\nSELECT 'next';\n"), format!("{long}\n{next}"), 5),
        (format!(".nope {long}\nSELECT 'next';\n"), next.to_owned(), 5),
        (
            format!("CREATE TABLE t(a, b);\n.import --csv <<END t\n{long},2\nEND\nSELECT length(a), b FROM t;\n"),
            format!("{LONG}|2\n"),
            8,
        ),
    ] {
        sh.write("script", &script);
        let said = run_file(&sh, "script", times * LONG as u64);
        let err = String::from_utf8_lossy(&said.stderr[..said.stderr.len().min(100)]);
        assert!(said.stdout == out.as_bytes(), "{} bytes of output, {err}", said.stdout.len());
        assert!(err.is_empty() || err.starts_with("Error: unknown command"), "{err}");
    }
}

#[test]
fn quotes_without_an_end_are_told() {
    let sh = Shell::new();
    assert_eq!(
        sh.failing("SELECT 'a;\n"),
        "Parse error near line 1: unrecognized token: \"'a;\"\n  SELECT 'a;\n         ^--- error here\n"
    );
    assert_eq!(sh.script(".print 'a b\n.print \"c d\n"), "a b\nc d\n");
    assert_eq!(sh.failing("SELECT (1\n"), "Parse error near line 1: incomplete input\n");
}

#[test]
fn unknown_and_ambiguous_names_are_told() {
    let sh = Shell::new();
    for (name, more) in [("nope", ""), ("ba", "Commands that begin so: .backup, .bail\n"), ("modes", "")] {
        assert_eq!(
            sh.failing(&format!(".{name}\n")),
            format!("Error: unknown command or invalid arguments:  \"{name}\". Enter \".help\" for help\n{more}")
        );
    }
    // The first in a fixed order.
    assert_eq!(sh.failing(".e\n"), "Usage: .echo on|off\n");
    assert_eq!(sh.failing(".header\n"), "Usage: .headers on|off\n");
    let said = sh.run(&["-nope", ":memory:"], "");
    assert!(
        said.code == 1 && said.err.ends_with("Error: unknown option: -nope\nUse -help for a list of options.\n"),
        "{said:?}"
    );
}

#[test]
fn broken_text_is_taken_as_it_is() {
    let sh = Shell::new();
    let broken: &[u8] = b"\xff\xfe\xc3(\xe2\x82\xed\xa0\x80\xf4\x90\x80\x80\x80";
    for mode in [
        "ascii", "box", "c", "column", "csv", "html", "insert", "json", "line", "list", "markdown", "quote", "split",
        "table", "tabs", "tcl",
    ] {
        let mut script = format!(".mode {mode} --wrap 3 --charlimit 5\n.headers on\nSELECT '").into_bytes();
        script.extend_from_slice(broken);
        script.extend_from_slice(b"' AS \"");
        script.extend_from_slice(broken);
        script.extend_from_slice(b"\", 1;\n.nullvalue ");
        script.extend_from_slice(broken);
        script.extend_from_slice(b"\n.print ");
        script.extend_from_slice(broken);
        script.extend_from_slice(b"\n");
        std::fs::write(sh.dir().join("script"), &script).expect("a file");
        let said = run_file(&sh, "script", MEMORY_MAX);
        assert_eq!((said.status.code(), said.stderr.as_slice()), (Some(0), &b""[..]), "{mode}");
        assert!(said.stdout.windows(broken.len()).any(|window| window == broken), "{mode}");
    }
    let mut script = b"SELECT ".to_vec();
    script.extend_from_slice(broken);
    script.extend_from_slice(b";\n.");
    script.extend_from_slice(broken);
    script.extend_from_slice(b"\n.print end\n");
    std::fs::write(sh.dir().join("script"), &script).expect("a file");
    let mut child = sh.command(&[":memory:"]);
    let said = child.stdin(File::open(sh.dir().join("script")).expect("the script")).output().expect("the shell runs");
    assert_eq!((said.status.code(), said.stdout.as_slice()), (Some(1), &b"end\n"[..]));
}

#[test]
fn a_reader_who_leaves_ends_the_shell() {
    let sh = Shell::new();
    let mut child =
        sh.command(&[":memory:"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the shell starts");
    drop(child.stdout.take());
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(b"SELECT value FROM generate_series(1, 100000000);\n").expect("the shell reads");
    drop(input);
    assert_eq!(child.wait().expect("the shell ends").signal(), Some(libc::SIGPIPE));
}

#[test]
fn a_full_disk_is_told() {
    if !std::path::Path::new("/dev/full").exists() {
        println!("skipped: there is no /dev/full");
        return;
    }
    let sh = Shell::new();
    let full = || Stdio::from(OpenOptions::new().write(true).open("/dev/full").expect("/dev/full"));
    let run = |mut command: Command| {
        let said = command.output().expect("the shell runs");
        (said.status.code(), String::from_utf8(said.stderr).expect("text"))
    };
    let mut command = sh.command(&[":memory:", "SELECT 1;"]);
    command.stdout(full());
    assert_eq!(run(command), (Some(1), "Error: not all output could be written to \"stdout\"\n".to_owned()));
    for command in [".once /dev/full\n.print x", ".output /dev/full\nSELECT 1;\n.output", ".output /dev/full\n.dump"] {
        assert_eq!(sh.failing(&format!("{command}\n")), "Error: not all output could be written to \"/dev/full\"\n");
    }
}

#[test]
fn closed_streams_do_no_harm() {
    let sh = Shell::new();
    for closed in [0, 1, 2] {
        let mut command = sh.command(&["x.db"]);
        // SAFETY: close() is safe between fork and exec.
        unsafe {
            command.pre_exec(move || {
                libc::close(closed);
                Ok(())
            });
        }
        let status = command.arg("CREATE TABLE IF NOT EXISTS t(a); SELECT 1;").status().expect("the shell runs");
        assert!(status.code().is_some(), "{status}");
    }
    assert_eq!(sh.run(&["x.db"], ".tables\n"), Said::ok("t\n"));
    // Nobody has written into the database what was meant for somebody else.
    assert_eq!(sh.run(&["x.db"], "PRAGMA integrity_check;\n"), Said::ok("ok\n"));
}

#[test]
fn an_argument_that_is_none_is_an_error() {
    let sh = Shell::new();
    for (command, message) in [
        (".progress x", "not a number"),
        (".mode box --wrap x", "not a number"),
        (".import --csv --skip x f t", "not a number"),
        (".dbconfig bogus", "unknown dbconfig"),
        (".filectrl bogus", "unknown file-control: bogus"),
        (".testctrl bogus", "unknown test-control: bogus"),
    ] {
        let err = sh.failing(&format!("{command}\n"));
        assert!(err.contains(message), "{command}: {err}");
    }
    for command in [".log /nodir/x", ".trace /nodir/x", ".output /nodir/x", ".once /nodir/x"] {
        assert_eq!(sh.failing(&format!("{command}\n")), "Error: cannot open \"/nodir/x\"\n", "{command}");
    }
}
