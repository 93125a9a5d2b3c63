/*
** edit(): a value as a person changes it in an editor.
*/
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "shell.h"

/*
** Replace each CR-LF in z by a LF.  Return the new length.
*/
static i64 dropCarriageReturns(char *z, i64 n){
  i64 i, nOut = 0;
  for(i=0; i<n; i++){
    if( z[i]=='\r' && i+1<n && z[i+1]=='\n' ) continue;
    z[nOut++] = z[i];
  }
  return nOut;
}

/*
** Set the result to what is in the file.  Lines of a text keep their way to
** end, whatever the editor does: with a LF unless bKeepCr.
*/
static void editResult(
  sqlite3_context *pCtx,
  const char *zFile,
  int bBlob,
  int bKeepCr
){
  FILE *f = fopen(zFile, "rb");
  char *z = 0;
  i64 n = -1;
  if( f==0 ){
    sqlite3_result_error(pCtx, "edit() cannot reopen temp file after edit", -1);
    return;
  }
  if( fseek(f, 0, SEEK_END)==0 ) n = ftell(f);
  rewind(f);
  if( n>=0 ){
    z = sqlite3_malloc64((sqlite3_uint64)n + 1);
    if( z==0 ){
      sqlite3_result_error_nomem(pCtx);
    }else if( fread(z, 1, (size_t)n, f)!=(size_t)n ){
      n = -1;
    }
  }
  fclose(f);
  if( n<0 ){
    sqlite3_free(z);
    sqlite3_result_error(pCtx, "could not read back the whole file", -1);
  }else if( z && bBlob ){
    sqlite3_result_blob64(pCtx, z, (sqlite3_uint64)n, sqlite3_free);
  }else if( z ){
    if( !bKeepCr ) n = dropCarriageReturns(z, n);
    sqlite3_result_text64(pCtx, z, (sqlite3_uint64)n, sqlite3_free,
                          SQLITE_UTF8);
  }
}

/*
** edit(VALUE ?, EDITOR?): put VALUE into a file, run EDITOR on it, and return
** what the file contains then.  Without EDITOR, it is what VISUAL or EDITOR
** in the environment say.
*/
static void editFunc(sqlite3_context *pCtx, int nArg, sqlite3_value **apArg){
  int bBlob = sqlite3_value_type(apArg[0])==SQLITE_BLOB;
  const char *zEditor = getenv("VISUAL");
  const char *z;
  char *zFile;
  FILE *f;
  int n, bWritten, rc;
  if( nArg==2 ){
    zEditor = (const char*)sqlite3_value_text(apArg[1]);
  }else if( zEditor==0 ){
    zEditor = getenv("EDITOR");
  }
  if( zEditor==0 ){
    sqlite3_result_error(pCtx, "no editor for edit()", -1);
    return;
  }
  if( sqlite3_value_type(apArg[0])==SQLITE_NULL ) return;
  f = tempFile("", &zFile);
  if( f==0 ){
    sqlite3_result_error(pCtx, "edit() cannot open temp file", -1);
    return;
  }
  z = bBlob ? (const char*)sqlite3_value_blob(apArg[0])
            : (const char*)sqlite3_value_text(apArg[0]);
  n = sqlite3_value_bytes(apArg[0]);
  bWritten = n==0 || (z && fwrite(z, 1, (size_t)n, f)==(size_t)n);
  if( fclose(f)!=0 || !bWritten ){
    sqlite3_result_error(pCtx, "edit() could not write the whole file", -1);
  }else{
    sqlite3_str *pCommand = sqlite3_str_new(0);
    char *zCommand;
    sqlite3_str_appendf(pCommand, "%s ", zEditor);
    shAppendWord(pCommand, zFile);
    zCommand = shFinish(pCommand);
    fflush(stdout);
    rc = system(zCommand);
    sqlite3_free(zCommand);
    if( rc ){
      sqlite3_result_error(pCtx, "EDITOR returned non-zero", -1);
    }else{
      editResult(pCtx, zFile, bBlob, !bBlob && z && strstr(z, "\r\n")!=0);
    }
  }
  unlink(zFile);
  sqlite3_free(zFile);
}

/*
** Give the function to the connection that has just been opened.
*/
void editFunction(Shell *p){
  int n;
  for(n=1; n<=2; n++){
    sqlite3_create_function(p->db, "edit", n, SQLITE_UTF8|SQLITE_DIRECTONLY, 0,
                            editFunc, 0, 0);
  }
}
