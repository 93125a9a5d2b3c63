//! Which pages of a mapping have been touched? Linux tells since 6.7, in less time than it takes to clear a few of them.

use std::ops::Range;

/// Call `each` with every part of the mapping at `base` that has been touched since its pages were last given back, in whole
/// pages, as offsets. `None` if this system does not tell: then `each` may have been called with some of them.
///
/// A page that has been swapped out counts. One that was only read may count as well.
pub(super) fn touched(base: *const u8, size: usize, each: &mut dyn FnMut(Range<usize>)) -> Option<()> {
    system::touched(base, size, each)
}

#[cfg(target_os = "linux")]
mod system {
    use std::fs::File;
    use std::ops::Range;
    use std::os::fd::AsRawFd;
    use std::ptr::{self, NonNull};
    use std::sync::OnceLock;

    /// Parts that one question is answered with at most.
    const PARTS: usize = 32;

    /// `PM_SCAN_*` and `PAGE_IS_*` of `linux/fs.h`.
    const PRESENT: u64 = 1 << 3;
    const SWAPPED: u64 = 1 << 4;

    /// `struct page_region` of `linux/fs.h`.
    #[repr(C)]
    #[derive(Clone, Copy, Default)]
    struct Part {
        start: u64,
        end: u64,
        categories: u64,
    }

    /// `struct pm_scan_arg` of `linux/fs.h`.
    #[repr(C)]
    struct Scan {
        size: u64,
        flags: u64,
        start: u64,
        end: u64,
        walk_end: u64,
        parts: u64,
        parts_len: u64,
        max_pages: u64,
        category_inverted: u64,
        category_mask: u64,
        category_anyof_mask: u64,
        return_mask: u64,
    }

    /// `PAGEMAP_SCAN`, that is `_IOWR('f', 16, struct pm_scan_arg)`.
    const PAGEMAP_SCAN: u64 = 3 << 30 | (size_of::<Scan>() as u64) << 16 | (b'f' as u64) << 8 | 16;

    /// The map of this process.
    struct Pagemap {
        file: File,
        /// Two blocks of memory, the first of which begins with 1: in the process that has opened the file, not in those that are
        /// forked from it. To them it still tells about the first.
        own: NonNull<u8>,
    }

    /// As large as the largest page of a system.
    const BLOCK: usize = 64 << 10;

    // SAFETY: the byte is only read.
    unsafe impl Send for Pagemap {}
    // SAFETY: as above.
    unsafe impl Sync for Pagemap {}

    impl Pagemap {
        fn open() -> Option<Self> {
            let file = File::open("/proc/self/pagemap").ok()?;
            let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
            // SAFETY: it is a new mapping, so nothing else is changed. It stays for as long as the process.
            let own = unsafe { libc::mmap(ptr::null_mut(), 2 * BLOCK, protection, flags, -1, 0) };
            if own == libc::MAP_FAILED {
                return None;
            }
            let pagemap = Pagemap { file, own: NonNull::new(own.cast())? };
            // SAFETY: it is the mapping from above, and nobody else knows of it.
            let wiped = unsafe {
                libc::madvise(own, 2 * BLOCK, libc::MADV_NOHUGEPAGE);
                libc::madvise(own, 2 * BLOCK, libc::MADV_WIPEONFORK) == 0
            };
            if !wiped || pagemap.finds()? != 0 {
                return None;
            }
            // SAFETY: as above.
            unsafe { pagemap.own.write(1) };
            // A system that answers otherwise is none that is known here.
            (pagemap.finds()? == 1).then_some(pagemap)
        }

        /// Which of its blocks it takes for touched, as bits.
        fn finds(&self) -> Option<u32> {
            let mut found = 0;
            self.scan(self.own.as_ptr(), 2 * BLOCK, &mut |part| {
                found |= u32::from(part.start < BLOCK) | u32::from(part.end > BLOCK) << 1;
            })?;
            Some(found)
        }

        fn is_own(&self) -> bool {
            // SAFETY: it is mapped for as long as the process lives.
            unsafe { self.own.read_volatile() == 1 }
        }

        fn scan(&self, base: *const u8, size: usize, each: &mut dyn FnMut(Range<usize>)) -> Option<()> {
            let base = base.addr() as u64;
            let end = base + size as u64;
            let mut parts = [Part::default(); PARTS];
            let mut scan = Scan {
                size: size_of::<Scan>() as u64,
                flags: 0,
                start: base,
                end,
                walk_end: 0,
                parts: parts.as_mut_ptr().expose_provenance() as u64,
                parts_len: PARTS as u64,
                max_pages: 0,
                category_inverted: 0,
                category_mask: 0,
                category_anyof_mask: PRESENT | SWAPPED,
                return_mask: PRESENT,
            };
            while scan.start < end {
                // SAFETY: the file is a map of pages, or something else that does not know this request; the parts are there.
                let found = unsafe { libc::ioctl(self.file.as_raw_fd(), PAGEMAP_SCAN as _, &raw mut scan) };
                let found = parts.get(..usize::try_from(found).ok()?)?;
                for part in found {
                    each((part.start - base) as usize..(part.end.min(end) - base) as usize);
                }
                // It has gone on until nothing was left, or there was no room for more.
                if scan.walk_end <= scan.start {
                    return None;
                }
                scan.start = scan.walk_end;
            }
            Some(())
        }
    }

    pub(super) fn touched(base: *const u8, size: usize, each: &mut dyn FnMut(Range<usize>)) -> Option<()> {
        static PAGEMAP: OnceLock<Option<Pagemap>> = OnceLock::new();
        let pagemap = PAGEMAP.get_or_init(Pagemap::open).as_ref().filter(|pagemap| pagemap.is_own())?;
        pagemap.scan(base, size, each)
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::ops::Range;

    pub(super) fn touched(_: *const u8, _: usize, _: &mut dyn FnMut(Range<usize>)) -> Option<()> {
        None
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::ptr;

    use super::*;

    const PAGE: usize = 65536;
    const PAGES: usize = 200;

    fn parts(base: *const u8) -> Option<Vec<Range<usize>>> {
        let mut parts: Vec<Range<usize>> = Vec::new();
        touched(base, PAGES * PAGE, &mut |part| match parts.last_mut().filter(|last| last.end == part.start) {
            Some(last) => last.end = part.end,
            None => parts.push(part),
        })?;
        Some(parts)
    }

    /// Offsets are those of the 64 KB that a part lies in, as pages of systems differ in size.
    #[test]
    fn every_part_that_was_written_to_is_told_and_no_other() {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: it is a new mapping, which is used within the test, and given back at its end.
        let base = unsafe { libc::mmap(ptr::null_mut(), PAGES * PAGE, protection, flags, -1, 0) };
        assert_ne!(base, libc::MAP_FAILED);
        // SAFETY: it is that mapping.
        unsafe { libc::madvise(base, PAGES * PAGE, libc::MADV_NOHUGEPAGE) };
        let base = base.cast::<u8>();
        let Some(none) = parts(base) else {
            eprintln!("skipped: this system does not tell");
            return;
        };
        assert_eq!(none, []);
        // More parts than are told at once.
        let written: Vec<usize> = (0..PAGES).step_by(2).chain([51, 199]).collect();
        for page in &written {
            // SAFETY: it is within the mapping.
            unsafe { base.add(page * PAGE + 5).write(1) };
        }
        let told = parts(base).unwrap();
        let within = |page: usize| told.iter().any(|part| part.start < (page + 1) * PAGE && part.end > page * PAGE);
        for page in 0..PAGES {
            assert_eq!(within(page), written.contains(&page), "{page}");
        }
        // A process that is forked does not know.
        // SAFETY: the child asks the system, writes to its own stack, and ends.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let told = touched(base, PAGES * PAGE, &mut |_| ());
            // SAFETY: it ends the child without anything else.
            unsafe { libc::_exit(i32::from(told.is_some())) };
        }
        let mut status = -1;
        // SAFETY: it is the child from above, and the mapping is not used any more.
        unsafe {
            assert_eq!(libc::waitpid(child, &raw mut status, 0), child);
            libc::munmap(base.cast(), PAGES * PAGE);
        }
        assert_eq!(status, 0);
    }
}
