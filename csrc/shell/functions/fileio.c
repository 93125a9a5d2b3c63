/*
** readfile() and writefile(): SQL functions on files.
*/
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "shell.h"

/*
** Make the bytes of a file the result of an SQL function.  NULL if it cannot be
** read.
*/
void fileResult(sqlite3_context *pCtx, const char *zFile){
  i64 nMax = sqlite3_limit(sqlite3_context_db_handle(pCtx),
                           SQLITE_LIMIT_LENGTH, -1);
  sqlite3_uint64 n = 0, nAlloc = 0;
  char *aBuf = 0;
  size_t nRead;
  FILE *f = inputOpen(zFile);
  if( f==0 ) return;
  do{
    if( n==nAlloc ){
      char *aNew;
      nAlloc = nAlloc*2 + 4096;
      aNew = sqlite3_realloc64(aBuf, nAlloc);
      if( aNew==0 ){
        sqlite3_result_error_nomem(pCtx);
        goto readfile_end;
      }
      aBuf = aNew;
    }
    nRead = fread(&aBuf[n], 1, (size_t)(nAlloc-n), f);
    n += nRead;
    if( (i64)n>nMax ){
      sqlite3_result_error_code(pCtx, SQLITE_TOOBIG);
      goto readfile_end;
    }
  }while( nRead>0 );
  if( ferror(f) ) goto readfile_end;
  sqlite3_result_blob64(pCtx, aBuf, n, sqlite3_free);
  aBuf = 0;
readfile_end:
  sqlite3_free(aBuf);
  fclose(f);
}

/*
** readfile(FILE): its bytes, as a blob.
*/
static void readfileFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  const char *zFile = (const char*)sqlite3_value_text(apArg[0]);
  (void)nArg;
  if( zFile ) fileResult(pCtx, zFile);
}

/*
** Write a file, a directory or a symbolic link, whose target is the data.
** Return the number of bytes that went into a file, or -1.
*/
static i64 writeOne(const char *zFile, sqlite3_value *pData, mode_t mode){
  i64 n = 0;
  FILE *f;
  if( S_ISLNK(mode) ){
    const char *zTarget = (const char*)sqlite3_value_text(pData);
    if( zTarget==0 ) return -1;
    unlink(zFile);
    return symlink(zTarget, zFile);
  }
  if( S_ISDIR(mode) ){
    struct stat x;
    if( mkdir(zFile, mode & 0777)!=0
     && (errno!=EEXIST || stat(zFile, &x)!=0 || !S_ISDIR(x.st_mode))
    ){
      return -1;
    }
    return chmod(zFile, mode & 0777)==0 ? 0 : -1;
  }
  f = fopen(zFile, "wb");
  if( f==0 ) return -1;
  if( sqlite3_value_type(pData)!=SQLITE_NULL ){
    const void *a = sqlite3_value_blob(pData);
    size_t nByte = (size_t)sqlite3_value_bytes(pData);
    n = (i64)fwrite(a ? a : "", 1, nByte, f);
    if( n!=(i64)nByte ) n = -1;
  }
  if( fclose(f)!=0 ) n = -1;
  if( n>=0 && mode && chmod(zFile, mode & 0777)!=0 ) n = -1;
  return n;
}

/*
** writefile(FILE, DATA ?, MODE ?, MTIME??): how many bytes were written.  MODE is
** that of stat(), MTIME is in seconds since 1970.
*/
static void writefileFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  const char *zFile;
  mode_t mode = 0;
  i64 n;
  if( nArg<2 || nArg>4 ){
    sqlite3_result_error(pCtx,
        "wrong number of arguments to function writefile()", -1);
    return;
  }
  zFile = (const char*)sqlite3_value_text(apArg[0]);
  if( zFile==0 ) return;
  if( nArg>2 ) mode = (mode_t)sqlite3_value_int(apArg[2]);
  n = writeOne(zFile, apArg[1], mode);
  if( n<0 && errno==ENOENT ){
    shMakeParents(zFile);
    n = writeOne(zFile, apArg[1], mode);
  }
  if( n>=0 && nArg>3 && !S_ISLNK(mode) ){
    struct timespec a[2];
    memset(a, 0, sizeof(a));
    a[0].tv_sec = a[1].tv_sec = (time_t)sqlite3_value_int64(apArg[3]);
    if( utimensat(AT_FDCWD, zFile, a, 0)!=0 ) n = -1;
  }
  if( n<0 ){
    char *zErr = shPrintf("failed to %s: %s", S_ISLNK(mode) ? "create symlink"
        : S_ISDIR(mode) ? "create directory" : "write file", zFile);
    sqlite3_result_error(pCtx, zErr, -1);
    sqlite3_free(zErr);
  }else{
    sqlite3_result_int64(pCtx, n);
  }
}

/*
** Give the functions to the connection that has just been opened.
*/
void fileFunctions(Shell *p){
  const int mFlags = SQLITE_UTF8|SQLITE_DIRECTONLY;
  sqlite3_create_function(p->db, "readfile", 1, mFlags, 0, readfileFunc, 0, 0);
  sqlite3_create_function(p->db, "writefile", -1, mFlags, 0, writefileFunc, 0, 0);
}
