//! Can what is sound be read when the end of a timeline is damaged, and is everybody told of the rest?

mod common;

use std::path::PathBuf;

use common::{Env, assert_sound, at, checkpoint, code, get};
use rusqlite::Connection;
use rusqlite::ffi::{SQLITE_CANTOPEN, SQLITE_CORRUPT};
use seawall::timeline::{Damage, History};

/// A flipped bit, and what is expected of it.
struct Case {
    what: &'static str,
    /// The segment, and the byte.
    segment: u64,
    offset: u64,
    /// The last commit that can be read.
    sound: u64,
    /// How the file ends, as the process does that has it open, or goes on with it.
    end: End,
}

#[derive(Clone, Copy, PartialEq)]
enum End {
    Closed,
    Open,
    /// Copied while it was open, as a process leaves it that dies.
    Died,
}

/// A frame of a page with its header, and what ends a commit.
const COMMIT: u64 = 24 + 4096 + 88;

/// Commits 1 to 5 are in one segment, of which `b.db` is a branch, and 6 to 10 in the next one, each with one page.
const CASES: [Case; 6] = [
    Case { what: "the header", segment: 6, offset: 30, sound: 5, end: End::Closed },
    Case { what: "the header of one that is written", segment: 6, offset: 130, sound: 5, end: End::Open },
    Case { what: "the first page", segment: 6, offset: 144 + 400, sound: 5, end: End::Closed },
    Case { what: "a page in the middle", segment: 6, offset: 144 + 2 * COMMIT + 400, sound: 7, end: End::Died },
    Case {
        what: "a record that another one follows",
        segment: 6,
        offset: 144 + 3 * COMMIT - 20,
        sound: 7,
        end: End::Open,
    },
    Case { what: "the last record", segment: 6, offset: 144 + 5 * COMMIT - 20, sound: 9, end: End::Closed },
];

struct World {
    env: Env,
    segment: PathBuf,
    _open: Option<Connection>,
}

impl World {
    fn new(case: &Case) -> Self {
        let env = Env::new("timeline");
        let db = env.open("a.db");
        db.execute_batch("CREATE TABLE t(k INTEGER PRIMARY KEY, v)").unwrap();
        insert(&db, 3..=5);
        drop(db);
        History::open(env.path("a.db")).unwrap().branch(5, env.path("b.db"), |_, _| true).unwrap();
        let db = env.open("b.db");
        insert(&db, 6..=10);
        let name = if case.end == End::Died { "c.db" } else { "b.db" };
        if case.end == End::Died {
            std::fs::copy(env.path("b.db"), env.path("c.db")).unwrap();
            std::fs::create_dir(env.path("c.db-timeline")).unwrap();
            for entry in std::fs::read_dir(env.path("b.db-timeline")).unwrap() {
                let entry = entry.unwrap();
                std::fs::copy(entry.path(), env.path("c.db-timeline").join(entry.file_name())).unwrap();
            }
            std::fs::rename(env.path("b.db-timeline"), env.path("old-timeline")).unwrap();
            std::fs::rename(env.path("b.db"), env.path("old.db")).unwrap();
        }
        let segment = env.path(&format!("{name}-timeline")).join(format!("{:016x}.seg", case.segment));
        let segment = segment.canonicalize().unwrap();
        let open = Some(db).filter(|_| case.end == End::Open);
        World { env, segment, _open: open }
    }

    fn history(&self) -> History {
        History::open(self.env.path(self.name())).unwrap()
    }

    fn name(&self) -> &'static str {
        if self.env.path("c.db").exists() { "c.db" } else { "b.db" }
    }

    fn damage(&self, offset: u64) {
        let mut bytes = std::fs::read(&self.segment).unwrap();
        bytes[offset as usize] ^= 1;
        std::fs::write(&self.segment, bytes).unwrap();
    }

    /// Fail unless it is told that the segment is damaged.
    fn told(&self, what: &str, error: &seawall::Error) {
        let text = error.to_string();
        assert!(error.code() == SQLITE_CORRUPT && text.contains(self.segment.to_str().unwrap()), "{what}: {text}");
    }
}

/// The number of the last commit.
fn last(db: &Connection) -> u64 {
    get::<u32>(db, "SELECT max(k) FROM t").into()
}

/// Each is a commit, of that number.
fn insert(db: &Connection, numbers: std::ops::RangeInclusive<u32>) {
    for number in numbers {
        db.execute("INSERT INTO t VALUES(?1, 'x')", [number]).unwrap();
    }
}

#[test]
fn what_comes_before_the_damage_can_be_read() {
    for case in &CASES {
        let Case { what, sound, .. } = *case;
        let world = World::new(case);
        let (env, whole) = (&world.env, world.history());
        assert_eq!(whole.newest(), 10, "{what}");
        let commits: Vec<_> = whole.commits(..).map(Result::unwrap).collect();
        world.damage(case.offset);
        let history = world.history();
        for number in 1..=sound {
            assert_eq!(history.commit(number).unwrap(), commits[number as usize - 1], "{what}");
        }
        assert_eq!(history.at(&sound.to_string()).unwrap().number, sound, "{what}");
        assert_eq!(history.diff(2, sound).unwrap(), whole.diff(2, sound).unwrap(), "{what}");
        for number in [3, sound] {
            let past = at(env, world.name(), number);
            assert_eq!(last(&past), number, "{what}");
            assert_sound(&past);
            let (copy, branch) = (format!("copy{number}.db"), format!("branch{number}.db"));
            history.export(number, env.path(&copy), |_, _| true).unwrap();
            history.branch(number, env.path(&branch), |_, _| true).unwrap();
            for name in [copy, branch] {
                let db = env.open(&name);
                assert_eq!(last(&db), number, "{what}: {name}");
                assert_sound(&db);
            }
            let branch = History::open(env.path(&format!("branch{number}.db"))).unwrap();
            assert_eq!(branch.verify(|_, _| true).unwrap().damage, None, "{what}");
        }
        let before = commits[2].time.max(commits[1].time);
        let time = humantime(before);
        let number = commits.iter().rev().find(|commit| commit.time <= before).unwrap().number;
        if number < sound {
            assert_eq!(history.at(&time).unwrap().number, number, "{what}: {time}");
        }
    }
}

/// As `at` has it.
fn humantime(time: std::time::SystemTime) -> String {
    let milliseconds = time.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    let db = Connection::open_in_memory().unwrap();
    let sql = "SELECT strftime('%Y-%m-%dT%H:%M:%S', ?1 / 1000, 'unixepoch') || printf('.%03d', ?1 % 1000)";
    db.query_row(sql, [milliseconds], |row| row.get(0)).unwrap()
}

#[test]
fn what_is_damaged_is_told_and_never_left_out() {
    for case in &CASES {
        let Case { what, sound, .. } = *case;
        let world = World::new(case);
        world.damage(case.offset);
        let history = world.history();
        for number in sound + 1..=12 {
            world.told(what, &history.commit(number).unwrap_err());
            world.told(what, &history.at(&number.to_string()).unwrap_err());
            world.told(what, &history.diff(1, number).unwrap_err());
            world.told(what, &history.export(number, world.env.path("x.db"), |_, _| true).unwrap_err());
            world.told(what, &history.branch(number, world.env.path("y.db"), |_, _| true).unwrap_err());
            let past = at(&world.env, world.name(), number);
            assert_eq!(code(&past, "SELECT * FROM t"), SQLITE_CORRUPT, "{what}");
        }
        assert!(!world.env.path("x.db").exists() && !world.env.path("y.db").exists());
        world.told(what, &history.commit(history.newest()).unwrap_err());
        world.told(what, &history.at("2999-01-01T00:00:00Z").unwrap_err());
        world.told(what, &history.info().unwrap_err());
        assert_eq!(history.commit(0).unwrap_err().code(), SQLITE_CANTOPEN);

        let (mut commits, mut back) = (history.commits(..), history.commits(..).rev());
        for number in 1..=sound {
            assert_eq!(commits.next().unwrap().unwrap().number, number, "{what}");
        }
        world.told(what, &commits.next().unwrap().unwrap_err());
        world.told(what, &back.next().unwrap().unwrap_err());
        assert_eq!(back.next().unwrap().unwrap().number, sound, "{what}");
        world.told(what, &history.commits(12..).next().unwrap().unwrap_err());
        world.told(what, &history.commits(11..=11).next().unwrap().unwrap_err());
        assert!(history.commits(..=sound).all(|commit| commit.is_ok()), "{what}");
        assert!(history.commits(12..12).next().is_none() && history.commits(0..1).next().is_none(), "{what}");
    }
}

#[test]
fn the_tables_end_with_the_error() {
    for case in &CASES {
        let Case { what, sound, .. } = *case;
        let world = World::new(case);
        world.damage(case.offset);
        let db = at(&world.env, world.name(), 3);
        let rows = |sql: &str| {
            let mut statement = db.prepare(sql).unwrap();
            let mut rows = statement.query([]).unwrap();
            let mut numbers = Vec::new();
            loop {
                match rows.next() {
                    Ok(Some(row)) => numbers.push(u64::from(row.get::<_, u32>(0).unwrap())),
                    Ok(None) => return (numbers, None),
                    Err(error) => return (numbers, Some(error.to_string())),
                }
            }
        };
        for (sql, first, last) in [
            ("SELECT number FROM timeline_commits", 1, sound),
            ("SELECT number FROM timeline_commits WHERE number>=3 ORDER BY number", 3, sound),
            ("SELECT number FROM timeline_commits ORDER BY number DESC", 1, 0),
            ("SELECT number FROM timeline_commits WHERE number=11", 1, 0),
            ("SELECT number FROM timeline_commits WHERE number>20", 1, 0),
            ("SELECT newest FROM timeline_info", 1, 0),
            ("SELECT page FROM timeline_diff(2, 10)", 1, 0),
        ] {
            let (numbers, error) = rows(sql);
            assert_eq!(numbers, (first..=last).collect::<Vec<_>>(), "{what}: {sql}");
            let error = error.unwrap_or_default();
            assert!(error.contains(world.segment.to_str().unwrap()), "{what}: {sql}: {error}");
        }
        let backwards = format!("SELECT number FROM timeline_commits WHERE number<={sound} ORDER BY number DESC");
        assert_eq!(rows(&backwards), ((1..=sound).rev().collect(), None), "{what}");
        assert!(rows("SELECT page FROM timeline_diff(2, 4)").1.is_none(), "{what}");
    }
}

#[test]
fn verify_names_the_damage() {
    for case in &CASES {
        let Case { what, sound, .. } = *case;
        let world = World::new(case);
        world.damage(case.offset);
        let verified = world.history().verify(|_, _| true).unwrap();
        let Some(Damage { file, offset, commit, trusted, .. }) = verified.damage else { panic!("{what} is sound") };
        assert_eq!((file, commit, trusted), (world.segment.clone(), sound + 1, Some(sound)), "{what}");
        assert!(offset <= case.offset && case.offset - offset < COMMIT, "{what}: {offset}");
        assert_eq!(verified.commits, sound, "{what}");
        if case.end != End::Open {
            assert_eq!(code(&world.env.open(world.name()), "SELECT * FROM t"), SQLITE_CORRUPT, "{what}");
        }
    }
}

#[test]
fn a_last_segment_that_is_gone_is_told() {
    let world = World::new(&CASES[0]);
    std::fs::remove_file(&world.segment).unwrap();
    let history = world.history();
    assert_eq!(history.commits(..=5).map(|commit| commit.unwrap().number).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(last(&at(&world.env, "b.db", 5)), 5);
    let told = history.commit(history.newest()).unwrap_err().to_string();
    assert!(told.contains("b.db-timeline") && told.contains("the segment of commit 6 is missing"), "{told}");
    assert_eq!(history.commits(..).filter(Result::is_err).count(), 1);
}

#[test]
fn damage_in_the_middle_leaves_what_is_before_it() {
    let world = World::new(&CASES[0]);
    history_of_branch(&world);
    world.damage(30);
    let history = History::open(world.env.path("d.db")).unwrap();
    assert_eq!(history.newest(), 12);
    assert_eq!(history.commit(5).unwrap().number, 5);
    assert_eq!(history.commits(..).filter(Result::is_ok).count(), 5 + 2);
    assert_eq!(last(&at(&world.env, "d.db", 5)), 5);
    let damage = history.verify(|_, _| true).unwrap().damage.unwrap();
    assert_eq!((damage.commit, damage.trusted), (6, Some(5)));
}

/// A branch of the branch, which shares its segments, with commits 11 and 12.
fn history_of_branch(world: &World) {
    let db = world.env.open("b.db");
    checkpoint(&db, "TRUNCATE");
    drop(db);
    world.history().branch(10, world.env.path("d.db"), |_, _| true).unwrap();
    insert(&world.env.open("d.db"), 11..=12);
    // The files are other ones if they were copied.
    let name = world.segment.file_name().unwrap();
    let copy = world.env.path("d.db-timeline").join(name);
    std::fs::remove_file(&world.segment).unwrap();
    std::fs::hard_link(copy, &world.segment).unwrap();
}

#[test]
fn damage_is_found_though_somebody_writes_all_the_time() {
    let env = Env::new("timeline-verify");
    let small = seawall::Timeline::on(std::sync::Arc::new(seawall::timeline::storage::Disk), 20_000);
    seawall::register("timeline-verify", small).unwrap();
    let db = env.open("t.db");
    db.execute_batch("PRAGMA wal_autocheckpoint=1; CREATE TABLE t(a)").unwrap();
    for _ in 0..20 {
        db.execute("INSERT INTO t VALUES(zeroblob(3000))", []).unwrap();
    }
    let first = env.path("t.db-timeline/0000000000000001.seg");
    let mut bytes = std::fs::read(&first).unwrap();
    bytes[5000] ^= 1;
    std::fs::write(&first, bytes).unwrap();
    // Whenever it is asked whether to go on, something has been written, so that no two marks are the same.
    let verified =
        History::open(env.path("t.db")).unwrap().verify(|_, _| db.execute("INSERT INTO t VALUES(1)", []).is_ok());
    assert_eq!(verified.unwrap().damage.unwrap().file, first);
}
