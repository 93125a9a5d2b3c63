/*
** Many threads open, write, attach, register and unregister at once.
**
** Each manager must be destroyed as often as it was handed over, each log
** closed, and no row lost.
*/
#include "check.h"
#include "managers.h"
#include <pthread.h>

#ifdef __SANITIZE_THREAD__
/* Recovery of the stock log writes the wal-index under file locks, which the
** sanitizer does not see; readers look first, lock then, and look again. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void){
  return "race:walIndexRecover\n";
}
#endif

#define N_THREAD 6
#define RWC (SQLITE_OPEN_READWRITE|SQLITE_OPEN_CREATE|SQLITE_OPEN_URI)

/* What a thread counts.  The checks are made when all are done, because
** check.c is not made for threads. */
typedef struct Worker Worker;
struct Worker {
  int iWorker;
  int nRow;                /* Rows inserted into w.db, over all WALs */
  int nAttached;           /* Rows inserted into attached databases */
  int nUnknown;            /* Opens that said that the name is not registered */
  int nError;              /* Anything that should not be */
  char zError[200];        /* The first of these */
};

static PassCount shared;   /* Of all managers that the threads hand over */
static int nHanded;        /* How many they handed over */

static void bad(Worker *p, const char *zWhat, sqlite3 *db, int rc){
  if( p->nError++==0 ){
    snprintf(p->zError, sizeof(p->zError), "%s: %d %s", zWhat, rc,
             db ? sqlite3_errmsg(db) : "");
  }
}

/* Run SQL that may have to wait.  A deferred transaction that finds its
** snapshot stale is begun again. */
static int exec(Worker *p, sqlite3 *db, const char *zSql){
  int rc = sqlExec(db, "%s", zSql);
  if( rc!=SQLITE_OK ) bad(p, zSql, db, rc);
  return rc==SQLITE_OK;
}

static sqlite3 *openIt(Worker *p, const char *zUri){
  sqlite3 *db = 0;
  int rc = sqlite3_open_v2(zUri, &db, RWC, 0);
  if( rc!=SQLITE_OK ){
    bad(p, zUri, db, rc);
    sqlite3_close(db);
    return 0;
  }
  sqlite3_busy_timeout(db, 60000);
  return db;
}

/* Open, write, read, close. */
static void writeRows(Worker *p, const char *zUri, int n){
  sqlite3 *db = openIt(p, zUri);
  if( db==0 ) return;
  while( n-->0 ){
    if( !exec(p, db, "BEGIN IMMEDIATE; INSERT INTO t VALUES(1); SAVEPOINT s; "
                     "DELETE FROM t; ROLLBACK TO s; COMMIT") ){
      break;
    }
    p->nRow++;
  }
  exec(p, db, "SELECT count(*) FROM t");
  if( sqlite3_close(db)!=SQLITE_OK ) bad(p, "close", 0, 0);
}

/* A database of the thread's own, attached by name to one in memory. */
static void attach(Worker *p, const char *zWal){
  char zSql[200];
  sqlite3 *db = openIt(p, ":memory:");
  if( db==0 ) return;
  snprintf(zSql, sizeof(zSql), "ATTACH 'file:own%d.db?wal=%s' AS own; "
     "CREATE TABLE IF NOT EXISTS own.t(x); INSERT INTO own.t VALUES(1)",
     p->iWorker, zWal);
  if( exec(p, db, zSql) ) p->nAttached++;
  exec(p, db, "DETACH own");
  sqlite3_close(db);
}

static void handOver(Worker *p, const char *zName){
  libsql_wal_manager m = passthrough_manager(&shared);
  int rc = seawall_wal_register(zName, &m, 0);
  __atomic_add_fetch(&nHanded, 1, __ATOMIC_RELAXED);
  if( rc!=SQLITE_OK ) bad(p, "register", 0, rc);
}

/* A name that other threads register, replace and remove all the time. */
static void comeAndGo(Worker *p, int i){
  static const char *const azName[] = { "x", "y", "z" };
  const char *zName = azName[i%3];
  sqlite3 *db = 0;
  char zUri[100];
  int rc;
  handOver(p, zName);
  snprintf(zUri, sizeof(zUri), "file:own%d.db?wal=%s", p->iWorker, zName);
  rc = sqlite3_open_v2(zUri, &db, RWC, 0);
  if( rc==SQLITE_OK ){
    exec(p, db, "CREATE TABLE IF NOT EXISTS t(x); SELECT * FROM t");
  }else if( rc==SQLITE_ERROR && strstr(sqlite3_errmsg(db), "not registered") ){
    p->nUnknown++;
  }else{
    bad(p, "open", db, rc);
  }
  if( i%2 ) seawall_wal_unregister(zName);
  (void)seawall_wal_find("heap");
  if( db && sqlite3_close(db)!=SQLITE_OK ) bad(p, "close", 0, 0);
}

/* A manager of its own, for one connection. */
static void own(Worker *p){
  char zDb[40];
  sqlite3 *db = 0;
  int rc;
  snprintf(zDb, sizeof(zDb), "own%d.db", p->iWorker);
  rc = libsql_open_v3(zDb, &db, RWC, 0, passthrough_manager(&shared));
  __atomic_add_fetch(&nHanded, 1, __ATOMIC_RELAXED);
  if( rc!=SQLITE_OK ) bad(p, "libsql_open_v3", db, rc);
  exec(p, db, "CREATE TABLE IF NOT EXISTS t(x); SELECT * FROM t");
  sqlite3_close(db);
}

/* One counted manager, cloned and given back by all. */
static RefCountedWalManager *pCounted;
static void cloneIt(void){
  int i;
  for(i=0; i<50; i++){
    RefCountedWalManager *pStock = make_sqlite3_wal_manager_rc();
    destroy_wal_manager(clone_wal_manager(pCounted));
    destroy_wal_manager(clone_wal_manager(pStock));
  }
}

static void *work(void *pArg){
  Worker *p = (Worker*)pArg;
  int i, n = scaled(25);
  for(i=0; i<n; i++){
    char zUri[60];
    snprintf(zUri, sizeof(zUri), "file:%s.db?wal=%s", azManager[i%nManager],
             azManager[i%nManager]);
    writeRows(p, zUri, 3);
    attach(p, azManager[(i+p->iWorker)%nManager]);
    comeAndGo(p, i+p->iWorker);
    own(p);
    cloneIt();
  }
  return 0;
}

/* One connection to a shared cache for each thread. */
static void *shareCache(void *pArg){
  Worker *p = (Worker*)pArg;
  int i, n = scaled(20);
  for(i=0; i<n; i++){
    sqlite3 *db = 0;
    int rc = libsql_open_v3("file:cache.db?cache=shared", &db, RWC, 0,
                            passthrough_manager(&shared));
    __atomic_add_fetch(&nHanded, 1, __ATOMIC_RELAXED);
    if( rc!=SQLITE_OK ){
      bad(p, "shared cache", db, rc);
    }else{
      sqlite3_busy_timeout(db, 60000);
      rc = sqlExec(db, "SELECT count(*) FROM t");
      if( rc!=SQLITE_OK && rc!=SQLITE_LOCKED ) bad(p, "read", db, rc);
    }
    sqlite3_close(db);
  }
  return 0;
}

static void together(Worker *aWorker, void *(*xWork)(void*)){
  pthread_t aThread[N_THREAD];
  int i;
  for(i=0; i<N_THREAD; i++){
    if( pthread_create(&aThread[i], 0, xWork, &aWorker[i]) ) exit(2);
  }
  for(i=0; i<N_THREAD; i++) pthread_join(aThread[i], 0);
}

int main(void){
  static Worker aWorker[N_THREAD];
  Managers m;
  int i, nRow = 0, nAttached = 0, n = 0, rc;
  char zDb[60];
  sqlite3 *db;
  CHECK_INT("register", registerManagers(&m), SQLITE_OK);
  CHECK_INT("a counted manager", make_ref_counted_wal_manager(
            passthrough_manager(&shared), &pCounted), SQLITE_OK);
  nHanded = 1;
  for(i=0; i<nManager; i++){
    snprintf(zDb, sizeof(zDb), "file:%s.db?wal=%s", azManager[i], azManager[i]);
    db = openDb(zDb);
    CHECK_SQL(db, "CREATE TABLE t(x)", "");
    closeDb(db);
  }
  db = openDb("cache.db");
  CHECK_SQL(db, "PRAGMA journal_mode=wal; CREATE TABLE t(x)", "wal");
  closeDb(db);
  for(i=0; i<N_THREAD; i++) aWorker[i].iWorker = i;

  together(aWorker, work);
  together(aWorker, shareCache);

  for(i=0; i<N_THREAD; i++){
    CHECK_INT(aWorker[i].zError, aWorker[i].nError, 0);
    nRow += aWorker[i].nRow;
    nAttached += aWorker[i].nAttached;
  }
  for(i=0; i<nManager; i++){
    snprintf(zDb, sizeof(zDb), "%s.db", azManager[i]);
    db = openDb(zDb);
    CHECK_SQL(db, "PRAGMA integrity_check", "ok");
    n += (int)sqlInt(db, "SELECT count(*) FROM t");
    closeDb(db);
  }
  CHECK_INT("rows", n, nRow);
  for(i=n=0; i<N_THREAD; i++){
    snprintf(zDb, sizeof(zDb), "own%d.db", i);
    db = openDb(zDb);
    CHECK_SQL(db, "PRAGMA integrity_check", "ok");
    n += (int)sqlInt(db, "SELECT count(*) FROM t");
    closeDb(db);
  }
  CHECK_INT("rows of attached databases", n, nAttached);
  CHECK_INT("the counted manager has one user", pCounted->n, 1);
  destroy_wal_manager(pCounted);
  CHECK_INT("the stock one was not counted", make_sqlite3_wal_manager_rc()->n, 1);
  rc = finish();
  checkManagers(&m);
  CHECK_INT("logs left open", shared.nLive, 0);
  CHECK_INT("managers destroyed", shared.nDestroy, nHanded);
  return rc || failures();
}
