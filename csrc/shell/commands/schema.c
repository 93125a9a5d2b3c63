/*
** ".schema", and the SQL functions that it and ".dump" are made of.
*/
#include <stdlib.h>
#include <string.h>
#include "shell.h"

/*
** Describe the columns of a view, a virtual table or a table-valued
** function by something that looks like a table: "schema.name(a,b)".  NULL
** if there are no columns to tell of.  To be freed.
*/
static char *columnsOf(sqlite3 *db, const char *zSchema, const char *zName){
  sqlite3_str *pStr = sqlite3_str_new(0);
  sqlite3_stmt *pStmt = 0;
  char *zSql = shPrintf("PRAGMA \"%w\".table_info=%Q",
                        zSchema ? zSchema : "main", zName);
  char *z;
  char *zEnd;
  int nCol = 0;
  sqlite3_prepare_v2(db, zSql, -1, &pStmt, 0);
  sqlite3_free(zSql);
  if( zSchema ){
    if( sqlite3_stricmp(zSchema, "temp")==0 ){
      sqlite3_str_appendall(pStr, zSchema);
    }else{
      shAppendId(pStr, zSchema);
    }
    sqlite3_str_appendchar(pStr, 1, '.');
  }
  shAppendId(pStr, zName);
  while( pStmt && sqlite3_step(pStmt)==SQLITE_ROW ){
    const char *zCol = (const char*)sqlite3_column_text(pStmt, 1);
    sqlite3_str_appendchar(pStr, 1, nCol++ ? ',' : '(');
    shAppendId(pStr, zCol ? zCol : "");
  }
  sqlite3_finalize(pStmt);
  sqlite3_str_appendchar(pStr, 1, ')');
  z = shFinish(pStr);
  if( nCol==0 ){
    sqlite3_free(z);
    return 0;
  }
  /* The text goes into a comment and must not end it. */
  for(zEnd=z; (zEnd = strstr(zEnd, "*/"))!=0; ) zEnd[1] = '*';
  return z;
}

/*
** SQL function shell_add_schema(SQL, SCHEMA, NAME)
**
** SQL is the CREATE statement of object NAME.  Complete it and, unless
** SCHEMA is NULL, insert SCHEMA in front of the name that it creates.  A
** view and a virtual table also get a comment that tells their columns.
*/
static void addSchemaFunc(sqlite3_context *pCtx, int nArg,
                          sqlite3_value **apArg){
  static const char *const azKind[] = {
    "TABLE ", "INDEX ", "UNIQUE INDEX ", "VIEW ", "TRIGGER ", "VIRTUAL TABLE "
  };
  const char *zSql = (const char*)sqlite3_value_text(apArg[0]);
  const char *zSchema = (const char*)sqlite3_value_text(apArg[1]);
  const char *zName = (const char*)sqlite3_value_text(apArg[2]);
  sqlite3 *db = sqlite3_context_db_handle(pCtx);
  sqlite3_str *pOut;
  char *zCols;
  size_t n = 0;
  int i;
  (void)nArg;
  if( zSql && strncmp(zSql, "CREATE ", 7)==0 ){
    for(i=0; i<ArraySize(azKind) && n==0; i++){
      size_t nKind = strlen(azKind[i]);
      if( strncmp(&zSql[7], azKind[i], nKind)==0 ) n = 7 + nKind;
    }
  }
  if( n==0 ){
    sqlite3_result_value(pCtx, apArg[0]);
    return;
  }
  pOut = sqlite3_str_new(db);
  sqlite3_str_append(pOut, zSql, (int)n);
  if( zSchema ){
    if( sqlite3_stricmp(zSchema, "temp")==0 ){
      sqlite3_str_appendall(pOut, zSchema);
    }else{
      shAppendId(pOut, zSchema);
    }
    sqlite3_str_appendchar(pOut, 1, '.');
  }
  sqlite3_str_appendall(pOut, &zSql[n]);
  completeAppend(pOut, sqlite3_str_value(pOut), 0);
  if( zName && zSql[7]=='V' && (zCols = columnsOf(db, zSchema, zName))!=0 ){
    sqlite3_str_appendf(pOut, "\n/* %s */", zCols);
    sqlite3_free(zCols);
  }
  sqlite3_result_str(pCtx, pOut, SQLITE_FINISH);
}

/*
** SQL function shell_module_schema(NAME)
**
** The columns of the module NAME in a comment, or NULL.
*/
static void moduleSchemaFunc(sqlite3_context *pCtx, int nArg,
                             sqlite3_value **apArg){
  Shell *p = (Shell*)sqlite3_user_data(pCtx);
  const char *zName = (const char*)sqlite3_value_text(apArg[0]);
  FILE *pSavedLog = p->pLog;
  char *zCols = 0;
  (void)nArg;
  p->pLog = 0;       /* Some modules complain that they lack arguments */
  if( zName ) zCols = columnsOf(sqlite3_context_db_handle(pCtx), 0, zName);
  p->pLog = pSavedLog;
  if( zCols ){
    sqlite3_result_text(pCtx, shPrintf("/* %s */", zCols), -1, sqlite3_free);
    sqlite3_free(zCols);
  }
}

/*
** SQL function shell_complete_sql(SQL), shell_complete_sql(SQL, FLAGS)
**
** SQL with what it lacks to be complete.  If bit 0 of FLAGS is set that
** includes the final semicolon.
*/
static void completeSqlFunc(sqlite3_context *pCtx, int nArg,
                            sqlite3_value **apArg){
  const char *zSql = (const char*)sqlite3_value_text(apArg[0]);
  int mFlags = nArg>1 ? sqlite3_value_int(apArg[1]) : 0;
  sqlite3_str *pOut;
  if( zSql==0 ) return;
  pOut = sqlite3_str_new(sqlite3_context_db_handle(pCtx));
  sqlite3_str_appendall(pOut, zSql);
  completeAppend(pOut, zSql, mFlags & 1 ? COMPLETE_SEMI : 0);
  sqlite3_result_str(pCtx, pOut, SQLITE_FINISH);
}

/*
** Reduce every run of white space in z to its first character, remove white
** space after "(" and in front of any parenthesis and at both ends.
*/
static void squeezeSpace(char *z){
  char *zIn = z;
  char *zOut = z;
  while( shIsSpace(zIn[0]) ) zIn++;
  for(; zIn[0]; zIn++){
    if( shIsSpace(zIn[0]) ){
      if( zOut[-1]=='\r' ) zOut[-1] = '\n';
      if( shIsSpace(zOut[-1]) || zOut[-1]=='(' ) continue;
    }else if( (zIn[0]=='(' || zIn[0]==')') && zOut>z && shIsSpace(zOut[-1]) ){
      zOut--;
    }
    *zOut++ = zIn[0];
  }
  while( zOut>z && shIsSpace(zOut[-1]) ) zOut--;
  *zOut = 0;
}

/*
** True if the rest of the line that z is in is blank or a comment.
*/
static int restIsBlank(const char *z){
  while( z[0] && z[0]!='\n' && shIsSpace(z[0]) ) z++;
  return z[0]==0 || z[0]=='\n' || (z[0]=='-' && z[1]=='-');
}

/*
** True if the keyword zWord, in capitals, is at z and ends there.
*/
static int isKeyword(const char *z, const char *zWord){
  int n = (int)strlen(zWord);
  return sqlite3_strnicmp(z, zWord, n)==0 && !shIsAlnum(z[n]) && z[n]!='_';
}

/*
** The character that ends the quote or comment that begins at z, or 0 if
** none does.
*/
static char quoteEnd(const char *z){
  switch( z[0] ){
    case '"': case '\'': case '`':  return z[0];
    case '[':                       return ']';
    case '-':                       return z[1]=='-' ? '\n' : 0;
    default:                        return 0;
  }
}

/*
** Append the CREATE statement z to pOut with one column definition on a
** line.
*/
static void indentCreate(sqlite3_str *pOut, const char *z, int bIndex){
  char cEnd = 0;         /* Waiting for this end of a quote or comment */
  int nParen = 0;
  int nLine = 0;
  int bWhere = 0;        /* In the WHERE clause of a partial index */
  int iStart = 0;        /* z[iStart..i] is not in pOut yet */
  int i;
  for(i=0; z[i]; i++){
    char c = z[i];
    if( c==cEnd ){
      cEnd = 0;
    }else if( cEnd ){
      /* Inside of a quote */
    }else if( (cEnd = quoteEnd(&z[i]))!=0 ){
      /* A quote begins */
    }else if( c=='(' ){
      nParen++;
    }else if( c==')' ){
      nParen--;
      if( nLine>0 && nParen==0 && i>iStart && !bWhere ){
        sqlite3_str_append(pOut, &z[iStart], i-iStart);
        sqlite3_str_appendchar(pOut, 1, '\n');
        iStart = i;
      }
    }else if( bIndex && nParen==0 && isKeyword(&z[i], "WHERE") ){
      bWhere = 1;
    }else if( bWhere && nParen==0 && isKeyword(&z[i], "AND") ){
      sqlite3_str_append(pOut, &z[iStart], i-iStart);
      sqlite3_str_appendall(pOut, "\n    ");
      iStart = i;
    }
    if( nParen!=1 || cEnd || bWhere ) continue;
    if( c=='(' || c=='\n' || (c==',' && !restIsBlank(&z[i+1])) ){
      sqlite3_str_append(pOut, &z[iStart], i-iStart + (c!='\n'));
      sqlite3_str_appendall(pOut, "\n  ");
      nLine++;
      while( shIsSpace(z[i+1]) ) i++;
      iStart = i+1;
    }
  }
  sqlite3_str_append(pOut, &z[iStart], i-iStart);
}

/*
** SQL function shell_format_schema(SQL, FLAGS)
**
** If bit 0 of FLAGS is set, spread a long CREATE TABLE or CREATE INDEX over
** several lines.
*/
#define ONE_LINE_BYTES  79      /* Statements shorter than this stay a line */
static void formatSchemaFunc(sqlite3_context *pCtx, int nArg,
                             sqlite3_value **apArg){
  const char *zSql = (const char*)sqlite3_value_text(apArg[0]);
  sqlite3_str *pOut;
  char *z;
  int bIndex;
  (void)nArg;
  if( (sqlite3_value_int(apArg[1]) & 1)==0 || zSql==0 || zSql[0]==0
   || sqlite3_strlike("CREATE VIEW%", zSql, 0)==0
   || sqlite3_strlike("CREATE TRIG%", zSql, 0)==0
  ){
    sqlite3_result_value(pCtx, apArg[0]);
    return;
  }
  bIndex = sqlite3_strlike("CREATE INDEX%", zSql, 0)==0
        || sqlite3_strlike("CREATE UNIQUE INDEX%", zSql, 0)==0;
  z = shDup(zSql);
  squeezeSpace(z);
  pOut = sqlite3_str_new(sqlite3_context_db_handle(pCtx));
  if( strlen(z)>=ONE_LINE_BYTES ){
    indentCreate(pOut, z, bIndex);
  }else{
    sqlite3_str_appendall(pOut, z);
  }
  sqlite3_free(z);
  sqlite3_result_str(pCtx, pOut, SQLITE_FINISH);
}

/*
** Add the functions to the connection that has just been opened.
*/
void schemaFunctions(Shell *p){
  static const struct {
    const char *zName;
    int nArg;
    void (*xFunc)(sqlite3_context*, int, sqlite3_value**);
  } aFunc[] = {
    { "shell_add_schema",     3, addSchemaFunc    },
    { "shell_complete_sql",   1, completeSqlFunc  },
    { "shell_complete_sql",   2, completeSqlFunc  },
    { "shell_format_schema",  2, formatSchemaFunc },
    { "shell_module_schema",  1, moduleSchemaFunc },
  };
  int i;
  for(i=0; i<ArraySize(aFunc); i++){
    sqlite3_create_function(p->db, aFunc[i].zName, aFunc[i].nArg, SQLITE_UTF8,
                            p, aFunc[i].xFunc, 0, 0);
  }
}

/*
** The schema tables themselves have no CREATE statement; show one.
*/
static void showSchemaTable(Shell *p, const char *zPattern){
  static const char *const azName[] = {
    "sqlite_master", "sqlite_schema", "sqlite_temp_master",
    "sqlite_temp_schema"
  };
  int i;
  for(i=0; i<ArraySize(azName); i++){
    if( sqlite3_strlike(zPattern, azName[i], '\\')==0 ) break;
  }
  if( i==ArraySize(azName) ) return;
  fprintf(p->out, "CREATE TABLE %ssqlite_schema (\n"
                  "  type text,\n"
                  "  name text,\n"
                  "  tbl_name text,\n"
                  "  rootpage integer,\n"
                  "  sql text\n"
                  ");\n",
          sqlite3_strlike("sqlite_t%", zPattern, 0)==0 ? "temp." : "");
}

/*
** What ".schema" has been asked for.
*/
typedef struct SchemaQuery SchemaQuery;
struct SchemaQuery {
  const char *zPattern;    /* LIKE or GLOB pattern, or NULL */
  int bIndent;
  int bNoSystem;
};

/*
** Append the part of the query that names every schema.  Return false if
** the list of databases cannot be read.
*/
static int schemaSources(Shell *p, sqlite3_str *pSql, const SchemaQuery *pQ){
  sqlite3_stmt *pStmt = 0;
  int iSchema = 0;
  if( sqlite3_prepare_v2(p->db, "PRAGMA database_list", -1, &pStmt, 0) ){
    sqlite3_finalize(pStmt);
    return 0;
  }
  while( sqlite3_step(pStmt)==SQLITE_ROW ){
    const char *zDb = (const char*)sqlite3_column_text(pStmt, 1);
    int bMain = sqlite3_stricmp(zDb, "main")==0;
    sqlite3_str_appendf(pSql,
        "%s SELECT shell_format_schema(shell_add_schema(sql,%Q,name),%d)"
        " AS sql, type, tbl_name, name, rowid, %d AS snum, %Q AS sname"
        " FROM \"%w\".sqlite_schema",
        iSchema ? " UNION ALL" : "", bMain ? 0 : zDb, pQ->bIndent, iSchema,
        zDb, zDb);
    iSchema++;
  }
  sqlite3_finalize(pStmt);
  if( pQ->zPattern ){
    sqlite3_str_appendall(pSql,
        " UNION ALL SELECT shell_module_schema(name), 'table', name, name,"
        " name, 9e+99, 'main' FROM pragma_module_list");
  }
  return 1;
}

/*
** Append the condition on the names.
*/
static void schemaCondition(sqlite3_str *pSql, const SchemaQuery *pQ){
  const char *z = pQ->zPattern;
  sqlite3_str_appendall(pSql, " WHERE sql IS NOT NULL");
  if( z ){
    int bGlob = z[strcspn(z, "*?[")]!=0;
    sqlite3_str_appendf(pSql, " AND lower(%s)",
        strchr(z, '.') ? "sname||'.'||tbl_name" : "tbl_name");
    sqlite3_str_appendf(pSql, bGlob ? " GLOB %Q" : " LIKE %Q ESCAPE '\\'", z);
  }
  if( pQ->bNoSystem ){
    sqlite3_str_appendall(pSql, " AND name NOT LIKE 'sqlite__%' ESCAPE '_'");
  }
}

/*
** Show the result of zSql in a mode, whatever the user's is, and free zSql.
*/
static int showQuery(Shell *p, int eMode, const char *zTable, char *zSql){
  char *zErr = 0;
  modePush(p);
  modeChange(p, eMode);
  if( zTable ) modeSetText(&p->mode.spec.zTable, zTable);
  p->mode.spec.bTitles = SW_OFF;
  modeExact(p);
  executeSql(p, zSql, &zErr);
  modePop(p);
  sqlite3_free(zSql);
  if( zErr==0 ) return DOT_OK;
  fprintf(stderr, "Error: %s\n", zErr);
  sqlite3_free(zErr);
  return DOT_ERROR;
}

/*
** Show what the query finds.
*/
static int schemaShow(Shell *p, const SchemaQuery *pQ){
  sqlite3_str *pSql = sqlite3_str_new(0);
  char *zSql;
  int bOk;
  sqlite3_str_appendall(pSql, "SELECT shell_complete_sql(sql,1) FROM (");
  bOk = schemaSources(p, pSql, pQ);
  sqlite3_str_appendall(pSql, ")");
  schemaCondition(pSql, pQ);
  sqlite3_str_appendall(pSql, " ORDER BY snum, rowid");
  zSql = shFinish(pSql);
  if( bOk ) return showQuery(p, MODE_LIST, 0, zSql);
  sqlite3_free(zSql);
  return databaseError(p);
}

/*
** .schema ?--indent? ?--nosys? ?PATTERN?
*/
int dotSchema(Shell *p){
  SchemaQuery q;
  int i;
  memset(&q, 0, sizeof(q));
  databaseOpen(p, OPEN_OR_EXIT);
  for(i=1; i<p->dot.nArg; i++){
    const char *z = p->dot.azArg[i];
    if( shOption(z, "indent") ){
      q.bIndent = 1;
    }else if( shOption(z, "nosys") ){
      q.bNoSystem = 1;
    }else if( z[0]=='-' ){
      fprintf(stderr, "Unknown option: \"%s\"\n", z);
      return DOT_ERROR;
    }else if( q.zPattern ){
      return dotUsage(".schema ?--indent? ?--nosys? ?LIKE-PATTERN?");
    }else{
      q.zPattern = z;
    }
  }
  if( q.zPattern ) showSchemaTable(p, q.zPattern);
  return schemaShow(p, &q);
}

/*
** The rows of a table of statistics as INSERT statements, if there is one.
*/
static int showStatistics(Shell *p, const char *zTable){
  if( sqlite3_table_column_metadata(p->db, "main", zTable, 0, 0, 0, 0, 0, 0) ){
    return DOT_OK;
  }
  return showQuery(p, MODE_INSERT, zTable,
                   shPrintf("SELECT * FROM main.%s", zTable));
}

/*
** .fullschema ?--indent?
*/
int dotFullschema(Shell *p){
  int bIndent = p->dot.nArg==2 && shOption(p->dot.azArg[1], "indent");
  int rc;
  if( !bIndent && p->dot.nArg!=1 ) return dotUsage(".fullschema ?--indent?");
  databaseOpen(p, OPEN_OR_EXIT);
  /* As it is in the main and the temporary database: for reading it again. */
  rc = showQuery(p, MODE_LIST, 0, shPrintf(
      "SELECT shell_complete_sql(shell_format_schema(sql,%d),1) FROM ("
      " SELECT sql, type, name, rowid AS n FROM main.sqlite_schema UNION ALL"
      " SELECT sql, type, name, rowid FROM temp.sqlite_schema)"
      " WHERE type<>'meta' AND sql NOT NULL"
      " AND name NOT LIKE 'sqlite\\_%%' ESCAPE '\\' ORDER BY n", bIndent));
  if( rc!=DOT_OK ) return rc;
  if( databaseInt(p, "SELECT count(*) FROM sqlite_schema"
                     " WHERE name GLOB 'sqlite_stat[134]'")==0 ){
    fputs("/* No STAT tables available */\n", p->out);
    return DOT_OK;
  }
  fputs("ANALYZE sqlite_schema;\n", p->out);
  rc = showStatistics(p, "sqlite_stat1");
  if( rc==DOT_OK ) rc = showStatistics(p, "sqlite_stat4");
  fputs("ANALYZE sqlite_schema;\n", p->out);
  return rc;
}
