/*
** Results in a web browser, a spreadsheet or a text editor: output goes to a
** file, which is opened when the redirection ends.
*/
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "shell.h"

#ifdef __APPLE__
# define OPENER       "open"
#else
# define OPENER       "xdg-open"
#endif
#define DELETE_AFTER  "60"       /* Seconds that a program has to read it */

/*
** Begin to write a file for the program that eView tells.  It begins with
** zBom.  With bPlain, what a browser shows is text.
*/
int viewerBegin(Shell *p, int eView, int bPlain, const char *zBom){
  static const struct { const char *zSuffix, *zMode; } a[] = {
    { 0, 0 }, { ".txt", 0 }, { ".csv", "csv" }, { ".html", "html" }
  };
  FILE *f = tempFile(a[eView].zSuffix, &p->zViewFile);
  if( f==0 ){
    fprintf(stderr, "Error: cannot create a temporary %s file; set TMPDIR to"
                    " a directory for it\n", a[eView].zSuffix);
    return DOT_ERROR;
  }
  p->out = f;
  p->zOutFile = shDup(p->zViewFile);
  modePush(p);
  p->mode.bEcho = 0;
  fputs(zBom, f);
  if( a[eView].zMode && !bPlain ){
    modeChange(p, modeFind(p, a[eView].zMode));
    modeSetLimits(p, "off");
  }
  if( eView==VIEW_WEB ){
    p->bWebPage = !bPlain;
    fputs(bPlain ? "<!DOCTYPE html>\n<BODY>\n<PLAINTEXT>\n"
                 : "<!DOCTYPE html>\n<HTML><BODY><PRE>\n", f);
  }
  return DOT_OK;
}

/*
** Run zCommand, which goes on with the name of the file and zRest.  Return
** true if that works.
*/
static int runOnFile(
  const char *zCommand,
  const char *zFile,
  const char *zRest
){
  sqlite3_str *pStr = sqlite3_str_new(0);
  char *z;
  int rc;
  sqlite3_str_appendall(pStr, zCommand);
  shAppendWord(pStr, zFile);
  sqlite3_str_appendall(pStr, zRest);
  z = shFinish(pStr);
  rc = system(z);
  sqlite3_free(z);
  return rc==0;
}

/*
** If the output that has just ended was a file for another program, open it.
** It is deleted some time later, when the program must have read it.
*/
void viewerEnd(Shell *p){
  char *zFile = p->zViewFile;
  if( zFile==0 ) return;
  p->zViewFile = 0;
  p->bWebPage = 0;
  modePop(p);
  if( !runOnFile(OPENER " ", zFile, "") ){
    fprintf(stderr, "Failed: [" OPENER " %s]\n", zFile);
    unlink(zFile);
  }else{
    runOnFile("(sleep " DELETE_AFTER "; rm -f ", zFile,
              ") </dev/null >/dev/null 2>&1 &");
  }
  sqlite3_free(zFile);
}
