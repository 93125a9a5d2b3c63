/*
** ".wal": which write-ahead logs there are, and what the open databases have
** in theirs.
*/
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include "seawall.h"
#include "shell.h"

/*
** The names that "?wal=" takes.
*/
static void showRegistered(Shell *p){
  char *zNames = shCheck(seawall_wal_names());
  char *zDefault = shCheck(seawall_wal_name(0, 0));
  char *z, *zEnd;
  fputs("registered:", p->out);
  for(z=zNames; z; z=zEnd){
    zEnd = strchr(z, ' ');
    if( zEnd ) *zEnd++ = 0;
    fprintf(p->out, " %s%s", z, strcmp(z, zDefault)==0 ? " (default)" : "");
  }
  fputc('\n', p->out);
  sqlite3_free(zDefault);
  sqlite3_free(zNames);
}

/*
** The journal mode of a database.  To be freed.
*/
static char *journalMode(Shell *p, const char *zSchema){
  char *zSql = shPrintf("PRAGMA \"%w\".journal_mode", zSchema);
  char *zMode = 0;
  sqlite3_stmt *pStmt = 0;
  sqlite3_prepare_v2(p->db, zSql, -1, &pStmt, 0);
  if( pStmt && sqlite3_step(pStmt)==SQLITE_ROW ){
    zMode = shDup((const char*)sqlite3_column_text(pStmt, 0));
  }
  sqlite3_finalize(pStmt);
  sqlite3_free(zSql);
  return zMode;
}

/*
** Size of a log, in bytes: of its file, or of its frames if it has none.
*/
static i64 walSize(Shell *p, const char *zSchema, int nFrame){
  sqlite3_file *pFile = 0;
  i64 nByte = 0;
  char *zSql;
  sqlite3_file_control(p->db, zSchema, SQLITE_FCNTL_JOURNAL_POINTER, &pFile);
  if( pFile && pFile->pMethods ){
    if( pFile->pMethods->xFileSize(pFile, &nByte)==SQLITE_OK ) return nByte;
  }
  zSql = shPrintf("PRAGMA \"%w\".page_size", zSchema);
  nByte = nFrame * (24 + (i64)databaseInt(p, zSql));
  sqlite3_free(zSql);
  return nByte;
}

/*
** When the database file was written for the last time.  In WAL mode nothing
** but a checkpoint does that.
*/
static void showCheckpointTime(Shell *p, const char *zSchema){
  const char *zFile = sqlite3_db_filename(p->db, zSchema);
  struct stat st;
  struct tm t;
  char zTime[40];
  if( zFile==0 || zFile[0]==0 || stat(zFile, &st) ) return;
  if( gmtime_r(&st.st_mtime, &t)==0 ) return;
  strftime(zTime, sizeof(zTime), "%Y-%m-%d %H:%M:%S", &t);
  fprintf(p->out, ", last checkpoint %s UTC", zTime);
}

/*
** One line about the log of a database.
*/
static void showLog(Shell *p, const char *zSchema){
  char *zMode = journalMode(p, zSchema);
  char *zWal = seawall_wal_name(p->db, zSchema);
  int nFrame = -1, nDone = -1;
  int rc;
  if( zMode==0 ){
    fprintf(p->out, "%s: %s\n", zSchema, sqlite3_errmsg(p->db));
  }else if( strcmp(zMode, "wal")!=0 || zWal==0 ){
    fprintf(p->out, "%s: none (journal_mode is %s)\n", zSchema, zMode);
  }else{
    fprintf(p->out, "%s: %s", zSchema, zWal);
    rc = sqlite3_wal_checkpoint_v2(p->db, zSchema, SQLITE_CHECKPOINT_NOOP,
                                   &nFrame, &nDone);
    if( rc==SQLITE_OK && nFrame>=0 ){
      fprintf(p->out, ", %d frame%s, %d in the database file, %lld bytes",
              nFrame, nFrame==1 ? "" : "s", nDone,
              walSize(p, zSchema, nFrame));
    }else if( rc==SQLITE_LOCKED ){
      fputs(", frames not counted within a transaction", p->out);
    }else if( rc!=SQLITE_OK ){
      fprintf(p->out, ", frames not counted: %s", sqlite3_errmsg(p->db));
    }
    showCheckpointTime(p, zSchema);
    fputc('\n', p->out);
  }
  sqlite3_free(zWal);
  sqlite3_free(zMode);
}

/*
** .wal
*/
int dotWal(Shell *p){
  const char *zSchema;
  int i;
  if( p->dot.nArg>1 ) return dotUsage(".wal");
  databaseOpen(p, OPEN_OR_EXIT);
  showRegistered(p);
  for(i=0; (zSchema = sqlite3_db_name(p->db, i))!=0; i++){
    if( i!=1 ) showLog(p, zSchema);
  }
  return DOT_OK;
}
