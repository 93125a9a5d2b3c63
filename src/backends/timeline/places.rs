//! Where the frames of a log lie. Mostly one behind the other, so that few places say where all are.

use super::format::{CommitRecord, FrameHeader};
use crate::backends::live::{Contents, make_room};
use crate::wal::FrameNo;
use crate::{Error, Result, ffi};

/// Where a frame lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Index into the list of segments.
    pub(super) segment: u32,
    pub(super) offset: u64,
    /// The commit that it belongs to.
    pub(super) commit: u64,
}

/// Some frames that follow one another in a segment, with nothing but the records of their commits in between.
#[derive(Debug)]
struct Run {
    /// The index of the first one, and its place.
    first: u32,
    place: Place,
    /// Which of them end a commit, from the lowest bit on.
    ends: u64,
}

/// Runs for which the room stays when the log begins anew.
const KEPT: usize = 1024;

/// The bits of `ends`.
const RUN: u32 = u64::BITS;

/// The places of all frames.
#[derive(Debug, Default)]
pub(super) struct Places {
    runs: Vec<Run>,
    len: u32,
    /// Bytes of a frame.
    frame_size: u64,
}

impl Run {
    /// The place of the frame that is so many behind the first.
    fn place(&self, behind: u32, frame_size: u64) -> Place {
        let before = 1u64.checked_shl(behind).map_or(u64::MAX, |bit| bit - 1);
        let records = u64::from((self.ends & before).count_ones());
        let offset = self.place.offset + u64::from(behind) * frame_size + records * CommitRecord::SIZE as u64;
        Place { offset, commit: self.place.commit + records, ..self.place }
    }
}

impl Places {
    fn run(&self, frame: FrameNo) -> Result<(&Run, u32)> {
        let index = frame.get() - 1;
        let found = self.runs.partition_point(|run| run.first <= index).checked_sub(1);
        let run = found.and_then(|found| self.runs.get(found)).filter(|_| index < self.len);
        let run = run.ok_or(Error::new(ffi::SQLITE_IOERR_SHORT_READ))?;
        Ok((run, index - run.first))
    }

    pub(super) fn get(&self, frame: FrameNo) -> Result<Place> {
        let (run, behind) = self.run(frame)?;
        Ok(run.place(behind, self.frame_size))
    }

    /// Whether a frame ends a commit: its record is right behind it.
    pub(super) fn ends_commit(&self, frame: FrameNo) -> Result<bool> {
        let (run, behind) = self.run(frame)?;
        Ok(run.ends >> behind & 1 != 0)
    }
}

impl Contents for Places {
    type Content = Place;

    fn push(&mut self, page_size: u32, commit: u32, place: Place) -> Result<()> {
        self.frame_size = FrameHeader::SIZE as u64 + u64::from(page_size);
        let behind = self.runs.last().map(|run| self.len - run.first).filter(|behind| *behind < RUN);
        let follows = |run: &Run, behind| run.place(behind, self.frame_size) == place;
        let end = u64::from(commit != 0);
        match (self.runs.last_mut(), behind) {
            (Some(run), Some(behind)) if follows(run, behind) => run.ends |= end << behind,
            _ => {
                make_room(&mut self.runs)?;
                self.runs.push(Run { first: self.len, place, ends: end });
            }
        }
        self.len += 1;
        Ok(())
    }

    fn truncate(&mut self, frames: u32) {
        self.len = self.len.min(frames);
        while self.runs.pop_if(|run| run.first >= frames).is_some() {}
        if self.runs.is_empty() && self.runs.capacity() > KEPT {
            self.runs = Vec::new();
        }
        if let Some(run) = self.runs.last_mut() {
            let kept = 1u64.checked_shl(self.len - run.first).map_or(u64::MAX, |bit| bit - 1);
            run.ends &= kept;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    enum Step {
        /// So many frames, and a commit or none.
        Frames(usize, bool),
        Truncate(usize),
        Segment,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            6 => (1..100usize, any::<bool>()).prop_map(|(frames, commit)| Step::Frames(frames, commit)),
            6 => Just(Step::Frames(1, true)),
            2 => (0..200usize).prop_map(Step::Truncate),
            1 => Just(Step::Segment),
        ];
        prop::collection::vec(step, 0..40)
    }

    proptest! {
        #[test]
        fn every_frame_has_the_place_that_it_was_given(steps in steps()) {
            let frame_size = 4096 + FrameHeader::SIZE as u64;
            let mut places = Places::default();
            let mut list: Vec<(Place, bool)> = Vec::new();
            let mut next = Place { segment: 0, offset: 144, commit: 1 };
            for step in steps {
                match step {
                    Step::Frames(frames, commit) => {
                        for i in 1..=frames {
                            let ends = commit && i == frames;
                            places.push(4096, u32::from(ends) * 9, next).unwrap();
                            list.push((next, ends));
                            next.offset += frame_size;
                            if ends {
                                next.offset += CommitRecord::SIZE as u64;
                                next.commit += 1;
                            }
                        }
                    }
                    Step::Truncate(frames) if frames < list.len() => {
                        next = list[frames].0;
                        list.truncate(frames);
                        places.truncate(frames as u32);
                    }
                    Step::Truncate(frames) => places.truncate(frames as u32 + list.len() as u32),
                    Step::Segment => next = Place { segment: next.segment + 1, offset: 144, ..next },
                }
                for (i, (place, ends)) in list.iter().enumerate() {
                    let frame = FrameNo::new(i as u32 + 1).unwrap();
                    assert_eq!(places.get(frame).unwrap(), *place);
                    assert_eq!(places.ends_commit(frame).unwrap(), *ends);
                }
                assert!(places.get(FrameNo::new(list.len() as u32 + 1).unwrap()).is_err());
            }
        }
    }
}
