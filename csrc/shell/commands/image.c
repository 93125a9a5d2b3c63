/*
** Databases in memory that begin as a copy of a file, or as text.
*/
#include <string.h>
#include "shell.h"

/*
** Memory for a database of nByte bytes, all zero.  NULL after a message.
*/
void *imageMemory(Shell *p, i64 nByte){
  void *a;
  if( p->nMaxSize>0 && nByte>p->nMaxSize ){
    fprintf(stderr, "Error: the database has %lld bytes, --maxsize allows"
            " %lld\n", nByte, p->nMaxSize);
    return 0;
  }
  a = sqlite3_malloc64((sqlite3_uint64)nByte + 1);
  if( a ){
    memset(a, 0, (size_t)nByte + 1);
  }else{
    fprintf(stderr, "Error: there is no memory for %lld bytes\n", nByte);
  }
  return a;
}

/*
** The bytes of a file, to be freed.  NULL after a message.
*/
static void *fileBytes(Shell *p, const char *zFile, i64 *pnByte){
  FILE *f = inputOpen(zFile);
  void *a = 0;
  long n = -1;
  if( f && fseek(f, 0, SEEK_END)==0 ) n = ftell(f);
  if( n>=0 ){
    rewind(f);
    a = imageMemory(p, n);
    if( a && fread(a, 1, (size_t)n, f)!=(size_t)n ){
      sqlite3_free(a);
      a = 0;
      n = -1;
    }
  }
  if( f ) fclose(f);
  if( n<0 ) fprintf(stderr, "Error: cannot read \"%s\"\n", zFile);
  *pnByte = n;
  return a;
}

/*
** Fill the connection that has just been opened with what zFile holds, or,
** for text, the lines that follow if zFile is NULL.
*/
void imageLoad(Shell *p, const char *zFile){
  i64 n = 0;
  void *a = 0;
  int rc;
  if( p->eOpen==OPEN_TEXT ){
    a = hexdbRead(p, zFile, &n);
  }else if( zFile && zFile[0] ){
    a = fileBytes(p, zFile, &n);
  }
  if( a==0 ) return;
  rc = sqlite3_deserialize(p->db, "main", a, n, n,
      SQLITE_DESERIALIZE_RESIZEABLE | SQLITE_DESERIALIZE_FREEONCLOSE);
  if( rc!=SQLITE_OK ){
    fprintf(stderr, "Error: sqlite3_deserialize() returns %d\n", rc);
  }
  if( p->nMaxSize>0 ){
    sqlite3_file_control(p->db, "main", SQLITE_FCNTL_SIZE_LIMIT, &p->nMaxSize);
  }
}
