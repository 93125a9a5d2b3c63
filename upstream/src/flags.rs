//! How SQLite is compiled.

use crate::Error;

/// Adds or takes away definitions, as users of `libsqlite3-sys` know it.
pub const EXTRA: &str = "LIBSQLITE3_FLAGS";

/// The features that Debian's libsqlite3 is compiled with, so that what was built against that one runs on ours.
const FEATURES: [&str; 22] = [
    "SQLITE_THREADSAFE=1",
    "SQLITE_ENABLE_COLUMN_METADATA",
    "SQLITE_ENABLE_DBPAGE_VTAB",
    "SQLITE_ENABLE_DBSTAT_VTAB",
    "SQLITE_ENABLE_FTS3",
    "SQLITE_ENABLE_FTS3_PARENTHESIS",
    "SQLITE_ENABLE_FTS3_TOKENIZER",
    "SQLITE_ENABLE_FTS4",
    "SQLITE_ENABLE_FTS5",
    "SQLITE_ENABLE_RTREE",
    "SQLITE_ENABLE_GEOPOLY",
    "SQLITE_ENABLE_SESSION",
    "SQLITE_ENABLE_PREUPDATE_HOOK",
    "SQLITE_ENABLE_UNLOCK_NOTIFY",
    "SQLITE_ENABLE_STMTVTAB",
    "SQLITE_ENABLE_PERCENTILE",
    "SQLITE_ENABLE_MATH_FUNCTIONS",
    "SQLITE_ENABLE_LOAD_EXTENSION=1",
    "SQLITE_ENABLE_STAT4",
    "SQLITE_SOUNDEX",
    "SQLITE_USE_URI",
    "SQLITE_MAX_VARIABLE_NUMBER=250000",
];

/// What the C libraries of Unix systems have, and SQLite does not look for by itself.
const UNIX: [&str; 4] = ["HAVE_USLEEP=1", "HAVE_LOCALTIME_R=1", "HAVE_GMTIME_R=1", "HAVE_ISNAN=1"];

/// What a GNU-like compiler is told beside the definitions: its own idea of warnings, not the `-Wall -Wextra` that the
/// `cc` crate adds, but two of them are errors. A slot of the WAL method table that some configuration forgets would be a
/// mere warning, and a broken heap at run time. (`-w` must not be used: it silences errors of this kind as well.)
pub const WARNINGS: [&str; 4] =
    ["-Wno-all", "-Wno-extra", "-Werror=incompatible-pointer-types", "-Werror=implicit-function-declaration"];

/// The `-D` and `-U` arguments for a target (`family` and `os` as in CARGO_CFG_TARGET_FAMILY and CARGO_CFG_TARGET_OS),
/// with what the user added through [`EXTRA`] at the end.
pub fn definitions(family: &str, os: &str, extra: &str) -> Result<Vec<String>, Error> {
    let mut all: Vec<String> = FEATURES.iter().map(|d| format!("-D{d}")).collect();
    if family.split(',').any(|f| f == "unix") {
        all.extend(UNIX.iter().map(|d| format!("-D{d}")));
    }
    if os == "linux" {
        all.push("-DHAVE_FDATASYNC=1".into());
    }
    for word in extra.split_whitespace() {
        let named = |prefix| word.strip_prefix(prefix).is_some_and(|name: &str| !name.is_empty());
        if named("-D") || named("-U") {
            all.push(word.to_owned());
        } else if named("SQLITE_") {
            all.push(format!("-D{word}"));
        } else {
            return Err(Error::Flag { word: word.to_owned() });
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_has_the_last_word() {
        let all = definitions("unix", "linux", "-USQLITE_SOUNDEX SQLITE_DEBUG -DX=1").unwrap();
        assert_eq!(all[all.len() - 3..], ["-USQLITE_SOUNDEX", "-DSQLITE_DEBUG", "-DX=1"]);
        assert!(all.contains(&"-DSQLITE_ENABLE_FTS5".to_owned()) && all.contains(&"-DHAVE_FDATASYNC=1".to_owned()));
    }

    #[test]
    fn anything_but_a_definition_is_refused() {
        for word in ["-O3", "FOO", "-D", "-fsanitize=address"] {
            let error = definitions("unix", "linux", word).unwrap_err().to_string();
            assert!(error.starts_with(&format!("LIBSQLITE3_FLAGS holds `{word}`")), "{error}");
        }
    }
}
