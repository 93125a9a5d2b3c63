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
** iArg.  PRAGMA timeline_keep says how much history a database keeps.  No pragma of
** stock has their types.
*/
#define PragTyp_SEAWALL_LIMIT 255
#define PragTyp_SEAWALL_KEEP  254
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
#ifdef SEAWALL_TIMELINE
  { "timeline_keep", PragTyp_SEAWALL_KEEP, PragFlg_NeedSchema|PragFlg_Result0, 0, 0,
    0 },
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
  int iDb,
  const char *zRight
){
  if( pPragma->ePragTyp==PragTyp_SEAWALL_KEEP ){
    return seawallKeepPragma(pParse, pParse->db->aDb[iDb].zDbSName, zRight);
  }
  if( pPragma->ePragTyp!=PragTyp_SEAWALL_LIMIT ) return 0;
  return seawallLimitPragma(pParse, (int)pPragma->iArg, zRight);
}
