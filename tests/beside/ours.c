/*
** A program on Seawall with prefixed symbols, beside another SQLite.  It is
** run where the extension lies as ./extension.so.
*/
#include "seawall_prefix.h"
#include "check.h"
#include "foreign.h"
#include "heapwal.h"

#define CHECK_FOREIGN(DB, SQL, WANT) CHECK_TEXT(SQL, foreignText(DB, SQL), WANT)

/*
** Have a WAL "memory": that of the library, or without its Rust part one that
** behaves like it.
*/
static void registerMemory(void){
  libsql_wal_manager m;
  if( seawall_wal_find("memory") ) return;
  CHECK_INT("heapwal_manager", heapwal_manager(0, &m), SQLITE_OK);
  CHECK_INT("register", seawall_wal_register("memory", &m, 0), SQLITE_OK);
}

/*
** Each name means the side that the source file stands on.
*/
static void identity(void){
  static const char zUri[] = "file:identity.db?wal=nope";
  sqlite3 *db = 0;

  context("identity");
  CHECK("the functions are others", foreign.xClose!=sqlite3_close);
  CHECK("the variables are others", foreign.zVersion!=sqlite3_version);
  CHECK_INT("ours has geopoly",
            sqlite3_compileoption_used("ENABLE_GEOPOLY"), 1);
  CHECK_INT("the foreign has not", foreign.xUsed("ENABLE_GEOPOLY"), 0);
  CHECK_TEXT("ours has libSQL's names", libsql_libversion(), LIBSQL_VERSION);
  CHECK("the stock WAL is a variable of ours",
        sqlite3_wal_manager.xOpen && seawall_wal_find("sqlite"));

  CHECK_INT("an unknown WAL", sqlite3_open_v2(zUri, &db, SQLITE_OPEN_URI
            |SQLITE_OPEN_READWRITE|SQLITE_OPEN_CREATE, 0), SQLITE_ERROR);
  CHECK_TEXT("is an error of ours", sqlite3_errmsg(db), "wal \"nope\" is not "
             "registered (registered: memory, sqlite)");
  closeDb(db);
  db = foreignOpen(zUri);
  CHECK("and nothing to the foreign", db!=0);
  CHECK_FOREIGN(db, "PRAGMA journal_mode", "delete");
  foreign.xClose(db);
}

/*
** Transactions of both overlap, each in its own files.
*/
static void together(void){
  sqlite3 *pMem = openDb("file:memory.db?wal=memory");
  sqlite3 *pStock = openDb("file:stock.db?wal=sqlite");
  sqlite3 *pOther = foreignOpen("foreign.db");
  int i;

  context("together");
  CHECK_SQL(pMem, "PRAGMA journal_mode; CREATE TABLE t(x)", "wal");
  CHECK_SQL(pStock, "PRAGMA journal_mode; CREATE TABLE t(x)", "wal");
  CHECK_FOREIGN(pOther, "PRAGMA journal_mode=wal", "wal");
  CHECK_FOREIGN(pOther, "CREATE TABLE t(x)", "");
  for(i=1; i<=50; i++){
    CHECK_INT("begin", sqlExec(pMem, "BEGIN IMMEDIATE"), SQLITE_OK);
    CHECK_FOREIGN(pOther, "BEGIN IMMEDIATE", "");
    CHECK_INT("insert", sqlExec(pMem, "INSERT INTO t VALUES(%d)", i), SQLITE_OK);
    CHECK_INT("insert", sqlExec(pStock, "INSERT INTO t VALUES(%d)", i),
              SQLITE_OK);
    CHECK_FOREIGN(pOther, "INSERT INTO t SELECT 1+count(*) FROM t", "");
    CHECK_INT("commit", sqlExec(pMem, "COMMIT"), SQLITE_OK);
    CHECK_FOREIGN(pOther, "COMMIT", "");
  }
  CHECK_SQL(pMem, "SELECT sum(x) FROM t", "1275");
  CHECK_SQL(pStock, "SELECT sum(x) FROM t", "1275");
  CHECK_FOREIGN(pOther, "SELECT sum(x) FROM t", "1275");
  CHECK("memory: no log beside the file", !fileExists("memory.db-wal"));
  CHECK("sqlite: a log", fileExists("stock.db-wal"));
  CHECK("foreign: a log", fileExists("foreign.db-wal"));
  closeDb(pMem);
  closeDb(pStock);
  CHECK_INT("close", foreign.xClose(pOther), SQLITE_OK);
}

/*
** After that each reads and writes what the other wrote.
*/
static void swapped(void){
  static const char *const azOurs[] = { "memory.db", "stock.db" };
  sqlite3 *db;
  int i;

  context("swapped");
  for(i=0; i<2; i++){
    db = foreignOpen(azOurs[i]);
    CHECK_FOREIGN(db, "PRAGMA integrity_check", "ok");
    CHECK_FOREIGN(db, "INSERT INTO t VALUES(25)", "");
    CHECK_FOREIGN(db, "SELECT sum(x) FROM t", "1300");
    CHECK_INT("close", foreign.xClose(db), SQLITE_OK);
    db = openDb(azOurs[i]);
    CHECK_SQL(db, "SELECT sum(x) FROM t; PRAGMA integrity_check", "1300 ok");
    closeDb(db);
  }
  db = openDb("file:foreign.db?wal=memory");
  CHECK_SQL(db, "PRAGMA integrity_check; INSERT INTO t VALUES(25); "
                "SELECT sum(x) FROM t", "ok 1300");
  closeDb(db);
  db = foreignOpen("foreign.db");
  CHECK_FOREIGN(db, "SELECT sum(x) FROM t", "1300");
  foreign.xClose(db);
}

/*
** What is set on one side is not set on the other.
*/
static void settings(void){
  sqlite3_vfs ourVfs = *sqlite3_vfs_find(0);
  sqlite3_vfs foreignVfs = *foreign.xVfsFind(0);

  context("settings");
  ourVfs.zName = "ours";
  foreignVfs.zName = "theirs";
  sqlite3_vfs_register(&ourVfs, 0);
  foreign.xVfsRegister(&foreignVfs, 0);
  CHECK("our VFS", sqlite3_vfs_find("ours") && !foreign.xVfsFind("ours"));
  CHECK("theirs", !sqlite3_vfs_find("theirs") && foreign.xVfsFind("theirs"));
  sqlite3_vfs_unregister(&ourVfs);
  foreign.xVfsUnregister(&foreignVfs);

  sqlite3_soft_heap_limit64(12345678);
  CHECK_INT("their heap limit", foreign.xSoftHeapLimit(87654321), 0);
  CHECK_INT("our heap limit", sqlite3_soft_heap_limit64(0), 12345678);
  CHECK_INT("their heap limit", foreign.xSoftHeapLimit(0), 87654321);

  sqlite3_temp_directory = sqlite3_mprintf("/");
  CHECK("their directory", *foreign.pzTempDirectory==0);
  sqlite3_free(sqlite3_temp_directory);
  sqlite3_temp_directory = 0;
}

/*
** One is shut down and configured while the other is at work.
*/
static void lifetimes(void){
  sqlite3 *db = foreignOpen("foreign.db");

  context("ours is down");
  CHECK_INT("shutdown", sqlite3_shutdown(), SQLITE_OK);
  CHECK_INT("their config", foreign.xConfig(SQLITE_CONFIG_URI, 1),
            SQLITE_MISUSE);
  CHECK_INT("our config", sqlite3_config(SQLITE_CONFIG_URI, 1), SQLITE_OK);
  CHECK_FOREIGN(db, "SELECT sum(x) FROM t", "1300");
  foreign.xClose(db);

  context("theirs is down");
  db = openDb("memory.db");
  CHECK_INT("shutdown", foreign.xShutdown(), SQLITE_OK);
  CHECK_INT("our config", sqlite3_config(SQLITE_CONFIG_URI, 1), SQLITE_MISUSE);
  CHECK_INT("their config", foreign.xConfig(SQLITE_CONFIG_URI, 1), SQLITE_OK);
  CHECK_SQL(db, "SELECT sum(x) FROM t", "1300");
  closeDb(db);
  CHECK_INT("initialize", foreign.xInitialize(), SQLITE_OK);
}

/*
** An extension that was compiled for stock SQLite calls the side that loads
** it.
*/
static void extension(void){
  sqlite3 *db = openDb("memory.db");
  context("extension");
  sqlite3_enable_load_extension(db, 1);
  CHECK_INT("load", sqlite3_load_extension(db, "./extension.so", 0, 0),
            SQLITE_OK);
  CHECK_SQL(db, "SELECT used('ENABLE_GEOPOLY')", "1");
  closeDb(db);
}

int main(void){
  registerMemory();
  identity();
  together();
  swapped();
  settings();
  extension();
  lifetimes();
  CHECK_INT("foreign: shutdown", foreign.xShutdown(), SQLITE_OK);
  return finish();
}
