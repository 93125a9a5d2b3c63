/*
** ".unmodule": take virtual table modules away.
*/
#include "shell.h"

/*
** .unmodule ?--allexcept? NAME ...
*/
int dotUnmodule(Shell *p){
  int i;
  if( p->dot.nArg<2 ) return dotUsage(".unmodule [--allexcept] NAME ...");
  databaseOpen(p, OPEN_OR_EXIT);
  if( shOption(p->dot.azArg[1], "allexcept") ){
    sqlite3_drop_modules(p->db, p->dot.nArg>2
                                  ? (const char**)&p->dot.azArg[2] : 0);
    return DOT_OK;
  }
  for(i=1; i<p->dot.nArg; i++){
    sqlite3_create_module(p->db, p->dot.azArg[i], 0, 0);
  }
  return DOT_OK;
}
