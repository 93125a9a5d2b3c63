//! With FULL, a commit is seen before it is in a file. What is done meanwhile knows it all the same.

mod common;
#[path = "common/disk.rs"]
mod disk;

use std::fs;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use common::{Env, assert_sound, checkpoint, get, newest, uri};
use disk::{WatchedDisk, Watcher};
use rusqlite::Connection;
use seawall::Timeline;
use seawall::timeline::{History, restore};

/// Syncs of segments wait while it is shut.
#[derive(Default)]
struct Gate {
    state: Mutex<(bool, usize)>,
    changed: Condvar,
}

impl Watcher for Gate {
    fn syncing(&self, path: &Path) {
        if path.extension().is_some_and(|extension| extension == "seg") {
            let mut state = self.state.lock().unwrap();
            state.1 += 1;
            self.changed.notify_all();
            drop(self.changed.wait_while(state, |(shut, _)| *shut).unwrap());
            self.state.lock().unwrap().1 -= 1;
        }
    }
}

impl Gate {
    fn shut(&self, shut: bool) {
        self.state.lock().unwrap().0 = shut;
        self.changed.notify_all();
    }

    fn wait_for_one(&self) {
        drop(self.changed.wait_while(self.state.lock().unwrap(), |(_, waiting)| *waiting == 0).unwrap());
    }
}

struct World {
    env: Env,
    gate: Arc<Gate>,
    db: Connection,
}

/// Two tables with a row each.
fn begin(name: &str) -> World {
    let gate = Arc::new(Gate::default());
    seawall::register(name, Timeline::on(Arc::new(WatchedDisk(Arc::clone(&gate))), 64 << 20)).unwrap();
    let env = Env::new(name);
    let db = env.open("t.db");
    db.execute_batch(
        "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;
         CREATE TABLE a(v INT); INSERT INTO a VALUES(0);
         CREATE TABLE b(v INT); INSERT INTO b VALUES(0);
         CREATE TABLE c(v INT); INSERT INTO c VALUES(0)",
    )
    .unwrap();
    checkpoint(&db, "TRUNCATE");
    World { env, gate, db }
}

impl World {
    fn connect(&self) -> Connection {
        let db = self.env.open("t.db");
        db.execute_batch("PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; SELECT * FROM a").unwrap();
        db.busy_timeout(Duration::from_secs(600)).unwrap();
        db
    }

    /// Shut the gate in front of a commit that changes table c, and have another one that changes both others, which waits for it.
    fn hold(&self) -> Vec<JoinHandle<()>> {
        let (first, second) = (self.connect(), self.connect());
        self.gate.shut(true);
        let first = thread::spawn(move || first.execute_batch("UPDATE c SET v=1").unwrap());
        self.gate.wait_for_one();
        let second = thread::spawn(move || {
            second.execute_batch("BEGIN; UPDATE a SET v=1; UPDATE b SET v=1; COMMIT").unwrap();
        });
        self.wait_for("SELECT (SELECT v FROM a) + (SELECT v FROM b)", 2);
        vec![first, second]
    }

    fn wait_for(&self, sql: &str, value: i64) {
        while get::<i64>(&self.db, sql) != value {
            thread::yield_now();
        }
    }

    fn let_go(&self, waiting: Vec<JoinHandle<()>>) {
        self.gate.shut(false);
        waiting.into_iter().for_each(|thread| thread.join().unwrap());
    }
}

fn both(db: &Connection) -> (i64, i64) {
    (get(db, "SELECT v FROM a"), get(db, "SELECT v FROM b"))
}

#[test]
fn what_is_restored_is_restored_as_a_whole() {
    let world = begin("timeline-held-restore");
    let target = newest(&world.env, "t.db");
    let waiting = world.hold();
    let db = world.connect();
    let restored = thread::spawn(move || restore(&db, "main", &target.to_string()).unwrap().number);
    world.wait_for("SELECT v FROM c", 0);
    assert_eq!(both(&world.db), (0, 0));
    world.let_go(waiting);
    assert_eq!(restored.join().unwrap(), target + 3);
    assert_eq!(both(&world.db), (0, 0));
    assert_sound(&world.db);
    assert_eq!(History::open(world.env.path("t.db")).unwrap().verify(|_, _| true).unwrap().damage, None);
}

#[test]
fn a_process_that_ends_leaves_no_half_of_it_in_the_database_file() {
    let world = begin("timeline-held-off");
    let waiting = world.hold();
    world.db.execute_batch("PRAGMA synchronous=OFF").unwrap();
    checkpoint(&world.db, "PASSIVE");
    // What is there if the process is killed now.
    let left = tempfile::tempdir().unwrap();
    let folder = left.path().join("t.db-timeline");
    fs::create_dir(&folder).unwrap();
    fs::copy(world.env.path("t.db"), left.path().join("t.db")).unwrap();
    for entry in fs::read_dir(world.env.path("t.db-timeline")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    assert_eq!(History::open(world.env.path("t.db")).unwrap().verify(|_, _| true).unwrap().damage, None);
    world.let_go(waiting);
    let db = Connection::open(uri(&left.path().join("t.db"), "timeline")).unwrap();
    assert_eq!(both(&db), (1, 1));
    assert_sound(&db);
}
