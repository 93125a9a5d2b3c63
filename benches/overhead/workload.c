/*
** What the benches do with SQLite.  Linked once with the stock amalgamation
** and once with ours; run in the directory of its database:
**
**    workload list                    names of the workloads, one a line
**    workload make wal|delete         make the database x.db
**    workload run wal|delete NAME     run one of them on it
**
** Only what measured() does counts: opening, reading the schema and preparing
** come before it.  "run" prints the rows it saw and a sum over them, which is
** the same for every build of SQLite that works.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "sqlite3.h"

#define N_ITEM 40000            /* Rows, about 6 MB: three times the cache */
#define N_KIND 200

static const char zMake[] =
  "CREATE TABLE kind(id INTEGER PRIMARY KEY, name TEXT);"
  "CREATE TABLE item(id INTEGER PRIMARY KEY, kind INT, price INT, note TEXT);"
  "CREATE TABLE event(id INTEGER PRIMARY KEY, text TEXT);"
  "CREATE TABLE small(id INTEGER PRIMARY KEY, n INT);"
  "WITH n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<200)"
  " INSERT INTO kind SELECT i, 'kind number ' || i FROM n;"
  "WITH n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<1000000)"
  " INSERT INTO small SELECT i, i%100 FROM n;"
  "WITH n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<40000)"
  " INSERT INTO item SELECT i, 1+i*31%200, i*7919%10007,"
  "  printf('%.*c %d', 60+i%60, 'n', i) FROM n;"
  "CREATE INDEX item_kind ON item(kind);";

/* Half of the pages are in the database file, the other half in the log. */
static const char zMakeLog[] =
  "PRAGMA wal_checkpoint(TRUNCATE);"
  "UPDATE item SET price=price+1 WHERE (id/500)%2=0;";

/* How a workload runs its SQL, or does without. */
enum How {
  PREPARED,                     /* One statement, each run its transaction */
  TEXT,                         /* sqlite3_exec(), each run its transaction */
  BATCHED,                      /* One statement, N_BATCH runs a transaction */
  PARSED,                       /* Prepared each time, and not run */
  OPEN_AND_CLOSE
};
#define N_BATCH 100

typedef struct Workload Workload;
struct Workload {
  const char *zName;
  int nTimes;
  enum How eHow;
  const char *zSql;             /* ?1 is an id of item */
};
static const Workload aWorkload[] = {
  { "insert", 5000, TEXT,
    "INSERT INTO event(text) VALUES('one short line of text')" },
  { "update", 5000, PREPARED,
    "UPDATE item SET price=price+1 WHERE id=?1" },
  { "point-lookup", 20000, BATCHED,
    "SELECT price, note FROM item WHERE id=?1" },
  { "range-scan", 1000, PREPARED,
    "SELECT price, note FROM item WHERE id BETWEEN ?1 AND ?1+199" },
  { "index-scan", 300, PREPARED,
    "SELECT price, note FROM item WHERE kind=?1%200+1" },
  { "full-scan", 5, PREPARED,
    "SELECT count(*), sum(length(note)) FROM item WHERE note LIKE '%7%'" },
  { "join", 5, PREPARED,
    "SELECT kind.name, item.price FROM item JOIN kind ON kind.id=item.kind" },
  { "aggregate", 5, PREPARED,
    "SELECT kind, count(*), avg(price), max(note) FROM item GROUP BY kind" },
  { "million-rows", 1, PREPARED,
    "SELECT n FROM small" },
  { "million-summed", 1, PREPARED,
    "SELECT count(n), sum(n) FROM small" },
  { "tiny-insert", 5000, PREPARED,
    "INSERT INTO event(text) VALUES('one short line of text')" },
  { "tiny-lookup", 20000, PREPARED,
    "SELECT price, note FROM item WHERE id=?1" },
  { "parse", 2000, PARSED,
    "SELECT i.price, i.note, k.name, CASE WHEN i.price>100 THEN 'high' ELSE 'low'"
    " END FROM item AS i JOIN kind AS k ON k.id=i.kind WHERE i.id BETWEEN ?1 AND"
    " ?1+199 AND (k.name LIKE 'a%' OR i.note IS NOT NULL) ORDER BY 1, 2 LIMIT 10" },
  { "open-and-close", 200, OPEN_AND_CLOSE, "SELECT max(id) FROM kind" },
};
#define N_WORKLOAD ((int)(sizeof(aWorkload)/sizeof(aWorkload[0])))

typedef struct Seen Seen;
struct Seen {
  int nRow;
  sqlite3_int64 iSum;
};

static void die(const char *zDoing, sqlite3 *db){
  fprintf(stderr, "workload: cannot %s: %s\n", zDoing, sqlite3_errmsg(db));
  exit(1);
}

static void execute(sqlite3 *db, const char *zSql){
  if( sqlite3_exec(db, zSql, 0, 0, 0)!=SQLITE_OK ) die(zSql, db);
}

static sqlite3 *openDatabase(int bWal){
  sqlite3 *db = 0;
  if( sqlite3_open("x.db", &db)!=SQLITE_OK ) die("open x.db", db);
  execute(db, bWal ? "PRAGMA synchronous=NORMAL;" : "PRAGMA synchronous=OFF;");
  return db;
}

/* Run a prepared statement to its end. */
static void runOnce(sqlite3 *db, sqlite3_stmt *pStmt, int iItem, Seen *pSeen){
  int rc;
  sqlite3_bind_int(pStmt, 1, iItem);
  while( (rc = sqlite3_step(pStmt))==SQLITE_ROW ){
    int i, n = sqlite3_column_count(pStmt);
    pSeen->nRow++;
    for(i=0; i<n; i++) pSeen->iSum += sqlite3_column_int64(pStmt, i);
  }
  if( rc!=SQLITE_DONE || sqlite3_reset(pStmt)!=SQLITE_OK ){
    die(sqlite3_sql(pStmt), db);
  }
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *zSql){
  sqlite3_stmt *pStmt = 0;
  if( sqlite3_prepare_v2(db, zSql, -1, &pStmt, 0)!=SQLITE_OK ) die(zSql, db);
  return pStmt;
}

static void openAndClose(int bWal, const char *zSql, Seen *pSeen){
  sqlite3 *db = openDatabase(bWal);
  sqlite3_stmt *pStmt = prepare(db, zSql);
  runOnce(db, pStmt, 0, pSeen);
  sqlite3_finalize(pStmt);
  if( sqlite3_close(db)!=SQLITE_OK ) die("close x.db", db);
}

/* The instructions between entry and return are the result of the bench. */
__attribute__((noinline))
void measured(
  const Workload *p,
  int bWal,
  sqlite3 *db,
  sqlite3_stmt *pStmt,
  Seen *pSeen
){
  int i;
  for(i=0; i<p->nTimes; i++){
    int iItem = (int)(i*(sqlite3_int64)7919 % N_ITEM) + 1;
    switch( p->eHow ){
      case PREPARED:
        runOnce(db, pStmt, iItem, pSeen);
        break;
      case TEXT:
        execute(db, p->zSql);
        break;
      case BATCHED:
        if( i%N_BATCH==0 ) execute(db, "BEGIN");
        runOnce(db, pStmt, iItem, pSeen);
        if( i%N_BATCH==N_BATCH-1 ) execute(db, "COMMIT");
        break;
      case PARSED:
        sqlite3_finalize(prepare(db, p->zSql));
        break;
      case OPEN_AND_CLOSE:
        openAndClose(bWal, p->zSql, pSeen);
        break;
    }
  }
}

static int makeDatabase(int bWal){
  sqlite3 *db = openDatabase(bWal);
  execute(db, bWal ? "PRAGMA journal_mode=WAL" : "PRAGMA journal_mode=DELETE");
  execute(db, "PRAGMA wal_autocheckpoint=0");
  execute(db, zMake);
  if( bWal ) execute(db, zMakeLog);
  /* No close, which would empty the log. */
  fflush(stdout);
  _exit(0);
}

static int runWorkload(int bWal, const char *zName){
  Seen seen = {0, 0};
  sqlite3 *db = 0;
  sqlite3_stmt *pStmt = 0;
  int i = 0;
  while( i<N_WORKLOAD && strcmp(aWorkload[i].zName, zName)!=0 ) i++;
  if( i==N_WORKLOAD ) return 2;
  if( aWorkload[i].eHow!=OPEN_AND_CLOSE ){
    db = openDatabase(bWal);
    execute(db, "SELECT max(id) FROM kind");
    pStmt = prepare(db, aWorkload[i].zSql);
  }
  measured(&aWorkload[i], bWal, db, pStmt, &seen);
  printf("%d %lld\n", seen.nRow, seen.iSum);
  sqlite3_finalize(pStmt);
  sqlite3_close(db);
  return 0;
}

int main(int argc, char **argv){
  int bWal = argc>2 && strcmp(argv[2], "wal")==0;
  if( argc==2 && strcmp(argv[1], "list")==0 ){
    int i;
    for(i=0; i<N_WORKLOAD; i++) puts(aWorkload[i].zName);
    return 0;
  }
  if( argc==3 && strcmp(argv[1], "make")==0 ) return makeDatabase(bWal);
  if( argc==4 && strcmp(argv[1], "run")==0 ) return runWorkload(bWal, argv[3]);
  return 2;
}
