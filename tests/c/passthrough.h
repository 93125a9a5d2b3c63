/*
** passthrough.h: a WAL that forwards everything to the stock one.
**
** Nothing may change when it stands in between.  To run SQLite's own test
** suite with every connection on it, compile passthrough.c to an object and
** let SQLite call passthrough_init() whenever it initializes.  With DIR as
** "cargo xtask amalgamation DIR" writes it:
**
**    cc -O2 -IDIR -c tests/c/passthrough.c -o passthrough.o
**    OBJ=$PWD/passthrough.o EXTRA=-DSQLITE_EXTRA_INIT=passthrough_init \
**      SUITES_WORK=WORK run-tcl.sh DIR
**
** (A SUITES_WORK of its own, because the fixture's build is cached under a key
** that knows neither OBJ nor EXTRA.)
*/
#ifndef PASSTHROUGH_H
#define PASSTHROUGH_H

#include "seawall.h"

/* What it saw.  Counted atomically, over all databases. */
typedef struct PassCount PassCount;
struct PassCount {
  int nOpen;               /* xOpen that succeeded */
  int nClose;
  int nLeave;              /* ... since the database left WAL mode */
  int nDestroy;            /* xDestroy of the manager */
  int nLive;               /* Logs open now */
  int nRead;               /* xBeginReadTransaction */
  int nWrite;              /* xBeginWriteTransaction */
  int nFrames;             /* xFrames */
  int nCommit;             /* ... with isCommit */
  int nUndo;
  int nSavepoint;
  int nSavepointUndo;
  int nForget;             /* xSavepointForget */
  int nLiveSavepoint;      /* xSavepoint less xSavepointForget */
  int nCheckpoint;
  int nNoop;               /* ... with SQLITE_CHECKPOINT_NOOP: must stay 0 */
  int nFrameCount;
  int nLogExists;
  int nLogDestroy;
};

/* A manager that counts into pCount, which outlives it; NULL for none. */
libsql_wal_manager passthrough_manager(PassCount *pCount);

/* The same with methods of version 1: pData at offset 224. */
libsql_wal_manager passthrough_manager_v1(PassCount *pCount);

/* Register it as "passthrough" and make it the default.  For
** SQLITE_EXTRA_INIT. */
int passthrough_init(const char *zUnused);

#endif /* PASSTHROUGH_H */
