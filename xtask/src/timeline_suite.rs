//! SQLite's own tests of its log, with every connection on the timeline.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Failure;
use crate::args::Args;
use crate::workspace::{c_compiler, cargo, make_dir, read, root, succeed, target, write};

/// Has a table of the files that differ from stock.
const DOCUMENT: &str = "docs/timeline-suite.md";

/// What came of a file: how many of its cases ran, and how many failed.
#[derive(Clone, Copy, Default, PartialEq)]
struct Outcome {
    ran: usize,
    failed: usize,
}

/// How a file differs from stock: cases that fail, and cases that do not run.
#[derive(Clone, Copy, Default, PartialEq)]
struct Difference {
    failed: usize,
    missing: usize,
}

/// `cargo xtask timeline-suite [--write] SUITES`
pub fn run(mut args: Args) -> Result<(), Failure> {
    let update = args.flag("--write");
    let suites = fs::canonicalize(args.word("SUITES")?)?;
    args.end()?;
    let stock = outcomes(&suites.join("baseline-wal.tsv"))?;
    let ours = outcomes(&run_suite(&suites)?)?;
    if let Some(file) = stock.keys().find(|file| !ours.contains_key(*file)) {
        return Err(format!("{file} was not run").into());
    }
    let differences = differences(&stock, &ours);
    let document = root().join(DOCUMENT);
    let text = read(&document)?;
    if update {
        return write(&document, with_counts(&text, &differences));
    }
    let worse = compare(&listed(&text), &differences);
    println!("{} files, {} differ from stock", ours.len(), differences.len());
    if worse > 0 { Err(format!("{worse} files differ in more than {DOCUMENT} says").into()) } else { Ok(()) }
}

/// Runs the set `wal` and returns the file with its results.
fn run_suite(suites: &Path) -> Result<PathBuf, Failure> {
    // Not below target/: the tests run as `nobody`, if root starts them.
    let dir = env::temp_dir().join("seawall-timeline-suite");
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    let amalgamation = dir.join("amalgamation");
    crate::amalgamation::run(Args::new([amalgamation.clone().into()].into_iter()))?;
    succeed(cargo().args(["rustc", "--release", "--features", "timeline", "--lib", "--crate-type", "staticlib"]))?;
    let ours = root().join("tests/timeline_suite");
    let object = dir.join("default.o");
    let mut cc = Command::new(c_compiler());
    cc.arg("-I").arg(&amalgamation).arg("-c").arg(ours.join("default.c")).arg("-o").arg(&object);
    succeed(&mut cc)?;
    snapshots(&dir, &amalgamation, &object)?;

    let work = dir.join("work");
    make_dir(&work)?;
    let mut unpack = Command::new("bash");
    succeed(unpack.args(["-c", ". \"$HERE/env.sh\""]).env("HERE", suites).env("SUITES_WORK", &work))?;
    let mut tester = OpenOptions::new().append(true).open(work.join("sqlite-tests/test/tester.tcl"))?;
    tester.write_all(read(&ours.join("tester.tcl"))?.as_bytes())?;

    let results = dir.join("wal.tsv");
    let library = target().join("release/libseawall.a");
    let mut tests = Command::new(suites.join("run-tcl.sh"));
    tests.arg(&amalgamation).arg(&results).arg("wal");
    tests.env("SUITES_WORK", &work).env("EXTRA", "-DSQLITE_EXTRA_INIT=timeline_init");
    tests.env("OBJ", format!("{} {} -lgcc_s", object.display(), library.display()));
    // No comparison with stock: that is done here.
    succeed(tests.env("BASE", "/dev/null"))?;
    Ok(results)
}

/// What the suite does not look at, in a build that has snapshots.
fn snapshots(dir: &Path, amalgamation: &Path, object: &Path) -> Result<(), Failure> {
    let program = dir.join("snapshots");
    let helpers = root().join("tests/c");
    let mut cc = Command::new(c_compiler());
    cc.args(["-DSQLITE_ENABLE_SNAPSHOT", "-DSEAWALL_TIMELINE", "-DSQLITE_EXTRA_INIT=timeline_init"])
        .arg("-I")
        .arg(amalgamation);
    cc.arg("-I").arg(&helpers).arg(root().join("tests/timeline_suite/snapshots.c")).arg(helpers.join("check.c"));
    cc.arg(amalgamation.join("sqlite3.c")).arg(object).arg(target().join("release/libseawall.a"));
    succeed(cc.args(["-lgcc_s", "-lpthread", "-ldl", "-lm", "-o"]).arg(&program))?;
    let scratch = dir.join("snapshots.dir");
    make_dir(&scratch)?;
    succeed(Command::new(program).current_dir(scratch))
}

/// The results of a run: a line for each file, with its status, how many cases ran and failed, and more.
fn outcomes(path: &Path) -> Result<BTreeMap<String, Outcome>, Failure> {
    let mut outcomes = BTreeMap::new();
    for line in read(path)?.lines().skip(1) {
        let [file, status, ran, failed, ..] = line.split('\t').collect::<Vec<_>>()[..] else {
            return Err(format!("{} has a line that is not understood: {line}", path.display()).into());
        };
        let (ran, failed) = (ran.parse()?, failed.parse()?);
        // Of a file that did not come to its end, the cases that passed are counted.
        let ran = if matches!(status, "ok" | "FAIL") { ran } else { ran + failed };
        outcomes.insert(file.to_owned(), Outcome { ran, failed });
    }
    Ok(outcomes)
}

/// The files in which cases fail that do not fail with stock. That fewer run, of a file that passes, is no difference: the tests that make
/// faults end when there was none.
fn differences(stock: &BTreeMap<String, Outcome>, ours: &BTreeMap<String, Outcome>) -> BTreeMap<String, Difference> {
    let mut differences = BTreeMap::new();
    for (file, ours) in ours {
        let stock = stock.get(file).copied().unwrap_or_default();
        let failed = ours.failed.saturating_sub(stock.failed);
        if failed > 0 {
            differences.insert(file.clone(), Difference { failed, missing: stock.ran.saturating_sub(ours.ran) });
        }
    }
    differences
}

/// A row of the table in the document, as its cells: file, cases that fail, cases that do not run, why.
fn cells(line: &str) -> Option<(&str, Difference, &str)> {
    let [file, failed, missing, why] =
        line.strip_prefix("| `")?.strip_suffix(" |")?.split(" | ").collect::<Vec<_>>()[..]
    else {
        return None;
    };
    let difference = Difference { failed: failed.parse().ok()?, missing: missing.parse().ok()? };
    Some((file.strip_suffix('`')?, difference, why))
}

fn listed(document: &str) -> BTreeMap<String, Difference> {
    let rows = document.lines().filter_map(cells);
    rows.map(|(file, difference, _)| (file.to_owned(), difference)).collect()
}

/// Tells what differs from the list, and returns how many files are worse than that.
fn compare(listed: &BTreeMap<String, Difference>, found: &BTreeMap<String, Difference>) -> usize {
    let mut worse = 0;
    for (file, now) in found {
        let then = listed.get(file).copied().unwrap_or_default();
        if *now == then {
            continue;
        }
        let is_worse = now.failed > then.failed || now.missing > then.missing;
        worse += usize::from(is_worse);
        let what = if is_worse { "worse" } else { "better" };
        println!(
            "{what}: {file}: {} cases fail ({} are listed), {} do not run ({} are listed)",
            now.failed, then.failed, now.missing, then.missing
        );
    }
    for file in listed.keys().filter(|file| !found.contains_key(*file)) {
        println!("better: {file} does not differ");
    }
    worse
}

/// The document with the counts of now. A file that is new in it has yet to be explained.
fn with_counts(document: &str, found: &BTreeMap<String, Difference>) -> String {
    let mut rows = found.iter().map(|(file, difference)| {
        let why = document.lines().filter_map(cells).find(|(name, ..)| name == file).map_or("?", |(.., why)| why);
        format!("| `{file}` | {} | {} | {why} |\n", difference.failed, difference.missing)
    });
    let mut text = String::new();
    for line in document.lines() {
        if cells(line).is_none() {
            text += line;
            text.push('\n');
        }
        if line.starts_with("| --- | --: | --: |") {
            text.extend(rows.by_ref());
        }
    }
    text
}
