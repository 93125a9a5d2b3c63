/*
** sqlite3_snapshot_get() and its siblings, with a WAL that has snapshots and
** with one that has none.  Builds with SQLITE_ENABLE_SNAPSHOT only.
*/
#include "check.h"
#include "managers.h"

#pragma weak sqlite3_snapshot_get
#pragma weak sqlite3_snapshot_open
#pragma weak sqlite3_snapshot_free
#pragma weak sqlite3_snapshot_cmp
#pragma weak sqlite3_snapshot_recover

static sqlite3 *openWith(const char *zWal){
  char zUri[100];
  snprintf(zUri, sizeof(zUri), "file:s.db?wal=%s", zWal);
  return openDb(zUri);
}

static void history(const char *zWal){
  sqlite3 *a = openWith(zWal);
  sqlite3 *b = openWith(zWal);
  sqlite3_snapshot *p1 = 0, *p2 = 0;
  CHECK_SQL(a, "PRAGMA wal_autocheckpoint=0; CREATE TABLE t(x); "
     "INSERT INTO t VALUES(1); BEGIN; SELECT x FROM t", "0 1");
  CHECK_INT("get", sqlite3_snapshot_get(a, "main", &p1), SQLITE_OK);
  CHECK_SQL(a, "COMMIT; INSERT INTO t VALUES(2); BEGIN; SELECT sum(x) FROM t",
               "3");
  CHECK_INT("get", sqlite3_snapshot_get(a, "main", &p2), SQLITE_OK);
  CHECK_SQL(a, "COMMIT", "");
  CHECK("older", sqlite3_snapshot_cmp(p1, p2)<0);
  CHECK_SQL(b, "PRAGMA wal_autocheckpoint=0; SELECT sum(x) FROM t; BEGIN",
               "0 3");
  CHECK_INT("open", sqlite3_snapshot_open(b, "main", p1), SQLITE_OK);
  CHECK_SQL(b, "SELECT sum(x) FROM t", "1");
  CHECK_INT("go on to the newer", sqlite3_snapshot_open(b, "main", p2),
            SQLITE_OK);
  CHECK_SQL(b, "SELECT sum(x) FROM t; COMMIT; SELECT sum(x) FROM t", "3 3");
  CHECK_SQL(a, "PRAGMA wal_checkpoint; INSERT INTO t VALUES(4)", "0|4|4");
  CHECK_INT("recover", sqlite3_snapshot_recover(a, "main"), SQLITE_OK);
  CHECK_SQL(b, "BEGIN; SELECT sum(x) FROM t; COMMIT; BEGIN", "7");
  CHECK_INT("a snapshot that was checkpointed away",
            sqlite3_snapshot_open(b, "main", p1), SQLITE_ERROR_SNAPSHOT);
  CHECK_SQL(b, "COMMIT; SELECT sum(x) FROM t", "7");
  sqlite3_snapshot_free(p1);
  sqlite3_snapshot_free(p2);
  closeDb(a);
  closeDb(b);
  removeDb("s.db");
}

/* Without snapshots every call says so, and the reader reads on. */
static void none(void){
  sqlite3 *a = openWith("sqlite");
  sqlite3 *b;
  sqlite3_snapshot *p1 = 0, *p2 = 0;
  CHECK_SQL(a, "CREATE TABLE t(x); INSERT INTO t VALUES(1); BEGIN; "
               "SELECT x FROM t", "1");
  CHECK_INT("a snapshot of the stock WAL", sqlite3_snapshot_get(a, "main", &p1),
            SQLITE_OK);
  CHECK_SQL(a, "COMMIT", "");
  closeDb(a);
  b = openWith("heap");
  CHECK_SQL(b, "INSERT INTO t VALUES(2); BEGIN; SELECT sum(x) FROM t", "3");
  CHECK_INT("get", sqlite3_snapshot_get(b, "main", &p2), SQLITE_ERROR);
  CHECK_SQL(b, "COMMIT; BEGIN", "");
  CHECK_INT("open", sqlite3_snapshot_open(b, "main", p1), SQLITE_ERROR);
  CHECK_SQL(b, "COMMIT; SELECT sum(x) FROM t", "3");
  CHECK_INT("recover", sqlite3_snapshot_recover(b, "main"), SQLITE_ERROR);
  CHECK_SQL(b, "INSERT INTO t VALUES(4); SELECT sum(x) FROM t", "7");
  sqlite3_snapshot_free(p1);
  closeDb(b);
  removeDb("s.db");
}

int main(void){
  Managers m;
  if( sqlite3_snapshot_get==0 ){
    printf("built without SQLITE_ENABLE_SNAPSHOT\n");
    return 0;
  }
  CHECK_INT("register", registerManagers(&m), SQLITE_OK);
  context("wal sqlite");
  history("sqlite");
  context("wal passthrough");
  history("passthrough");
  context("wal heap");
  none();
  return finishManagers(&m);
}
