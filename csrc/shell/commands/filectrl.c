/*
** ".filectrl": ask the file of a database, or tell it something.
*/
#include <string.h>
#include "shell.h"

/*
** What a file-control takes and gives.
*/
#define KIND_SET    0     /* Takes an integer */
#define KIND_ASK    1     /* Gives an integer */
#define KIND_BOOL   2     /* Gives a boolean, which can be set */
#define KIND_LIMIT  3     /* Gives a 64-bit integer, which can be set */
#define KIND_BYTES  4     /* Gives an integer, which can be set */
#define KIND_NAME   5     /* Gives a text to be freed */

static const struct FileControl {
  const char *zName;
  int eOp;
  int eKind;
  const char *zUsage;
} aControl[] = {
  { "chunk_size",    SQLITE_FCNTL_CHUNK_SIZE,          KIND_SET,   "SIZE"      },
  { "data_version",  SQLITE_FCNTL_DATA_VERSION,        KIND_ASK,   ""          },
  { "has_moved",     SQLITE_FCNTL_HAS_MOVED,           KIND_ASK,   ""          },
  { "lock_timeout",  SQLITE_FCNTL_LOCK_TIMEOUT,        KIND_SET,   "MILLISEC"  },
  { "persist_wal",   SQLITE_FCNTL_PERSIST_WAL,         KIND_BOOL,  "[BOOLEAN]" },
  { "psow",          SQLITE_FCNTL_POWERSAFE_OVERWRITE, KIND_BOOL,  "[BOOLEAN]" },
  { "reserve_bytes", SQLITE_FCNTL_RESERVE_BYTES,       KIND_BYTES, "[N]"       },
  { "size_limit",    SQLITE_FCNTL_SIZE_LIMIT,          KIND_LIMIT, "[LIMIT]"   },
  { "tempfilename",  SQLITE_FCNTL_TEMPFILENAME,        KIND_NAME,  ""          },
};

/*
** Do it.  zArg is NULL if there is no argument.
*/
static void runControl(
  Shell *p,
  const struct FileControl *pCtrl,
  const char *zDb,
  const char *zArg
){
  i64 iLimit = zArg ? shInteger(zArg) : -1;
  int i = (int)iLimit;
  char *z = 0;
  switch( pCtrl->eKind ){
    case KIND_LIMIT:
      sqlite3_file_control(p->db, zDb, pCtrl->eOp, &iLimit);
      fprintf(p->out, "%lld\n", iLimit);
      return;
    case KIND_NAME:
      sqlite3_file_control(p->db, zDb, pCtrl->eOp, &z);
      if( z ) fprintf(p->out, "%s\n", z);
      sqlite3_free(z);
      return;
    case KIND_BOOL:
      i = zArg ? shBoolean(zArg) : -1;
      break;
    case KIND_BYTES:
      if( zArg ) sqlite3_file_control(p->db, zDb, pCtrl->eOp, &i);
      i = -1;
      break;
  }
  sqlite3_file_control(p->db, zDb, pCtrl->eOp, &i);
  if( pCtrl->eKind!=KIND_SET ) fprintf(p->out, "%d\n", i);
}

/*
** .filectrl ?--schema DB? NAME ?ARG?
*/
int dotFilectrl(Shell *p){
  const struct FileControl *pCtrl;
  const char *zDb = 0;
  const char *zName = "help";
  int i, iArg = 1, nArg, bOk;
  databaseOpen(p, OPEN_OR_EXIT);
  if( p->dot.nArg>=4 && shOption(p->dot.azArg[1], "schema") ){
    zDb = p->dot.azArg[2];
    iArg = 3;
  }
  if( p->dot.nArg>iArg ) zName = p->dot.azArg[iArg];
  while( zName[0]=='-' ) zName++;
  if( strcmp(zName, "help")==0 ){
    fputs("Available file-controls:\n", p->out);
    for(i=0; i<ArraySize(aControl); i++){
      fprintf(p->out, "  .filectrl %s %s\n", aControl[i].zName,
              aControl[i].zUsage);
    }
    return DOT_ERROR;
  }
  i = shFindPrefix(&aControl[0].zName, ArraySize(aControl), sizeof(aControl[0]),
                   zName, "filectrl", "file-control");
  if( i<0 ) return DOT_ERROR;
  pCtrl = &aControl[i];
  nArg = p->dot.nArg - iArg - 1;
  switch( pCtrl->eKind ){
    case KIND_SET:                   bOk = nArg==1;  break;
    case KIND_ASK:  case KIND_NAME:  bOk = nArg==0;  break;
    default:                         bOk = nArg<=1;  break;
  }
  if( !bOk ){
    fprintf(p->out, "Usage: .filectrl %s %s\n", zName, pCtrl->zUsage);
    return DOT_ERROR;
  }
  runControl(p, pCtrl, zDb, nArg ? p->dot.azArg[iArg+1] : 0);
  return DOT_OK;
}
