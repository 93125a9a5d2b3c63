/*
** The parser of stock SQLite is generated, and stays as it is.  What stock
** cannot parse is put into words that it can: this looks at the tokens of a
** statement on their way to the parser.  It stands in tokenize.c.
**
** Only CREATE and ALTER are looked at.  Any other statement is left alone from
** its first token on: SeawallTokens.eState is zero then.
*/
#define TOKENS_START     1    /* Nothing seen but EXPLAIN [QUERY PLAN] and ";" */
#define TOKENS_CREATE    2    /* CREATE, and maybe TEMP */
#define TOKENS_TABLE     3    /* CREATE TABLE, and maybe a name */
#define TOKENS_COLUMNS   4    /* In the parentheses behind the name */
#define TOKENS_OPTION    5    /* A table option can come now */
#define TOKENS_OPTIONS   6    /* Within or behind a table option */

struct SeawallTokens {
  u8 eState;                  /* One of TOKENS_*, or zero */
  int nDepth;                 /* Parentheses that are open */
};

/*
** The first token at z or behind it that is not space or a comment, unless the
** parser is going to complain about comments.
*/
static const char *nextToken(
  sqlite3 *db,
  const char *z,
  i64 *pn,
  int *pType
){
  for(;;){
    *pn = sqlite3GetToken((const u8*)z, pType);
    if( *pType!=TK_SPACE
     && (*pType!=TK_COMMENT || (db->init.busy==0
                                && (db->flags & SQLITE_Comments)==0))
    ){
      return z;
    }
    z += *pn;
  }
}

/*
** True if the token is this word, not quoted.
*/
static int isWord(const char *z, i64 n, const char *zWord){
  return n==sqlite3Strlen30(zWord) && sqlite3_strnicmp(z, zWord, (int)n)==0;
}

/*
** At a token z of *pn bytes where a table option begins.  RANDOM ROWID becomes
** one token.
*/
static void joinRandomRowid(sqlite3 *db, const char *z, i64 *pn){
  const char *zNext;
  i64 nNext;
  int eNext;
  if( !isWord(z, *pn, "random") ) return;
  zNext = nextToken(db, &z[*pn], &nNext, &eNext);
  if( isWord(zNext, nNext, "rowid") ) *pn = &zNext[nNext] - z;
}

/*
** The parser is about to get token z, of *pn bytes and of type t.  Return the
** type that it is to get.
*/
static int seawallToken(
  SeawallTokens *p,
  sqlite3 *db,
  const char *z,
  i64 *pn,
  int t
){
  switch( p->eState ){
    case TOKENS_START:
      if( t==TK_CREATE ){
        p->eState = TOKENS_CREATE;
      }else if( t!=TK_EXPLAIN && t!=TK_QUERY && t!=TK_PLAN && t!=TK_SEMI ){
        p->eState = 0;
      }
      break;
    case TOKENS_CREATE:
      if( t!=TK_TEMP ) p->eState = t==TK_TABLE ? TOKENS_TABLE : 0;
      break;
    case TOKENS_TABLE:
      if( t==TK_AS ) p->eState = 0;
      if( t!=TK_LP ) break;
      p->eState = TOKENS_COLUMNS;
      /* no break */ deliberate_fall_through
    case TOKENS_COLUMNS:
      if( t==TK_LP ) p->nDepth++;
      if( t==TK_RP && --p->nDepth==0 ) p->eState = TOKENS_OPTION;
      break;
    case TOKENS_OPTION:
      joinRandomRowid(db, z, pn);
      p->eState = TOKENS_OPTIONS;
      break;
    default:
      assert( p->eState==TOKENS_OPTIONS );
      if( t==TK_COMMA ) p->eState = TOKENS_OPTION;
      break;
  }
  return t;
}
