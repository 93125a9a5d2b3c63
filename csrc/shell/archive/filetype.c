/*
** What a file is: a database, a database behind something else, an archive.
*/
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "shell.h"

/* How files of each type begin or end. */
#define DATABASE_HEADER   "SQLite format 3"
#define APPEND_MARK       "Start-Of-SQLite3-"
#define APPEND_MARK_SIZE  25
#define ZIP_END           "PK\005\006"
#define ZIP_END_SIZE      22

/*
** True if n bytes, iOffset from iWhence, are there and begin with z.
*/
static int hasText(FILE *f, long iOffset, int iWhence, size_t n, const char *z){
  char a[APPEND_MARK_SIZE];
  return fseek(f, iOffset, iWhence)==0
      && fread(a, 1, n, f)==n
      && memcmp(a, z, strlen(z))==0;
}

/*
** Return OPEN_NORMAL, OPEN_APPEND or OPEN_ZIP by what is in zFile.  A file that
** does not exist or is empty is a ZIP archive to be if bZip is true and its name
** says so.  When in doubt it is a database.
*/
int fileType(const char *zFile, int bZip){
  int bNamed = bZip && sqlite3_strlike("%.zip", zFile, 0)==0;
  struct stat x;
  FILE *f = stat(zFile, &x)==0 && S_ISFIFO(x.st_mode) ? 0 : inputOpen(zFile);
  int eType = OPEN_NORMAL;
  if( f==0 ) return bNamed ? OPEN_ZIP : OPEN_NORMAL;
  if( !hasText(f, 0, SEEK_SET, 16, DATABASE_HEADER) ){
    if( hasText(f, -APPEND_MARK_SIZE, SEEK_END, APPEND_MARK_SIZE, APPEND_MARK) ){
      eType = OPEN_APPEND;
    }else if( hasText(f, -ZIP_END_SIZE, SEEK_END, ZIP_END_SIZE, ZIP_END)
           || (bNamed && fseek(f, 0, SEEK_END)==0 && ftell(f)==0) ){
      eType = OPEN_ZIP;
    }
  }
  fclose(f);
  return eType;
}
