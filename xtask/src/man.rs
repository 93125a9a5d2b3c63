//! The lists of options and commands in the shell's manual page, from what the shell says about itself.

use std::fmt::Write;
use std::str::Lines;

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
    let mut lines = groups.lines().peekable();
    while let Some(line) = lines.next() {
        match line.strip_prefix("   ") {
            Some(option) if option.starts_with('-') => {
                let (option, purpose) = option.split_once("  ").ok_or_else(|| format!("no purpose: {line}"))?;
                let (name, argument) = option.split_once(' ').map_or((option, None), |(name, more)| (name, Some(more)));
                write!(list, ".It Fl {}", escape(&name[1..]))?;
                if let Some(argument) = argument {
                    write!(list, " Ar {}", escape(argument))?;
                }
                let mut purpose = purpose.trim().to_owned();
                while let Some(more) = lines.next_if(|line| line.starts_with("     ")) {
                    purpose = format!("{purpose}\n{}", more.trim());
                }
                writeln!(list, "\n{}", sentence(&purpose))?;
            }
            Some(_) => return Err(format!("no option: {line}").into()),
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
    let mut lines = help.lines();
    while let Some(line) = lines.next() {
        let is_command = line.starts_with('.');
        if literal == is_command {
            list.push_str(if literal { ".Ed\n" } else { ".Bd -literal -compact\n" });
            literal = !literal;
        }
        if is_command {
            let (usage, purpose) = command(line, &mut lines)?;
            writeln!(list, ".It Ic \"{}\"\n{}", escape(usage), sentence(purpose))?;
        } else {
            writeln!(list, "{}", escape(line.strip_prefix("   ").unwrap_or(line)))?;
        }
    }
    Ok(list + if literal { ".Ed\n" } else { "" } + ".El\n")
}

/// The syntax of a command and what it is for, which begins in the column [`DESCRIPTION`], perhaps of the next line.
fn command<'h>(line: &'h str, lines: &mut Lines<'h>) -> Result<(&'h str, &'h str), Failure> {
    match line.split_at_checked(DESCRIPTION) {
        Some((usage, purpose)) if usage.ends_with(' ') && !purpose.starts_with(' ') => Ok((usage.trim_end(), purpose)),
        _ => match lines.next().and_then(|next| next.split_at_checked(DESCRIPTION)) {
            Some((margin, purpose)) if margin.trim().is_empty() && !purpose.starts_with(' ') => Ok((line, purpose)),
            _ => Err(format!("no purpose in column {DESCRIPTION}: {line}").into()),
        },
    }
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
