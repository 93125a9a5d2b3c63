/*
** Styles with columns of even width: box, table, markdown and column.  The
** whole result is read first, because the widest value decides.
*/
#include <string.h>
#include "render.h"

typedef struct Cell Cell;
typedef struct Chunk Chunk;
typedef struct Column Column;
typedef struct Grid Grid;

/* One value, or one title. */
struct Cell {
  const char *z;          /* Text; NULL: there is none */
  int nWide;              /* Width of its widest line */
  unsigned char bNumber;  /* It is a number: right-aligned unless told */
  unsigned char bSimple;  /* nWide printable characters of ASCII, no more */
};

/* A piece of memory that holds the texts of cells. */
struct Chunk {
  Chunk *pNext;
  size_t nUsed;
  size_t nByte;
};
#define CHUNK_BYTES  65536

/* One column. */
struct Column {
  const char *zRest;      /* What of the current cell is yet to be shown */
  const Cell *pCell;      /* The current cell */
  int nWidth;             /* Width on the screen */
  int nNatural;           /* Width that needs no wrapping */
  unsigned char bFixed;   /* The user has set the width */
  unsigned char eAlign;   /* ALIGN_* of values */
};

/* The table. */
struct Grid {
  Render *p;
  sqlite3_int64 nCell;    /* Cells in use; a multiple of nCol */
  sqlite3_int64 nAlloc;   /* Cells allocated */
  Cell *aCell;            /* Titles, if any, then the rows */
  Chunk *pChunk;          /* Their texts, the latest first */
  sqlite3_str *pText;     /* Where a text is put together */
  int nCol;
  Column *aCol;
  int bTitles;            /* The first row holds titles */
  int bMulti;             /* Some row takes more than one line */
  int nGap;               /* Spaces between columns, both sides together */
};

/*
** Line art.  Each rule is: left end, filling, crossing, right end.
*/
typedef struct Frame Frame;
struct Frame {
  const char *azTop[4];
  const char *azHeader[4];     /* Between titles and values */
  const char *azBetween[4];    /* Between values, when they are multi-line */
  const char *azBottom[4];
  const char *zBar;            /* Between two cells */
};
static const Frame boxFrame = {
  { "\xe2\x95\xad", "\xe2\x94\x80", "\xe2\x94\xac", "\xe2\x95\xae" },
  { "\xe2\x95\x9e", "\xe2\x95\x90", "\xe2\x95\xaa", "\xe2\x95\xa1" },
  { "\xe2\x94\x9c", "\xe2\x94\x80", "\xe2\x94\xbc", "\xe2\x94\xa4" },
  { "\xe2\x95\xb0", "\xe2\x94\x80", "\xe2\x94\xb4", "\xe2\x95\xaf" },
  "\xe2\x94\x82"
};
static const Frame tableFrame = {
  { "+", "-", "+", "+" },
  { "+", "-", "+", "+" },
  { "+", "-", "+", "+" },
  { "+", "-", "+", "+" },
  "|"
};
static const Frame markdownFrame = {
  { 0, 0, 0, 0 },
  { "|", "-", "|", "|" },
  { 0, 0, 0, 0 },
  { 0, 0, 0, 0 },
  "|"
};

/*
** The frame of the style, or NULL for STYLE_COLUMN.
*/
static const Frame *gridFrame(Grid *g){
  switch( g->p->spec.eStyle ){
    case STYLE_BOX:       return &boxFrame;
    case STYLE_TABLE:     return &tableFrame;
    case STYLE_MARKDOWN:  return &markdownFrame;
    default:              return 0;
  }
}

/*
** True if the table is to have its outer frame.  Markdown cannot do without.
*/
static int gridBorder(Grid *g){
  return g->p->spec.bBorder!=SW_OFF || g->p->spec.eStyle==STYLE_MARKDOWN;
}

/*
** Return a new, empty cell, or NULL when memory is out.
*/
static Cell *gridNewCell(Grid *g){
  Cell *pCell;
  if( g->nCell>=g->nAlloc ){
    sqlite3_int64 nNew = g->nAlloc*2 + g->nCol*10;
    Cell *aNew = sqlite3_realloc64(g->aCell, (sqlite3_uint64)nNew*sizeof(Cell));
    if( aNew==0 ){
      renderNoMem(g->p);
      return 0;
    }
    g->aCell = aNew;
    g->nAlloc = nNew;
  }
  pCell = &g->aCell[g->nCell++];
  memset(pCell, 0, sizeof(*pCell));
  return pCell;
}

/*
** A copy of the n bytes at z, with a zero behind them, that lives as long as
** the grid.  NULL when memory is out.
*/
static char *gridCopy(Grid *g, const char *z, size_t n){
  Chunk *pChunk = g->pChunk;
  char *zCopy;
  if( pChunk==0 || pChunk->nByte-pChunk->nUsed<=n ){
    size_t nByte = n<CHUNK_BYTES ? CHUNK_BYTES : n+1;
    pChunk = sqlite3_malloc64( sizeof(Chunk) + nByte );
    if( pChunk==0 ){
      renderNoMem(g->p);
      return 0;
    }
    pChunk->pNext = g->pChunk;
    pChunk->nUsed = 0;
    pChunk->nByte = nByte;
    g->pChunk = pChunk;
  }
  zCopy = (char*)&pChunk[1] + pChunk->nUsed;
  memcpy(zCopy, z, n);
  zCopy[n] = 0;
  pChunk->nUsed += n + 1;
  return zCopy;
}

/*
** Move the text from g->pText to a new cell of column iCol.
*/
static void gridAddText(Grid *g, int iCol, int bTitle, int bNumber){
  int nByte = renderTextLength(g->pText);
  Cell *pCell = gridNewCell(g);
  char *z;
  if( pCell==0 ) return;
  z = gridCopy(g, renderTextValue(g->pText), (size_t)nByte);
  if( sqlite3_str_errcode(g->pText)!=SQLITE_OK ) renderNoMem(g->p);
  renderTextEmpty(g->pText);
  if( z==0 ) return;
  pCell->z = z;
  pCell->bNumber = (unsigned char)bNumber;
  if( bTitle && g->p->spec.nTitleLimit>0 ){
    pCell->nWide = widthLimitTitle(z, g->p->spec.nTitleLimit);
  }else if( widthIsSimple(z, nByte) ){
    pCell->nWide = nByte;
    pCell->bSimple = 1;
  }else{
    pCell->nWide = widthOfLines(z, nByte, &g->bMulti);
  }
  if( pCell->nWide>g->aCol[iCol].nNatural ){
    g->aCol[iCol].nNatural = pCell->nWide;
  }
}

/*
** Read the titles and all rows.
*/
static void gridLoad(Grid *g){
  Render *p = g->p;
  int bRow = renderStep(p);
  int i;
  if( !bRow && !renderEmptyTitles(p) ) return;
  if( p->spec.bTitles>=SW_ON ){
    g->bTitles = 1;
    for(i=0; i<g->nCol; i++){
      renderTitle(p, g->pText, i);
      gridAddText(g, i, 1, 0);
    }
  }
  for(; bRow && p->rc==SQLITE_OK; bRow=renderStep(p)){
    for(i=0; i<g->nCol; i++){
      int eType = sqlite3_column_type(p->pStmt, i);
      renderValue(p, g->pText, i);
      gridAddText(g, i, 0, eType==SQLITE_INTEGER || eType==SQLITE_FLOAT);
    }
    p->nRow++;
  }
}

/*
** Decide how values are aligned.
*/
static void gridAlign(Grid *g){
  const RenderSpec *pSpec = &g->p->spec;
  int i;
  for(i=0; i<g->nCol; i++){
    if( i<pSpec->nAlign ){
      g->aCol[i].eAlign = pSpec->aAlign[i];
    }else if( i<pSpec->nWidth && pSpec->aWidth[i]<0 ){
      g->aCol[i].eAlign = ALIGN_RIGHT;
    }
  }
}

/*
** Decide how wide each column would like to be.
*/
static void gridWidths(Grid *g){
  const RenderSpec *pSpec = &g->p->spec;
  int i;
  for(i=0; i<g->nCol; i++){
    Column *pCol = &g->aCol[i];
    int n = i<pSpec->nWidth ? pSpec->aWidth[i] : 0;
    if( n<0 ) n = -n;
    if( n>0 ){
      pCol->bFixed = 1;
      if( pCol->nNatural>n && (!g->bMulti || n==1) ){
        g->bMulti = 1;
        if( n==1 ) n = 2;     /* There may be a character two columns wide */
      }
    }else{
      n = pCol->nNatural;
      if( pSpec->nWrap>0 && n>pSpec->nWrap ){
        n = pSpec->nWrap;
        g->bMulti = 1;
      }
    }
    pCol->nWidth = n;
  }
}

/*
** Return the column to make narrower: the widest one that the user has not
** fixed and that would not suffer too much.  NULL if there is none.
*/
#define NARROW_MIN        8      /* Never make a column narrower than this */
#define NARROW_FREELY    16      /* Below this, at most halve a column */
static Column *gridWidest(Grid *g){
  Column *pBest = 0;
  int i;
  for(i=0; i<g->nCol; i++){
    Column *pCol = &g->aCol[i];
    int n = pCol->nWidth;
    if( pCol->bFixed || n<=NARROW_MIN ) continue;
    if( n<=NARROW_FREELY && n*2<=pCol->nNatural ) continue;
    if( pBest==0 || n>pBest->nWidth ) pBest = pCol;
  }
  return pBest;
}

/*
** Make the table fit the screen: first by leaving out the spaces around the
** bars, then by narrowing columns.
*/
static void gridFit(Grid *g){
  int nScreen = g->p->spec.nScreenWidth;
  int bBars = g->p->spec.eStyle!=STYLE_COLUMN;
  int nEnds = !bBars ? -1 : gridBorder(g) ? 1 : -1;
  int nSum = 0;
  int nTarget, i;
  g->nGap = 2;
  if( nScreen<=0 ) return;
  for(i=0; i<g->nCol; i++) nSum += g->aCol[i].nWidth;
  if( bBars ){
    if( nSum + g->nCol*3 + (gridBorder(g) ? 1 : -1) <= nScreen ) return;
  }else if( nSum + g->nCol*2 - 2 <= nScreen ){
    return;
  }
  g->nGap = 0;
  nTarget = nScreen - (g->nCol + nEnds);
  while( nSum>nTarget ){
    Column *pCol = gridWidest(g);
    int nGain;
    if( pCol==0 ) break;
    nGain = pCol->nWidth>=NARROW_MIN*2 ? pCol->nWidth/2
                                       : pCol->nWidth - NARROW_MIN;
    if( nSum-nGain<nTarget ) nGain = nSum - nTarget;
    pCol->nWidth -= nGain;
    nSum -= nGain;
    g->bMulti = 1;
  }
}

/*
** Widths of nCol columns when the cells are laid out column by column, or
** NULL if that is wider than the screen or memory is out.
*/
static int *splitWidths(Grid *g, int nCol){
  sqlite3_int64 nRow = (g->nCell + nCol - 1)/nCol;
  int *an = sqlite3_malloc64( (sqlite3_uint64)nCol*sizeof(int) );
  sqlite3_int64 i;
  int nSum = 2*(nCol-1);
  if( an==0 ){
    renderNoMem(g->p);
    return 0;
  }
  memset(an, 0, (size_t)nCol*sizeof(int));
  for(i=0; i<g->nCell; i++){
    int *pn = &an[i/nRow];
    if( g->aCell[i].nWide>*pn ) *pn = g->aCell[i].nWide;
  }
  for(i=0; i<nCol; i++) nSum += an[i];
  if( nSum>g->p->spec.nScreenWidth ){
    sqlite3_free(an);
    an = 0;
  }
  return an;
}

/*
** Lay the one column of the grid out as nCol columns of the given widths.
** Return false when memory is out.
*/
static int splitInto(Grid *g, int nCol, const int *an){
  sqlite3_int64 nRow = (g->nCell + nCol - 1)/nCol;
  sqlite3_uint64 nNew = (sqlite3_uint64)nRow*(sqlite3_uint64)nCol;
  Cell *aCell = sqlite3_malloc64( nNew*sizeof(Cell) );
  Column *aCol = sqlite3_malloc64( (sqlite3_uint64)nCol*sizeof(Column) );
  sqlite3_int64 i;
  int nSum = 0;
  if( aCell==0 || aCol==0 ){
    sqlite3_free(aCell);
    sqlite3_free(aCol);
    renderNoMem(g->p);
    return 0;
  }
  memset(aCell, 0, nNew*sizeof(Cell));
  memset(aCol, 0, (size_t)nCol*sizeof(Column));
  for(i=0; i<g->nCell; i++){
    aCell[(i%nRow)*nCol + i/nRow] = g->aCell[i];
  }
  for(i=0; i<nCol; i++){
    aCol[i].nWidth = aCol[i].nNatural = an[i];
    aCol[i].bFixed = 1;
    aCol[i].eAlign = g->aCol[0].eAlign;
    nSum += an[i];
  }
  sqlite3_free(g->aCell);
  sqlite3_free(g->aCol);
  g->aCell = aCell;
  g->aCol = aCol;
  g->nCol = nCol;
  g->nCell = g->nAlloc = (sqlite3_int64)nNew;
  g->nGap = (g->p->spec.nScreenWidth - nSum)/(nCol-1);
  if( g->nGap>5 ) g->nGap = 5;
  return 1;
}

/*
** If the result is one long column that may be split, use the whole width
** of the screen.  Return true if that was done.
*/
static int gridSplit(Grid *g){
  const RenderSpec *pSpec = &g->p->spec;
  int *anBest = 0;
  int nBest = 1;
  int nTry = 2;
  int bDone;
  if( g->nCol!=1 || g->nCell<2 || g->bTitles || pSpec->bSplit!=SW_ON
   || pSpec->eStyle!=STYLE_COLUMN
   || pSpec->nScreenWidth<=g->aCol[0].nWidth+3
  ){
    return 0;
  }
  for(;;){
    sqlite3_int64 nRow = (g->nCell + nTry - 1)/nTry;
    int *an = splitWidths(g, nTry);
    if( an==0 ) break;
    sqlite3_free(anBest);
    anBest = an;
    nBest = nTry;
    if( nRow==1 ) break;
    do{ nTry++; }while( (g->nCell + nTry - 1)/nTry==nRow );
  }
  bDone = nBest>1 && splitInto(g, nBest, anBest);
  sqlite3_free(anBest);
  if( nBest==1 ) g->nGap = 2;
  return bDone || nBest==1;
}

/*
** Append z as often as n says.
*/
static void appendMany(sqlite3_str *pOut, const char *z, int n){
  while( n-->0 ) sqlite3_str_appendall(pOut, z);
}

/*
** Draw a rule across the table.
*/
static void gridRule(Grid *g, const char *const *azRule){
  sqlite3_str *pOut = g->p->pOut;
  int i;
  if( azRule[0]==0 ) return;
  if( gridBorder(g) ) sqlite3_str_appendall(pOut, azRule[0]);
  for(i=0; i<g->nCol; i++){
    if( i ) sqlite3_str_appendall(pOut, azRule[2]);
    appendMany(pOut, azRule[1], g->aCol[i].nWidth + g->nGap);
  }
  if( gridBorder(g) ) sqlite3_str_appendall(pOut, azRule[3]);
  sqlite3_str_appendall(pOut, "\n");
}

/*
** Append the first n bytes of z, which are part of one line: tabs become
** spaces and control characters become visible.
*/
static void appendVisible(sqlite3_str *pOut, const char *z, int n){
  int nCol = 0;
  while( n>0 ){
    unsigned char c = (unsigned char)z[0];
    int nLen = 1;
    if( c>=0x80 ){
      nCol += widthOfChar(widthDecode((const unsigned char*)z, &nLen));
      sqlite3_str_append(pOut, z, nLen);
    }else if( c>=' ' ){
      nCol++;
      sqlite3_str_append(pOut, z, 1);
    }else if( c=='\t' ){
      int nTab = 8 - (nCol&7);
      sqlite3_str_appendchar(pOut, nTab, ' ');
      nCol += nTab;
    }else if( widthEscape(z)>0 ){
      nLen = widthEscape(z);
      sqlite3_str_append(pOut, z, nLen);
    }else if( c!='\r' || n>1 ){
      sqlite3_str_append(pOut, "\xe2\x90", 2);
      sqlite3_str_appendchar(pOut, 1, (char)(0x80+c));
      nCol++;
    }
    z += nLen;
    n -= nLen;
  }
}

/*
** Append n bytes of z, nWide columns wide, aligned within the column.
*/
static void appendAligned(Grid *g, Column *pCol, const char *z, int n,
                          int nWide, int bTitle){
  sqlite3_str *pOut = g->p->pOut;
  int eAlign = bTitle ? ALIGN_CENTER : pCol->eAlign;
  int nSpace = pCol->nWidth>nWide ? pCol->nWidth - nWide : 0;
  int nBefore;
  if( eAlign==ALIGN_AUTO ){
    eAlign = pCol->pCell->bNumber ? ALIGN_RIGHT : ALIGN_LEFT;
  }
  nBefore = eAlign==ALIGN_RIGHT ? nSpace : eAlign==ALIGN_CENTER ? nSpace/2 : 0;
  sqlite3_str_appendchar(pOut, nBefore, ' ');
  if( pCol->pCell->bSimple ){
    sqlite3_str_append(pOut, z, n);
  }else{
    appendVisible(pOut, z, n);
  }
  sqlite3_str_appendchar(pOut, nSpace-nBefore, ' ');
}

/*
** Remove spaces from the end of what has been written.
*/
static void trimEnd(sqlite3_str *pOut){
  const char *z = sqlite3_str_value(pOut);
  int n = sqlite3_str_length(pOut);
  while( n>0 && z[n-1]==' ' ) n--;
  sqlite3_str_truncate(pOut, n);
}

/*
** Append what comes before column iCol; for iCol==nCol, the end of the line.
*/
static void appendBar(Grid *g, int iCol){
  sqlite3_str *pOut = g->p->pOut;
  const Frame *pFrame = gridFrame(g);
  const char *zPad = g->nGap ? " " : "";
  if( pFrame==0 ){
    if( iCol==g->nCol ){
      trimEnd(pOut);
    }else if( iCol>0 ){
      sqlite3_str_appendchar(pOut, g->nGap<2 ? 1 : g->nGap, ' ');
    }
  }else if( iCol==g->nCol && !gridBorder(g) ){
    trimEnd(pOut);
  }else{
    if( iCol>0 ) sqlite3_str_appendall(pOut, zPad);
    if( iCol>0 || gridBorder(g) ) sqlite3_str_appendall(pOut, pFrame->zBar);
    if( iCol<g->nCol ) sqlite3_str_appendall(pOut, zPad);
  }
  if( iCol==g->nCol ) sqlite3_str_appendchar(pOut, 1, '\n');
}

/*
** Write one line of the current row.  Return true if there is more of it.
*/
static int gridRowLine(Grid *g, int bTitle, int bWords){
  int bMore = 0;
  int i;
  for(i=0; i<g->nCol; i++){
    Column *pCol = &g->aCol[i];
    const Cell *pCell = pCol->pCell;
    TextLine line;
    if( pCell->bSimple && pCol->zRest==pCell->z && pCell->nWide<=pCol->nWidth ){
      line.nByte = line.nWide = line.iNext = pCell->nWide;
    }else{
      line = wrapLine(pCol->zRest, pCol->nWidth, bWords);
    }
    appendBar(g, i);
    appendAligned(g, pCol, pCol->zRest, line.nByte, line.nWide, bTitle);
    pCol->zRest += line.iNext;
    if( pCol->zRest[0] ) bMore = 1;
  }
  appendBar(g, g->nCol);
  return bMore;
}

/*
** Write "..." where lines of the current row are left out.
*/
static void gridRowDots(Grid *g, int bTitle){
  int i;
  for(i=0; i<g->nCol; i++){
    Column *pCol = &g->aCol[i];
    int n = pCol->zRest[0]==0 ? 0 : pCol->nWidth<3 ? pCol->nWidth : 3;
    appendBar(g, i);
    appendAligned(g, pCol, "...", n, n, bTitle);
  }
  appendBar(g, g->nCol);
}

/*
** Write the row that begins with cell iCell.
*/
static void gridRow(Grid *g, sqlite3_int64 iCell, int bTitle){
  int nLimit = g->p->spec.nLineLimit;
  int bWords = g->bMulti && g->p->spec.bWordWrap!=SW_OFF;
  int nLine = 0;
  int bMore, i;
  for(i=0; i<g->nCol; i++){
    const Cell *pCell = &g->aCell[iCell+i];
    g->aCol[i].pCell = pCell;
    g->aCol[i].zRest = pCell->z ? pCell->z : "";
  }
  do{
    bMore = gridRowLine(g, bTitle, bWords);
    nLine++;
  }while( bMore && (nLimit<=0 || nLine<nLimit) );
  if( bMore ) gridRowDots(g, bTitle);
}

/*
** Draw what separates the row just written from the next one.
*/
static void gridBetween(Grid *g, int bTitle){
  const Frame *pFrame = gridFrame(g);
  int i;
  if( pFrame ){
    if( bTitle ){
      gridRule(g, pFrame->azHeader);
    }else if( g->bMulti ){
      gridRule(g, pFrame->azBetween);
    }
  }else if( bTitle ){
    for(i=0; i<g->nCol; i++){
      appendBar(g, i);
      sqlite3_str_appendchar(g->p->pOut, g->aCol[i].nWidth, '-');
    }
    appendBar(g, g->nCol);
  }else if( g->bMulti ){
    sqlite3_str_appendall(g->p->pOut, "\n");
  }
}

/*
** Write the table.
*/
static void gridDraw(Grid *g){
  const Frame *pFrame = gridFrame(g);
  sqlite3_int64 i;
  if( pFrame && gridBorder(g) ) gridRule(g, pFrame->azTop);
  for(i=0; i<g->nCell && g->p->rc==SQLITE_OK; i+=g->nCol){
    int bTitle = i==0 && g->bTitles;
    gridRow(g, i, bTitle);
    if( i+g->nCol<g->nCell ) gridBetween(g, bTitle);
    renderFlush(g->p);
  }
  if( pFrame && gridBorder(g) ) gridRule(g, pFrame->azBottom);
}

/*
** Show the statement in one of the columnar styles.
*/
void renderColumns(Render *p){
  Grid g;
  memset(&g, 0, sizeof(g));
  g.p = p;
  g.nCol = p->nCol;
  if( g.nCol==0 ){
    while( renderStep(p) ){}
    return;
  }
  g.aCol = sqlite3_malloc64( (sqlite3_uint64)g.nCol*sizeof(Column) );
  if( g.aCol==0 ){
    renderNoMem(p);
    return;
  }
  memset(g.aCol, 0, (size_t)g.nCol*sizeof(Column));
  g.pText = renderTextNew();
  gridLoad(&g);
  if( p->rc==SQLITE_OK && g.nCell>0 ){
    gridAlign(&g);
    gridWidths(&g);
    if( !gridSplit(&g) ) gridFit(&g);
    if( p->rc==SQLITE_OK ) gridDraw(&g);
  }
  while( g.pChunk ){
    Chunk *pNext = g.pChunk->pNext;
    sqlite3_free(g.pChunk);
    g.pChunk = pNext;
  }
  sqlite3_free(sqlite3_str_finish(g.pText));
  sqlite3_free(g.aCell);
  sqlite3_free(g.aCol);
}
