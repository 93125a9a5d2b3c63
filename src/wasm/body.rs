//! What stands in the column `body`: a module, as a binary or as text, and what it was declared to be.
//!
//! A declaration is a custom section at the end of a binary module, of the name [`SECTION`], which holds a version
//! byte and a byte of flags. Runtimes pass over custom sections.

use std::borrow::Cow;

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

/// The ids of sections that [`host`] changes.
const IMPORTS: u8 = 2;
const MEMORIES: u8 = 5;
const EXPORTS: u8 = 7;
const START: u8 = 8;

/// What imports and exports of functions, memories and globals begin with.
const FUNCTION: u8 = 0;
const MEMORY: u8 = 2;
const GLOBAL: u8 = 3;

/// The module and the name that the memory is imported by.
pub(crate) const HOST: &str = "seawall";
pub(crate) const HOST_MEMORY: &str = "memory";

/// What exports that are added are called, and what all of them begin with. That of a global is followed by its index.
const HOST_EXPORT: &[u8] = b"seawall.";
pub(crate) const HOST_START: &str = "seawall.start";
pub(crate) const HOST_GLOBAL: &str = "seawall.global.";

/// Whether the module exports a name that exports of the host may have.
pub(crate) fn exports_reserved(wasm: &[u8]) -> bool {
    let names = || {
        let content = sections(wasm).find(|section| section.id == EXPORTS)?.content;
        let (count, mut at) = leb128(content)?;
        for _ in 0..count {
            let (length, head) = leb128(content.get(at..)?)?;
            let name = content.get(at + head..)?.get(..length)?;
            if name.starts_with(HOST_EXPORT) {
                return Some(true);
            }
            at += head + length + 1;
            at += leb128(content.get(at..)?)?.1;
        }
        None
    };
    names().unwrap_or(false)
}

/// The module as the host runs it: it imports its memory, and exports its start function and these globals. `None` if it
/// exports nothing, imports something, or has two memories.
pub(crate) fn host(wasm: &[u8], globals: &[u32]) -> Option<Vec<u8>> {
    let content = |id| sections(wasm).find(|section| section.id == id).map(|section| section.content);
    let mut out = wasm.get(..HEADER)?.to_vec();
    if content(IMPORTS).is_some_and(|imports| imports != [0]) {
        return None;
    }
    let mut import = Vec::new();
    if let Some(memories) = content(MEMORIES).filter(|memories| *memories != [0]) {
        import.push(1);
        push_name(&mut import, HOST);
        push_name(&mut import, HOST_MEMORY);
        import.push(MEMORY);
        import.extend_from_slice(memories.strip_prefix(&[1])?);
    }
    let (count, head) = leb128(content(EXPORTS)?)?;
    let mut added = 0;
    let mut exports = content(EXPORTS)?[head..].to_vec();
    let mut export = |name: &str, kind: u8, index: usize| {
        push_name(&mut exports, name);
        exports.push(kind);
        push_leb128(&mut exports, index);
        added += 1;
    };
    for global in globals {
        export(&format!("{HOST_GLOBAL}{global}"), GLOBAL, *global as usize);
    }
    if let Some(start) = content(START) {
        export(HOST_START, FUNCTION, leb128(start)?.0);
    }
    let mut all = Vec::new();
    push_leb128(&mut all, count + added);
    all.extend_from_slice(&exports);

    for section in sections(wasm) {
        // Imports come behind types, which are section 1.
        if section.id >= IMPORTS && !import.is_empty() {
            push_section(&mut out, IMPORTS, &std::mem::take(&mut import));
        }
        match section.id {
            IMPORTS | MEMORIES | START => (),
            EXPORTS => push_section(&mut out, EXPORTS, &all),
            _ => out.extend_from_slice(section.bytes),
        }
    }
    Some(out)
}

fn push_section(out: &mut Vec<u8>, id: u8, content: &[u8]) {
    out.push(id);
    push_leb128(out, content.len());
    out.extend_from_slice(content);
}

fn push_name(out: &mut Vec<u8>, name: &str) {
    push_leb128(out, name.len());
    out.extend_from_slice(name.as_bytes());
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
    fn the_host_has_the_memory_and_the_start_function() {
        let host = |text: &str, globals: &[u32]| host(&wat::parse_str(text).unwrap(), globals);
        let wanted = |text: &str| Some(wat::parse_str(text).unwrap());
        assert_eq!(
            host(
                r#"(module (memory 1 2) (global (mut i32) i32.const 7) (data (i32.const 1) "x")
                   (func $s) (start $s) (func $f (export "f") (result i64) i64.const 1))"#,
                &[0]
            ),
            wanted(
                r#"(module (import "seawall" "memory" (memory 1 2)) (global (mut i32) i32.const 7) (data (i32.const 1) "x")
                   (func $s) (func $f (result i64) i64.const 1)
                   (export "f" (func $f)) (export "seawall.global.0" (global 0)) (export "seawall.start" (func $s)))"#
            )
        );
        let plain = r#"(module (func (export "f")))"#;
        assert_eq!(host(plain, &[]), wanted(plain));
        for other in [
            "(module (func))",
            r#"(module (import "a" "b" (func)) (func (export "f")))"#,
            r#"(module (memory 1) (memory 1) (func (export "f")))"#,
        ] {
            assert_eq!(host(other, &[]), None, "{other}");
        }
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
