/*
** When a database whose URI names a WAL is brought into WAL mode, and when it
** is better left alone.
*/
#include "check.h"
#include "managers.h"

/* The read version in the header of a database file: 1 rollback journal, 2
** WAL; -1 when there is no such byte. */
static int readVersion(const char *zFile){
  FILE *f = fopen(zFile, "rb");
  int c = -1;
  if( f ){
    if( fseek(f, 19, SEEK_SET)==0 ) c = fgetc(f);
    fclose(f);
  }
  return c;
}

/* Set both version bytes of a database file. */
static void setVersion(const char *zFile, int iVersion){
  FILE *f = fopen(zFile, "r+b");
  CHECK("open the file", f!=0);
  if( f==0 ) return;
  fseek(f, 18, SEEK_SET);
  fputc(iVersion, f);
  fputc(iVersion, f);
  fclose(f);
}

/* The switch needs a transaction of its own.  While another statement of the
** connection runs there is none to be had. */
static void whileAnotherStatementReads(void){
  sqlite3 *a = openDb("main.db");
  sqlite3 *b;
  sqlite3_stmt *pStmt = 0;
  context("another statement reads");
  CHECK_SQL(a, "CREATE TABLE m(x); INSERT INTO m VALUES(1),(2); "
               "ATTACH 'file:y.db?wal=sqlite' AS y", "");
  CHECK_INT("prepare",
     sqlite3_prepare_v2(a, "SELECT x FROM m", -1, &pStmt, 0), SQLITE_OK);
  CHECK_INT("step", sqlite3_step(pStmt), SQLITE_ROW);
  CHECK_SQL(a, "CREATE TABLE y.t(x); INSERT INTO y.t VALUES(1)", "");
  CHECK_INT("not switched", readVersion("y.db"), 1);
  sqlite3_finalize(pStmt);

  CHECK_SQL(a, "INSERT INTO y.t VALUES(2); PRAGMA y.journal_mode", "wal");
  b = openDb("file:y.db?wal=sqlite");
  CHECK_SQL(b, "INSERT INTO t VALUES(3)", "");
  CHECK_SQL(a, "INSERT INTO y.t VALUES(4); SELECT group_concat(x) FROM y.t; "
               "PRAGMA y.integrity_check", "1,2,3,4 ok");
  CHECK_SQL(b, "PRAGMA integrity_check", "ok");
  closeDb(b);
  closeDb(a);
}

/* PRAGMA journal_mode before anything is written. */
static void thePragmaDecides(void){
  static const char *const azMode[] = {
    "delete", "truncate", "persist", "memory", "off"
  };
  unsigned i;
  for(i=0; i<sizeof(azMode)/sizeof(azMode[0]); i++){
    char *zSql = sqlite3_mprintf("PRAGMA journal_mode; PRAGMA journal_mode=%s; "
       "CREATE TABLE t(x); PRAGMA journal_mode", azMode[i]);
    char *zWant = sqlite3_mprintf("wal %s %s", azMode[i], azMode[i]);
    sqlite3 *db = openDb("file:pragma.db?wal=heap");
    context("journal_mode=%s", azMode[i]);
    CHECK_SQL(db, zSql, zWant);
    closeDb(db);
    CHECK_INT("on disk", readVersion("pragma.db"), 1);
    removeDb("pragma.db");
    sqlite3_free(zSql);
    sqlite3_free(zWant);
  }
}

/* Asking does not write. */
static void askingLeavesTheFileEmpty(void){
  sqlite3 *db = openDb("file:ask.db?wal=sqlite");
  context("asking");
  CHECK_SQL(db, "PRAGMA journal_mode; PRAGMA page_size=1024; "
     "PRAGMA encoding='UTF-16'; SELECT count(*) FROM sqlite_schema", "wal 0");
  CHECK_INT("empty", readVersion("ask.db"), -1);
  CHECK_SQL(db, "PRAGMA auto_vacuum=1; CREATE TABLE t(x); PRAGMA journal_mode; PRAGMA page_size; "
     "PRAGMA auto_vacuum; PRAGMA encoding", "wal 1024 1 UTF-16le");
  CHECK_INT("WAL mode", readVersion("ask.db"), 2);
  closeDb(db);
}

/* SQLITE_DBCONFIG_RESET_DATABASE: a transaction that is rolled back must not
** leave an empty database behind. */
static void aResetThatIsRolledBack(void){
  sqlite3 *db = openDb("reset.db");
  context("reset");
  CHECK_SQL(db, "CREATE TABLE t(x); INSERT INTO t VALUES(1)", "");
  closeDb(db);
  db = openDb("file:reset.db?wal=sqlite");
  sqlite3_db_config(db, SQLITE_DBCONFIG_RESET_DATABASE, 1, 0);
  CHECK_SQL(db, "BEGIN IMMEDIATE; ROLLBACK", "");
  sqlite3_db_config(db, SQLITE_DBCONFIG_RESET_DATABASE, 0, 0);
  closeDb(db);
  db = openDb("file:reset.db?wal=sqlite");
  CHECK_SQL(db, "SELECT x FROM t; PRAGMA journal_mode", "1 wal");
  sqlite3_db_config(db, SQLITE_DBCONFIG_RESET_DATABASE, 1, 0);
  CHECK_SQL(db, "VACUUM", "");
  sqlite3_db_config(db, SQLITE_DBCONFIG_RESET_DATABASE, 0, 0);
  CHECK_SQL(db, "SELECT count(*) FROM sqlite_schema; CREATE TABLE z(a); "
                "PRAGMA integrity_check", "0 ok");
  closeDb(db);
}

/* Files that this connection must not or cannot change. */
static void whatCannotBeWritten(void){
  sqlite3 *db = openDb("ro.db");
  context("not writable");
  CHECK_SQL(db, "CREATE TABLE t(x); INSERT INTO t VALUES(7)", "");
  closeDb(db);

  db = openDb("file:ro.db?wal=sqlite");
  CHECK_SQL(db, "PRAGMA query_only=1; SELECT x FROM t", "7");
  closeDb(db);
  CHECK_INT("after query_only", readVersion("ro.db"), 1);

  CHECK_INT("read-only", sqlite3_open_v2("file:ro.db?wal=heap", &db,
      SQLITE_OPEN_READONLY|SQLITE_OPEN_URI, 0), SQLITE_OK);
  CHECK_SQL(db, "SELECT x FROM t; PRAGMA journal_mode", "7 delete");
  closeDb(db);
  CHECK_INT("after read-only", readVersion("ro.db"), 1);

  /* A write version that is newer than the library: read-only by its header,
  ** which shows only when the header is read. */
  setVersion("ro.db", 3);
  { FILE *f = fopen("ro.db", "r+b"); fseek(f, 19, SEEK_SET); fputc(1, f); fclose(f); }
  db = openDb("file:ro.db?wal=sqlite");
  CHECK_SQL(db, "SELECT x FROM t", "7");
  CHECK_SQL(db, "SELECT x FROM t", "7");
  closeDb(db);
}

/* The second user of a shared cache names the WAL that the first one uses
** unnamed. */
static void theSecondUserOfASharedCache(void){
  sqlite3 *a = openDb("file:shared.db?cache=shared");
  sqlite3 *b = openDb("file:shared.db?cache=shared&wal=sqlite");
  context("shared cache");
  CHECK_SQL(b, "CREATE TABLE t(x); PRAGMA journal_mode", "wal");
  CHECK_SQL(a, "INSERT INTO t VALUES(1); PRAGMA journal_mode", "wal");
  closeDb(b);
  closeDb(a);
}

/* Deserialized databases all have the same file name: they must not meet in
** one log. */
static void deserializedDatabases(const Managers *pCount){
  sqlite3 *src = openDb("src.db");
  sqlite3 *db = openDb("file:host.db?wal=heap");
  sqlite3_int64 n = 0;
  unsigned char *pImage;
  int nOpen;
  context("deserialize");
  CHECK_SQL(src, "CREATE TABLE t(x); INSERT INTO t VALUES('image')", "");
  pImage = sqlite3_serialize(src, "main", &n, 0);
  CHECK("serialize", pImage!=0);
  CHECK_SQL(db, "CREATE TABLE h(x)", "");
  nOpen = pCount->heap.nOpen;
  CHECK_INT("deserialize", sqlite3_deserialize(db, "main", pImage, n, n,
      SQLITE_DESERIALIZE_FREEONCLOSE|SQLITE_DESERIALIZE_RESIZEABLE), SQLITE_OK);
  CHECK_SQL(db, "SELECT x FROM t; INSERT INTO t VALUES('own'); "
                "SELECT count(*) FROM t", "image 2");
  CHECK_INT("no log was opened", pCount->heap.nOpen, nOpen);
  CHECK_SQL(src, "PRAGMA journal_mode=wal", "wal");
  pImage = sqlite3_serialize(src, "main", &n, 0);
  CHECK_INT("deserialize", sqlite3_deserialize(db, "main", pImage, n, n,
      SQLITE_DESERIALIZE_FREEONCLOSE|SQLITE_DESERIALIZE_RESIZEABLE), SQLITE_OK);
  CHECK_SQL(db, "SELECT x FROM t", "14 unable to open database file");
  closeDb(db);
  closeDb(src);
}

/* The idiom of sqlite3_vfs_register(sqlite3_vfs_find(x), 1). */
static void whatWasFoundIsRegisteredAgain(const Managers *pCount){
  sqlite3 *db;
  int nDestroy = pCount->heap.nDestroy;
  context("register again");
  CHECK_INT("register", seawall_wal_register("heap", seawall_wal_find("heap"), 1),
            SQLITE_OK);
  CHECK_INT("not destroyed", pCount->heap.nDestroy, nDestroy);
  CHECK("default", seawall_wal_find(0)==seawall_wal_find("heap"));
  db = openDb("again.db");
  CHECK_SQL(db, "PRAGMA journal_mode=wal; CREATE TABLE t(x)", "wal");
  CHECK("on the heap", !fileExists("again.db-wal"));
  closeDb(db);
  CHECK_INT("stock", seawall_wal_register("sqlite", seawall_wal_find("sqlite"), 1),
            SQLITE_OK);
  CHECK("default again", seawall_wal_find(0)==&sqlite3_wal_manager);
}

int main(void){
  Managers m;
  CHECK_INT("register", registerManagers(&m), SQLITE_OK);
  whileAnotherStatementReads();
  thePragmaDecides();
  askingLeavesTheFileEmpty();
  aResetThatIsRolledBack();
  whatCannotBeWritten();
  theSecondUserOfASharedCache();
  deserializedDatabases(&m);
  whatWasFoundIsRegisteredAgain(&m);
  return finishManagers(&m);
}
