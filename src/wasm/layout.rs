//! How a value of SQL lies in the memory of a module: libSQL's layout.
//!
//! ```text
//! TEXT   03  bytes in UTF-8  00
//! BLOB   04  length, 4 bytes, the most significant first  bytes
//! NULL   05
//! ```
//!
//! INTEGER and REAL are passed as `i64` and `f64`, and do not lie in memory.

use super::runtime::Fault;

const TEXT: u8 = 3;
const BLOB: u8 = 4;
const NULL: u8 = 5;

/// A value of SQL that lies in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stored<'a> {
    Text(&'a [u8]),
    Blob(&'a [u8]),
    Null,
}

impl<'a> Stored<'a> {
    /// The number of bytes that the value takes.
    pub(crate) fn size(self) -> usize {
        match self {
            Stored::Text(bytes) => 1 + bytes.len() + 1,
            Stored::Blob(bytes) => 1 + 4 + bytes.len(),
            Stored::Null => 1,
        }
    }

    /// Write the value to an address that the module has chosen.
    pub(crate) fn write(self, memory: &mut [u8], address: i32) -> Result<(), Fault> {
        let start = address as u32 as usize;
        let place = start.checked_add(self.size()).and_then(|end| memory.get_mut(start..end));
        let Some(place) = place else {
            return Err(Fault::failed(format!(
                "libsql_malloc returned {start}, but {} bytes from there are not in its memory",
                self.size()
            )));
        };
        match self {
            Stored::Text(bytes) => {
                place[0] = TEXT;
                place[1..=bytes.len()].copy_from_slice(bytes);
                place[bytes.len() + 1] = 0;
            }
            Stored::Blob(bytes) => {
                place[0] = BLOB;
                place[1..5].copy_from_slice(&(bytes.len() as u32).to_be_bytes());
                place[5..].copy_from_slice(bytes);
            }
            Stored::Null => place[0] = NULL,
        }
        Ok(())
    }

    /// Read the value that the module says is at an address.
    pub(crate) fn read(memory: &'a [u8], address: i32) -> Result<Self, Fault> {
        let start = address as u32 as usize;
        let outside = || Fault::failed(format!("its result at {start} is not within its memory"));
        let (tag, rest) = memory.get(start..).and_then(<[u8]>::split_first).ok_or_else(outside)?;
        match *tag {
            TEXT => {
                let end = first_zero(rest).ok_or_else(|| Fault::failed("its result is a text without an end"))?;
                std::str::from_utf8(&rest[..end]).map_err(|_| Fault::failed("its result is a text, but not UTF-8"))?;
                Ok(Stored::Text(&rest[..end]))
            }
            BLOB => {
                let (length, rest) = rest.split_first_chunk().ok_or_else(outside)?;
                let length = u32::from_be_bytes(*length) as usize;
                rest.get(..length).map(Stored::Blob).ok_or_else(outside)
            }
            NULL => Ok(Stored::Null),
            tag => Err(Fault::failed(format!("Malformed result type byte: {tag}"))),
        }
    }
}

/// The index of the first zero.
fn first_zero(bytes: &[u8]) -> Option<usize> {
    std::ffi::CStr::from_bytes_until_nul(bytes).ok().map(|text| text.count_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_read_as_it_was_written_at_any_address_that_has_room() {
        for value in
            [Stored::Text(b"h\xc3\xa9"), Stored::Text(b""), Stored::Blob(b"\0\x01"), Stored::Blob(b""), Stored::Null]
        {
            for address in 0..16 {
                let mut memory = [0xaa; 16];
                let fits = address as usize + value.size() <= memory.len();
                assert_eq!(value.write(&mut memory, address).is_ok(), fits);
                if fits {
                    assert_eq!(Stored::read(&memory, address).unwrap(), value);
                }
            }
            assert!(value.write(&mut [0; 16], -1).is_err());
        }
    }

    #[test]
    fn the_layout_is_libsqls() {
        let mut memory = [0xaa; 8];
        Stored::Text(b"ab").write(&mut memory, 0).unwrap();
        assert_eq!(memory[..4], [3, b'a', b'b', 0]);
        Stored::Blob(b"ab").write(&mut memory, 1).unwrap();
        assert_eq!(memory, [3, 4, 0, 0, 0, 2, b'a', b'b']);
        Stored::Null.write(&mut memory, 7).unwrap();
        assert_eq!(memory[7], 5);
    }

    #[test]
    fn what_is_malformed_is_told() {
        let reason = |memory: &[u8], address| match Stored::read(memory, address) {
            Err(Fault::Failed(reason)) => reason,
            other => panic!("{other:?}"),
        };
        assert_eq!(reason(&[7], 0), "Malformed result type byte: 7");
        assert_eq!(reason(&[3, b'a'], 0), "its result is a text without an end");
        assert_eq!(reason(&[3, 0xff, 0], 0), "its result is a text, but not UTF-8");
        for (memory, address) in [(&[][..], 0), (&[5], 1), (&[5], -1), (&[4, 0, 0, 0], 0), (&[4, 0, 0, 0, 1], 0)] {
            assert!(reason(memory, address).contains("not within its memory"), "{memory:?} {address}");
        }
    }
}
