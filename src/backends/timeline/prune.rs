//! Forgetting: the oldest commits are folded into a base, which is the database as it was after the last of them.

use std::sync::{Arc, MutexGuard, TryLockError};
use std::time::Duration;

use super::connection::Database;
use super::file::{Meter, NewFile, Progress};
use super::format::{CommitRecord, FrameHeader, Head, IndexEntry, SegmentHeader, Sum, is_zero, page_sum};
use super::history::History;
use super::reader::{At, View};
use super::segment;
use super::store::sync_folder;
use super::timeline::Timeline;
use crate::backends::live::Log as _;
use crate::wal::PageNo;
use crate::{AsHandle, Error, Result};

/// How much history is kept at most: everything, unless something is set. What any of them says is too much goes, in whole
/// segments (64 MiB), so up to one more is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Keep {
    /// The last commits, so many of them.
    pub commits: Option<u64>,
    /// The states of this time, up to now.
    pub age: Option<Duration>,
    /// Files with commits that take so many bytes. The newest state is always kept.
    pub bytes: Option<u64>,
}

impl Keep {
    /// Everything.
    pub const ALL: Keep = Keep { commits: None, age: None, bytes: None };

    /// What `keep` of a URI and `PRAGMA timeline_keep` say: `all`, or one or more, with commas between them, of a number of commits
    /// (`1000 commits`), a time (`30d`, `12h`) and a size (`10GB`, of 1024^3 bytes).
    ///
    /// `SQLITE_ERROR` if it is nothing like that.
    pub fn parse(text: &str) -> Result<Self> {
        let mut keep = Keep::ALL;
        if text.trim() == "all" {
            return Ok(keep);
        }
        for part in text.split(',') {
            keep.add(part.trim()).ok_or_else(|| {
                Error::UNSUPPORTED.with_message(format!(
                    "{text:?} does not say how much history to keep: all, or 1000 commits, 30d, 10GB, or several of these with \
                     commas"
                ))
            })?;
        }
        Ok(keep)
    }

    fn add(&mut self, part: &str) -> Option<()> {
        let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        let (number, unit) = part.split_at(digits);
        let number: u64 = number.parse().ok()?;
        let scale = match unit.trim() {
            "commits" | "commit" => {
                self.commits = Some(number);
                return Some(());
            }
            "B" => 0,
            "KB" => 10,
            "MB" => 20,
            "GB" => 30,
            "TB" => 40,
            // That would be an age of nothing, without a unit.
            "" => return None,
            _ => {
                self.age = Some(humantime::parse_duration(part).ok()?);
                return Some(());
            }
        };
        self.bytes = Some(number.checked_mul(1 << scale)?);
        Some(())
    }
}

impl std::fmt::Display for Keep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let commits = self.commits.map(|commits| format!("{commits} commits"));
        let age = self.age.map(|age| humantime::format_duration(age).to_string());
        let bytes = self.bytes.map(|bytes| format!("{bytes}B"));
        let parts: Vec<_> = [commits, age, bytes].into_iter().flatten().collect();
        f.write_str(if parts.is_empty() { "all".to_owned() } else { parts.join(",") }.as_str())
    }
}

/// What has been forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Pruned {
    /// The oldest commit that can be opened now.
    pub oldest: u64,
    /// Bytes by which the timeline has become smaller; 0 if nothing was forgotten.
    pub freed: u64,
}

/// Forget what is more than `keep` says, in the timeline of a database of a connection. Nobody has to wait for it, but for the time
/// of a commit. `progress` is told how many bytes are done and how many there are, and returns whether to go on.
///
/// What the database file does not hold yet is kept: checkpoint first.
///
/// `SQLITE_BUSY` if somebody else is at it, `SQLITE_INTERRUPT` if it was stopped.
pub fn prune(
    connection: &impl AsHandle,
    schema: &str,
    keep: Keep,
    mut progress: impl FnMut(u64, u64) -> bool,
) -> Result<Pruned> {
    writable(connection, schema)?.prune(keep, Some(&mut progress))
}

/// Have a timeline forget by itself from now on what is more than `keep` says: after checkpoints, in a thread of its own, as long as
/// a connection of this process has the database open.
pub fn set_keep(connection: &impl AsHandle, schema: &str, keep: Keep) -> Result<()> {
    writable(connection, schema)?.set_keep(keep)
}

/// What [`set_keep`] has said last, or the URI.
pub fn keep(connection: &impl AsHandle, schema: &str) -> Result<Keep> {
    Database::of(connection, schema)?.timeline(connection)?.keep()
}

/// The timeline of a database of a connection that may write.
fn writable(connection: &impl AsHandle, schema: &str) -> Result<Arc<Timeline>> {
    let database = Database::of(connection, schema)?;
    database.must_be_writable(connection)?;
    database.timeline(connection)
}

impl Timeline {
    /// Forget what is more than `keep` says. In the background, when there is no `progress`, the segment that is being written stays as it
    /// is, and if the timeline is closed meanwhile, the work ends, unless it frees as many bytes as it takes.
    pub(super) fn prune(&self, keep: Keep, progress: Option<Progress<'_>>) -> Result<Pruned> {
        if progress.is_some() {
            // A checkpoint before this one may have begun it.
            self.finish_work();
        }
        let _one = self.keep_whole()?;
        let pruned = self.fold(keep, progress);
        if let Err(error) = &pruned {
            self.note_failure(error)?;
        }
        pruned
    }

    fn fold(&self, keep: Keep, mut progress: Option<Progress<'_>>) -> Result<Pruned> {
        if progress.is_some() && keep != Keep::ALL {
            let mut store = self.store()?;
            let idle = {
                let state = self.state()?;
                state.len() == state.committed()
            };
            if idle {
                store.seal_early()?;
            }
        }
        let history = History::on(self.storage(), self.path())?;
        let unchanged = Pruned { oldest: history.oldest(), freed: 0 };
        let Some(last) = self.last_to_fold(&history, keep)? else { return Ok(unchanged) };
        let before = history.info()?.bytes;
        let commit = history.segments.get(last)?.head.commit;
        // Everything that goes is durable elsewhere: in the base, or in the database file.
        self.sync_up_to(self.head()?.commit)?;
        if !self.store()?.forget_unsynced(commit) {
            return Ok(unchanged);
        }
        let record = history.record(commit)?;
        let total = u64::from(record.head.pages) * u64::from(history.page_size(commit)?);
        let worthwhile = history.bytes_to(last)? >= total;
        let mut go_on = |done, total| match &mut progress {
            Some(progress) => progress(done, total),
            None => worthwhile || !self.is_stopping(),
        };
        let mut meter = Meter::new(total, &mut go_on);
        history.write_base(&record, last, &mut meter)?;
        {
            let mut store = self.store()?;
            let mark = store.mark();
            store.set_mark(mark, true)?;
        }
        for i in 0..=last {
            let name = history.segments.name(i).ok_or(Error::CORRUPT)?;
            // If one stays, whoever opens the timeline next removes it.
            let _ = self.storage().remove(&history.segments.folder.join(name));
        }
        sync_folder(&*self.storage(), &history.segments.folder)?;
        let now = History::on(self.storage(), self.path())?;
        Ok(Pruned { oldest: now.oldest(), freed: before.saturating_sub(now.info()?.bytes) })
    }

    /// See that nobody prunes. `SQLITE_BUSY` if somebody does.
    pub(super) fn keep_whole(&self) -> Result<MutexGuard<'_, ()>> {
        match self.pruning.try_lock() {
            Ok(guard) => Ok(guard),
            // Nothing is left half done that matters.
            Err(TryLockError::Poisoned(guard)) => Ok(guard.into_inner()),
            Err(TryLockError::WouldBlock) => Err(Error::BUSY.with_message("the timeline is being pruned")),
        }
    }

    /// The last segment that can be folded, and is to be.
    fn last_to_fold(&self, history: &History, keep: Keep) -> Result<Option<usize>> {
        let wanted = history.last_to_forget(keep)?;
        let limit = wanted.min(self.last_not_needed()?);
        let mut last = None;
        for i in 0..history.segments.len() {
            let Ok(opened) = history.segments.get(i) else { break };
            if !opened.is_sealed_at(opened.head.commit) || opened.head.commit > limit {
                break;
            }
            last = Some(i);
        }
        // A base alone stays as it is.
        Ok(last.filter(|last| *last > 0 || !history.segments.get(0).is_ok_and(|first| first.segment.header.is_base())))
    }

    /// All commits up to this one are in the database file, and nobody reads their frames.
    fn last_not_needed(&self) -> Result<u64> {
        let copied = self.store()?.mark().copied;
        let state = self.state()?;
        let needed = state.oldest_needed().and_then(|frame| state.contents().get(frame).ok());
        Ok(needed.map_or(copied, |place| copied.min(place.commit - 1)))
    }
}

impl History {
    /// The last commit whose state may become the oldest one.
    fn last_to_forget(&self, keep: Keep) -> Result<u64> {
        let mut last = 0;
        if let Some(commits) = keep.commits {
            last = (self.newest() + 1).saturating_sub(commits.max(1));
        }
        if let Some(age) = keep.age {
            let age = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
            let then = self.segments.storage().now().saturating_sub(age);
            last = last.max(self.segments.resolve(At::Time(then)).map_or(0, |record| record.head.commit));
        }
        if let Some(bytes) = keep.bytes {
            let mut kept = 0;
            for i in (0..self.segments.len()).rev() {
                kept += self.segments.sizes(i)?.0;
                if kept > bytes {
                    last = last.max(self.segments.get(i)?.head.commit);
                    break;
                }
            }
        }
        Ok(last)
    }

    /// Write the state after the last commit of a segment.
    fn write_base(&self, record: &CommitRecord, last: usize, meter: &mut Meter<'_>) -> Result<()> {
        let storage = self.segments.storage();
        let commit = record.head.commit;
        let header = SegmentHeader {
            before: Head { commit: commit - 1, ..Head::default() },
            created: storage.now(),
            flags: SegmentHeader::BASE,
            parent: 0,
            ..self.segments.get(last)?.segment.header
        };
        let mut file = NewFile::create(storage, &self.segments.folder.join(segment::base_name(commit)))?;
        file.write(&header.encode())?;
        let mut index = Vec::new();
        let mut whole: Sum = 0;
        let mut frame = Vec::new();
        let mut view = View::new(&self.segments, commit)?;
        for page in (1..=record.head.pages).filter_map(PageNo::new) {
            if let Some(data) = view.page(&self.segments, page, &mut frame)? {
                index.push(IndexEntry { page: page.get(), commit: 0, offset: file.size() });
                let sum = page_sum(page.get(), data);
                whole = whole.wrapping_add(if is_zero(data) { 0 } else { sum });
                file.write(&FrameHeader { page: page.get(), mark: commit as u32, sum }.encode())?;
                file.write(data)?;
            }
            meter.add(u64::from(header.page_size))?;
        }
        // Nothing is forgotten for the sake of something else.
        self.must_be(whole, record)?;
        let at = file.size();
        let frames = u32::try_from(index.len()).map_err(|_| Error::FULL)?;
        file.write(
            &CommitRecord { frames, synced: 0, flags: record.flags | CommitRecord::FOLDED, ..*record }.encode(),
        )?;
        file.write(&segment::tail(&index, &[at], file.size(), record.head, record.time))?;
        file.finish()
    }
}

/// Prunes a timeline in the background.
pub(super) fn in_background(timeline: &Arc<Timeline>) {
    let worker = Arc::clone(timeline);
    let work = move || {
        let keep = worker.keep().unwrap_or(Keep::ALL);
        // It is tried again after the next checkpoint.
        let _ = worker.prune(keep, None);
    };
    timeline.begin_work(|| std::thread::Builder::new().name("seawall-prune".to_owned()).spawn(work).ok());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_keep_is_read_and_said() {
        let days = Some(Duration::from_secs(30 * 86400));
        for (text, keep) in [
            ("all", Keep::ALL),
            ("1000 commits", Keep { commits: Some(1000), ..Keep::ALL }),
            ("30d", Keep { age: days, ..Keep::ALL }),
            ("10GB, 1commit,30days", Keep { bytes: Some(10 << 30), commits: Some(1), age: days }),
        ] {
            assert_eq!(Keep::parse(text), Ok(keep), "{text}");
            assert_eq!(Keep::parse(&keep.to_string()), Ok(keep));
        }
        for wrong in ["", "0", "1000", "x", "30d;", "99999999999999GB", "-1d", ","] {
            assert!(Keep::parse(wrong).unwrap_err().to_string().contains("1000 commits"), "{wrong}");
        }
    }
}
