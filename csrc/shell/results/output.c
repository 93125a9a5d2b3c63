/*
** Redirecting the output: ".output" and ".once".
*/
#include <string.h>
#include "shell.h"

#define BOM "\xef\xbb\xbf"   /* Of UTF-8 */

/*
** Not all that has been written to a stream is where it belongs: the disk is
** full, for example.
*/
static void outputFailed(Shell *p, const char *zName){
  fprintf(stderr, "Error: not all output could be written to \"%s\"\n", zName);
  p->bWriteError = 1;
}

/*
** Close a stream that messages call zName, unless it is one of the standard
** ones.
*/
void outputClose(Shell *p, FILE *f, const char *zName){
  int bError;
  if( f==0 || f==stdout || f==stderr ) return;
  bError = ferror(f);
  if( fclose(f)!=0 || bError ) outputFailed(p, zName);
}

/*
** Write to stdout what waits to be.
*/
void outputFinish(Shell *p){
  if( fflush(stdout)!=0 || ferror(stdout) ) outputFailed(p, "stdout");
}

/*
** Give a stream to a file a large buffer.
*/
#define OUTPUT_BYTES  65536
void outputBuffer(FILE *f){
  setvbuf(f, 0, _IOFBF, OUTPUT_BYTES);
}

/*
** Open a file for writing.  "stdout" and "stderr" are what they say, "off"
** is NULL.  NULL as well, after a message, if the file cannot be opened.  Safe
** mode refuses files.
*/
FILE *outputOpen(Shell *p, const char *zFile){
  FILE *f;
  if( strcmp(zFile, "stdout")==0 ) return stdout;
  if( strcmp(zFile, "stderr")==0 ) return stderr;
  if( strcmp(zFile, "off")==0 ) return 0;
  safeRefuse(p, "cannot write to \"%s\" in safe mode", zFile);
  f = fopen(zFile, "w");
  if( f ){
    outputBuffer(f);
  }else{
    fprintf(stderr, "Error: cannot open \"%s\"\n", zFile);
  }
  return f;
}

/*
** Send the output to stdout again.  This ends a test case as well.
*/
void outputReset(Shell *p){
  captureEnd(p);
  if( p->zOutFile && p->zOutFile[0]=='|' ){
    pclose(p->out);
  }else{
    outputClose(p, p->out, p->zOutFile);
  }
  sqlite3_free(p->zOutFile);
  p->zOutFile = 0;
  p->out = stdout;
  viewerEnd(p);
}

/*
** Send the output to zFile, or, if that begins with "|", to a command.  It
** begins with zBom.
*/
static int outputRedirect(Shell *p, const char *zFile, const char *zBom){
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
    if( f==0 ) return DOT_ERROR;
  }
  p->out = f;
  p->zOutFile = shDup(zFile);
  fputs(zBom, f);
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
** What ".output" and its relatives have been asked for.
*/
typedef struct Redirect Redirect;
struct Redirect {
  char *zFile;           /* NULL: stdout */
  int eView;             /* VIEW_*, or 0 */
  const char *zBom;      /* What it begins with */
  int bPlain;
};

/*
** The program that an option stands for, or 0.
*/
static int viewOption(const char *z){
  if( shOption(z, "e") ) return VIEW_TEXT;
  if( shOption(z, "x") ) return VIEW_SHEET;
  return shOption(z, "w") ? VIEW_WEB : 0;
}

/*
** Read the arguments.  Return false after an error.
*/
static int redirectArguments(Shell *p, Redirect *pReq, int bViewOption){
  int i;
  for(i=1; i<p->dot.nArg; i++){
    const char *z = p->dot.azArg[i];
    if( shOption(z, "bom") ){
      pReq->zBom = BOM;
    }else if( shOption(z, "plain") ){
      pReq->bPlain = 1;
    }else if( bViewOption && viewOption(z) ){
      if( pReq->eView ){
        dotError(p, i, "incompatible with prior options", 0);
        return 0;
      }
      pReq->eView = viewOption(z);
    }else if( z[0]=='-' || pReq->zFile || pReq->eView ){
      dotError(p, i, z[0]=='-' ? "unknown option" : "surplus argument", 0);
      return 0;
    }else if( z[0]=='|' ){
      pReq->zFile = joinArgs(p, i);
      break;
    }else{
      pReq->zFile = shDup(z);
    }
  }
  return 1;
}

/*
** .output ?--bom? ?--plain? ?-e|-w|-x? ?FILE?
** .once ?--bom? ?--plain? ?-e|-w|-x? ?FILE?
** .excel
** .www ?--plain?
*/
static int redirectCommand(Shell *p, int bOnce, int eView){
  Redirect req;
  int rc = DOT_ERROR;
  memset(&req, 0, sizeof(req));
  safeRefuse(p, "cannot run .%s in safe mode", p->dot.azArg[0]);
  req.eView = eView;
  req.zBom = "";
  if( redirectArguments(p, &req, eView==0) ){
    p->nOncePending = bOnce ? 2 : 0;
    outputReset(p);
    rc = DOT_OK;
    if( req.eView ){
      rc = viewerBegin(p, req.eView, req.bPlain, req.zBom);
    }else if( req.zFile && strcmp(req.zFile, "stdout")!=0 ){
      rc = outputRedirect(p, req.zFile, req.zBom);
    }
  }
  sqlite3_free(req.zFile);
  return rc;
}
int dotOutput(Shell *p){
  return redirectCommand(p, 0, 0);
}
int dotOnce(Shell *p){
  return redirectCommand(p, 1, 0);
}
int dotExcel(Shell *p){
  return redirectCommand(p, 1, VIEW_SHEET);
}
int dotWww(Shell *p){
  return redirectCommand(p, 1, VIEW_WEB);
}
