/*
** disk.h: a VFS whose power can be cut, for tests of durability.
**
** Files are real ones, through the default VFS, which does the locks and the
** shared memory.  What was written to them and not synced yet is remembered.
** Files whose names begin alike, up to the first dot, are on one machine.
**
** When the power of a machine is cut, each write and truncation that was not
** synced has happened or not, each sector of 512 bytes for itself; a file that
** was deleted without syncing the directory may be there again; its shared
** memory is gone.  A file that was never synced may be missing.
*/
#ifndef DISK_H
#define DISK_H

#include "check.h"

/* Register the VFS, as the default.  Returns an SQLite result code. */
int diskRegister(void);

/* After nOp more writes, truncations, syncs and deletions the power of a
** machine fails: that one and all later operations of the machine return
** SQLITE_IOERR. */
void diskCutAfter(const char *zMachine, int nOp);

/* Has it failed?  After this is true, close what is open there, and call
** diskRestart(). */
int diskIsOff(void);

/* Take back a cut that has not come; operations that there were since
** diskCutAfter(). */
int diskNoCut(void);

/* The power is back: make the files of the machine what the disk happened to
** keep, as the seed decides.  No connection may be open there. */
void diskRestart(unsigned iSeed);

/* Forget all files. */
void diskReset(void);

#endif /* DISK_H */
