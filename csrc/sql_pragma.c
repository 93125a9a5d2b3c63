/*
** Pragmas that stock SQLite lacks, put into its own terms.  This stands in
** tokenize.c, behind pragma.c.
*/

/*
** PRAGMA random_rowid_list is PRAGMA table_list for tables with RANDOM ROWID
** alone.  iArg is the flag in Table.tabFlags.
**
** PRAGMA alter_column_validate is a flag of the connection.
**
** PRAGMA wasm_fuel and its like are limits of the connection, with its number in
** iArg.  No pragma of stock has their type.
*/
#define PragTyp_SEAWALL_LIMIT 255
static const PragmaName seawallPragmas[] = {
  { "random_rowid_list", PragTyp_TABLE_LIST,
    PragFlg_NeedSchema|PragFlg_Result1, 21, 6, TF_RandomRowid },
  { "alter_column_validate", PragTyp_FLAG,
    PragFlg_Result0|PragFlg_NoColumns1, 0, 0, SQLITE_AlterValidate },
#ifdef SEAWALL_WASM
  { "wasm_fuel", PragTyp_SEAWALL_LIMIT, PragFlg_Result0, 0, 0,
    SEAWALL_WASM_FUEL },
  { "wasm_memory", PragTyp_SEAWALL_LIMIT, PragFlg_Result0, 0, 0,
    SEAWALL_WASM_MEMORY },
  { "wasm_stack", PragTyp_SEAWALL_LIMIT, PragFlg_Result0, 0, 0,
    SEAWALL_WASM_STACK },
#endif
};

SQLITE_PRIVATE const PragmaName *seawallPragma(const char *zName){
  int i;
  for(i=0; i<ArraySize(seawallPragmas); i++){
    if( sqlite3_stricmp(zName, seawallPragmas[i].zName)==0 ){
      return &seawallPragmas[i];
    }
  }
  return 0;
}

/*
** Run a pragma that stock has nothing like.  Return true if pPragma is one.
*/
SQLITE_PRIVATE int seawallRunPragma(
  Parse *pParse,
  const PragmaName *pPragma,
  const char *zRight
){
  if( pPragma->ePragTyp!=PragTyp_SEAWALL_LIMIT ) return 0;
  return seawallLimitPragma(pParse, (int)pPragma->iArg, zRight);
}
