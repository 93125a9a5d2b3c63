/*
** ".stats": what a statement has cost.
*/
#include <stdarg.h>
#include <string.h>
#include "libsql.h"
#include "shell.h"

/*
** One line of the report.
*/
static void statLine(Shell *p, const char *zLabel, const char *zFormat, ...){
  va_list ap;
  va_start(ap, zFormat);
  fprintf(p->out, "%-36s ", zLabel);
  vfprintf(p->out, zFormat, ap);
  fputs("\n", p->out);
  va_end(ap);
}

/*
** Columns of the statement.
*/
static void statColumns(Shell *p, sqlite3_stmt *pStmt){
  int i, n = sqlite3_column_count(pStmt);
  statLine(p, "Number of output columns:", "%d", n);
  for(i=0; i<n; i++){
    char zLabel[60];
    sqlite3_snprintf(sizeof(zLabel), zLabel, "Column %d name:", i);
    statLine(p, zLabel, "%s", sqlite3_column_name(pStmt, i));
#ifndef SQLITE_OMIT_DECLTYPE
    sqlite3_snprintf(sizeof(zLabel), zLabel, "Column %d declared type:", i);
    statLine(p, zLabel, "%s", sqlite3_column_decltype(pStmt, i)
             ? sqlite3_column_decltype(pStmt, i) : "(null)");
#endif
#ifdef SQLITE_ENABLE_COLUMN_METADATA
    {
      const char *zDb = sqlite3_column_database_name(pStmt, i);
      const char *zTable = sqlite3_column_table_name(pStmt, i);
      const char *zColumn = sqlite3_column_origin_name(pStmt, i);
      sqlite3_snprintf(sizeof(zLabel), zLabel, "Column %d database name:", i);
      statLine(p, zLabel, "%s", zDb ? zDb : "(null)");
      sqlite3_snprintf(sizeof(zLabel), zLabel, "Column %d table name:", i);
      statLine(p, zLabel, "%s", zTable ? zTable : "(null)");
      sqlite3_snprintf(sizeof(zLabel), zLabel, "Column %d origin name:", i);
      statLine(p, zLabel, "%s", zColumn ? zColumn : "(null)");
    }
#endif
  }
}

/*
** The process.
*/
static void statProcess(Shell *p){
  static const struct {
    int eStatus;
    const char *zLabel;
    int bPeakOnly;
    const char *zUnit;
  } a[] = {
    { SQLITE_STATUS_MEMORY_USED, "Memory Used:", 0, " bytes" },
    { SQLITE_STATUS_MALLOC_COUNT, "Number of Outstanding Allocations:", 0, "" },
    { SQLITE_STATUS_PAGECACHE_OVERFLOW, "Number of Pcache Overflow Bytes:", 0,
      " bytes" },
    { SQLITE_STATUS_MALLOC_SIZE, "Largest Allocation:", 1, " bytes" },
    { SQLITE_STATUS_PAGECACHE_SIZE, "Largest Pcache Allocation:", 1, " bytes" },
  };
  int i;
  for(i=0; i<ArraySize(a); i++){
    i64 iNow = -1, iPeak = -1;
    sqlite3_status64(a[i].eStatus, &iNow, &iPeak, 0);
    if( a[i].bPeakOnly ){
      statLine(p, a[i].zLabel, "%lld%s", (long long)iPeak, a[i].zUnit);
    }else{
      statLine(p, a[i].zLabel, "%lld (max %lld)%s", (long long)iNow,
               (long long)iPeak, a[i].zUnit);
    }
  }
}

/*
** The connection.
*/
static int statDb(Shell *p, int eStatus, int *piPeak){
  int iNow = -1, iPeak = -1;
  sqlite3_db_status(p->db, eStatus, &iNow, &iPeak, 0);
  if( piPeak ) *piPeak = iPeak;
  return iNow;
}
static void statConnection(Shell *p){
  static const struct { int eStatus; const char *zLabel, *zUnit; } a[] = {
    { SQLITE_DBSTATUS_CACHE_USED,  "Pager Heap Usage:", " bytes" },
    { SQLITE_DBSTATUS_CACHE_HIT,   "Page cache hits:", "" },
    { SQLITE_DBSTATUS_CACHE_MISS,  "Page cache misses:", "" },
    { SQLITE_DBSTATUS_CACHE_WRITE, "Page cache writes:", "" },
    { SQLITE_DBSTATUS_CACHE_SPILL, "Page cache spills:", "" },
    { SQLITE_DBSTATUS_SCHEMA_USED, "Schema Heap Usage:", " bytes" },
    { SQLITE_DBSTATUS_STMT_USED,   "Statement Heap/Lookaside Usage:", " bytes" },
  };
  int i, iPeak;
  int iNow = statDb(p, SQLITE_DBSTATUS_LOOKASIDE_USED, &iPeak);
  statLine(p, "Lookaside Slots Used:", "%d (max %d)", iNow, iPeak);
  statDb(p, SQLITE_DBSTATUS_LOOKASIDE_HIT, &iPeak);
  statLine(p, "Successful lookaside attempts:", "%d", iPeak);
  statDb(p, SQLITE_DBSTATUS_LOOKASIDE_MISS_SIZE, &iPeak);
  statLine(p, "Lookaside failures due to size:", "%d", iPeak);
  statDb(p, SQLITE_DBSTATUS_LOOKASIDE_MISS_FULL, &iPeak);
  statLine(p, "Lookaside failures due to OOM:", "%d", iPeak);
  for(i=0; i<ArraySize(a); i++){
    statLine(p, a[i].zLabel, "%d%s", statDb(p, a[i].eStatus, 0), a[i].zUnit);
  }
}

/*
** The statement.
*/
static void statStatement(Shell *p, sqlite3_stmt *pStmt){
  static const struct { int eStatus; const char *zLabel; } a[] = {
    { SQLITE_STMTSTATUS_VM_STEP,   "Virtual Machine Steps:" },
    { SQLITE_STMTSTATUS_REPREPARE, "Reprepare operations:" },
    { SQLITE_STMTSTATUS_RUN,       "Number of times run:" },
    { SQLITE_STMTSTATUS_MEMUSED,   "Memory used by prepared stmt:" },
    { LIBSQL_STMTSTATUS_ROWS_READ, "Rows read:" },
    { LIBSQL_STMTSTATUS_ROWS_WRITTEN, "Rows written:" },
  };
  int i, nHit, nMiss;
  statLine(p, "Fullscan Steps:", "%d",
           sqlite3_stmt_status(pStmt, SQLITE_STMTSTATUS_FULLSCAN_STEP, 0));
  statLine(p, "Sort Operations:", "%d",
           sqlite3_stmt_status(pStmt, SQLITE_STMTSTATUS_SORT, 0));
  statLine(p, "Autoindex Inserts:", "%d",
           sqlite3_stmt_status(pStmt, SQLITE_STMTSTATUS_AUTOINDEX, 0));
  nHit = sqlite3_stmt_status(pStmt, SQLITE_STMTSTATUS_FILTER_HIT, 0);
  nMiss = sqlite3_stmt_status(pStmt, SQLITE_STMTSTATUS_FILTER_MISS, 0);
  if( nHit || nMiss ){
    statLine(p, "Bloom filter bypass taken:", "%d/%d", nHit, nHit+nMiss);
  }
  for(i=0; i<ArraySize(a); i++){
    statLine(p, a[i].zLabel, "%d", sqlite3_stmt_status(pStmt, a[i].eStatus, 0));
  }
}

/*
** Linux counts what a process reads and writes.
*/
static void statFiles(Shell *p){
  static const struct { const char *zName, *zLabel; } a[] = {
    { "rchar: ",                  "Bytes received by read():" },
    { "wchar: ",                  "Bytes sent to write():"    },
    { "syscr: ",                  "Read() system calls:"      },
    { "syscw: ",                  "Write() system calls:"     },
    { "read_bytes: ",             "Bytes read from storage:"  },
    { "write_bytes: ",            "Bytes written to storage:" },
    { "cancelled_write_bytes: ",  "Cancelled write bytes:"    },
  };
  FILE *f = fopen("/proc/self/io", "rb");
  char z[200];
  int i;
  if( f==0 ) return;
  while( fgets(z, sizeof(z), f) ){
    z[strcspn(z, "\n")] = 0;
    for(i=0; i<ArraySize(a); i++){
      size_t n = strlen(a[i].zName);
      if( strncmp(z, a[i].zName, n)==0 ) statLine(p, a[i].zLabel, "%s", &z[n]);
    }
  }
  fclose(f);
}

/*
** Report on a statement that has run, or, if that is NULL, on the rest.
*/
void statsShow(Shell *p, sqlite3_stmt *pStmt){
  if( pStmt && p->eStats==STATS_STMT ) statColumns(p, pStmt);
  if( p->eStats==STATS_VMSTEP ){
    if( pStmt ){
      fprintf(p->out, "VM-steps: %d\n",
              sqlite3_stmt_status(pStmt, SQLITE_STMTSTATUS_VM_STEP, 0));
    }
    return;
  }
  statProcess(p);
  if( p->db ) statConnection(p);
  if( pStmt ) statStatement(p, pStmt);
  statFiles(p);
}

/*
** .stats ?on|off|stmt|vmstep?
*/
int dotStats(Shell *p){
  if( p->dot.nArg==2 ){
    const char *z = p->dot.azArg[1];
    if( strcmp(z, "stmt")==0 ){
      p->eStats = STATS_STMT;
    }else if( strcmp(z, "vmstep")==0 ){
      p->eStats = STATS_VMSTEP;
    }else{
      p->eStats = shBoolean(z) ? STATS_ON : STATS_OFF;
    }
  }else if( p->dot.nArg==1 ){
    databaseOpen(p, OPEN_OR_EXIT);
    statsShow(p, 0);
  }else{
    return dotUsage(".stats ?on|off|stmt|vmstep?");
  }
  return DOT_OK;
}
