/*
** managers.h: the WALs that a test runs with, one after another.
*/
#ifndef MANAGERS_H
#define MANAGERS_H

#include "heapwal.h"
#include "passthrough.h"

typedef struct Managers Managers;
struct Managers {
  PassCount pass;
  HeapCount heap;
};

/* "sqlite", "passthrough", "heap", and "memory" if the library has it: for
** ?wal= */
extern const char *const azManager[];
extern int nManager;

/* Register those that are ours, counting into pCount (cleared before).  Returns an
** SQLite result code. */
int registerManagers(Managers *pCount);

/* After sqlite3_shutdown(): check that what was opened was closed, that every
** savepoint was forgotten, that no manager was given a checkpoint mode it does
** not know, and that each manager was destroyed once. */
void checkManagers(const Managers *pCount);

/* As finish() in check.h, and then that. */
int finishManagers(const Managers *pCount);

#endif /* MANAGERS_H */
