/*
** One shared cache has one log: a connection that wants another WAL is told.
*/
#include "check.h"
#include "managers.h"

#define RWC (SQLITE_OPEN_READWRITE|SQLITE_OPEN_CREATE|SQLITE_OPEN_URI)

static void refused(const char *zUri, const char *zMsg){
  sqlite3 *db = 0;
  CHECK_INT("refused", sqlite3_open_v2(zUri, &db, RWC, 0), SQLITE_ERROR);
  CHECK_TEXT("and told why", sqlite3_errmsg(db), zMsg);
  CHECK_INT("closes", sqlite3_close(db), SQLITE_OK);
}

static char *message(const char *zUsed, const char *zWanted){
  static char zMsg[1000];
  snprintf(zMsg, sizeof(zMsg), "the shared cache of s.db uses wal \"%s\","
     " not \"%s\": open it with cache=private, or with the same wal",
     zUsed, zWanted);
  return zMsg;
}

int main(void){
  Managers m;
  PassCount n = {0};
  libsql_wal_manager mine = passthrough_manager(&n);
  sqlite3 *a, *b, *c = 0;
  CHECK_INT("register", registerManagers(&m), SQLITE_OK);

  a = openDb("file:s.db?cache=shared&wal=heap");
  b = openDb("file:s.db?cache=shared&wal=heap");
  CHECK_SQL(a, "CREATE TABLE t(x); INSERT INTO t VALUES(1)", "");
  CHECK_SQL(b, "SELECT x FROM t", "1");
  CHECK_INT("one log for both", m.heap.nOpen-m.heap.nClose, 1);
  refused("file:s.db?cache=shared", message("heap", "sqlite"));
  refused("file:s.db?cache=shared&wal=passthrough",
          message("heap", "passthrough"));
  refused("file:s.db?cache=shared&wal=nope", "wal \"nope\" is not registered"
          " (registered: heap, passthrough, sqlite)");
  CHECK_INT("a manager of its own", libsql_open_v3("file:s.db?cache=shared", &c,
            RWC, 0, mine), SQLITE_ERROR);
  CHECK_TEXT("is refused", sqlite3_errmsg(c), message("heap", "unnamed"));
  sqlite3_close(c);
  CHECK_INT("and destroyed once", n.nDestroy, 1);
  c = openDb("file:other.db?cache=shared");
  CHECK_INT("attaching without its name", sqlExec(c,
            "ATTACH 'file:s.db?cache=shared' AS s"), SQLITE_ERROR);
  CHECK_TEXT("is refused", sqlite3_errmsg(c), message("heap", "sqlite"));
  CHECK_SQL(c, "ATTACH 'file:s.db?cache=shared&wal=heap' AS s; "
               "SELECT x FROM s.t", "1");
  closeDb(c);
  closeDb(a);
  CHECK_SQL(b, "INSERT INTO t VALUES(2); SELECT sum(x) FROM t", "3");
  CHECK_INT("unregistered while shared", seawall_wal_unregister("heap"),
            SQLITE_OK);
  refused("file:s.db?cache=shared", message("unnamed", "sqlite"));
  closeDb(b);
  CHECK_INT("destroyed with its last user", m.heap.nDestroy, 1);

  /* The same manager twice by value is the same manager. */
  CHECK_INT("open", libsql_open_v3("file:s.db?cache=shared", &a, RWC, 0, mine),
            SQLITE_OK);
  CHECK_INT("open", libsql_open_v3("file:s.db?cache=shared", &b, RWC, 0, mine),
            SQLITE_OK);
  CHECK_SQL(a, "SELECT sum(x) FROM t; PRAGMA journal_mode", "3 wal");
  CHECK_SQL(b, "SELECT sum(x) FROM t", "3");
  closeDb(a);
  CHECK_SQL(b, "INSERT INTO t VALUES(3); SELECT sum(x) FROM t", "6");
  closeDb(b);
  CHECK_INT("destroyed as often as handed over", n.nDestroy, 3);
  CHECK_INT("no log is left", n.nLive, 0);

  /* What has no log can be shared by connections with any WAL. */
  a = openDb("file:mem?mode=memory&cache=shared");
  CHECK_INT("a shared memory database", libsql_open_v3(
            "file:mem?mode=memory&cache=shared", &b, RWC, 0, mine), SQLITE_OK);
  CHECK_SQL(a, "CREATE TABLE t(x); INSERT INTO t VALUES(1)", "");
  CHECK_SQL(b, "SELECT x FROM t", "1");
  closeDb(a);
  closeDb(b);

  removeDb("s.db");
  removeDb("other.db");
  return finishManagers(&m);
}
