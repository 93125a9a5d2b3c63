/*
** ".dump": the content of a database as SQL.
*/
#include <string.h>
#include "shell.h"

/*
** What ".dump" has been asked for.
*/
typedef struct Dump Dump;
struct Dump {
  Shell *p;
  char *zFilter;         /* Condition on the object names, as SQL */
  int bPreserveRowid;    /* --preserve-rowids */
  int bDataOnly;         /* --data-only */
  int bNoSystem;         /* --nosys */
  int nErr;
};

/*
** Columns of a table.  zRowid, if not NULL, is a name under which the rowid
** can be read and must be preserved.
*/
typedef struct Columns Columns;
struct Columns {
  int n;
  char **az;
  const char *zRowid;
};

/*
** Before the first INSERT into the schema: allow it.
*/
static void dumpWritable(Dump *d){
  if( d->p->bDumpWritable ) return;
  fputs("PRAGMA writable_schema=ON;\n", d->p->out);
  d->p->bDumpWritable = 1;
}

/*
** Run a query with one parameter-free text.  True if it has a row.
*/
static int hasRow(Shell *p, char *zSql){
  sqlite3_stmt *pStmt = 0;
  int bRow = 0;
  sqlite3_prepare_v2(p->db, zSql, -1, &pStmt, 0);
  if( pStmt ) bRow = sqlite3_step(pStmt)==SQLITE_ROW;
  sqlite3_finalize(pStmt);
  sqlite3_free(zSql);
  return bRow;
}

/*
** Find a name for the rowid of zTable, if it has to be preserved: neither
** if a column stands for it, nor if there is none, nor if columns use up
** all of its names.
*/
static const char *rowidName(Shell *p, const char *zTable, const Columns *pCol,
                             int bIntegerKey){
  static const char *const azName[] = { "rowid", "_rowid_", "oid" };
  int i, j;
  /* An INTEGER PRIMARY KEY that has an index is not the rowid. */
  if( bIntegerKey && !hasRow(p, shPrintf(
        "SELECT 1 FROM pragma_index_list(%Q) WHERE origin='pk'", zTable)) ){
    return 0;
  }
  for(i=0; i<ArraySize(azName); i++){
    for(j=0; j<pCol->n; j++){
      if( sqlite3_stricmp(azName[i], pCol->az[j])==0 ) break;
    }
    if( j<pCol->n ) continue;
    if( sqlite3_table_column_metadata(p->db, 0, zTable, azName[i], 0, 0, 0, 0,
                                      0)==SQLITE_OK ) return azName[i];
    return 0;
  }
  return 0;
}

/*
** Read the columns of zTable.
*/
static void columnsLoad(Dump *d, const char *zTable, Columns *pCol){
  Shell *p = d->p;
  sqlite3_stmt *pStmt = 0;
  char *zSql = shPrintf("PRAGMA table_info=%Q", zTable);
  int nKey = 0, bInteger = 0;
  memset(pCol, 0, sizeof(*pCol));
  sqlite3_prepare_v2(p->db, zSql, -1, &pStmt, 0);
  sqlite3_free(zSql);
  while( pStmt && sqlite3_step(pStmt)==SQLITE_ROW ){
    const char *zType = (const char*)sqlite3_column_text(pStmt, 2);
    pCol->az = shRealloc(pCol->az, (sqlite3_uint64)(pCol->n+1)*sizeof(char*));
    pCol->az[pCol->n++] = shPrintf("%s", sqlite3_column_text(pStmt, 1));
    if( sqlite3_column_int(pStmt, 5) ){
      nKey++;
      bInteger = zType && sqlite3_stricmp(zType, "INTEGER")==0;
    }
  }
  sqlite3_finalize(pStmt);
  if( d->bPreserveRowid && pCol->n>0 ){
    pCol->zRowid = rowidName(p, zTable, pCol, nKey==1 && bInteger);
  }
}
static void columnsFree(Columns *pCol){
  int i;
  for(i=0; i<pCol->n; i++) sqlite3_free(pCol->az[i]);
  sqlite3_free(pCol->az);
}

/*
** The query that reads all of zTable.  To be freed.
*/
static char *selectAll(const char *zTable, const Columns *pCol){
  sqlite3_str *pSql = sqlite3_str_new(0);
  int i;
  sqlite3_str_appendall(pSql, "SELECT ");
  if( pCol->zRowid ){
    /* By itself, it is called "rowid" whatever its name. */
    sqlite3_str_appendf(pSql, "%s AS %s,", pCol->zRowid, pCol->zRowid);
  }
  for(i=0; i<pCol->n; i++){
    if( i ) sqlite3_str_appendchar(pSql, 1, ',');
    shAppendId(pSql, pCol->az[i]);
  }
  sqlite3_str_appendall(pSql, " FROM ");
  shAppendId(pSql, zTable);
  return shFinish(pSql);
}

/*
** Write the rows of zTable as INSERT statements.
*/
static void dumpRows(Dump *d, const char *zTable){
  Shell *p = d->p;
  Columns col;
  char *zSql;
  char *zErr = 0;
  int rc;
  columnsLoad(d, zTable, &col);
  if( col.n==0 ){
    d->nErr++;
    return;
  }
  zSql = selectAll(zTable, &col);
  columnsFree(&col);
  modePush(p);
  modeChange(p, MODE_INSERT);
  modeSetText(&p->mode.spec.zTable, zTable);
  p->mode.spec.bTitles = d->bPreserveRowid ? SW_ON : SW_OFF;
  modeExact(p);
  rc = executeSql(p, zSql, &zErr);
  if( (rc&0xff)==SQLITE_CORRUPT ){
    /* Take what can be had from the other end of the table as well. */
    int bReverse = databaseInt(p, "PRAGMA reverse_unordered_selects");
    fputs("/****** CORRUPTION ERROR *******/\n", p->out);
    sqlite3_free(zErr);
    sqlite3_exec(p->db, bReverse ? "PRAGMA reverse_unordered_selects=0"
                                 : "PRAGMA reverse_unordered_selects=1", 0,0,0);
    executeSql(p, zSql, &zErr);
    sqlite3_exec(p->db, bReverse ? "PRAGMA reverse_unordered_selects=1"
                                 : "PRAGMA reverse_unordered_selects=0", 0,0,0);
  }
  sqlite3_free(zErr);
  sqlite3_free(zSql);
  modePop(p);
  if( rc ) d->nErr++;
}

/*
** What is in place of a statement that creates something does not belong into
** a script.  Return true, after a message, if zSql is that.
*/
static int isForeign(Dump *d, const char *zSql){
  if( statementCreates(zSql) ) return 0;
  fprintf(stderr, "Error: the schema has no CREATE statement but [%s]\n", zSql);
  d->nErr++;
  return 1;
}

/*
** Write what creates the table zTable.  Return true if its rows are to
** follow.
*/
static int dumpCreate(Dump *d, const char *zTable, const char *zSql){
  Shell *p = d->p;
  char *zFirst;
  if( strcmp(zTable, "sqlite_sequence")==0 && !d->bNoSystem ){
    if( databaseInt(p, "SELECT count(*) FROM sqlite_sequence")>0 ){
      dumpWritable(d);
      fputs("CREATE TABLE IF NOT EXISTS sqlite_sequence(name,seq);\n"
            "DELETE FROM sqlite_sequence;\n", p->out);
    }
    return 1;
  }
  if( sqlite3_strglob("sqlite_stat?", zTable)==0 && !d->bNoSystem ){
    if( !d->bDataOnly ) fputs("ANALYZE sqlite_schema;\n", p->out);
    return 1;
  }
  if( strncmp(zTable, "sqlite_", 7)==0 ) return 0;
  if( d->bDataOnly ) return 1;
  if( strncmp(zSql, "CREATE VIRTUAL TABLE", 20)==0 ){
    char *zIns;
    dumpWritable(d);
    zIns = shPrintf(
        "INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql)"
        "VALUES('table','%q','%q',0,'%q');", zTable, zTable, zSql);
    fprintf(p->out, "%s\n", zIns);
    sqlite3_free(zIns);
    return 0;
  }
  if( isForeign(d, zSql) ) return 0;
  zFirst = statementFirst(zSql);
  if( sqlite3_strglob("CREATE TABLE ['\"]*", zFirst)==0 ){
    /* Shadow tables, that their virtual table may have created already. */
    fprintf(p->out, "CREATE TABLE IF NOT EXISTS %s;\n", &zFirst[13]);
  }else{
    fprintf(p->out, "%s;\n", zFirst);
  }
  sqlite3_free(zFirst);
  return 1;
}

/*
** Write one table.  Callback of sqlite3_exec().
*/
static int dumpTable(void *pArg, int nCol, char **azCol, char **azName){
  Dump *d = (Dump*)pArg;
  (void)nCol;
  (void)azName;
  if( azCol[0] && azCol[1] && dumpCreate(d, azCol[0], azCol[1]) ){
    dumpRows(d, azCol[0]);
  }
  return 0;
}

/*
** Write all tables.  If the schema turns out to be corrupt, start again
** from its other end.
*/
static void dumpTables(Dump *d){
  static const char zQuery[] =
      "SELECT name, shell_complete_sql(sql) FROM sqlite_schema AS o"
      " WHERE (%s) AND type='table' AND sql NOT NULL ORDER BY %s";
  Shell *p = d->p;
  char *zErr = 0;
  char *zSql;
  int rc;
  /* Functions of the database come first: tables may call them. */
  zSql = shPrintf(zQuery, d->zFilter, "name<>'libsql_wasm_func_table',"
                                      " tbl_name='sqlite_sequence', rowid");
  rc = sqlite3_exec(p->db, zSql, dumpTable, d, &zErr);
  sqlite3_free(zSql);
  if( rc==SQLITE_CORRUPT ){
    fputs("/****** CORRUPTION ERROR *******/\n", p->out);
    if( zErr ) fprintf(p->out, "/****** %s ******/\n", zErr);
    sqlite3_free(zErr);
    zErr = 0;
    zSql = shPrintf(zQuery, d->zFilter, "rowid DESC");
    rc = sqlite3_exec(p->db, zSql, dumpTable, d, &zErr);
    sqlite3_free(zSql);
    if( rc ){
      fprintf(p->out, "/****** ERROR: %s ******/\n", zErr);
      d->nErr++;
    }
  }
  sqlite3_free(zErr);
}

/*
** Write indexes, triggers and views.
*/
static void dumpOthers(Dump *d){
  Shell *p = d->p;
  sqlite3_stmt *pStmt = 0;
  int rc;
  char *zSql = shPrintf(
      "SELECT shell_complete_sql(sql) FROM sqlite_schema AS o"
      " WHERE (%s) AND sql NOT NULL AND type IN ('index','trigger','view')"
      " ORDER BY type COLLATE NOCASE DESC", d->zFilter);
  rc = sqlite3_prepare_v2(p->db, zSql, -1, &pStmt, 0);
  sqlite3_free(zSql);
  while( pStmt && sqlite3_step(pStmt)==SQLITE_ROW ){
    const char *z = (const char*)sqlite3_column_text(pStmt, 0);
    char *zFirst;
    if( z==0 || isForeign(d, z) ) continue;
    zFirst = statementFirst(z);
    /* A comment at the end must not swallow the semicolon. */
    fprintf(p->out, strstr(zFirst, "--") ? "%s\n;\n" : "%s;\n", zFirst);
    sqlite3_free(zFirst);
  }
  if( pStmt ) rc = sqlite3_finalize(pStmt);
  if( rc!=SQLITE_OK ){
    fprintf(p->out, "/**** ERROR: (%d) %s *****/\n", rc,
            sqlite3_errmsg(p->db));
    if( (rc&0xff)!=SQLITE_CORRUPT ) d->nErr++;
  }
}

/*
** A script with virtual tables, or with functions of the database, does not run
** everywhere: say so at its top.
*/
static void dumpWarning(Dump *d){
  if( hasRow(d->p, shPrintf(
        "SELECT 1 FROM sqlite_schema AS o WHERE (%s)"
        " AND (sql LIKE 'CREATE VIRTUAL TABLE%%'"
        "      OR name='libsql_wasm_func_table')", d->zFilter)) ){
    fputs("/* WARNING: Script requires that SQLITE_DBCONFIG_DEFENSIVE be"
          " disabled */\n", d->p->out);
  }
}

/*
** Let one more LIKE pattern through.  Tables that belong to a virtual table
** with such a name are wanted as well.
*/
static void dumpAddPattern(Dump *d, const char *zLike){
  char *z = shPrintf(
      "%s%sname LIKE %Q ESCAPE '\\' OR EXISTS (SELECT 1 FROM sqlite_schema"
      " WHERE name LIKE %Q ESCAPE '\\' AND sql LIKE 'CREATE VIRTUAL TABLE%%'"
      " AND substr(o.name, 1, length(name)+1)==(name||'_'))",
      d->zFilter ? d->zFilter : "", d->zFilter ? " OR " : "", zLike, zLike);
  sqlite3_free(d->zFilter);
  d->zFilter = z;
}

/*
** Write everything that has been asked for.
*/
static void dumpAll(Dump *d){
  Shell *p = d->p;
  int mLock;
  dumpWarning(d);
  if( !d->bDataOnly ){
    fputs("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n", p->out);
  }
  p->bDumpWritable = 0;
  /* With a writable schema, SQLite makes do with a damaged one and with a file
  ** that has been cut, unless the connection is defensive. */
  mLock = databaseUnlock(p->db);
  sqlite3_exec(p->db, "SAVEPOINT dump", 0, 0, 0);
  dumpTables(d);
  if( !d->bDataOnly ) dumpOthers(d);
  if( p->bDumpWritable ){
    fputs("PRAGMA writable_schema=OFF;\n", p->out);
    p->bDumpWritable = 0;
  }
  sqlite3_exec(p->db, "RELEASE dump", 0, 0, 0);
  databaseRelock(p->db, mLock);
  if( !d->bDataOnly ){
    fputs(d->nErr ? "ROLLBACK; -- due to errors\n" : "COMMIT;\n", p->out);
  }
}

/*
** .dump ?OPTIONS? ?PATTERN? ...
*/
int dotDump(Shell *p){
  Dump d;
  int i;
  memset(&d, 0, sizeof(d));
  d.p = p;
  for(i=1; i<p->dot.nArg; i++){
    const char *z = p->dot.azArg[i];
    if( shOption(z, "preserve-rowids") ){
      d.bPreserveRowid = 1;
    }else if( shOption(z, "data-only") ){
      d.bDataOnly = 1;
    }else if( shOption(z, "nosys") ){
      d.bNoSystem = 1;
    }else if( shOption(z, "newlines") ){
      /* What this used to ask for is always done. */
    }else if( z[0]=='-' ){
      dotError(p, i, "unknown option", 0);
      sqlite3_free(d.zFilter);
      return DOT_ERROR;
    }else{
      dumpAddPattern(&d, z);
    }
  }
  if( d.zFilter==0 ) d.zFilter = shDup("true");
  databaseOpen(p, OPEN_OR_EXIT);
  dumpAll(&d);
  sqlite3_free(d.zFilter);
  return d.nErr ? DOT_ERROR : DOT_OK;
}
