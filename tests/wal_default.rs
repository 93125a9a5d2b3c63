//! Who uses a log that was made the default? One test, since the default is the same for the whole process.

mod common;

use common::{Env, log_setup};
use rusqlite::Connection;
use seawall::Memory;

#[test]
fn the_default_log_is_for_connections_that_name_none() {
    log_setup();
    let env = Env::new("none");
    let has_file = |name: &str| {
        let db = Connection::open(env.path(name)).unwrap();
        db.execute_batch("PRAGMA journal_mode=WAL; CREATE TABLE t(a)").unwrap();
        env.path(&format!("{name}-wal")).exists()
    };
    assert!(has_file("before.db"));
    seawall::register_default("mine", Memory).unwrap();
    assert!(!has_file("mine.db"));
    let named = Connection::open(common::uri(&env.path("named.db"), "sqlite")).unwrap();
    named.execute_batch("CREATE TABLE t(a)").unwrap();
    assert!(env.path("named.db-wal").exists());
    seawall::restore_default().unwrap();
    assert!(has_file("restored.db"));
    seawall::register_default("mine", Memory).unwrap();
    seawall::unregister("mine").unwrap();
    assert!(has_file("after.db"));
}
