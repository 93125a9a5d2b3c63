/*
** Pragmas that stock SQLite lacks, put into its own terms.  This stands in
** tokenize.c, behind pragma.c.
*/

/*
** PRAGMA random_rowid_list is PRAGMA table_list for tables with RANDOM ROWID
** alone.  iArg is the flag in Table.tabFlags.
**
** PRAGMA alter_column_validate is a flag of the connection.
*/
static const PragmaName seawallPragmas[] = {
  { "random_rowid_list", PragTyp_TABLE_LIST,
    PragFlg_NeedSchema|PragFlg_Result1, 21, 6, TF_RandomRowid },
  { "alter_column_validate", PragTyp_FLAG,
    PragFlg_Result0|PragFlg_NoColumns1, 0, 0, SQLITE_AlterValidate },
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
