/*
** foreign.h: the other SQLite in the program, as ours.c sees it.
**
** Connections look alike on both sides, but belong to the side that opened
** them.
*/
#ifndef FOREIGN_H
#define FOREIGN_H

#include "sqlite3.h"

/* Its functions and variables, found by the names that they have for a
** program which knows of no other SQLite. */
typedef struct Foreign Foreign;
struct Foreign {
  const char *zVersion;
  char **pzTempDirectory;
  int (*xInitialize)(void);
  int (*xShutdown)(void);
  int (*xConfig)(int,...);
  int (*xClose)(sqlite3*);
  int (*xUsed)(const char *zOption);
  sqlite3_int64 (*xSoftHeapLimit)(sqlite3_int64);
  sqlite3_vfs *(*xVfsFind)(const char*);
  int (*xVfsRegister)(sqlite3_vfs*, int);
  int (*xVfsUnregister)(sqlite3_vfs*);
};
extern const Foreign foreign;

/* Open a database; NULL if that fails. */
sqlite3 *foreignOpen(const char *zUri);

/* The first column of the rows of one statement with blanks between, or the
** error message.  Valid until the next call. */
const char *foreignText(sqlite3 *db, const char *zSql);

#endif /* FOREIGN_H */
