/*
** heapwal.h: a WAL in plain C that keeps its log on the heap.
**
** One process may open a database with it as often as it likes, from any
** thread.  Nothing is durable before a checkpoint: it is for tests.  It needs
** no shared memory, has no file, no snapshots, and allocates something for
** each savepoint, so that one that is not forgotten shows as a leak.
**
** The log of a database is found by file name.  It stays with the manager for
** as long as a connection has it open, and longer if the last one could not,
** or must not, bring all of it to the database file.
*/
#ifndef HEAPWAL_H
#define HEAPWAL_H

#include "seawall.h"

/* What it saw.  Counted atomically, over all databases. */
typedef struct HeapCount HeapCount;
struct HeapCount {
  int nOpen;               /* xOpen that succeeded */
  int nClose;
  int nDestroy;            /* xDestroy of the manager */
  int nRestart;            /* Logs emptied because all was checkpointed */
  int nSavepointUndo;
  int nForget;             /* xSavepointForget */
  int nLiveSavepoint;      /* xSavepoint less xSavepointForget */
  int nBadSavepoint;       /* Positions given back that were not handed out */
  int nBadMode;            /* xCheckpoint with a mode that is none */
};

/* Make a manager that counts into pCount, which outlives it; NULL for none.
** It is freed by its xDestroy.  SQLITE_NOMEM may occur. */
int heapwal_manager(HeapCount *pCount, libsql_wal_manager *pOut);

#endif /* HEAPWAL_H */
