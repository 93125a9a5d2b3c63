/*
** ".testctrl": switches of the library that are there for tests of SQLite.
*/
#include <stdlib.h>
#include <string.h>
#include "shell.h"

/*
** What sqlite3_test_control() takes after the code.
*/
#define TAKES_NOTHING   0
#define TAKES_DB        1     /* The connection */
#define TAKES_BOOL      2     /* A boolean */
#define TAKES_DB_INT    3     /* The connection and an integer */
#define TAKES_OTHER     4     /* Something of its own */

static const struct TestControl {
  const char *zName;
  int eOp;
  int eTakes;
  const char *zUsage;
} aControl[] = {
  { "byteorder",          SQLITE_TESTCTRL_BYTEORDER,    TAKES_NOTHING, "" },
  { "extra_schema_checks", SQLITE_TESTCTRL_EXTRA_SCHEMA_CHECKS,
                                                        TAKES_BOOL, "BOOLEAN" },
  { "fk_no_action",       SQLITE_TESTCTRL_FK_NO_ACTION, TAKES_DB_INT,
                                                                    "BOOLEAN" },
  { "internal_functions", SQLITE_TESTCTRL_INTERNAL_FUNCTIONS, TAKES_DB, "" },
  { "json_selfcheck",     SQLITE_TESTCTRL_JSON_SELFCHECK, TAKES_OTHER,
                                                                    "BOOLEAN" },
  { "localtime_fault",    SQLITE_TESTCTRL_LOCALTIME_FAULT, TAKES_BOOL,
                                                                    "BOOLEAN" },
  { "optimizations",      SQLITE_TESTCTRL_OPTIMIZATIONS, TAKES_OTHER,
                                                         "DISABLE-MASK ..." },
  { "prng_restore",       SQLITE_TESTCTRL_PRNG_RESTORE, TAKES_NOTHING, "" },
  { "prng_save",          SQLITE_TESTCTRL_PRNG_SAVE,    TAKES_NOTHING, "" },
  { "prng_seed",          SQLITE_TESTCTRL_PRNG_SEED,    TAKES_OTHER,
                                                                "SEED ?db?" },
  { "seek_count",         SQLITE_TESTCTRL_SEEK_COUNT,   TAKES_OTHER, "" },
  { "sorter_mmap",        SQLITE_TESTCTRL_SORTER_MMAP,  TAKES_DB_INT, "NMAX" },
};

/*
** Names of the bits of SQLITE_TESTCTRL_OPTIMIZATIONS.  A bit that is set
** switches something off.
*/
static const struct { unsigned m; const char *zName; } aOptimization[] = {
  { 0x00000001, "QueryFlattener" },  { 0x00000002, "WindowFunc" },
  { 0x00000004, "GroupByOrder" },    { 0x00000008, "JoinMiss" },
  { 0x00000010, "DistinctOpt" },     { 0x00000020, "CoverIdxScan" },
  { 0x00000040, "OrderByIdxJoin" },  { 0x00000080, "Transitive" },
  { 0x00000100, "OmitNoopJoin" },    { 0x00000200, "CountOfView" },
  { 0x00000400, "CursorHints" },     { 0x00000800, "Stat4" },
  { 0x00001000, "PushDown" },        { 0x00002000, "SimplifyJoin" },
  { 0x00004000, "SkipScan" },        { 0x00008000, "PropagateConst" },
  { 0x00010000, "MinMaxOpt" },       { 0x00020000, "SeekScan" },
  { 0x00040000, "OmitOrderBy" },     { 0x00080000, "BloomFilter" },
  { 0x00200000, "BalancedMerge" },   { 0x00400000, "ReleaseReg" },
  { 0x00800000, "FlttnUnionAll" },   { 0x01000000, "IndexedEXpr" },
  { 0x02000000, "Coroutines" },      { 0x04000000, "NullUnusedCols" },
  { 0x08000000, "OnePass" },         { 0x10000000, "OrderBySubq" },
  { 0x20000000, "StarQuery" },       { 0x40000000, "ExistsToJoin" },
  { 0x80000000, "UnionLimit" },
};

/*
** The bits that zName stands for.  0, after a message, if it is unknown.
*/
static unsigned optimizationMask(const char *zName){
  int i;
  if( sqlite3_stricmp(zName, "All")==0 ) return 0xffffffff;
  if( sqlite3_stricmp(zName, "Flatten")==0 ) return 0x00000001;
  for(i=0; i<ArraySize(aOptimization); i++){
    if( sqlite3_stricmp(zName, aOptimization[i].zName)==0 ){
      return aOptimization[i].m;
    }
  }
  fprintf(stderr, "Error: no such optimization: \"%s\"\nShould be one of:",
          zName);
  for(i=0; i<ArraySize(aOptimization); i++){
    fprintf(stderr, " %s", aOptimization[i].zName);
    if( i==0 ) fputs(" Flatten", stderr);
  }
  fputs(" All\n", stderr);
  return 0;
}

/*
** Show what is switched off, or, if that is most, what is not.
*/
#define OFF_MAX 12
static void showOptimizations(Shell *p, unsigned mOff){
  int i, nOff = 0;
  for(i=0; i<32; i++) nOff += (mOff>>i) & 1;
  fputs(nOff<OFF_MAX ? "+All" : "-All", p->out);
  for(i=0; i<ArraySize(aOptimization); i++){
    int bOff = (mOff & aOptimization[i].m)!=0;
    if( bOff==(nOff<OFF_MAX) ){
      fprintf(p->out, " %c%s", bOff ? '-' : '+', aOptimization[i].zName);
    }
  }
  fputs("\n", p->out);
}

/*
** .testctrl optimizations ?+NAME? ?-NAME? ?DISABLE-MASK? ...
*/
static int setOptimizations(Shell *p){
  unsigned mOld = 0, mNew;
  int i;
  sqlite3_test_control(SQLITE_TESTCTRL_GETOPT, p->db, &mOld);
  mNew = mOld;
  for(i=2; i<p->dot.nArg; i++){
    const char *z = p->dot.azArg[i];
    int bSign = z[0]=='+' || z[0]=='-';
    unsigned m;
    if( z[0]==0 || shIsDigit(z[bSign]) || (!bSign && shIsDigit(z[1])) ){
      mNew = (unsigned)strtol(z, 0, 0);
      continue;
    }
    m = optimizationMask(&z[bSign]);
    if( m==0 ) return DOT_ERROR;
    if( z[0]=='-' ) mNew |= m; else mNew &= ~m;
  }
  if( mNew!=mOld ){
    sqlite3_test_control(SQLITE_TESTCTRL_OPTIMIZATIONS, p->db, mNew);
  }
  showOptimizations(p, mNew);
  return DOT_OK;
}

/*
** .testctrl prng_seed SEED ?db?
*/
static void setSeed(Shell *p){
  int iSeed = (int)shInteger(p->dot.azArg[2]);
  sqlite3 *db = p->dot.nArg==4 ? p->db : 0;
  if( strcmp(p->dot.azArg[2], "random")==0 ){
    sqlite3_randomness(sizeof(iSeed), &iSeed);
    fprintf(p->out, "-- random seed: %d\n", iSeed);
  }
  /* The seed goes with the schema, which must have been read. */
  if( db ) sqlite3_table_column_metadata(db, 0, "x", 0, 0, 0, 0, 0, 0);
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, iSeed, db);
}

/*
** Run one of those that take something of their own.  Return false if the
** number of arguments is wrong.
*/
static int runOther(Shell *p, int eOp, int nArg, int *pRc){
  if( eOp==SQLITE_TESTCTRL_OPTIMIZATIONS ){
    *pRc = setOptimizations(p);
  }else if( eOp==SQLITE_TESTCTRL_PRNG_SEED ){
    if( nArg!=1 && nArg!=2 ) return 0;
    setSeed(p);
  }else if( eOp==SQLITE_TESTCTRL_SEEK_COUNT ){
    sqlite3_uint64 n = 0;
    sqlite3_test_control(eOp, p->db, &n);
    fprintf(p->out, "%llu\n", n);
  }else{
    int i = nArg ? shBoolean(p->dot.azArg[2]) : -1;
    sqlite3_test_control(eOp, &i);
    if( nArg==0 ) fprintf(p->out, "%d\n", i);
  }
  return 1;
}

/*
** .testctrl NAME ?ARG? ...
*/
int dotTestctrl(Shell *p){
  const struct TestControl *pCtrl;
  const char *zName = p->dot.nArg>1 ? p->dot.azArg[1] : "help";
  int i, iRes, bOk = 1, rc = DOT_OK, nArg = p->dot.nArg - 2;
  databaseOpen(p, OPEN_OR_EXIT);
  while( zName[0]=='-' ) zName++;
  if( strcmp(zName, "help")==0 ){
    fputs("Available test-controls:\n", p->out);
    for(i=0; i<ArraySize(aControl); i++){
      fprintf(p->out, "  .testctrl %s %s\n", aControl[i].zName,
              aControl[i].zUsage);
    }
    return DOT_ERROR;
  }
  i = shFindPrefix(&aControl[0].zName, ArraySize(aControl), sizeof(aControl[0]),
                   zName, "testctrl", "test-control");
  if( i<0 ) return DOT_ERROR;
  pCtrl = &aControl[i];
  switch( pCtrl->eTakes ){
    case TAKES_NOTHING:
      bOk = nArg==0;
      if( !bOk ) break;
      iRes = sqlite3_test_control(pCtrl->eOp);
      if( pCtrl->eOp==SQLITE_TESTCTRL_BYTEORDER ) fprintf(p->out, "%d\n", iRes);
      break;
    case TAKES_DB:
      sqlite3_test_control(pCtrl->eOp, p->db);
      break;
    case TAKES_BOOL:
      bOk = nArg==1;
      if( bOk ) sqlite3_test_control(pCtrl->eOp, shBoolean(p->dot.azArg[2]));
      break;
    case TAKES_DB_INT:
      bOk = nArg==1;
      if( !bOk ) break;
      sqlite3_test_control(pCtrl->eOp, p->db, (int)shInteger(p->dot.azArg[2]));
      break;
    default:
      bOk = runOther(p, pCtrl->eOp, nArg, &rc);
      break;
  }
  if( bOk ) return rc;
  fprintf(p->out, "Usage: .testctrl %s %s\n", zName, pCtrl->zUsage);
  return DOT_ERROR;
}
