/*
** libsql_close_hook(): when it is called, and what it may do.
*/
#include "check.h"

static int nCall;
static int nOther;
static sqlite3_stmt *pCached;

static void onClose(void *pArg, sqlite3 *db){
  CHECK("the database is given", db!=0);
  CHECK("it can still be used", sqlInt(db, "SELECT 42")==42);
  (*(int*)pArg)++;
}
static void onCloseFinalize(void *pArg, sqlite3 *db){
  onClose(pArg, db);
  sqlite3_finalize(pCached);
  pCached = 0;
}

int main(void){
  sqlite3 *db = openDb("hook.db");
  sqlite3_stmt *pStmt = 0;

  CHECK("there is none at first", libsql_close_hook(db, onClose, &nOther)==0);
  CHECK("replacing returns the old argument",
        libsql_close_hook(db, onClose, &nCall)==&nOther);
  sqlite3_prepare_v2(db, "SELECT 1", -1, &pStmt, 0);
  CHECK_INT("close with a statement", sqlite3_close(db), SQLITE_BUSY);
  CHECK_INT("a close that fails is seen", nCall, 1);
  sqlite3_finalize(pStmt);
  closeDb(db);
  CHECK_INT("and the one that succeeds", nCall, 2);
  CHECK_INT("the replaced one is not called", nOther, 0);

  nCall = 0;
  db = openDb("hook.db");
  sqlite3_prepare_v2(db, "SELECT 1", -1, &pCached, 0);
  libsql_close_hook(db, onCloseFinalize, &nCall);
  CHECK_INT("a cached statement can go in the hook",
            sqlite3_close(db), SQLITE_OK);
  CHECK_INT("called once", nCall, 1);

  db = openDb("hook.db");
  libsql_close_hook(db, onClose, &nCall);
  CHECK("removing returns the argument", libsql_close_hook(db, 0, 0)==&nCall);
  closeDb(db);
  CHECK_INT("a removed hook is not called", nCall, 1);

  db = openDb("hook.db");
  libsql_close_hook(db, onClose, &nCall);
  sqlite3_prepare_v2(db, "SELECT 1", -1, &pStmt, 0);
  CHECK_INT("sqlite3_close_v2", sqlite3_close_v2(db), SQLITE_OK);
  CHECK_INT("is seen when it is called", nCall, 2);
  sqlite3_finalize(pStmt);
  CHECK_INT("and not again when the zombie goes", nCall, 2);

  CHECK("NULL is harmless", libsql_close_hook(0, onClose, 0)==0);
  CHECK_INT("closing NULL calls nothing", sqlite3_close(0), SQLITE_OK);
  CHECK_INT("still", nCall, 2);

  CHECK_INT("a failed open", sqlite3_open_v2("nodir/x.db", &db,
            SQLITE_OPEN_READWRITE, 0), SQLITE_CANTOPEN);
  libsql_close_hook(db, 0, &nOther);
  CHECK_INT("closes", sqlite3_close(db), SQLITE_OK);
  CHECK_INT("without a call", nCall, 2);
  return finish();
}
