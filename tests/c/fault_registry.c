/*
** Registering, replacing, removing and counting managers while allocations
** fail.
*/
#include "faults.h"

/* Hands over a manager n times and returns the first error. */
static int handOver(World *p, const char *zName, int makeDefault){
  libsql_wal_manager m = passthrough_manager(&p->own);
  return seawall_wal_register(zName, &m, makeDefault);
}

/* How many managers runRegister() handed over, all of which are destroyed at
** its end or by the verification. */
static int nHanded;

static int runRegister(World *p){
  int rc;
  nHanded = 0;
  rc = handOver(p, "one", 0);
  nHanded++;
  if( rc==SQLITE_OK ){
    rc = handOver(p, "two", 1);
    nHanded++;
  }
  if( rc==SQLITE_OK ){
    rc = handOver(p, "one", 0);
    nHanded++;
  }
  if( rc==SQLITE_OK ){
    rc = seawall_wal_unregister("one");
  }
  if( rc==SQLITE_OK ){
    rc = handOver(p, "three", 0);
    nHanded++;
  }
  return rc;
}
static void verifyRegister(World *p, int rc){
  static const char *const azName[] = { "one", "two", "three" };
  int i;
  sqlite3 *db;
  if( rc!=SQLITE_OK ){
    CHECK("what failed is not there", seawall_wal_find("three")==0);
  }
  for(i=0; i<3; i++){
    char zUri[60];
    if( seawall_wal_find(azName[i])==0 ) continue;
    snprintf(zUri, sizeof(zUri), "file:a.db?wal=%s", azName[i]);
    db = openDb(zUri);
    CHECK_SQL(db, "CREATE TABLE IF NOT EXISTS t(x); PRAGMA journal_mode", "wal");
    closeDb(db);
    CHECK_INT("unregister", seawall_wal_unregister(azName[i]), SQLITE_OK);
  }
  CHECK_INT("each was destroyed once", p->own.nDestroy, nHanded);
}

/* Replaced and removed while a connection uses it. */
static void prepareInUse(World *p){
  nHanded = 0;
  CHECK_INT("register", handOver(p, "one", 0), SQLITE_OK);
  CHECK_INT("open", worldOpen(p, "file:a.db?wal=one"), SQLITE_OK);
  CHECK_SQL(p->db, "CREATE TABLE t(x); INSERT INTO t VALUES(1)", "");
}
static int runInUse(World *p){
  int rc = handOver(p, "one", 1);
  nHanded = 2;
  if( rc==SQLITE_OK ) rc = sqlExec(p->db, "ATTACH 'file:b.db?wal=one' AS b");
  if( rc==SQLITE_OK ) rc = sqlExec(p->db, "CREATE TABLE b.u(x)");
  if( rc==SQLITE_OK ) rc = seawall_wal_unregister("one");
  if( rc==SQLITE_OK ) rc = sqlExec(p->db, "INSERT INTO t VALUES(2)");
  return rc;
}
static void verifyInUse(World *p, int rc){
  (void)rc;
  seawall_wal_unregister("one");
  CHECK("the connection works", sqlInt(p->db, "SELECT count(*) FROM t")>0);
  CHECK_INT("close", sqlite3_close(p->db), SQLITE_OK);
  p->db = 0;
  CHECK_INT("each was destroyed once", p->own.nDestroy, nHanded);
  CHECK("stock is the default", seawall_wal_find(0)==&sqlite3_wal_manager);
}

static int runCounted(World *p){
  RefCountedWalManager *pRc = 0;
  int rc = make_ref_counted_wal_manager(passthrough_manager(&p->own), &pRc);
  if( rc!=SQLITE_OK ){
    CHECK("nothing is returned", pRc==0);
    return rc;
  }
  destroy_wal_manager(clone_wal_manager(pRc));
  CHECK_INT("in use", p->own.nDestroy, 0);
  destroy_wal_manager(pRc);
  return SQLITE_OK;
}
static void verifyCounted(World *p, int rc){
  (void)rc;
  CHECK_INT("destroyed once", p->own.nDestroy, 1);
}

/* The first call of all: sqlite3_initialize() itself fails. */
static void prepareShutdown(World *p){
  CHECK_INT("shutdown", sqlite3_shutdown(), SQLITE_OK);
  CHECK_INT("which destroyed one", p->m.pass.nDestroy, 1);
  p->m.pass.nDestroy = p->m.heap.nDestroy = 0;
}
static int runInitialize(World *p){
  int rc = handOver(p, "one", 0);
  nHanded = 1;
  if( rc==SQLITE_OK ){
    nHanded++;
    rc = libsql_open_v3(":memory:", &p->db, SQLITE_OPEN_READWRITE, 0,
                        passthrough_manager(&p->own));
  }
  return rc;
}
static int runInitializeOpen(World *p){
  nHanded = 1;
  return libsql_open_v3(":memory:", &p->db, SQLITE_OPEN_READWRITE, 0,
                        passthrough_manager(&p->own));
}
static void verifyInitialize(World *p, int rc){
  (void)rc;
  sqlite3_close(p->db);
  p->db = 0;
  seawall_wal_unregister("one");
  CHECK_INT("each was destroyed once", p->own.nDestroy, nHanded);
  CHECK_INT("initialize", sqlite3_initialize(), SQLITE_OK);
  CHECK_INT("register", registerManagers(&p->m), SQLITE_OK);
}

int main(void){
  static const Scenario aScenario[] = {
    { "register, replace, unregister", 0, runRegister, verifyRegister },
    { "replace and unregister in use", prepareInUse, runInUse, verifyInUse },
    { "counted managers", 0, runCounted, verifyCounted },
    { "register as the first call", prepareShutdown, runInitialize,
      verifyInitialize },
    { "open as the first call", prepareShutdown, runInitializeOpen,
      verifyInitialize },
  };
  unsigned i;
  for(i=0; i<sizeof(aScenario)/sizeof(aScenario[0]); i++){
    faultLoop(&aScenario[i]);
  }
  return finish();
}
