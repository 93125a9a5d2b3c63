/*
** EXPLAIN as an indented listing, EXPLAIN QUERY PLAN as a tree.
*/
#include <string.h>
#include "render.h"

/*
** Columns of EXPLAIN: addr, opcode, p1, p2, p3, p4, p5, comment.
*/
static const int anListing[] = { 4, 13, 4, 4, 4, 13, 2, 13 };
#define LISTING_COLUMNS  ((int)(sizeof(anListing)/sizeof(anListing[0])))
#define LISTING_OPCODE   1

/*
** How far each instruction is indented.
*/
typedef struct Indents Indents;
struct Indents {
  int nOp;
  int nAlloc;
  struct Op {
    int nIndent;
    int bLoopStart;       /* An instruction that loops jump back to */
  } *aOp;
};

/*
** True if z is in the list, which is NULL-terminated.
*/
static int isOneOf(const char *z, const char *const *az){
  for(; az[0]; az++){
    if( strcmp(z, az[0])==0 ) return 1;
  }
  return 0;
}

/*
** Add one instruction.  If it closes a loop, indent the loop's body.
*/
static void indentsAdd(Render *p, Indents *pIn, int iAddr, const char *zOp,
                       int p1, int p2){
  static const char *const azStart[] = {
    "Yield", "SeekLT", "SeekGT", "RowSetRead", "Rewind", 0
  };
  static const char *const azClose[] = {
    "Next", "Prev", "VPrev", "VNext", "SorterNext", "Return", 0
  };
  int iOp = pIn->nOp;
  int iTarget = p2 + (iOp - iAddr);   /* Subprograms restart their addresses */
  int bClose;
  if( iOp>=pIn->nAlloc ){
    int nNew = pIn->nAlloc*2 + 100;
    struct Op *aNew;
    aNew = sqlite3_realloc64(pIn->aOp, (sqlite3_uint64)nNew*sizeof(*aNew));
    if( aNew==0 ){
      renderNoMem(p);
      return;
    }
    pIn->aOp = aNew;
    pIn->nAlloc = nNew;
  }
  pIn->aOp[iOp].nIndent = 0;
  pIn->aOp[iOp].bLoopStart = isOneOf(zOp, azStart);
  pIn->nOp++;
  if( iTarget<0 || iTarget>=iOp ) return;
  bClose = iTarget>0 && isOneOf(zOp, azClose);
  if( strcmp(zOp, "Goto")==0 ){
    bClose = pIn->aOp[iTarget].bLoopStart || p1!=0;
  }
  for(; bClose && iTarget<iOp; iTarget++) pIn->aOp[iTarget].nIndent += 2;
}

/*
** Append z padded to nWidth columns.
*/
static void appendPadded(sqlite3_str *pOut, const char *z, int nWidth){
  int n = widthOf(z, (sqlite3_int64)strlen(z));
  sqlite3_str_appendall(pOut, z);
  if( n<nWidth ) sqlite3_str_appendchar(pOut, nWidth-n, ' ');
}

/*
** The two header lines of the listing.
*/
static void listingHeader(Render *p, int nCol){
  int i;
  for(i=0; i<nCol; i++){
    const char *z = sqlite3_column_name(p->pStmt, i);
    appendPadded(p->pOut, z ? z : "", anListing[i]);
    sqlite3_str_appendall(p->pOut, i+1<nCol ? "  " : "\n");
  }
  for(i=0; i<nCol; i++){
    sqlite3_str_appendchar(p->pOut, anListing[i], '-');
    sqlite3_str_appendall(p->pOut, i+1<nCol ? "  " : "\n");
  }
}

/*
** One instruction of the listing.
*/
static void listingRow(Render *p, int nCol, int nIndent){
  int i;
  for(i=0; i<nCol; i++){
    const char *z = (const char*)sqlite3_column_text(p->pStmt, i);
    int nWidth = i==nCol-1 ? 0 : anListing[i];
    int bWide;
    if( z==0 ) z = "";
    bWide = widthOf(z, (sqlite3_int64)strlen(z))>nWidth;
    if( i==LISTING_OPCODE ) sqlite3_str_appendchar(p->pOut, nIndent, ' ');
    appendPadded(p->pOut, z, nWidth);
    sqlite3_str_appendall(p->pOut, i==nCol-1 ? "\n" : bWide ? " " : "  ");
  }
}

/*
** Show an EXPLAIN.  The statement runs twice: where a loop begins is only
** known once its end has been seen.
*/
void renderExplain(Render *p){
  Indents in;
  int nCol = p->nCol<LISTING_COLUMNS ? p->nCol : LISTING_COLUMNS;
  memset(&in, 0, sizeof(in));
  while( renderStep(p) ){
    const char *zOp = (const char*)sqlite3_column_text(p->pStmt, 1);
    indentsAdd(p, &in, sqlite3_column_int(p->pStmt, 0), zOp ? zOp : "",
               sqlite3_column_int(p->pStmt, 2),
               sqlite3_column_int(p->pStmt, 3));
  }
  sqlite3_reset(p->pStmt);
  while( renderStep(p) ){
    if( p->nRow==0 ) listingHeader(p, nCol);
    listingRow(p, nCol, p->nRow<in.nOp ? in.aOp[p->nRow].nIndent : 0);
    p->nRow++;
    renderFlush(p);
  }
  sqlite3_free(in.aOp);
}

/*
** A query plan: each node names its parent, 0 is the root.
*/
typedef struct PlanNode PlanNode;
struct PlanNode {
  int iId;
  int iParent;
  char *zText;
};
typedef struct Plan Plan;
struct Plan {
  int nNode;
  int nAlloc;
  PlanNode *aNode;
};

/*
** Return the index of the first child of iParent from index i on, or -1.
*/
static int planChild(const Plan *pPlan, int iParent, int i){
  for(; i<pPlan->nNode; i++){
    if( pPlan->aNode[i].iParent==iParent ) return i;
  }
  return -1;
}

/*
** Append the children of iParent.  zPrefix is what the levels above have
** put in front of each line, nPrefix bytes of it.
*/
#define PREFIX_MAX 400
static void planLevel(Render *p, const Plan *pPlan, int iParent, char *zPrefix,
                      int nPrefix){
  int i = planChild(pPlan, iParent, 0);
  while( i>=0 ){
    int iNext = planChild(pPlan, iParent, i+1);
    sqlite3_str_appendf(p->pOut, "%s%s%s\n", zPrefix, iNext>=0 ? "|--" : "`--",
                        pPlan->aNode[i].zText);
    if( nPrefix<PREFIX_MAX-7 ){
      memcpy(&zPrefix[nPrefix], iNext>=0 ? "|  " : "   ", 4);
      planLevel(p, pPlan, pPlan->aNode[i].iId, zPrefix, nPrefix+3);
      zPrefix[nPrefix] = 0;
    }
    i = iNext;
  }
}

/*
** Show the plan collected so far and forget it.
*/
static void planShow(Render *p, Plan *pPlan){
  char zPrefix[PREFIX_MAX];
  int i;
  if( pPlan->nNode>0 && p->rc==SQLITE_OK ){
    /* A first line that begins with "-- " is the title of the plan. */
    if( pPlan->aNode[0].zText[0]=='-' ){
      if( pPlan->nNode>1 ){
        sqlite3_str_appendf(p->pOut, "%s\n", &pPlan->aNode[0].zText[3]);
      }
      pPlan->aNode[0].iParent = -1;
    }else{
      sqlite3_str_appendall(p->pOut, "QUERY PLAN\n");
    }
    zPrefix[0] = 0;
    planLevel(p, pPlan, 0, zPrefix, 0);
  }
  for(i=0; i<pPlan->nNode; i++) sqlite3_free(pPlan->aNode[i].zText);
  pPlan->nNode = 0;
}

/*
** Add the current row to the plan.
*/
static void planAdd(Render *p, Plan *pPlan){
  const char *z = (const char*)sqlite3_column_text(p->pStmt, 3);
  PlanNode *pNode;
  if( z==0 ) z = "";
  if( z[0]=='-' && strlen(z)>=3 ) planShow(p, pPlan);
  if( pPlan->nNode>=pPlan->nAlloc ){
    int nNew = pPlan->nAlloc*2 + 20;
    PlanNode *aNew;
    aNew = sqlite3_realloc64(pPlan->aNode, (sqlite3_uint64)nNew*sizeof(*aNew));
    if( aNew==0 ){
      renderNoMem(p);
      return;
    }
    pPlan->aNode = aNew;
    pPlan->nAlloc = nNew;
  }
  pNode = &pPlan->aNode[pPlan->nNode];
  pNode->iId = sqlite3_column_int(p->pStmt, 0);
  pNode->iParent = sqlite3_column_int(p->pStmt, 1);
  pNode->zText = sqlite3_mprintf("%s", z);
  if( pNode->zText==0 ){
    renderNoMem(p);
  }else{
    pPlan->nNode++;
  }
}

/*
** Show an EXPLAIN QUERY PLAN.
*/
void renderPlan(Render *p){
  Plan plan;
  memset(&plan, 0, sizeof(plan));
  while( renderStep(p) ){
    planAdd(p, &plan);
    p->nRow++;
  }
  planShow(p, &plan);
  sqlite3_free(plan.aNode);
}
