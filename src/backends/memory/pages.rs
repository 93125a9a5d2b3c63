//! The pages of a log, on the heap.

use crate::backends::live::{Contents, make_room};
use crate::wal::FrameNo;
use crate::{Error, Result, ffi};

#[derive(Debug, Default)]
pub(super) struct Pages(Vec<Page>);

#[derive(Debug)]
struct Page {
    /// See [`Contents::push`].
    commit: u32,
    data: Vec<u8>,
}

impl Pages {
    /// The database size of a frame that commits, otherwise 0, and the page.
    pub(super) fn get(&self, frame: FrameNo) -> Result<(u32, &[u8])> {
        let page = self.0.get(frame.index()).ok_or(Error::new(ffi::SQLITE_IOERR_SHORT_READ))?;
        Ok((page.commit, &page.data))
    }

    pub(super) fn get_mut(&mut self, frame: FrameNo) -> Result<&mut [u8]> {
        let page = self.0.get_mut(frame.index()).ok_or(Error::new(ffi::SQLITE_IOERR_SHORT_READ))?;
        Ok(&mut page.data)
    }
}

impl Contents for Pages {
    type Content = Vec<u8>;

    fn push(&mut self, _page_size: u32, commit: u32, data: Vec<u8>) -> Result<()> {
        make_room(&mut self.0)?;
        self.0.push(Page { commit, data });
        Ok(())
    }

    fn truncate(&mut self, frames: u32) {
        self.0.truncate(frames as usize);
        if frames == 0 {
            self.0 = Vec::new();
        }
    }
}
