//! The lists of options and commands in the shell's manual page, from what the shell says about itself.

use std::fmt::Write;

use crate::Failure;
use crate::args::Args;
use crate::workspace::{cargo, read, root, write};

/// Where the description begins in the line of a command.
const DESCRIPTION: usize = 25;

/// `cargo xtask man`
pub fn run(args: Args) -> Result<(), Failure> {
    args.end()?;
    let page = root().join("docs/seawall.1");
    let text = read(&page)?;
    let text = replace(&text, "options", &options(&shell(&["-help"])?)?)?;
    let text = replace(&text, "commands", &commands(&shell(&[":memory:", ".help -all"])?)?)?;
    write(&page, text)
}

/// What the shell says on either output.
fn shell(args: &[&str]) -> Result<String, Failure> {
    let output = cargo().args(["run", "--quiet", "--package", "seawall-shell", "--", "-noinit"]).args(args).output()?;
    if !output.status.success() {
        return Err(format!("the shell fails with {args:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    Ok(String::from_utf8([output.stdout, output.stderr].concat())?)
}

/// Replaces what is between the lines that mark the list `name`.
fn replace(page: &str, name: &str, list: &str) -> Result<String, Failure> {
    let missing = || format!("docs/seawall.1 has no list of {name}");
    let (begin, end) = (format!(".\\\" BEGIN {name}"), format!(".\\\" END {name}"));
    let from = page.find(&begin).and_then(|at| Some(at + page[at..].find('\n')? + 1)).ok_or_else(missing)?;
    let to = page[from..].find(&end).map(|at| at + from).ok_or_else(missing)?;
    Ok(format!("{}{list}{}", &page[..from], &page[to..]))
}

/// Groups are indented by one, options by three; what an option is for follows behind a gap.
fn options(help: &str) -> Result<String, Failure> {
    let mut list = String::new();
    let (_, groups) = help.split_once("OPTIONS include:\n").ok_or("-help lists no options")?;
    for line in groups.lines() {
        match line.strip_prefix("   ") {
            Some(option) if option.starts_with('-') => {
                let (option, purpose) = option.split_once("  ").ok_or_else(|| format!("no purpose: {line}"))?;
                let (name, argument) = option.split_once(' ').map_or((option, None), |(name, more)| (name, Some(more)));
                write!(list, ".It Fl {}", escape(&name[1..]))?;
                if let Some(argument) = argument {
                    write!(list, " Ar {}", escape(argument))?;
                }
                writeln!(list, "\n{}", sentence(purpose.trim()))?;
            }
            Some(more) => writeln!(list, "{}", escape(more.trim()))?,
            None => {
                let end = if list.is_empty() { "" } else { ".El\n" };
                writeln!(list, "{end}.Ss {}\n.Bl -tag -width Ds", escape(line.trim().trim_end_matches(':')))?;
            }
        }
    }
    Ok(list + ".El\n")
}

/// A command begins with a dot; the lines that tell more about it are shown as they are.
fn commands(help: &str) -> Result<String, Failure> {
    let mut list = String::from(".Bl -tag -width Ds\n");
    let mut literal = false;
    for line in help.lines() {
        let is_command = line.starts_with('.');
        if literal == is_command {
            list.push_str(if literal { ".Ed\n" } else { ".Bd -literal -compact\n" });
            literal = !literal;
        }
        if is_command {
            let (usage, purpose) = line.split_at_checked(DESCRIPTION).ok_or_else(|| format!("no purpose: {line}"))?;
            writeln!(list, ".It Ic \"{}\"\n{}", escape(usage.trim_end()), sentence(purpose.trim()))?;
        } else {
            writeln!(list, "{}", escape(line.strip_prefix("   ").unwrap_or(line)))?;
        }
    }
    Ok(list + if literal { ".Ed\n" } else { "" } + ".El\n")
}

/// With the capital and the full stop that a line of help does without.
fn sentence(text: &str) -> String {
    let (first, more) = text.split_at_checked(1).unwrap_or_default();
    let stop = if text.ends_with('.') { "" } else { "." };
    escape(&format!("{}{more}{stop}", first.to_uppercase()))
}

/// What roff would not take as it is.
fn escape(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-").replace('"', "\\(dq");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}
