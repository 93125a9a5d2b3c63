/*
** Redirecting the output: ".output" and ".once".
*/
#include <string.h>
#include "shell.h"

/*
** Close a stream, unless it is one of the standard ones.
*/
void outputClose(FILE *f){
  if( f && f!=stdout && f!=stderr ) fclose(f);
}

/*
** Open a file for writing.  "stdout" and "stderr" are what they say, "off"
** is NULL.  NULL as well, after a message, if the file cannot be opened.
*/
FILE *outputOpen(Shell *p, const char *zFile){
  FILE *f;
  if( strcmp(zFile, "stdout")==0 ) return stdout;
  if( strcmp(zFile, "stderr")==0 ) return stderr;
  if( strcmp(zFile, "off")==0 || p->bSafe ) return 0;
  f = fopen(zFile, "w");
  if( f==0 ) fprintf(stderr, "Error: cannot open \"%s\"\n", zFile);
  return f;
}

/*
** Send the output to stdout again.
*/
void outputReset(Shell *p){
  if( p->zOutFile && p->zOutFile[0]=='|' ){
    pclose(p->out);
  }else{
    outputClose(p->out);
  }
  sqlite3_free(p->zOutFile);
  p->zOutFile = 0;
  p->out = stdout;
}

/*
** Send the output to zFile, or, if that begins with "|", to a command.
*/
static int outputRedirect(Shell *p, const char *zFile, int bBom){
  FILE *f;
  if( zFile[0]=='|' ){
    fflush(stdout);
    f = popen(&zFile[1], "w");
    if( f==0 ){
      fprintf(stderr, "Error: cannot open pipe \"%s\"\n", &zFile[1]);
      return DOT_ERROR;
    }
  }else{
    f = outputOpen(p, strcmp(zFile, "off")==0 ? "/dev/null" : zFile);
    if( f==0 ){
      fprintf(stderr, "Error: cannot write to \"%s\"\n", zFile);
      return DOT_ERROR;
    }
  }
  p->out = f;
  p->zOutFile = shDup(zFile);
  if( bBom ) fputs("\xef\xbb\xbf", f);
  return DOT_OK;
}

/*
** The rest of the arguments from iArg on, with a space between them.
*/
static char *joinArgs(Shell *p, int iArg){
  char *z = shDup(p->dot.azArg[iArg]);
  while( ++iArg<p->dot.nArg ){
    z = shCheck(sqlite3_mprintf("%z %s", z, p->dot.azArg[iArg]));
  }
  return z;
}

/*
** .output ?--bom? ?FILE?
** .once ?--bom? FILE
*/
static int redirectCommand(Shell *p, int bOnce){
  char *zFile = 0;
  int bBom = 0;
  int rc, i;
  safeRefuse(p, "cannot run .%s in safe mode", p->dot.azArg[0]);
  for(i=1; i<p->dot.nArg; i++){
    const char *z = p->dot.azArg[i];
    if( shOption(z, "bom") ){
      bBom = 1;
    }else if( z[0]=='-' || zFile ){
      dotError(p, i, z[0]=='-' ? "unknown option" : "surplus argument", 0);
      sqlite3_free(zFile);
      return DOT_ERROR;
    }else if( z[0]=='|' ){
      zFile = joinArgs(p, i);
      break;
    }else{
      zFile = shDup(z);
    }
  }
  p->nOncePending = bOnce ? 2 : 0;
  outputReset(p);
  if( zFile==0 || strcmp(zFile, "stdout")==0 ){
    sqlite3_free(zFile);
    return DOT_OK;
  }
  rc = outputRedirect(p, zFile, bBom);
  sqlite3_free(zFile);
  return rc;
}
int dotOutput(Shell *p){
  return redirectCommand(p, 0);
}
int dotOnce(Shell *p){
  return redirectCommand(p, 1);
}
