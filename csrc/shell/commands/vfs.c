/*
** ".vfsinfo", ".vfslist" and ".vfsname": the layer below the database.
*/
#include "shell.h"

static void vfsShow(Shell *p, const sqlite3_vfs *pVfs, const char *zMore){
  fprintf(p->out, "vfs.zName      = \"%s\"%s\n", pVfs->zName, zMore);
  fprintf(p->out, "vfs.iVersion   = %d\n", pVfs->iVersion);
  fprintf(p->out, "vfs.szOsFile   = %d\n", pVfs->szOsFile);
  fprintf(p->out, "vfs.mxPathname = %d\n", pVfs->mxPathname);
}

/*
** The VFS of the database that the command names.
*/
static sqlite3_vfs *vfsOf(Shell *p){
  sqlite3_vfs *pVfs = 0;
  databaseOpen(p, OPEN_OR_EXIT);
  sqlite3_file_control(p->db, p->dot.nArg==2 ? p->dot.azArg[1] : "main",
                       SQLITE_FCNTL_VFS_POINTER, &pVfs);
  return pVfs;
}

/*
** .vfsinfo ?DB?
*/
int dotVfsinfo(Shell *p){
  sqlite3_vfs *pVfs = vfsOf(p);
  if( pVfs ) vfsShow(p, pVfs, "");
  return DOT_OK;
}

/*
** .vfslist
*/
int dotVfslist(Shell *p){
  sqlite3_vfs *pCurrent = vfsOf(p);
  sqlite3_vfs *pVfs;
  for(pVfs=sqlite3_vfs_find(0); pVfs; pVfs=pVfs->pNext){
    vfsShow(p, pVfs, pVfs==pCurrent ? "  <--- CURRENT" : "");
    if( pVfs->pNext ) fputs("-----------------------------------\n", p->out);
  }
  return DOT_OK;
}

/*
** .vfsname ?DB?
*/
int dotVfsname(Shell *p){
  char *zName = 0;
  databaseOpen(p, OPEN_OR_EXIT);
  sqlite3_file_control(p->db, p->dot.nArg==2 ? p->dot.azArg[1] : "main",
                       SQLITE_FCNTL_VFSNAME, &zName);
  if( zName ) fprintf(p->out, "%s\n", zName);
  sqlite3_free(zName);
  return DOT_OK;
}
