//! What the shell looks like on a terminal: sessions for docs/shell.md, held in tmux.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::Failure;
use crate::args::Args;
use crate::workspace::{cargo, make_dir, output, read, root, scratch, succeed, write};

const COLUMNS: &str = "100";
const ROWS: &str = "40";

/// What is looked for on the screen appears within this time, or something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What the person at the terminal does.
enum Step {
    /// Types this, presses Enter and waits for the next prompt.
    Run(&'static str),
    /// Types this at the end of the line.
    Type(&'static str),
    /// Types this for something else.
    Keys(&'static str),
    /// Presses this key, by its name in tmux.
    Press(&'static str),
    /// Waits until this is on the screen.
    See(&'static str),
    /// Waits for the prompt.
    Prompt,
    /// Keeps what is on the screen; what is there at the end is kept anyhow.
    Keep,
}

use Step::{Keep, Keys, Press, Prompt, Run, See, Type};

/// The sessions, in the order of the page: a name, the database that the shell is started with, and what is done.
const SESSIONS: &[(&str, &str, &[Step])] = &[
    (
        "modes",
        "music.db",
        &[
            Run("CREATE TABLE album(title TEXT PRIMARY KEY, artist TEXT, year INTEGER);"),
            Type("INSERT INTO album VALUES('Blue Train', 'John Coltrane', 1958),"),
            Press("Enter"),
            Type("('Kind of Blue', 'Miles Davis', 1959),"),
            Press("Enter"),
            Run("('Head Hunters', 'Herbie Hancock', 1973);"),
            Run("SELECT * FROM album;"),
            Run(".mode markdown"),
            Run("SELECT title, year FROM album WHERE year < 1960;"),
            Run(".mode json"),
            Run("SELECT title, year FROM album WHERE year < 1960;"),
        ],
    ),
    (
        "completion",
        "music.db",
        &[
            Type("sel"),
            Press("Tab"),
            Type("tit"),
            Press("Tab"),
            Type("fro"),
            Press("Tab"),
            Type("alb"),
            Press("Tab"),
            See("from album"),
            Run("where year < 1960;"),
            Type(".mode --ti"),
            Press("Tab"),
            Press("Tab"),
            Press("Tab"),
            See("--titlelimit"),
        ],
    ),
    (
        "search",
        "music.db",
        &[
            Type("SELECT artist FROM album"),
            Press("Enter"),
            See(";->"),
            Run("ORDER BY year LIMIT 1;"),
            Run("SELECT max(year) FROM album;"),
            Press("C-r"),
            Keys("order"),
            See("`order'"),
            Keep,
            Press("Enter"),
            Prompt,
        ],
    ),
    (
        "errors",
        "music.db",
        &[
            Run("SELECT title FROM albun;"),
            Run("SELECT title, yaer FROM album;"),
            Run("INSERT INTO album(title) VALUES('Blue Train');"),
            Run(".mode --wrapped 20"),
            Run(".import --csv missing.csv album"),
        ],
    ),
    (
        "progress",
        "music.db",
        &[
            Run("CREATE TABLE number(n INTEGER);"),
            Type(".import --csv '|seq 100000000' number"),
            Press("Enter"),
            See("/s, 2 s"),
            Keep,
            Press("C-c"),
            Prompt,
            Run("SELECT count(*) FROM number;"),
        ],
    ),
    (
        "logs",
        ":memory:",
        &[
            Run(".open file:scratch.db?wal=memroy"),
            Run(".open file:scratch.db?wal=memory"),
            Run("PRAGMA journal_mode=wal;"),
            Run("CREATE TABLE note(body); INSERT INTO note VALUES('kept on the heap');"),
            Run(".wal"),
        ],
    ),
    (
        "timeline",
        ":memory:",
        &[
            Run(".open file:notes.db?wal=timeline"),
            Run("CREATE TABLE note(body);"),
            Run("INSERT INTO note VALUES('water the plants');"),
            Run("DELETE FROM note;"),
            Run(".timeline"),
            Run(".timeline at 3"),
            Run("SELECT body FROM note;"),
            Run(".timeline now"),
            Run(".timeline restore 3"),
            Run("SELECT body FROM note;"),
        ],
    ),
];

/// `cargo xtask transcript`
pub fn run(args: Args) -> Result<(), Failure> {
    args.end()?;
    succeed(cargo().args(["build", "--package", "seawall-shell"]))?;
    let dir = scratch("transcript")?;
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    make_dir(&dir)?;
    let page = root().join("docs/shell.md");
    let mut text = read(&page)?;
    for (name, database, steps) in SESSIONS {
        let screen = Terminal::start(&dir, name, database)?.play(steps)?;
        text = replace(&text, name, &screen)?;
    }
    write(&page, text)
}

/// Replaces the block behind the comment that names the session.
fn replace(page: &str, name: &str, screen: &str) -> Result<String, Failure> {
    let mark = format!("<!-- session: {name} -->\n```text\n");
    let missing = || format!("docs/shell.md has no block for the session {name}");
    let from = page.find(&mark).ok_or_else(missing)? + mark.len();
    let to = page[from..].find("```").ok_or_else(missing)? + from;
    Ok(format!("{}{screen}{}", &page[..from], &page[to..]))
}

/// The shell in a terminal of its own, which ends with it.
struct Terminal {
    socket: PathBuf,
}

impl Terminal {
    fn start(dir: &Path, name: &str, database: &str) -> Result<Self, Failure> {
        let terminal = Self { socket: dir.join(name).with_extension("tmux") };
        let shell = root().join("target/debug/seawall");
        let mut tmux = terminal.tmux();
        tmux.args(["-f", "/dev/null", "new-session", "-d", "-x", COLUMNS, "-y", ROWS, "-c"]).arg(dir);
        tmux.args(["env", "-u", "SQLITE_PS1", "-u", "SQLITE_PS2", "SQLITE_HISTORY=history"]);
        succeed(tmux.arg(shell).args(["-noinit", database]))?;
        terminal.wait("the prompt", is_at_prompt)?;
        Ok(terminal)
    }

    fn tmux(&self) -> Command {
        let mut command = Command::new("tmux");
        command.arg("-S").arg(&self.socket);
        command
    }

    /// What has been kept. Of a later screen, that is what differs from the one before.
    fn play(&self, steps: &[Step]) -> Result<String, Failure> {
        let mut kept = Vec::new();
        for step in steps {
            match step {
                Run(text) => {
                    self.text(text)?;
                    self.key("Enter")?;
                    self.wait("the prompt", is_at_prompt)?;
                }
                Type(text) => self.text(text)?,
                Keys(text) => self.keys(text)?,
                Press(key) => self.key(key)?,
                See(text) => self.wait(text, |screen| screen.contains(text))?,
                Prompt => self.wait("the prompt", is_at_prompt)?,
                Keep => kept.push(self.screen()?),
            }
        }
        kept.push(self.screen()?);
        let first = kept[0].clone();
        let later = kept.windows(2).map(|screens| format!("\n{}", difference(&screens[0], &screens[1])));
        Ok(first + &later.collect::<String>())
    }

    /// Types the text and waits until it is shown.
    fn text(&self, text: &str) -> Result<(), Failure> {
        self.keys(text)?;
        self.wait(text, |screen| joined(screen).ends_with(&joined(text)))
    }

    fn keys(&self, text: &str) -> Result<(), Failure> {
        // A semicolon at the end of a word would end the command of tmux.
        let keys = text.strip_suffix(';').map_or(text.to_owned(), |text| format!("{text}\\;"));
        succeed(self.tmux().args(["send-keys", "-l", "--", &keys]))
    }

    fn key(&self, key: &str) -> Result<(), Failure> {
        succeed(self.tmux().args(["send-keys", key]))
    }

    fn screen(&self) -> Result<String, Failure> {
        Ok(format!("{}\n", output(self.tmux().args(["capture-pane", "-p"]))?.trim_end()))
    }

    fn wait(&self, what: &str, done: impl Fn(&str) -> bool) -> Result<(), Failure> {
        let begun = Instant::now();
        loop {
            let screen = self.screen()?;
            if done(&screen) {
                return Ok(());
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("{what} does not appear on the screen:\n{screen}").into());
            }
            sleep(LOOK_AGAIN);
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Its server has no other session.
        let _ = self.tmux().arg("kill-server").status();
    }
}

/// The lines of `after` from the first that is another one than in `before`.
fn difference(before: &str, after: &str) -> String {
    let same = before.lines().zip(after.lines()).take_while(|(before, after)| before == after).count();
    after.lines().skip(same).map(|line| format!("{line}\n")).collect()
}

/// The text without white space: a long line goes on in the next one.
fn joined(text: &str) -> String {
    text.split_whitespace().collect()
}

/// The last line is a prompt with nothing behind it.
fn is_at_prompt(screen: &str) -> bool {
    screen.trim_end().ends_with("->")
}
