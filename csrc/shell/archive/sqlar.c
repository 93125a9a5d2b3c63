/*
** sqlar_compress() and sqlar_uncompress(): the data of SQLite archives.
*/
#include "functions/deflate.h"
#include "shell.h"

/* What zlib takes for a good compromise. */
#define SQLAR_LEVEL  6

/*
** sqlar_compress(X): a blob in zlib format, if that is shorter.  Anything else
** as it is.
*/
static void sqlarCompressFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  u8 *aOut = 0;
  i64 nOut = DEFLATE_SHORT;
  (void)nArg;
  if( sqlite3_value_type(apArg[0])==SQLITE_BLOB ){
    i64 n = sqlite3_value_bytes(apArg[0]);
    nOut = deflateAlloc(sqlite3_value_blob(apArg[0]), n, n-1, DEFLATE_ZLIB,
                        SQLAR_LEVEL, &aOut);
  }
  if( nOut>=0 ){
    sqlite3_result_blob64(pCtx, aOut, (sqlite3_uint64)nOut, sqlite3_free);
  }else if( nOut==DEFLATE_NOMEM ){
    sqlite3_result_error_nomem(pCtx);
  }else{
    sqlite3_result_value(pCtx, apArg[0]);
  }
}

/*
** sqlar_uncompress(X, SZ): the other way round, for what has been SZ bytes.  X
** itself if that is its size, or if SZ is none.
*/
static void sqlarUncompressFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  const void *a = sqlite3_value_blob(apArg[0]);
  i64 n = sqlite3_value_bytes(apArg[0]);
  i64 nOut = sqlite3_value_int64(apArg[1]);
  (void)nArg;
  if( nOut<=0 || nOut==n ){
    sqlite3_result_value(pCtx, apArg[0]);
  }else if( inflateResult(pCtx, a, n, nOut, DEFLATE_ZLIB) ){
    sqlite3_result_error(pCtx, "error in uncompress()", -1);
  }
}

/*
** Give the functions to a connection.
*/
void sqlarFunctions(sqlite3 *db){
  const int m = SQLITE_UTF8|SQLITE_INNOCUOUS|SQLITE_DETERMINISTIC;
  sqlite3_create_function(db, "sqlar_compress", 1, m, 0, sqlarCompressFunc, 0, 0);
  sqlite3_create_function(db, "sqlar_uncompress", 2, m, 0, sqlarUncompressFunc,
                          0, 0);
}
