//! What stands in the column `body`: a module, as a binary or as text, and what it was declared to be.
//!
//! A declaration is a custom section at the end of a binary module, of the name [`SECTION`], which holds a version
//! byte and a byte of flags. Runtimes pass over custom sections.

use std::borrow::Cow;

use super::effects::Parts;

/// The name of the custom section.
const SECTION: &[u8] = b"seawall.function";

/// The version of what is in it.
const VERSION: u8 = 1;

/// How a binary module begins, and the number of bytes before its first section.
const MAGIC: &[u8] = b"\0asm";
const HEADER: usize = 8;

/// `SEAWALL_WASM_DETERMINISTIC` and `SEAWALL_WASM_TRUSTED`.
const FLAGS: u8 = 0x03;

/// The binary module.
pub(crate) fn binary(body: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    if body.starts_with(MAGIC) {
        return Ok(Cow::Borrowed(body));
    }
    let text = std::str::from_utf8(body).map_err(|_| "it is neither a binary module nor text".to_owned())?;
    let bare = text.trim();
    // libSQL has kept the quotes of a literal.
    let bare = bare.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).unwrap_or(bare);
    if bare.is_empty() {
        return Err("it is empty".to_owned());
    }
    match wat::parse_str(bare) {
        Ok(wasm) => Ok(Cow::Owned(wasm)),
        Err(error) => Err(error.to_string()),
    }
}

/// The flags that a stored body declares. Text declares none.
pub(crate) fn flags(body: &[u8]) -> u8 {
    let mut flags = 0;
    for section in sections(body) {
        if let Some([VERSION, declared]) = section.declaration() {
            flags = declared & FLAGS;
        }
    }
    flags
}

/// The body with these flags instead of those that it declares; `None` if it can stay as it is.
pub(crate) fn declare(body: &[u8], flags: u8) -> Result<Option<Vec<u8>>, String> {
    let wasm = binary(body)?;
    if flags == 0 && !(body.starts_with(MAGIC) && sections(body).any(|section| section.declaration().is_some())) {
        return Ok(None);
    }
    let mut out = wasm.get(..HEADER).unwrap_or_default().to_vec();
    for section in sections(&wasm) {
        if section.declaration().is_none() {
            out.extend_from_slice(section.bytes);
        }
    }
    if flags != 0 {
        let length = 1 + SECTION.len() + 2;
        out.extend_from_slice(&[0, length as u8, SECTION.len() as u8]);
        out.extend_from_slice(SECTION);
        out.extend_from_slice(&[VERSION, flags]);
    }
    Ok(Some(out))
}

/// The id of the export section, and what exports of a memory and of a global begin with.
const EXPORTS: u8 = 7;
const EXPORT_MEMORY: u8 = 2;
const EXPORT_GLOBAL: u8 = 3;

/// What the exports that [`with_exports`] adds are called. That of a global is followed by its index.
pub(crate) const PART_MEMORY: &str = "seawall.memory";
pub(crate) const PART_GLOBAL: &str = "seawall.global.";

/// The module with an export for each of these parts; `None` if it exports nothing yet.
pub(crate) fn with_exports(wasm: &[u8], parts: &Parts) -> Option<Vec<u8>> {
    let mut added = Vec::new();
    let mut add = |name: &str, kind: u8, index: u32| {
        push_leb128(&mut added, name.len());
        added.extend_from_slice(name.as_bytes());
        added.push(kind);
        push_leb128(&mut added, index as usize);
    };
    if parts.memory {
        add(PART_MEMORY, EXPORT_MEMORY, 0);
    }
    for global in &parts.globals {
        add(&format!("{PART_GLOBAL}{global}"), EXPORT_GLOBAL, *global);
    }
    let number = usize::from(parts.memory) + parts.globals.len();
    let mut out = wasm.get(..HEADER)?.to_vec();
    let mut done = false;
    for section in sections(wasm) {
        if section.id != EXPORTS {
            out.extend_from_slice(section.bytes);
            continue;
        }
        let (count, head) = leb128(section.content)?;
        let mut content = Vec::new();
        push_leb128(&mut content, count + number);
        content.extend_from_slice(&section.content[head..]);
        content.extend_from_slice(&added);
        out.push(EXPORTS);
        push_leb128(&mut out, content.len());
        out.extend_from_slice(&content);
        done = true;
    }
    done.then_some(out)
}

/// A section of a binary module.
struct Section<'a> {
    id: u8,
    /// All of it, from its id to its end.
    bytes: &'a [u8],
    /// What is behind its id and its length.
    content: &'a [u8],
}

impl<'a> Section<'a> {
    /// What a custom section of the name [`SECTION`] holds.
    fn declaration(&self) -> Option<&'a [u8]> {
        let (length, head) = leb128(self.content)?;
        if self.id != 0 || length != SECTION.len() {
            return None;
        }
        self.content[head..].strip_prefix(SECTION)
    }
}

/// The sections of a binary module, up to one that is cut short.
fn sections(wasm: &[u8]) -> impl Iterator<Item = Section<'_>> {
    let mut rest = if wasm.starts_with(MAGIC) { wasm.get(HEADER..).unwrap_or_default() } else { &[] };
    std::iter::from_fn(move || {
        let (id, tail) = rest.split_first()?;
        let (length, head) = leb128(tail)?;
        let end = (1 + head).checked_add(length)?;
        let bytes = rest.get(..end)?;
        rest = &rest[end..];
        Some(Section { id: *id, bytes, content: &bytes[1 + head..] })
    })
}

fn push_leb128(out: &mut Vec<u8>, mut value: usize) {
    while value > 0x7f {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// An unsigned 32-bit number and the number of bytes that it takes.
fn leb128(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0u64;
    for (i, byte) in bytes.iter().take(5).enumerate() {
        value |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return Some((usize::try_from(value).ok()?, i + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &[u8] = b"\0asm\x01\0\0\0";

    #[test]
    fn what_is_declared_is_read_back_and_can_be_taken_back() {
        assert_eq!(declare(EMPTY, 0).unwrap(), None);
        let trusted = declare(EMPTY, 2).unwrap().unwrap();
        assert_eq!(flags(&trusted), 2);
        let both = declare(&trusted, 3).unwrap().unwrap();
        assert_eq!((flags(&both), both.len()), (3, trusted.len()));
        assert_eq!(declare(&both, 0).unwrap().unwrap(), EMPTY);
    }

    #[test]
    fn text_declares_nothing_and_becomes_binary_when_it_does() {
        assert_eq!(declare(b"(module)", 0).unwrap(), None);
        let declared = declare(b" '(module)' ", 1).unwrap().unwrap();
        assert!(declared.starts_with(MAGIC));
        assert_eq!(flags(&declared), 1);
        assert!(declare(b"(modul)", 1).is_err());
    }

    #[test]
    fn sections_that_are_cut_short_declare_nothing() {
        let whole = declare(EMPTY, 3).unwrap().unwrap();
        for n in 0..whole.len() {
            assert_eq!(flags(&whole[..n]), 0);
        }
    }
}
