//! Colors for SQL and dot-commands while they are typed.

use std::ffi::c_int;

use seawall::ffi::sqlite3_keyword_check;

const KEYWORD: &str = "\x1b[1;34m";
const TEXT: &str = "\x1b[32m";
const NUMBER: &str = "\x1b[36m";
const COMMENT: &str = "\x1b[2m";
const COMMAND: &str = "\x1b[35m";
const RESET: &str = "\x1b[0m";

/// `text` from the byte `from` on, with colors. What is before tells whether it begins within a string or a comment.
pub fn highlight(text: &str, from: usize) -> String {
    let mut shown = String::new();
    let mut at = 0;
    while at < text.len() {
        let (length, color) = token(&text[at..], at == 0);
        let visible = &text[at.max(from).min(at + length)..at + length];
        if visible.is_empty() || color.is_empty() {
            shown.push_str(visible);
        } else {
            shown.extend([color, visible, RESET]);
        }
        at += length;
    }
    shown
}

/// The length of the first token of `text`, which is not empty, and its color.
fn token(text: &str, first: bool) -> (usize, &'static str) {
    let line = || text.find('\n').unwrap_or(text.len());
    match text.as_bytes()[0] {
        b'.' if first => (text.find(char::is_whitespace).unwrap_or(text.len()), COMMAND),
        b'#' if first => (line(), COMMENT),
        b'-' if text.starts_with("--") => (line(), COMMENT),
        b'/' if text.starts_with("/*") => (until(text, 2, "*/"), COMMENT),
        b'\'' => (until(text, 1, "'"), TEXT),
        b'"' => (until(text, 1, "\""), ""),
        b'`' => (until(text, 1, "`"), ""),
        b'[' => (until(text, 1, "]"), ""),
        b'0'..=b'9' => (number(text), NUMBER),
        _ => {
            let length = text.find(|c| !in_word(c)).unwrap_or(text.len());
            match length {
                0 => (text.chars().next().map_or(1, char::len_utf8), ""),
                _ if is_keyword(&text[..length]) => (length, KEYWORD),
                _ => (length, ""),
            }
        }
    }
}

/// What ends with `end`, or not at all. A quote that is doubled just begins another token of the same color.
fn until(text: &str, opening: usize, end: &str) -> usize {
    text[opening..].find(end).map_or(text.len(), |at| opening + at + end.len())
}

/// Digits, a fraction, an exponent, hexadecimal digits: whatever a number may contain.
fn number(text: &str) -> usize {
    let mut before = '0';
    let hex = text.starts_with("0x") || text.starts_with("0X");
    let ends = |c: char| {
        let sign = (c == '+' || c == '-') && matches!(before, 'e' | 'E') && !hex;
        before = c;
        !(in_word(c) || c == '.' || sign)
    };
    text.find(ends).unwrap_or(text.len())
}

fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

fn is_keyword(word: &str) -> bool {
    c_int::try_from(word.len()).is_ok_and(|length| {
        // SAFETY: the pointer and the length are those of one string.
        unsafe { sqlite3_keyword_check(word.as_ptr().cast(), length) != 0 }
    })
}

#[cfg(test)]
mod tests {
    use super::highlight;

    fn shown(text: &str, from: usize) -> String {
        let names =
            [("\x1b[1;34m", "<K>"), ("\x1b[32m", "<T>"), ("\x1b[36m", "<N>"), ("\x1b[2m", "<C>"), ("\x1b[35m", "<D>")];
        let plain = names.iter().fold(highlight(text, from), |text, (code, name)| text.replace(code, name));
        plain.replace("\x1b[0m", "<>")
    }

    #[test]
    fn every_kind_of_token_has_its_color() {
        assert_eq!(shown("select a,'it''s' from t", 0), "<K>select<> a,<T>'it'<><T>'s'<> <K>from<> t");
        assert_eq!(shown("1.5e-3-x0", 0), "<N>1.5e-3<>-x0");
        assert_eq!(shown("0x1e-5", 0), "<N>0x1e<>-<N>5<>");
        assert_eq!(shown("\"select\" [from] `as`", 0), "\"select\" [from] `as`");
        assert_eq!(shown("a--b\n/* c\n*/d", 0), "a<C>--b<>\n<C>/* c\n*/<>d");
        assert_eq!(shown(".mode box", 0), "<D>.mode<> box");
        assert_eq!(shown("größe as ☃", 0), "größe <K>as<> ☃");
    }

    #[test]
    fn a_line_within_a_string_is_text() {
        let (before, line) = ("SELECT 'one\n", "two' AS x");
        assert_eq!(shown(&format!("{before}{line}"), before.len()), "<T>two'<> <K>AS<> x");
    }
}
