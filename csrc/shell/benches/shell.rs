//! How fast the shell is, and how much memory it needs, beside the system's `sqlite3`.
//! `cargo bench -p seawall-shell [-- TASK]`
//!
//! Time says little by itself on a machine that does other things as well. So the two take turns, and each round gives a
//! ratio; the medians of the ratios of wall clock and user time are what counts. Fails when one of them is above 1.
//! `SHELL_BENCH_ROWS` and `SHELL_BENCH_DUMP_BYTES` set the sizes, `SHELL_BENCH_ROUNDS` the number of rounds.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::time::{Duration, Instant};

type Failure = Box<dyn std::error::Error>;

const RATIO_MAX: f64 = 1.0;

/// What is measured: a script, which writes to standard output.
struct Task {
    name: &'static str,
    database: &'static str,
    script: String,
}

/// What one run has cost.
#[derive(Clone, Copy)]
struct Cost {
    wall: Duration,
    user: Duration,
    memory_max: u64,
}

fn main() -> ExitCode {
    match compare() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(over) => {
            eprintln!("{over} of the ratios above are over {RATIO_MAX}");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints a table of the tasks; gives the number of them that are slower than the system's.
fn compare() -> Result<usize, Failure> {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let system = system_shell()?;
    let ours = PathBuf::from(env!("CARGO_BIN_EXE_sqlite3"));
    let dir = tempfile::tempdir()?;
    let rounds = setting("SHELL_BENCH_ROUNDS", 7)?.max(1);
    let tasks = tasks();
    let is_wanted = |task: &&Task| wanted.is_empty() || wanted.iter().any(|want| task.name.contains(want.as_str()));
    println!(
        "{:8} {:>10} {:>10} {:>7} {:>10} {:>10} {:>7} {:>12} {:>12}",
        "task", "system", "ours", "ratio", "user", "ours", "ratio", "peak memory", "ours"
    );
    let mut over = 0;
    for task in tasks.iter().filter(is_wanted) {
        prepare(&ours, dir.path(), task.database)?;
        let mut pairs = Vec::new();
        for round in 0..rounds {
            let (first, second) = if round % 2 == 0 { (&system, &ours) } else { (&ours, &system) };
            let (a, b) = (measure(first, dir.path(), task)?, measure(second, dir.path(), task)?);
            pairs.push(if round % 2 == 0 { (a, b) } else { (b, a) });
        }
        over += usize::from(print_task(task, &pairs));
    }
    Ok(over)
}

/// Prints one line of the table; true if a ratio is too large.
fn print_task(task: &Task, pairs: &[(Cost, Cost)]) -> bool {
    let seconds = |of: fn(&Cost) -> Duration| {
        let both = pairs.iter().map(|(system, ours)| (of(system).as_secs_f64(), of(ours).as_secs_f64()));
        let (system, ours): (Vec<f64>, Vec<f64>) = both.clone().unzip();
        (median(system), median(ours), median(both.map(|(system, ours)| ours / system).collect()))
    };
    let memory = |of: fn(&(Cost, Cost)) -> u64| pairs.iter().map(of).max().unwrap_or_default() / 1024;
    let (wall, user) = (seconds(|cost| cost.wall), seconds(|cost| cost.user));
    println!(
        "{:8} {:>8.3} s {:>8.3} s {:>7.2} {:>8.3} s {:>8.3} s {:>7.2} {:>8} KiB {:>8} KiB",
        task.name,
        wall.0,
        wall.1,
        wall.2,
        user.0,
        user.1,
        user.2,
        memory(|pair| pair.0.memory_max),
        memory(|pair| pair.1.memory_max)
    );
    wall.2 > RATIO_MAX || user.2 > RATIO_MAX
}

fn tasks() -> Vec<Task> {
    let import = "CREATE TABLE t(id, name, price, note, day);\n.import --csv rows.csv t\n".to_owned();
    let mut tasks = vec![Task { name: "import", database: ":memory:", script: import }];
    for mode in ["list", "csv", "json", "box"] {
        tasks.push(Task { name: mode, database: "rows.db", script: format!(".mode {mode}\nSELECT * FROM t;\n") });
    }
    tasks.push(Task { name: "dump", database: "dump.db", script: ".dump\n".to_owned() });
    tasks
}

fn setting(name: &str, default: u64) -> Result<u64, Failure> {
    match std::env::var(name) {
        Ok(value) => value.parse().map_err(|_| format!("{name} must be a number, not \"{value}\"").into()),
        Err(_) => Ok(default),
    }
}

fn system_shell() -> Result<PathBuf, Failure> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .map(|dir| dir.join("sqlite3"))
        .find(|file| file.is_file())
        .ok_or_else(|| "this bench needs the system's sqlite3: install the package `sqlite3` and run it again".into())
}

/// Makes what the tasks on this database read, if it is not there yet.
fn prepare(shell: &Path, dir: &Path, database: &str) -> Result<(), Failure> {
    let rows = setting("SHELL_BENCH_ROWS", 1_000_000)?;
    let csv = dir.join("rows.csv");
    if !csv.exists() {
        let mut file = BufWriter::new(File::create(&csv)?);
        for i in 0..rows {
            let (cents, month, day) = (i * 31 % 100_000, i % 12 + 1, i % 28 + 1);
            write!(file, "{i},item {},{}.{:02},", i * 7919 % 1_000_003, cents / 100, cents % 100)?;
            match i % 10 {
                0 => write!(file, "\"quoted, with \"\"marks\"\" {i}\"")?,
                _ => write!(file, "plain text {i}")?,
            }
            writeln!(file, ",2026-{month:02}-{day:02}")?;
        }
        file.flush()?;
    }
    let script = match database {
        "rows.db" => "CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT, price REAL, note TEXT, day TEXT);\n.import --csv rows.csv t\n".to_owned(),
        "dump.db" => {
            let rows = setting("SHELL_BENCH_DUMP_BYTES", 1 << 30)? / 1000;
            format!("CREATE TABLE t(id INTEGER PRIMARY KEY, text TEXT, data BLOB, number REAL);
                INSERT INTO t SELECT value, printf('%.*c it''s ', 640, 'x') || value, randomblob(300), value / 7.0 FROM generate_series(1, {rows});\n")
        }
        _ => return Ok(()),
    };
    if dir.join(database).exists() {
        return Ok(());
    }
    let mut child = Command::new(shell).arg(database).current_dir(dir).stdin(Stdio::piped()).spawn()?;
    child.stdin.take().ok_or("no pipe")?.write_all(script.as_bytes())?;
    if child.wait()?.success() { Ok(()) } else { Err(format!("cannot make {database}").into()) }
}

/// Runs a task once, with its output to a file.
fn measure(shell: &Path, dir: &Path, task: &Task) -> Result<Cost, Failure> {
    let script = dir.join("script");
    fs::write(&script, &task.script)?;
    let output = dir.join("output");
    let begin = Instant::now();
    let child = Command::new(shell)
        .arg(task.database)
        .current_dir(dir)
        .env("HOME", dir)
        .stdin(File::open(&script)?)
        .stdout(File::create(&output)?)
        .spawn()?;
    let (status, usage) = wait(child.id())?;
    let wall = begin.elapsed();
    fs::remove_file(&output)?;
    if !status.success() {
        return Err(format!("{} ends with {status} on {}", shell.display(), task.name).into());
    }
    let micros = u64::try_from(usage.ru_utime.tv_sec)? * 1_000_000 + u64::try_from(usage.ru_utime.tv_usec)?;
    Ok(Cost { wall, user: Duration::from_micros(micros), memory_max: u64::try_from(usage.ru_maxrss)? * 1024 })
}

/// Waits for a child process; gives what it has used.
fn wait(pid: u32) -> Result<(ExitStatus, libc::rusage), Failure> {
    let pid = libc::pid_t::try_from(pid)?;
    let mut status = 0;
    // SAFETY: all zeros is a valid rusage.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are valid for the call; the process is a child that nobody else waits for.
    if unsafe { libc::wait4(pid, &raw mut status, 0, &raw mut usage) } == pid {
        Ok((ExitStatus::from_raw(status), usage))
    } else {
        Err(std::io::Error::last_os_error().into())
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
