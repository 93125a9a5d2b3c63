/*
** SQL functions on text and bytes: regexp(), regexpi(), sha1(), sha1b(),
** sha1_query(), sha3() and sha3_query().
*/
#include <string.h>
#include "shell.h"
#include "text.h"

/*
** regexp(PATTERN, TEXT), which is TEXT REGEXP PATTERN; regexpi() does not tell
** upper from lower case.
*/
static void regexpFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  void *pRegex = sqlite3_get_auxdata(pCtx, 0);
  const char *zText;
  int bKeep = 0, n;
  (void)nArg;
  if( sqlite3_value_type(apArg[0])==SQLITE_NULL
   || sqlite3_value_type(apArg[1])==SQLITE_NULL ) return;
  if( pRegex==0 ){
    const char *z = (const char*)sqlite3_value_text(apArg[0]);
    char *zErr = 0;
    pRegex = seawall_regex_open(z, (size_t)sqlite3_value_bytes(apArg[0]),
                                sqlite3_user_data(pCtx)!=0, &zErr);
    if( pRegex==0 ){
      char *zMsg = shPrintf("%s: %s", z, zErr);
      sqlite3_result_error(pCtx, zMsg, -1);
      sqlite3_free(zMsg);
      seawall_text_free(zErr);
      return;
    }
    bKeep = 1;
  }
  zText = (const char*)sqlite3_value_text(apArg[1]);
  n = sqlite3_value_bytes(apArg[1]);
  sqlite3_result_int(pCtx, seawall_regex_matches(pRegex, zText, (size_t)n));
  if( bKeep ) sqlite3_set_auxdata(pCtx, 0, pRegex, seawall_regex_close);
}

/*
** How many bits the second argument asks for; 0 after an error.
*/
static int sha3Bits(sqlite3_context *pCtx, int nArg, sqlite3_value **apArg){
  int n = nArg>1 ? sqlite3_value_int(apArg[1]) : 256;
  if( n==224 || n==256 || n==384 || n==512 ) return n;
  sqlite3_result_error(pCtx, "SHA3 size should be one of: 224 256 384 512", -1);
  return 0;
}

/*
** Set the result to a hash: its bytes, or with bHex its digits.
*/
static void hashResult(sqlite3_context *pCtx, void *pHash, int nBit, int bHex){
  unsigned char a[64];
  char z[2*sizeof(a)+1];
  int i;
  seawall_hash_close(pHash, a);
  if( bHex ){
    for(i=0; i<nBit/8; i++) sqlite3_snprintf(3, &z[2*i], "%02x", a[i]);
    sqlite3_result_text(pCtx, z, nBit/4, SQLITE_TRANSIENT);
  }else{
    sqlite3_result_blob(pCtx, a, nBit/8, SQLITE_TRANSIENT);
  }
}

/*
** Set the result to the hash of a value.
*/
static void hashValue(
  sqlite3_context *pCtx,
  sqlite3_value *pVal,
  int nBit,
  int bHex
){
  void *pHash;
  const void *p;
  if( sqlite3_value_type(pVal)==SQLITE_NULL ) return;
  pHash = seawall_hash_open(nBit);
  p = sqlite3_value_type(pVal)==SQLITE_BLOB
      ? sqlite3_value_blob(pVal) : (const void*)sqlite3_value_text(pVal);
  seawall_hash_add(pHash, p, (size_t)sqlite3_value_bytes(pVal));
  hashResult(pCtx, pHash, nBit, bHex);
}

/*
** sha1(X), and with user data sha1b(X)
*/
static void sha1Func(sqlite3_context *pCtx, int nArg, sqlite3_value **apArg){
  (void)nArg;
  hashValue(pCtx, apArg[0], 160, sqlite3_user_data(pCtx)==0);
}

/*
** sha3(X ?, BITS?)
*/
static void sha3Func(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  int nBit = sha3Bits(pCtx, nArg, apArg);
  if( nBit ) hashValue(pCtx, apArg[0], nBit, 0);
}

/*
** Add a value: a letter for its type, and what it is.
*/
static void addValue(void *pHash, sqlite3_value *pVal){
  char z[60];
  int i, n = 0;
  switch( sqlite3_value_type(pVal) ){
    case SQLITE_NULL:
      seawall_hash_add(pHash, "N", 1);
      break;
    case SQLITE_INTEGER:
    case SQLITE_FLOAT: {
      sqlite3_uint64 u;
      double r = sqlite3_value_double(pVal);
      i64 v = sqlite3_value_int64(pVal);
      z[0] = sqlite3_value_type(pVal)==SQLITE_INTEGER ? 'I' : 'F';
      if( z[0]=='I' ) memcpy(&u, &v, 8); else memcpy(&u, &r, 8);
      for(i=8; i>=1; i--){
        z[i] = (char)(u & 0xff);
        u >>= 8;
      }
      seawall_hash_add(pHash, z, 9);
      break;
    }
    default: {
      int bText = sqlite3_value_type(pVal)==SQLITE_TEXT;
      const void *p = bText ? (const void*)sqlite3_value_text(pVal)
                            : sqlite3_value_blob(pVal);
      n = sqlite3_value_bytes(pVal);
      sqlite3_snprintf(sizeof(z), z, "%c%d:", bText ? 'T' : 'B', n);
      seawall_hash_add(pHash, z, strlen(z));
      seawall_hash_add(pHash, p, (size_t)n);
      break;
    }
  }
}

/*
** Queries that hash queries: how deep that goes, and whether it was too deep.
*/
#define QUERY_DEPTH_MAX  25
static int nQueryDepth = 0;
static int bTooDeep = 0;

/*
** Set the result to the hash of the texts of statements that read, and their
** results.
*/
static void hashQuery(
  sqlite3_context *pCtx,
  sqlite3_value *pSql,
  int nBit,
  int bHex
){
  sqlite3 *db = sqlite3_context_db_handle(pCtx);
  const char *zSql = (const char*)sqlite3_value_text(pSql);
  void *pHash;
  if( zSql==0 ) return;
  if( nQueryDepth==0 ) bTooDeep = 0;
  if( nQueryDepth==QUERY_DEPTH_MAX ) bTooDeep = 1;
  pHash = seawall_hash_open(nBit);
  while( zSql[0] || bTooDeep ){
    sqlite3_stmt *pStmt = 0;
    char *zErr = 0;
    char z[50];
    int i, nCol, rc = SQLITE_OK;
    if( !bTooDeep ) rc = sqlite3_prepare_v2(db, zSql, -1, &pStmt, &zSql);
    if( bTooDeep ){
      zErr = shPrintf("queries of sha1_query() and sha3_query() are nested more"
                      " than %d deep", QUERY_DEPTH_MAX);
    }else if( rc!=SQLITE_OK ){
      zErr = shPrintf("error SQL statement [%s]: %s", zSql, sqlite3_errmsg(db));
    }else if( pStmt && !sqlite3_stmt_readonly(pStmt) ){
      zErr = shPrintf("non-query: [%s]", sqlite3_sql(pStmt));
    }
    if( zErr ){
      unsigned char aUnused[64];
      sqlite3_result_error(pCtx, zErr, -1);
      sqlite3_free(zErr);
      sqlite3_finalize(pStmt);
      seawall_hash_close(pHash, aUnused);
      return;
    }
    if( pStmt==0 ) continue;
    nCol = sqlite3_column_count(pStmt);
    sqlite3_snprintf(sizeof(z), z, "S%d:", (int)strlen(sqlite3_sql(pStmt)));
    seawall_hash_add(pHash, z, strlen(z));
    seawall_hash_add(pHash, sqlite3_sql(pStmt), strlen(sqlite3_sql(pStmt)));
    nQueryDepth++;
    while( !bTooDeep && sqlite3_step(pStmt)==SQLITE_ROW ){
      seawall_hash_add(pHash, "R", 1);
      for(i=0; i<nCol; i++) addValue(pHash, sqlite3_column_value(pStmt, i));
    }
    sqlite3_finalize(pStmt);
    nQueryDepth--;
  }
  hashResult(pCtx, pHash, nBit, bHex);
}

/*
** sha1_query(SQL) and sha3_query(SQL ?, BITS?)
*/
static void sha1QueryFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  (void)nArg;
  hashQuery(pCtx, apArg[0], 160, 1);
}
static void sha3QueryFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  int nBit = sha3Bits(pCtx, nArg, apArg);
  if( nBit ) hashQuery(pCtx, apArg[0], nBit, 0);
}

/*
** Give the functions to the connection that has just been opened.
*/
void textFunctions(Shell *p){
  const int m = SQLITE_UTF8|SQLITE_DETERMINISTIC|SQLITE_INNOCUOUS;
  const int mQuery = SQLITE_UTF8|SQLITE_DIRECTONLY;
  int n;
  sqlite3_create_function(p->db, "regexp", 2, m, 0, regexpFunc, 0, 0);
  sqlite3_create_function(p->db, "regexpi", 2, m, (void*)p, regexpFunc, 0, 0);
  sqlite3_create_function(p->db, "sha1", 1, m, 0, sha1Func, 0, 0);
  sqlite3_create_function(p->db, "sha1b", 1, m, (void*)p, sha1Func, 0, 0);
  sqlite3_create_function(p->db, "sha1_query", 1, mQuery, 0, sha1QueryFunc,
                          0, 0);
  for(n=1; n<=2; n++){
    sqlite3_create_function(p->db, "sha3", n, m, 0, sha3Func, 0, 0);
    sqlite3_create_function(p->db, "sha3_query", n, mQuery, 0, sha3QueryFunc,
                            0, 0);
  }
}
