/*
** Naming a WAL in a URI means WAL mode.
*/
#include "check.h"
#include "managers.h"
#include <sys/stat.h>

static char zUri[200];
static const char *uri(const char *zDb, const char *zWal, const char *zMore){
  snprintf(zUri, sizeof(zUri), "file:%s?wal=%s%s", zDb, zWal, zMore);
  return zUri;
}

/* A new database is born in WAL mode, and can still be given its form. */
static void born(const char *zWal){
  sqlite3 *a = openDb(uri("n.db", zWal, ""));
  sqlite3 *b = openDb(uri("n.db", zWal, ""));
  CHECK_SQL(a, "SELECT count(*) FROM sqlite_schema", "0");
  CHECK_SQL(b, "SELECT count(*) FROM sqlite_schema", "0");
  CHECK_SQL(a, "PRAGMA page_size=8192; PRAGMA encoding='UTF-16le'; "
               "PRAGMA auto_vacuum=incremental", "");
  CHECK_SQL(a, "CREATE TABLE t(x); INSERT INTO t VALUES('a')", "");
  CHECK_SQL(a, "PRAGMA journal_mode; PRAGMA page_size; PRAGMA encoding; "
               "PRAGMA auto_vacuum", "wal 8192 UTF-16le 2");
  CHECK_SQL(b, "SELECT x FROM t; PRAGMA journal_mode", "a wal");
  closeDb(a);
  closeDb(b);
  a = openDb("n.db");
  CHECK_SQL(a, "PRAGMA journal_mode", "wal");
  CHECK_SQL(a, "SELECT x FROM t; PRAGMA integrity_check", "a ok");
  closeDb(a);
  removeDb("n.db");
}

/* An existing one is switched at its first transaction. */
static void switched(const char *zWal){
  sqlite3 *a = openDb("o.db");
  sqlite3 *b, *c;
  CHECK_SQL(a, "CREATE TABLE t(x); INSERT INTO t VALUES(1); BEGIN; "
               "SELECT x FROM t", "1");
  b = openDb(uri("o.db", zWal, ""));
  CHECK_SQL(b, "SELECT x FROM t", "5 database is locked");
  CHECK_SQL(b, "INSERT INTO t VALUES(2)", "5 database is locked");
  CHECK_SQL(a, "COMMIT; PRAGMA journal_mode", "delete");
  CHECK_SQL(b, "SELECT x FROM t; PRAGMA journal_mode", "1 wal");
  closeDb(a);
  c = openDb(uri("o.db", zWal, ""));
  CHECK_SQL(c, "INSERT INTO t VALUES(2)", "");
  CHECK_SQL(b, "SELECT sum(x) FROM t", "3");
  closeDb(c);
  CHECK_SQL(b, "PRAGMA journal_mode=delete; INSERT INTO t VALUES(4); "
               "PRAGMA journal_mode", "delete delete");
  closeDb(b);
  b = openDb(uri("o.db", zWal, ""));
  CHECK_SQL(b, "BEGIN IMMEDIATE; INSERT INTO t VALUES(8); COMMIT; "
               "SELECT sum(x) FROM t; PRAGMA journal_mode", "15 wal");
  closeDb(b);
  b = openDb("o.db");
  CHECK_SQL(b, "PRAGMA journal_mode=delete; PRAGMA integrity_check",
               "delete ok");
  closeDb(b);
}

/* What cannot be written stays as it is. */
static void readOnly(const char *zWal){
  static const char *const azMore[] = { "&mode=ro", "&immutable=1" };
  unsigned i;
  sqlite3 *a;
  for(i=0; i<sizeof(azMore)/sizeof(azMore[0]); i++){
    context("wal %s%s", zWal, azMore[i]);
    a = openDb(uri("o.db", zWal, azMore[i]));
    CHECK_SQL(a, "SELECT sum(x) FROM t; PRAGMA journal_mode", "15 delete");
    closeDb(a);
  }
  context("wal %s", zWal);
  a = openDb(uri("o.db", zWal, "&nolock=1"));
  CHECK_SQL(a, "SELECT sum(x) FROM t; PRAGMA journal_mode; "
               "UPDATE t SET x=x", "15 delete");
  closeDb(a);
  a = openDb(uri("o.db", zWal, ""));
  CHECK_SQL(a, "PRAGMA query_only=1; SELECT sum(x) FROM t", "15");
  closeDb(a);
  a = openDb("o.db");
  CHECK_SQL(a, "PRAGMA journal_mode=delete", "delete");
  closeDb(a);
  removeDb("o.db");
}

static int nBusy;
static int busy(void *pArg, int n){
  (void)pArg;
  nBusy++;
  return n<3;
}

/* The busy handler is asked, and the read lock is not held while it is. */
static void busyHandler(const char *zWal){
  sqlite3 *a = openDb("b.db");
  sqlite3 *b;
  CHECK_SQL(a, "CREATE TABLE t(x); BEGIN; SELECT x FROM t", "");
  b = openDb(uri("b.db", zWal, ""));
  nBusy = 0;
  sqlite3_busy_handler(b, busy, 0);
  CHECK_SQL(b, "SELECT count(*) FROM t", "5 database is locked");
  CHECK_INT("the busy handler was asked", nBusy, 4);
  CHECK_SQL(a, "INSERT INTO t VALUES(1); COMMIT", "");
  CHECK_SQL(b, "SELECT count(*) FROM t; PRAGMA journal_mode", "1 wal");
  closeDb(a);
  closeDb(b);
  removeDb("b.db");
}

int main(void){
  Managers m;
  int i;
  CHECK_INT("register", registerManagers(&m), SQLITE_OK);
  for(i=0; i<nManager; i++){
    context("wal %s", azManager[i]);
    born(azManager[i]);
    switched(azManager[i]);
    readOnly(azManager[i]);
    busyHandler(azManager[i]);
  }
  return finishManagers(&m);
}
