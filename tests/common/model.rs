//! Random work, done twice: over the log in question, and over the stock one. Both must answer the same.

use rusqlite::Connection;

use super::random::Random;
use super::{Env, assert_sound, checkpoint, code};

/// One piece of work for one of two connections.
fn statement(random: &mut Random) -> String {
    let (key, size) = (random.below(300), random.below(3000));
    match random.below(20) {
        0 => "BEGIN".into(),
        1 => "BEGIN IMMEDIATE".into(),
        2 | 3 => "COMMIT".into(),
        4 => "ROLLBACK".into(),
        5 => format!("SAVEPOINT s{}", key % 3),
        6 => format!("ROLLBACK TO s{}", key % 3),
        7 => format!("RELEASE s{}", key % 3),
        8 => format!("DELETE FROM t WHERE k%7={}", key % 7),
        9 => format!("UPDATE t SET v=zeroblob({size}) WHERE k%5={}", key % 5),
        10 if key % 20 == 0 => "VACUUM".into(),
        11 => format!("CREATE TABLE IF NOT EXISTS u{}(x)", key % 4),
        12 => format!("DROP TABLE IF EXISTS u{}", key % 4),
        13 => format!(
            "WITH n(i) AS (VALUES(1) UNION ALL SELECT i+1 FROM n WHERE i<200) \
             INSERT OR REPLACE INTO t SELECT (i*{key})%1000, zeroblob(i) FROM n"
        ),
        _ => format!("INSERT OR REPLACE INTO t VALUES({key}, zeroblob({size}))"),
    }
}

const CONTENT: &str = "SELECT ifnull(group_concat(k||':'||length(v)), '') || (SELECT count(*) FROM sqlite_schema)
                       FROM (SELECT * FROM t ORDER BY k)";

fn content(db: &Connection) -> String {
    db.query_row(CONTENT, [], |row| row.get(0)).unwrap_or_else(|error| error.to_string())
}

fn pair(env: &Env) -> [Connection; 2] {
    let pair = [env.open("model.db"), env.open("model.db")];
    pair[0].execute_batch("PRAGMA page_size=1024; CREATE TABLE t(k INTEGER PRIMARY KEY, v)").unwrap();
    for db in &pair {
        db.execute_batch("PRAGMA cache_size=8").unwrap();
    }
    pair
}

/// `exact`: checkpoints, too, must have to wait for the same.
pub fn run(wal: &str, seed: u64, exact: bool) {
    let (env, stock) = (Env::new(wal), Env::new("sqlite"));
    let (mut ours, mut theirs) = (pair(&env), pair(&stock));
    let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ (seed + 1));
    for step in 0..400 {
        let which = random.below(2) as usize;
        let context = format!("{wal}, seed {seed}, step {step}, connection {which}");
        match random.below(30) {
            0 | 1 => {
                let mode = ["PASSIVE", "FULL", "RESTART", "TRUNCATE"][random.below(4) as usize];
                if ours[which].is_autocommit() {
                    let (ours, theirs) = (checkpoint(&ours[which], mode), checkpoint(&theirs[which], mode));
                    // A log may be more careful than the stock one, unless it claims to be the same.
                    assert!(ours.0 == theirs.0 || (!exact && ours.0 == 1), "{context}: {mode} {ours:?} {theirs:?}");
                }
            }
            2 => {
                // Another connection takes over; what was not committed is lost.
                ours[which] = env.open("model.db");
                theirs[which] = stock.open("model.db");
            }
            _ => {
                let sql = statement(&mut random);
                assert_eq!(code(&ours[which], &sql), code(&theirs[which], &sql), "{context}: {sql}");
                assert_eq!(content(&ours[which]), content(&theirs[which]), "{context}: {sql}");
            }
        }
    }
    for dbs in [&ours, &theirs] {
        for db in dbs {
            code(db, "ROLLBACK");
        }
        assert_sound(&dbs[0]);
    }
    assert_eq!(content(&ours[0]), content(&theirs[0]));
    let last = content(&ours[1]);
    drop(ours);
    let reopened = env.open_stock("model.db");
    assert_eq!(content(&reopened), last);
    assert_sound(&reopened);
}
