use std::fs;
use std::path::{Path, PathBuf};

use crate::patch::lines;
use crate::{Error, Hunk, Line, Patch, Placement, Side};

/// The patches of `csrc/patches`, in the order of their names: each stands on the text that the ones before it give.
#[derive(Clone, Debug)]
pub struct Queue {
    /// The patches.
    pub patches: Vec<Patch>,
}

/// A text with the queue applied.
#[derive(Clone, Debug)]
pub struct Patched<'a> {
    /// Its lines, each with whether a patch added it.
    pub lines: Vec<Line<'a>>,
}

impl Patched<'_> {
    /// The text.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.lines.iter().map(|l| l.text.len() + 1).sum());
        for (i, line) in self.lines.iter().enumerate() {
            if i > 0 {
                text.push('\n');
            }
            text.push_str(line.text);
        }
        text
    }
}

impl Queue {
    /// The directory of the patches of the package at `root`.
    pub fn dir(root: &Path) -> PathBuf {
        root.join("csrc").join("patches")
    }

    /// Reads the queue of the package at `root`.
    pub fn load(root: &Path) -> Result<Queue, Error> {
        let dir = Queue::dir(root);
        let io = |path: &Path| {
            let path = path.to_owned();
            move |cause| Error::Io { action: "read", path, cause }
        };
        let mut paths = Vec::new();
        for entry in fs::read_dir(&dir).map_err(io(&dir))? {
            let path = entry.map_err(io(&dir))?.path();
            if path.extension().is_some_and(|e| e == "patch") {
                paths.push(path);
            }
        }
        paths.sort();
        let mut patches = Vec::new();
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            patches.push(Patch::parse(&name, &fs::read_to_string(&path).map_err(io(&path))?)?);
        }
        Ok(Queue { patches })
    }

    /// Applies the queue to upstream's text: every hunk exactly, at exactly the line it names.
    pub fn apply<'a>(&'a self, upstream: &'a str) -> Result<Patched<'a>, Error> {
        let mut text = lines(upstream);
        for patch in &self.patches {
            text = patch.apply(&text, Side::Old)?;
        }
        Ok(Patched { lines: text })
    }

    /// Takes the queue back: gives upstream's text for the patched one.
    pub fn unapply(&self, patched: &str) -> Result<String, Error> {
        let mut text = lines(patched);
        for patch in self.patches.iter().rev() {
            text = patch.apply(&text, Side::New)?;
        }
        Ok(Patched { lines: text }.text())
    }

    /// Where each hunk of each patch fits `upstream`, at any offset; a lost hunk is left out for those after it.
    pub fn fit(&self, upstream: &str) -> Vec<Vec<Placement>> {
        let mut text = lines(upstream);
        let mut all = Vec::new();
        for patch in &self.patches {
            let (placements, next) = patch.fit(&text);
            all.push(placements);
            text = next;
        }
        all
    }

    /// The patch files' texts with the line numbers that [`Queue::fit`] found. None when a hunk is lost.
    pub fn renumbered(&self, placements: &[Vec<Placement>]) -> Option<Vec<String>> {
        self.patches.iter().zip(placements).map(|(patch, p)| patch.renumbered(p)).collect()
    }

    /// How many lines the queue adds or removes.
    pub fn changed(&self) -> usize {
        self.patches.iter().flat_map(|p| &p.hunks).map(Hunk::changed).sum()
    }
}
