/*
** A busy database is shipped to a copy, frame by frame, and the power of
** either machine may fail at any operation.
**
** After every transaction that was shipped the copy is the source, page by
** page; after a power cut it is what the source was at some transaction, not
** before the last one that it took for certain.
*/
#include "disk.h"
#include "frames.h"
#include "managers.h"

#define MAX_STATE 2000

static unsigned iRandom;
static int rnd(int n){
  iRandom = iRandom*1664525u + 1013904223u;
  return (int)((iRandom>>8) % (unsigned)n);
}

typedef struct Ship Ship;
struct Ship {
  const char *zWal;        /* WAL of the copy */
  int szPage;
  sqlite3 *pFrom, *pTo;
  unsigned char aSalt[8];  /* Of the log that the copy follows */
  int bSalt;
  unsigned long long aState[MAX_STATE];   /* All states of the source */
  int nState;
  int iSafe;               /* The newest that the copy has for certain */
};

/* How often the power failed, and the copy followed to a log that had started
** again. */
static int nCut, nRestart;

/*
** A checksum of all pages, as a fresh connection reads them.
*/
static unsigned long long imageSum(const char *zUri){
  sqlite3 *db = openDb(zUri);
  sqlite3_int64 n = 0, i;
  unsigned long long iSum = 1469598103934665603ULL;
  unsigned char *a;
  libsql_wal_disable_checkpoint(db);
  sqlExec(db, "PRAGMA user_version");
  a = sqlite3_serialize(db, "main", &n, 0);
  for(i=0; i<n; i++) iSum = (iSum ^ a[i]) * 1099511628211ULL;
  sqlite3_free(a);
  closeDb(db);
  return iSum ^ (unsigned long long)n;
}

static const char *uriOf(const char *zFile, const char *zWal){
  static char zUri[2][100];
  static int i;
  i = !i;
  sqlite3_snprintf(sizeof(zUri[i]), zUri[i], "file:%s?wal=%s", zFile, zWal);
  return zUri[i];
}

static void openFrom(Ship *p){
  p->pFrom = openDb(uriOf("from.db", "sqlite"));
  libsql_wal_disable_checkpoint(p->pFrom);
  sqlExec(p->pFrom, "PRAGMA synchronous=FULL; PRAGMA page_size=%d",
      p->szPage);
}
static void openTo(Ship *p){
  p->pTo = openDb(uriOf("to.db", p->zWal));
  libsql_wal_disable_checkpoint(p->pTo);
  sqlExec(p->pTo, "PRAGMA synchronous=FULL; PRAGMA page_size=%d", p->szPage);
}

/*
** The source has a new state.
*/
static void noteState(Ship *p){
  unsigned long long iSum = imageSum(uriOf("from.db", "sqlite"));
  if( p->nState==0 || p->aState[p->nState-1]!=iSum ){
    if( p->nState==MAX_STATE ) exit(2);
    p->aState[p->nState++] = iSum;
  }
}

/*
** Ship what is new.  The first code that is not SQLITE_OK.
*/
static int shipNew(Ship *p){
  static unsigned char aFrame[FRAME_MAX];
  unsigned nByte = (unsigned)(FRAME_HDR+p->szPage);
  unsigned nFrom = frameCount(p->pFrom), nTo = 0, i;
  int bConflict = 0;
  int rc = libsql_wal_frame_count(p->pTo, &nTo);
  if( nFrom==0 || rc!=SQLITE_OK ) return rc;
  CHECK_INT("frame 1", libsql_wal_get_frame(p->pFrom, 1, aFrame, nByte),
      SQLITE_OK);
  if( nFrom<nTo || (p->bSalt && memcmp(&aFrame[8], p->aSalt, 8)!=0) ){
    bConflict = 1;         /* The source has started its log again */
  }
  i = p->bSalt && !bConflict ? nTo : 0;
  do{
    if( bConflict ){
      rc = sqlite3_wal_checkpoint_v2(p->pTo, 0, SQLITE_CHECKPOINT_TRUNCATE,
                                     0, 0);
      if( rc!=SQLITE_OK ) return rc;
      nRestart++;
      i = 0;
    }
    bConflict = 0;
    rc = libsql_wal_insert_begin(p->pTo);
    while( rc==SQLITE_OK && i<nFrom ){
      i++;
      CHECK_INT("get", libsql_wal_get_frame(p->pFrom, i, aFrame, nByte),
          SQLITE_OK);
      rc = libsql_wal_insert_frame(p->pTo, i, aFrame, nByte, &bConflict);
    }
    if( libsql_wal_insert_end(p->pTo)!=SQLITE_OK && rc==SQLITE_OK ){
      rc = SQLITE_IOERR;
    }
  }while( bConflict );
  memcpy(p->aSalt, &aFrame[8], 8);
  p->bSalt = rc==SQLITE_OK;
  return rc;
}

/*
** The copy is one of the states of the source from iMin on.
*/
static void checkCopy(Ship *p, int iMin){
  unsigned long long iSum = imageSum(uriOf("to.db", p->zWal));
  int i = p->nState-1;
  while( i>=iMin && p->aState[i]!=iSum ) i--;
  CHECK("the copy is a state of the source", i>=iMin);
  p->iSafe = i>iMin ? i : iMin;
}

/*
** Ship, perhaps while the power of the copy fails, and once more until all is
** there.
*/
static void shipAll(Ship *p, int bCut){
  int rc;
  if( bCut ) diskCutAfter("to", rnd(1+rnd(40)));
  rc = shipNew(p);
  if( bCut && !diskIsOff() ) diskNoCut();
  if( rc==SQLITE_OK && !diskIsOff() ) p->iSafe = p->nState-1;
  if( diskIsOff() ){
    sqlite3_close(p->pTo);
    diskRestart(iRandom);
    nCut++;
    p->bSalt = 0;
    openTo(p);
    if( sqlInt(p->pTo, "PRAGMA page_count")>1 ) checkCopy(p, p->iSafe);
    rc = shipNew(p);
  }
  CHECK_INT("ship", rc, SQLITE_OK);
  checkCopy(p, p->nState-1);
  CHECK_SQL(p->pTo, "PRAGMA integrity_check", "ok");
}

/*
** Change the source, in one transaction.
*/
static int change(Ship *p){
  static const char *const azSql[] = {
    "INSERT INTO t(b) VALUES(randomblob(%d))",
    "INSERT INTO t(b) SELECT randomblob(%d) FROM t LIMIT 5",
    "UPDATE t SET b=randomblob(%d) WHERE id%%3=0",
    "DELETE FROM t WHERE id%%5=2 AND %d",
    "CREATE TABLE IF NOT EXISTS u(x UNIQUE, y DEFAULT %d)",
    "INSERT OR IGNORE INTO u(x) SELECT length(b)||id FROM t WHERE %d LIMIT 9",
    "DROP TABLE IF EXISTS u --%d",
    "CREATE INDEX IF NOT EXISTS ti ON t(b) --%d",
    "DROP INDEX IF EXISTS ti --%d",
    "ALTER TABLE t RENAME COLUMN b TO b --%d",
    "VACUUM --%d",
    "PRAGMA incremental_vacuum(3) --%d",
    "PRAGMA user_version=%d",
    "BEGIN; INSERT INTO t(b) VALUES(zeroblob(%d)); SAVEPOINT s;"
      "DELETE FROM t; ROLLBACK TO s; UPDATE t SET b=x'00' WHERE id<4; COMMIT",
  };
  int i = rnd((int)(sizeof(azSql)/sizeof(azSql[0])));
  return sqlExec(p->pFrom, azSql[i], 1+rnd(3*p->szPage));
}

/*
** The same, perhaps while the power fails.
*/
static void work(Ship *p, int bCut){
  int rc;
  if( bCut ) diskCutAfter("from", rnd(1+rnd(30)));
  rc = change(p);
  if( bCut && !diskIsOff() ) diskNoCut();
  if( diskIsOff() ){
    sqlite3_close(p->pFrom);
    diskRestart(iRandom);
    nCut++;
    openFrom(p);
    rc = sqlExec(p->pFrom, "CREATE TABLE IF NOT EXISTS t(id INTEGER PRIMARY KEY, b)");
  }
  CHECK("change", rc==SQLITE_OK || rc==SQLITE_ERROR);
  noteState(p);
}

/*
** Let a log start again.  The source's, only when all of it was shipped.
*/
static void checkpoint(Ship *p, int bCut){
  static const char *const azMode[] = { "PASSIVE", "FULL", "RESTART", "TRUNCATE" };
  int bFrom = rnd(2);
  if( bCut ) diskCutAfter(bFrom ? "from" : "to", rnd(1+rnd(20)));
  sqlExec(bFrom ? p->pFrom : p->pTo, "PRAGMA wal_checkpoint(%s)",
      bFrom ? azMode[rnd(4)] : "PASSIVE");
  if( bCut && !diskIsOff() ) diskNoCut();
  if( diskIsOff() ){
    sqlite3_close(bFrom ? p->pFrom : p->pTo);
    diskRestart(iRandom);
    nCut++;
    if( bFrom ){
      openFrom(p);
    }else{
      p->bSalt = 0;
      openTo(p);
    }
    CHECK_INT("the source is what it was", imageSum(uriOf("from.db", "sqlite"))
        ==p->aState[p->nState-1], 1);
    checkCopy(p, p->iSafe);
  }
}

static void replicate(const char *zWal, int szPage, int nRound, int iSeed){
  static const char *const azVacuum[] = { "NONE", "FULL", "INCREMENTAL" };
  int bCut = iSeed>0;
  Ship s;
  int i;
  memset(&s, 0, sizeof(s));
  s.zWal = zWal;
  s.szPage = szPage;
  diskReset();
  removeDb("from.db");
  removeDb("to.db");
  openFrom(&s);
  openTo(&s);
  sqlExec(s.pFrom, "PRAGMA auto_vacuum=%s; PRAGMA cache_size=%d",
      azVacuum[rnd(3)], 5+rnd(40));
  CHECK_INT("create", sqlExec(s.pFrom,
      "CREATE TABLE t(id INTEGER PRIMARY KEY, b)"), SQLITE_OK);
  noteState(&s);
  for(i=0; i<nRound; i++){
    context("%s, page size %d, seed %d, round %d", zWal, szPage, iSeed, i);
    shipAll(&s, bCut && rnd(3)==0);
    if( rnd(4)==0 ) checkpoint(&s, bCut && rnd(3)==0);
    do{
      work(&s, bCut && rnd(4)==0);
    }while( rnd(3)==0 );
  }
  closeDb(s.pTo);
  closeDb(s.pFrom);
}

int main(void){
  static const int aSize[] = {
    512, 1024, 2048, 4096, 8192, 16384, 32768, 65536
  };
  Managers m;
  unsigned i;
  int j, iSeed;
  CHECK_INT("disk", diskRegister(), SQLITE_OK);
  CHECK_INT("managers", registerManagers(&m), SQLITE_OK);
  for(i=0; i<sizeof(aSize)/sizeof(aSize[0]); i++){
    for(iSeed=1; iSeed<=scaled(3); iSeed++){
      iRandom = (unsigned)iSeed*7919u + i;
      replicate("sqlite", aSize[i], 40, iSeed);
    }
    /* Not every log is made to outlive the power. */
    for(j=0; j<nManager; j++){
      iRandom = i;
      replicate(azManager[j], aSize[i], scaled(40), 0);
    }
  }
  context("");
  CHECK("the power failed often", nCut>scaled(100));
  CHECK("logs started again often", nRestart>scaled(50));
  printf("%d cuts, %d restarts\n", nCut, nRestart);
  diskReset();
  return finishManagers(&m);
}
