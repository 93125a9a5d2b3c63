/*
** PRAGMA journal_mode into WAL mode and out of it, with every WAL: no log stays
** behind, nothing is lost, and a change that cannot be made changes nothing.
*/
#include "check.h"
#include "managers.h"

#define RWC (SQLITE_OPEN_READWRITE|SQLITE_OPEN_CREATE|SQLITE_OPEN_URI)

static sqlite3 *openWith(const char *zWal){
  sqlite3 *db = 0;
  if( libsql_open("j.db", &db, RWC, 0, zWal)!=SQLITE_OK ) exit(2);
  return db;
}

static void thereAndBack(const char *zWal){
  static const char *const azMode[] = {
    "delete", "truncate", "persist", "memory", "off"
  };
  sqlite3 *a = openWith(zWal);
  unsigned i;
  CHECK_SQL(a, "CREATE TABLE t(x)", "");
  for(i=0; i<sizeof(azMode)/sizeof(azMode[0]); i++){
    char zSql[100];
    context("wal %s, mode %s", zWal, azMode[i]);
    CHECK_SQL(a, "PRAGMA journal_mode=wal; INSERT INTO t VALUES(1)", "wal");
    snprintf(zSql, sizeof(zSql), "PRAGMA journal_mode=%s", azMode[i]);
    CHECK_SQL(a, zSql, azMode[i]);
    CHECK("no log", !fileExists("j.db-wal"));
    CHECK_SQL(a, "INSERT INTO t VALUES(1)", "");
    CHECK_INT("rows", sqlInt(a, "SELECT count(*) FROM t"), 2*(i+1));
  }
  context("wal %s", zWal);
  CHECK_SQL(a, "PRAGMA integrity_check", "ok");
  closeDb(a);
  removeDb("j.db");
}

static void inTheWay(const char *zWal){
  sqlite3 *a = openWith(zWal);
  sqlite3 *b = openWith(zWal);
  CHECK_SQL(a, "CREATE TABLE t(x); INSERT INTO t VALUES(1)", "");
  CHECK_SQL(b, "BEGIN; SELECT x FROM t", "1");
  CHECK_SQL(a, "PRAGMA journal_mode=wal", "5 database is locked");
  CHECK_SQL(a, "PRAGMA journal_mode", "delete");
  CHECK_SQL(b, "COMMIT", "");
  CHECK_SQL(a, "PRAGMA journal_mode=wal; INSERT INTO t VALUES(2)", "wal");
  CHECK_SQL(b, "SELECT sum(x) FROM t", "3");
  CHECK_SQL(a, "PRAGMA journal_mode=delete", "5 database is locked");
  CHECK_SQL(a, "PRAGMA journal_mode; INSERT INTO t VALUES(3)", "wal");
  CHECK_SQL(a, "BEGIN; PRAGMA journal_mode=delete",
               "1 cannot change out of wal mode from within a transaction");
  CHECK_SQL(a, "COMMIT", "");
  CHECK_SQL(b, "SELECT sum(x) FROM t", "6");
  closeDb(b);
  CHECK_SQL(a, "BEGIN; INSERT INTO t VALUES(4); ROLLBACK; "
               "PRAGMA journal_mode=delete; SELECT sum(x) FROM t", "delete 6");
  CHECK_SQL(a, "BEGIN; PRAGMA journal_mode=wal",
               "1 cannot change into wal mode from within a transaction");
  CHECK_SQL(a, "COMMIT; PRAGMA integrity_check", "ok");
  closeDb(a);
  removeDb("j.db");
}

/* What others have committed is seen by the connection that leaves WAL mode,
** though it has not read since, and has what was there before in its cache. */
static void committedMeanwhile(const char *zWal){
  sqlite3 *a = openWith(zWal);
  sqlite3 *b;
  CHECK_SQL(a, "CREATE TABLE t(x); INSERT INTO t VALUES(1);"
               "PRAGMA journal_mode=wal; SELECT x FROM t", "wal 1");
  b = openWith(zWal);
  CHECK_SQL(b, "UPDATE t SET x=2", "");
  closeDb(b);
  CHECK_SQL(a, "PRAGMA journal_mode=delete", "delete");
  CHECK_SQL(a, "SELECT x FROM t; UPDATE t SET x=x+10", "2");
  closeDb(a);
  a = openWith(zWal);
  CHECK_SQL(a, "SELECT x FROM t; PRAGMA integrity_check", "12 ok");
  closeDb(a);
  removeDb("j.db");
}

/* A database in WAL mode that is opened with another WAL than before. */
static void nextWal(const char *zWal){
  int i;
  sqlite3 *a = openWith(zWal);
  CHECK_SQL(a, "PRAGMA journal_mode=wal; CREATE TABLE t(x)", "wal");
  closeDb(a);
  for(i=0; i<nManager; i++){
    a = openWith(azManager[i]);
    CHECK_SQL(a, "INSERT INTO t VALUES(1); PRAGMA journal_mode", "wal");
    closeDb(a);
  }
  a = openWith(zWal);
  CHECK_INT("rows", sqlInt(a, "SELECT count(*) FROM t"), nManager);
  CHECK_SQL(a, "PRAGMA integrity_check; PRAGMA journal_mode=delete",
               "ok delete");
  closeDb(a);
  removeDb("j.db");
}

/* Exclusive locking before and after the log is open, left with the mode. */
static void exclusive(const char *zWal){
  sqlite3 *a = openWith(zWal);
  sqlite3 *b;
  CHECK_SQL(a, "PRAGMA locking_mode=exclusive; PRAGMA journal_mode=wal; "
     "CREATE TABLE t(x); INSERT INTO t VALUES(1); PRAGMA wal_checkpoint; "
     "INSERT INTO t VALUES(2); SAVEPOINT s; DELETE FROM t; ROLLBACK TO s; "
     "RELEASE s", "exclusive wal 0|3|3");
  b = openWith(zWal);
  CHECK_SQL(b, "SELECT * FROM t", "5 database is locked");
  CHECK_SQL(a, "PRAGMA journal_mode=delete; PRAGMA locking_mode=normal; "
               "SELECT sum(x) FROM t", "delete normal 3");
  CHECK_SQL(b, "SELECT sum(x) FROM t", "3");
  closeDb(b);
  CHECK_SQL(a, "PRAGMA journal_mode=wal; SELECT sum(x) FROM t; "
     "PRAGMA locking_mode=exclusive; INSERT INTO t VALUES(4); "
     "PRAGMA locking_mode=normal; SELECT sum(x) FROM t",
     "wal 3 exclusive normal 7");
  b = openWith(zWal);
  CHECK_SQL(b, "INSERT INTO t VALUES(8); SELECT sum(x) FROM t", "15");
  closeDb(b);
  CHECK_SQL(a, "SELECT sum(x) FROM t; PRAGMA integrity_check", "15 ok");
  closeDb(a);
  removeDb("j.db");
}

/* A log that is closed can tell why, with either locking mode. */
static void leaving(const PassCount *p){
  static const char *const azMode[] = { "normal", "exclusive" };
  int i;
  for(i=0; i<2; i++){
    int nLeave = p->nLeave;
    int nClose = p->nClose;
    sqlite3 *a = openWith("passthrough");
    char zSql[200];
    context("locking mode %s", azMode[i]);
    snprintf(zSql, sizeof(zSql), "PRAGMA locking_mode=%s; "
             "PRAGMA journal_mode=wal; CREATE TABLE t(x)", azMode[i]);
    sqlite3_exec(a, zSql, 0, 0, 0);
    closeDb(a);
    CHECK_INT("closed", p->nClose, nClose+1);
    CHECK_INT("not left", p->nLeave, nLeave);
    a = openDb(":memory:");
    CHECK_SQL(a, "ATTACH 'file:j.db?wal=passthrough' AS j; "
                 "SELECT count(*) FROM j.t; DETACH j", "0");
    closeDb(a);
    CHECK_INT("closed", p->nClose, nClose+2);
    CHECK_INT("detached is not left", p->nLeave, nLeave);
    a = openWith("passthrough");
    snprintf(zSql, sizeof(zSql), "PRAGMA locking_mode=%s; "
             "SELECT * FROM t; PRAGMA journal_mode=delete", azMode[i]);
    sqlite3_exec(a, zSql, 0, 0, 0);
    CHECK_INT("closed", p->nClose, nClose+3);
    CHECK_INT("left", p->nLeave, nLeave+1);
    closeDb(a);
    removeDb("j.db");
  }
  CHECK_INT("nothing is", seawall_wal_leaving(0), 0);
}

int main(void){
  Managers m;
  int i;
  CHECK_INT("register", registerManagers(&m), SQLITE_OK);
  for(i=0; i<nManager; i++){
    context("wal %s", azManager[i]);
    thereAndBack(azManager[i]);
    committedMeanwhile(azManager[i]);
    inTheWay(azManager[i]);
    nextWal(azManager[i]);
    exclusive(azManager[i]);
  }
  leaving(&m.pass);
  return finishManagers(&m);
}
