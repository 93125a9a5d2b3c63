/*
** frames.h: raw frames, for the tests of libsql_wal_get_frame() and
** libsql_wal_insert_frame().
*/
#ifndef FRAMES_H
#define FRAMES_H

#include "check.h"

#define FRAME_HDR 24
#define FRAME_MAX (FRAME_HDR+65536)

/* The page a frame holds; pages of the database if it ends a transaction,
** else 0. */
unsigned framePgno(const unsigned char *aFrame);
unsigned frameCommit(const unsigned char *aFrame);

/* Set these two. */
void frameSet(unsigned char *aFrame, unsigned pgno, unsigned nCommit);

/* Bytes of a frame of a database that is open. */
int frameBytes(sqlite3 *db);

/* libsql_wal_frame_count(), which must succeed. */
unsigned frameCount(sqlite3 *db);

/* Insert frames iFirst to iLast of pFrom into pTo, between a begin and an end
** of its own.  The first code that is not SQLITE_OK. */
int ship(sqlite3 *pFrom, sqlite3 *pTo, unsigned iFirst, unsigned iLast);

/* A checksum over all rows of all tables, and over the schema. */
sqlite3_int64 contentSum(sqlite3 *db);

#endif /* FRAMES_H */
