/*
** Dot-commands that steer the shell itself.
*/
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "prompt/lineedit.h"
#include "shell.h"

/*
** .exit ?CODE?
*/
int dotExit(Shell *p){
  int rc = p->dot.nArg>1 ? (int)shInteger(p->dot.azArg[1]) : 0;
  if( rc ){
    outputReset(p);
    seawall_edit_close(p->pEditor);
    exit(rc);
  }
  return DOT_QUIT;
}

/*
** .quit
*/
int dotQuit(Shell *p){
  (void)p;
  return DOT_QUIT;
}

/*
** .help ?-all? ?PATTERN?
*/
int dotHelp(Shell *p){
  const char *zPattern = p->dot.nArg>1 ? p->dot.azArg[1] : 0;
  if( helpShow(p->out, zPattern)==0 ){
    fprintf(p->out, "Nothing matches '%s'\n", zPattern);
  }
  return DOT_OK;
}

/*
** .load FILE ?ENTRYPOINT?
*/
int dotLoad(Shell *p){
  char *zErr = 0;
  safeRefuse(p, "cannot run .load in safe mode");
  if( p->dot.nArg<2 || p->dot.nArg>3 || p->dot.azArg[1][0]==0 ){
    return dotUsage(".load FILE ?ENTRYPOINT?");
  }
  databaseOpen(p, OPEN_OR_EXIT);
  if( sqlite3_load_extension(p->db, p->dot.azArg[1], p->dot.azArg[2],
                             &zErr)!=SQLITE_OK ){
    fprintf(stderr, "Error: %s\n", zErr ? zErr : sqlite3_errmsg(p->db));
    sqlite3_free(zErr);
    return DOT_ERROR;
  }
  return DOT_OK;
}

/*
** .print STRING ...
*/
int dotPrint(Shell *p){
  int i;
  for(i=1; i<p->dot.nArg; i++){
    fprintf(p->out, "%s%s", i>1 ? " " : "", p->dot.azArg[i]);
  }
  fputs("\n", p->out);
  return DOT_OK;
}

/*
** .read FILE
*/
int dotRead(Shell *p){
  char *zFile;
  int rc;
  safeRefuse(p, "cannot run .read in safe mode");
  if( p->dot.nArg!=2 ) return dotUsage(".read FILE");
  zFile = shDup(p->dot.azArg[1]);   /* p->dot is reused while reading */
  rc = inputFile(p, zFile);
  if( rc<0 ) fprintf(stderr, "Error: cannot open \"%s\"\n", zFile);
  sqlite3_free(zFile);
  return rc ? DOT_ERROR : DOT_OK;
}

/*
** .shell COMMAND ...
** .system COMMAND ...
*/
int dotSystem(Shell *p){
  sqlite3_str *pStr;
  char *zCommand;
  int i, rc;
  safeRefuse(p, "cannot run .%s in safe mode", p->dot.azArg[0]);
  if( p->dot.nArg<2 ) return dotUsage(".system COMMAND");
  pStr = sqlite3_str_new(0);
  for(i=1; i<p->dot.nArg; i++){
    const char *z = p->dot.azArg[i];
    sqlite3_str_appendf(pStr, strchr(z, ' ') ? "%s\"%s\"" : "%s%s",
                        i>1 ? " " : "", z);
  }
  zCommand = shFinish(pStr);
  fflush(p->out);
  rc = system(zCommand);
  sqlite3_free(zCommand);
  if( rc ) fprintf(stderr, "System command returns %d\n", rc);
  return DOT_OK;
}

/*
** .version
*/
int dotVersion(Shell *p){
  fprintf(p->out, "SQLite %s %s\n", sqlite3_libversion(), sqlite3_sourceid());
#if defined(__clang__)
  fprintf(p->out, "clang-%d.%d.%d (%d-bit)\n", __clang_major__,
          __clang_minor__, __clang_patchlevel__, (int)sizeof(void*)*8);
#elif defined(__GNUC__)
  fprintf(p->out, "gcc-" __VERSION__ " (%d-bit)\n", (int)sizeof(void*)*8);
#endif
  return DOT_OK;
}

/*
** What ".open" has been asked for.
*/
typedef struct OpenRequest OpenRequest;
struct OpenRequest {
  const char *zFile;     /* NULL: a temporary database */
  int mFlags;            /* SQLITE_OPEN_* */
  int bNew;              /* Delete the file first */
  u8 eOpen;              /* OPEN_* */
  i64 nMaxSize;          /* --maxsize */
};

/*
** Apply an option.  Return false if z is none.
*/
static int openOption(OpenRequest *pReq, const char *z){
  if( shOption(z, "new") ){
    pReq->bNew = 1;
  }else if( shOption(z, "readonly") ){
    pReq->mFlags &= ~(SQLITE_OPEN_READWRITE|SQLITE_OPEN_CREATE);
    pReq->mFlags |= SQLITE_OPEN_READONLY;
  }else if( shOption(z, "ifexists") ){
    pReq->mFlags &= ~SQLITE_OPEN_CREATE;
  }else if( shOption(z, "nofollow") ){
    pReq->mFlags |= SQLITE_OPEN_NOFOLLOW;
  }else if( shOption(z, "exclusive") ){
    pReq->mFlags |= SQLITE_OPEN_EXCLUSIVE;
  }else if( shOption(z, "append") ){
    pReq->eOpen = OPEN_APPEND;
  }else if( shOption(z, "zip") ){
    pReq->eOpen = OPEN_ZIP;
  }else if( shOption(z, "normal") ){
    pReq->eOpen = OPEN_NORMAL;
  }else if( shOption(z, "deserialize") ){
    pReq->eOpen = OPEN_COPY;
  }else if( shOption(z, "hexdb") ){
    pReq->eOpen = OPEN_TEXT;
  }else{
    return 0;
  }
  return 1;
}

/*
** The name of the file that a "file:" URI speaks of.  To be freed.
*/
static char *uriFile(const char *zUri){
  char *z = shDup(&zUri[5]);
  char *zOut = z;
  const char *zIn = z;
  while( zIn[0] && zIn[0]!='?' && zIn[0]!='#' ){
    if( zIn[0]=='%' ){
      if( shHexDigit(zIn[1])<0 || shHexDigit(zIn[2])<0 ) break;
      *zOut++ = (char)(shHexDigit(zIn[1])*16 + shHexDigit(zIn[2]));
      zIn += 3;
    }else{
      *zOut++ = *zIn++;
    }
  }
  *zOut = 0;
  return z;
}

/*
** Delete a database file, if there is one.  Return false after a message.
*/
static int deleteDatabase(const char *zFile){
  char *z = strncmp(zFile, "file:", 5)==0 ? uriFile(zFile)
                                          : databaseFile(zFile);
  int bOk = unlink(z)==0 || errno==ENOENT;
  if( !bOk ){
    fprintf(stderr, "Error: cannot delete \"%s\": %s\n", z, strerror(errno));
  }
  sqlite3_free(z);
  return bOk;
}

/*
** .open ?OPTIONS? ?FILE?
*/
int dotOpen(Shell *p){
  OpenRequest req;
  int i, rc = DOT_OK;
  memset(&req, 0, sizeof(req));
  req.mFlags = SQLITE_OPEN_READWRITE|SQLITE_OPEN_CREATE;
  if( p->bSafe ) req.mFlags = SQLITE_OPEN_READONLY;
  for(i=1; i<p->dot.nArg; i++){
    const char *z = p->dot.azArg[i];
    if( openOption(&req, z) ) continue;
    if( shOption(z, "maxsize") && i+1<p->dot.nArg ){
      req.nMaxSize = shInteger(p->dot.azArg[++i]);
      continue;
    }
    if( z[0]=='-' ){
      fprintf(stderr, "unknown option: %s\n", z);
      return DOT_ERROR;
    }
    if( req.zFile ){
      fprintf(stderr, "extra argument: \"%s\"\n", z);
      return DOT_ERROR;
    }
    req.zFile = z;
  }
  databaseClose(p);
  modeSetText(&p->zDbFile, 0);
  if( req.zFile ){
    if( strcmp(req.zFile, ":memory:")!=0 ){
      safeRefuse(p, "cannot open disk-based database files in safe mode");
    }
    if( req.bNew && !p->bSafe && !deleteDatabase(req.zFile) ) rc = DOT_ERROR;
    modeSetText(&p->zDbFile, req.zFile);
  }
  p->openFlags = req.mFlags;
  p->eOpen = req.eOpen;
  p->nMaxSize = req.nMaxSize;
  databaseOpen(p, OPEN_OR_TEMP);
  return rc;
}
