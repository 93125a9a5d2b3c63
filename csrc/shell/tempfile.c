/*
** Files for other programs to look at.
*/
#define _DEFAULT_SOURCE 1   /* mkstemps() */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "shell.h"

/*
** Create a file in zDir that only its owner can read, with a name that ends
** with zSuffix, and open it for writing.  *pzName is to be freed.  NULL if
** that is not possible.
*/
FILE *tempFile(const char *zDir, const char *zSuffix, char **pzName){
  int fd;
  FILE *f;
  *pzName = shPrintf("%s/sqlite3_XXXXXX%s", zDir, zSuffix);
  fd = mkstemps(*pzName, (int)strlen(zSuffix));
  f = fd<0 ? 0 : fdopen(fd, "w+b");
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
