/*
** An SQLite that does what a test asks over a pipe: the test starts one that is
** stock and one that is ours, and compares.
**
** A request is a letter, four bytes of length (little endian) and as many of
** data; a reply is four bytes of length and as many of data.
**
**     N        open an empty database in memory
**     L DATA   open a database in memory that has these bytes
**     S        reply with the bytes of the database
**     Q SQL    run statements; reply with their rows, or the first error
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "sqlite3.h"

static sqlite3 *db;

/* A query that has no end ends here, after as many instructions in both. */
static int nCall;
static int progress(void *pArg){
  (void)pArg;
  return ++nCall>2000;
}

static void open_(void){
  sqlite3_close(db);
  if( sqlite3_open(":memory:", &db)!=SQLITE_OK ) exit(2);
  sqlite3_progress_handler(db, 100, progress, 0);
}

static void reply(const void *p, size_t n){
  unsigned char a[4];
  a[0] = (unsigned char)n; a[1] = (unsigned char)(n>>8);
  a[2] = (unsigned char)(n>>16); a[3] = (unsigned char)(n>>24);
  fwrite(a, 1, 4, stdout);
  fwrite(p, 1, n, stdout);
  fflush(stdout);
}

static void appendValue(sqlite3_str *pOut, sqlite3_value *pVal){
  switch( sqlite3_value_type(pVal) ){
    case SQLITE_NULL:
      sqlite3_str_appendall(pOut, "null");
      break;
    case SQLITE_INTEGER:
      sqlite3_str_appendf(pOut, "%lld", sqlite3_value_int64(pVal));
      break;
    case SQLITE_FLOAT:
      sqlite3_str_appendf(pOut, "%!.17g", sqlite3_value_double(pVal));
      break;
    case SQLITE_TEXT:
      sqlite3_str_appendf(pOut, "%Q", sqlite3_value_text(pVal));
      break;
    default: {
      const unsigned char *z = sqlite3_value_blob(pVal);
      int i, n = sqlite3_value_bytes(pVal);
      sqlite3_str_appendall(pOut, "x");
      for(i=0; i<n; i++) sqlite3_str_appendf(pOut, "%02x", z[i]);
    }
  }
}

static void query(const char *zSql){
  sqlite3_str *pOut = sqlite3_str_new(0);
  char *zOut;
  int n;
  nCall = 0;
  while( zSql[0] ){
    sqlite3_stmt *pStmt = 0;
    int i, rc = sqlite3_prepare_v2(db, zSql, -1, &pStmt, &zSql);
    while( rc==SQLITE_OK && pStmt && sqlite3_step(pStmt)==SQLITE_ROW ){
      for(i=0; i<sqlite3_column_count(pStmt); i++){
        if( i ) sqlite3_str_appendchar(pOut, 1, '|');
        appendValue(pOut, sqlite3_column_value(pStmt, i));
      }
      sqlite3_str_appendchar(pOut, 1, '\n');
    }
    if( pStmt ) rc = sqlite3_reset(pStmt);
    if( rc!=SQLITE_OK ){
      sqlite3_str_appendf(pOut, "error %d: %s\n", sqlite3_extended_errcode(db),
                          sqlite3_errmsg(db));
    }
    sqlite3_finalize(pStmt);
    if( rc!=SQLITE_OK ) break;
  }
  n = sqlite3_str_length(pOut);
  zOut = sqlite3_str_finish(pOut);
  reply(zOut, (size_t)n);
  sqlite3_free(zOut);
}

int main(void){
  unsigned char a[5];
  open_();
  while( fread(a, 1, 5, stdin)==5 ){
    size_t n = a[1] | (size_t)a[2]<<8 | (size_t)a[3]<<16 | (size_t)a[4]<<24;
    char *p = sqlite3_malloc64(n+1);
    if( p==0 || fread(p, 1, n, stdin)!=n ) return 2;
    p[n] = 0;
    if( a[0]=='Q' ){
      query(p);
    }else if( a[0]=='S' ){
      sqlite3_int64 nData;
      unsigned char *pData = sqlite3_serialize(db, "main", &nData, 0);
      reply(pData, (size_t)nData);
      sqlite3_free(pData);
    }else{
      open_();
      if( a[0]=='L' ){
        if( sqlite3_deserialize(db, "main", (unsigned char*)p, (sqlite3_int64)n,
              (sqlite3_int64)n, SQLITE_DESERIALIZE_FREEONCLOSE
                              | SQLITE_DESERIALIZE_RESIZEABLE) ) return 2;
        p = 0;
      }
      reply("", 0);
    }
    sqlite3_free(p);
  }
  sqlite3_close(db);
  return 0;
}
