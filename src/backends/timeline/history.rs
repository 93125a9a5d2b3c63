//! What happened to a database: its commits, and what they changed.

use std::collections::{BTreeSet, HashMap};
use std::ops::{Bound, RangeBounds};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::connection::{Connection, uri};
use super::format::{CommitRecord, FrameHeader};
use super::reader::{At, Segments, View, again_if_pruned};
use super::storage::{Disk, Storage};
use super::timeline::folder_of;
use crate::wal::PageNo;
use crate::{Error, Result, ffi};

/// The history of a database that is kept by the log `timeline`, as it is when this is opened. Whoever writes to the database
/// meanwhile, in this process or another one, is not disturbed.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use rusqlite::Connection;
/// use seawall::timeline::History;
///
/// let dir = tempfile::tempdir()?;
/// let path = dir.path().join("app.db");
/// let db = Connection::open(format!("file:{}?wal=timeline", path.display()))?;
/// db.execute_batch("CREATE TABLE t(a); INSERT INTO t VALUES(1);")?;
///
/// let history = History::open(&path)?;
/// let last = history.commits(..).last().expect("a commit")?;
/// assert_eq!((last.number, last.schema_changed), (history.newest(), false));
/// # Ok(())
/// # }
/// ```
pub struct History {
    pub(super) segments: Segments,
    pub(super) path: PathBuf,
    pub(super) oldest: u64,
    pub(super) newest: u64,
}

impl std::fmt::Debug for History {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("History").field("path", &self.path).finish()
    }
}

/// One commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Commit {
    /// Counts the commits of the database, from 1.
    pub number: u64,
    /// By the clock of the machine, in milliseconds; never before that of the commit before it.
    pub time: SystemTime,
    /// Pages that were written.
    pub pages_written: u32,
    /// Pages of the database after it.
    pub database_pages: u32,
    /// What it takes in the timeline, without the index.
    pub bytes: u64,
    /// Of the whole database: another one with as many pages and the same number is the same.
    pub checksum: u128,
    /// The schema is another one since.
    pub schema_changed: bool,
    /// It was not made by a transaction, but is the database as it was found.
    pub adopted: bool,
    /// It set the database back to an earlier commit.
    pub restored: bool,
    /// It is the whole database as it was after this commit, and all before it have been pruned.
    pub folded: bool,
}

impl Commit {
    fn new(record: &CommitRecord, page_size: u32) -> Self {
        let frame = FrameHeader::SIZE as u64 + u64::from(page_size);
        let has = |flag| record.flags & flag != 0;
        Commit {
            number: record.head.commit,
            time: system_time(record.time),
            pages_written: record.frames,
            database_pages: record.head.pages,
            bytes: u64::from(record.frames) * frame + CommitRecord::SIZE as u64,
            checksum: record.head.sum,
            schema_changed: has(CommitRecord::SCHEMA),
            adopted: has(CommitRecord::ADOPTED),
            restored: has(CommitRecord::RESTORED),
            folded: has(CommitRecord::FOLDED),
        }
    }
}

/// A whole timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimelineInfo {
    /// Tells the database from all others, but for its branches.
    pub database: u128,
    /// Tells it from its branches as well.
    pub lineage: u128,
    /// The lineages that it comes from, and with which commit they ended for it, as far as they have not been pruned: the
    /// oldest first.
    pub ancestors: Vec<(u128, u64)>,
    /// The oldest commit that can be opened.
    pub oldest: Commit,
    /// The newest commit.
    pub newest: Commit,
    /// Bytes of a page.
    pub page_size: u32,
    /// Files with commits.
    pub segments: usize,
    /// Bytes of these files.
    pub bytes: u64,
    /// What of that is there to find pages.
    pub index_bytes: u64,
}

/// What happened to a page between two commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageChange {
    /// Its content is another one.
    Changed,
    /// The database has become larger.
    Added,
    /// The database has become smaller.
    Removed,
}

pub(super) fn system_time(milliseconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(milliseconds)
}

impl History {
    /// The history of the database in this file.
    ///
    /// `SQLITE_CANTOPEN` if it has none, `SQLITE_CORRUPT` if it had one and not even the first commit can be read.
    pub fn open(database: impl AsRef<Path>) -> Result<Self> {
        let database = database.as_ref();
        // As SQLite has it: the timeline of a file is beside the file, not beside a link to it.
        let resolved = std::fs::canonicalize(database);
        History::on(Arc::new(Disk), resolved.as_deref().unwrap_or(database))
    }

    #[doc(hidden)]
    pub fn on(storage: Arc<dyn Storage>, database: &Path) -> Result<Self> {
        again_if_pruned(|| History::on_once(Arc::clone(&storage), database))
    }

    fn on_once(storage: Arc<dyn Storage>, database: &Path) -> Result<Self> {
        let segments = Segments::new(storage, folder_of(database))?;
        let Some((oldest, newest)) = segments.range()? else {
            let (database, folder) = (database.display(), segments.folder.display());
            return Err(
                Error::CANTOPEN.with_message(format!("{database} has no timeline: there is no commit in {folder}"))
            );
        };
        Ok(History { segments, path: database.to_owned(), oldest, newest })
    }

    /// The number of the oldest commit that can be opened.
    #[must_use]
    pub fn oldest(&self) -> u64 {
        self.oldest
    }

    /// The number of the newest commit. If what comes last is damaged, it is the first commit of that, and reading it fails with
    /// what is wrong.
    #[must_use]
    pub fn newest(&self) -> u64 {
        self.newest
    }

    /// A commit by its number.
    ///
    /// `SQLITE_CANTOPEN` if there is none.
    pub fn commit(&self, number: u64) -> Result<Commit> {
        self.commit_of(&self.record(number)?)
    }

    pub(super) fn record(&self, number: u64) -> Result<CommitRecord> {
        if (self.oldest..=self.newest).contains(&number) {
            return self.segments.record(number);
        }
        self.segments.resolve(At::Commit(number))
    }

    /// The commit that `at` of a URI stands for: a number, or a time such as `2026-11-22T10:00:00Z`.
    pub fn at(&self, at: &str) -> Result<Commit> {
        self.commit_of(&self.segments.resolve(At::parse(at)?)?)
    }

    fn commit_of(&self, record: &CommitRecord) -> Result<Commit> {
        Ok(Commit::new(record, self.page_size(record.head.commit)?))
    }

    /// Bytes of a page after a commit.
    pub(super) fn page_size(&self, commit: u64) -> Result<u32> {
        Ok(self.segments.get(self.segments.segment_of(commit))?.segment.header.page_size)
    }

    /// The commits of a range of numbers, as far as they are there. What is damaged is an error among them.
    #[must_use]
    pub fn commits(&self, numbers: impl RangeBounds<u64>) -> Commits<'_> {
        let first = match numbers.start_bound() {
            Bound::Included(first) => *first,
            Bound::Excluded(before) => before.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let behind = match numbers.end_bound() {
            Bound::Included(last) => last.saturating_add(1),
            Bound::Excluded(behind) => *behind,
            Bound::Unbounded => u64::MAX,
        };
        let (next, behind) = self.clip(first, behind);
        Commits { history: self, next, behind }
    }

    /// The commits from one up to another, without that, as far as they are there.
    pub(super) fn clip(&self, first: u64, behind: u64) -> (u64, u64) {
        let damaged = || self.record(self.newest).is_err();
        // They may be behind what is damaged: reading that tells.
        let first = if (self.newest + 1..behind).contains(&first) && damaged() { self.newest } else { first };
        (first.max(self.oldest), behind.min(self.newest + 1))
    }

    /// The same as it is now.
    pub(super) fn anew(&self) -> Result<Self> {
        History::on(Arc::clone(self.segments.storage()), &self.path)
    }

    /// What the timeline is as a whole: as it is now, if something has been pruned since this was opened.
    pub fn info(&self) -> Result<TimelineInfo> {
        match self.info_once() {
            Err(error) if error.code() == ffi::SQLITE_CANTOPEN => again_if_pruned(|| self.anew()?.info_once()),
            info => info,
        }
    }

    fn info_once(&self) -> Result<TimelineInfo> {
        let mut info = TimelineInfo {
            database: 0,
            lineage: 0,
            ancestors: Vec::new(),
            oldest: self.commit(self.oldest)?,
            newest: self.commit(self.newest)?,
            page_size: self.page_size(self.newest)?,
            segments: self.segments.len(),
            bytes: 0,
            index_bytes: 0,
        };
        // A branch that has no commit yet has a header of its own all the same.
        for i in 0..self.segments.len() {
            let Some(header) = self.segments.header_of(i)? else { continue };
            if header.flags & super::format::SegmentHeader::BRANCH != 0 {
                info.ancestors.push((header.parent, header.before.commit));
            }
            (info.database, info.lineage) = (header.identity.database, header.identity.lineage);
            let (bytes, index) = self.segments.sizes(i)?;
            info.bytes += bytes;
            info.index_bytes += index;
        }
        Ok(info)
    }

    /// The pages that are not the same after the two commits, in their order. What was changed and changed back is not among
    /// them.
    pub fn diff(&self, from: u64, to: u64) -> Result<Vec<(PageNo, PageChange)>> {
        let (from, to) = (self.record(from)?.head, self.record(to)?.head);
        let (mut before, mut after) = (View::new(&self.segments, from.commit)?, View::new(&self.segments, to.commit)?);
        let shared = from.pages.min(to.pages);
        let mut changes = Vec::new();
        for page in self.written(from.commit.min(to.commit), from.commit.max(to.commit))? {
            let Some(number) = PageNo::new(page).filter(|_| page <= shared) else { continue };
            if self.sum(&mut before, number)? != self.sum(&mut after, number)? {
                changes.push((number, PageChange::Changed));
            }
        }
        let (size, rest) =
            if to.pages > from.pages { (to.pages, PageChange::Added) } else { (from.pages, PageChange::Removed) };
        changes.extend((shared + 1..=size).filter_map(PageNo::new).map(|page| (page, rest)));
        Ok(changes)
    }

    /// The table or index that each page belongs to, after a commit; pages of the list of unused ones are not among them. All of
    /// the database is read for that.
    pub fn owners(&self, commit: u64) -> Result<HashMap<PageNo, String>> {
        let past = Connection::open(&uri(&self.path, &format!("wal=timeline&at={commit}")))?;
        let mut owners = HashMap::new();
        past.rows(c"SELECT pageno, name FROM dbstat", &mut |page, name| {
            if let Some(page) = u32::try_from(page).ok().and_then(PageNo::new) {
                owners.insert(page, name.to_owned());
            }
        })?;
        Ok(owners)
    }

    /// The checksum of a page.
    fn sum(&self, view: &mut View, page: PageNo) -> Result<Option<u128>> {
        match view.find(&self.segments, page)? {
            Some(spot) => Ok(Some(self.segments.header(page, spot)?.sum)),
            None => Ok(None),
        }
    }

    /// All pages that were written by a commit behind `from`, up to `to`, or may read otherwise since.
    pub(super) fn written(&self, from: u64, to: u64) -> Result<BTreeSet<u32>> {
        let mut pages = BTreeSet::new();
        for i in self.segments.segment_of(from)..=self.segments.segment_of(to) {
            let opened = self.segments.get(i)?;
            let before = opened.segment.header.before.commit;
            let written = |commit: u32| (from + 1..=to).contains(&(before + 1 + u64::from(commit)));
            let entries = opened.entries()?;
            pages.extend(entries.iter().filter(|entry| written(entry.commit)).map(|entry| entry.page));
        }
        Ok(pages)
    }
}

/// Commits of a [`History`], from either end.
#[derive(Debug, Clone)]
pub struct Commits<'a> {
    history: &'a History,
    next: u64,
    behind: u64,
}

impl Iterator for Commits<'_> {
    type Item = Result<Commit>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.behind {
            return None;
        }
        self.next += 1;
        Some(self.history.commit(self.next - 1))
    }
}

impl DoubleEndedIterator for Commits<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        if self.next >= self.behind {
            return None;
        }
        self.behind -= 1;
        Some(self.history.commit(self.behind))
    }
}
