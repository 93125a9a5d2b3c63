/*
** SQL that stock SQLite lacks: what the patched files ask.  This stands behind
** status.c.
**
**     sql_tokens.c     hands the parser tokens that it knows
**     sql_pragma.c     pragmas
**     random_rowid.c   CREATE TABLE ... RANDOM ROWID
**     alter_column.c   ALTER TABLE ... ALTER COLUMN ... TO ...
**     wasm_*.c         CREATE FUNCTION ... LANGUAGE wasm
*/
#ifndef SEAWALL_SQL_H
#define SEAWALL_SQL_H

/*
** A table whose rowids are chosen at random.  Stock's flags end at 0x20000.
*/
#define TF_RandomRowid 0x01000000

/*
** P3 of an OP_NewRowid that chooses at random.  Stock has a register there, or
** zero.
*/
#define SEAWALL_RANDOM_ROWID (-1)

/*
** PRAGMA alter_column_validate, in sqlite3.flags.
*/
#define SQLITE_AlterValidate ((u64)0x40000000<<32)

/*
** A column is being settled, in sqlite3.mDbFlags: no trigger fires.  Stock's
** flags end at 0x40.
*/
#define DBFLAG_SeawallSettle 0x01000000

/* alter_column.c */
SQLITE_PRIVATE void seawallAlterColumn(Parse*, SrcList*, const Token*);

/* sql_tokens.c */
typedef struct SeawallTokens SeawallTokens;

/* random_rowid.c */
SQLITE_PRIVATE int seawallIsRandomRowid(const Token*);
SQLITE_PRIVATE int seawallEndTable(Parse*, Table*, u32);
SQLITE_PRIVATE int seawallKeepsRowids(sqlite3*, Table*);
SQLITE_PRIVATE u16 seawallUnordered(Vdbe*, int, Table*, u16);

/*
** What autoIncBegin() has work with: OP_NewRowid of the table has a P3.
*/
#define SEAWALL_HAS_P3 (TF_Autoincrement|TF_RandomRowid)

/* sql_pragma.c */
SQLITE_PRIVATE const struct PragmaName *seawallPragma(const char*);
SQLITE_PRIVATE int seawallRunPragma(Parse*, const struct PragmaName*, int iDb,
                                    const char*);

/*
** True if PRAGMA table_list, or a pragma like it, leaves pTab out.
*/
#define seawallIsUnlisted(pPragma,pTab) \
  ((pPragma)->iArg!=0 && ((pTab)->tabFlags & (pPragma)->iArg)==0)

/*
** A table of functions that somebody has read, in Table.tabFlags.
*/
#define TF_FunctionsRead 0x02000000

/* wasm_statement.c */
SQLITE_PRIVATE void seawallFunctionStatement(Parse*, SrcList*);

/* wasm_run.c */
#ifdef SEAWALL_WASM
SQLITE_PRIVATE void seawallCreateFunctionFunc(sqlite3_context*, int,
                                              sqlite3_value**);
SQLITE_PRIVATE void seawallDropFunctionFunc(sqlite3_context*, int,
                                            sqlite3_value**);
# define SEAWALL_WASM_FUNCTIONS \
  SEAWALL_FUNCTION(seawall_create_function, 4, seawallCreateFunctionFunc), \
  SEAWALL_FUNCTION(seawall_drop_function, 3, seawallDropFunctionFunc),
#else
# define SEAWALL_WASM_FUNCTIONS
#endif

/*
** The table of functions in a schema.  It is as good as a part of the schema: a
** connection with SQLITE_DBCONFIG_DEFENSIVE leaves it to CREATE FUNCTION and DROP
** FUNCTION, as if it were a shadow table.
*/
#define FUNCTION_TABLE "libsql_wasm_func_table"
#define seawallIsFunctionTable(z) (sqlite3_stricmp(z, FUNCTION_TABLE)==0)

#ifdef SEAWALL_WASM
/* wasm_find.c */
SQLITE_PRIVATE void seawallCallStored(sqlite3_context*, int, sqlite3_value**);
SQLITE_PRIVATE FuncDef *seawallFindFunction(sqlite3*, const char*, int);

/*
** True if sqlite3FindFunction() is to ask the databases.
*/
# define seawallMayBeStored(p,bCreate) \
  (!(bCreate) && ((p)==0 || (p)->xSFunc==0 || (p)->xSFunc==seawallCallStored))

/*
** While a schema is read, no function of a database is known, and one of the
** application, which it may take away later, may stand in its place.  Note in the
** expression what is to be checked when it is coded: whether the function may be
** called from a schema, and whether it must be deterministic there.
*/
# define seawallFunctionFound(pNC,pExpr,pDef) \
  do{ \
    if( (pDef)==0 || ((pDef)->funcFlags & SQLITE_FUNC_BUILTIN)==0 ){ \
      if( (pNC)->ncFlags & NC_FromDDL ) ExprSetProperty(pExpr, EP_FromDDL); \
      (pExpr)->op2 = (u8)((pNC)->ncFlags & (NC_PartIdx|NC_GenCol|NC_IdxExpr)); \
    } \
  }while( 0 )

/* wasm_limit.c */
SQLITE_PRIVATE int seawallLimitPragma(Parse*, int, const char*);
#else
# define seawallFunctionFound(pNC,pExpr,pDef)
# define seawallMayBeStored(p,bCreate)     0
# define seawallFindFunction(db,z,nArg)    0
# define seawallLimitPragma(pParse,id,z)   0
#endif

/* timeline.c */
#ifdef SEAWALL_TIMELINE
SQLITE_PRIVATE int seawallKeepPragma(Parse*, const char*, const char*);
#else
# define seawallKeepPragma(pParse,zDb,z)   0
#endif

#endif /* SEAWALL_SQL_H */
