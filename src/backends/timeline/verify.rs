//! Is a timeline as it was written?

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use super::file::{Meter, Progress};
use super::format::{CommitRecord, Footer, Head, Identity, Mark, Sum, content_sum};
use super::gate::opened;
use super::history::History;
use super::reader::again_if_pruned;
use super::segment::{Commit, OPENING, failed};
use super::store::read_state;
use crate::{Error, Result, ffi};

/// What [`History::verify`] has found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// Commits that were read, and are as they were written.
    pub commits: u64,
    /// Bytes of files that were read.
    pub bytes: u64,
    /// Whether the database file was compared as well. It is not if another SQLite has used it since, or if somebody got in the way
    /// by writing meanwhile. While it is open, or if it was not closed properly, pages that were committed since the last whole
    /// checkpoint are left out: they may be there, or not, or in part.
    pub database: bool,
    /// The first damage, if there is any.
    pub damage: Option<Damage>,
}

/// Something is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Damage {
    /// Where it is.
    pub file: PathBuf,
    /// The first byte of what is wrong.
    pub offset: u64,
    /// The commit that it belongs to.
    pub commit: u64,
    /// What is wrong.
    pub what: String,
    /// All commits up to this one can be trusted; `None` if none can.
    pub trusted: Option<u64>,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} is damaged at byte {}, in commit {}: {}. ",
            self.file.display(),
            self.offset,
            self.commit,
            self.what
        )?;
        match self.trusted {
            Some(trusted) => write!(f, "What comes up to commit {trusted} can be trusted"),
            None => f.write_str("No commit can be trusted"),
        }
    }
}

/// What has been made sure of so far.
#[derive(Default)]
struct State {
    head: Head,
    identity: Identity,
    /// What each page adds to the checksum of the database, and what that is.
    sums: HashMap<u32, Sum>,
    sum: Sum,
    /// Pages that were written by commits behind this one, which the database file may lack.
    copied: u64,
    behind: HashSet<u32>,
    commits: u64,
    damage: Option<Damage>,
}

impl State {
    /// The commit behind the last one that is sound is not.
    fn damaged(&mut self, file: PathBuf, offset: u64, what: &str) {
        let trusted = (self.commits > 0).then_some(self.head.commit);
        let commit = self.head.commit + 1;
        self.damage.get_or_insert(Damage { file, offset, commit, what: what.to_owned(), trusted });
    }

    /// Take a commit in. False if it does not add up.
    fn take(&mut self, commit: &Commit<'_>) -> bool {
        let record = commit.record;
        if record.flags & CommitRecord::ADOPTED != 0 {
            self.sums.clear();
            self.sum = 0;
        }
        let mut cut = record.head.pages < self.head.pages;
        for frame in commit.frames {
            let new = if frame.zero { 0 } else { frame.header.sum };
            let old = self.sums.insert(frame.header.page, new).unwrap_or(0);
            self.sum = self.sum.wrapping_sub(old).wrapping_add(new);
            cut |= frame.header.page > record.head.pages;
            if record.head.commit > self.copied {
                self.behind.insert(frame.header.page);
            }
        }
        if cut {
            let gone = self.sums.extract_if(|page, _| *page > record.head.pages);
            self.sum = gone.fold(self.sum, |sum, (_, old)| sum.wrapping_sub(old));
        }
        if self.sum != record.head.sum {
            return false;
        }
        self.head = record.head;
        self.commits += 1;
        true
    }
}

/// How often damage is seen in the same place until it is believed, though somebody writes.
const SEEN: usize = 3;

impl History {
    /// Read all of it, and see whether it is as it was written: every page, every commit and its checksum of the whole database, the
    /// indexes, and at last the database file. `progress` is told how many bytes are done and how many there are, and returns
    /// whether to go on.
    ///
    /// Damage is no error: it is what this is for. `SQLITE_INTERRUPT` if it was stopped.
    pub fn verify(&self, mut progress: impl FnMut(u64, u64) -> bool) -> Result<Verified> {
        again_if_pruned(|| self.verify_once(&mut progress))
    }

    fn verify_once(&self, progress: Progress<'_>) -> Result<Verified> {
        let mut seen = Vec::new();
        loop {
            // In this order: what the mark says is there is among what is listed after that.
            let mark = self.mark()?;
            let verified = self.anew()?.verify_against(&mark, progress)?;
            let place = verified.damage.as_ref().map(|damage| (damage.file.clone(), damage.offset));
            let again = seen.iter().filter(|one| **one == place).count();
            if place.is_none() || again + 1 == SEEN || self.mark()? == mark {
                return Ok(verified);
            }
            // Somebody has begun to write, or has ended, and what was seen may be half of that. It is not in the same place then.
            seen.push(place);
        }
    }

    fn verify_against(&self, mark: &Mark, progress: Progress<'_>) -> Result<Verified> {
        let mut meter = Meter::new(self.files_bytes()?, progress);
        let mut state = State { copied: mark.copied, ..State::default() };
        state.head.commit = self.oldest() - 1;
        for i in 0..self.segments.len() {
            if state.damage.is_none() {
                self.verify_segment(i, mark, &mut state, &mut meter)?;
            }
        }
        let known = mark.copied.max(mark.durable);
        if state.damage.is_none() && state.head.commit < known {
            let what = format!("commit {} is the last, and there were {known}", state.head.commit);
            state.damaged(self.segments.folder.clone(), 0, &what);
        }
        let database = state.damage.is_none() && self.verify_database(mark, &mut state, &mut meter)?;
        Ok(Verified { commits: state.commits, bytes: meter.done, database, damage: state.damage })
    }

    fn files_bytes(&self) -> Result<u64> {
        let segments =
            (0..self.segments.len()).map(|i| self.segments.sizes(i).map_or(0, |(bytes, _)| bytes)).sum::<u64>();
        let newest = match self.record(self.newest()) {
            // Then the database file is not read.
            Err(error) if error.code() == ffi::SQLITE_CORRUPT => return Ok(segments),
            newest => newest?.head,
        };
        Ok(segments + u64::from(newest.pages) * u64::from(self.page_size(newest.commit)?))
    }

    fn mark(&self) -> Result<Mark> {
        read_state(&**self.segments.storage(), &self.segments.folder)
    }

    fn verify_segment(&self, i: usize, mark: &Mark, state: &mut State, meter: &mut Meter<'_>) -> Result<()> {
        let path = self.segments.folder.join(self.segments.name(i).unwrap_or_default());
        if i + 1 == self.segments.len() && state.head.commit >= mark.copied.max(mark.durable) && i > 0 {
            // It may be being born.
            if let Ok(None) = self.segments.header_of(i) {
                return Ok(());
            }
        }
        let opened = match self.segments.get(i) {
            Err(error) if error.code() == ffi::SQLITE_CORRUPT => {
                state.damaged(path, 0, "its header is not that of a segment, or what stands there cannot be read");
                return Ok(());
            }
            opened => opened?,
        };
        let segment = &opened.segment;
        let header = segment.header;
        if i == 0 && header.is_first() {
            (state.head, state.identity) = (header.before, header.identity);
        } else if i == 0 {
            state.damaged(path, 0, "the segment before it is missing");
            return Ok(());
        } else if !header.continues(state.identity, state.head) {
            state.damaged(path, 0, "it does not continue the segment before it");
            return Ok(());
        }
        state.identity = header.identity;
        let writing = mark.flags & Mark::CLEAN == 0;
        let mut stopped = Ok(());
        let scanned = segment.scan(writing, &mut |commit| {
            let start = commit.frames.first().map_or(0, |frame| frame.offset);
            if !state.take(&commit) {
                state.damaged(path.clone(), start, "the checksum of the database is not what its pages add up to");
                return Err(Error::CORRUPT);
            }
            stopped = meter.add(commit.frames.len() as u64 * segment.frame_size() + CommitRecord::SIZE as u64);
            stopped.clone()
        });
        stopped?;
        let found = match scanned {
            Err(_) if state.damage.is_some() => return Ok(()),
            Err(error) if error.code() == ffi::SQLITE_CORRUPT => {
                let end = segment.scan(true, &mut |_| Ok(()))?.stopped;
                state.damaged(path, end, "this cannot be read, but a commit behind it can");
                return Ok(());
            }
            found => found?,
        };
        let is_last = i + 1 == self.segments.len();
        if is_last && writing {
            if opened.is_damaged() {
                state.damaged(path, found.stopped, "this cannot be read, but a commit behind it can");
            }
            // It may have been sealed meanwhile, or be cut off.
            return Ok(());
        }
        let Some(footer) = segment.footer()? else {
            if !is_last {
                state.damaged(path, segment.size()?.saturating_sub(Footer::SIZE as u64), "it has no footer");
            } else if state.head.commit < mark.copied.max(mark.durable) {
                state.damaged(path, found.stopped, "this cannot be read, and was durable once");
            }
            return Ok(());
        };
        if (found.head, found.end) != (footer.head, footer.index) {
            state.damaged(path, found.stopped, "this is no frame, and no end of a commit");
            return Ok(());
        }
        let tail = segment.tail_of(&found);
        let mut bytes = vec![0; tail.len()];
        if segment.size()? == footer.index + tail.len() as u64 {
            segment.read(&mut bytes, footer.index)?;
        }
        if bytes != tail {
            if is_last {
                // It was being sealed when the power went: then it is not, and nobody looks at this.
                return Ok(());
            }
            let differs = bytes.iter().zip(&tail).position(|(is, was)| is != was).unwrap_or(0);
            state.damaged(path, footer.index + differs as u64, "the index is not that of its frames");
            return Ok(());
        }
        meter.add(tail.len() as u64)
    }

    /// False if it cannot be compared.
    fn verify_database(&self, mark: &Mark, state: &mut State, meter: &mut Meter<'_>) -> Result<bool> {
        let whole = mark.flags & Mark::CLEAN != 0;
        if mark.flags & Mark::LEFT != 0 || (whole && mark.copied != state.head.commit) {
            return Ok(false);
        }
        let path = &self.path;
        let storage = self.segments.storage();
        let file = storage.open_database(path).map_err(|error| failed(path, OPENING, &error))?;
        let page_size = u64::from(self.page_size(state.head.commit)?);
        let size = file.size().map_err(|error| failed(path, "a look at the size", &error))?;
        let mut damage = None;
        if whole && size != u64::from(state.head.pages) * page_size {
            damage = Some((size, "it has another size".to_owned()));
        }
        let mut data = vec![0; page_size as usize];
        for page in (1..=state.head.pages).filter(|page| !state.behind.contains(page)) {
            let offset = u64::from(page - 1) * page_size;
            let sum = state.sums.get(&page).copied();
            if offset + page_size > size {
                if !whole && sum.is_none() {
                    continue; // It was never written: it is between others that are in the log alone.
                }
                damage.get_or_insert((size, format!("page {page} is missing")));
            }
            if damage.is_some() {
                break;
            }
            file.read_at(&mut data, offset).map_err(|error| failed(path, "a read", &error))?;
            if page == 1 {
                data = opened(data);
            }
            if content_sum(page, &data) != sum.unwrap_or(0) {
                damage = Some((offset, format!("page {page} is not what was committed")));
            }
            meter.add(page_size)?;
        }
        // Somebody may have begun to write meanwhile, or have written to the file what has been committed meanwhile.
        let newest = || History::on(Arc::clone(storage), path).map(|now| now.newest());
        if self.mark()? != *mark || (damage.is_some() && newest()? != state.head.commit) {
            return Ok(false);
        }
        if let Some((offset, what)) = damage {
            let commit = state.head.commit;
            state.damage = Some(Damage { file: path.clone(), offset, commit, what, trusted: Some(commit) });
        }
        Ok(true)
    }
}
