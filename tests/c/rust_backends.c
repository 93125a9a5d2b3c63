/*
** The WALs that are written in Rust, as a C program sees them.  It is linked
** with the static library that the Rust package makes.
*/
#include "check.h"

extern const int noBackends;      /* See no_backends.c */
#pragma weak noBackends

int main(void){
  sqlite3 *a, *b;
  sqlite3 *db = 0;

  if( &noBackends ){
    printf("linked without the Rust part\n");
    return 0;
  }
  CHECK("memory is registered", seawall_wal_find("memory")!=0);
  CHECK_INT("an idle library uses no memory", sqlite3_memory_used(), 0);
  CHECK_INT("an unknown name", libsql_open("m.db", &db, SQLITE_OPEN_READWRITE,
            0, "nope"), SQLITE_ERROR);
  /* There may be more. */
  CHECK("lists it", strstr(sqlite3_errmsg(db), "wal \"nope\" is not registered"
                           " (registered: memory, sqlite")!=0);
  closeDb(db);

  a = openDb("file:m.db?wal=memory");
  b = openDb("file:m.db?wal=memory");
  CHECK_SQL(a, "CREATE TABLE t(x); INSERT INTO t VALUES(1); "
               "PRAGMA journal_mode", "wal");
  CHECK_SQL(b, "BEGIN; SELECT x FROM t", "1");
  CHECK_SQL(a, "BEGIN; INSERT INTO t VALUES(2); SAVEPOINT s; DELETE FROM t; "
               "ROLLBACK TO s; COMMIT; SELECT sum(x) FROM t", "3");
  CHECK_SQL(b, "SELECT sum(x) FROM t; COMMIT; SELECT sum(x) FROM t", "1 3");
  CHECK("no log beside the file", !fileExists("m.db-wal"));
  CHECK("no shared memory", !fileExists("m.db-shm"));
  CHECK_SQL(a, "PRAGMA integrity_check", "ok");
  closeDb(a);
  closeDb(b);
  CHECK_INT("shutdown", sqlite3_shutdown(), SQLITE_OK);
  CHECK("it is there after each sqlite3_initialize",
        seawall_wal_find("memory")!=0);
  a = openDb("m.db");
  CHECK_SQL(a, "SELECT sum(x) FROM t; PRAGMA integrity_check", "3 ok");
  closeDb(a);
  return finish();
}
