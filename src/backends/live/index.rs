//! Which pages the frames of a log are of. Some twenty bytes a page at most, and nine for each further frame of one.

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::wal::{FrameNo, PageNo};
use crate::{Error, Result};

/// Whose page the frame is, and the frame before it that is of the same page.
#[derive(Debug, Clone, Copy)]
struct Link {
    page: PageNo,
    older: Option<FrameNo>,
}

#[derive(Debug, Default)]
pub(super) struct Index {
    /// Of frame 1 and so on.
    links: Vec<Link>,
    /// The newest frame of each page.
    newest: HashTable<FrameNo>,
}

/// Frames for which room is made at first, and the part of those that there are for which it is made from then on: to make
/// twice the room each time would leave half of it empty.
const ROOM: usize = 256;
const PART: usize = 8;

/// Frames for which the room stays when the log begins anew.
const KEPT: usize = 4096;

/// Make room for one more.
pub(in crate::backends) fn make_room<T>(list: &mut Vec<T>) -> Result<()> {
    if list.len() < list.capacity() {
        return Ok(());
    }
    list.try_reserve_exact(ROOM.max(list.len() / PART)).map_err(|_| Error::NOMEM)
}

/// Nobody can choose the numbers freely, so it need not be a hash that nobody can foresee.
fn hash(page: PageNo) -> u64 {
    // The golden ratio: the upper bits, which pick the bucket's tag, and the lower ones depend on all of the number.
    let mixed = u64::from(page.get()).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ mixed >> 32
}

impl Index {
    pub(super) fn len(&self) -> u32 {
        // push() is not called for more.
        self.links.len() as u32
    }

    fn link(&self, frame: FrameNo) -> Option<Link> {
        self.links.get(frame.index()).copied()
    }

    pub(super) fn page(&self, frame: FrameNo) -> Option<PageNo> {
        self.link(frame).map(|link| link.page)
    }

    /// All pages that have a frame, in any order.
    pub(super) fn pages(&self) -> impl Iterator<Item = PageNo> {
        self.newest.iter().filter_map(|frame| self.page(*frame))
    }

    /// The newest frame of a page that is not behind `last`.
    pub(super) fn newest(&self, page: PageNo, last: u32) -> Option<FrameNo> {
        let mut frame = self.newest.find(hash(page), |frame| self.page(*frame) == Some(page)).copied();
        while let Some(newer) = frame.filter(|frame| frame.get() > last) {
            frame = self.link(newer)?.older;
        }
        frame
    }

    /// Add the next frame. There is a number for it.
    pub(super) fn push(&mut self, page: PageNo) -> Result<()> {
        make_room(&mut self.links)?;
        let Index { links, newest } = self;
        let page_of = |frame: &FrameNo| links.get(frame.index()).map(|link| link.page);
        let rehash = |frame: &FrameNo| page_of(frame).map_or(0, hash);
        newest.try_reserve(1, rehash).map_err(|_| Error::NOMEM)?;
        let number = FrameNo::new(links.len() as u32 + 1).ok_or(Error::FULL)?;
        let older = match newest.entry(hash(page), |frame| page_of(frame) == Some(page), rehash) {
            Entry::Occupied(mut entry) => Some(std::mem::replace(entry.get_mut(), number)),
            Entry::Vacant(entry) => {
                entry.insert(number);
                None
            }
        };
        links.push(Link { page, older });
        Ok(())
    }

    /// Drop the last frame. Returns the page that it was of.
    pub(super) fn pop(&mut self) -> Option<PageNo> {
        let number = FrameNo::new(self.len())?;
        let Link { page, older } = self.links.pop()?;
        if let Ok(mut entry) = self.newest.find_entry(hash(page), |frame| *frame == number) {
            match older {
                Some(older) => *entry.get_mut() = older,
                None => drop(entry.remove()),
            }
        }
        Some(page)
    }

    pub(super) fn clear(&mut self) {
        if self.links.len() > KEPT {
            *self = Index::default();
        }
        self.links.clear();
        self.newest.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn page(number: u32) -> PageNo {
        PageNo::new(number).unwrap()
    }

    proptest! {
        /// Some is `push` of a page, None is `pop`.
        #[test]
        fn frames_are_found_as_in_a_list(steps in prop::collection::vec(prop::option::weighted(0.7, 1..20u32), 0..300)) {
            let mut index = Index::default();
            let mut list: Vec<PageNo> = Vec::new();
            for step in steps {
                match step {
                    Some(number) => {
                        index.push(page(number)).unwrap();
                        list.push(page(number));
                    }
                    None => assert_eq!(index.pop(), list.pop()),
                }
                assert_eq!(index.len() as usize, list.len());
                let mut newest = HashMap::new();
                for last in 0..=list.len() {
                    for number in 1..20 {
                        let expected = newest.get(&page(number)).copied();
                        assert_eq!(index.newest(page(number), last as u32), expected);
                    }
                    if let Some(page) = list.get(last) {
                        newest.insert(*page, FrameNo::new(last as u32 + 1).unwrap());
                    }
                }
                let mut pages: Vec<_> = index.pages().collect();
                let mut expected: Vec<_> = newest.into_keys().collect();
                pages.sort_unstable();
                expected.sort_unstable();
                assert_eq!(pages, expected);
            }
        }
    }
}
