/*
** ".archive": archives of files, in a database or as ZIP.
**
** In a database, an archive is the table sqlar, with a row for each file.
*/
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "archive.h"

/* Archives have small pages: many files are small. */
#define SQLAR_PAGE_SIZE  512

/*
** All options.
*/
static const struct Switch {
  const char *zLong;
  char cShort;
  u8 bArg;
  u8 bCommand;
} aSwitch[] = {
  { "create",    'c', 0, 1 },
  { "extract",   'x', 0, 1 },
  { "insert",    'i', 0, 1 },
  { "list",      't', 0, 1 },
  { "remove",    'r', 0, 1 },
  { "update",    'u', 0, 1 },
  { "help",      'h', 0, 1 },
  { "verbose",   'v', 0, 0 },
  { "file",      'f', 1, 0 },
  { "append",    'a', 1, 0 },
  { "directory", 'C', 1, 0 },
  { "dryrun",    'n', 0, 0 },
  { "glob",      'g', 0, 0 },
};

/*
** Report what is wrong with the options.  Return 1.
*/
static int parseError(Archive *pAr, const char *zFormat, ...){
  va_list ap;
  char *z;
  va_start(ap, zFormat);
  z = shCheck(sqlite3_vmprintf(zFormat, ap));
  va_end(ap);
  fprintf(stderr, "Error: %s\nUse \"%s\" for more help\n", z,
          pAr->bOption ? "-A" : ".archive --help");
  sqlite3_free(z);
  return 1;
}
static int parseUsage(const char *zMsg){
  fprintf(stderr, "%s  Usage:\n", zMsg);
  helpShow(stderr, "archive");
  return 1;
}

/*
** Report the latest error of the archive, unless archiveInterrupted() does.
** Return DOT_ERROR.
*/
int archiveError(Archive *pAr){
  if( !signalPending() ){
    fprintf(stderr, "Error: %s\n", sqlite3_errmsg(pAr->db));
  }
  pAr->nError++;
  return DOT_ERROR;
}

/*
** If the user has interrupted the work, say so and return true.
*/
int archiveInterrupted(Archive *pAr){
  if( !signalPending() ) return 0;
  fputs("Error: interrupted\n", stderr);
  pAr->nError++;
  return 1;
}

static const struct Switch *switchShort(char c){
  int i;
  for(i=0; i<ArraySize(aSwitch); i++){
    if( aSwitch[i].cShort==c ) return &aSwitch[i];
  }
  return 0;
}

/*
** The option that z, without its dashes, is the beginning of.  *pbAmbiguous is
** set if it is that of two.
*/
static const struct Switch *switchLong(const char *z, int *pbAmbiguous){
  const struct Switch *pFound = 0;
  int i;
  for(i=0; i<ArraySize(aSwitch); i++){
    if( strncmp(z, aSwitch[i].zLong, strlen(z))!=0 ) continue;
    *pbAmbiguous = pFound!=0;
    pFound = &aSwitch[i];
    if( *pbAmbiguous ) break;
  }
  return pFound;
}

/*
** Apply an option.  Return true after an error.
*/
static int applySwitch(
  Archive *pAr,
  const struct Switch *pSwitch,
  const char *zArg
){
  if( pSwitch->bCommand ){
    if( pAr->cCommand ) return parseError(pAr, "multiple command options");
    pAr->cCommand = pSwitch->cShort;
    return 0;
  }
  switch( pSwitch->cShort ){
    case 'v': pAr->bVerbose = 1; break;
    case 'n': pAr->bDryRun = 1;  break;
    case 'g': pAr->bGlob = 1;    break;
    case 'C': pAr->zDir = zArg;  break;
    case 'a': pAr->bAppend = 1;  /* fall through */
    case 'f': pAr->zFile = zArg; break;
  }
  return 0;
}

/*
** As tar has it: "cf FILE NAME ...".  The first argument is all letters, and
** those that need an argument find it in the following ones.
*/
static int parseLetters(Archive *pAr, char **azArg, int nArg){
  const char *z;
  int iArg = 1;
  for(z=azArg[0]; z[0]; z++){
    const struct Switch *pSwitch = switchShort(z[0]);
    if( pSwitch==0 ) return parseError(pAr, "unrecognized option: %c", z[0]);
    if( pSwitch->bArg && iArg>=nArg ){
      return parseError(pAr, "option requires an argument: %c", z[0]);
    }
    if( applySwitch(pAr, pSwitch, pSwitch->bArg ? azArg[iArg++] : 0) ) return 1;
  }
  pAr->azName = &azArg[iArg];
  pAr->nName = nArg-iArg;
  return 0;
}

/*
** Options with a dash: "-cf FILE", "-fFILE".  *piArg is the current argument.
*/
static int parseShort(Archive *pAr, char **azArg, int nArg, int *piArg){
  const char *z;
  for(z=&azArg[*piArg][1]; z[0]; z++){
    const struct Switch *pSwitch = switchShort(z[0]);
    const char *zArg = 0;
    if( pSwitch==0 ) return parseError(pAr, "unrecognized option: %c", z[0]);
    if( pSwitch->bArg ){
      if( z[1] ){
        zArg = &z[1];
      }else if( *piArg+1<nArg ){
        zArg = azArg[++*piArg];
      }else{
        return parseError(pAr, "option requires an argument: %c", z[0]);
      }
    }
    if( applySwitch(pAr, pSwitch, zArg) ) return 1;
    if( zArg ) break;
  }
  return 0;
}

/*
** An option with two dashes, which may be abbreviated.
*/
static int parseLong(Archive *pAr, char **azArg, int nArg, int *piArg){
  const char *z = azArg[*piArg];
  int bAmbiguous = 0;
  const struct Switch *pSwitch = switchLong(&z[2], &bAmbiguous);
  const char *zArg = 0;
  if( bAmbiguous ) return parseError(pAr, "ambiguous option: %s", z);
  if( pSwitch==0 ) return parseError(pAr, "unrecognized option: %s", z);
  if( pSwitch->bArg ){
    if( *piArg+1>=nArg ){
      return parseError(pAr, "option requires an argument: %s", z);
    }
    zArg = azArg[++*piArg];
  }
  return applySwitch(pAr, pSwitch, zArg);
}

static int parse(Archive *pAr, char **azArg, int nArg){
  int i, rc = 0;
  if( nArg==0 ) return parseUsage("Wrong number of arguments.");
  if( azArg[0][0]!='-' ){
    rc = parseLetters(pAr, azArg, nArg);
  }else{
    for(i=0; i<nArg && rc==0 && azArg[i][0]=='-'; i++){
      if( azArg[i][1]!='-' ){
        rc = parseShort(pAr, azArg, nArg, &i);
      }else if( azArg[i][2]==0 ){
        i++;
        break;
      }else{
        rc = parseLong(pAr, azArg, nArg, &i);
      }
    }
    pAr->azName = &azArg[i];
    pAr->nName = nArg-i;
  }
  if( rc==0 && pAr->cCommand==0 ){
    return parseUsage("Required argument missing.");
  }
  return rc;
}

/*
** Append a condition for members that a name stands for: itself, and what is
** below it.
*/
static void appendCondition(sqlite3_str *pStr, const char *zName, int bGlob){
  size_t n = strlen(zName);
  char *z;
  while( n>0 && zName[n-1]=='/' ) n--;
  z = shPrintf("%.*s", (int)n, zName);
  if( bGlob ){
    sqlite3_str_appendf(pStr, "name GLOB %Q OR name GLOB '%q/*'", z, z);
  }else{
    sqlite3_str_appendf(pStr,
        "name=%Q OR substr(name,1,length(%Q)+1)='%q/'", z, z, z);
  }
  sqlite3_free(z);
}

/*
** The condition for all members that are meant.  To be freed.
*/
char *archiveWhere(const Archive *pAr){
  sqlite3_str *pStr = sqlite3_str_new(0);
  int i;
  if( pAr->nName==0 ) sqlite3_str_appendall(pStr, "1");
  for(i=0; i<pAr->nName; i++){
    if( i ) sqlite3_str_appendall(pStr, " OR ");
    appendCondition(pStr, pAr->azName[i], pAr->bGlob);
  }
  return shFinish(pStr);
}

/*
** Run SQL, or print it.
*/
static int run(Archive *pAr, const char *zSql){
  if( pAr->bDryRun ){
    fprintf(pAr->p->out, "%s;\n", zSql);
    return DOT_OK;
  }
  if( sqlite3_exec(pAr->db, zSql, 0, 0, 0)==SQLITE_OK ) return DOT_OK;
  return archiveError(pAr);
}

/*
** The same for SQL that is freed.
*/
static int runFree(Archive *pAr, char *zSql){
  int rc = run(pAr, zSql);
  sqlite3_free(zSql);
  return rc;
}

static sqlite3_stmt *prepareFree(Archive *pAr, char *zSql){
  sqlite3_stmt *pStmt = 0;
  if( sqlite3_prepare_v2(pAr->db, zSql, -1, &pStmt, 0)!=SQLITE_OK ){
    archiveError(pAr);
  }
  sqlite3_free(zSql);
  return pStmt;
}

/*
** True if each name stands for a member.
*/
static int namesExist(Archive *pAr){
  int i, bFound = 1;
  for(i=0; i<pAr->nName && bFound; i++){
    sqlite3_str *pStr = sqlite3_str_new(0);
    sqlite3_stmt *pStmt;
    sqlite3_str_appendf(pStr, "SELECT 1 FROM %s WHERE ", pAr->zTable);
    appendCondition(pStr, pAr->azName[i], pAr->bGlob);
    pStmt = prepareFree(pAr, shFinish(pStr));
    if( pStmt==0 ) return 0;
    bFound = sqlite3_step(pStmt)==SQLITE_ROW;
    if( sqlite3_finalize(pStmt)!=SQLITE_OK ){
      archiveError(pAr);
      return 0;
    }
    if( !bFound ){
      fprintf(stderr, "not found in archive: %s\n", pAr->azName[i]);
      if( pAr->azName[i][0]=='-' ){
        fputs("Options go before names, and after letters without a dash there"
              " are only names: use -x -v rather than xv\n", stderr);
      }
      pAr->nError++;
    }
  }
  return bFound;
}

static const char *columnText(sqlite3_stmt *pStmt, int i){
  const char *z = (const char*)sqlite3_column_text(pStmt, i);
  return z ? z : "";
}

/*
** -t
*/
static void archiveList(Archive *pAr){
  FILE *out = pAr->p->out;
  char *zWhere = archiveWhere(pAr);
  char *zSql = shPrintf("SELECT %s FROM %s WHERE %s",
      pAr->bVerbose ? "lsmode(mode), sz, datetime(mtime,'unixepoch'), name"
                    : "name", pAr->zTable, zWhere);
  sqlite3_stmt *pStmt;
  sqlite3_free(zWhere);
  if( pAr->bDryRun ){
    runFree(pAr, zSql);
    return;
  }
  pStmt = prepareFree(pAr, zSql);
  if( pStmt==0 ) return;
  while( sqlite3_step(pStmt)==SQLITE_ROW ){
    if( pAr->bVerbose ){
      fprintf(out, "%s % 10lld  %s  %s\n", columnText(pStmt, 0),
              (long long)sqlite3_column_int64(pStmt, 1), columnText(pStmt, 2),
              columnText(pStmt, 3));
    }else{
      fprintf(out, "%s\n", columnText(pStmt, 0));
    }
  }
  if( sqlite3_finalize(pStmt)!=SQLITE_OK ) archiveError(pAr);
}

/*
** The file that the archive is in; "" or NULL if it is in memory.
*/
static const char *archiveFile(const Archive *pAr){
  if( pAr->zFile ) return pAr->zFile;
  if( pAr->bZip ) return pAr->p->zDbFile;
  return sqlite3_db_filename(pAr->db, "main");
}

/*
** True if the file is the archive itself, or what SQLite has next to it.
*/
static int isArchive(const Archive *pAr, const char *zName){
  static const char *const azSuffix[] = { "", "-journal", "-wal", "-shm" };
  const char *zArchive = archiveFile(pAr);
  char *zPath = pAr->zDir ? shPrintf("%s/%s", pAr->zDir, zName) : shDup(zName);
  struct stat x, y;
  int i, bSame = 0;
  if( zArchive && lstat(zPath, &x)==0 ){
    for(i=0; i<ArraySize(azSuffix) && !bSame; i++){
      char *z = shPrintf("%s%s", zArchive, azSuffix[i]);
      bSame = stat(z, &y)==0 && x.st_dev==y.st_dev && x.st_ino==y.st_ino;
      sqlite3_free(z);
    }
  }
  sqlite3_free(zPath);
  return bSame;
}

/*
** Insert the row that pRead is at: name, mode, mtime, size, data.
*/
static int insertRow(Archive *pAr, sqlite3_stmt *pRead, sqlite3_stmt *pWrite){
  const char *zName = columnText(pRead, 0);
  int i, nCol = sqlite3_bind_parameter_count(pWrite);
  if( isArchive(pAr, zName) ) return SQLITE_OK;
  if( pAr->bVerbose ) fprintf(pAr->p->out, "%s\n", zName);
  for(i=0; i<nCol; i++){
    sqlite3_bind_value(pWrite, i+1, sqlite3_column_value(pRead, i));
  }
  sqlite3_step(pWrite);
  return sqlite3_reset(pWrite);
}

/*
** The condition of -u for files, to be freed.  A ZIP archive that does not exist
** cannot be asked.
*/
static char *changedWhere(const Archive *pAr){
  if( pAr->cCommand!='u' || (pAr->bZip && access(archiveFile(pAr), F_OK)!=0) ){
    return shDup("");
  }
  return shPrintf(
      "\n   AND (name,mode,mtime) NOT IN (SELECT rtrim(name,'/'), mode, mtime"
      " FROM %s\n       WHERE name||mode||mtime IS NOT NULL)", pAr->zTable);
}

/*
** Insert a file, or a directory with everything in it.
*/
static int insertFile(Archive *pAr, const char *zFile, sqlite3_stmt *pWrite){
  sqlite3_stmt *pRead;
  Progress progress;
  i64 nDone = 0;
  int rc = SQLITE_OK;
  char *zChanged = changedWhere(pAr);
  char *zSql = shPrintf(
      "SELECT name, mode, mtime, data FROM fsdir(%Q,%Q)\n"
      " WHERE mode&%d IN (%d,%d,%d)%s", zFile, pAr->zDir, S_IFMT, S_IFREG,
      S_IFDIR, S_IFLNK, zChanged);
  sqlite3_free(zChanged);
  if( pAr->bDryRun ) return runFree(pAr, zSql);
  pRead = prepareFree(pAr, zSql);
  if( pRead==0 ) return DOT_ERROR;
  progressBegin(&progress, pAr->p, "archive", "files");
  while( rc==SQLITE_OK && !signalPending() && sqlite3_step(pRead)==SQLITE_ROW ){
    rc = insertRow(pAr, pRead, pWrite);
    if( rc!=SQLITE_OK ) archiveError(pAr);
    if( !pAr->bVerbose ) progressShow(&progress, ++nDone, 0);
  }
  progressEnd(&progress);
  if( sqlite3_finalize(pRead)!=SQLITE_OK ) archiveError(pAr);
  archiveInterrupted(pAr);
  return pAr->nError ? DOT_ERROR : DOT_OK;
}

/*
** -c, -i and -u, within a savepoint.
*/
static int insertAll(Archive *pAr){
  sqlite3_stmt *pWrite = 0;
  char *zWrite = pAr->bZip
      ? shPrintf("REPLACE INTO %s(name,mode,mtime,data) VALUES(?1,?2,?3,?4)",
                 pAr->zTable)
      : shPrintf("REPLACE INTO sqlar(name,mode,mtime,sz,data) VALUES(?1,?2,?3,\n"
                 "  CASE ?2&%d WHEN %d THEN length(?4) WHEN %d THEN 0 ELSE -1"
                 " END,\n  sqlar_compress(?4))",
                 S_IFMT, S_IFREG, S_IFDIR);
  int i, rc = DOT_OK;
  if( pAr->cCommand=='c' && !pAr->bZip ){
    rc = run(pAr, "DROP TABLE IF EXISTS sqlar");
    if( rc==DOT_OK ){
      rc = run(pAr, "CREATE TABLE sqlar(name TEXT PRIMARY KEY, mode INT,"
                    " mtime INT, sz INT, data BLOB)");
    }
  }
  if( pAr->bDryRun ){
    rc = runFree(pAr, zWrite);
  }else if( rc==DOT_OK ){
    pWrite = prepareFree(pAr, zWrite);
    if( pWrite==0 ) rc = DOT_ERROR;
  }else{
    sqlite3_free(zWrite);
  }
  for(i=0; i<pAr->nName && rc==DOT_OK; i++){
    rc = insertFile(pAr, pAr->azName[i], pWrite);
  }
  sqlite3_finalize(pWrite);
  return rc;
}

/*
** -r, within a savepoint.
*/
static int removeAll(Archive *pAr){
  char *zWhere;
  if( pAr->nName==0 ){
    return parseError(pAr, "name what is to be removed");
  }
  if( !namesExist(pAr) ) return DOT_ERROR;
  zWhere = archiveWhere(pAr);
  return runFree(pAr, shPrintf("DELETE FROM %s WHERE %z", pAr->zTable, zWhere));
}

/*
** Change the archive, in all or not at all.  A ZIP file is a table for as long
** as that takes.
*/
static void archiveChange(Archive *pAr, int (*xChange)(Archive*)){
  int bTable = pAr->bZip && pAr->zFile;
  int rc = run(pAr, "SAVEPOINT ar");
  if( rc!=DOT_OK ) return;
  if( bTable ){
    rc = runFree(pAr, shPrintf("CREATE VIRTUAL TABLE %s USING zipfile(%Q)",
                               pAr->zTable, pAr->zFile));
  }
  if( rc==DOT_OK ) rc = xChange(pAr);
  if( rc!=DOT_OK ){
    pAr->nError++;
    sqlite3_exec(pAr->db, "ROLLBACK TO ar; RELEASE ar", 0, 0, 0);
    return;
  }
  if( run(pAr, "RELEASE ar")!=DOT_OK ){
    sqlite3_exec(pAr->db, "ROLLBACK TO ar; RELEASE ar", 0, 0, 0);
  }else if( bTable ){
    runFree(pAr, shPrintf("DROP TABLE %s", pAr->zTable));
  }
}

static int isChange(const Archive *pAr){
  return strchr("ciru", pAr->cCommand)!=0;
}

/*
** Find the archive: a ZIP file, another database, or that of the shell.
** Return true on success.
*/
static int archiveOpen(Archive *pAr){
  Shell *p = pAr->p;
  int eType = pAr->zFile ? fileType(pAr->zFile, 1) : p->eOpen;
  pAr->db = p->db;
  pAr->bZip = eType==OPEN_ZIP && !pAr->bAppend;
  pAr->zData = pAr->bZip ? "data" : "sqlar_uncompress(data,sz)";
  if( pAr->bZip ){
    pAr->zTable = pAr->zFile==0 ? shDup("zip")
                : isChange(pAr) ? shDup("temp.archive_zip")
                : shPrintf("zipfile(%Q)", pAr->zFile);
    return 1;
  }
  pAr->zTable = shDup("sqlar");
  if( pAr->zFile ){
    int bAppend = pAr->bAppend || eType==OPEN_APPEND;
    int mFlags = isChange(pAr) ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    if( strchr("ciu", pAr->cCommand) ) mFlags |= SQLITE_OPEN_CREATE;
    if( pAr->bDryRun ){
      fprintf(p->out, "-- open database '%s'%s\n", pAr->zFile,
              bAppend ? " using 'apndvfs'" : "");
    }
    if( sqlite3_open_v2(pAr->zFile, &pAr->db, mFlags,
                        bAppend ? "apndvfs" : 0)!=SQLITE_OK ){
      fprintf(stderr, "cannot open file: %s (%s)\n", pAr->zFile,
              sqlite3_errmsg(pAr->db));
      return 0;
    }
    sqlite3_db_config(pAr->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, 0);
    sqlite3_db_config(pAr->db, SQLITE_DBCONFIG_DEFENSIVE, 1, 0);
    fsdirFunctions(pAr->db);
    sqlarFunctions(pAr->db);
  }
  if( pAr->cCommand!='c'
   && sqlite3_table_column_metadata(pAr->db, 0, "sqlar", "name", 0,0,0,0,0)
  ){
    fputs("database does not contain an 'sqlar' table\n", stderr);
    return 0;
  }
  return 1;
}

/*
** Pages of a database that does not exist yet shall be small.
*/
static void choosePageSize(Archive *pAr){
  sqlite3_stmt *pStmt = prepareFree(pAr, shDup("PRAGMA page_count"));
  int bEmpty = sqlite3_step(pStmt)==SQLITE_ROW && !sqlite3_column_int(pStmt, 0);
  sqlite3_finalize(pStmt);
  if( bEmpty ) runFree(pAr, shPrintf("PRAGMA page_size=%d", SQLAR_PAGE_SIZE));
}

/*
** Do what the arguments say, those of ".archive" or of -A.
*/
int archiveRun(Shell *p, char **azArg, int nArg, int bOption){
  Archive ar;
  safeRefuse(p, "cannot run .archive in safe mode");
  memset(&ar, 0, sizeof(ar));
  ar.p = p;
  ar.bOption = (u8)bOption;
  if( parse(&ar, azArg, nArg) ) return DOT_ERROR;
  if( ar.cCommand=='h' ){
    helpShow(p->out, "archive");
    return DOT_OK;
  }
  databaseOpen(p, OPEN_OR_EXIT);
  if( !archiveOpen(&ar) ){
    ar.nError++;
  }else if( ar.cCommand=='r' ){
    archiveChange(&ar, removeAll);
  }else if( isChange(&ar) ){
    if( !ar.bZip ) choosePageSize(&ar);
    archiveChange(&ar, insertAll);
  }else if( namesExist(&ar) ){
    if( ar.cCommand=='t' ) archiveList(&ar); else archiveExtract(&ar);
  }
  if( ar.db!=p->db ) sqlite3_close(ar.db);
  sqlite3_free(ar.zTable);
  return ar.nError ? DOT_ERROR : DOT_OK;
}

/*
** .archive ...
*/
int dotArchive(Shell *p){
  return archiveRun(p, &p->dot.azArg[1], p->dot.nArg-1, 0);
}
