/*
** Savepoints in WAL mode, against a model.
**
** Transactions of random statements, with a fixed seed, run on a database and
** on an array in this program.  Savepoints are opened, rolled back to and
** released in every order, and left open at COMMIT and ROLLBACK; statements
** fail half way through; the page cache is so small that pages go to the log
** before the commit; the log is checkpointed in between, so that the first
** write of a transaction restarts it.  The two must agree, and every
** savepoint that a WAL was told of must be forgotten.
*/
#include "check.h"
#include "managers.h"

#define N_ROW  40
#define N_DEEP 6

/* What the database holds. */
typedef struct State State;
struct State {
  int aLen[N_ROW+1];      /* Length of the row's body, -1: no such row */
  int aTag[N_ROW+1];
  int nNote;              /* Rows that triggers wrote */
  int bIndex;             /* There is an index on the body */
};

/* One run: a database, its model, and what the model was at each savepoint. */
typedef struct Run Run;
struct Run {
  sqlite3 *db;
  sqlite3 *pOther;        /* A second connection, which only reads */
  State now;
  State atBegin;
  State aSaved[N_DEEP];
  int nSaved;
  int bOpen;              /* Inside a transaction */
  int bOuter;             /* It was begun by a savepoint */
  unsigned long long iSeed;
};

/* The shape of the database of a run. */
typedef struct Form Form;
struct Form {
  int szPage;
  int eAutoVacuum;
  const char *zEncoding;
  int nCache;
  const char *zTempStore;
};

static unsigned rnd(Run *p, unsigned n){
  p->iSeed ^= p->iSeed<<13;
  p->iSeed ^= p->iSeed>>7;
  p->iSeed ^= p->iSeed<<17;
  return (unsigned)((p->iSeed>>11) % n);
}
static int randomLength(Run *p){
  static const int aLen[] = { 0, 10, 100, 700, 2000, 6000 };
  return aLen[rnd(p, 6)];
}

/* A row that exists (bExists), or does not; 0 when there is none. */
static int randomRow(Run *p, int bExists){
  int i, id = 1+(int)rnd(p, N_ROW);
  for(i=0; i<N_ROW; i++, id=id%N_ROW+1){
    if( (p->now.aLen[id]>=0)==bExists ) return id;
  }
  return 0;
}

/* The SQL function body(n,tag): n times the letter that the tag chooses. */
static void bodyFunc(sqlite3_context *ctx, int nArg, sqlite3_value **apArg){
  int n = sqlite3_value_int(apArg[0]);
  char *z = sqlite3_malloc(n+1);
  (void)nArg;
  if( z==0 ){
    sqlite3_result_error_nomem(ctx);
    return;
  }
  memset(z, 'a'+sqlite3_value_int(apArg[1])%26, n);
  z[n] = 0;
  sqlite3_result_text(ctx, z, n, sqlite3_free);
}

static void execOk(sqlite3 *db, const char *zSql){
  if( sqlExec(db, "%s", zSql)!=SQLITE_OK ){
    CHECK_TEXT(zSql, sqlite3_errmsg(db), "not an error");
  }
}
static void must(Run *p, const char *zSql){
  execOk(p->db, zSql);
}
static void mustFail(Run *p, int rcWant, const char *zSql){
  CHECK_INT(zSql, sqlExec(p->db, "%s", zSql), rcWant);
}

/*
** The statements.  Each changes the model as it must change the database.
*/
static void putRow(Run *p){
  char zSql[200];
  int id = 1+(int)rnd(p, N_ROW), iTag = (int)rnd(p, 1000), n = randomLength(p);
  snprintf(zSql, sizeof(zSql),
     "INSERT OR REPLACE INTO t VALUES(%d,%d,body(%d,%d))", id, iTag, n, iTag);
  must(p, zSql);
  p->now.aLen[id] = n;
  p->now.aTag[id] = iTag;
  p->now.nNote++;
}
static void updateRange(Run *p){
  char zSql[200];
  int a = 1+(int)rnd(p, N_ROW), b = a+(int)rnd(p, 10), id;
  snprintf(zSql, sizeof(zSql), "UPDATE t SET tag=tag+1,"
     " body=body(length(body),tag+1) WHERE id BETWEEN %d AND %d", a, b);
  must(p, zSql);
  for(id=a; id<=b && id<=N_ROW; id++){
    if( p->now.aLen[id]<0 ) continue;
    p->now.aTag[id]++;
    p->now.nNote++;
  }
}
static void deleteRange(Run *p){
  char zSql[200];
  int a = 1+(int)rnd(p, N_ROW), b = a+(int)rnd(p, 6), id;
  snprintf(zSql, sizeof(zSql), "DELETE FROM t WHERE id BETWEEN %d AND %d", a, b);
  must(p, zSql);
  for(id=a; id<=b && id<=N_ROW; id++) p->now.aLen[id] = -1;
}
static void toggleIndex(Run *p){
  must(p, p->now.bIndex ? "DROP INDEX tb" : "CREATE INDEX tb ON t(body)");
  p->now.bIndex = !p->now.bIndex;
}

/* Many rows, and then one that is there already: nothing of it remains. */
static void insertAborts(Run *p){
  char zSql[300];
  int id = randomRow(p, 1);
  if( id==0 ) return;
  snprintf(zSql, sizeof(zSql), "INSERT OR ABORT INTO t"
     " SELECT 1000+value, value, body(%d, value) FROM seq"
     " UNION ALL SELECT %d, 0, ''", randomLength(p), id);
  mustFail(p, SQLITE_CONSTRAINT, zSql);
}

/* The rows before the one that fails remain. */
static void insertFails(Run *p){
  char zSql[300];
  int idNew = randomRow(p, 0), idOld = randomRow(p, 1), n = randomLength(p);
  if( idNew==0 || idOld==0 ) return;
  snprintf(zSql, sizeof(zSql), "INSERT OR FAIL INTO t VALUES"
     "(%d,1,body(%d,1)),(%d,2,'x'),(2000,3,'y')", idNew, n, idOld);
  mustFail(p, SQLITE_CONSTRAINT, zSql);
  p->now.aLen[idNew] = n;
  p->now.aTag[idNew] = 1;
  p->now.nNote++;
}

/* A trigger that raises an error at the last of many rows. */
static void triggerRaises(Run *p, int bRollback){
  char zSql[300];
  int id = randomRow(p, 1);
  if( id==0 ) return;
  snprintf(zSql, sizeof(zSql), "UPDATE t SET body=body(%d,tag+1),"
     " tag=CASE WHEN id=%d THEN %d ELSE tag+1 END WHERE id<=%d",
     randomLength(p), id, bRollback ? -2 : -1, id);
  mustFail(p, SQLITE_CONSTRAINT, zSql);
  if( bRollback ){
    p->now = p->atBegin;
    p->nSaved = 0;
    p->bOpen = 0;
  }
}

static void openSavepoint(Run *p){
  char zSql[100];
  if( p->nSaved==N_DEEP ) return;
  snprintf(zSql, sizeof(zSql), "SAVEPOINT s%d", p->nSaved);
  must(p, zSql);
  p->aSaved[p->nSaved++] = p->now;
}
static void rollbackTo(Run *p){
  char zSql[100];
  int i;
  if( p->nSaved==0 ) return;
  i = (int)rnd(p, (unsigned)p->nSaved);
  snprintf(zSql, sizeof(zSql), "ROLLBACK TO s%d", i);
  must(p, zSql);
  p->now = p->aSaved[i];
  p->nSaved = i+1;
}
static void releaseOne(Run *p){
  char zSql[100];
  int i;
  if( p->nSaved==0 ) return;
  i = (int)rnd(p, (unsigned)p->nSaved);
  snprintf(zSql, sizeof(zSql), "RELEASE s%d", i);
  must(p, zSql);
  p->nSaved = i;
  if( i==0 && p->bOuter ) p->bOpen = 0;
}

/*
** Does a connection see what the model says?
*/
static int sameRows(sqlite3 *db, const State *pState){
  sqlite3_stmt *pStmt = 0;
  int id = 0, nDiff = 0;
  sqlite3_prepare_v2(db, "SELECT id, tag, length(body),"
     " body=body(length(body),tag) FROM t ORDER BY id", -1, &pStmt, 0);
  while( sqlite3_step(pStmt)==SQLITE_ROW ){
    int idRow = sqlite3_column_int(pStmt, 0);
    for(id++; id<idRow && id<=N_ROW; id++) nDiff += pState->aLen[id]>=0;
    if( idRow>N_ROW ){
      nDiff++;
      break;
    }
    nDiff += pState->aTag[id]!=sqlite3_column_int(pStmt, 1);
    nDiff += pState->aLen[id]!=sqlite3_column_int(pStmt, 2);
    nDiff += !sqlite3_column_int(pStmt, 3);
  }
  for(id++; id<=N_ROW; id++) nDiff += pState->aLen[id]>=0;
  nDiff += sqlite3_finalize(pStmt)!=SQLITE_OK;
  return nDiff==0;
}
static void verify(sqlite3 *db, const State *pState, const char *zWhen){
  CHECK(zWhen, sameRows(db, pState));
  CHECK_INT("rows written by triggers", sqlInt(db, "SELECT count(*) FROM note"),
            pState->nNote);
  CHECK_INT("the index is there", sqlInt(db, "SELECT count(*) FROM "
            "sqlite_schema WHERE name='tb'"), pState->bIndex);
}

static void step(Run *p){
  unsigned i = rnd(p, 100);
  if( i<22 ){
    putRow(p);
  }else if( i<34 ){
    updateRange(p);
  }else if( i<42 ){
    deleteRange(p);
  }else if( i<58 ){
    openSavepoint(p);
  }else if( i<72 ){
    rollbackTo(p);
    if( rnd(p, 3)==0 ) verify(p->db, &p->now, "after ROLLBACK TO");
  }else if( i<80 ){
    releaseOne(p);
  }else if( i<85 ){
    insertAborts(p);
  }else if( i<89 ){
    insertFails(p);
  }else if( i<94 ){
    triggerRaises(p, 0);
  }else if( i<95 ){
    triggerRaises(p, 1);
  }else if( i<97 ){
    toggleIndex(p);
  }else{
    must(p, "PRAGMA incremental_vacuum(3)");
  }
}

/*
** One transaction, from its begin to its end.
*/
static void transaction(Run *p){
  int nStep = 3+(int)rnd(p, 30);
  int bHold = rnd(p, 4)==0;
  p->atBegin = p->now;
  p->nSaved = 0;
  p->bOpen = 1;
  p->bOuter = rnd(p, 4)==0;
  if( bHold ){
    sqlExec(p->pOther, "BEGIN");
    verify(p->pOther, &p->atBegin, "the reader, before");
  }
  if( p->bOuter ){
    openSavepoint(p);
  }else{
    must(p, rnd(p, 2) ? "BEGIN" : "BEGIN IMMEDIATE");
  }
  while( p->bOpen && nStep-->0 ) step(p);
  if( p->bOpen && rnd(p, 3)==0 ){
    must(p, "ROLLBACK");
    p->now = p->atBegin;
  }else if( p->bOpen ){
    must(p, "COMMIT");
  }
  CHECK("the transaction is over", sqlite3_get_autocommit(p->db));
  verify(p->db, &p->now, "after the transaction");
  if( bHold ){
    verify(p->pOther, &p->atBegin, "the reader, after");
    sqlExec(p->pOther, "COMMIT");
  }
  verify(p->pOther, &p->now, "the other connection");
}

static void betweenTransactions(Run *p){
  static const char *const azSql[] = {
    "PRAGMA wal_checkpoint", "PRAGMA wal_checkpoint(FULL)",
    "PRAGMA wal_checkpoint(RESTART)", "PRAGMA wal_checkpoint(TRUNCATE)"
  };
  unsigned i = rnd(p, 8);
  if( i<4 ) must(p, azSql[i]);
  CHECK_SQL(p->db, "PRAGMA integrity_check", "ok");
}

static sqlite3 *openRun(const char *zWal){
  char zUri[100];
  sqlite3 *db;
  snprintf(zUri, sizeof(zUri), "file:sp.db?wal=%s", zWal);
  db = openDb(zUri);
  sqlite3_create_function(db, "body", 2, SQLITE_UTF8|SQLITE_DETERMINISTIC, 0,
                          bodyFunc, 0, 0);
  return db;
}

static void run(const char *zWal, const Form *pForm, unsigned iSeed){
  static Run r;
  int i;
  memset(&r, 0, sizeof(r));
  for(i=0; i<=N_ROW; i++) r.now.aLen[i] = -1;
  r.iSeed = 0x9e3779b97f4a7c15ull ^ iSeed;
  r.db = openRun(zWal);
  sqlExec(r.db, "PRAGMA page_size=%d; PRAGMA auto_vacuum=%d; "
     "PRAGMA encoding='%s'; PRAGMA cache_size=%d; PRAGMA temp_store=%s; "
     "PRAGMA synchronous=off",
     pForm->szPage, pForm->eAutoVacuum, pForm->zEncoding, pForm->nCache,
     pForm->zTempStore);
  CHECK_SQL(r.db,
     "CREATE TABLE t(id INTEGER PRIMARY KEY, tag INTEGER, body TEXT);"
     "CREATE INDEX tt ON t(tag); CREATE TABLE note(id, pad);"
     "CREATE TABLE seq AS WITH c(value) AS (SELECT 1 UNION ALL SELECT value+1 "
     "  FROM c WHERE value<20) SELECT value FROM c;"
     "CREATE TRIGGER ai AFTER INSERT ON t BEGIN"
     "  INSERT INTO note VALUES(new.id, 'a note that takes some room'); END;"
     "CREATE TRIGGER au AFTER UPDATE ON t BEGIN"
     "  INSERT INTO note VALUES(new.id, 'a note that takes some room'); END;"
     "CREATE TRIGGER bu BEFORE UPDATE ON t WHEN new.tag=-1 BEGIN"
     "  SELECT RAISE(ABORT, 'no'); END;"
     "CREATE TRIGGER br BEFORE UPDATE ON t WHEN new.tag=-2 BEGIN"
     "  SELECT RAISE(ROLLBACK, 'no'); END; PRAGMA journal_mode", "wal");
  CHECK_INT("the page size", sqlInt(r.db, "PRAGMA page_size"), pForm->szPage);
  r.pOther = openRun(zWal);
  for(i=0; i<scaled(120) && failures()==0; i++){
    transaction(&r);
    betweenTransactions(&r);
  }
  closeDb(r.pOther);
  closeDb(r.db);
  r.db = openRun("sqlite");
  verify(r.db, &r.now, "after closing and opening again");
  CHECK_SQL(r.db, "PRAGMA integrity_check", "ok");
  closeDb(r.db);
  removeDb("sp.db");
}

/* What xSavepointForget is told, in order. */
static void forgetting(const Managers *p){
  sqlite3 *db = openDb("file:f.db?wal=passthrough");
  CHECK_SQL(db, "CREATE TABLE t(x); BEGIN; INSERT INTO t VALUES(0); "
     "SAVEPOINT a; INSERT INTO t VALUES(1); SAVEPOINT b; "
     "INSERT INTO t VALUES(2); SAVEPOINT c; INSERT INTO t VALUES(3)", "");
  CHECK_INT("three savepoints", p->pass.nLiveSavepoint, 3);
  CHECK_SQL(db, "ROLLBACK TO b", "");
  CHECK_INT("the newer one is forgotten, the target stays",
            p->pass.nLiveSavepoint, 2);
  CHECK_SQL(db, "RELEASE b", "");
  CHECK_INT("a released one is forgotten", p->pass.nLiveSavepoint, 1);
  CHECK_SQL(db, "SAVEPOINT d; INSERT INTO t VALUES(4); COMMIT", "");
  CHECK_INT("COMMIT forgets the rest", p->pass.nLiveSavepoint, 0);
  CHECK_SQL(db, "BEGIN; INSERT INTO t VALUES(5); SAVEPOINT e; "
                "INSERT INTO t VALUES(6); ROLLBACK", "");
  CHECK_INT("ROLLBACK too", p->pass.nLiveSavepoint, 0);
  CHECK_SQL(db, "BEGIN; INSERT INTO t VALUES(7); SAVEPOINT g; "
                "INSERT INTO t VALUES(8)", "");
  CHECK_INT("one", p->pass.nLiveSavepoint, 1);
  CHECK_INT("a close in the middle", sqlite3_close(db), SQLITE_OK);
  CHECK_INT("too", p->pass.nLiveSavepoint, 0);
  db = openDb("f.db");
  CHECK_SQL(db, "SELECT group_concat(x) FROM t", "0,1,4");
  closeDb(db);
  removeDb("f.db");
}

/* A savepoint that is rolled back to gives back its room in the log, also one
** that was open when the first write emptied the log. */
static void room(const char *zWal){
  sqlite3 *db = openRun(zWal);
  int i, nBefore = 0, nAfter = 0, nRound;
  CHECK_SQL(db, "PRAGMA page_size=1024; PRAGMA cache_size=1; "
     "PRAGMA wal_autocheckpoint=0; "
     "CREATE TABLE t(id INTEGER PRIMARY KEY, body); "
     "WITH c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i<50) "
     "INSERT INTO t SELECT i, body(700,i) FROM c", "0");
  for(i=0; i<30; i++) execOk(db, "UPDATE t SET body=body(700,id+1)");
  execOk(db, "UPDATE t SET body=body(700,id); PRAGMA wal_checkpoint(RESTART)");
  for(nRound=0; nRound<2; nRound++){
    execOk(db, "BEGIN; SAVEPOINT a");
    for(i=0; i<20; i++){
      execOk(db, "UPDATE t SET body=body(700,id+1); ROLLBACK TO a");
    }
    execOk(db, "UPDATE t SET body=body(700,0) WHERE id=1; COMMIT");
    sqlite3_wal_checkpoint_v2(db, 0, SQLITE_CHECKPOINT_NOOP, &nAfter, 0);
    CHECK("the log grows by one update, not by twenty", nAfter-nBefore<120);
    CHECK("but it grows", nAfter>nBefore);
    nBefore = nAfter;
  }
  CHECK_SQL(db, "SELECT count(*) FROM t WHERE body=body(700,id); "
                "PRAGMA integrity_check", "49 ok");
  closeDb(db);
  removeDb("sp.db");
}

int main(void){
  static const Form aForm[] = {
    {   512, 0, "UTF-8",    1, "file"   },
    {   512, 1, "UTF-16le", 10, "memory" },
    {  1024, 2, "UTF-8",    1, "memory" },
    {  1024, 0, "UTF-16be", 5, "file"   },
    {  4096, 0, "UTF-8",    1, "file"   },
    {  4096, 1, "UTF-8",    1, "memory" },
    {  4096, 0, "UTF-16le", 100, "file" },
    {  8192, 2, "UTF-16le", 1, "file"   },
    { 65536, 0, "UTF-8",    1, "memory" },
    { 65536, 1, "UTF-16be", 1, "file"   },
  };
  Managers m;
  unsigned i;
  int k;
  CHECK_INT("register", registerManagers(&m), SQLITE_OK);
  forgetting(&m);
  for(k=0; k<nManager; k++){
    context("wal %s", azManager[k]);
    room(azManager[k]);
    for(i=0; i<sizeof(aForm)/sizeof(aForm[0]); i++){
      context("wal %s, page size %d, auto_vacuum %d, %s, cache %d, seed %u",
         azManager[k], aForm[i].szPage, aForm[i].eAutoVacuum,
         aForm[i].zEncoding, aForm[i].nCache, i+1);
      run(azManager[k], &aForm[i], i+1);
    }
  }
  context("");
  CHECK("pages were spilled", m.pass.nFrames>m.pass.nCommit);
  CHECK("savepoints were rolled back", m.pass.nSavepointUndo>0);
  CHECK("on the heap, too", m.heap.nSavepointUndo>0);
  CHECK_INT("each savepoint was forgotten once", m.pass.nForget,
            m.pass.nSavepoint);
  CHECK("logs were restarted", m.heap.nRestart>0);
  return finishManagers(&m);
}
