/*
** seawall_wal_register(), seawall_wal_unregister(), seawall_wal_find().
*/
#include "check.h"
#include "managers.h"

static int registerPass(const char *zName, PassCount *p, int makeDefault){
  libsql_wal_manager m = passthrough_manager(p);
  return seawall_wal_register(zName, &m, makeDefault);
}

/* What is refused, and that a refused manager is destroyed. */
static void misuse(void){
  static const char *const azBad[] = {
    "", "a b", "a/b", "a\"b", "\xc3\xa4", "a%", "sqlite",
    "a23456789b23456789c23456789d23456789e23456789f23456789g2345678965"
  };
  PassCount n = {0};
  libsql_wal_manager m = passthrough_manager(&n);
  int nDestroy = 0;
  unsigned i;
  CHECK_INT("no manager", seawall_wal_register("x", 0, 0), SQLITE_MISUSE);
  CHECK_INT("no name", seawall_wal_register(0, &m, 0), SQLITE_MISUSE);
  CHECK_INT("destroyed", n.nDestroy, ++nDestroy);
  for(i=0; i<sizeof(azBad)/sizeof(azBad[0]); i++){
    context("name \"%s\"", azBad[i]);
    CHECK_INT("a bad name", seawall_wal_register(azBad[i], &m, 0),
              SQLITE_MISUSE);
    CHECK_INT("destroyed", n.nDestroy, ++nDestroy);
  }
  context("");
  for(i=0; i<4; i++){
    libsql_wal_manager bad = m;
    if( i==0 ) bad.xOpen = 0;
    if( i==1 ) bad.xClose = 0;
    if( i==2 ) bad.xLogDestroy = 0;
    if( i==3 ) bad.xLogExists = 0;
    CHECK_INT("a method is missing", seawall_wal_register("x", &bad, 0),
              SQLITE_MISUSE);
    CHECK_INT("destroyed", n.nDestroy, ++nDestroy);
  }
  CHECK("nothing was registered", seawall_wal_find("x")==0);
  CHECK_INT("unregister NULL", seawall_wal_unregister(0), SQLITE_MISUSE);
  CHECK_INT("unregister the stock WAL", seawall_wal_unregister("sqlite"),
            SQLITE_MISUSE);
  CHECK_INT("unregister the unknown", seawall_wal_unregister("x"),
            SQLITE_NOTFOUND);
}

/* Names of every length and kind that is allowed. */
static void names(void){
  static const char zLong[] =
    "a23456789b23456789c23456789d23456789e23456789f23456789g234567896";
  PassCount n = {0};
  char zName[70];
  int i;
  for(i=1; i<=SEAWALL_WAL_NAME_MAX && zLong[i-1]; i++){
    snprintf(zName, sizeof(zName), "%.*s", i, zLong);
    CHECK_INT("register", registerPass(zName, &n, 0), SQLITE_OK);
    CHECK("found", seawall_wal_find(zName)!=0);
  }
  CHECK("many names need memory", sqlite3_memory_used()>0);
  CHECK_INT("register", registerPass("A.b_c-9", &n, 0), SQLITE_OK);
  CHECK("case matters", seawall_wal_find("a.b_c-9")==0);
  CHECK_INT("unregister", seawall_wal_unregister("A.b_c-9"), SQLITE_OK);
  while( --i>=1 ){
    snprintf(zName, sizeof(zName), "%.*s", i, zLong);
    CHECK_INT("unregister", seawall_wal_unregister(zName), SQLITE_OK);
    CHECK("gone", seawall_wal_find(zName)==0);
  }
  CHECK_INT("register", registerPass("a", &n, 0), SQLITE_OK);
  CHECK_INT("a few need none", sqlite3_memory_used(), 0);
  CHECK_INT("unregister", seawall_wal_unregister("a"), SQLITE_OK);
  CHECK_INT("each was destroyed", n.nDestroy, SEAWALL_WAL_NAME_MAX+2);
}

/* The default: who has it, who gets it back. */
static void byDefault(void){
  PassCount a = {0}, b = {0};
  sqlite3 *db;
  CHECK("stock at first", seawall_wal_find(0)==&sqlite3_wal_manager);
  CHECK("by name, too", seawall_wal_find("sqlite")==&sqlite3_wal_manager);
  CHECK_INT("a, as the default", registerPass("a", &a, 1), SQLITE_OK);
  CHECK("it is", seawall_wal_find(0)==seawall_wal_find("a"));
  CHECK_INT("b, not", registerPass("b", &b, 0), SQLITE_OK);
  CHECK("a is still", seawall_wal_find(0)==seawall_wal_find("a"));
  db = openDb("d.db");
  CHECK_SQL(db, "PRAGMA journal_mode=wal", "wal");
  CHECK_SQL(db, "CREATE TABLE t(x)", "");
  CHECK_INT("a connection that names none uses it", a.nLive, 1);
  CHECK_INT("a again", registerPass("a", &a, 0), SQLITE_OK);
  CHECK("a replaced is the default as it was",
        seawall_wal_find(0)==seawall_wal_find("a"));
  CHECK_INT("the old one is in use", a.nDestroy, 0);
  closeDb(db);
  CHECK_INT("no more", a.nDestroy, 1);
  CHECK_INT("unregister a", seawall_wal_unregister("a"), SQLITE_OK);
  CHECK_INT("destroyed at once", a.nDestroy, 2);
  CHECK("stock is the default", seawall_wal_find(0)==&sqlite3_wal_manager);
  CHECK_INT("a", registerPass("a", &a, 1), SQLITE_OK);
  CHECK_INT("stock made the default", seawall_wal_register("sqlite",
            &sqlite3_wal_manager, 1), SQLITE_OK);
  CHECK("it is", seawall_wal_find(0)==&sqlite3_wal_manager);
  CHECK_INT("stock registered changes nothing", seawall_wal_register("sqlite",
            &sqlite3_wal_manager, 0), SQLITE_OK);
  seawall_wal_unregister("a");
  seawall_wal_unregister("b");
  CHECK_INT("b destroyed", b.nDestroy, 1);
  removeDb("d.db");
}

/* A WAL that is unregistered or replaced lives until its last user closes. */
static void inUse(void){
  PassCount a = {0}, b = {0};
  sqlite3 *db1, *db2;
  registerPass("a", &a, 0);
  db1 = openDb("file:u.db?wal=a");
  CHECK_SQL(db1, "CREATE TABLE t(x)", "");
  CHECK_INT("unregister", seawall_wal_unregister("a"), SQLITE_OK);
  CHECK_INT("still there", a.nDestroy, 0);
  CHECK_SQL(db1, "INSERT INTO t VALUES(1)", "");
  CHECK_SQL(db1, "ATTACH 'file:u2.db?wal=a' AS two",
    "1 wal \"a\" is not registered (registered: sqlite)");
  CHECK_SQL(db1, "ATTACH 'u2.db' AS two; PRAGMA two.journal_mode=wal; "
                 "CREATE TABLE two.t(x)", "wal");
  CHECK_INT("an attached file without a name gets the connection's", a.nLive, 2);
  registerPass("a", &b, 0);
  db2 = openDb("file:u.db?wal=a");
  CHECK_SQL(db2, "SELECT x FROM t", "1");
  CHECK_INT("the new one", b.nLive, 1);
  closeDb(db1);
  CHECK_INT("the old one went with its connection", a.nDestroy, 1);
  closeDb(db2);
  CHECK_INT("the new one is registered", b.nDestroy, 0);
  CHECK_INT("shutdown", sqlite3_shutdown(), SQLITE_OK);
  CHECK_INT("takes it away", b.nDestroy, 1);
  CHECK("nothing is registered", seawall_wal_find("a")==0);
  removeDb("u.db");
  removeDb("u2.db");
}

/* The text z, which is freed. */
static void checkName(const char *zWhat, char *z, const char *zWant){
  CHECK_TEXT(zWhat, z ? z : "NULL", zWant);
  sqlite3_free(z);
}

/* Which names there are, and who uses which. */
static void listed(void){
  PassCount a = {0}, b = {0};
  sqlite3 *db;
  checkName("alone", seawall_wal_names(), "sqlite");
  checkName("the default", seawall_wal_name(0, 0), "sqlite");
  registerPass("zeta", &a, 0);
  registerPass("alpha", &b, 1);
  checkName("in order", seawall_wal_names(), "alpha sqlite zeta");
  checkName("another default", seawall_wal_name(0, "main"), "alpha");
  db = openDb("file:l.db?wal=zeta");
  CHECK_SQL(db, "CREATE TABLE t(x); ATTACH 'l2.db' AS two;"
                "ATTACH 'file:l3.db?wal=sqlite' AS three", "");
  checkName("main", seawall_wal_name(db, 0), "zeta");
  checkName("main by name", seawall_wal_name(db, "MAIN"), "zeta");
  checkName("as the connection", seawall_wal_name(db, "two"), "zeta");
  checkName("stock", seawall_wal_name(db, "three"), "sqlite");
  checkName("no such schema", seawall_wal_name(db, "four"), "NULL");
  CHECK_INT("unregister", seawall_wal_unregister("zeta"), SQLITE_OK);
  checkName("no longer", seawall_wal_name(db, 0), "unnamed");
  checkName("one less", seawall_wal_names(), "alpha sqlite");
  CHECK_INT("unregister", seawall_wal_unregister("alpha"), SQLITE_OK);
  closeDb(db);
  checkName("stock again", seawall_wal_name(0, 0), "sqlite");
  removeDb("l.db");
  removeDb("l2.db");
  removeDb("l3.db");
}

int main(void){
  misuse();
  listed();
  names();
  byDefault();
  inUse();
  return finish();
}
