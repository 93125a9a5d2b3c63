/*
** Options of the command line that configure SQLite before it is initialized.
*/
#include <stdlib.h>
#include "shell.h"

/*
** zArg as an integer between 0 and iMax.
*/
static int limited(const char *zArg, int iMax){
  i64 v = shInteger(zArg);
  return v<0 ? 0 : v>iMax ? iMax : (int)v;
}

/*
** -lookaside SIZE N
*/
void configLookaside(const char *zSize, const char *zCount){
  sqlite3_config(SQLITE_CONFIG_LOOKASIDE, limited(zSize, 0x7fffffff),
                 limited(zCount, 0x7fffffff));
}

/*
** -pagecache SIZE N
**
** A SIZE that is a power of two must be that of a page: what the cache adds
** to each page comes on top.
*/
#define PAGE_BYTES_MAX  65536
void configPagecache(const char *zSize, const char *zCount){
  int sz = limited(zSize, PAGE_BYTES_MAX);
  int n = limited(zCount, 0x7fffffff);
  int szHeader = 0;
  if( sz>0 && (sz & (sz-1))==0 ){
    sqlite3_config(SQLITE_CONFIG_PCACHE_HDRSZ, &szHeader);
    sz += szHeader;
    printf("Page cache size increased to %d to accommodate the %d-byte"
           " headers\n", sz, szHeader);
  }
  /* The memory is in use until the process ends. */
  sqlite3_config(SQLITE_CONFIG_PAGECACHE,
                 n>0 && sz>0 ? malloc((size_t)n*(size_t)sz) : 0, sz, n);
}

/*
** -threadsafe N
*/
void configThreadsafe(const char *zMode){
  switch( shInteger(zMode) ){
    case 0:  sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);  break;
    case 2:  sqlite3_config(SQLITE_CONFIG_MULTITHREAD);   break;
    default: sqlite3_config(SQLITE_CONFIG_SERIALIZED);    break;
  }
}

/*
** -no-rowid-in-view
*/
void configNoRowidInView(void){
  int b = 0;
  sqlite3_config(SQLITE_CONFIG_ROWID_IN_VIEW, &b);
}
