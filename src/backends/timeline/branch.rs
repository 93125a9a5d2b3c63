//! Databases that begin as another one was: copies without a history, and branches.

use std::path::Path;

use super::file::{Meter, NewFile, PARTIAL, Progress, exists, folder};
use super::format::{CommitRecord, Identity, Mark, SegmentHeader, Sum, content_sum};
use super::gate::VERSIONS;
use super::history::History;
use super::reader::View;
use super::segment::{self, CHUNK, OPENING, corrupt, failed, is_segment};
use super::storage::Storage;
use super::store::{SLOT, STATE, random_number, sync_folder};
use super::timeline::{LOCK, beside, folder_of, lock_folder};
use crate::wal::PageNo;
use crate::{Error, Result};

impl History {
    /// Write the database as it was after a commit to a new file, which any SQLite opens. `progress` is told how many bytes are
    /// done and how many there are, and returns whether to go on.
    ///
    /// `SQLITE_CANTOPEN` if there is such a file already, or no such commit; `SQLITE_INTERRUPT` if it was stopped.
    pub fn export(
        &self,
        commit: u64,
        target: impl AsRef<Path>,
        mut progress: impl FnMut(u64, u64) -> bool,
    ) -> Result<()> {
        let (storage, target) = (self.segments.storage(), target.as_ref());
        must_be_new(&**storage, target)?;
        let record = self.record(commit)?;
        let mut meter = Meter::new(self.database_bytes(&record)?, &mut progress);
        let mut file = NewFile::beside_others(storage, target, &self.path)?;
        // With a rollback journal, as what VACUUM INTO writes.
        self.write_database(&record, &mut file, Some([1, 1]), &mut meter)?;
        file.finish_new()
    }

    /// Begin a database in a new file, as this one was after a commit. It has the history up to there as well, of which the two
    /// share the files where they can, and goes on independently. `progress` is as for [`History::export`].
    ///
    /// `SQLITE_CANTOPEN` if there is such a file or such a timeline already, or no such commit.
    pub fn branch(
        &self,
        commit: u64,
        target: impl AsRef<Path>,
        mut progress: impl FnMut(u64, u64) -> bool,
    ) -> Result<()> {
        let (storage, target) = (self.segments.storage(), target.as_ref());
        must_be_new(&**storage, target)?;
        let to = folder_of(target);
        // Nobody opens it before it is finished, and nobody else makes it.
        let _lock = lock_folder(&**storage, &to, &self.path)?.map_err(|_| exists(&to))?;
        let begun = to.join(BEGUN);
        let mut names = storage.list(&to).map_err(|error| failed(&to, "reading", &error))?;
        names.retain(|name| name != LOCK);
        if names.iter().any(|name| name == BEGUN) && names.iter().all(|name| is_ours(name)) {
            // The last attempt was interrupted.
            clear(&**storage, &to)?;
        } else if names.is_empty() {
            storage.create(&begun, &to).map_err(|error| failed(&begun, OPENING, &error))?;
        } else {
            return Err(exists(&to));
        }
        let made = self.write_branch(commit, target, &to, &mut progress);
        if made.is_err() {
            let _ = clear(&**storage, &to);
        }
        let _ = storage.remove(&begun);
        made
    }

    fn write_branch(&self, commit: u64, target: &Path, to: &Path, progress: Progress<'_>) -> Result<()> {
        let storage = self.segments.storage();
        let record = self.record(commit)?;
        let last = self.segments.segment_of(commit);
        let mut meter = Meter::new(self.database_bytes(&record)? + self.bytes_to(last)?, progress);
        for i in 0..last {
            self.share(i, to, &mut meter)?;
        }
        let identity = if self.segments.get(last)?.is_sealed_at(commit) {
            self.share(last, to, &mut meter)?;
            self.segments.get(last)?.segment.header.identity
        } else {
            self.cut(last, &record, to, &mut meter)?
        };
        self.begin_lineage(identity, &record, to)?;
        let mut file = NewFile::beside_others(storage, target, &self.path)?;
        self.write_database(&record, &mut file, None, &mut meter)?;
        let (size, changed) = file.sync()?;
        let mark = Mark { number: 1, copied: commit, durable: commit, flags: Mark::CLEAN, counter: 0, size, changed };
        let mut state = NewFile::create(storage, &to.join(STATE))?;
        state.write(&[0; SLOT as usize])?;
        state.write(&mark.encode())?;
        state.finish()?;
        sync_folder(&**storage, folder(target))?;
        file.finish_new()
    }

    fn database_bytes(&self, record: &CommitRecord) -> Result<u64> {
        Ok(u64::from(record.head.pages) * u64::from(self.page_size(record.head.commit)?))
    }

    /// Bytes of the segments up to this one.
    pub(super) fn bytes_to(&self, last: usize) -> Result<u64> {
        (0..=last).try_fold(0, |sum, i| Ok(sum + self.segments.get(i)?.segment.size()?))
    }

    /// Write all pages as they were after a commit.
    fn write_database(
        &self,
        record: &CommitRecord,
        file: &mut NewFile,
        versions: Option<[u8; 2]>,
        meter: &mut Meter<'_>,
    ) -> Result<()> {
        let page_size = self.page_size(record.head.commit)?;
        let mut view = View::new(&self.segments, record.head.commit)?;
        let mut sum: Sum = 0;
        let (mut frame, mut data) = (Vec::new(), vec![0; page_size as usize]);
        for page in (1..=record.head.pages).filter_map(PageNo::new) {
            match view.page(&self.segments, page, &mut frame)? {
                Some(page) => data.copy_from_slice(page),
                None => data.fill(0),
            }
            sum = sum.wrapping_add(content_sum(page.get(), &data));
            if let (1, Some(versions)) = (page.get(), versions) {
                data[VERSIONS].copy_from_slice(&versions);
            }
            file.write(&data)?;
            meter.add(u64::from(page_size))?;
        }
        self.must_be(sum, record)
    }

    /// Fail if the pages of a commit do not add up.
    pub(super) fn must_be(&self, sum: Sum, record: &CommitRecord) -> Result<()> {
        if sum == record.head.sum {
            return Ok(());
        }
        Err(corrupt(
            &self.segments.folder,
            0,
            &format!("the pages of commit {} are not those it had", record.head.commit),
        ))
    }

    /// Have a segment in another folder, too.
    fn share(&self, i: usize, to: &Path, meter: &mut Meter<'_>) -> Result<()> {
        let segment = &self.segments.get(i)?.segment;
        let target = to.join(self.segments.name(i).ok_or(Error::CORRUPT)?);
        // What is not durable may be cut off after a crash, and both would see that.
        segment.sync()?;
        if self.segments.storage().share(&segment.path, &target).is_ok() {
            return meter.add(segment.size()?);
        }
        let mut file = NewFile::create(self.segments.storage(), &target)?;
        self.copy(i, segment.size()?, &mut file, meter)?;
        file.finish()
    }

    /// Copy the first bytes of a segment.
    fn copy(&self, i: usize, size: u64, file: &mut NewFile, meter: &mut Meter<'_>) -> Result<()> {
        let segment = &self.segments.get(i)?.segment;
        let mut buffer = vec![0; CHUNK];
        let mut at = 0;
        while at < size {
            let part = &mut buffer[..CHUNK.min((size - at) as usize)];
            segment.read(part, at)?;
            file.write(part)?;
            at += part.len() as u64;
            meter.add(part.len() as u64)?;
        }
        Ok(())
    }

    /// Have the beginning of a segment in another folder, up to a commit, and sealed there.
    fn cut(&self, i: usize, record: &CommitRecord, to: &Path, meter: &mut Meter<'_>) -> Result<Identity> {
        let opened = self.segments.get(i)?;
        let first = opened.segment.header.before.commit + 1;
        let commits =
            (first..=record.head.commit).map(|commit| opened.record_offset(commit)).collect::<Result<Vec<_>>>()?;
        let end = commits.last().ok_or(Error::CORRUPT)? + CommitRecord::SIZE as u64;
        let mut index = opened.entries()?.into_owned();
        index.retain(|entry| first + u64::from(entry.commit) <= record.head.commit);
        index.sort_unstable();
        let mut file = NewFile::create(self.segments.storage(), &to.join(segment::file_name(first)))?;
        self.copy(i, end, &mut file, meter)?;
        file.write(&segment::tail(&index, &commits, end, record.head, record.time))?;
        file.finish()?;
        Ok(opened.segment.header.identity)
    }

    /// Begin the segment behind the last one that is shared, and with it a lineage.
    fn begin_lineage(&self, identity: Identity, record: &CommitRecord, to: &Path) -> Result<()> {
        let storage = self.segments.storage();
        let header = SegmentHeader {
            page_size: self.page_size(record.head.commit)?,
            identity: Identity { lineage: random_number()?, ..identity },
            before: record.head,
            created: storage.now(),
            flags: SegmentHeader::BRANCH,
            parent: identity.lineage,
        };
        let mut file = NewFile::create(storage, &to.join(segment::file_name(record.head.commit + 1)))?;
        file.write(&header.encode())?;
        file.finish()
    }
}

/// The name of a file that says that a branch is being made, and was not finished.
pub(super) const BEGUN: &str = "branch.partial";

/// Whether a file in the folder of a timeline is a part of that.
fn is_ours(name: &str) -> bool {
    name == STATE || name.ends_with(PARTIAL) || is_segment(name.as_ref())
}

/// Remove a branch that was not finished, but for the sign of that.
fn clear(storage: &dyn Storage, folder: &Path) -> Result<()> {
    let names = storage.list(folder).map_err(|error| failed(folder, "reading", &error))?;
    names
        .iter()
        .filter(|name| is_ours(name) && *name != BEGUN)
        .map(|name| folder.join(name))
        .try_for_each(|path| storage.remove(&path).map_err(|error| failed(&path, "removing", &error)))
}

/// Fail if a database exists, or a log of another one that would be taken for a part of it.
fn must_be_new(storage: &dyn Storage, target: &Path) -> Result<()> {
    for path in [target.to_owned(), beside(target, "-wal"), beside(target, "-journal")] {
        if storage.look_at(&path).is_ok() {
            return Err(exists(&path));
        }
    }
    Ok(())
}
