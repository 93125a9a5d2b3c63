/*
** ALTER TABLE t ALTER COLUMN c TO c ...: another definition for a column.  This
** stands in alter.c, whose own statements show the way: SQL on sqlite_schema
** with a function that rewrites the text, and a schema that is loaded again.
**
** The parser sees DROP COLUMN c; Parse.sHidden holds the definition.
*/

/* What seawall_settle_column() is to do */
#define SETTLE_REINDEX   0x01 /* Indexes are in the wrong order */
#define SETTLE_CONVERT   0x02 /* Values are not what an INSERT would store */
#define SETTLE_REBUILD   0x04 /* Every row is to be inserted again */
#define SETTLE_FROM_REAL 0x08 /* Integers stand for the same value as a REAL */
#define SETTLE_VALIDATE  0x10 /* Constraints hold for rows that are there */
#define SETTLE_FILL      0x20 /* Before the new definition: see settleFill() */

/*
** Parse a statement of the schema zDb.  To be followed by
** renameParseCleanup().
*/
static int alterParse(Parse *p, sqlite3 *db, const char *zDb, const char *zSql){
  int rc;
#ifndef SQLITE_OMIT_AUTHORIZATION
  sqlite3_xauth xAuth = db->xAuth;
  db->xAuth = 0;
#endif
  rc = renameParseSql(p, zDb, db, zSql, sqlite3FindDbName(db, zDb)==1);
#ifndef SQLITE_OMIT_AUTHORIZATION
  db->xAuth = xAuth;
#endif
  return rc;
}

/*
** Tokens of the definition of a column, those in parentheses as one.
*/
typedef struct AlterToken AlterToken;
struct AlterToken {
  const char *zNext;
  int eType, eLast;           /* Type of this token, of the one before */
  Token t;
};
static int alterNextToken(AlterToken *p){
  p->eLast = p->eType;
  p->t.z = &p->zNext[getWhitespace((const u8*)p->zNext)];
  p->zNext += getConstraintToken((const u8*)p->zNext, &p->eType);
  p->t.n = (u32)(p->zNext - p->t.z);
  return p->eType!=TK_ILLEGAL;
}

#include "sql_quiet.c"
#include "settle_column.c"

/*
** A CREATE TABLE with the new definition of column iCol, and with the others
** as far as an expression in it can tell.
*/
static char *alterTestTable(
  sqlite3 *db,
  const Table *pTab,
  int iCol,
  const char *zDef
){
  int bStrict = (pTab->tabFlags & TF_Strict)!=0;
  sqlite3_str *pStr = sqlite3_str_new(db);
  int i;
  sqlite3_str_appendf(pStr, "CREATE TABLE \"%w\"(", pTab->zName);
  for(i=0; i<pTab->nCol; i++){
    if( i>0 ) sqlite3_str_appendall(pStr, ", ");
    if( i==iCol ){
      sqlite3_str_appendall(pStr, zDef);
    }else{
      sqlite3_str_appendf(pStr, "\"%w\"%s", pTab->aCol[i].zCnName,
                          bStrict ? " ANY" : "");
    }
  }
  sqlite3_str_appendall(pStr, bStrict ? ") STRICT" : ")");
  return sqlite3_str_finish(pStr);
}

/*
** True if a column gets another collation, NULL being BINARY.  Parsing for
** renameParseSql() passes over COLLATE.
*/
static int alterCollates(Parse *pParse, Column *pOld, const char *zDef){
  sqlite3 *db = pParse->db;
  const char *zOld = sqlite3ColumnColl(pOld);
  char *zNew = 0;
  int res;
  AlterToken sToken = {0};
  sToken.zNext = zDef;
  while( alterNextToken(&sToken) ){
    if( sToken.eLast==TK_COLLATE ){
      sqlite3DbFree(db, zNew);
      zNew = sqlite3NameFromToken(db, &sToken.t);
    }
  }
  if( zNew ) sqlite3LocateCollSeq(pParse, zNew);
  res = sqlite3_stricmp(zOld ? zOld : sqlite3StrBINARY,
                        zNew ? zNew : sqlite3StrBINARY)!=0;
  sqlite3DbFree(db, zNew);
  return res;
}

/*
** True if two columns have different defaults.
*/
static int alterDefaults(Expr *pOld, Expr *pNew){
  if( pOld==0 || pNew==0 ) return pOld!=pNew;
  assert( pOld->op==TK_SPAN && pNew->op==TK_SPAN );
  return strcmp(pOld->u.zToken, pNew->u.zToken)!=0;
}

/*
** What is to be done about the values of a column that gets another type or
** another collation.
**
** An UPDATE of a key looks for the converted one, which is not there yet; of
** STORED columns, and of all generated ones when types are strict, it leaves out
** those that depend on what it does not set.
*/
static int alterSettle(Table *pTab, Column *pOld, int bConvert, int bCollates){
  int mSettle = 0;
  u32 mFlags = pTab->tabFlags;
  if( !bConvert && !bCollates ) return 0;
  if( (mFlags & TF_HasStored)!=0
   || ((mFlags & TF_Strict)!=0 && (mFlags & TF_HasVirtual)!=0)
   || (bConvert && !HasRowid(pTab) && (pOld->colFlags & COLFLAG_PRIMKEY)!=0)
  ){
    mSettle = SETTLE_REBUILD;
  }else{
    mSettle = SETTLE_REINDEX;
    if( bConvert && (pOld->colFlags & COLFLAG_GENERATED)==0 ){
      mSettle |= SETTLE_CONVERT;
    }
  }
  if( bConvert && pOld->affinity==SQLITE_AFF_REAL ) mSettle |= SETTLE_FROM_REAL;
  return mSettle;
}

/*
** Check the definition zDef of column iCol as far as that is possible without
** the text of its table.  Return what is to be done about its values.
*/
static int alterCheck(
  Parse *pParse,
  const char *zDb,
  Table *pTab,
  int iCol,
  const char *zDef
){
  sqlite3 *db = pParse->db;
  Column *pOld = &pTab->aCol[iCol];
  char *zTest = alterTestTable(db, pTab, iCol, zDef);
  char *zErr;
  int bConvert = 0;
  int bDefault = 0;
  int mSettle;
  Parse sParse;
  int rc = alterParse(&sParse, db, zDb, zTest);
  if( rc==SQLITE_OK ){
    Column *pNew = &sParse.pNewTable->aCol[iCol];
    bConvert = pOld->affinity!=pNew->affinity
        || ((pTab->tabFlags & TF_Strict)!=0 && pOld->eCType!=pNew->eCType);
    if( ((pOld->colFlags | pNew->colFlags) & COLFLAG_GENERATED)==0 ){
      Expr *pDflt = sqlite3ColumnExpr(pTab, pOld);
      bDefault = (pDflt && bConvert)
          || alterDefaults(pDflt, sqlite3ColumnExpr(sParse.pNewTable, pNew));
    }
  }
  zErr = sqlite3DbStrDup(db, sParse.zErrMsg);
  renameParseCleanup(&sParse);
  sqlite3_free(zTest);
  if( rc!=SQLITE_OK ){
    if( zErr ){
      sqlite3ErrorMsg(pParse, "error in adding %s to %s: %s", zDef, pTab->zName,
                      zErr);
    }
    pParse->nErr++;
    pParse->rc = rc;
  }
  sqlite3DbFree(db, zErr);
  mSettle = alterSettle(pTab, pOld, bConvert,
                        alterCollates(pParse, pOld, zDef));
  if( bDefault ) mSettle |= SETTLE_FILL;
  if( db->flags & SQLITE_AlterValidate ) mSettle |= SETTLE_VALIDATE;
  return mSettle;
}

/*
** Settle the values of a column when the statement runs.
*/
static void alterNestedSettle(
  Parse *pParse,
  const char *zDb,
  Table *pTab,
  int iCol,
  int mSettle,
  const char *zDef,
  const char *zKeys
){
  pParse->colNamesSet = 1;
  sqlite3NestedParse(pParse,
      "SELECT 1 WHERE seawall_settle_column(%Q, %Q, %Q, %d, %Q, %Q)=NULL",
      zDb, pTab->zName, pTab->aCol[iCol].zCnName, mSettle, zDef, zKeys);
}

/*
** ALTER TABLE pSrc ALTER COLUMN pName TO pParse->sHidden
*/
SQLITE_PRIVATE void seawallAlterColumn(
  Parse *pParse,
  SrcList *pSrc,
  const Token *pName
){
  sqlite3 *db = pParse->db;
  Token sTo = pParse->sHidden;
  Token sNew;
  char *zOld = 0, *zNew = 0, *zDef = 0;
  const char *zDb;
  const char *zKind = 0;
  Table *pTab;
  int iDb, iCol, eToken, mSettle;
  char *zKeys = 0;
#ifndef SQLITE_OMIT_AUTHORIZATION
  sqlite3_xauth xAuth;
#endif

  if( pParse->nErr ) goto alter_end;
  pTab = sqlite3LocateTableItem(pParse, 0, &pSrc->a[0]);
  if( pTab==0 || isAlterableTable(pParse, pTab) ) goto alter_end;
  if( IsView(pTab) ) zKind = "views";
  if( IsVirtual(pTab) ) zKind = "virtual tables";
  if( zKind ){
    sqlite3ErrorMsg(pParse, "Only ordinary tables can be altered, not %s: \"%s\"",
                    zKind, pTab->zName);
    goto alter_end;
  }
  iDb = sqlite3SchemaToIndex(db, pTab->pSchema);
  zDb = db->aDb[iDb].zDbSName;
  if( sqlite3AuthCheck(pParse, SQLITE_ALTER_TABLE, zDb, pTab->zName, 0) ){
    goto alter_end;
  }
  sNew.z = sTo.z;
  sNew.n = (u32)sqlite3GetToken((const u8*)sTo.z, &eToken);
  zOld = sqlite3NameFromToken(db, pName);
  zNew = sqlite3NameFromToken(db, &sNew);
  zDef = sqlite3DbStrNDup(db, sTo.z, sTo.n);
  if( zOld==0 || zNew==0 || zDef==0 ) goto alter_end;
  iCol = sqlite3ColumnIndex(pTab, zOld);
  if( iCol<0 ){
    sqlite3ErrorMsg(pParse, "no such column: \"%T\"", pName);
    goto alter_end;
  }
  if( sqlite3_stricmp(zOld, zNew)!=0 ){
    sqlite3ErrorMsg(pParse, "UPDATE cannot also rename column: \"%T\" to \"%T\"."
        " Use ALTER TABLE RENAME instead", pName, &sNew);
    goto alter_end;
  }
  mSettle = alterCheck(pParse, zDb, pTab, iCol, zDef);
  if( pParse->nErr ) goto alter_end;

  /* The authorizer has been asked, and could otherwise leave out a part. */
#ifndef SQLITE_OMIT_AUTHORIZATION
  xAuth = db->xAuth;
  db->xAuth = 0;
#endif
  sqlite3MayAbort(pParse);
  zKeys = settleKeys(db, pTab);
  renameTestSchema(pParse, zDb, iDb==1, "", 0);
  if( mSettle & SETTLE_FILL ){
    alterNestedSettle(pParse, zDb, pTab, iCol, SETTLE_FILL, zDef, zKeys);
  }
  sqlite3NestedParse(pParse,
      "UPDATE \"%w\"." LEGACY_SCHEMA_TABLE
      " SET sql = seawall_alter_column(%Q, sql, %d, %Q)"
      " WHERE type = 'table' AND name = %Q",
      zDb, zDb, iCol, zDef, pTab->zName);
  renameReloadSchema(pParse, iDb, INITFLAG_AlterAdd);
  renameTestSchema(pParse, zDb, iDb==1, "after alter column", 0);
  mSettle &= ~SETTLE_FILL;
  if( mSettle ){
    alterNestedSettle(pParse, zDb, pTab, iCol, mSettle, zDef, zKeys);
  }
#ifndef SQLITE_OMIT_AUTHORIZATION
  db->xAuth = xAuth;
#endif

alter_end:
  sqlite3SrcListDelete(db, pSrc);
  sqlite3DbFree(db, zOld);
  sqlite3DbFree(db, zNew);
  sqlite3DbFree(db, zDef);
  sqlite3_free(zKeys);
}

/*
** Where the definition of a column ends that begins at z: behind the last token
** before a comma or a parenthesis that nothing in it opens.
*/
static const char *alterDefinitionEnd(const char *z){
  const char *zEnd = z;
  for(;;){
    int eToken;
    const char *zNext = zEnd + getConstraintToken((const u8*)zEnd, &eToken);
    if( eToken==TK_COMMA || eToken==TK_RP || eToken==TK_ILLEGAL ) return zEnd;
    zEnd = zNext;
  }
}

/*
** What the new definition of a column changes that must not be changed, NULL
** if there is nothing.
*/
static const char *alterForbidden(Table *pOld, Table *pNew, int iCol){
  Column *p1 = &pOld->aCol[iCol];
  Column *p2 = &pNew->aCol[iCol];
  u16 mDiff = p1->colFlags ^ p2->colFlags;
  Index *pIdx1 = pOld->pIndex;
  Index *pIdx2 = pNew->pIndex;
  if( (mDiff & COLFLAG_PRIMKEY)!=0
   || pOld->iPKey!=pNew->iPKey
   || pOld->keyConf!=pNew->keyConf
   || ((pOld->tabFlags ^ pNew->tabFlags) & TF_Autoincrement)!=0
  ){
    return "PRIMARY KEY";
  }
  if( mDiff & COLFLAG_UNIQUE ) return "UNIQUE";
  while( pIdx1 && pIdx2 ){
    if( pIdx1->nKeyCol!=pIdx2->nKeyCol
     || pIdx1->onError!=pIdx2->onError
     || memcmp(pIdx1->aiColumn, pIdx2->aiColumn,
               pIdx1->nKeyCol*sizeof(pIdx1->aiColumn[0]))!=0
     || memcmp(pIdx1->aSortOrder, pIdx2->aSortOrder, pIdx1->nKeyCol)!=0
    ){
      return IsPrimaryKeyIndex(pIdx1) ? "PRIMARY KEY" : "UNIQUE";
    }
    pIdx1 = pIdx1->pNext;
    pIdx2 = pIdx2->pNext;
  }
  if( pIdx1 || pIdx2 ) return "UNIQUE";
  if( (mDiff & COLFLAG_GENERATED)!=0
   || ((p1->colFlags & COLFLAG_GENERATED)!=0
       && sqlite3ExprCompare(0, sqlite3ColumnExpr(pOld, p1),
                             sqlite3ColumnExpr(pNew, p2), -1)!=0)
  ){
    return "GENERATED";
  }
  return 0;
}

/*
** seawall_alter_column(DB, SQL, COLUMN, DEFINITION): a CREATE TABLE with
** another definition in the place of that of column number COLUMN.
*/
static void alterColumnFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  sqlite3 *db = sqlite3_context_db_handle(pCtx);
  const char *zDb = (const char*)sqlite3_value_text(apArg[0]);
  const char *zSql = (const char*)sqlite3_value_text(apArg[1]);
  int iCol = sqlite3_value_int(apArg[2]);
  const char *zDef = (const char*)sqlite3_value_text(apArg[3]);
  char *zNew = 0;
  const char *zForbidden = 0;
  Parse sOld, sNew;
  int rc;
  UNUSED_PARAMETER(nArg);

  memset(&sNew, 0, sizeof(sNew));
  rc = alterParse(&sOld, db, zDb, zSql);
  if( rc==SQLITE_OK
   && (sOld.pNewTable==0 || iCol>=sOld.pNewTable->nCol)
  ){
    rc = SQLITE_CORRUPT_BKPT;
  }
  if( rc==SQLITE_OK ){
    Table *pTab = sOld.pNewTable;
    RenameToken *pName = renameTokenFind(&sOld, 0, pTab->aCol[iCol].zCnName);
    zNew = sqlite3_mprintf("%.*s%s%s", (int)(pName->t.z - zSql), zSql, zDef,
                           alterDefinitionEnd(pName->t.z));
    rc = alterParse(&sNew, db, zDb, zNew);
    if( rc==SQLITE_OK ){
      zForbidden = alterForbidden(pTab, sNew.pNewTable, iCol);
    }
  }
  if( rc==SQLITE_OK && zForbidden==0 ){
    sqlite3_result_text(pCtx, zNew, -1, SQLITE_TRANSIENT);
  }else if( zForbidden || sNew.zErrMsg ){
    char *zErr = sqlite3_mprintf("error in adding %s to %s: %s%s", zDef,
        sOld.pNewTable->zName, zForbidden ? zForbidden : sNew.zErrMsg,
        zForbidden ? " constraint cannot be altered" : "");
    if( zErr ){
      sqlite3_result_error(pCtx, zErr, -1);
    }else{
      sqlite3_result_error_nomem(pCtx);
    }
    sqlite3_free(zErr);
  }else{
    sqlite3_result_error_code(pCtx, rc);
  }
  if( sNew.db ) renameParseCleanup(&sNew);
  renameParseCleanup(&sOld);
  sqlite3_free(zNew);
}

/*
** A function for nested statements alone, which is called where it stands.
*/
#define SEAWALL_FUNCTION(zName, nArg, xFunc) \
  {nArg, SQLITE_FUNC_BUILTIN|SQLITE_FUNC_INTERNAL|SQLITE_UTF8, \
   0, 0, xFunc, 0, 0, 0, #zName, {0} }
#define SEAWALL_FUNCTIONS \
  SEAWALL_FUNCTION(seawall_alter_column, 4, alterColumnFunc), \
  SEAWALL_FUNCTION(seawall_settle_column, 6, settleColumnFunc), \
  SEAWALL_FUNCTION(seawall_empty_table, 2, emptyTableFunc), \
  SEAWALL_FUNCTION(seawall_not_null, 1, notNullFunc), \
  SEAWALL_FUNCTION(seawall_as_real, 1, asRealFunc), \
  SEAWALL_WASM_FUNCTIONS
