//! Does the shell say what the system's `sqlite3` says? Several hundred scripts run through both, and everything they
//! write and return must be equal, but for what [`rules::RULES`] gives a reason for.

mod rules;
mod scripts;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use rules::RULES;
use scripts::{PART, Script};

/// The release that the rules are written for.
const SYSTEM_VERSION: &str = "3.40.1";

/// What one run has said. Bytes that are no text are shown as such.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

/// A part of a script with what both shells make of it.
struct Outcome<'a> {
    name: &'a str,
    script: &'a Script,
    system: Said,
    ours: Said,
}

#[test]
fn the_shell_says_what_the_systems_sqlite3_says_or_there_is_a_reason() {
    let Some(system) = system_shell() else { return };
    let scripts = scripts::all();
    let outcomes = run_all(&system, &scripts);
    let mut failures = String::new();
    let mut needed = BTreeSet::new();
    for outcome in &outcomes {
        match explain(outcome) {
            Ok(rules) => needed.extend(rules),
            Err(nearest) => describe(&mut failures, outcome, &nearest),
        }
    }
    for (i, rule) in RULES.iter().enumerate() {
        if !needed.contains(&i) {
            writeln!(failures, "\nno script needs this reason any more: {}", rule.reason).expect("memory");
        }
    }
    assert!(failures.is_empty(), "of {} scripts:\n{failures}", outcomes.len());
}

/// The page for people says what the rules say.
#[test]
fn the_page_lists_the_reasons() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/shell-differences.md");
    let page = std::fs::read_to_string(&path).expect("docs/shell-differences.md");
    let listed: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("- ")).collect();
    let reasons: Vec<&str> = RULES.iter().map(|rule| rule.reason).collect();
    assert_eq!(listed, reasons, "the list in {} and the reasons of the rules differ", path.display());
}

/// The system's shell, if it is there and of the release that the rules are about.
fn system_shell() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let Some(shell) = std::env::split_paths(&path).map(|dir| dir.join("sqlite3")).find(|file| file.is_file()) else {
        println!("skipped: there is no sqlite3 on PATH");
        return None;
    };
    let version = Command::new(&shell).arg("-version").output().expect("sqlite3 runs").stdout;
    let version = String::from_utf8_lossy(&version).split(' ').next().unwrap_or_default().to_owned();
    if version != SYSTEM_VERSION {
        println!("skipped: {} is {version}, not {SYSTEM_VERSION}", shell.display());
        return None;
    }
    Some(shell)
}

/// Runs every script through both shells, on all processors.
fn run_all<'a>(system: &Path, scripts: &'a [Script]) -> Vec<Outcome<'a>> {
    let ours = std::env::var_os("SEAWALL_TEST_SHELL").unwrap_or_else(|| env!("CARGO_BIN_EXE_sqlite3").into());
    let ours = Path::new(&ours);
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(script) = scripts.get(i) else { break };
                    results.lock().expect("no thread panicked").push((i, run(system, script), run(ours, script)));
                }
            });
        }
    });
    let mut results = results.into_inner().expect("no thread panicked");
    results.sort_by_key(|(i, ..)| *i);
    results.into_iter().flat_map(|(i, system, ours)| split(&scripts[i], &system, &ours)).collect()
}

/// Cuts what has been said into the parts of the script. The messages and the exit code belong to the last one.
fn split<'a>(script: &'a Script, system: &Said, ours: &Said) -> Vec<Outcome<'a>> {
    let last = script.names.len() - 1;
    let cut = |said: &Said| -> Vec<Said> {
        let parts: Vec<&str> = said.out.split(PART).collect();
        assert_eq!(parts.len(), script.names.len(), "{}", said.out);
        let none = Said { code: None, out: String::new(), err: String::new() };
        parts
            .into_iter()
            .enumerate()
            .map(|(i, out)| Said { out: out.to_owned(), ..if i == last { said.clone() } else { none.clone() } })
            .collect()
    };
    let said = cut(system).into_iter().zip(cut(ours));
    script.names.iter().zip(said).map(|(name, (system, ours))| Outcome { name, script, system, ours }).collect()
}

/// Runs a script in an empty directory of its own.
fn run(shell: &Path, script: &Script) -> Said {
    let dir = tempfile::tempdir().expect("a temporary directory");
    for (name, content) in &script.files {
        std::fs::write(dir.path().join(name), content).expect("a file");
    }
    let input = dir.path().join(".input");
    std::fs::write(&input, &script.input).expect("a file");
    let output = Command::new(shell)
        .args(&script.args)
        .current_dir(dir.path())
        .env("HOME", dir.path())
        .env("NO_COLOR", "1")
        .env_remove("XDG_CONFIG_HOME")
        .env_remove("SQLITE_HISTORY")
        .stdin(Stdio::from(std::fs::File::open(&input).expect("the file")))
        .output()
        .expect("the shell runs");
    let text = |bytes: &[u8]| {
        let text = bytes.utf8_chunks().fold(String::new(), |mut text, chunk| {
            text.push_str(chunk.valid());
            chunk.invalid().iter().for_each(|byte| write!(text, "<{byte:02x}>").expect("memory"));
            text
        });
        text.replace(&shell.display().to_string(), "sqlite3").replace(&dir.path().display().to_string(), "DIR")
    };
    Said { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
}

/// The rules that account for the difference, none if there is no difference; or what they make of the two.
fn explain(outcome: &Outcome) -> Result<Vec<usize>, (Said, Said)> {
    let name = outcome.name;
    let mut rules: Vec<usize> = (0..RULES.len()).filter(|&i| RULES[i].is_about(name)).collect();
    let compare = |rules: &[usize]| {
        let mut pair = (outcome.system.clone(), outcome.ours.clone());
        for &i in rules {
            (RULES[i].relate)(&mut pair.0, &mut pair.1);
        }
        if pair.0 == pair.1 { None } else { Some(pair) }
    };
    if let Some(pair) = compare(&rules) {
        return Err(pair);
    }
    // Drop every rule that the others can do without.
    for i in rules.clone() {
        let fewer: Vec<usize> = rules.iter().copied().filter(|&other| other != i).collect();
        if compare(&fewer).is_none() {
            rules = fewer;
        }
    }
    Ok(rules)
}

/// Shows what differs and what the rules have made of it.
fn describe(report: &mut String, outcome: &Outcome, nearest: &(Said, Said)) {
    let (name, Script { args, input, .. }) = (outcome.name, outcome.script);
    let shown = |text: &str| {
        if text.len() > 3000 { text.chars().take(3000).chain("…".chars()).collect() } else { text.to_owned() }
    };
    writeln!(report, "\n=== {name}: {args:?}\n{}", shown(input)).expect("memory");
    let parts = |said: &Said| [format!("{:?}", said.code), said.out.clone(), said.err.clone()];
    for (i, part) in ["exit code", "stdout", "stderr"].into_iter().enumerate() {
        let (system, ours) = (&parts(&nearest.0)[i], &parts(&nearest.1)[i]);
        if system != ours {
            writeln!(report, "--- {part} of the system's\n{}\n+++ of ours\n{}", shown(system), shown(ours))
                .expect("memory");
        }
    }
}
