/*
** Files for other programs to look at.
*/
#define _DEFAULT_SOURCE 1   /* mkstemps() */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "shell.h"

/*
** Create a file that only its owner can read, with a name that ends with
** zSuffix, and open it for writing.  *pzName is to be freed.  NULL if that
** is not possible.
**
** Where the environment says nothing, the file is in the home directory:
** what runs in a sandbox, as some browsers do, cannot see /tmp.
*/
FILE *tempFile(const char *zSuffix, char **pzName){
  const char *zDir = getenv("TMPDIR");
  char *zHome = zDir && zDir[0] ? shDup(zDir) : shHome();
  int fd;
  FILE *f;
  *pzName = shPrintf("%s/sqlite3-XXXXXX%s", zHome ? zHome : "/tmp", zSuffix);
  sqlite3_free(zHome);
  fd = mkstemps(*pzName, (int)strlen(zSuffix));
  f = fd<0 ? 0 : fdopen(fd, "wb");
  if( f==0 && fd>=0 ){
    close(fd);
    unlink(*pzName);
  }
  if( f==0 ){
    sqlite3_free(*pzName);
    *pzName = 0;
  }
  return f;
}
