/*
** CREATE TABLE ... RANDOM ROWID: a rowid that nobody gives is not one more than
** the largest, but random.  This stands in tokenize.c.
**
** The clause lives in the text of the table and in TF_RandomRowid.  What codes
** an OP_NewRowid for a table with it puts SEAWALL_RANDOM_ROWID into P3, and
** that opcode then does what stock's does once the largest rowid is in use.
*/

/*
** True for the table option that joinRandomRowid() makes of the two words.  No
** other token begins with the first of them and goes on.
*/
SQLITE_PRIVATE int seawallIsRandomRowid(const Token *p){
  return p->n>6 && sqlite3_strnicmp(p->z, "random", 6)==0
      && !IdChar((unsigned char)p->z[6]);
}

/*
** The definition of pTab ends in these options.  Return non-zero if one of
** them is RANDOM ROWID and others contradict it.
*/
SQLITE_PRIVATE int seawallEndTable(Parse *pParse, Table *pTab, u32 opts){
  if( (opts & TF_RandomRowid)==0 ) return 0;
#ifdef SQLITE_OMIT_AUTOINCREMENT
  sqlite3ErrorMsg(pParse, "RANDOM ROWID needs a build with AUTOINCREMENT");
  return 1;
#endif
  if( opts & TF_WithoutRowid ){
    sqlite3ErrorMsg(pParse,
        "RANDOM ROWID cannot be combined with WITHOUT ROWID");
  }else if( pTab->tabFlags & TF_Autoincrement ){
    sqlite3ErrorMsg(pParse, "AUTOINCREMENT not allowed on RANDOM ROWID tables");
  }else{
    pTab->tabFlags |= TF_RandomRowid;
    return 0;
  }
  return 1;
}

/*
** INSERT INTO pTab SELECT * FROM another table can be coded as a transfer of
** whole rows and index entries.  Index entries hold rowids, so these would be
** those of the other table, which nobody asked for.  VACUUM asks for it.
*/
SQLITE_PRIVATE int seawallKeepsRowids(sqlite3 *db, Table *pTab){
  return (pTab->tabFlags & TF_RandomRowid)!=0
      && pTab->iPKey<0
      && pTab->pIndex!=0
      && (db->mDbFlags & DBFLAG_Vacuum)==0;
}

/*
** Such a transfer, of a table without an index, takes its rowids from the
** opcode at addr.  Have it choose at random if pDest wants that.  Return the flags
** of its OP_Insert: random rowids do not go to the end of the table.
*/
SQLITE_PRIVATE u16 seawallUnordered(Vdbe *v, int addr, Table *pDest, u16 flags){
  if( (pDest->tabFlags & TF_RandomRowid)==0
   || sqlite3VdbeGetOp(v, addr)->opcode!=OP_NewRowid
  ){
    return flags;
  }
  sqlite3VdbeChangeP3(v, addr, SEAWALL_RANDOM_ROWID);
  return flags & ~(OPFLAG_APPEND|OPFLAG_USESEEKRESULT);
}
