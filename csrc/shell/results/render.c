/*
** Running a query and showing it: the entry point of the renderer, and all
** the styles that can show a row as soon as they have it.
*/
#include <string.h>
#include "render.h"

/*
** Record that memory ran out.
*/
void renderNoMem(Render *p){
  if( p->rc==SQLITE_OK ) p->rc = SQLITE_NOMEM;
}

/*
** A text that is emptied and filled again and again, and keeps its buffer unless
** that is large.  SQLite wants a text that has a buffer not to be empty: this one
** begins with a line end that is no part of it.
*/
#define TEXT_KEEP  65536
sqlite3_str *renderTextNew(void){
  sqlite3_str *pStr = sqlite3_str_new(0);
  sqlite3_str_appendchar(pStr, 1, '\n');
  return pStr;
}
int renderTextLength(sqlite3_str *pStr){
  int n = sqlite3_str_length(pStr);
  return n>0 ? n-1 : 0;
}
const char *renderTextValue(sqlite3_str *pStr){
  const char *z = sqlite3_str_value(pStr);
  return z ? z+1 : "";
}
void renderTextEmpty(sqlite3_str *pStr){
  if( sqlite3_str_length(pStr)<=TEXT_KEEP
   && sqlite3_str_errcode(pStr)==SQLITE_OK
  ){
    sqlite3_str_truncate(pStr, 1);
  }else{
    sqlite3_str_reset(pStr);
    sqlite3_str_appendchar(pStr, 1, '\n');
  }
}

/*
** Pass on what has been accumulated.
*/
void renderFlush(Render *p){
  int n = renderTextLength(p->pOut);
  int rc = sqlite3_str_errcode(p->pOut);
  if( rc!=SQLITE_OK && p->rc==SQLITE_OK ) p->rc = rc;
  if( n>0 ) p->xWrite(p->pArg, renderTextValue(p->pOut), n);
  renderTextEmpty(p->pOut);
}

/*
** Advance to the next row.  Return true if there is one.
*/
int renderStep(Render *p){
  if( p->rc!=SQLITE_OK ) return 0;
  p->rcStep = sqlite3_step(p->pStmt);
  return p->rcStep==SQLITE_ROW;
}

/*
** True if a statement without rows has titles all the same.  One that has
** failed has none.
*/
int renderEmptyTitles(const Render *p){
  return p->spec.bTitles==SW_ALWAYS && p->rcStep==SQLITE_DONE;
}

/*
** Append the title of column iCol.
*/
void renderTitle(Render *p, sqlite3_str *pOut, int iCol){
  const char *z = sqlite3_column_name(p->pStmt, iCol);
  if( z==0 ) renderNoMem(p);
  renderEncode(p, p->spec.eTitle, pOut, z ? z : "");
}

/*
** Room for a title of each column, or NULL when memory is out.
*/
static char **newTitles(Render *p){
  size_t n = (size_t)p->nCol*sizeof(char*);
  char **az = sqlite3_malloc64( n );
  if( az ){
    memset(az, 0, n);
  }else{
    renderNoMem(p);
  }
  return az;
}

/*
** STYLE_LIST: values with separators.
*/
static void listTitles(Render *p){
  int i;
  if( p->spec.bTitles<SW_ON || p->nCol==0 ) return;
  for(i=0; i<p->nCol; i++){
    if( i ) sqlite3_str_appendall(p->pOut, p->spec.zColSep);
    renderTitle(p, p->pOut, i);
  }
  sqlite3_str_appendall(p->pOut, p->spec.zRowSep);
}
static void listRow(Render *p){
  int i;
  if( p->nRow==0 ) listTitles(p);
  for(i=0; i<p->nCol; i++){
    if( i ) sqlite3_str_appendall(p->pOut, p->spec.zColSep);
    renderValue(p, p->pOut, i);
  }
  sqlite3_str_appendall(p->pOut, p->spec.zRowSep);
}
static void listEnd(Render *p){
  if( p->nRow==0 && renderEmptyTitles(p) ) listTitles(p);
}

/*
** STYLE_HTML: the rows of an HTML table.
*/
static void htmlTitles(Render *p){
  int i;
  if( p->spec.bTitles<SW_ON || p->nCol==0 ) return;
  sqlite3_str_appendall(p->pOut, "<TR>");
  for(i=0; i<p->nCol; i++){
    sqlite3_str_appendall(p->pOut, "\n<TH>");
    renderTitle(p, p->pOut, i);
  }
  sqlite3_str_appendall(p->pOut, "\n</TR>\n");
}
static void htmlRow(Render *p){
  int i;
  if( p->nRow==0 ) htmlTitles(p);
  sqlite3_str_appendall(p->pOut, "<TR>");
  for(i=0; i<p->nCol; i++){
    sqlite3_str_appendall(p->pOut, "\n<TD>");
    renderValue(p, p->pOut, i);
  }
  sqlite3_str_appendall(p->pOut, "\n</TR>\n");
}

/*
** True if zId must be quoted to be used as an identifier.
*/
static int needsQuote(const char *zId){
  int i;
  if( zId==0 || zId[0]==0 || (zId[0]>='0' && zId[0]<='9') ) return 1;
  for(i=0; zId[i]; i++){
    char c = zId[i];
    if( !((c>='a' && c<='z') || (c>='A' && c<='Z') || (c>='0' && c<='9')
          || c=='_') ) return 1;
  }
  return sqlite3_keyword_check(zId, i)!=0;
}
static void appendId(sqlite3_str *pOut, const char *zId){
  sqlite3_str_appendf(pOut, needsQuote(zId) ? "\"%w\"" : "%s", zId);
}

/*
** STYLE_INSERT: INSERT statements.  With nMultiInsert, rows are added to one
** statement until it is that long.
*/
static void insertStart(Render *p){
  int i;
  sqlite3_str_appendall(p->pOut, "INSERT INTO ");
  appendId(p->pOut, p->spec.zTable);
  if( p->spec.bTitles>=SW_ON ){
    for(i=0; i<p->nCol; i++){
      sqlite3_str_appendall(p->pOut, i ? "," : "(");
      appendId(p->pOut, sqlite3_column_name(p->pStmt, i));
    }
    sqlite3_str_appendall(p->pOut, ")");
  }
  sqlite3_str_appendall(p->pOut, " VALUES(");
}
static void insertRow(Render *p){
  int iStart = sqlite3_str_length(p->pOut);
  int i;
  if( p->nInsert==0 ){
    insertStart(p);
  }else{
    sqlite3_str_appendall(p->pOut, ",\n  (");
  }
  for(i=0; i<p->nCol; i++){
    if( i ) sqlite3_str_appendall(p->pOut, ",");
    renderValue(p, p->pOut, i);
  }
  p->nInsert += (unsigned)(sqlite3_str_length(p->pOut) + 2 - iStart);
  if( p->nInsert>=p->spec.nMultiInsert ){
    sqlite3_str_appendall(p->pOut, ");\n");
    p->nInsert = 0;
  }else{
    sqlite3_str_appendall(p->pOut, ")");
  }
}
static void insertEnd(Render *p){
  if( p->nInsert ) sqlite3_str_appendall(p->pOut, ";\n");
}

/*
** STYLE_JSON and STYLE_JOBJECT: an array of objects, or just the objects.
** The names, with what is around them, are the same in each.
*/
static void jsonTitles(Render *p){
  int i;
  p->azTitle = newTitles(p);
  if( p->azTitle==0 ) return;
  for(i=0; i<p->nCol; i++){
    sqlite3_str *pStr = sqlite3_str_new(0);
    const char *z = sqlite3_column_name(p->pStmt, i);
    if( i ) sqlite3_str_appendchar(pStr, 1, ',');
    renderEncode(p, TEXT_JSON, pStr, z ? z : "");
    sqlite3_str_appendchar(pStr, 1, ':');
    p->azTitle[i] = sqlite3_str_finish(pStr);
    if( p->azTitle[i]==0 ) renderNoMem(p);
  }
}
static void jsonRow(Render *p){
  int bArray = p->spec.eStyle==STYLE_JSON;
  int i;
  if( p->azTitle==0 ) jsonTitles(p);
  if( p->rc ) return;
  if( p->nRow==0 ){
    sqlite3_str_appendall(p->pOut, bArray ? "[{" : "{");
  }else{
    sqlite3_str_appendall(p->pOut, bArray ? "},\n{" : "}\n{");
  }
  for(i=0; i<p->nCol; i++){
    sqlite3_str_appendall(p->pOut, p->azTitle[i]);
    renderValue(p, p->pOut, i);
  }
}
static void jsonEnd(Render *p){
  if( p->nRow==0 ) return;
  sqlite3_str_appendall(p->pOut, p->spec.eStyle==STYLE_JSON ? "}]\n" : "}\n");
}

/*
** STYLE_LINE: a line for each value, titles at the left.
*/
static void lineTitles(Render *p){
  int i;
  p->azTitle = newTitles(p);
  if( p->azTitle==0 ) return;
  for(i=0; i<p->nCol; i++){
    const char *zName = sqlite3_column_name(p->pStmt, i);
    char *z = p->azTitle[i] = sqlite3_mprintf("%s", zName ? zName : "unknown");
    int n;
    if( z==0 ){
      renderNoMem(p);
      continue;
    }
    if( p->spec.nTitleLimit>0 ) widthLimitTitle(z, p->spec.nTitleLimit);
    n = widthOf(z, (sqlite3_int64)strlen(z));
    if( n>p->nTitleWidth ) p->nTitleWidth = n;
  }
}
static void lineValue(Render *p, const char *zValue, int nIndent){
  int nWidth = p->spec.nScreenWidth - nIndent;
  int nLine = 0;
  if( p->spec.nScreenWidth<=0 ) nWidth = RENDER_WIDTH_MAX - nIndent;
  if( nWidth<1 ) nWidth = 1;
  do{
    TextLine line = wrapLine(zValue, nWidth, p->spec.bWordWrap!=SW_OFF);
    if( nLine ) sqlite3_str_appendchar(p->pOut, nIndent, ' ');
    nLine++;
    if( p->spec.nLineLimit>0 && nLine>p->spec.nLineLimit ){
      sqlite3_str_appendall(p->pOut, "...\n");
      return;
    }
    sqlite3_str_append(p->pOut, zValue, line.nByte);
    sqlite3_str_appendchar(p->pOut, 1, '\n');
    zValue += line.iNext;
  }while( zValue[0] );
}
static void lineRow(Render *p){
  int i;
  if( p->azTitle==0 ) lineTitles(p);
  if( p->rc ) return;
  if( p->nRow ) sqlite3_str_appendchar(p->pOut, 1, '\n');
  for(i=0; i<p->nCol; i++){
    sqlite3_str *pValue = sqlite3_str_new(0);
    const char *zTitle = p->azTitle[i];
    const char *z;
    int nPad = p->nTitleWidth - widthOf(zTitle, (sqlite3_int64)strlen(zTitle));
    sqlite3_str_appendchar(p->pOut, nPad, ' ');
    sqlite3_str_appendall(p->pOut, zTitle);
    sqlite3_str_appendall(p->pOut, p->spec.zColSep);
    renderValue(p, pValue, i);
    if( sqlite3_str_errcode(pValue) ) renderNoMem(p);
    z = sqlite3_str_value(pValue);
    lineValue(p, z ? z : "", p->nTitleWidth + (int)strlen(p->spec.zColSep));
    sqlite3_free(sqlite3_str_finish(pValue));
  }
}

/*
** STYLE_COUNT and STYLE_OFF: no rows at all.
*/
static void noRow(Render *p){
  (void)p;
}
static void countEnd(Render *p){
  sqlite3_str_appendf(p->pOut, "%lld\n", p->nRow);
}

/*
** Styles that show one row at a time.
*/
static const struct RowStyle {
  unsigned char eStyle;
  void (*xRow)(Render*);
  void (*xEnd)(Render*);
} aRowStyle[] = {
  { STYLE_LIST,     listRow,    listEnd   },
  { STYLE_LINE,     lineRow,    noRow     },
  { STYLE_HTML,     htmlRow,    noRow     },
  { STYLE_INSERT,   insertRow,  insertEnd },
  { STYLE_JSON,     jsonRow,    jsonEnd   },
  { STYLE_JOBJECT,  jsonRow,    jsonEnd   },
  { STYLE_COUNT,    noRow,      countEnd  },
  { STYLE_OFF,      noRow,      noRow     },
};

/*
** Show the rows of the statement in the style of p->spec.
*/
static void renderRows(Render *p){
  const struct RowStyle *pStyle = aRowStyle;
  while( pStyle->eStyle!=p->spec.eStyle ) pStyle++;
  while( renderStep(p) ){
    pStyle->xRow(p);
    p->nRow++;
    renderFlush(p);
  }
  if( p->rc==SQLITE_OK ) pStyle->xEnd(p);
}

/*
** Replace whatever the caller left open by a decision.
*/
static void renderDefaults(RenderSpec *pSpec){
  switch( pSpec->eStyle ){
    case STYLE_JSON:
    case STYLE_JOBJECT:
      pSpec->eText = TEXT_JSON;
      pSpec->zNull = "null";
      break;
    case STYLE_HTML:
      pSpec->eText = TEXT_HTML;
      pSpec->zNull = "null";
      break;
    case STYLE_INSERT:
      pSpec->eText = TEXT_SQL;
      pSpec->zNull = "NULL";
      if( pSpec->zTable==0 || pSpec->zTable[0]==0 ) pSpec->zTable = "tab";
      break;
  }
  if( pSpec->eText==0 ) pSpec->eText = TEXT_PLAIN;
  if( pSpec->eTitle==0 ) pSpec->eTitle = pSpec->eText;
  if( pSpec->eEsc==ESC_AUTO ) pSpec->eEsc = ESC_ASCII;
  if( pSpec->bTitles==SW_AUTO ) pSpec->bTitles = SW_OFF;
  if( pSpec->eBlob==BLOB_AUTO ){
    switch( pSpec->eText ){
      case TEXT_RELAXED:
      case TEXT_SQL:   pSpec->eBlob = BLOB_SQL;   break;
      case TEXT_JSON:  pSpec->eBlob = BLOB_JSON;  break;
      default:         pSpec->eBlob = BLOB_TEXT;  break;
    }
  }
  if( pSpec->zNull==0 ) pSpec->zNull = "";
  if( pSpec->zColSep==0 ) pSpec->zColSep = "|";
  if( pSpec->zRowSep==0 ) pSpec->zRowSep = "\n";
}

/*
** The format of 64-bit integers that spec.zIntFormat, which is for short ones,
** stands for.  Its conversion is the first letter behind "%".
*/
static void renderFormats(Render *p){
  const char *z = p->spec.zIntFormat;
  size_t n;
  if( z==0 ) return;
  n = strcspn(z, "%");
  n += strcspn(&z[n], "diuxXo");
  p->zLongFormat = sqlite3_mprintf("%.*sll%s", (int)n, z, &z[n]);
  if( p->zLongFormat==0 ) renderNoMem(p);
}

/*
** Free all that p owns.
*/
static void renderDestroy(Render *p){
  int i;
  sqlite3_free(sqlite3_str_finish(p->pOut));
  sqlite3_free(p->zLongFormat);
  if( p->azTitle ){
    for(i=0; i<p->nCol; i++) sqlite3_free(p->azTitle[i]);
    sqlite3_free(p->azTitle);
  }
  if( p->pJson ){
    sqlite3 *db = sqlite3_db_handle(p->pJson);
    sqlite3_finalize(p->pJson);
    sqlite3_close(db);
  }
}

/*
** See render.h.
*/
int renderQuery(
  sqlite3_stmt *pStmt,
  const RenderSpec *pSpec,
  void (*xWrite)(void*, const char*, sqlite3_int64),
  void *pArg,
  char **pzErr
){
  Render r;
  int rc;
  memset(&r, 0, sizeof(r));
  r.pStmt = pStmt;
  r.spec = *pSpec;
  r.pOut = renderTextNew();
  r.xWrite = xWrite;
  r.pArg = pArg;
  r.nCol = sqlite3_column_count(pStmt);
  renderDefaults(&r.spec);
  renderFormats(&r);
  switch( r.spec.eStyle ){
    case STYLE_BOX:
    case STYLE_COLUMN:
    case STYLE_MARKDOWN:
    case STYLE_TABLE:    renderColumns(&r);   break;
    case STYLE_EXPLAIN:  renderExplain(&r);   break;
    case STYLE_EQP:      renderPlan(&r);      break;
    default:             renderRows(&r);      break;
  }
  rc = sqlite3_reset(pStmt);
  if( rc==SQLITE_OK && r.rc==SQLITE_OK && r.spec.bRowCount==SW_ON ){
    sqlite3_str_appendf(r.pOut, "(%lld row%s)\n", r.nRow, r.nRow==1 ? "" : "s");
  }
  renderFlush(&r);
  if( r.rc!=SQLITE_OK ){
    rc = r.rc;
    *pzErr = sqlite3_mprintf("%s", sqlite3_errstr(rc));
  }else if( rc!=SQLITE_OK ){
    *pzErr = sqlite3_mprintf("%s", sqlite3_errmsg(sqlite3_db_handle(pStmt)));
  }
  renderDestroy(&r);
  return rc;
}
