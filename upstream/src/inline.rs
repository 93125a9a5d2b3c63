//! Our files in place of the `#include` lines that name them.
//!
//! What comes out is written as SQLite's own amalgamation is: each file between `Begin file` and `End of` markers, so that
//! tools which take an amalgamation apart take ours apart too.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;

/// A text without `#include` lines that name our files.
pub struct Expanded {
    /// The text.
    pub text: String,
    /// Every file of ours in it.
    pub files: Vec<PathBuf>,
}

/// Inlines the files that `#include "name"` lines of `text` name, as far as they are in one of `dirs`, and those that
/// these include. A header of the first directory, the public one, is inlined once; then, and for sqlite3.h, which the
/// amalgamation holds already, the line becomes a comment. Any other name in a file of ours is an error.
pub fn expand(text: &str, dirs: &[&Path]) -> Result<Expanded, Error> {
    let mut expander =
        Expander { dirs, stack: Vec::new(), files: Vec::new(), out: String::with_capacity(text.len() * 11 / 10) };
    expander.copy(text, None)?;
    Ok(Expanded { text: expander.out, files: expander.files })
}

struct Expander<'a> {
    dirs: &'a [&'a Path],
    /// The names of the files that the current line stands in, outermost first.
    stack: Vec<String>,
    files: Vec<PathBuf>,
    out: String,
}

impl Expander<'_> {
    /// Copies `text`; `ours` is its name when it is a file of ours.
    fn copy(&mut self, text: &str, ours: Option<&str>) -> Result<(), Error> {
        for line in text.split_inclusive('\n') {
            let bare = line.trim_end();
            if ours.is_none() {
                self.follow(bare);
            }
            match quoted_include(bare) {
                None => self.out.push_str(line),
                Some(name) => self.include(bare, name, line, ours)?,
            }
        }
        Ok(())
    }

    /// Keeps the stack in step with upstream's markers.
    fn follow(&mut self, line: &str) {
        let Some(marker) = line.strip_prefix("/************** ") else { return };
        if let Some(rest) = marker.strip_prefix("Begin file ") {
            self.stack.extend(rest.split(' ').next().map(str::to_owned));
        } else if marker.strip_prefix("End of ").and_then(|rest| rest.split(' ').next())
            == self.stack.last().map(String::as_str)
        {
            self.stack.pop();
        }
    }

    fn include(&mut self, bare: &str, name: &str, line: &str, ours: Option<&str>) -> Result<(), Error> {
        let found = self.dirs.iter().position(|dir| dir.join(name).is_file());
        let Some(dir) = found else {
            match ours {
                None => self.out.push_str(line),
                Some(_) if name == "sqlite3.h" => self.comment_out(bare),
                Some(file) => return Err(Error::Include { file: file.to_owned(), name: name.to_owned() }),
            }
            return Ok(());
        };
        let path = self.dirs[dir].join(name);
        if self.stack.iter().any(|open| open == name) || (dir == 0 && self.files.contains(&path)) {
            self.comment_out(bare);
            return Ok(());
        }
        let text =
            fs::read_to_string(&path).map_err(|cause| Error::Io { action: "read", path: path.clone(), cause })?;
        if !self.files.contains(&path) {
            self.files.push(path);
        }
        let outer = self.stack.last().cloned();
        if let Some(outer) = &outer {
            self.marker(&format!("Include {name} in the middle of {outer}"));
        }
        self.marker(&format!("Begin file {name}"));
        self.stack.push(name.to_owned());
        self.copy(&text, Some(name))?;
        self.stack.pop();
        self.marker(&format!("End of {name}"));
        if let Some(outer) = &outer {
            self.marker(&format!("Continuing where we left off in {outer}"));
        }
        Ok(())
    }

    /// As upstream does with a file that is there already.
    fn comment_out(&mut self, include: &str) {
        self.out.push_str("/* ");
        self.out.push_str(include.trim_start());
        self.out.push_str(" */\n");
    }

    /// `/************** text ****…*/`, 79 columns wide.
    fn marker(&mut self, text: &str) {
        let left = format!("/************** {text} ");
        let stars = 78_usize.saturating_sub(left.len()).max(1);
        self.out.push_str(&left);
        self.out.push_str(&"*".repeat(stars));
        self.out.push_str("/\n");
    }
}

/// The name in `#include "name"`, when that is all there is on the line but a comment.
fn quoted_include(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix('#')?.trim_start().strip_prefix("include")?;
    let (name, rest) = rest.trim_start().strip_prefix('"')?.split_once('"')?;
    let rest = rest.trim();
    (rest.is_empty() || (rest.starts_with("/*") && rest.ends_with("*/"))).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expand_with(text: &str, files: &[(&str, &str)]) -> Result<Expanded, Error> {
        let dir = tempfile::tempdir().unwrap();
        for sub in ["include", "csrc"] {
            fs::create_dir(dir.path().join(sub)).unwrap();
        }
        for (name, text) in files {
            fs::write(dir.path().join(name), text).unwrap();
        }
        expand(text, &[&dir.path().join("include"), &dir.path().join("csrc")])
    }

    const UPSTREAM: &str = "\
/************** Begin file pager.c *******************************************/
int a;
#include \"ours.c\"
int b;
/************** End of pager.c ***********************************************/
#include \"ours.c\" /* once more */
#include \"windows.h\"
";

    #[test]
    fn files_of_ours_stand_between_markers_like_upstreams() {
        let files = [
            ("csrc/ours.c", "#include <stdio.h>\n#include \"sqlite3.h\"\n#include \"libsql.h\"\nint c;\n"),
            ("include/libsql.h", "#include \"sqlite3.h\"\nint d;\n"),
        ];
        let expanded = expand_with(UPSTREAM, &files).unwrap();
        let wanted = "\
/************** Begin file pager.c *******************************************/
int a;
/************** Include ours.c in the middle of pager.c **********************/
/************** Begin file ours.c ********************************************/
#include <stdio.h>
/* #include \"sqlite3.h\" */
/************** Include libsql.h in the middle of ours.c *********************/
/************** Begin file libsql.h ******************************************/
/* #include \"sqlite3.h\" */
int d;
/************** End of libsql.h **********************************************/
/************** Continuing where we left off in ours.c ***********************/
int c;
/************** End of ours.c ************************************************/
/************** Continuing where we left off in pager.c **********************/
int b;
/************** End of pager.c ***********************************************/
/************** Begin file ours.c ********************************************/
#include <stdio.h>
/* #include \"sqlite3.h\" */
/* #include \"libsql.h\" */
int c;
/************** End of ours.c ************************************************/
#include \"windows.h\"
";
        assert_eq!(expanded.text, wanted);
        assert_eq!(expanded.files.len(), 2);
    }

    #[test]
    fn a_name_that_no_file_has_is_an_error_in_a_file_of_ours() {
        let error = expand_with(UPSTREAM, &[("csrc/ours.c", "#include \"nope.h\"\n")]).err().unwrap().to_string();
        assert!(error.starts_with("ours.c includes \"nope.h\", which is in neither include/ nor csrc/"), "{error}");
    }
}
