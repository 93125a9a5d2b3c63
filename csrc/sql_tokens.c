/*
** The parser of stock SQLite is generated, and stays as it is.  What stock
** cannot parse is put into words that it can: this looks at the tokens of a
** statement on their way to the parser.  It stands in tokenize.c.
**
** Only CREATE, ALTER and DROP are looked at.  A statement that can be neither costs one
** look at its first character: for the others, sqlite3RunParser() finds at each
** token that the statement is too long, and asks here.
**
**     CREATE TABLE t(...) RANDOM ROWID      "RANDOM ROWID" is one token
**     ALTER TABLE t ALTER COLUMN c TO ...   ALTER TABLE t DROP COLUMN c, with
**                                           the rest in Parse.sHidden
**     CREATE FUNCTION f ..., DROP FUNCTION  DROP TABLE f, with the whole in
**                                           Parse.sHidden
*/
#define TOKENS_START     1    /* Nothing seen but EXPLAIN [QUERY PLAN] and ";" */
#define TOKENS_CREATE    2    /* CREATE, and maybe TEMP */
#define TOKENS_TABLE     3    /* CREATE TABLE, and maybe a name */
#define TOKENS_COLUMNS   4    /* In the parentheses behind the name */
#define TOKENS_OPTION    5    /* A table option can come now */
#define TOKENS_OPTIONS   6    /* Within or behind a table option */
#define TOKENS_ALTER     7    /* ALTER */
#define TOKENS_NAME      8    /* ALTER TABLE, and maybe a name and a dot */
#define TOKENS_VERB      9    /* ALTER TABLE and a name */
#define TOKENS_OLD      10    /* Up to the name of the column */
#define TOKENS_NEW      11    /* Behind that */
#define TOKENS_FUNCTION 12    /* CREATE or DROP, FUNCTION comes next */
#define TOKENS_SCHEMA   13    /* CREATE FUNCTION */
#define TOKENS_DOT      14    /* CREATE FUNCTION and a name */
#define TOKENS_OF       15    /* CREATE FUNCTION, a name and a dot */

struct SeawallTokens {
  u8 eState;                  /* One of TOKENS_* */
  int nDepth;                 /* Parentheses that are open */
  const char *zOld;           /* The name of what is altered, or a function */
  const char *zEnd;           /* What comes behind the hidden part */
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
** True if a token of this type can stand in the type of a column.
*/
static int isTypeToken(int t){
  return t==TK_ID || t==TK_STRING || t==TK_LP || t==TK_RP || t==TK_COMMA
      || t==TK_INTEGER || t==TK_FLOAT || t==TK_PLUS || t==TK_MINUS
      || sqlite3ParserFallback(t)==TK_ID;
}

/*
** At z, behind ALTER TABLE t ALTER.  If "[COLUMN] c [type] TO" is there, find
** the name, the definition behind TO and the end of that, and return true.  A
** comma or a parenthesis that does not belong to it ends a definition, and the
** parser will not like it.
*/
static int findAlterTo(SeawallTokens *p, Parse *pParse, const char *z){
  sqlite3 *db = pParse->db;
  int nDepth = 0;
  const char *zDef;
  i64 n;
  int t;
  z = nextToken(db, z, &n, &t);
  p->zOld = z;
  if( t==TK_COLUMNKW ){
    z = nextToken(db, &z[n], &n, &t);
    if( t!=TK_TO ) p->zOld = z;
  }
  if( p->zOld==z ){
    if( t!=TK_STRING && t!=TK_ID && t!=TK_INDEXED && t!=TK_JOIN_KW
     && sqlite3ParserFallback(t)!=TK_ID
    ){
      return 0;
    }
    do{
      z = nextToken(db, &z[n], &n, &t);
    }while( isTypeToken(t) );
  }
  if( t!=TK_TO ) return 0;

  z = zDef = nextToken(db, &z[n], &n, &t);
  p->zEnd = z;
  while( t!=TK_SEMI && t!=TK_ILLEGAL && t!=TK_COMMENT ){
    if( nDepth==0 && (t==TK_COMMA || t==TK_RP) ) break;
    if( t==TK_LP ) nDepth++;
    if( t==TK_RP ) nDepth--;
    p->zEnd = &z[n];
    z = nextToken(db, p->zEnd, &n, &t);
  }
  if( nDepth>0 || p->zEnd==zDef ) sqlite3ErrorMsg(pParse, "incomplete input");
  pParse->sHidden.z = zDef;
  pParse->sHidden.n = (u32)(p->zEnd - zDef);
  p->zEnd = z;
  return 1;
}

/*
** At z, a CREATE or DROP with n bytes.  If FUNCTION comes next, find the name and
** the end of the statement, and return true.
*/
static int findFunction(
  SeawallTokens *p,
  Parse *pParse,
  const char *z,
  i64 n
){
  sqlite3 *db = pParse->db;
  const char *zStart = z;
  int t;
  z = nextToken(db, &z[n], &n, &t);
  if( !isWord(z, n, "function") ) return 0;
  p->zOld = z = nextToken(db, &z[n], &n, &t);
  if( t==TK_IF ){
    z = nextToken(db, &z[n], &n, &t);
    if( t==TK_NOT ) z = nextToken(db, &z[n], &n, &t);
    if( t==TK_EXISTS ) p->zOld = z = nextToken(db, &z[n], &n, &t);
  }
  while( t!=TK_SEMI && t!=TK_ILLEGAL && t!=TK_COMMENT ){
    z = nextToken(db, &z[n], &n, &t);
  }
  p->zEnd = z;
  pParse->sHidden.z = zStart;
  pParse->sHidden.n = (u32)(z - zStart);
  return 1;
}

/*
** What is taken from the length that a statement may have, so that nothing is
** left of it.
*/
#define TOKENS_BIAS ((i64)1<<40)

/*
** True if a statement may begin with CREATE, ALTER or DROP, maybe behind EXPLAIN or a
** comment.
*/
static int seawallMayBeOurs(const char *z){
  while( sqlite3Isspace(z[0]) ) z++;
  switch( z[0] ){
    case 'C': case 'c': case 'A': case 'a': case 'D': case 'd':
    case 'E': case 'e':
    case '-': case '/': case ';':
    case '\xef':               /* A byte order mark counts as space */
      return 1;
  }
  return 0;
}

static i64 seawallBeginTokens(SeawallTokens *p, i64 mxSqlLen){
  memset(p, 0, sizeof(*p));
  p->eState = TOKENS_START;
  return mxSqlLen - TOKENS_BIAS;
}

/*
** The next token is *pz, of *pn bytes and of type *pType; make it what the parser
** is to get.  Return the next state, or zero when there is no more to be done.
*/
static u8 nextState(
  SeawallTokens *p,
  Parse *pParse,
  const char **pz,
  i64 *pn,
  int *pType
){
  const char *z = *pz;
  int t = *pType;
  switch( p->eState ){
    case TOKENS_START:
      if( (t==TK_CREATE || t==TK_DROP) && findFunction(p, pParse, z, *pn) ){
        *pType = TK_DROP;
        return TOKENS_FUNCTION;
      }
      if( t==TK_CREATE ) return TOKENS_CREATE;
      if( t==TK_ALTER ) return TOKENS_ALTER;
      if( t==TK_EXPLAIN || t==TK_QUERY || t==TK_PLAN || t==TK_SEMI ) break;
      return 0;
    case TOKENS_CREATE:
      if( t==TK_TEMP ) break;
      return t==TK_TABLE ? TOKENS_TABLE : 0;
    case TOKENS_TABLE:
      if( t==TK_AS ) return 0;
      if( t!=TK_LP ) break;
      p->nDepth = 1;
      return TOKENS_COLUMNS;
    case TOKENS_COLUMNS:
      if( t==TK_LP ) p->nDepth++;
      if( t==TK_RP && --p->nDepth==0 ) return TOKENS_OPTION;
      break;
    case TOKENS_OPTION:
      joinRandomRowid(pParse->db, z, pn);
      return TOKENS_OPTIONS;
    case TOKENS_OPTIONS:
      if( t==TK_COMMA ) return TOKENS_OPTION;
      break;
    case TOKENS_ALTER:
      return t==TK_TABLE ? TOKENS_NAME : 0;
    case TOKENS_NAME:
      return TOKENS_VERB;
    case TOKENS_VERB:
      if( t==TK_DOT ) return TOKENS_NAME;
      if( t!=TK_ALTER ) return 0;
      if( findAlterTo(p, pParse, &z[*pn])==0 ) return 0;
      *pType = TK_DROP;
      return TOKENS_OLD;
    case TOKENS_OLD:
      if( z!=p->zOld ) break;
      if( t==TK_COLUMNKW ) *pType = TK_ID;
      return TOKENS_NEW;
    case TOKENS_FUNCTION:
      *pType = TK_TABLE;
      return TOKENS_SCHEMA;
    case TOKENS_SCHEMA:
      *pz = p->zOld;
      *pn = sqlite3GetToken((const u8*)p->zOld, pType);
      if( *pType==TK_IF ) *pType = TK_ID;
      return TOKENS_DOT;
    case TOKENS_OF:
      return TOKENS_NEW;
    case TOKENS_DOT:
      if( t==TK_DOT ) return TOKENS_OF;
      /* no break */ deliberate_fall_through
    default:
      assert( p->eState==TOKENS_NEW || p->eState==TOKENS_DOT );
      *pz = p->zEnd;
      *pn = sqlite3GetToken((const u8*)p->zEnd, pType);
      return 0;
  }
  return p->eState;
}

/*
** sqlite3RunParser() has a token, and thinks that the statement is too long.
** Return true if that is so.
*/
static int seawallTooLong(
  SeawallTokens *p,
  Parse *pParse,
  const char **pz,
  i64 *pn,
  int *pType,
  i64 *pmxSqlLen
){
  if( *pmxSqlLen+TOKENS_BIAS<0 || *pmxSqlLen>-TOKENS_BIAS/2 ) return 1;
  if( *pType==TK_SPACE || *pType==TK_COMMENT || *pn==0 ) return 0;
  p->eState = nextState(p, pParse, pz, pn, pType);
  if( p->eState==0 ) *pmxSqlLen += TOKENS_BIAS;
  return 0;
}
