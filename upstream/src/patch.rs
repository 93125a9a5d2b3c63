use std::fmt::Write;

use crate::Error;

/// A line of the patched text and whether a patch added it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// The line without its end.
    pub text: &'a str,
    /// Added by a patch: not in upstream's text.
    pub added: bool,
}

/// What a hunk does with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The line stays: context.
    Keep(String),
    /// The line goes.
    Remove(String),
    /// The line comes.
    Add(String),
}

/// The text that a hunk is to match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The text before the patch: it is to be applied.
    Old,
    /// The text after the patch: it is to be taken back.
    New,
}

/// A run of changes at one place.
#[derive(Clone, Debug)]
pub struct Hunk {
    /// The line of the old text, from 1, where the hunk starts.
    pub old_start: usize,
    /// The line of the new text, from 1, where the hunk starts.
    pub new_start: usize,
    /// The lines.
    pub changes: Vec<Change>,
    /// Where in the patch file its `@@` line stands, from 1.
    pub at: usize,
    /// How many lines of the old and of the new text that line says the hunk has.
    stated: (usize, usize),
}

/// One patch file: why, and what.
#[derive(Clone, Debug)]
pub struct Patch {
    /// The file's name.
    pub name: String,
    /// The text before the first `---` line: why the patch exists and what it hangs on.
    pub header: String,
    /// The hunks, in the order of the text.
    pub hunks: Vec<Hunk>,
    raw: String,
}

/// Where a hunk fits a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Placement {
    /// At the line it names, shifted by this many lines (0: exactly there).
    At(isize),
    /// Nowhere. The best place starts at `line`; there, line `differs` is `found` in place of `expected`.
    Lost {
        /// Where the most lines match, from 1.
        line: usize,
        /// How many lines match there.
        matching: usize,
        /// How many lines the hunk wants.
        of: usize,
        /// The first line that does not, from 1.
        differs: usize,
        /// What the hunk wants there.
        expected: String,
        /// What is there.
        found: String,
    },
}

/// The text as lines. The last one is empty when the text ends with a line end, so that joining gives the text back.
pub(crate) fn lines(text: &str) -> Vec<Line<'_>> {
    text.split('\n').map(|text| Line { text, added: false }).collect()
}

impl Hunk {
    /// The line, from 1, where the hunk starts in the text of that side.
    pub fn start(&self, side: Side) -> usize {
        match side {
            Side::Old => self.old_start,
            Side::New => self.new_start,
        }
    }

    /// The lines that the text of that side must hold.
    pub fn side(&self, side: Side) -> Vec<&str> {
        self.changes
            .iter()
            .filter_map(|change| match (change, side) {
                (Change::Keep(text), _) | (Change::Remove(text), Side::Old) | (Change::Add(text), Side::New) => {
                    Some(text.as_str())
                }
                _ => None,
            })
            .collect()
    }

    /// How many lines the hunk adds or removes.
    pub fn changed(&self) -> usize {
        self.changes.iter().filter(|change| !matches!(change, Change::Keep(_))).count()
    }
}

impl Patch {
    /// Reads a patch of sqlite3.c as `diff -u` writes it.
    pub fn parse(name: &str, text: &str) -> Result<Patch, Error> {
        let bad = |line: usize, what: &str| Error::BadPatch { patch: name.to_owned(), line, what: what.to_owned() };
        let file: Vec<&str> = text.lines().collect();
        let start = file.iter().position(|l| l.starts_with("--- ")).ok_or_else(|| bad(1, "it has no `---` line"))?;
        let target = |line: Option<&&str>, mark: &str| {
            line.and_then(|l| l.strip_prefix(mark)).is_some_and(|l| l.split('\t').next() == Some("sqlite3.c"))
        };
        if !target(file.get(start), "--- a/") || !target(file.get(start + 1), "+++ b/") {
            return Err(bad(start + 1, "it does not go from a/sqlite3.c to b/sqlite3.c"));
        }
        let header = file[..start].join("\n").trim().to_owned();
        if header.is_empty() {
            return Err(bad(1, "no words before the `---` line say why the patch exists"));
        }
        let mut hunks: Vec<Hunk> = Vec::new();
        let mut at = start + 2;
        while at < file.len() {
            let hunk = parse_hunk(&file, at).map_err(|(line, what)| bad(line + 1, &what))?;
            at += 1 + hunk.changes.len();
            hunks.push(hunk);
        }
        if hunks.is_empty() {
            return Err(bad(start + 1, "it has no hunk"));
        }
        Ok(Patch { name: name.to_owned(), header, hunks, raw: text.to_owned() })
    }

    /// The file's text.
    pub fn text(&self) -> &str {
        &self.raw
    }

    /// Turns the text of one side into that of the other. Every hunk must match exactly, at exactly the line it names.
    pub(crate) fn apply<'a>(&'a self, text: &[Line<'a>], from: Side) -> Result<Vec<Line<'a>>, Error> {
        self.check_numbers()?;
        let mut out = Vec::with_capacity(text.len() + 64);
        let mut next = 0;
        for (index, hunk) in self.hunks.iter().enumerate() {
            let start = hunk.start(from) - 1;
            let wanted = hunk.side(from);
            if let Some(i) = first_difference(text, start, &wanted) {
                return Err(Error::Hunk {
                    patch: self.name.clone(),
                    hunk: index + 1,
                    line: start + i + 1,
                    expected: wanted[i].to_owned(),
                    found: text.get(start + i).map_or("the end of the file", |l| l.text).to_owned(),
                });
            }
            out.extend_from_slice(&text[next..start]);
            hunk.write(from, &text[start..start + wanted.len()], &mut out);
            next = start + wanted.len();
        }
        out.extend_from_slice(&text[next..]);
        Ok(out)
    }

    /// Do the `@@` lines agree with the hunks and with each other?
    fn check_numbers(&self) -> Result<(), Error> {
        let (mut delta, mut end) = (0, 0);
        for hunk in &self.hunks {
            let (old, new) = (hunk.side(Side::Old).len(), hunk.side(Side::New).len());
            let agrees = hunk.stated == (old, new)
                && hunk.new_start as isize == hunk.old_start as isize + delta
                && hunk.old_start > end;
            if !agrees {
                return Err(Error::BadPatch {
                    patch: self.name.clone(),
                    line: hunk.at,
                    what: "the numbers do not agree with the hunks; `cargo xtask queue --renumber` sets them".into(),
                });
            }
            delta += new as isize - old as isize;
            end = hunk.old_start + old - 1;
        }
        Ok(())
    }

    /// Where each hunk fits, at any offset, and the text with those that fit applied.
    pub(crate) fn fit<'a>(&'a self, text: &[Line<'a>]) -> (Vec<Placement>, Vec<Line<'a>>) {
        let mut out = Vec::with_capacity(text.len() + 64);
        let mut placements = Vec::new();
        let (mut next, mut offset) = (0, 0);
        for hunk in &self.hunks {
            let wanted = hunk.side(Side::Old);
            let expected = (hunk.old_start as isize - 1 + offset).max(0) as usize;
            match nearest_match(text, next, expected, &wanted) {
                Some(start) => {
                    offset = start as isize - (hunk.old_start as isize - 1);
                    out.extend_from_slice(&text[next..start]);
                    hunk.write(Side::Old, &text[start..start + wanted.len()], &mut out);
                    next = start + wanted.len();
                    placements.push(Placement::At(offset));
                }
                None => placements.push(best_miss(text, expected, &wanted)),
            }
        }
        out.extend_from_slice(&text[next..]);
        (placements, out)
    }

    /// The patch file's text with the line numbers that the placements give. None when a hunk is lost.
    pub(crate) fn renumbered(&self, placements: &[Placement]) -> Option<String> {
        let mut file: Vec<String> = self.raw.lines().map(str::to_owned).collect();
        let mut delta = 0;
        for (hunk, placement) in self.hunks.iter().zip(placements) {
            let Placement::At(offset) = placement else { return None };
            let (old, new) = (hunk.side(Side::Old).len(), hunk.side(Side::New).len());
            let start = hunk.old_start as isize + offset;
            let line = &mut file[hunk.at - 1];
            let section = line.splitn(3, "@@").nth(2).unwrap_or_default().to_owned();
            line.clear();
            let _ = write!(line, "@@ -{start},{old} +{},{new} @@{section}", start + delta);
            delta += new as isize - old as isize;
        }
        Some(file.join("\n") + "\n")
    }
}

impl Hunk {
    /// Writes the other side of the hunk; `matched` are the lines of `from`'s side.
    fn write<'a>(&'a self, from: Side, matched: &[Line<'a>], out: &mut Vec<Line<'a>>) {
        let mut matched = matched.iter();
        for change in &self.changes {
            match (change, from) {
                (Change::Keep(_), _) => out.extend(matched.next()),
                (Change::Remove(_), Side::Old) | (Change::Add(_), Side::New) => {
                    matched.next();
                }
                (Change::Add(text), Side::Old) => out.push(Line { text, added: true }),
                (Change::Remove(text), Side::New) => out.push(Line { text, added: false }),
            }
        }
    }
}

type Complaint = (usize, String);

fn parse_hunk(file: &[&str], at: usize) -> Result<Hunk, Complaint> {
    let ((old_start, old_len), (new_start, new_len)) =
        parse_numbers(file[at]).ok_or((at, "this is not a `@@ -line,count +line,count @@` line".to_owned()))?;
    let mut changes = Vec::new();
    for (i, line) in file[at + 1..].iter().enumerate().take_while(|(_, line)| !line.starts_with("@@")) {
        let (mark, rest) = line.split_at_checked(1).unwrap_or((" ", ""));
        changes.push(match mark {
            " " => Change::Keep(rest.to_owned()),
            "-" => Change::Remove(rest.to_owned()),
            "+" => Change::Add(rest.to_owned()),
            _ => return Err((at + 1 + i, "a hunk's line begins with a blank, `-` or `+`".to_owned())),
        });
    }
    if !changes.iter().any(|change| matches!(change, Change::Keep(_) | Change::Remove(_))) {
        return Err((at, "the hunk has no context to match".to_owned()));
    }
    if old_start == 0 || new_start == 0 {
        return Err((at, "lines count from 1".to_owned()));
    }
    Ok(Hunk { old_start, new_start, changes, at: at + 1, stated: (old_len, new_len) })
}

type Range = (usize, usize);

/// `@@ -10,7 +10,9 @@ anything`
fn parse_numbers(line: &str) -> Option<(Range, Range)> {
    let (numbers, _) = line.strip_prefix("@@ -")?.split_once(" @@")?;
    let (old, new) = numbers.split_once(" +")?;
    let range = |text: &str| match text.split_once(',') {
        Some((start, len)) => Some((start.parse().ok()?, len.parse().ok()?)),
        None => Some((text.parse().ok()?, 1)),
    };
    Some((range(old)?, range(new)?))
}

/// The index in `wanted` of the first line that `text` does not hold from `start` on.
fn first_difference(text: &[Line<'_>], start: usize, wanted: &[&str]) -> Option<usize> {
    (0..wanted.len()).find(|&i| text.get(start + i).is_none_or(|line| line.text != wanted[i]))
}

/// The match nearest to `expected` that does not begin before `from`.
fn nearest_match(text: &[Line<'_>], from: usize, expected: usize, wanted: &[&str]) -> Option<usize> {
    (from..text.len())
        .filter(|&start| first_difference(text, start, wanted).is_none())
        .min_by_key(|&start| start.abs_diff(expected))
}

/// The place where the most lines match; of several, the one nearest to `expected`.
fn best_miss(text: &[Line<'_>], expected: usize, wanted: &[&str]) -> Placement {
    let matching =
        |start: usize| (0..wanted.len()).filter(|&i| text.get(start + i).is_some_and(|l| l.text == wanted[i])).count();
    let start = (0..text.len()).max_by_key(|&s| (matching(s), usize::MAX - s.abs_diff(expected))).unwrap_or(0);
    let i = first_difference(text, start, wanted).unwrap_or(0);
    Placement::Lost {
        line: start + 1,
        matching: matching(start),
        of: wanted.len(),
        differs: start + i + 1,
        expected: wanted[i].to_owned(),
        found: text.get(start + i).map_or("the end of the file", |l| l.text).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "one\ntwo\nthree\nfour\nfive\nsix\nseven\n";
    const PATCH: &str = "Why: to test.\n\n--- a/sqlite3.c\n+++ b/sqlite3.c\n@@ -1,3 +1,4 @@ f()\n one\n+one and a half\n two\n three\n@@ -5,3 +6,2 @@\n five\n-six\n seven\n";
    const NEW: &str = "one\none and a half\ntwo\nthree\nfour\nfive\nseven\n";

    fn text(lines: &[Line<'_>]) -> String {
        lines.iter().map(|l| l.text).collect::<Vec<_>>().join("\n")
    }

    fn complaint(patch: &str) -> String {
        Patch::parse("0001-x.patch", patch).unwrap_err().to_string()
    }

    #[test]
    fn a_patch_is_applied_and_taken_back() {
        let patch = Patch::parse("p", PATCH).unwrap();
        let new = patch.apply(&lines(OLD), Side::Old).unwrap();
        assert_eq!(text(&new), NEW);
        assert_eq!(text(&patch.apply(&new, Side::New).unwrap()), OLD);
        assert_eq!(new.iter().filter(|l| l.added).map(|l| l.text).collect::<Vec<_>>(), ["one and a half"]);
    }

    #[test]
    fn a_hunk_that_does_not_match_is_named_with_the_line_it_wants() {
        let patch = Patch::parse("0001-x.patch", PATCH).unwrap();
        let text = OLD.replace("six", "6");
        let error = patch.apply(&lines(&text), Side::Old).unwrap_err().to_string();
        assert!(error.contains("hunk 2 of csrc/patches/0001-x.patch does not match"), "{error}");
        assert!(error.contains("line 6 should be `six` but is `6`"), "{error}");
    }

    #[test]
    fn a_shifted_text_is_not_accepted() {
        let patch = Patch::parse("p", PATCH).unwrap();
        let text = format!("zero\n{OLD}");
        let error = patch.apply(&lines(&text), Side::Old).unwrap_err().to_string();
        assert!(error.contains("hunk 1") && error.contains("line 1 should be `one` but is `zero`"), "{error}");
    }

    #[test]
    fn a_text_that_ends_early_is_no_match() {
        let patch = Patch::parse("p", PATCH).unwrap();
        let error = patch.apply(&lines("one\ntwo\nthree\nfour\nfive"), Side::Old).unwrap_err().to_string();
        assert!(error.contains("line 6 should be `six` but is `the end of the file`"), "{error}");
    }

    #[test]
    fn fitting_finds_shifted_hunks_and_renumbers_them() {
        let patch = Patch::parse("p", PATCH).unwrap();
        let shifted = format!("zero\nnought\n{}", OLD.replace("four\n", "four\nfour and a half\n"));
        let (placements, new) = patch.fit(&lines(&shifted));
        assert_eq!(placements, [Placement::At(2), Placement::At(3)]);
        let again = Patch::parse("p", &patch.renumbered(&placements).unwrap()).unwrap();
        assert_eq!(again.apply(&lines(&shifted), Side::Old).unwrap(), new);
        assert!(again.raw.contains("@@ -3,3 +3,4 @@ f()\n"), "{}", again.raw);
    }

    #[test]
    fn fitting_tells_where_a_lost_hunk_nearly_fits() {
        let patch = Patch::parse("p", PATCH).unwrap();
        let changed = OLD.replace("six", "sixth");
        let (placements, _) = patch.fit(&lines(&changed));
        assert_eq!(placements[0], Placement::At(0));
        let lost =
            Placement::Lost { line: 5, matching: 2, of: 3, differs: 6, expected: "six".into(), found: "sixth".into() };
        assert_eq!(placements[1], lost);
        assert_eq!(patch.renumbered(&placements), None);
    }

    #[test]
    fn numbers_that_do_not_agree_are_refused_and_can_be_set() {
        for (from, to, line) in [
            ("-1,3 +1,4", "-1,3 +2,4", 5),
            ("-1,3 +1,4", "-1,4 +1,5", 5),
            ("-5,3 +6,2", "-5,3 +5,2", 10),
            ("-5,3 +6,2", "-3,3 +4,2", 10),
        ] {
            let patch = Patch::parse("0001-x.patch", &PATCH.replace(from, to)).unwrap();
            let error = patch.apply(&lines(OLD), Side::Old).unwrap_err().to_string();
            assert!(error.starts_with(&format!("csrc/patches/0001-x.patch, line {line}: the numbers")), "{error}");
            let (placements, _) = patch.fit(&lines(OLD));
            assert_eq!(patch.renumbered(&placements).unwrap(), PATCH);
        }
    }

    #[test]
    fn what_is_not_a_patch_is_named_by_line() {
        assert!(complaint(&PATCH.replace("Why: to test.", "")).contains("say why the patch exists"));
        assert!(complaint("hello\n").contains("it has no `---` line"));
        assert!(complaint(&PATCH.replace("b/sqlite3.c", "b/sqlite3.h")).contains("line 3: it does not go from"));
        assert!(complaint(&PATCH.replace(" five", "five")).contains("line 11: a hunk's line begins with"));
        assert!(complaint(&PATCH.replace("@@ -5", "@@ 5")).contains("line 10: this is not a `@@"));
        assert!(complaint("Why.\n--- a/sqlite3.c\n+++ b/sqlite3.c\n").contains("it has no hunk"));
        assert!(complaint("Why.\n--- a/sqlite3.c\n+++ b/sqlite3.c\n@@ -3,0 +4,1 @@\n+x\n").contains("no context"));
    }
}
