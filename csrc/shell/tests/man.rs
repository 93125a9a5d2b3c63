//! Does the manual page tell all?

mod common;

use common::Shell;

/// Of its source, what is between the lines that mark the list `name`.
fn list(name: &str) -> String {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/seawall.1");
    let page = std::fs::read_to_string(file).expect("the page");
    let (_, from) = page.split_once(&format!(".\\\" BEGIN {name}")).expect("its begin");
    let (_, from) = from.split_once('\n').expect("its first line");
    from.split_once(&format!(".\\\" END {name}")).expect("its end").0.to_owned()
}

/// The words, whatever the lines and the stops at the ends of sentences are.
fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(|word| word.trim_end_matches(['.', ':']).to_lowercase()).collect()
}

/// The words that a reader of this source sees.
fn words_of_page(source: &str) -> Vec<String> {
    let text = |line: &str| {
        let line = line.replace("\\-", "-").replace("\\&", "").replace("\\(dq", "\u{1}").replace("\\e", "\\");
        let line = match line.split(' ').next() {
            Some(".Bl" | ".El" | ".Bd" | ".Ed") => "",
            Some(".Ss") => &line[4..],
            Some(".It") => &line[".It Ic ".len()..],
            _ => &line,
        };
        line.replace('"', "").replace('\u{1}', "\"").replace(" Ar ", " ")
    };
    words(&source.lines().map(text).collect::<Vec<_>>().join("\n"))
}

/// Tells the first place where the page differs.
fn assert_same(help: &[String], page: &[String]) {
    if let Some(at) = (0..help.len().max(page.len())).find(|at| help.get(*at) != page.get(*at)) {
        let around = |words: &[String]| words[at.saturating_sub(5)..(at + 5).min(words.len())].join(" ");
        let (help, page) = (around(help), around(page));
        panic!("docs/seawall.1 has {page:?}, the shell {help:?}: run `cargo xtask man`");
    }
}

#[test]
fn the_manual_page_has_what_help_says_of_options() {
    let help = Shell::new().run(&["-help"], "").err;
    let (_, help) = help.split_once("OPTIONS include:\n").expect("options");
    assert!(help.contains("\n   -readonly "), "{help}");
    let help = help.replace("\n   -", "\n   ");
    assert_same(&words(&help), &words_of_page(&list("options")));
}

#[test]
fn the_manual_page_has_what_help_says_of_commands() {
    let help = Shell::new().script(".help -all");
    assert!(help.contains("\n.schema "), "{help}");
    assert_same(&words(&help), &words_of_page(&list("commands")));
}

#[test]
fn descriptions_begin_in_one_column() {
    let help = Shell::new().script(".help -all");
    let mut lines = help.lines();
    while let Some(line) = lines.next() {
        if line.starts_with('.') {
            let begins_there =
                |line: &str| line.get(24..26).is_some_and(|gap| gap.starts_with(' ') && !gap.ends_with(' '));
            let mut next = || lines.next().filter(|next| next.starts_with(' '));
            assert!(begins_there(line) || next().is_some_and(begins_there), "{line}");
        }
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
