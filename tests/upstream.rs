//! Is upstream's SQLite what we say it is, and do our patches stay what they should be?

use std::fs;
use std::path::{Path, PathBuf};

use seawall_upstream::{Pin, Queue, Source, locate, sha256};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn pristine() -> (Pin, Source) {
    let pin = Pin::load(root()).unwrap();
    let scratch =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("upstream-{:?}", std::thread::current().id()));
    let source = Source::read(&locate::find(&pin, root(), &scratch).unwrap(), &pin).unwrap();
    (pin, source)
}

#[test]
fn unapplying_the_queue_gives_upstreams_bytes() {
    let (pin, source) = pristine();
    let queue = Queue::load(root()).unwrap();
    let patched = queue.apply(&source.c).unwrap().text();
    assert!(queue.patches.is_empty() || patched != source.c);
    assert_eq!(sha256(queue.unapply(&patched).unwrap().as_bytes()), pin.sha256[0]);
}

#[test]
fn the_pinned_source_is_the_one_that_the_header_names() {
    let (pin, source) = pristine();
    assert_eq!(source.version, pin.sqlite);
    assert_eq!(source.source_id, pin.source_id);
}

#[test]
fn the_headers_that_dependents_get_are_upstreams_and_ours_byte_for_byte() {
    let include = Path::new(env!("OUT_DIR")).join("include");
    let pin = Pin::load(root()).unwrap();
    for (name, sum) in ["sqlite3.h", "sqlite3ext.h"].iter().zip(&pin.sha256[1..]) {
        assert_eq!(&sha256(&fs::read(include.join(name)).unwrap()), sum, "{name}");
    }
    for name in ["libsql.h", "libsqlext.h", "seawall.h"] {
        let ours = fs::read(root().join("include").join(name)).unwrap();
        assert!(fs::read(include.join(name)).unwrap() == ours, "{name}");
    }
}

#[test]
fn the_queue_stays_short() {
    let queue = Queue::load(root()).unwrap();
    assert!(queue.changed() < 300, "the queue changes {} lines", queue.changed());
}

#[test]
fn every_patch_begins_with_words_that_say_why() {
    for patch in Queue::load(root()).unwrap().patches {
        assert!(patch.header.split_whitespace().count() >= 10, "{} says only `{}`", patch.name, patch.header);
    }
}

#[test]
fn every_line_added_to_upstreams_text_is_fenced() {
    let (_, source) = pristine();
    let queue = Queue::load(root()).unwrap();
    let mut open = false;
    for (number, line) in queue.apply(&source.c).unwrap().lines.iter().enumerate() {
        let begins = line.text.contains("/* BEGIN SEAWALL: ");
        let ends = line.text.contains("/* END SEAWALL */");
        assert!(!(begins && open), "line {}: a fence within a fence: {}", number + 1, line.text);
        assert!(!line.added || begins || open, "line {} is added outside a fence: {}", number + 1, line.text);
        assert!(!ends || begins || open, "line {}: the end of no fence: {}", number + 1, line.text);
        open = (open || begins) && !ends;
    }
    assert!(!open, "the last fence does not end");
}

#[test]
fn cargo_toml_asks_for_the_pinned_package() {
    let pin = Pin::load(root()).unwrap();
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let wanted = format!("{} = {{ version = \"={}\"", pin.package, pin.package_version);
    assert!(manifest.contains(&wanted), "Cargo.toml lacks `{wanted}`");
}
