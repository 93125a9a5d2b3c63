/*
** ".testcase" and ".check": compare what commands say with what they should.
**
** From ".testcase" on, all that goes to p->out and to stderr is collected in a
** temporary file.
*/
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "shell.h"

/*
** End the collection, if there is one.
*/
void captureEnd(Shell *p){
  if( p->pCapture==0 ) return;
  if( p->out==p->pCapture ) p->out = stdout;
  fclose(p->pCapture);
  p->pCapture = 0;
  fflush(stderr);
  dup2(p->fdStderr, 2);
  close(p->fdStderr);
}

/*
** Begin it.  Return false after a message.
*/
static int captureBegin(Shell *p){
  FILE *f = tmpfile();
  int fd = f ? dup(2) : -1;
  if( fd<0 || dup2(fileno(f), 2)<0 ){
    perror("Error: cannot collect the output");
    if( fd>=0 ) close(fd);
    if( f ) fclose(f);
    return 0;
  }
  setvbuf(f, 0, _IONBF, 0);      /* In step with stderr */
  p->fdStderr = fd;
  p->pCapture = p->out = f;
  return 1;
}

/*
** What has been collected so far, to be freed.
*/
static char *captureText(Shell *p){
  char *z;
  long n = 0;
  if( p->pCapture==0 ) return shDup("");
  if( fseek(p->pCapture, 0, SEEK_END)==0 ) n = ftell(p->pCapture);
  if( n<0 ) n = 0;
  rewind(p->pCapture);
  z = shRealloc(0, (sqlite3_uint64)n+1);
  z[fread(z, 1, (size_t)n, p->pCapture)] = 0;
  fseek(p->pCapture, 0, SEEK_END);
  return z;
}

/*
** .testcase ?--error-prefix TEXT? ?NAME?
*/
int dotTestcase(Shell *p){
  const char *zName = 0;
  int i;
  for(i=1; i<p->dot.nArg; i++){
    const char *z = p->dot.azArg[i];
    if( shOption(z, "error-prefix") ){
      if( ++i==p->dot.nArg ){
        dotError(p, i-1, "missing argument", 0);
        return DOT_ERROR;
      }
      z = p->dot.azArg[i];
      modeSetText(&p->zErrorPrefix, z[0] ? z : 0);
    }else if( zName ){
      dotError(p, i, "unknown option", 0);
      return DOT_ERROR;
    }else{
      zName = z;
    }
  }
  outputReset(p);
  p->nOncePending = 0;
  sqlite3_free(p->zTestcase);
  p->zTestcase = zName ? shDup(zName)
                       : shPrintf("%s:%lld", p->zInput ? p->zInput : "",
                                  p->nLine);
  return captureBegin(p) ? DOT_OK : DOT_ERROR;
}

/*
** True if the character c is in the class that begins at *pz, behind the "[".
** Go to the end of the class; *pz is NULL if it has none.
*/
static int globClass(const char **pz, char c){
  const char *z = *pz;
  int bInvert = z[0]=='^', bIn = 0;
  if( bInvert ) z++;
  do{
    if( z[0]==0 ){
      *pz = 0;
      return 0;
    }
    if( z[1]=='-' && z[2] && z[2]!=']' ){
      if( c>=z[0] && c<=z[2] ) bIn = 1;
      z += 2;
    }else if( z[0]==c ){
      bIn = 1;
    }
    z++;
  }while( z[0]!=']' );
  *pz = z+1;
  return bIn!=bInvert;
}

/*
** Match what *pzGlob begins with, other than a star, with how z begins.  Return
** what follows in z, or NULL, and go on in the pattern.
*/
static const char *globOne(const char **pzGlob, const char *z){
  char c = *(*pzGlob)++;
  if( shIsSpace(c) ){
    if( !shIsSpace(z[0]) ) return 0;
    while( shIsSpace(**pzGlob) ) (*pzGlob)++;
    while( shIsSpace(z[0]) ) z++;
    return z;
  }
  if( c=='#' ){
    if( (z[0]=='-' || z[0]=='+') && shIsDigit(z[1]) ) z++;
    if( !shIsDigit(z[0]) ) return 0;
    while( shIsDigit(z[0]) ) z++;
    return z;
  }
  if( z[0]==0 ) return 0;
  if( c=='[' ) return globClass(pzGlob, z[0]) && *pzGlob ? z+1 : 0;
  return c=='?' || c==z[0] ? z+1 : 0;
}

/*
** True if all of z matches zGlob: a GLOB pattern in which "#" stands for an
** integer, and white space for any other.  White space at the end of z does not
** count.
*/
static int globMatch(const char *zGlob, const char *z){
  const char *zStar = 0, *zFrom = 0;
  for(;;){
    const char *zNext = zGlob, *zRest;
    if( zGlob[0]=='*' ){
      zStar = ++zGlob;
      zFrom = z;
      continue;
    }
    if( zGlob[0]==0 ){
      for(zRest=z; shIsSpace(zRest[0]); zRest++){}
      if( zRest[0]==0 ) return 1;
    }else if( (zRest = globOne(&zNext, z))!=0 ){
      zGlob = zNext;
      z = zRest;
      continue;
    }
    if( zStar==0 || zFrom[0]==0 ) return 0;
    zGlob = zStar;
    z = ++zFrom;
  }
}

/*
** Without line ends at either end.  *pn is the length of what remains.
*/
static const char *trimLines(const char *z, size_t *pn){
  size_t n;
  while( z[0]=='\n' || z[0]=='\r' ) z++;
  n = strlen(z);
  while( n>0 && (z[n-1]=='\n' || z[n-1]=='\r') ) n--;
  *pn = n;
  return z;
}

/* How ".check" compares */
#define CHECK_LINES    0
#define CHECK_GLOB     1
#define CHECK_NOTGLOB  2
#define CHECK_EXACT    3

static int checkMatches(int eCheck, const char *zWanted, const char *zGot){
  size_t n1, n2;
  if( eCheck==CHECK_EXACT ) return strcmp(zWanted, zGot)==0;
  if( eCheck==CHECK_LINES ){
    zWanted = trimLines(zWanted, &n1);
    zGot = trimLines(zGot, &n2);
    return n1==n2 && memcmp(zWanted, zGot, n1)==0;
  }else{
    char *zGlob = shPrintf("*%s*", zWanted);
    int bMatch = globMatch(zGlob, zGot);
    sqlite3_free(zGlob);
    return bMatch==(eCheck==CHECK_GLOB);
  }
}

/*
** The lines that follow, up to one that begins with zEnd.  To be freed.
*/
static char *hereLines(Shell *p, const char *zEnd){
  sqlite3_str *pStr = sqlite3_str_new(0);
  char *zLine = 0;
  while( (zLine = inputLine(p->in ? p->in : stdin, zLine))!=0 ){
    p->nLine++;
    if( strncmp(zLine, zEnd, strlen(zEnd))==0 ) break;
    sqlite3_str_appendf(pStr, "%s\n", zLine);
  }
  sqlite3_free(zLine);
  return shFinish(pStr);
}

/*
** What ".check" has been asked for.
*/
typedef struct Check Check;
struct Check {
  int eCheck;            /* CHECK_* */
  int bKeep;             /* Go on with the test case */
  const char *zPattern;
};

/*
** The options.  Return false after a message.
*/
static int checkOptions(Shell *p, Check *pCheck){
  static const char *const azHow[] = { "", "glob", "notglob", "exact", 0 };
  int i;
  for(i=1; i<p->dot.nArg; i++){
    const char *z = p->dot.azArg[i];
    int e = z[0]=='-' ? shPick(&z[z[1]=='-' ? 2 : 1], azHow) : -1;
    if( shOption(z, "keep") ){
      pCheck->bKeep = 1;
    }else if( shOption(z, "show") ){
      char *zText = captureText(p);
      fputs(zText, stdout);
      sqlite3_free(zText);
      pCheck->bKeep = 1;
    }else if( e>0 ){
      if( pCheck->eCheck && pCheck->eCheck!=e ){
        dotError(p, i, "incompatible with prior options", 0);
        return 0;
      }
      pCheck->eCheck = e;
    }else if( pCheck->zPattern ){
      dotError(p, i, "unknown option", 0);
      return 0;
    }else{
      pCheck->zPattern = z;
    }
  }
  if( pCheck->zPattern==0 ) dotError(p, 0, "no PATTERN specified", 0);
  return pCheck->zPattern!=0;
}

/*
** .check ?--exact|--glob|--notglob? ?--keep? ?--show? PATTERN
*/
int dotCheck(Shell *p){
  i64 iLine = p->nLine;
  Check check;
  char *zGot, *zHere = 0;
  memset(&check, 0, sizeof(check));
  if( p->zTestcase==0 ){
    dotError(p, 0, "no .testcase is active", 0);
    return DOT_ERROR;
  }
  if( !checkOptions(p, &check) ) return DOT_ERROR;
  zGot = captureText(p);
  p->nTest++;
  if( strncmp(check.zPattern, "<<", 2)==0 && check.zPattern[2] ){
    check.zPattern = zHere = hereLines(p, &check.zPattern[2]);
  }
  if( !checkMatches(check.eCheck, check.zPattern, zGot) ){
    p->nTestErr++;
    dprintf(p->pCapture ? p->fdStderr : 2,
            "%s:%lld: .check failed for testcase %s\n"
            "Expected: [%s]\nGot:      [%s]\n",
            p->zInput ? p->zInput : "", (long long)iLine, p->zTestcase,
            check.zPattern, zGot);
  }
  sqlite3_free(zHere);
  sqlite3_free(zGot);
  if( !check.bKeep ){
    outputReset(p);
    modeSetText(&p->zTestcase, 0);
  }
  return DOT_OK;
}
