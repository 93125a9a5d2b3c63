/*
** ALTER TABLE t ALTER COLUMN c TO c ...: another definition for a column.  This
** stands in alter.c, whose own statements show the way: SQL on sqlite_schema
** with a function that rewrites the text, and a schema that is loaded again.
**
** The parser sees DROP COLUMN c; Parse.sAlterTo holds the definition.
*/

/* What seawall_settle_column() is to do */
#define SETTLE_REINDEX   0x01 /* Indexes are in the wrong order */
#define SETTLE_CONVERT   0x02 /* Values are not what an INSERT would store */
#define SETTLE_REBUILD   0x04 /* Every row is to be inserted again */
#define SETTLE_FROM_REAL 0x08 /* Integers stand for the same value as a REAL */
#define SETTLE_VALIDATE  0x10 /* Constraints hold for rows that are there */

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
  int mSettle;
  Parse sParse;
  int rc = alterParse(&sParse, db, zDb, zTest);
  if( rc==SQLITE_OK ){
    Column *pNew = &sParse.pNewTable->aCol[iCol];
    bConvert = pOld->affinity!=pNew->affinity
        || ((pTab->tabFlags & TF_Strict)!=0 && pOld->eCType!=pNew->eCType);
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
  if( db->flags & SQLITE_AlterValidate ) mSettle |= SETTLE_VALIDATE;
  return mSettle;
}

/*
** ALTER TABLE pSrc ALTER COLUMN pName TO pParse->sAlterTo
*/
SQLITE_PRIVATE void seawallAlterColumn(
  Parse *pParse,
  SrcList *pSrc,
  const Token *pName
){
  sqlite3 *db = pParse->db;
  Token sTo = pParse->sAlterTo;
  Token sNew;
  char *zOld = 0, *zNew = 0, *zDef = 0;
  const char *zDb;
  const char *zKind = 0;
  Table *pTab;
  int iDb, iCol, eToken, mSettle;

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

  sqlite3MayAbort(pParse);
  renameTestSchema(pParse, zDb, iDb==1, "", 0);
  sqlite3NestedParse(pParse,
      "UPDATE \"%w\"." LEGACY_SCHEMA_TABLE
      " SET sql = seawall_alter_column(%Q, sql, %d, %Q)"
      " WHERE type = 'table' AND name = %Q",
      zDb, zDb, iCol, zDef, pTab->zName);
  renameReloadSchema(pParse, iDb, INITFLAG_AlterAdd);
  renameTestSchema(pParse, zDb, iDb==1, "after alter column", 0);
  if( mSettle ){
    pParse->colNamesSet = 1;
    sqlite3NestedParse(pParse,
        "SELECT 1 WHERE seawall_settle_column(%Q, %Q, %Q, %d, %Q)=NULL",
        zDb, pTab->zName, pTab->aCol[iCol].zCnName, mSettle, zDef);
  }

alter_end:
  sqlite3SrcListDelete(db, pSrc);
  sqlite3DbFree(db, zOld);
  sqlite3DbFree(db, zNew);
  sqlite3DbFree(db, zDef);
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
** A column whose values are to be settled.  By names: whoever rolls back frees
** the tables of the schema.
*/
typedef struct Settle Settle;
struct Settle {
  sqlite3 *db;
  const char *zDb, *zTab, *zCol;
  const char *zDef;
  int mSettle;
  char *zErr;
};

/*
** Run a statement, and free it.  Whether a column is NOT NULL is of no interest
** to it.
*/
static int settleRun(Settle *p, char *zSql){
  Table *pTab = sqlite3FindTable(p->db, p->zTab, p->zDb);
  u32 mNotNull = pTab->tabFlags & TF_HasNotNull;
  int rc = SQLITE_NOMEM;
  pTab->tabFlags &= ~(u32)TF_HasNotNull;
  if( zSql ) rc = sqlite3_exec(p->db, zSql, 0, 0, &p->zErr);
  sqlite3_free(zSql);
  if( (sqlite3_extended_errcode(p->db) & 0xff)==rc ){
    rc = sqlite3_extended_errcode(p->db);
  }
  pTab = sqlite3FindTable(p->db, p->zTab, p->zDb);
  if( pTab ) pTab->tabFlags |= mNotNull;
  return rc;
}

/*
** Append the value that the column had before it had its new type.
*/
static void settleOldValue(Settle *p, sqlite3_str *pStr){
  sqlite3_str_appendf(pStr, (p->mSettle & SETTLE_FROM_REAL)
      ? "seawall_as_real(\"%w\")" : "\"%w\"", p->zCol);
}

/*
** Convert the values.  The indexes are in their new order and hold what is in
** the table, so that an UPDATE finds its entries.
*/
static int settleConvert(Settle *p){
  sqlite3_str *pStr = sqlite3_str_new(p->db);
  sqlite3_str_appendf(pStr, "UPDATE OR ABORT \"%w\".\"%w\" SET \"%w\"=",
                      p->zDb, p->zTab, p->zCol);
  settleOldValue(p, pStr);
  sqlite3_str_appendf(pStr, " WHERE seawall_not_null(\"%w\")", p->zCol);
  return settleRun(p, sqlite3_str_finish(pStr));
}

/*
** Append what is stored of a row: the columns that are not generated, and the
** rowid if it is none of them and has a name.
*/
static void settleRow(Settle *p, sqlite3_str *pStr, Table *pTab, int bOld){
  const char *zRowid = 0;
  const char *zSep = "";
  int i;
  if( HasRowid(pTab) && pTab->iPKey<0 ) zRowid = sqlite3RowidAlias(pTab);
  if( zRowid ){
    sqlite3_str_appendall(pStr, zRowid);
    zSep = ",";
  }
  for(i=0; i<pTab->nCol; i++){
    const char *zName = pTab->aCol[i].zCnName;
    if( pTab->aCol[i].colFlags & COLFLAG_GENERATED ) continue;
    sqlite3_str_appendall(pStr, zSep);
    if( bOld && sqlite3_stricmp(zName, p->zCol)==0 ){
      settleOldValue(p, pStr);
    }else{
      sqlite3_str_appendf(pStr, "\"%w\"", zName);
    }
    zSep = ",";
  }
}

/*
** Insert all rows again.  An INSERT that reads its own table keeps the rows
** apart until it has them all; the last thing that it reads empties the table.
*/
static int settleRebuild(Settle *p){
  Table *pTab = sqlite3FindTable(p->db, p->zTab, p->zDb);
  sqlite3_str *pStr = sqlite3_str_new(p->db);
  sqlite3_str_appendf(pStr, "INSERT OR ABORT INTO \"%w\".\"%w\"(",
                      p->zDb, p->zTab);
  settleRow(p, pStr, pTab, 0);
  sqlite3_str_appendall(pStr, ") SELECT ");
  settleRow(p, pStr, pTab, 1);
  sqlite3_str_appendf(pStr, " FROM \"%w\".\"%w\" NOT INDEXED UNION ALL SELECT ",
                      p->zDb, p->zTab);
  settleRow(p, pStr, pTab, 0);
  sqlite3_str_appendf(pStr, " FROM \"%w\".\"%w\" NOT INDEXED"
                      " WHERE seawall_empty_table(%Q, %Q)",
                      p->zDb, p->zTab, p->zDb, p->zTab);
  return settleRun(p, sqlite3_str_finish(pStr));
}

/*
** seawall_empty_table(DB, TABLE): delete all rows.  False.
*/
static void emptyTableFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  char *zSql = sqlite3_mprintf("DELETE FROM \"%w\".\"%w\"",
      sqlite3_value_text(apArg[0]), sqlite3_value_text(apArg[1]));
  int rc = SQLITE_NOMEM;
  UNUSED_PARAMETER(nArg);
  if( zSql ){
    rc = sqlite3_exec(sqlite3_context_db_handle(pCtx), zSql, 0, 0, 0);
  }
  sqlite3_free(zSql);
  if( rc!=SQLITE_OK ) sqlite3_result_error_code(pCtx, rc);
}

/*
** seawall_not_null(X) and seawall_as_real(X), which makes a REAL of an integer.
** What is built in would do, if it were not open to others to replace it and to
** the planner to trust a NOT NULL.
*/
static void notNullFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  UNUSED_PARAMETER(nArg);
  sqlite3_result_int(pCtx, sqlite3_value_type(apArg[0])!=SQLITE_NULL);
}
static void asRealFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  UNUSED_PARAMETER(nArg);
  if( sqlite3_value_type(apArg[0])==SQLITE_INTEGER ){
    sqlite3_result_double(pCtx, (double)sqlite3_value_int64(apArg[0]));
  }else{
    sqlite3_result_value(pCtx, apArg[0]);
  }
}

/*
** Fail if a row is not as zWhere says, which the constraint zName demands.
*/
static int settleValidateOne(
  Settle *p,
  const char *zWhere,
  const char *zKind,
  const char *zName,
  int rc
){
  return settleRun(p, sqlite3_mprintf(
      "SELECT sqlite_fail('%s constraint failed: %q', %d)"
      " FROM \"%w\".\"%w\" NOT INDEXED WHERE NOT %s",
      zKind, zName, rc, p->zDb, p->zTab, zWhere));
}

/*
** Fail if a row violates a constraint of the definition.
*/
static int settleValidate(Settle *p, int bNotNull){
  sqlite3 *db = p->db;
  Token sName = {0, 0};
  AlterToken sToken = {0};
  int rc = SQLITE_OK;
  if( bNotNull ){
    char *zName = sqlite3MPrintf(db, "%s.%s", p->zTab, p->zCol);
    char *zWhere = sqlite3MPrintf(db, "seawall_not_null(\"%w\")", p->zCol);
    rc = db->mallocFailed ? SQLITE_NOMEM
        : settleValidateOne(p, zWhere, "NOT NULL", zName,
                            SQLITE_CONSTRAINT_NOTNULL);
    sqlite3DbFree(db, zName);
    sqlite3DbFree(db, zWhere);
  }
  sToken.zNext = p->zDef;
  while( rc==SQLITE_OK && alterNextToken(&sToken) ){
    Token s = sToken.t;
    if( sToken.eLast==TK_CONSTRAINT ) sName = s;
    if( sToken.eLast==TK_CHECK ){
      char *zWhere = sqlite3DbStrNDup(db, s.z, s.n);
      char *zName;
      /* Without a name, what stands in the parentheses is the name. */
      for(s.z++, s.n -= 2; s.n>0 && sqlite3Isspace(s.z[0]); s.n--) s.z++;
      while( s.n>0 && sqlite3Isspace(s.z[s.n-1]) ) s.n--;
      zName = sName.n ? sqlite3NameFromToken(db, &sName)
                      : sqlite3DbStrNDup(db, s.z, s.n);
      rc = db->mallocFailed ? SQLITE_NOMEM
          : settleValidateOne(p, zWhere, "CHECK", zName,
                              SQLITE_CONSTRAINT_CHECK);
      sqlite3DbFree(db, zName);
      sqlite3DbFree(db, zWhere);
    }
  }
  return rc;
}

/*
** seawall_settle_column(DB, TABLE, COLUMN, WHAT, DEFINITION): the column has its
** new definition in the schema, its values are still the old ones.
**
** What is done about that is nobody's business: no trigger, no hook, no foreign
** key, no trace, no count of changes, no last rowid, and no constraint that is
** not to be looked at.
*/
static void settleColumnFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  sqlite3 *db = sqlite3_context_db_handle(pCtx);
  Settle s;
  Table *pTab;
  int iCol, bNotNull;
  int rc = SQLITE_OK;
  u64 flags = db->flags;
  u32 mDbFlags = db->mDbFlags;
  i64 nChange = db->nChange;
  i64 nTotalChange = db->nTotalChange;
  i64 lastRowid = db->lastRowid;
  u8 mTrace = db->mTrace;
  void (*xUpdate)(void*,int,const char*,const char*,sqlite_int64)
      = db->xUpdateCallback;
#ifndef SQLITE_OMIT_AUTHORIZATION
  sqlite3_xauth xAuth = db->xAuth;
#endif
#ifdef SQLITE_ENABLE_PREUPDATE_HOOK
  void (*xPreUpdate)(void*,sqlite3*,int,char const*,char const*,
                     sqlite3_int64,sqlite3_int64) = db->xPreUpdateCallback;
#endif
  UNUSED_PARAMETER(nArg);
  s.db = db;
  s.zDb = (const char*)sqlite3_value_text(apArg[0]);
  s.zTab = (const char*)sqlite3_value_text(apArg[1]);
  s.zCol = (const char*)sqlite3_value_text(apArg[2]);
  s.mSettle = sqlite3_value_int(apArg[3]);
  s.zDef = (const char*)sqlite3_value_text(apArg[4]);
  s.zErr = 0;
  pTab = sqlite3FindTable(db, s.zTab, s.zDb);
  iCol = pTab ? sqlite3ColumnIndex(pTab, s.zCol) : -1;
  if( iCol<0 ){
    sqlite3_result_error_code(pCtx, SQLITE_CORRUPT_BKPT);
    return;
  }
  bNotNull = pTab->aCol[iCol].notNull!=OE_None;

#ifndef SQLITE_OMIT_AUTHORIZATION
  db->xAuth = 0;
#endif
#ifdef SQLITE_ENABLE_PREUPDATE_HOOK
  db->xPreUpdateCallback = 0;
#endif
  db->xUpdateCallback = 0;
  db->mTrace = 0;
  db->mDbFlags |= DBFLAG_InternalFunc;
  db->flags &= ~(SQLITE_EnableTrigger|SQLITE_ForeignKeys|SQLITE_CountRows);
  db->flags |= SQLITE_IgnoreChecks;

  if( s.mSettle & SETTLE_REINDEX ){
    rc = settleRun(&s, sqlite3_mprintf("REINDEX \"%w\".\"%w\"", s.zDb,
                                       s.zTab));
  }
  if( rc==SQLITE_OK && (s.mSettle & SETTLE_CONVERT) ) rc = settleConvert(&s);
  if( rc==SQLITE_OK && (s.mSettle & SETTLE_REBUILD) ) rc = settleRebuild(&s);
  if( rc==SQLITE_OK && (s.mSettle & SETTLE_VALIDATE) ){
    /* What is in double quotes is read as it is in a CREATE TABLE. */
    db->flags &= ~(u64)SQLITE_DqsDML;
    if( flags & SQLITE_DqsDDL ) db->flags |= SQLITE_DqsDML;
    rc = settleValidate(&s, bNotNull);
  }

  db->flags = flags;
  db->mDbFlags = mDbFlags;
  db->nChange = nChange;
  db->nTotalChange = nTotalChange;
  db->lastRowid = lastRowid;
  db->mTrace = mTrace;
  db->xUpdateCallback = xUpdate;
#ifdef SQLITE_ENABLE_PREUPDATE_HOOK
  db->xPreUpdateCallback = xPreUpdate;
#endif
#ifndef SQLITE_OMIT_AUTHORIZATION
  db->xAuth = xAuth;
#endif
  if( rc!=SQLITE_OK ){
    char *zMsg = sqlite3_mprintf("cannot alter %s.%s: %s", s.zTab, s.zCol,
                                 s.zErr ? s.zErr : sqlite3_errstr(rc));
    if( zMsg ) sqlite3_result_error(pCtx, zMsg, -1);
    sqlite3_free(zMsg);
    sqlite3_result_error_code(pCtx, rc);
  }
  sqlite3_free(s.zErr);
}

/*
** A function for nested statements alone, which is called where it stands.
*/
#define SEAWALL_FUNCTION(zName, nArg, xFunc) \
  {nArg, SQLITE_FUNC_BUILTIN|SQLITE_FUNC_INTERNAL|SQLITE_UTF8, \
   0, 0, xFunc, 0, 0, 0, #zName, {0} }
#define SEAWALL_ALTER_FUNCTIONS \
  SEAWALL_FUNCTION(seawall_alter_column, 4, alterColumnFunc), \
  SEAWALL_FUNCTION(seawall_settle_column, 5, settleColumnFunc), \
  SEAWALL_FUNCTION(seawall_empty_table, 2, emptyTableFunc), \
  SEAWALL_FUNCTION(seawall_not_null, 1, notNullFunc), \
  SEAWALL_FUNCTION(seawall_as_real, 1, asRealFunc),
