/*
** forward.h: a VFS and files that hand everything to those of the system, for
** tests that put their own functions in the place of some.
*/
#ifndef FORWARD_H
#define FORWARD_H

#include "seawall.h"

typedef struct ForwardFile ForwardFile;
struct ForwardFile {
  sqlite3_file base;
  sqlite3_file *pReal;     /* Stands behind this object */
  const char *zName;       /* As the VFS was asked for it, NULL for temporary */
};

/* Methods, of version 2, of files that forwardOpen() has opened. */
extern const sqlite3_io_methods forwardMethods;

/* xOpen: a file of the system, with these methods if that succeeds. */
int forwardOpen(const sqlite3_io_methods*, const char *zName, sqlite3_file*,
                int flags, int *pFlags);

/* Fill in a VFS of that name, but for xOpen.  Returns the system's. */
sqlite3_vfs *forwardVfs(sqlite3_vfs*, const char *zName);

#endif /* FORWARD_H */
