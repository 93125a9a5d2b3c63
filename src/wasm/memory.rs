//! The memory of an instance.
//!
//! It is mapped as large as it may grow, and the system gives pages of it when they are touched. That takes long for much
//! memory, so it is done little by little, and somebody can stop it.

use std::cell::Cell;
use std::ops::Range;
use std::ptr::{self, NonNull};
use std::slice;

use libc::c_int;

use super::touched::touched;

/// Bytes that are touched before somebody is asked whether to go on.
const STEP: usize = 1 << 20;

/// The smallest page that a system has.
const PAGE: usize = 4096;

/// Bytes from which giving pages back is faster than clearing them.
const LARGE: usize = 512 << 10;

/// Bytes of memory up to which clearing all is as fast as asking what was touched.
const SMALL: usize = 64 << 10;

/// Memory that was mapped for an instance, zero at first.
pub(crate) struct Region {
    base: NonNull<u8>,
    size: usize,
    /// Since it was cleared for the first time, pages are there only if they have been touched.
    sparse: Cell<bool>,
}

impl Region {
    /// `None` if there is not so much room.
    pub(crate) fn new(size: usize) -> Option<Self> {
        let size = size.max(1).checked_next_multiple_of(PAGE)?;
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: it is a new mapping, so nothing else is changed.
        let base = unsafe { libc::mmap(ptr::null_mut(), size, protection, flags, -1, 0) };
        if base == libc::MAP_FAILED {
            return None;
        }
        // Huge pages would be touched as a whole. A system that has none refuses this.
        #[cfg(target_os = "linux")]
        // SAFETY: it is the new mapping.
        let _ = unsafe { libc::madvise(base, size, libc::MADV_NOHUGEPAGE) };
        Some(Region { base: NonNull::new(base.cast())?, size, sparse: Cell::new(false) })
    }

    /// All of it.
    ///
    /// # Safety
    /// It is asked for once, and not used once the region is dropped.
    pub(crate) unsafe fn bytes(&self) -> &'static mut [u8] {
        // SAFETY: it is mapped, and zero or what was written to it.
        unsafe { slice::from_raw_parts_mut(self.base.as_ptr(), self.size) }
    }

    /// Clear `memory`, with which the region begins, but for `keep`, which is going to be written over.
    pub(crate) fn clear(&self, memory: &mut [u8], keep: Range<usize>) {
        let (base, size) = (memory.as_ptr(), memory.len());
        let mut clear = |part: Range<usize>, give_back: bool| {
            for outside in [0..keep.start, keep.end..size] {
                let part = part.start.max(outside.start)..part.end.min(outside.end);
                match part.is_empty() {
                    true => (),
                    false if give_back => give_back_pages(&mut memory[part.clone()], part.start),
                    false => memory[part].fill(0),
                }
            }
        };
        if size > SMALL {
            let sparse = self.sparse.get();
            let mut clear_touched = |part: Range<usize>| {
                if sparse {
                    clear(part.clone(), part.len() >= LARGE);
                }
            };
            if touched(base, size, &mut clear_touched).is_some() {
                if !sparse {
                    // All that was there before the first call would count as touched for ever.
                    clear(0..size, true);
                    self.sparse.set(true);
                }
                return;
            }
        }
        clear(0..size, size >= LARGE);
    }

    /// Have the system give pages for a part that is not used yet. Returns what `poll` returns if that is not 0.
    pub(crate) fn touch(&self, part: Range<usize>, poll: &mut dyn FnMut() -> c_int) -> c_int {
        let end = part.end.min(self.size);
        let mut at = part.start;
        while at < end {
            for page in (at..end.min(at.saturating_add(STEP))).step_by(PAGE) {
                // SAFETY: it is within the mapping, and nobody uses it yet. It is zero, and stays so.
                unsafe { self.base.as_ptr().add(page).write_volatile(0) };
            }
            at = at.saturating_add(STEP);
            let stop = poll();
            if stop != 0 {
                return stop;
            }
        }
        0
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: it was mapped with this size.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.size) };
    }
}

/// Clear a part of a [`Region`] that begins at this offset: whole pages are given back.
fn give_back_pages(part: &mut [u8], offset: usize) {
    // SAFETY: it looks up a number.
    let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(PAGE).max(PAGE);
    let head = (offset.next_multiple_of(page) - offset).min(part.len());
    let (head, rest) = part.split_at_mut(head);
    head.fill(0);
    let (pages, tail) = rest.split_at_mut(rest.len() / page * page);
    tail.fill(0);
    if pages.is_empty() {
        return;
    }
    // SAFETY: they are private pages that nobody else uses, of a mapping that is zero where no page is.
    if unsafe { libc::madvise(pages.as_mut_ptr().cast(), pages.len(), libc::MADV_DONTNEED) } != 0 {
        // They are locked.
        pages.fill(0);
    }
}

/// Where what is not zero begins and ends.
pub(crate) fn written(memory: &[u8]) -> (usize, usize) {
    static ZERO: [u8; PAGE] = [0; PAGE];
    // Much of it is zero, so it is compared in large parts first.
    let other = |part: &&[u8]| **part != ZERO[..part.len()];
    let Some(first) = memory.chunks(PAGE).position(|part| other(&part)) else { return (0, 0) };
    let last = memory.chunks(PAGE).rposition(|part| other(&part)).unwrap_or(first);
    let bytes = |part: usize| &memory[part * PAGE..memory.len().min((part + 1) * PAGE)];
    let start = bytes(first).iter().position(|byte| *byte != 0).unwrap_or(0);
    let end = bytes(last).iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
    (first * PAGE + start, last * PAGE + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_cleared_but_what_is_kept() {
        for size in [0, 1, PAGE, SMALL, SMALL + PAGE, LARGE - PAGE, LARGE - 1, LARGE, LARGE + PAGE + 1, 3 * LARGE] {
            let region = Region::new(size).unwrap();
            // SAFETY: once, and not longer.
            let memory = &mut unsafe { region.bytes() }[..size];
            let all = |memory: &mut [u8]| memory.fill(7);
            let little = |memory: &mut [u8]| memory.iter_mut().step_by(3 * PAGE + 11).for_each(|byte| *byte = 7);
            let most = |memory: &mut [u8]| memory[size / 5..].fill(7);
            type Write<'a> = &'a dyn Fn(&mut [u8]);
            let writes: [Write<'_>; 4] = [&all, &little, &most, &|_| ()];
            for keep in
                [0..0, 1..size / 2, size / 3..size, size..size].into_iter().filter(|keep| keep.start <= keep.end)
            {
                for write in writes {
                    write(memory);
                    let kept = memory[keep.clone()].to_vec();
                    region.clear(memory, keep.clone());
                    let cleared = |i: usize| memory[i] == 0;
                    assert!((0..size).all(|i| cleared(i) || keep.contains(&i)), "{size} {keep:?}");
                    assert_eq!(memory[keep.clone()], kept, "{size} {keep:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_zero_is_found() {
        for size in [0, 1, PAGE, 3 * PAGE + 7] {
            let mut memory = vec![0; size];
            assert_eq!(written(&memory), (0, 0));
            for at in [0, 1, PAGE - 1, PAGE, 2 * PAGE + 5, 3 * PAGE, 3 * PAGE + 6] {
                for length in [1, 2, PAGE] {
                    let end = (at + length).min(size);
                    if at < end {
                        (memory[at], memory[end - 1]) = (1, 2);
                        assert_eq!(written(&memory), (at, end));
                        (memory[at], memory[end - 1]) = (0, 0);
                    }
                }
            }
        }
    }

    #[test]
    fn touching_asks_every_now_and_then_and_can_be_stopped() {
        let region = Region::new(10 * STEP).unwrap();
        let mut asked = 0;
        let mut poll = || {
            asked += 1;
            if asked == 3 { 9 } else { 0 }
        };
        assert_eq!(region.touch(0..10 * STEP, &mut poll), 9);
        assert_eq!(asked, 3);
        assert_eq!(region.touch(STEP..usize::MAX, &mut || 0), 0);
    }

    #[test]
    fn more_than_there_is_room_for_is_not_mapped() {
        assert!(Region::new(usize::MAX / 2).is_none());
        assert!(Region::new(usize::MAX).is_none());
    }
}
