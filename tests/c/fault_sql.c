/*
** RANDOM ROWID and ALTER COLUMN ... TO while allocations and file operations
** fail: a statement has happened or it has not, and the connection goes on.
*/
#include "faults.h"

static void make(World *p, const char *zKind){
  CHECK_INT("open", worldOpen(p, worldUri(p, "a.db")), SQLITE_OK);
  sqlRun(p->db, "PRAGMA page_size=512; PRAGMA cache_size=1;"
     "CREATE TABLE t(a TEXT, b, s AS (typeof(a)) %s); CREATE INDEX ta ON t(a);"
     "CREATE VIEW v AS SELECT a FROM t;"
     "WITH c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i<12) "
     "INSERT INTO t(a,b) SELECT CAST(i AS TEXT), zeroblob(100) FROM c;"
     "ALTER TABLE t ADD COLUMN d DEFAULT 'x'; CREATE INDEX td ON t(d)", zKind);
}
/* Rows that an UPDATE converts, and rows that are all inserted again. */
static void prepareUpdate(World *p){ make(p, "VIRTUAL"); }
static void prepareRebuild(World *p){ make(p, "STORED"); }

static int runAlter(World *p){
  return sqlExec(p->db,
      "ALTER TABLE t ALTER COLUMN a TO a INT CHECK(a>0) COLLATE nocase");
}
static void verifyAlter(World *p, int rc){
  sqlite3 *db;
  char *zType = sqlText(p->db, "SELECT DISTINCT typeof(a), s FROM t");
  char *zSql = sqlText(p->db, "SELECT sql LIKE '% INT CHECK%' FROM sqlite_schema"
                              " WHERE name='t'");
  CHECK("whole", strcmp(zSql, "1")==0 ? strcmp(zType, "integer|integer")==0
                                      : strcmp(zType, "text|text")==0);
  if( rc==SQLITE_OK ) CHECK_TEXT("done", zSql, "1");
  CHECK_SQL(p->db, "PRAGMA integrity_check", "ok");
  CHECK_SQL(p->db, "SELECT count(*) FROM t INDEXED BY ta WHERE a>0",
            "12");
  CHECK_SQL(p->db, "ALTER TABLE t ALTER a TO a REAL", "");
  CHECK_SQL(p->db, "SELECT DISTINCT typeof(a) FROM v", "real");
  CHECK_INT("close", sqlite3_close(p->db), SQLITE_OK);
  p->db = 0;
  db = worldReopen(p, "a.db");
  CHECK_SQL(db, "PRAGMA integrity_check", "ok");
  CHECK_SQL(db, "SELECT DISTINCT typeof(a), s FROM t", "real|real");
  closeDb(db);
  sqlite3_free(zType);
  sqlite3_free(zSql);
}

/* One that fails for the rows that are there. */
static int runRefused(World *p){
  int rc = sqlExec(p->db, "PRAGMA alter_column_validate=ON;"
                   "ALTER TABLE t ALTER a TO a INT CHECK(a<7)");
  if( rc==SQLITE_OK ) return SQLITE_INTERNAL;
  return (rc&0xff)==SQLITE_CONSTRAINT ? SQLITE_OK : rc;
}
static void verifyRefused(World *p, int rc){
  (void)rc;
  CHECK_SQL(p->db, "SELECT DISTINCT typeof(a), s FROM t", "text|text");
  CHECK_SQL(p->db, "SELECT sql FROM sqlite_schema WHERE name='t'",
            "CREATE TABLE t(a TEXT, b, s AS (typeof(a)) VIRTUAL, d DEFAULT 'x')");
  CHECK_SQL(p->db, "PRAGMA integrity_check", "ok");
  CHECK_SQL(p->db, "UPDATE t SET a=8 WHERE a='1'", "");
}

/* One that fills rows in before the definition changes. */
static int runDefault(World *p){
  return sqlExec(p->db, "ALTER TABLE t ALTER d TO d DEFAULT 'y'");
}
static void verifyDefault(World *p, int rc){
  if( rc==SQLITE_OK ) sqlRun(p->db, "INSERT INTO t(a) VALUES('13')");
  CHECK_SQL(p->db, "SELECT count(*) FROM t NOT INDEXED WHERE d='x'", "12");
  CHECK_SQL(p->db, "SELECT count(*) FROM t INDEXED BY td WHERE d='x'", "12");
  CHECK_SQL(p->db, "SELECT d FROM t WHERE d<>'x'", rc==SQLITE_OK ? "y" : "");
  CHECK_SQL(p->db, "PRAGMA integrity_check", "ok");
}

static int runRandom(World *p){
  return sqlExec(p->db, "CREATE TABLE r(a, b) RANDOM ROWID;"
                        "INSERT INTO r SELECT a, b FROM t;"
                        "INSERT INTO r SELECT * FROM r; VACUUM");
}
static void verifyRandom(World *p, int rc){
  if( rc==SQLITE_OK ){
    CHECK_SQL(p->db, "SELECT count(*), min(rowid)>1000000 FROM r", "24|1");
    CHECK_SQL(p->db, "SELECT name FROM pragma_random_rowid_list", "r");
  }
  CHECK_SQL(p->db, "PRAGMA integrity_check", "ok");
  CHECK_SQL(p->db, "CREATE TABLE IF NOT EXISTS r(a, b) RANDOM ROWID;"
                   "DELETE FROM r; INSERT INTO r VALUES(1,2);"
                   "SELECT count(*) FROM r WHERE rowid>1000000", "1");
}

int main(void){
  static const Scenario aScenario[] = {
    { "alter column", prepareUpdate, runAlter, verifyAlter },
    { "alter column, rebuilt", prepareRebuild, runAlter, verifyAlter },
    { "alter column, refused", prepareUpdate, runRefused, verifyRefused },
    { "alter default", prepareUpdate, runDefault, verifyDefault },
    { "random rowid", prepareUpdate, runRandom, verifyRandom },
  };
  unsigned i;
  for(i=0; i<sizeof(aScenario)/sizeof(aScenario[0]); i++){
    faultLoop(&aScenario[i]);
  }
  return finish();
}
