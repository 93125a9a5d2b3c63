/*
** The table of built-in modes, and what may be done with a mode: change it,
** copy it, put it aside and take it back.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include "shell.h"

/*
** The modes, in the order in which ".mode --list" shows them.  MODE_ASCII
** and its siblings in shell.h are indexes into this table.
*/
static const RenderMode aMode[] = {
  /* name        between rows  after rows  for NULL
  **   text         titles      blobs      titles shown  style  shape  flags */
  { "ascii",     "\037", "\036", "",
      TEXT_PLAIN,  TEXT_PLAIN, BLOB_AUTO, SW_OFF,    STYLE_LIST,     0, 0 },
  { "box",       0, 0, "",
      TEXT_PLAIN,  TEXT_PLAIN, BLOB_AUTO, SW_ALWAYS, STYLE_BOX,
      SHAPE_COLUMNS, 0 },
  { "c",         ",", "\n", "NULL",
      TEXT_TCL,    TEXT_TCL,   BLOB_TCL,  SW_OFF,    STYLE_LIST,     0, 0 },
  { "column",    0, 0, "",
      TEXT_PLAIN,  TEXT_PLAIN, BLOB_AUTO, SW_ALWAYS, STYLE_COLUMN,
      SHAPE_COLUMNS, 0 },
  { "count",     0, 0, 0,
      0,           0,          BLOB_AUTO, SW_AUTO,   STYLE_COUNT,    0, 0 },
  { "csv",       ",", "\r\n", "",
      TEXT_CSV,    TEXT_CSV,   BLOB_AUTO, SW_OFF,    STYLE_LIST,     0, 0 },
  { "html",      0, 0, "",
      TEXT_HTML,   TEXT_HTML,  BLOB_AUTO, SW_ALWAYS, STYLE_HTML,     0, 0 },
  { "insert",    0, 0, "NULL",
      TEXT_SQL,    TEXT_SQL,   BLOB_AUTO, SW_OFF,    STYLE_INSERT,   0, 0 },
  { "jatom",     ",", "\n", "null",
      TEXT_JSON,   TEXT_JSON,  BLOB_AUTO, SW_OFF,    STYLE_LIST,     0, 0 },
  { "jobject",   0, "\n", "null",
      TEXT_JSON,   TEXT_JSON,  BLOB_AUTO, SW_AUTO,   STYLE_JOBJECT,  0, 0 },
  { "json",      0, 0, "null",
      TEXT_JSON,   TEXT_JSON,  BLOB_AUTO, SW_AUTO,   STYLE_JSON,     0, 0 },
  { "line",      ": ", "\n", "",
      TEXT_PLAIN,  TEXT_PLAIN, BLOB_AUTO, SW_AUTO,   STYLE_LINE,
      SHAPE_LINES, 0 },
  { "list",      "|", "\n", "",
      TEXT_PLAIN,  TEXT_PLAIN, BLOB_AUTO, SW_OFF,    STYLE_LIST,     0, 0 },
  { "markdown",  0, 0, "",
      TEXT_PLAIN,  TEXT_PLAIN, BLOB_AUTO, SW_ALWAYS, STYLE_MARKDOWN,
      SHAPE_COLUMNS, 0 },
  { "off",       0, 0, 0,
      0,           0,          BLOB_AUTO, SW_AUTO,   STYLE_OFF,      0, 0 },
  { "psql",      0, 0, "",
      TEXT_PLAIN,  TEXT_PLAIN, BLOB_AUTO, SW_ALWAYS, STYLE_TABLE,
      SHAPE_COLUMNS, MODEFLAG_NOBORDER },
  { "qbox",      0, 0, "NULL",
      TEXT_SQL,    TEXT_PLAIN, BLOB_AUTO, SW_ALWAYS, STYLE_BOX,
      SHAPE_COLUMNS, 0 },
  { "quote",     ",", "\n", "NULL",
      TEXT_SQL,    TEXT_SQL,   BLOB_AUTO, SW_OFF,    STYLE_LIST,     0, 0 },
  { "split",     0, 0, "",
      TEXT_PLAIN,  TEXT_PLAIN, BLOB_AUTO, SW_OFF,    STYLE_COLUMN,
      SHAPE_COLUMNS, MODEFLAG_SPLIT },
  { "table",     0, 0, "",
      TEXT_PLAIN,  TEXT_PLAIN, BLOB_AUTO, SW_ALWAYS, STYLE_TABLE,
      SHAPE_COLUMNS, 0 },
  { "tabs",      "\t", "\n", "",
      TEXT_CSV,    TEXT_CSV,   BLOB_AUTO, SW_OFF,    STYLE_LIST,     0, 0 },
  { "tcl",       " ", "\n", "\"\"",
      TEXT_TCL,    TEXT_TCL,   BLOB_TCL,  SW_OFF,    STYLE_LIST,     0, 0 },
};

#define MODE_QBOX  16

/* Limits of the mode "tty" and of ".mode --limits on". */
#define LIMIT_LINES   5
#define LIMIT_CHARS   300
#define LIMIT_TITLE   20
#define LIMIT_INSERT  3000

/*
** Return the number of the mode zName, or -1.
*/
int modeFind(Shell *p, const char *zName){
  int i;
  for(i=0; i<ArraySize(aMode); i++){
    if( strcmp(aMode[i].zName, zName)==0 ) return i;
  }
  for(i=0; i<p->nSaved; i++){
    if( strcmp(p->aSaved[i].zName, zName)==0 ) return MODE_SAVED+i;
  }
  if( strcmp(zName, "batch")==0 ) return MODE_BATCH;
  if( strcmp(zName, "tty")==0 ) return MODE_TTY;
  return -1;
}

/*
** The built-in mode number eMode.
*/
const RenderMode *modeInfo(int eMode){
  return &aMode[eMode];
}
const char *modeName(int eMode){
  return aMode[eMode].zName;
}

/*
** Write the names of all modes.
*/
void modeList(Shell *p, FILE *out){
  int i;
  fputs("available modes:", out);
  for(i=0; i<ArraySize(aMode); i++) fprintf(out, " %s", aMode[i].zName);
  for(i=0; i<p->nSaved; i++) fprintf(out, " %s", p->aSaved[i].zName);
  fputs(" batch tty\n", out);
}

/*
** Set *pz to a copy of zNew, which may be NULL.
*/
void modeSetText(char **pz, const char *zNew){
  char *zCopy = shDup(zNew);
  sqlite3_free(*pz);
  *pz = zCopy;
}

/*
** Free what pMode owns and set it to zero, except for the choice whether
** EXPLAIN is laid out as a listing.
*/
void modeFree(Mode *pMode){
  u8 bAutoExplain = pMode->bAutoExplain;
  sqlite3_free(pMode->spec.aWidth);
  sqlite3_free(pMode->spec.aAlign);
  sqlite3_free(pMode->spec.zColSep);
  sqlite3_free(pMode->spec.zRowSep);
  sqlite3_free(pMode->spec.zTable);
  sqlite3_free(pMode->spec.zNull);
  sqlite3_free(pMode->spec.zIntFormat);
  sqlite3_free(pMode->spec.zFpFormat);
  memset(pMode, 0, sizeof(*pMode));
  pMode->bAutoExplain = bAutoExplain;
}

/*
** Make *pTo, which holds nothing yet, a copy of *pFrom.
*/
void modeCopy(Mode *pTo, const Mode *pFrom){
  const RenderSpec *pOld = &pFrom->spec;
  *pTo = *pFrom;
  pTo->spec.aWidth = 0;
  pTo->spec.aAlign = 0;
  if( pOld->nWidth>0 ){
    size_t n = (size_t)pOld->nWidth * sizeof(pOld->aWidth[0]);
    pTo->spec.aWidth = shRealloc(0, n);
    memcpy(pTo->spec.aWidth, pOld->aWidth, n);
  }
  if( pOld->nAlign>0 ){
    pTo->spec.aAlign = shRealloc(0, (sqlite3_uint64)pOld->nAlign);
    memcpy(pTo->spec.aAlign, pOld->aAlign, (size_t)pOld->nAlign);
  }
  pTo->spec.zColSep = shDup(pOld->zColSep);
  pTo->spec.zRowSep = shDup(pOld->zRowSep);
  pTo->spec.zTable = shDup(pOld->zTable);
  pTo->spec.zNull = shDup(pOld->zNull);
  pTo->spec.zIntFormat = shDup(pOld->zIntFormat);
  pTo->spec.zFpFormat = shDup(pOld->zFpFormat);
}

/*
** Put a copy of the current mode aside; take the latest one back.
*/
void modePush(Shell *p){
  p->aModeStack = shRealloc(p->aModeStack,
                    sizeof(Mode)*(sqlite3_uint64)(p->nModeStack+1));
  modeCopy(&p->aModeStack[p->nModeStack++], &p->mode);
}
void modePop(Shell *p){
  if( p->nModeStack==0 ) return;
  modeFree(&p->mode);
  p->mode = p->aModeStack[--p->nModeStack];
}

/*
** Set the limits on what is shown of one value: "on", "off", "L,C" or
** "L,C,T" for lines, characters and characters of a title.  Return non-zero
** if zArg is none of that.
*/
int modeSetLimits(Shell *p, const char *zArg){
  RenderSpec *pSpec = &p->mode.spec;
  int nLine = 0, nChar = 0, nTitle = pSpec->nTitleLimit;
  if( strcmp(zArg, "on")==0 ){
    nLine = LIMIT_LINES;
    nChar = LIMIT_CHARS;
    nTitle = LIMIT_TITLE;
  }else if( strcmp(zArg, "off")==0 ){
    nTitle = 0;
  }else if( sscanf(zArg, "%d,%d,%d", &nLine, &nChar, &nTitle)<2
         || nLine<0 || nChar<0 || nTitle<0 ){
    return 1;
  }
  pSpec->nLineLimit = nLine;
  pSpec->nCharLimit = nChar;
  pSpec->nTitleLimit = nTitle;
  return 0;
}

/*
** Apply a built-in mode.  What it has no opinion of stays.
*/
static void modeApply(Mode *pMode, int eMode){
  const RenderMode *pInfo = &aMode[eMode];
  RenderSpec *pSpec = &pMode->spec;
  pMode->eMode = (u8)eMode;
  if( pInfo->zColSep ) modeSetText(&pSpec->zColSep, pInfo->zColSep);
  if( pInfo->zRowSep ) modeSetText(&pSpec->zRowSep, pInfo->zRowSep);
  if( pInfo->zNull ) modeSetText(&pSpec->zNull, pInfo->zNull);
  pSpec->eStyle = pInfo->eStyle;
  pSpec->eText = pInfo->eText;
  pSpec->eTitle = pInfo->eTitle;
  pSpec->eBlob = pInfo->eBlob;
  if( !pMode->bHeaderSet ) pSpec->bTitles = pInfo->bTitles;
  pSpec->bBorder = pInfo->mFlags & MODEFLAG_NOBORDER ? SW_OFF : SW_AUTO;
  pSpec->bSplit = pInfo->mFlags & MODEFLAG_SPLIT ? SW_ON : SW_OFF;
  pSpec->bRowCount = SW_OFF;
  if( pInfo->mFlags & MODEFLAG_SPLIT ) pMode->bAutoWidth = 1;
}

/*
** Change to the mode eMode: a built-in one, MODE_BATCH, MODE_TTY or a saved
** one.
*/
void modeChange(Shell *p, int eMode){
  Mode *pMode = &p->mode;
  u8 bEcho = pMode->bEcho;
  u8 bHeaderSet = pMode->bHeaderSet;
  if( eMode<ArraySize(aMode) ){
    modeApply(pMode, eMode);
    return;
  }
  modeFree(pMode);
  if( eMode>=MODE_SAVED ){
    modeCopy(pMode, &p->aSaved[eMode-MODE_SAVED].mode);
    return;
  }
  if( eMode==MODE_BATCH ){
    modeApply(pMode, MODE_LIST);
  }else{
    modeApply(pMode, MODE_QBOX);
    modeSetLimits(p, "on");
    pMode->bAutoWidth = 1;
    pMode->spec.eText = TEXT_RELAXED;
    pMode->spec.bTextJsonb = SW_ON;
    pMode->spec.nMultiInsert = LIMIT_INSERT;
  }
  pMode->bEcho = bEcho;
  pMode->bHeaderSet = bHeaderSet;
}

/*
** Show values in full and as they are: the output is to be read again.
*/
void modeExact(Shell *p){
  p->mode.spec.nCharLimit = 0;
  modeSetText(&p->mode.spec.zIntFormat, 0);
  modeSetText(&p->mode.spec.zFpFormat, 0);
}

/*
** Set the mode that a session begins with.
*/
void modeDefault(Shell *p){
  p->mode.bAutoExplain = 1;
  modeChange(p, p->bInteractive || p->bTerminal ? MODE_TTY : MODE_BATCH);
}

/*
** The width of the screen: as given by -screenwidth, as the terminal says,
** or 80.
*/
int modeScreenWidth(Shell *p){
  struct winsize ws;
  int fd;
  if( p->nScreenWidth>0 ) return p->nScreenWidth;
  for(fd=0; fd<=2; fd++){
    if( ioctl(fd, TIOCGWINSZ, &ws)>=0 ) return ws.ws_col;
  }
  return 80;
}
