/*
** See frames.h.
*/
#include "frames.h"

static unsigned get32(const unsigned char *a){
  return ((unsigned)a[0]<<24) | (a[1]<<16) | (a[2]<<8) | a[3];
}
static void put32(unsigned char *a, unsigned v){
  a[0] = (unsigned char)(v>>24);
  a[1] = (unsigned char)(v>>16);
  a[2] = (unsigned char)(v>>8);
  a[3] = (unsigned char)v;
}

unsigned framePgno(const unsigned char *aFrame){
  return get32(aFrame);
}
unsigned frameCommit(const unsigned char *aFrame){
  return get32(&aFrame[4]);
}
void frameSet(unsigned char *aFrame, unsigned pgno, unsigned nCommit){
  put32(aFrame, pgno);
  put32(&aFrame[4], nCommit);
}

int frameBytes(sqlite3 *db){
  return FRAME_HDR + (int)sqlInt(db, "PRAGMA page_size");
}

unsigned frameCount(sqlite3 *db){
  unsigned n = 0xffffffff;
  CHECK_INT("libsql_wal_frame_count", libsql_wal_frame_count(db, &n), SQLITE_OK);
  return n;
}

int ship(sqlite3 *pFrom, sqlite3 *pTo, unsigned iFirst, unsigned iLast){
  static unsigned char aFrame[FRAME_MAX];
  int nByte = frameBytes(pFrom);
  unsigned i;
  int rc, rcEnd;
  rc = libsql_wal_insert_begin(pTo);
  if( rc!=SQLITE_OK ) return rc;
  for(i=iFirst; rc==SQLITE_OK && i<=iLast; i++){
    rc = libsql_wal_get_frame(pFrom, i, aFrame, (unsigned)nByte);
    if( rc==SQLITE_OK ){
      rc = libsql_wal_insert_frame(pTo, i, aFrame, (unsigned)nByte, 0);
    }
  }
  rcEnd = libsql_wal_insert_end(pTo);
  return rc ? rc : rcEnd;
}

static sqlite3_int64 mix(sqlite3_int64 iSum, const unsigned char *z, int n){
  unsigned long long u = (unsigned long long)iSum;
  int i;
  for(i=0; i<n; i++) u = (u ^ z[i]) * 1099511628211ULL;
  return (sqlite3_int64)(u ^ (unsigned long long)n<<1);
}

static sqlite3_int64 rowsSum(sqlite3 *db, const char *zSql, sqlite3_int64 iSum){
  sqlite3_stmt *pStmt = 0;
  if( sqlite3_prepare_v2(db, zSql, -1, &pStmt, 0)!=SQLITE_OK ) return -1;
  while( sqlite3_step(pStmt)==SQLITE_ROW ){
    int i;
    for(i=0; i<sqlite3_column_count(pStmt); i++){
      const unsigned char *z = sqlite3_column_blob(pStmt, i);
      iSum = mix(iSum, z, sqlite3_column_bytes(pStmt, i));
    }
  }
  return sqlite3_finalize(pStmt)==SQLITE_OK ? iSum : -1;
}

sqlite3_int64 contentSum(sqlite3 *db){
  sqlite3_stmt *pStmt = 0;
  sqlite3_int64 iSum = rowsSum(db, "SELECT * FROM sqlite_schema", 7);
  int rc = sqlite3_prepare_v2(db,
      "SELECT format('SELECT rowid, * FROM \"%w\"', name) FROM sqlite_schema"
      " WHERE type='table' ORDER BY name", -1, &pStmt, 0);
  while( rc==SQLITE_OK && iSum!=-1 && sqlite3_step(pStmt)==SQLITE_ROW ){
    iSum = rowsSum(db, (const char*)sqlite3_column_text(pStmt, 0), iSum);
  }
  return sqlite3_finalize(pStmt)==SQLITE_OK && rc==SQLITE_OK ? iSum : -1;
}
