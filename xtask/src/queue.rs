use seawall_upstream::{Pin, Placement, Queue, Source, locate};

use crate::Failure;
use crate::args::Args;
use crate::workspace::{root, scratch, write};

/// `cargo xtask queue [--renumber]`
pub fn run(mut args: Args) -> Result<(), Failure> {
    let renumber = args.flag("--renumber");
    args.end()?;
    let pin = Pin::load(root())?;
    let source = Source::read(&locate::find(&pin, root(), &scratch("queue")?)?, &pin)?;
    let queue = Queue::load(root())?;
    let fit = queue.fit(&source.c);
    let report = report(&queue, &fit);
    print!("{}", report.text);
    println!("{} patches change {} lines of SQLite {}", queue.patches.len(), queue.changed(), pin.sqlite);
    if report.lost > 0 {
        return Err(format!("{} hunks do not fit", report.lost).into());
    }
    if renumber {
        return write_renumbered(&queue, &fit);
    }
    if report.shifted > 0 {
        let shifted = report.shifted;
        return Err(format!("{shifted} hunks fit elsewhere; `cargo xtask queue --renumber` sets their lines").into());
    }
    queue.apply(&source.c)?;
    Ok(())
}

/// How the queue fits some text.
pub struct Report {
    /// A line for each patch, and for each hunk that is not exactly where it says.
    pub text: String,
    /// Hunks that fit at another line.
    pub shifted: usize,
    /// Hunks that fit nowhere.
    pub lost: usize,
}

pub fn report(queue: &Queue, fit: &[Vec<Placement>]) -> Report {
    let mut report = Report { text: String::new(), shifted: 0, lost: 0 };
    for (patch, placements) in queue.patches.iter().zip(fit) {
        let changed: usize = patch.hunks.iter().map(|h| h.changed()).sum();
        report.text += &format!("{}: {} hunks, {changed} lines\n", patch.name, patch.hunks.len());
        for (i, (hunk, placement)) in patch.hunks.iter().zip(placements).enumerate() {
            let at = format!("  hunk {} (line {}, in the file at {})", i + 1, hunk.old_start, hunk.at);
            match placement {
                Placement::At(0) => {}
                Placement::At(offset) => {
                    report.shifted += 1;
                    report.text += &format!("{at}: fits {offset:+} lines away\n");
                }
                Placement::Lost { line, matching, of, differs, expected, found } => {
                    report.lost += 1;
                    report.text += &format!(
                        "{at}: LOST; at line {line} {matching} of {of} lines match, line {differs} should be `{expected}` but is `{found}`\n"
                    );
                }
            }
        }
    }
    report
}

/// Sets the line numbers of every patch file to those that were found. Every hunk must have been.
pub fn write_renumbered(queue: &Queue, fit: &[Vec<Placement>]) -> Result<(), Failure> {
    let texts = queue.renumbered(fit).ok_or("a hunk does not fit")?;
    for (patch, text) in queue.patches.iter().zip(texts) {
        if patch.text() != text {
            write(&Queue::dir(root()).join(&patch.name), text)?;
        }
    }
    Ok(())
}
