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
** It is where the first of these says: TMPDIR, SQLITE_TMPDIR, /tmp.
*/
FILE *tempFile(const char *zSuffix, char **pzName){
  const char *zDir = getenv("TMPDIR");
  int fd;
  FILE *f;
  if( zDir==0 || zDir[0]==0 ) zDir = getenv("SQLITE_TMPDIR");
  if( zDir==0 || zDir[0]==0 ) zDir = "/tmp";
  *pzName = shPrintf("%s/sqlite3-XXXXXX%s", zDir, zSuffix);
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
