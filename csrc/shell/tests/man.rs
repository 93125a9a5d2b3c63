//! Does the manual page tell all?

mod common;

use common::Shell;

/// Its source, with plain dashes.
fn page() -> String {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/seawall.1");
    std::fs::read_to_string(file).expect("the page").replace("\\-", "-")
}

/// The page has this line, or one that goes on with a blank or a quote.
fn assert_listed(page: &str, line: &str) {
    let listed =
        page.lines().filter_map(|l| l.strip_prefix(line)).any(|more| more.is_empty() || more.starts_with([' ', '"']));
    assert!(listed, "docs/seawall.1 lacks {line:?}: run `cargo xtask man`");
}

#[test]
fn every_option_is_in_the_manual_page() {
    let (sh, page) = (Shell::new(), page());
    let help = sh.run(&["-help"], "").err;
    let options: Vec<&str> = help.lines().filter_map(|line| line.strip_prefix("   -")?.split(' ').next()).collect();
    assert!(options.contains(&"readonly"), "{options:?}");
    for option in options {
        assert_listed(&page, &format!(".It Fl {option}"));
    }
}

#[test]
fn every_command_is_in_the_manual_page() {
    let (sh, page) = (Shell::new(), page());
    let help = sh.script(".help");
    let commands: Vec<&str> = help.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(commands.contains(&".schema"), "{commands:?}");
    for command in commands {
        assert_listed(&page, &format!(".It Ic \"\\&{command}"));
    }
}

#[test]
fn both_names_are_the_same_program() {
    let run = |program| {
        std::process::Command::new(program).args(["-noinit", ":memory:", ".version"]).output().expect("it runs")
    };
    let (sqlite3, seawall) = (run(env!("CARGO_BIN_EXE_sqlite3")), run(env!("CARGO_BIN_EXE_seawall")));
    assert!(String::from_utf8_lossy(&seawall.stdout).starts_with("SQLite 3."), "{seawall:?}");
    assert_eq!(sqlite3.stdout, seawall.stdout);
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_seawall")).arg("--help").output().expect("it runs");
    let help = String::from_utf8_lossy(&help.stderr).into_owned();
    for group in
        [" The database:\n", " What is run:\n", " How results are shown:\n", " The library:\n", " The shell itself:\n"]
    {
        assert!(help.contains(group), "{help}");
    }
}
