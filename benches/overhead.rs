//! How many instructions the pluggable log costs those who do not use it: stock SQLite and ours run the same workloads
//! under callgrind, which counts them to the last one. `cargo bench --bench overhead [-- WORKLOAD]`
//!
//! Fails when a ratio is above its limit. The column "interpreter" says how much of the difference lies in
//! `sqlite3VdbeExec` alone. That function holds no line of ours and is the same text on both sides, but so large that
//! what a compiler inlines into it, and how it deals out the registers then, changes with anything anywhere: it is luck,
//! good or bad, and shows here as such.

mod sides;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::thread;

use sides::{Failure, Side, Sides, compiler, output, root, scratch};

/// In WAL mode, transactions that write one row, in percent.
const COMMIT_PERCENT_MAX: f64 = 0.6;
/// In WAL mode, queries, in percent.
const QUERY_PERCENT_MAX: f64 = 0.1;
/// A million small rows, stepped or summed, in percent: what counting rows and interrupting one statement may cost.
const ROWS_PERCENT_MAX: f64 = 0.3;
/// With a rollback journal, in percent: what a statement pays to be counted and interrupted, and different struct layouts.
const JOURNAL_PERCENT_MAX: f64 = 0.2;

#[derive(Clone, Copy)]
enum Mode {
    Wal,
    Delete,
}

impl Mode {
    fn name(self) -> &'static str {
        match self {
            Mode::Wal => "wal",
            Mode::Delete => "delete",
        }
    }
}

/// How much more than stock ours may need, in percent; None where the number is for information.
fn percent_max(mode: Mode, workload: &str) -> Option<f64> {
    match (mode, workload) {
        (_, "open-and-close") => None,
        (_, "million-rows" | "million-summed") => Some(ROWS_PERCENT_MAX),
        (Mode::Delete, _) => Some(JOURNAL_PERCENT_MAX),
        // Nothing but the smallest transactions there are: the upper bound of what anybody can see.
        (Mode::Wal, "tiny-insert" | "tiny-lookup") => None,
        (Mode::Wal, "insert" | "update") => Some(COMMIT_PERCENT_MAX),
        (Mode::Wal, _) => Some(QUERY_PERCENT_MAX),
    }
}

fn main() -> ExitCode {
    match compare() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(over) => {
            eprintln!("{over} of the ratios above are over their limit");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints the table; gives the number of lines that are over their limit.
fn compare() -> Result<usize, Failure> {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    if Command::new("valgrind").arg("--version").output().is_err() {
        return Err("this bench counts instructions with valgrind, which is not installed: \
                    install the package `valgrind` and run it again"
            .into());
    }
    let sides = Sides::compile()?;
    let dir = scratch("overhead")?;
    let [stock, ours] = [link(&sides.stock, &sides, &dir)?, link(&sides.ours, &sides, &dir)?];
    let workloads = output(Command::new(&stock).arg("list"))?;
    let mut over = 0;
    println!(
        "{:16} {:8} {:>13} {:>13} {:>10} {:>12} {:>7}",
        "workload", "journal", "stock", "ours", "difference", "interpreter", "limit"
    );
    for mode in [Mode::Wal, Mode::Delete] {
        let database = make_database(&stock, mode, &dir)?;
        for workload in workloads.lines().filter(|w| wanted.is_empty() || wanted.iter().any(|want| w.contains(want))) {
            let (stock, ours) = thread::scope(|scope| {
                let stock = scope.spawn(|| count("stock", &stock, mode, workload, &database, &dir));
                let ours = count("ours", &ours, mode, workload, &database, &dir);
                (stock.join(), ours)
            });
            let stock = stock.map_err(|_| "the thread that counts stock SQLite panicked")??;
            over += usize::from(compare_one(mode, workload, &stock, &ours?)?);
        }
    }
    println!("instructions by function: callgrind_annotate {}/*.callgrind", dir.display());
    Ok(over)
}

/// Prints one line of the table; true if it is over its limit.
fn compare_one(mode: Mode, workload: &str, stock: &Counted, ours: &Counted) -> Result<bool, Failure> {
    if stock.printed != ours.printed {
        return Err(format!("{workload}: stock saw {}, ours saw {}", stock.printed, ours.printed).into());
    }
    let percent =
        |stock_part: u64, ours_part: u64| (ours_part as f64 - stock_part as f64) / stock.instructions as f64 * 100.0;
    let difference = percent(stock.instructions, ours.instructions);
    let interpreter = percent(stock.interpreter, ours.interpreter);
    let max = percent_max(mode, workload);
    let is_over = max.is_some_and(|max| difference > max);
    println!(
        "{workload:16} {:8} {:>13} {:>13} {difference:>+8.3} % {interpreter:>+10.3} % {:>7}{}",
        mode.name(),
        stock.instructions,
        ours.instructions,
        max.map_or("none".to_owned(), |max| format!("{max} %")),
        if is_over { "  over" } else { "" },
    );
    Ok(is_over)
}

/// The workloads, linked with one side.
fn link(side: &Side, sides: &Sides, dir: &Path) -> Result<PathBuf, Failure> {
    let program = dir.join(format!("workload-{}", side.name));
    let source = root().join("benches/overhead/workload.c");
    let mut command = compiler();
    command.args(["-O2", "-Wall", "-Wextra", "-I"]).arg(&sides.include).arg(source).arg(&side.object);
    output(command.arg("-o").arg(&program).args(["-lm", "-lpthread", "-ldl"]))?;
    Ok(program)
}

/// A directory with a database for the workloads, which both sides start from.
fn make_database(program: &Path, mode: Mode, dir: &Path) -> Result<PathBuf, Failure> {
    let database = dir.join(format!("{}-database", mode.name()));
    empty(&database)?;
    output(Command::new(program).args(["make", mode.name()]).current_dir(&database))?;
    Ok(database)
}

struct Counted {
    instructions: u64,
    /// Those of sqlite3VdbeExec itself, without what it calls.
    interpreter: u64,
    /// What the workload printed about its rows.
    printed: String,
}

/// Runs a workload on a copy of the database, in places for both sides whose names are equally long.
fn count(
    side: &str,
    program: &Path,
    mode: Mode,
    workload: &str,
    database: &Path,
    dir: &Path,
) -> Result<Counted, Failure> {
    let copy = dir.join(format!("run-{side:_<5}"));
    empty(&copy)?;
    for name in ["x.db", "x.db-wal"] {
        if database.join(name).exists() {
            fs::copy(database.join(name), copy.join(name))?;
        }
    }
    let counts = dir.join(format!("{workload}-{}-{side}.callgrind", mode.name()));
    let mut command = Command::new("valgrind");
    command.args(["--quiet", "--tool=callgrind", "--toggle-collect=measured"]);
    command.args(["--compress-strings=no", "--compress-pos=no"]);
    command.arg(format!("--callgrind-out-file={}", counts.display()));
    let printed = output(command.arg(program).args(["run", mode.name(), workload]).current_dir(&copy))?;
    let text = fs::read_to_string(&counts).map_err(|e| format!("cannot read {}: {e}", counts.display()))?;
    match total(&text) {
        Some(0) | None => Err(format!("callgrind counted nothing: see {}", counts.display()).into()),
        Some(instructions) => {
            Ok(Counted { instructions, interpreter: own(&text, "sqlite3VdbeExec"), printed: printed.trim().to_owned() })
        }
    }
}

/// The sum that callgrind writes at the end of its file.
fn total(counts: &str) -> Option<u64> {
    counts.lines().find_map(|line| line.strip_prefix("totals:")?.trim().parse().ok())
}

/// What a function spent by itself: a line "fn=NAME" is followed by lines "POSITION COUNT"; the one behind a line
/// "calls=…" belongs to the callee.
fn own(counts: &str, function: &str) -> u64 {
    let (mut sum, mut is_inside, mut is_callee) = (0, false, false);
    for line in counts.lines() {
        if let Some(name) = line.strip_prefix("fn=") {
            is_inside = name == function;
        } else if line.starts_with("calls=") {
            is_callee = true;
        } else if line.starts_with(|c: char| c.is_ascii_digit()) {
            let count = line.split(' ').nth(1).and_then(|count| count.parse::<u64>().ok());
            sum += if is_inside && !is_callee { count.unwrap_or(0) } else { 0 };
            is_callee = false;
        }
    }
    sum
}

/// An empty directory.
fn empty(dir: &Path) -> Result<(), Failure> {
    if dir.exists() {
        fs::remove_dir_all(dir).map_err(|e| format!("cannot remove {}: {e}", dir.display()))?;
    }
    fs::create_dir_all(dir).map_err(|e| format!("cannot create {}: {e}", dir.display()).into())
}
