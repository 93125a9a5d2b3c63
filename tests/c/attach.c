/*
** Which WAL an attached database gets: the one its URI names, else the
** connection's.
*/
#include "check.h"
#include "managers.h"

int main(void){
  Managers m;
  sqlite3 *db;
  CHECK_INT("register", registerManagers(&m), SQLITE_OK);

  db = openDb("file:main.db?wal=passthrough");
  CHECK_SQL(db, "CREATE TABLE t(x); "
     "ATTACH 'file:one.db?wal=heap' AS one; CREATE TABLE one.t(x); "
     "ATTACH 'file:two.db?wal=sqlite' AS two; CREATE TABLE two.t(x); "
     "ATTACH 'three.db' AS three; CREATE TABLE three.t(x); "
     "ATTACH ':memory:' AS mem; CREATE TABLE mem.t(x); "
     "ATTACH '' AS tmp; CREATE TABLE tmp.t(x)", "");
  CHECK_INT("main has the pass-through", m.pass.nLive, 1);
  CHECK_INT("one has the heap", m.heap.nOpen-m.heap.nClose, 1);
  CHECK("two has the stock WAL", fileExists("two.db-wal"));
  CHECK_SQL(db, "PRAGMA main.journal_mode; PRAGMA one.journal_mode; "
     "PRAGMA two.journal_mode; PRAGMA three.journal_mode",
     "wal wal wal delete");
  CHECK_SQL(db, "PRAGMA three.journal_mode=wal; INSERT INTO three.t VALUES(1)",
                "wal");
  CHECK_INT("three has the connection's", m.pass.nLive, 2);
  CHECK_SQL(db, "BEGIN; INSERT INTO main.t VALUES(1); INSERT INTO one.t "
     "VALUES(2); INSERT INTO two.t VALUES(3); SAVEPOINT s; DELETE FROM one.t; "
     "DELETE FROM two.t; ROLLBACK TO s; COMMIT; SELECT (SELECT x FROM main.t),"
     "(SELECT x FROM one.t),(SELECT x FROM two.t)", "1|2|3");
  CHECK_SQL(db, "ATTACH 'file:four.db?wal=nope' AS four",
     "1 wal \"nope\" is not registered (registered: heap, passthrough, sqlite)");
  CHECK("no file", !fileExists("four.db"));
  CHECK_SQL(db, "ATTACH 'no/five.db' AS five",
                "14 unable to open database: no/five.db");
  CHECK_SQL(db, "SELECT x FROM one.t", "2");
  CHECK_SQL(db, "DETACH one; DETACH two; DETACH three; DETACH mem; DETACH tmp",
                "");
  CHECK_INT("heap closed", m.heap.nOpen-m.heap.nClose, 0);
  CHECK_INT("pass-through closed", m.pass.nLive, 1);
  CHECK("stock closed", !fileExists("two.db-wal"));
  CHECK_SQL(db, "ATTACH 'file:one.db?wal=passthrough' AS one; "
                "SELECT x FROM one.t", "2");
  CHECK_INT("another WAL the next time", m.pass.nLive, 2);
  CHECK_SQL(db, "PRAGMA one.journal_mode=delete; INSERT INTO one.t VALUES(4); "
                "SELECT sum(x) FROM one.t", "delete 6");
  closeDb(db);

  /* An existing rollback-journal database is switched by its name, VACUUM INTO
  ** and .backup targets are born with theirs. */
  db = openDb("main.db");
  CHECK_SQL(db, "ATTACH 'file:one.db?wal=heap' AS one; SELECT sum(x) FROM one.t; "
                "PRAGMA one.journal_mode", "6 wal");
  CHECK_SQL(db, "VACUUM one INTO 'file:six.db?wal=heap'", "");
  closeDb(db);
  db = openDb("file:six.db?wal=heap");
  CHECK_SQL(db, "SELECT sum(x) FROM t; PRAGMA integrity_check", "6 ok");
  closeDb(db);

  removeDb("main.db"); removeDb("one.db"); removeDb("two.db");
  removeDb("three.db"); removeDb("six.db");
  return finishManagers(&m);
}
