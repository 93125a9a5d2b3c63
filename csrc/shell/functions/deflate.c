/*
** Compression between buffers of SQLite.
*/
#include "deflate.h"
#include "shell.h"

/* No input becomes more than so many times as long when it is inflated. */
#define INFLATE_RATIO_MAX  1032

/*
** Compress n bytes to at most nMax.  Return the size of what *paOut holds, to
** be freed, or DEFLATE_SHORT or DEFLATE_NOMEM.
*/
i64 deflateAlloc(
  const void *a,
  i64 n,
  i64 nMax,
  int eFormat,
  int iLevel,
  u8 **paOut
){
  u8 *aOut;
  i64 nOut;
  if( nMax<=0 ) return DEFLATE_SHORT;
  aOut = sqlite3_malloc64((sqlite3_uint64)nMax);
  if( aOut==0 ) return DEFLATE_NOMEM;
  nOut = seawall_deflate(a, (size_t)n, aOut, (size_t)nMax, eFormat, iLevel);
  if( nOut>=0 ){
    *paOut = aOut;
  }else{
    sqlite3_free(aOut);
  }
  return nOut;
}

/*
** Inflate n bytes, of which somebody says that they become nOut, and make them
** the result of an SQL function.  Return 0, which is for errors of memory as
** well, or DEFLATE_SHORT or DEFLATE_CORRUPT, of which the caller tells.
*/
int inflateResult(
  sqlite3_context *pCtx,
  const void *a,
  i64 n,
  i64 nOut,
  int eFormat
){
  sqlite3 *db = sqlite3_context_db_handle(pCtx);
  u8 *aOut;
  if( nOut/INFLATE_RATIO_MAX>n ) return DEFLATE_SHORT;
  if( nOut>sqlite3_limit(db, SQLITE_LIMIT_LENGTH, -1) ){
    sqlite3_result_error_toobig(pCtx);
    return 0;
  }
  aOut = sqlite3_malloc64((sqlite3_uint64)nOut);
  if( aOut==0 ){
    sqlite3_result_error_nomem(pCtx);
    return 0;
  }
  nOut = seawall_inflate(a, (size_t)n, aOut, (size_t)nOut, eFormat);
  if( nOut<0 ){
    sqlite3_free(aOut);
    return (int)nOut;
  }
  sqlite3_result_blob64(pCtx, aOut, (sqlite3_uint64)nOut, sqlite3_free);
  return 0;
}
