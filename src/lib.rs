//! SQLite with a pluggable write-ahead log and the libSQL extension surface.
