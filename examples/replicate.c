/*
** Keeps a copy of a database, frame by frame: replicate SOURCE COPY [SQL...]
**
** Each SQL is run on the source, and what it wrote to the log is shipped to the
** copy at once.  The frames could go through a network here.  Neither file is
** there before, or the copy is one of the source's file, without a log.
**
**    cc replicate.c $(pkg-config --cflags --libs sqlite3) -o replicate
*/
#include <stdio.h>
#include <stdlib.h>
#include "libsql.h"

static int fail(sqlite3 *db, const char *zDoing){
  fprintf(stderr, "replicate: cannot %s: %s\n", zDoing, sqlite3_errmsg(db));
  return 1;
}

/* Nobody may empty the logs while frames are still to be shipped. */
static sqlite3 *openWithLog(const char *zFile){
  sqlite3 *db = 0;
  if( sqlite3_open(zFile, &db)!=SQLITE_OK
   || sqlite3_exec(db, "PRAGMA journal_mode=WAL", 0, 0, 0)!=SQLITE_OK
   || libsql_wal_disable_checkpoint(db)!=SQLITE_OK
  ){
    exit(fail(db, zFile));
  }
  return db;
}

/* Ship the frames that the copy lacks.  Those it has would be compared. */
static int ship(sqlite3 *pFrom, sqlite3 *pTo){
  static unsigned char aFrame[24+65536];
  unsigned i = 0, nFrame = 0, nByte = 24+512;
  if( libsql_wal_frame_count(pFrom, &nFrame) ) return fail(pFrom, "count");
  if( libsql_wal_frame_count(pTo, &i) ) return fail(pTo, "count");
  if( nFrame==0 ) return 0;
  while( libsql_wal_get_frame(pFrom, 1, aFrame, nByte)==SQLITE_MISUSE ){
    nByte = 24 + 2*(nByte-24);            /* Pages are bigger than that */
  }
  if( libsql_wal_insert_begin(pTo) ) return fail(pTo, "begin");
  while( i<nFrame ){
    i++;
    if( libsql_wal_get_frame(pFrom, i, aFrame, nByte) ) return fail(pFrom, "read");
    if( libsql_wal_insert_frame(pTo, i, aFrame, nByte, 0) ) return fail(pTo, "insert");
  }
  if( libsql_wal_insert_end(pTo) ) return fail(pTo, "end");
  return 0;
}

/* All frames are in both files: both logs start again with frame 1.  The copy
** comes first, so that frames are shipped twice rather than lost. */
static int startAgain(sqlite3 *pFrom, sqlite3 *pTo){
  const char *zSql = "PRAGMA wal_checkpoint(TRUNCATE)";
  if( sqlite3_exec(pTo, zSql, 0, 0, 0) ) return fail(pTo, zSql);
  if( sqlite3_exec(pFrom, zSql, 0, 0, 0) ) return fail(pFrom, zSql);
  return 0;
}

int main(int argc, char **argv){
  sqlite3 *pFrom, *pTo;
  int i, rc;
  if( argc<3 ) return fprintf(stderr, "replicate SOURCE COPY [SQL...]\n"), 2;
  pFrom = openWithLog(argv[1]);
  pTo = openWithLog(argv[2]);
  rc = ship(pFrom, pTo);
  for(i=3; rc==0 && i<argc; i++){
    if( sqlite3_exec(pFrom, argv[i], 0, 0, 0) ) return fail(pFrom, argv[i]);
    rc = ship(pFrom, pTo);
  }
  if( rc==0 ) rc = startAgain(pFrom, pTo);
  sqlite3_close(pTo);
  sqlite3_close(pFrom);
  return rc;
}
