/*
** From lines to statements: reading scripts and typed input.
*/
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "prompt/lineedit.h"
#include "shell.h"

/*
** Read one line from in.  Return it without its line end, in memory that is
** to be freed; NULL at the end of the input.  zBuf, if not NULL, is such a
** line that is not needed any more.
*/
char *inputLine(FILE *in, char *zBuf){
  size_t nAlloc = zBuf ? 100 : 0;
  size_t n = 0;
  for(;;){
    if( n+100>nAlloc ){
      nAlloc = nAlloc*2 + 100;
      zBuf = shRealloc(zBuf, nAlloc);
    }
    zBuf[n] = 0;
    if( fgets(&zBuf[n], (int)(nAlloc-n), in)==0 ){
      if( n==0 ){
        sqlite3_free(zBuf);
        return 0;
      }
      return zBuf;
    }
    n += strlen(&zBuf[n]);
    if( n>0 && zBuf[n-1]=='\n' ){
      n--;
      if( n>0 && zBuf[n-1]=='\r' ) n--;
      zBuf[n] = 0;
      return zBuf;
    }
  }
}

/*
** Show an input if ".echo" is on.  It is no part of a test case.
*/
void inputEcho(Shell *p, const char *z){
  if( p->mode.bEcho ){
    FILE *out = p->pCapture ? stdout : p->out;
    fprintf(out, "%s\n", z);
    fflush(out);
  }
}

/*
** A statement being put together.
*/
typedef struct Pending Pending;
struct Pending {
  char *z;                /* Text so far */
  sqlite3_uint64 n;       /* Bytes of it */
  sqlite3_uint64 nAlloc;  /* Bytes allocated */
  i64 iLine;              /* Line that it starts on */
  char cOpen;             /* It ends in a quote that ends with this, or within
                          ** a comment: '*'.  Otherwise 0 */
  int bText;              /* There is more than space and comments */
  int bSemi;              /* The last of that is a semicolon */
};

/*
** Statements longer than this cannot be run anyhow.
*/
#define SQL_BYTES_MAX  0x7fff0000

/*
** Note what the next line of the statement does to its state.
*/
static void pendingScan(Pending *pSql, const char *z){
  for(; z[0]; z++){
    if( pSql->cOpen=='*' ){
      if( z[0]=='*' && z[1]=='/' ){
        pSql->cOpen = 0;
        z++;
      }
    }else if( pSql->cOpen ){
      if( z[0]==pSql->cOpen ) pSql->cOpen = 0;
    }else if( z[0]=='/' && z[1]=='*' ){
      pSql->cOpen = '*';
      z++;
    }else if( z[0]=='-' && z[1]=='-' ){
      return;
    }else if( !shIsSpace(z[0]) ){
      pSql->bText = 1;
      pSql->bSemi = z[0]==';';
      if( strchr("'\"`", z[0]) ) pSql->cOpen = z[0];
      if( z[0]=='[' ) pSql->cOpen = ']';
    }
  }
}

/*
** Add a line to the statement.
*/
static void pendingAdd(Pending *pSql, const char *zLine, i64 iLine){
  sqlite3_uint64 nLine;
  if( pSql->n==0 ){
    while( shIsSpace(zLine[0]) ) zLine++;
    pSql->iLine = iLine;
    pSql->cOpen = 0;
    pSql->bText = pSql->bSemi = 0;
  }
  pendingScan(pSql, zLine);
  nLine = strlen(zLine);
  if( pSql->n+nLine+3>pSql->nAlloc ){
    pSql->nAlloc = pSql->n + pSql->n/2 + nLine + 100;
    pSql->z = shRealloc(pSql->z, pSql->nAlloc);
  }
  if( pSql->n ) pSql->z[pSql->n++] = '\n';
  memcpy(&pSql->z[pSql->n], zLine, nLine+1);
  pSql->n += nLine;
}

/*
** True if the statement is complete.  A comment at its end is no reason to wait.
*/
static int pendingIsComplete(Pending *pSql){
  int bComplete;
  memcpy(&pSql->z[pSql->n], "\n", 2);
  bComplete = sqlite3_complete(pSql->z);
  pSql->z[pSql->n] = 0;
  return bComplete;
}

/*
** True if the statement waits for nothing more.  All of it is looked at only
** where it may end, so that long ones do not take time without measure.
*/
static int pendingEnds(Pending *pSql){
  if( pSql->cOpen ) return 0;
  return !pSql->bText || (pSql->bSemi && pendingIsComplete(pSql));
}

/*
** True if the line is no part of a statement: a dot-command, a comment, or
** blank.
*/
static int lineIsAlone(const Pending *pSql, const char *zLine){
  return pSql->n==0 && (zLine[0]=='.' || zLine[0]=='#' || shIsBlank(zLine));
}

/*
** Cut the first line off *pz and return it.  NULL if there is none.
*/
static char *cutLine(char **pz){
  char *z = *pz;
  char *zEnd;
  if( z==0 ) return 0;
  zEnd = strchr(z, '\n');
  if( zEnd ) *zEnd++ = 0;
  *pz = zEnd;
  return z;
}

/*
** Run the statement and start a new one.  Return the number of errors.
*/
static int pendingRun(Shell *p, Pending *pSql){
  int nErr;
  inputEcho(p, pSql->z);
  nErr = executeText(p, pSql->z, p->zInput, pSql->iLine);
  pSql->n = 0;
  if( p->nOncePending ){
    outputReset(p);
    p->nOncePending = 0;
  }
  if( p->bModeOnce ){
    modePop(p);
    p->bModeOnce = 0;
  }
  return nErr;
}

/*
** Handle one line of input.  Return the number of errors, or -1 when the
** input is to end here.
*/
static int inputHandle(Shell *p, Pending *pSql, const char *zLine){
  int rc;
  if( lineIsAlone(pSql, zLine) ){
    inputEcho(p, zLine);
    if( zLine[0]!='.' ) return 0;
    rc = dotCommand(p, zLine);
    return rc==DOT_QUIT ? -1 : rc!=DOT_OK;
  }
  pendingAdd(pSql, zLine, p->nLine);
  if( pSql->n>SQL_BYTES_MAX ){
    char *z = shPrintf("%s:%lld: Input SQL is too big: %,lld bytes\n",
                       p->zInput, pSql->iLine, (i64)pSql->n);
    fputs(z, stderr);
    sqlite3_free(z);
    pSql->n = 0;
    return 1;
  }
  if( !pendingEnds(pSql) ) return 0;
  if( pSql->bText ) return pendingRun(p, pSql);
  inputEcho(p, pSql->z);
  pSql->n = 0;
  return 0;
}

/*
** What the line editor asks.
*/
static int editComplete(void *pArg, const char *zText){
  Pending sql;
  char *zCopy = shDup(zText);
  char *zRest = zCopy;
  char *zLine;
  (void)pArg;
  memset(&sql, 0, sizeof(sql));
  while( (zLine = cutLine(&zRest))!=0 ){
    if( lineIsAlone(&sql, zLine) ) continue;
    pendingAdd(&sql, zLine, 0);
    if( pendingEnds(&sql) ) sql.n = 0;
  }
  sqlite3_free(zCopy);
  sqlite3_free(sql.z);
  return sql.n==0;
}
static int editColor(void *pArg){
  (void)pArg;
  return shColor(1);
}
static void editPrompt(
  void *pArg,
  const char *zPending,
  EditPut xPut,
  void *pTo
){
  char *z = promptExpand((Shell*)pArg, zPending);
  xPut(pTo, z);
  sqlite3_free(z);
}
static int editCandidates(
  void *pArg,
  const char *zText,
  EditPut xPut,
  void *pTo
){
  return candidatesFind((Shell*)pArg, zText, xPut, pTo);
}

/*
** Start the line editor if it is wanted and possible.  Return true if it
** runs.
*/
static int editStart(Shell *p){
  EditCalls calls = { 0, editComplete, editColor, editPrompt, editCandidates };
  char *zHistory;
  if( p->pEditor || !p->bLineEdit ) return p->bLineEdit;
  calls.pArg = p;
  zHistory = historyFile();
  p->pEditor = seawall_edit_open(zHistory, &calls);
  sqlite3_free(zHistory);
  p->bLineEdit = p->pEditor!=0;
  return p->bLineEdit;
}

/*
** Have the user type a line without an editor.  zPending is the statement so
** far, or NULL.
*/
static char *typedLine(Shell *p, const char *zPending, int *peEnd){
  char *zPrompt = promptExpand(p, zPending);
  char *zLine = 0;
  fputs(zPrompt, stdout);
  fflush(stdout);
  sqlite3_free(zPrompt);
  /* A terminal delivers line by line: nothing waits in the buffer. */
  if( !isatty(0) || signalWaitInput(0) ) zLine = inputLine(stdin, 0);
  if( zLine==0 && signalPending() ){
    fputs("\n", stdout);
    clearerr(stdin);
    *peEnd = EDIT_INTERRUPT;
  }else{
    *peEnd = zLine ? EDIT_LINE : EDIT_EOF;
  }
  return zLine;
}

/*
** Have the user type something: a line or, with an editor, as many as it
** takes.  NULL if that is nothing.  *peEnd tells how it ended.
*/
static char *typedText(Shell *p, Pending *pSql, int *peEnd){
  char *z, *zText;
  signalClear();
  if( !editStart(p) ) return typedLine(p, pSql->n ? pSql->z : 0, peEnd);
  z = seawall_edit_statement(p->pEditor, peEnd);
  zText = shDup(z);
  seawall_edit_free(z);
  return zText;
}

/*
** Handle all lines of zText, which is changed.  Return the number of errors,
** or -1 when the input is to end here.
*/
static int inputText(Shell *p, Pending *pSql, char *zText){
  char *zLine;
  int nErr = 0;
  while( (zLine = cutLine(&zText))!=0 ){
    int n;
    p->nLine++;
    n = inputHandle(p, pSql, zLine);
    if( n<0 ) return -1;
    nErr += n;
    if( signalPending() ) break;
  }
  return nErr;
}

/*
** Read what is typed, and do what it says.  Return the number of errors.
*/
static int inputTyped(Shell *p, Pending *pSql){
  int eEnd = EDIT_LINE;
  int nErr = 0;
  while( eEnd!=EDIT_EOF ){
    char *zText;
    int n;
    fflush(p->out);
    zText = typedText(p, pSql, &eEnd);
    if( eEnd==EDIT_INTERRUPT ) pSql->n = 0;
    n = inputText(p, pSql, zText);
    sqlite3_free(zText);
    if( n<0 ) return nErr;
    nErr += n;
  }
  fputs("\n", p->out);
  return nErr;
}

/*
** Read the input p->in line by line, and do what it says.  Return the number
** of errors.
*/
static int inputLoop(Shell *p, Pending *pSql){
  char *zLine = 0;
  int nErr = 0;
  while( nErr==0 || !p->bBail ){
    int n;
    fflush(p->out);
    zLine = inputLine(p->in, zLine);
    if( zLine==0 || signalPending() ) break;
    p->nLine++;
    n = inputHandle(p, pSql, zLine);
    if( n<0 ) break;
    nErr += n;
  }
  sqlite3_free(zLine);
  return nErr;
}

/*
** Process all of p->in.  zName is what messages call it.  Return 1 if there
** was any error, otherwise 0.
*/
int inputProcess(Shell *p, const char *zName){
  const char *zSavedInput = p->zInput;
  const char *zSavedAt = p->zErrorAt;
  i64 nSavedLine = p->nLine;
  Pending sql;
  int nErr;
  if( p->nNesting==SHELL_NESTING_MAX ){
    fprintf(stderr, "%s: Input nesting limit (%d) reached at line %lld."
            " Check recursion.\n", zName, SHELL_NESTING_MAX,
            (long long)p->nLine);
    return 1;
  }
  memset(&sql, 0, sizeof(sql));
  p->nNesting++;
  p->zInput = zName;
  p->zErrorAt = 0;
  p->nLine = 0;
  nErr = p->in ? inputLoop(p, &sql) : inputTyped(p, &sql);
  if( sql.n ) nErr += pendingRun(p, &sql);
  sqlite3_free(sql.z);
  p->nNesting--;
  p->zInput = zSavedInput;
  p->zErrorAt = zSavedAt;
  p->nLine = nSavedLine;
  return nErr>0;
}

/*
** Open a file to read commands from.  NULL if that is not possible or it is
** not a thing to read from, such as a directory.
*/
FILE *inputOpen(const char *zFile){
  struct stat x;
  if( stat(zFile, &x)!=0 ) return 0;
  if( !S_ISREG(x.st_mode) && !S_ISFIFO(x.st_mode) && !S_ISCHR(x.st_mode) ){
    return 0;
  }
  return fopen(zFile, "rb");
}

/*
** Process the file zFile, or, if it begins with "|", the output of that
** command.  Return -1 if it cannot be opened, else as inputProcess().
*/
int inputFile(Shell *p, const char *zFile){
  FILE *pSavedIn = p->in;
  int bPipe = zFile[0]=='|';
  int rc = -1;
  FILE *in = bPipe ? popen(&zFile[1], "r") : inputOpen(zFile);
  if( in ){
    char *zName = shDup(bPipe ? "<pipe>" : zFile);
    p->in = in;
    rc = inputProcess(p, zName);
    p->in = pSavedIn;
    if( bPipe ) pclose(in); else fclose(in);
    sqlite3_free(zName);
  }
  return rc;
}
