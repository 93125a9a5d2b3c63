/*
** What ALTER COLUMN ... TO ... does to the rows of a table.  This stands in
** alter_column.c.
**
** All of it runs in seawall_settle_column(), by statements about the table.
** Names are kept, not objects: whoever rolls back frees the tables of the schema.
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
** How the key of the table and its UNIQUE constraints are stored.  That hangs
** on collations: what a key has twice is left out.  To be freed.
*/
static char *settleKeys(sqlite3 *db, Table *pTab){
  sqlite3_str *pStr = sqlite3_str_new(db);
  Index *pIdx;
  sqlite3_str_appendall(pStr, "keys ");
  for(pIdx=pTab->pIndex; pIdx; pIdx=pIdx->pNext){
    int i;
    if( pIdx->idxType==SQLITE_IDXTYPE_APPDEF ) continue;
    sqlite3_str_appendf(pStr, "%d:", (int)pIdx->nKeyCol);
    for(i=0; i<pIdx->nColumn; i++){
      sqlite3_str_appendf(pStr, "%d,", (int)pIdx->aiColumn[i]);
    }
  }
  return sqlite3_str_finish(pStr);
}

/*
** Set *pbShort if the record at the cursor ends before field iField.
*/
static int settleRecord(BtCursor *pCur, int iField, int *pbShort){
  u32 nRecord = sqlite3BtreePayloadSize(pCur);
  u32 nLocal, nHdr, iOff, t;
  const u8 *a = (const u8*)sqlite3BtreePayloadFetch(pCur, &nLocal);
  u8 *aCopy = 0;
  int rc = SQLITE_OK;
  int i;
  if( nLocal==0 ) return SQLITE_CORRUPT_BKPT;
  iOff = getVarint32(a, nHdr);
  if( nHdr>nLocal ){
    if( nHdr>nRecord ) return SQLITE_CORRUPT_BKPT;
    /* A varint can be read beyond the end. */
    a = aCopy = (u8*)sqlite3MallocZero((u64)nHdr + 9);
    if( aCopy==0 ) return SQLITE_NOMEM_BKPT;
    rc = sqlite3BtreePayload(pCur, 0, nHdr, aCopy);
  }
  for(i=0; i<=iField && iOff<nHdr; i++){
    iOff += getVarint32(&a[iOff], t);
  }
  UNUSED_PARAMETER(t);
  *pbShort = i<=iField;
  sqlite3_free(aCopy);
  return rc;
}

/*
** Set *pbShort if a row is from before ALTER TABLE ... ADD COLUMN has added the
** column.
*/
static int settleIsShort(Settle *p, Table *pTab, int iCol, int *pbShort){
  sqlite3 *db = p->db;
  Btree *pBt = db->aDb[sqlite3SchemaToIndex(db, pTab->pSchema)].pBt;
  BtCursor *pCur = (BtCursor*)sqlite3MallocZero(sqlite3BtreeCursorSize());
  KeyInfo *pKeyInfo = 0;
  int iField = sqlite3TableColumnToStorage(pTab, (i16)iCol);
  int bEnd = 0;
  int rc = SQLITE_NOMEM;
  if( !HasRowid(pTab) ){
    Index *pPk = sqlite3PrimaryKeyIndex(pTab);
    iField = sqlite3TableColumnToIndex(pPk, iCol);
    pKeyInfo = sqlite3KeyInfoAlloc(db, pPk->nKeyCol, 0);
  }
  if( pCur && (pKeyInfo || HasRowid(pTab)) ){
    rc = sqlite3BtreeCursor(pBt, pTab->tnum, 0, pKeyInfo, pCur);
    if( rc==SQLITE_OK ) rc = sqlite3BtreeFirst(pCur, &bEnd);
    while( rc==SQLITE_OK && !bEnd && !*pbShort ){
      rc = settleRecord(pCur, iField, pbShort);
      if( rc==SQLITE_OK ) rc = sqlite3BtreeNext(pCur, 0);
      if( AtomicLoad(&db->u1.isInterrupted) ) rc = SQLITE_INTERRUPT;
    }
    if( rc==SQLITE_DONE ) rc = SQLITE_OK;
    sqlite3BtreeCloseCursor(pCur);
  }
  sqlite3KeyInfoUnref(pKeyInfo);
  sqlite3_free(pCur);
  return rc;
}

/*
** The column is about to get another default, or another type for it: give rows
** that have no value of their own the one that they have shown so far.
*/
static int settleFill(Settle *p){
  Table *pTab = sqlite3FindTable(p->db, p->zTab, p->zDb);
  int bShort = 0;
  int rc = settleIsShort(p, pTab, sqlite3ColumnIndex(pTab, p->zCol), &bShort);
  if( rc==SQLITE_OK && bShort ){
    rc = settleRun(p, sqlite3_mprintf(
        "UPDATE OR ABORT \"%w\".\"%w\" SET \"%w\"=\"%w\"",
        p->zDb, p->zTab, p->zCol, p->zCol));
  }
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
** What is to be done, one after the other.
*/
static int settleAll(Settle *p, const char *zKeys){
  sqlite3 *db = p->db;
  Table *pTab = sqlite3FindTable(db, p->zTab, p->zDb);
  int iCol = pTab ? sqlite3ColumnIndex(pTab, p->zCol) : -1;
  int rc = SQLITE_OK;
  int bNotNull;
  char *zNow;
  if( iCol<0 ) return SQLITE_CORRUPT_BKPT;
  bNotNull = pTab->aCol[iCol].notNull!=OE_None;
  zNow = settleKeys(db, pTab);
  if( zKeys==0 || zNow==0 ){
    rc = SQLITE_NOMEM;
  }else if( strcmp(zKeys, zNow)!=0 ){
    p->zErr = sqlite3_mprintf("the collation changes a PRIMARY KEY or UNIQUE"
                              " constraint");
    rc = SQLITE_ERROR;
  }
  sqlite3_free(zNow);

  if( rc==SQLITE_OK && (p->mSettle & SETTLE_FILL) ) rc = settleFill(p);
  if( rc==SQLITE_OK && (p->mSettle & SETTLE_REINDEX) ){
    rc = settleRun(p, sqlite3_mprintf("REINDEX \"%w\".\"%w\"", p->zDb,
                                      p->zTab));
  }
  if( rc==SQLITE_OK && (p->mSettle & SETTLE_CONVERT) ) rc = settleConvert(p);
  if( rc==SQLITE_OK && (p->mSettle & SETTLE_REBUILD) ) rc = settleRebuild(p);
  if( rc==SQLITE_OK && (p->mSettle & SETTLE_VALIDATE) ){
    rc = settleValidate(p, bNotNull);
  }
  return rc;
}

/*
** seawall_settle_column(DB, TABLE, COLUMN, WHAT, DEFINITION, KEYS): the column has
** its new definition in the schema, its values are still the old ones.
**
** What is done about that is nobody's business: see sql_quiet.c.
*/
static void settleColumnFunc(
  sqlite3_context *pCtx,
  int nArg,
  sqlite3_value **apArg
){
  sqlite3 *db = sqlite3_context_db_handle(pCtx);
  Settle s;
  Quiet quiet;
  int rc;
  UNUSED_PARAMETER(nArg);
  s.db = db;
  s.zDb = (const char*)sqlite3_value_text(apArg[0]);
  s.zTab = (const char*)sqlite3_value_text(apArg[1]);
  s.zCol = (const char*)sqlite3_value_text(apArg[2]);
  s.mSettle = sqlite3_value_int(apArg[3]);
  s.zDef = (const char*)sqlite3_value_text(apArg[4]);
  s.zErr = 0;
  quietBegin(&quiet, db, DBFLAG_InternalFunc|DBFLAG_SeawallSettle);
  rc = settleAll(&s, (const char*)sqlite3_value_text(apArg[5]));
  quietEnd(&quiet);
  if( rc!=SQLITE_OK ){
    char *zMsg = sqlite3_mprintf("cannot alter %s.%s: %s", s.zTab, s.zCol,
                                 s.zErr ? s.zErr : sqlite3_errstr(rc));
    if( zMsg ) sqlite3_result_error(pCtx, zMsg, -1);
    sqlite3_free(zMsg);
    sqlite3_result_error_code(pCtx, rc);
  }
  sqlite3_free(s.zErr);
}
