/*
** ALTER TABLE ... ALTER COLUMN ... TO ...: what becomes of the text of the
** table, of its rows and indexes, and what is refused.
*/
#include "check.h"

/* The text that a table has after an ALTER. */
static void testText(void){
  static const struct { const char *zTable, *zAlter, *zText; } a[] = {
    { "t(id, v)", "ALTER TABLE t ALTER COLUMN v TO v INT NOT NULL",
      "t(id, v INT NOT NULL)" },
    { "t(id, v int, w)", "alter table T alter V to V;", "t(id, V, w)" },
    { "t(v varchar(10,2) check(v in (1,2)) default ',', w)",
      "ALTER TABLE main.t ALTER v TO v DEFAULT ')' -- so", "t(v DEFAULT ')', w)" },
    { "t(a, v text -- a, b)\n , w)", "ALTER TABLE t ALTER v TO v BLOB",
      "t(a, v BLOB -- a, b)\n , w)" },
    { "t(a, v text /* ), */ collate /* , */ nocase /* z */)",
      "ALTER TABLE t ALTER COLUMN v text TO v /* ) */ INT /* y */ ; -- x",
      "t(a, v /* ) */ INT /* z */)" },
    { "t(a, \"v,);\" int , b)", "ALTER TABLE t ALTER \"v,);\" TO \"v,);\" REAL",
      "t(a, \"v,);\" REAL , b)" },
    { "t(a, \"v\" int)", "ALTER TABLE t ALTER COLUMN [v] TO `V` real",
      "t(a, `V` real)" },
    { "t(a, v, CHECK(a>0), UNIQUE(v,a))",
      "ALTER TABLE t ALTER v TO v INT CHECK(v<a) REFERENCES o(x) ON DELETE CASCADE",
      "t(a, v INT CHECK(v<a) REFERENCES o(x) ON DELETE CASCADE,"
      " CHECK(a>0), UNIQUE(v,a))" },
    { "t(id INTEGER PRIMARY KEY, v UNIQUE)",
      "ALTER TABLE t ALTER id TO id INTEGER CONSTRAINT p PRIMARY KEY CHECK(id>0)",
      "t(id INTEGER CONSTRAINT p PRIMARY KEY CHECK(id>0), v UNIQUE)" },
    { "t(id, v UNIQUE, w)", "ALTER TABLE t ALTER v TO v TEXT UNIQUE COLLATE nocase",
      "t(id, v TEXT UNIQUE COLLATE nocase, w)" },
    { "t(id, v AS (id+1), w)", "ALTER TABLE t ALTER v TO v INT AS (id + 1) VIRTUAL",
      "t(id, v INT AS (id + 1) VIRTUAL, w)" },
    { "t(v) WITHOUT ROWID, STRICT", 0, 0 },
    { "t(v INT PRIMARY KEY, w TEXT) STRICT, WITHOUT ROWID",
      "ALTER TABLE t ALTER w TO w ANY DEFAULT 1",
      "t(v INT PRIMARY KEY, w ANY DEFAULT 1) STRICT, WITHOUT ROWID" },
    { "t(a, v) RANDOM ROWID", "ALTER TABLE t ALTER v TO v INT",
      "t(a, v INT) RANDOM ROWID" },
    { "t(a, column, 'to' INT)", "ALTER TABLE t ALTER column TO column INT;"
      "ALTER TABLE t ALTER COLUMN 'to' TO [to] TEXT",
      "t(a, column INT, [to] TEXT)" },
    { "t(a, v decimal(10, -2), w)",
      "ALTER TABLE t ALTER v decimal(10,-2) TO v decimal(+9,3) DEFAULT -1",
      "t(a, v decimal(+9,3) DEFAULT -1, w)" },
  };
  static const char *azDb[] = { "main", "temp", "aux" };
  int i, iDb;
  for(i=0; i<(int)(sizeof(a)/sizeof(a[0])); i++){
    if( a[i].zAlter==0 ) continue;
    for(iDb=0; iDb<3; iDb++){
      sqlite3 *db = openDb(":memory:");
      char *zSql;
      if( iDb && strstr(a[i].zAlter, "main.") ){ closeDb(db); continue; }
      context("%s, %s", azDb[iDb], a[i].zAlter);
      sqlRun(db, "PRAGMA encoding='%s'; ATTACH ':memory:' AS aux;"
              "CREATE TABLE %s.%s",
              iDb==1 ? "UTF-16le" : "UTF-8", azDb[iDb], a[i].zTable);
      CHECK_SQL(db, a[i].zAlter, "");
      zSql = sqlite3_mprintf("SELECT sql FROM %s.sqlite_schema WHERE name='t'",
                             azDb[iDb]);
      {
        char *zWant = sqlite3_mprintf("CREATE TABLE %s", a[i].zText);
        CHECK_SQL(db, zSql, zWant);
        sqlite3_free(zWant);
      }
      CHECK_SQL(db, "PRAGMA integrity_check", "ok");
      sqlite3_free(zSql);
      closeDb(db);
    }
  }
  context("");
}

/* What is refused, and changes nothing. */
static void testRefused(void){
  static const struct { const char *zSql, *zError; } a[] = {
    { "ALTER TABLE st ALTER COLUMN v TO v INT PRIMARY KEY",
      "1 error in adding v INT PRIMARY KEY to st:"
      " PRIMARY KEY constraint cannot be altered" },
    { "ALTER TABLE t ALTER id TO id INTEGER",
      "1 error in adding id INTEGER to t: PRIMARY KEY constraint cannot be altered" },
    { "ALTER TABLE t ALTER id TO id INT PRIMARY KEY",
      "1 error in adding id INT PRIMARY KEY to t:"
      " PRIMARY KEY constraint cannot be altered" },
    { "ALTER TABLE t ALTER id TO id INTEGER PRIMARY KEY AUTOINCREMENT",
      "1 error in adding id INTEGER PRIMARY KEY AUTOINCREMENT to t:"
      " PRIMARY KEY constraint cannot be altered" },
    { "ALTER TABLE t ALTER id TO id INTEGER PRIMARY KEY ON CONFLICT IGNORE",
      "1 error in adding id INTEGER PRIMARY KEY ON CONFLICT IGNORE to t:"
      " PRIMARY KEY constraint cannot be altered" },
    { "ALTER TABLE k ALTER a TO a TEXT",
      "1 error in adding a TEXT to k: PRIMARY KEY constraint cannot be altered" },
    { "ALTER TABLE k2 ALTER a TO a INT",
      "1 error in adding a INT to k2: PRIMARY KEY constraint cannot be altered" },
    { "ALTER TABLE t ALTER v TO v UNIQUE",
      "1 error in adding v UNIQUE to t: UNIQUE constraint cannot be altered" },
    { "ALTER TABLE t ALTER u TO u",
      "1 error in adding u to t: UNIQUE constraint cannot be altered" },
    { "ALTER TABLE t ALTER u TO u UNIQUE ON CONFLICT REPLACE",
      "1 error in adding u UNIQUE ON CONFLICT REPLACE to t:"
      " UNIQUE constraint cannot be altered" },
    { "ALTER TABLE t ALTER v TO v AS (id)",
      "1 error in adding v AS (id) to t: GENERATED constraint cannot be altered" },
    { "ALTER TABLE t ALTER g TO g AS (id+2)",
      "1 error in adding g AS (id+2) to t:"
      " GENERATED constraint cannot be altered" },
    { "ALTER TABLE t ALTER g TO g AS (id+1) STORED",
      "1 error in adding g AS (id+1) STORED to t:"
      " GENERATED constraint cannot be altered" },
    { "ALTER TABLE t ALTER g TO g",
      "1 error in adding g to t: GENERATED constraint cannot be altered" },
    { "ALTER TABLE t ALTER v TO w INT",
      "1 UPDATE cannot also rename column: \"v\" to \"w\"."
      " Use ALTER TABLE RENAME instead" },
    { "ALTER TABLE t ALTER x TO x INT", "1 no such column: \"x\"" },
    { "ALTER TABLE x ALTER x TO x INT", "1 no such table: x" },
    { "ALTER TABLE vw ALTER v TO v INT",
      "1 Only ordinary tables can be altered, not views: \"vw\"" },
    { "ALTER TABLE sqlite_schema ALTER name TO name INT",
      "1 table sqlite_master may not be altered" },
    { "ALTER TABLE t ALTER v TO v INT foo bar)",
      "1 near \")\": syntax error" },
    { "ALTER TABLE t ALTER v TO v INT, w", "1 near \",\": syntax error" },
    { "ALTER TABLE t ALTER v TO v INT CHECK(",
      "1 incomplete input" },
    { "ALTER TABLE t ALTER v TO v COLLATE nope",
      "1 no such collation sequence: nope" },
    { "ALTER TABLE t ALTER v TO v REFERENCES o TEXT",
      "1 error in adding v REFERENCES o TEXT to t:"
      " near \"TEXT\": syntax error" },
    { "ALTER TABLE t ALTER v TO v CHECK(nope>0)",
      "1 error in adding v CHECK(nope>0) to t: no such column: nope" },
    { "ALTER TABLE t ALTER v TO v DEFAULT (id)",
      "1 error in adding v DEFAULT (id) to t:"
      " default value of column [v] is not constant" },
    { "ALTER TABLE st ALTER v TO v FOO",
      "1 error in adding v FOO to st: unknown datatype for st.v: \"FOO\"" },
    { "ALTER TABLE st ALTER v TO v",
      "1 error in adding v to st: missing datatype for st.v" },
    { "ALTER TABLE t ALTER v TO v 'x", "1 unrecognized token: \"'x\"" },
    { "ALTER TABLE t ALTER COLUMN", "1 incomplete input" },
    { "ALTER TABLE t ALTER v TO", "1 incomplete input" },
  };
  sqlite3 *db = openDb(":memory:");
  int i;
  sqlRun(db, "CREATE TABLE t(id INTEGER PRIMARY KEY, v, u UNIQUE, g AS (id+1),"
          " s AS (id+1) STORED, w);"
          "CREATE TABLE k(a INTEGER, PRIMARY KEY(a)); CREATE VIEW vw AS"
          " SELECT * FROM t; CREATE TABLE st(v INT) STRICT;"
          "CREATE TABLE k2(a INTEGER PRIMARY KEY DESC, b);"
          "CREATE TABLE before AS SELECT * FROM sqlite_schema");
  sqlRun(db, "DELETE FROM before; INSERT INTO before SELECT * FROM sqlite_schema");
  for(i=0; i<(int)(sizeof(a)/sizeof(a[0])); i++){
    context("%s", a[i].zSql);
    CHECK_SQL(db, a[i].zSql, a[i].zError);
    CHECK_SQL(db, "SELECT count(*) FROM before JOIN sqlite_schema USING(name,sql)",
              "6");
  }
  context("");
  closeDb(db);
}

/* Values and indexes follow a type and a collation. */
static void testSettled(void){
  sqlite3 *db = openDb(":memory:");
  sqlRun(db, "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT, w,"
          " g AS (typeof(v)), s AS (typeof(v)) STORED);"
          "CREATE INDEX tv ON t(v); CREATE INDEX te ON t(v||'x');"
          "CREATE INDEX tp ON t(w) WHERE typeof(v)='text';"
          "CREATE TABLE log(x);"
          "CREATE TRIGGER tr AFTER UPDATE ON t BEGIN"
          " INSERT INTO log VALUES(new.id); END;"
          "INSERT INTO t(v,w) VALUES('10','a'),('9','b'),('x','c'),(NULL,'d'),"
          "('1e1','e')");
  CHECK_INT("five rows", sqlite3_changes(db), 5);
  CHECK_SQL(db, "ALTER TABLE t ALTER v TO v INT", "");
  CHECK_INT("no changes of the user's", sqlite3_changes(db), 5);
  CHECK_SQL(db, "SELECT id, typeof(v), v, g, s FROM t",
            "1|integer|10|integer|integer 2|integer|9|integer|integer"
            " 3|text|x|text|text 4|null|null|null|null"
            " 5|integer|10|integer|integer");
  CHECK_SQL(db, "SELECT id FROM t INDEXED BY tv WHERE v=10 ORDER BY id", "1 5");
  CHECK_SQL(db, "SELECT id FROM t INDEXED BY tp WHERE typeof(v)='text'", "3");
  CHECK_SQL(db, "SELECT * FROM log", "");
  CHECK_SQL(db, "PRAGMA integrity_check", "ok");
  CHECK_SQL(db, "ALTER TABLE t ALTER v TO v REAL", "");
  CHECK_SQL(db, "SELECT v FROM t ORDER BY id", "10.0 9.0 x null 10.0");
  CHECK_SQL(db, "PRAGMA integrity_check", "ok");
  CHECK_SQL(db, "ALTER TABLE t ALTER v TO v TEXT COLLATE nocase", "");
  CHECK_SQL(db, "INSERT INTO t(v) VALUES('X'); SELECT count(*) FROM t"
                " INDEXED BY tv WHERE v='x'", "2");
  CHECK_SQL(db, "PRAGMA integrity_check", "ok");
  CHECK_SQL(db, "UPDATE t SET w=w WHERE id=1; SELECT * FROM log", "1");

  /* One transaction, which can be rolled back. */
  sqlRun(db, "BEGIN");
  CHECK_SQL(db, "ALTER TABLE t ALTER v TO v BLOB DEFAULT 7", "");
  CHECK_SQL(db, "SELECT dflt_value FROM pragma_table_info('t') WHERE name='v'",
            "7");
  sqlRun(db, "ROLLBACK");
  CHECK_SQL(db, "SELECT type, dflt_value FROM pragma_table_info('t')"
                " WHERE name='v'", "TEXT|null");
  CHECK_SQL(db, "PRAGMA integrity_check", "ok");

  /* Values that become equal. */
  sqlRun(db, "CREATE TABLE u(v UNIQUE); INSERT INTO u VALUES(1),('1'),('a'),('A')");
  CHECK_SQL(db, "ALTER TABLE u ALTER v TO v INT UNIQUE",
            "19 cannot alter u.v: UNIQUE constraint failed: u.v");
  CHECK_SQL(db, "ALTER TABLE u ALTER v TO v UNIQUE COLLATE nocase",
            "19 cannot alter u.v: UNIQUE constraint failed: u.v");
  CHECK_SQL(db, "SELECT typeof(v), v FROM u ORDER BY rowid",
            "integer|1 text|1 text|a text|A");
  CHECK_SQL(db, "SELECT sql FROM sqlite_schema WHERE name='u'",
            "CREATE TABLE u(v UNIQUE)");
  CHECK_SQL(db, "PRAGMA integrity_check", "ok");

  /* Tables that are indexes. */
  sqlRun(db, "CREATE TABLE w(a TEXT, b, PRIMARY KEY(a,b)) WITHOUT ROWID;"
          "CREATE INDEX wb ON w(b);"
          "INSERT INTO w VALUES('10',1),('9','2'),('a',3),('B',4)");
  CHECK_SQL(db, "ALTER TABLE w ALTER a TO a TEXT COLLATE nocase", "");
  CHECK_SQL(db, "SELECT a, b FROM w ORDER BY a", "10|1 9|2 a|3 B|4");
  CHECK_SQL(db, "PRAGMA integrity_check", "ok");
  sqlRun(db, "CREATE TABLE w2(a TEXT PRIMARY KEY, b TEXT) WITHOUT ROWID;"
          "CREATE INDEX w2b ON w2(b DESC);"
          "INSERT INTO w2 VALUES('x','10'),('y','9'),('z','q')");
  CHECK_SQL(db, "ALTER TABLE w2 ALTER b TO b NUMERIC", "");
  CHECK_SQL(db, "SELECT a, typeof(b) FROM w2 ORDER BY b",
            "y|integer x|integer z|text");
  CHECK_SQL(db, "PRAGMA integrity_check", "ok");
  closeDb(db);
}

/* Rows that have to go to another place, and STORED columns. */
static void testRebuilt(void){
  sqlite3 *db = openDb(":memory:");
  sqlRun(db, "CREATE TABLE w(a TEXT, b, n, PRIMARY KEY(a,b)) WITHOUT ROWID;"
          "CREATE INDEX wb ON w(b); CREATE TABLE log(x);"
          "CREATE TRIGGER wt AFTER INSERT ON w BEGIN INSERT INTO log VALUES(1);"
          " END;"
          "INSERT INTO w VALUES('10',1,NULL),('9','2',NULL),('a',3,NULL);"
          "DELETE FROM log; ALTER TABLE w ALTER n TO n NOT NULL CHECK(n>0)");
  CHECK_SQL(db, "ALTER TABLE w ALTER a TO a INT", "");
  CHECK_SQL(db, "SELECT typeof(a), a, b, n FROM w",
            "integer|9|2|null integer|10|1|null text|a|3|null");
  CHECK_SQL(db, "SELECT a FROM w INDEXED BY wb WHERE b=1", "10");
  CHECK_SQL(db, "SELECT * FROM log", "");
  CHECK_SQL(db, "PRAGMA integrity_check(1)", "NULL value in w.n");
  CHECK_SQL(db, "INSERT INTO w VALUES(1,1,NULL)",
            "19 NOT NULL constraint failed: w.n");
  sqlRun(db, "INSERT INTO w VALUES('9',2,1)");
  CHECK_SQL(db, "ALTER TABLE w ALTER b TO b TEXT",
            "19 cannot alter w.b: UNIQUE constraint failed: w.a, w.b");
  CHECK_SQL(db, "SELECT a, typeof(b) FROM w ORDER BY a, b",
            "9|integer 9|text 10|integer a|integer");
  sqlRun(db, "CREATE TABLE f(a REAL PRIMARY KEY) WITHOUT ROWID;"
          "INSERT INTO f VALUES(2),(10),(1.5); ALTER TABLE f ALTER a TO a TEXT"
          " PRIMARY KEY");
  CHECK_SQL(db, "SELECT a FROM f", "1.5 10.0 2.0");

  /* Rowids stay, as far as a name reaches them. */
  sqlRun(db, "CREATE TABLE t(v TEXT, s TEXT AS (v||1) STORED, k AS (1) STORED,"
          " g TEXT AS (v), h AS (typeof(g)) STORED, rowid) RANDOM ROWID;"
          "CREATE INDEX ts ON t(s); CREATE INDEX tk ON t(k);"
          "INSERT INTO t(oid, v, rowid) VALUES(7,'1','x'),(5,'2','y')");
  CHECK_SQL(db, "ALTER TABLE t ALTER s TO s INT AS (v||1) STORED;"
                "ALTER TABLE t ALTER k TO k TEXT AS (1) STORED;"
                "ALTER TABLE t ALTER g TO g INT AS (v)", "");
  CHECK_SQL(db, "SELECT oid, v, typeof(s), s, typeof(k), g, h, rowid FROM t",
            "5|2|integer|21|text|2|integer|y 7|1|integer|11|text|1|integer|x");
  CHECK_SQL(db, "SELECT v FROM t INDEXED BY ts WHERE s=21;"
                "SELECT v FROM t INDEXED BY tk WHERE k='1' AND oid=7", "2 1");
  CHECK_SQL(db, "PRAGMA integrity_check(t)", "ok");
  sqlRun(db, "CREATE TABLE c(v, s AS (v='A') STORED); INSERT INTO c VALUES('a');"
          "ALTER TABLE c ALTER v TO v COLLATE nocase");
  CHECK_SQL(db, "SELECT v, s FROM c", "a|1");
  sqlRun(db, "CREATE TABLE n(oid, rowid, _rowid_, s AS (oid) STORED);"
          "INSERT INTO n VALUES(1,2,3),(4,5,6); ALTER TABLE n ALTER s TO s TEXT"
          " AS (oid) STORED");
  CHECK_SQL(db, "SELECT oid, rowid, _rowid_, typeof(s) FROM n",
            "1|2|3|text 4|5|6|text");
  closeDb(db);
}

/* Rows from before ADD COLUMN, which hold no value of their own and show the
** default: they keep what they have shown. */
static void testDefault(void){
  static const struct { const char *zAdd, *zTo, *zType, *zWant; } a[] = {
    { "b DEFAULT 5",              "b DEFAULT 7",              "integer", "5" },
    { "b DEFAULT 5",              "b",                        "integer", "5" },
    { "b",                        "b DEFAULT 7",              "null", "null" },
    { "b INT NOT NULL DEFAULT 5", "b INT NOT NULL",           "integer", "5" },
    { "b INT DEFAULT 5",          "b TEXT",                   "text", "5" },
    { "b INT DEFAULT '007'",      "b TEXT DEFAULT '007'",     "text", "7" },
    { "b TEXT DEFAULT '007'",     "b INT DEFAULT '007'",      "integer", "7" },
    { "b REAL DEFAULT 5",         "b TEXT DEFAULT 5",         "text", "5.0" },
    { "b DEFAULT x'41'",          "b COLLATE nocase DEFAULT (1+2) NOT NULL",
      "blob", "A" },
  };
  static const char *azTable[] = {
    "t(a)", "t(a PRIMARY KEY) WITHOUT ROWID", "t(a, s AS (a||1) STORED)",
    "t(a, g AS (a||1))", "t(a) RANDOM ROWID"
  };
  int i, j;
  for(i=0; i<(int)(sizeof(a)/sizeof(a[0])); i++){
    for(j=0; j<(int)(sizeof(azTable)/sizeof(azTable[0])); j++){
      sqlite3 *db;
      char *zSql;
      context("%s, %s to %s", azTable[j], a[i].zAdd, a[i].zTo);
      db = openDb(":memory:");
      sqlRun(db, "CREATE TABLE %s; INSERT INTO t(a) VALUES(1),(2);"
                 "ALTER TABLE t ADD COLUMN %s; CREATE INDEX tb ON t(b);"
                 "PRAGMA alter_column_validate=ON",
             azTable[j], a[i].zAdd);
      zSql = sqlite3_mprintf("ALTER TABLE t ALTER b TO %s", a[i].zTo);
      CHECK_SQL(db, zSql, "");
      sqlite3_free(zSql);
      zSql = sqlite3_mprintf("%s %s", a[i].zType, a[i].zType);
      CHECK_SQL(db, "SELECT typeof(b) FROM t NOT INDEXED", zSql);
      sqlite3_free(zSql);
      zSql = sqlite3_mprintf("%s %s", a[i].zWant, a[i].zWant);
      CHECK_SQL(db, "SELECT b FROM t NOT INDEXED", zSql);
      sqlite3_free(zSql);
      CHECK_SQL(db, "PRAGMA integrity_check", "ok");
      closeDb(db);
    }
  }

  /* Rows whose header does not fit a page. */
  context("wide rows");
  {
    sqlite3 *db = openDb(":memory:");
    sqlite3_str *pStr = sqlite3_str_new(db);
    char *z;
    for(i=0; i<800; i++) sqlite3_str_appendf(pStr, "c%d,", i);
    z = sqlite3_str_finish(pStr);
    sqlRun(db, "PRAGMA page_size=512; CREATE TABLE t(%s z); INSERT INTO t(z)"
               " VALUES(1); ALTER TABLE t ADD COLUMN b DEFAULT 5", z);
    sqlite3_free(z);
    CHECK_SQL(db, "ALTER TABLE t ALTER b TO b DEFAULT 6;"
                  "ALTER TABLE t ALTER z TO z DEFAULT 6;"
                  "INSERT INTO t DEFAULT VALUES", "");
    CHECK_SQL(db, "SELECT z, b FROM t", "1|5 6|6");
    closeDb(db);
  }
  context("");
}

/* Rows that have values of their own are not written again for a default. */
static void testDefaultWrites(void){
  sqlite3 *db;
  int i, nWrite, nHigh;
  removeDb("writes.db");
  db = openDb("writes.db");
  sqlRun(db, "CREATE TABLE t(a, b DEFAULT 5);"
             "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c"
             " WHERE i<200) INSERT INTO t SELECT i, zeroblob(3000) FROM c");
  for(i=0; i<2; i++){
    context("rows are short: %d", i);
    sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_WRITE, &nWrite, &nHigh, 1);
    CHECK_SQL(db, i ? "ALTER TABLE t ALTER c TO c DEFAULT 8"
                    : "ALTER TABLE t ALTER b TO b DEFAULT 7", "");
    sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_WRITE, &nWrite, &nHigh, 1);
    CHECK("pages written", i ? nWrite>=200 : nWrite<10);
    if( i==0 ) sqlRun(db, "ALTER TABLE t ADD COLUMN c DEFAULT 7");
  }
  context("");
  CHECK_SQL(db, "SELECT DISTINCT c FROM t", "7");
  closeDb(db);
}

/* Triggers of the temp schema are no business of a conversion, either. */
static void testTempTriggers(void){
  static const char *azTrigger[] = {
    "BEFORE INSERT ON %s BEGIN SELECT RAISE(IGNORE); END",
    "BEFORE UPDATE ON %s BEGIN SELECT RAISE(IGNORE); END",
    "AFTER INSERT ON %s BEGIN DELETE FROM t WHERE a=new.a; END",
    "AFTER DELETE ON %s BEGIN SELECT RAISE(FAIL, 'no'); END",
    "AFTER UPDATE ON %s BEGIN INSERT INTO log VALUES(1); END",
  };
  static const char *azTable[] = {
    "main.t(a TEXT, s AS (a) STORED)", "main.t(a TEXT)",
    "main.t(a TEXT PRIMARY KEY) WITHOUT ROWID", "temp.t(a TEXT)",
    "temp.t(a TEXT, s AS (a) STORED)",
  };
  int i, j;
  for(i=0; i<5; i++){
    for(j=0; j<5; j++){
      sqlite3 *db = openDb(":memory:");
      char *zTrigger = sqlite3_mprintf(azTrigger[i], j<3 ? "main.t" : "t");
      context("%s, %s", azTable[j], zTrigger);
      sqlRun(db, "CREATE TABLE %s; CREATE TABLE log(x);"
                 "INSERT INTO t(a) VALUES('1'),('2'); CREATE TEMP TRIGGER tr %s",
             azTable[j], zTrigger);
      CHECK_SQL(db, j==2 ? "ALTER TABLE t ALTER a TO a INT PRIMARY KEY"
                         : "ALTER TABLE t ALTER a TO a INT", "");
      CHECK_SQL(db, "SELECT a, typeof(a) FROM t ORDER BY a",
                "1|integer 2|integer");
      CHECK_SQL(db, "SELECT count(*) FROM log", "0");
      sqlite3_free(zTrigger);
      closeDb(db);
    }
  }
  context("");
}

/* Collations that decide what a key consists of. */
static void testKeys(void){
  static const struct { const char *zTable, *zAlter; } a[] = {
    { "t(v, w, PRIMARY KEY(v, v COLLATE nocase)) WITHOUT ROWID",
      "v COLLATE nocase" },
    { "t(v COLLATE nocase, w, PRIMARY KEY(v, v COLLATE nocase)) WITHOUT ROWID",
      "v" },
    { "t(w, v COLLATE nocase UNIQUE, UNIQUE(v COLLATE nocase))", "v UNIQUE" },
    { "t(w, v UNIQUE, UNIQUE(v COLLATE nocase))", "v UNIQUE COLLATE nocase" },
  };
  int i;
  for(i=0; i<4; i++){
    sqlite3 *db = openDb(":memory:");
    char *zSql = sqlite3_mprintf("ALTER TABLE t ALTER v TO %s", a[i].zAlter);
    context("%s, %s", a[i].zTable, zSql);
    sqlRun(db, "CREATE TABLE %s; BEGIN; INSERT INTO t(v,w) VALUES('A',1),('b',2)",
           a[i].zTable);
    CHECK_INT("refused", sqlExec(db, "%s", zSql), SQLITE_ERROR);
    if( i<3 ){
      CHECK_TEXT("message", sqlite3_errmsg(db), "cannot alter t.v: the collation"
                 " changes a PRIMARY KEY or UNIQUE constraint");
    }
    sqlRun(db, "INSERT INTO t(v,w) VALUES('c',3); COMMIT");
    CHECK_SQL(db, "SELECT v, w FROM t ORDER BY v", "A|1 b|2 c|3");
    CHECK_SQL(db, "PRAGMA integrity_check", "ok");
    sqlite3_free(zSql);
    closeDb(db);
  }
  context("");
}

static void alwaysNull(sqlite3_context *pCtx, int nArg, sqlite3_value **apArg){
  (void)nArg; (void)apArg;
  sqlite3_result_text(pCtx, "null", -1, SQLITE_STATIC);
}
static int ignoreAll(void *pArg, int op, const char *z1, const char *z2,
                     const char *z3, const char *z4){
  (void)pArg; (void)z1; (void)z2; (void)z3; (void)z4;
  return op==SQLITE_ALTER_TABLE ? SQLITE_OK : SQLITE_IGNORE;
}

/* Nothing that an application can replace has a part in it. */
static void testReplaced(void){
  sqlite3 *db = openDb(":memory:");
  sqlRun(db, "CREATE TABLE t(a TEXT); INSERT INTO t VALUES('1');"
             "CREATE TABLE rename(d); CREATE TABLE u(v TEXT, g AS (nullif(v,'x')));"
             "INSERT INTO u VALUES('x')");
  sqlite3_create_function(db, "typeof", 1, SQLITE_UTF8, 0, alwaysNull, 0, 0);
  CHECK_SQL(db, "ALTER TABLE t ALTER a TO a INT; SELECT 1+a, a||'' FROM t", "2|1");
  CHECK_SQL(db, "PRAGMA integrity_check", "ok");
  sqlite3_set_authorizer(db, ignoreAll, 0);
  CHECK_SQL(db, "ALTER TABLE t ALTER a TO a BLOB", "");
  sqlite3_set_authorizer(db, 0, 0);
  CHECK_SQL(db, "SELECT a=1 FROM t; SELECT sql FROM sqlite_schema WHERE name='t'",
            "1 CREATE TABLE t(a BLOB)");

  CHECK_SQL(db, "ALTER TABLE rename ALTER COLUMN d TO d INT;"
                "ALTER TABLE main.rename ALTER d TO d TEXT", "");
  CHECK_SQL(db, "\xef\xbb\xbf""ALTER TABLE rename ALTER d TO d REAL;"
                "\xef\xbb\xbf CREATE TABLE r(a) RANDOM ROWID", "");
  CHECK_SQL(db, "SELECT sql FROM sqlite_schema WHERE name='rename'",
            "CREATE TABLE rename(d REAL)");
  CHECK_SQL(db, "ALTER TABLE u ALTER g TO g AS (nullif(v,'x')) NOT NULL;"
                "ALTER TABLE u ALTER v TO v INT", "");
  closeDb(db);
}

/* ON CONFLICT in a definition is for what comes; no row goes. */
static void testConflict(void){
  static const char *azConflict[] = {
    "REPLACE", "IGNORE", "FAIL", "ROLLBACK", "ABORT"
  };
  sqlite3 *db = openDb(":memory:");
  int i;
  sqlRun(db, "CREATE TABLE log(x)");
  for(i=0; i<5; i++){
    char *zSql;
    const char *z = azConflict[i];
    context("ON CONFLICT %s", z);
    sqlRun(db, "CREATE TABLE u(v UNIQUE ON CONFLICT %s, n NOT NULL ON CONFLICT %s"
               " DEFAULT 5, s AS (n) STORED); INSERT INTO u VALUES(1,1),('1',1);"
               "CREATE TABLE w(v PRIMARY KEY ON CONFLICT %s) WITHOUT ROWID;"
               "INSERT INTO w VALUES(1),('1'); CREATE TABLE n(v);"
               "INSERT INTO n VALUES(NULL); BEGIN; INSERT INTO log VALUES(1)",
           z, z, z);
    zSql = sqlite3_mprintf("ALTER TABLE u ALTER v TO v INT UNIQUE ON CONFLICT %s",
                           z);
    CHECK_SQL(db, zSql, "19 cannot alter u.v: UNIQUE constraint failed: u.v");
    sqlite3_free(zSql);
    zSql = sqlite3_mprintf("ALTER TABLE w ALTER v TO v INT PRIMARY KEY ON CONFLICT"
                           " %s", z);
    CHECK_SQL(db, zSql, "19 cannot alter w.v: UNIQUE constraint failed: w.v");
    sqlite3_free(zSql);
    CHECK_INT("still in the transaction", sqlite3_get_autocommit(db), 0);
    CHECK_SQL(db, "SELECT typeof(v), n FROM u; SELECT typeof(v) FROM w",
              "integer|1 text|1 integer text");
    zSql = sqlite3_mprintf("PRAGMA alter_column_validate=ON;"
                           "ALTER TABLE n ALTER v TO v NOT NULL ON CONFLICT %s"
                           " DEFAULT 7", z);
    CHECK_SQL(db, zSql, "19 cannot alter n.v: NOT NULL constraint failed: n.v");
    sqlite3_free(zSql);
    sqlRun(db, "PRAGMA alter_column_validate=OFF; COMMIT; DROP TABLE u;"
               "DROP TABLE w; DROP TABLE n");
  }
  context("");
  closeDb(db);
}

/* All that is done to rows, in every schema and encoding. */
static void testEverywhere(const char *zEncoding){
  static const char *azDb[] = { "main", "temp", "aux" };
  int i;
  for(i=0; i<3; i++){
    const char *z = azDb[i];
    sqlite3 *db = openDb(":memory:");
    context("%s, %s", z, zEncoding);
    sqlRun(db, "PRAGMA encoding='%s'; ATTACH ':memory:' AS aux", zEncoding);
    sqlRun(db, "CREATE TABLE %s.c(v TEXT, w); CREATE INDEX %s.cv ON c(v);"
               "INSERT INTO c VALUES('10',1),('9',2),('\xc3\xa4',3);"
               "ALTER TABLE %s.c ALTER v TO v INT", z, z, z);
    CHECK_SQL(db, "SELECT v, typeof(v) FROM c ORDER BY v",
              "9|integer 10|integer \xc3\xa4|text");
    sqlRun(db, "CREATE TABLE %s.n(v UNIQUE); INSERT INTO n VALUES('b'),('A');"
               "ALTER TABLE %s.n ALTER v TO v UNIQUE COLLATE nocase", z, z);
    CHECK_SQL(db, "SELECT v FROM n WHERE v>'0' ORDER BY v", "A b");
    sqlRun(db, "CREATE TABLE %s.s(v TEXT, s AS (v||'\xc3\xa4') STORED);"
               "INSERT INTO s VALUES('1'); ALTER TABLE %s.s ALTER v TO v REAL",
           z, z);
    CHECK_SQL(db, "SELECT v, s FROM s", "1.0|1.0\xc3\xa4");
    sqlRun(db, "CREATE TABLE %s.k(v TEXT PRIMARY KEY, w) WITHOUT ROWID;"
               "INSERT INTO k VALUES('10',1),('9',2);"
               "ALTER TABLE %s.k ALTER v TO v INT PRIMARY KEY", z, z);
    CHECK_SQL(db, "SELECT v, w FROM k", "9|2 10|1");
    sqlRun(db, "CREATE TABLE %s.d(a); INSERT INTO d VALUES(1);"
               "ALTER TABLE %s.d ADD COLUMN b DEFAULT '\xc3\xa4';"
               "ALTER TABLE %s.d ALTER b TO b DEFAULT 7", z, z, z);
    sqlRun(db, "INSERT INTO d(a) VALUES(2); PRAGMA alter_column_validate=ON");
    CHECK_SQL(db, "SELECT b FROM d", "\xc3\xa4 7");
    CHECK_SQL(db, "ALTER TABLE d ALTER b TO b CHECK(b<>'\xc3\xa4')",
              "19 cannot alter d.b: CHECK constraint failed: b<>'\xc3\xa4'");
    CHECK_SQL(db, "PRAGMA main.integrity_check; PRAGMA temp.integrity_check;"
                  "PRAGMA aux.integrity_check", "ok ok ok");
    closeDb(db);
  }
  context("");
}

/* STRICT tables refuse what does not fit. */
static void testStrict(void){
  sqlite3 *db = openDb(":memory:");
  sqlRun(db, "CREATE TABLE s(v TEXT) STRICT; CREATE INDEX sv ON s(v);"
          "INSERT INTO s VALUES('1'),('2')");
  CHECK_SQL(db, "ALTER TABLE s ALTER v TO v INT", "");
  CHECK_SQL(db, "SELECT typeof(v) FROM s", "integer integer");
  CHECK_SQL(db, "ALTER TABLE s ALTER v TO v ANY; INSERT INTO s VALUES('x')", "");
  CHECK_SQL(db, "ALTER TABLE s ALTER v TO v REAL",
            "19 cannot alter s.v: cannot store TEXT value in REAL column s.v");
  CHECK_INT("its code", sqlite3_extended_errcode(db),
            SQLITE_CONSTRAINT_DATATYPE);
  CHECK_SQL(db, "SELECT sql FROM sqlite_schema WHERE name='s'",
            "CREATE TABLE s(v ANY) STRICT");
  CHECK_SQL(db, "SELECT typeof(v) FROM s", "integer integer text");
  CHECK_SQL(db, "ALTER TABLE s ALTER v TO v BLOB",
            "19 cannot alter s.v: cannot store INT value in BLOB column s.v");
  sqlRun(db, "CREATE TABLE sg(v INT, g INT AS (v)) STRICT;"
             "INSERT INTO sg VALUES(1)");
  CHECK_SQL(db, "ALTER TABLE sg ALTER g TO g BLOB AS (v)",
            "19 cannot alter sg.g: cannot store INT value in BLOB column sg.g");
  CHECK_SQL(db, "ALTER TABLE sg ALTER g TO g TEXT AS (v); SELECT typeof(g)"
                " FROM sg", "text");
  CHECK_SQL(db, "PRAGMA integrity_check", "ok");
  closeDb(db);
}

/* Constraints bind what comes, and what is there only if that is asked for. */
static void testConstraints(void){
  sqlite3 *db = openDb(":memory:");
  sqlRun(db, "CREATE TABLE o(x PRIMARY KEY); CREATE TABLE t(id, v);"
          "INSERT INTO t VALUES(1,NULL),(7,8)");
  CHECK_SQL(db, "ALTER TABLE t ALTER v TO v INT NOT NULL DEFAULT 42", "");
  CHECK_SQL(db, "SELECT v FROM t", "null 8");
  CHECK_SQL(db, "INSERT INTO t VALUES(2,NULL)",
            "19 NOT NULL constraint failed: t.v");
  CHECK_SQL(db, "INSERT INTO t(id) VALUES(3); SELECT v FROM t WHERE id=3", "42");
  CHECK_SQL(db, "ALTER TABLE t ALTER id TO id CHECK(id<5)", "");
  CHECK_SQL(db, "INSERT INTO t VALUES(9,9)",
            "19 CHECK constraint failed: id<5");
  CHECK_SQL(db, "ALTER TABLE t ALTER id TO id", "");
  CHECK_SQL(db, "INSERT INTO t VALUES(9,9)", "");
  CHECK_SQL(db, "PRAGMA foreign_keys=ON; ALTER TABLE t ALTER id TO id"
                " REFERENCES o(x)", "");
  CHECK_SQL(db, "INSERT INTO t VALUES(5,5)", "19 FOREIGN KEY constraint failed");
  CHECK_SQL(db, "ALTER TABLE t ALTER id TO id", "");
  CHECK_SQL(db, "INSERT INTO t VALUES(5,5)", "");

  CHECK_SQL(db, "PRAGMA alter_column_validate", "0");
  CHECK_SQL(db, "PRAGMA alter_column_validate=ON;"
                "PRAGMA alter_column_validate", "1");
  CHECK_SQL(db, "ALTER TABLE t ALTER v TO v NOT NULL",
            "19 cannot alter t.v: NOT NULL constraint failed: t.v");
  CHECK_SQL(db, "ALTER TABLE t ALTER id TO id CONSTRAINT low CHECK(id<5)",
            "19 cannot alter t.id: CHECK constraint failed: low");
  CHECK_SQL(db, "SELECT sql FROM sqlite_schema WHERE name='t'",
            "CREATE TABLE t(id, v INT NOT NULL DEFAULT 42)");
  sqlRun(db, "UPDATE t SET v=0 WHERE typeof(v)='null'");
  CHECK_SQL(db, "ALTER TABLE t ALTER v TO v NOT NULL CHECK(v<100)", "");
  CHECK_SQL(db, "PRAGMA integrity_check", "ok");

  /* Of this column alone, wherever it comes from, and each by its name. */
  sqlRun(db, "CREATE TABLE g(a, b CHECK(b>0), v AS (a), s AS (a) STORED);"
          "PRAGMA ignore_check_constraints=ON; INSERT INTO g VALUES(NULL,-1);"
          "PRAGMA ignore_check_constraints=OFF; INSERT INTO g VALUES(7,1)");
  CHECK_SQL(db, "ALTER TABLE g ALTER a TO a INT CHECK(a<9)", "");
  CHECK_SQL(db, "ALTER TABLE g ALTER v TO v AS (a) NOT NULL",
            "19 cannot alter g.v: NOT NULL constraint failed: g.v");
  CHECK_SQL(db, "ALTER TABLE g ALTER s TO s TEXT AS (a) STORED NOT NULL",
            "19 cannot alter g.s: NOT NULL constraint failed: g.s");
  CHECK_SQL(db, "ALTER TABLE g ALTER s TO s AS (a) STORED CONSTRAINT \"k 1\""
                " CHECK(s<5) CHECK(s<9)",
            "19 cannot alter g.s: CHECK constraint failed: k 1");
  CHECK_SQL(db, "ALTER TABLE g ALTER v TO v AS (a) CHECK(v<9) CHECK( b>0 OR /*)*/"
                " 'it''s'='' )",
            "19 cannot alter g.v: CHECK constraint failed: b>0 OR /*)*/"
            " 'it''s'=''");
  CHECK_INT("its code", sqlite3_extended_errcode(db), SQLITE_CONSTRAINT_CHECK);
  CHECK_SQL(db, "ALTER TABLE g ALTER v TO v TEXT AS (a) CHECK(v<>'8')", "");
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 1, 0);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, 0);
  CHECK_SQL(db, "ALTER TABLE g ALTER a TO a INT CHECK(a<>\"x\")", "");
  CHECK_SQL(db, "SELECT a FROM g WHERE a<>\"x\"", "1 no such column: \"x\" - "
                "should this be a string literal in single-quotes?");
  closeDb(db);
}

static int authorize(void *pArg, int op, const char *z1, const char *z2,
                     const char *z3, const char *z4){
  (void)z3; (void)z4;
  if( op!=SQLITE_ALTER_TABLE ) return SQLITE_OK;
  CHECK_TEXT("schema", z1, "main");
  CHECK_TEXT("table", z2, "t");
  return *(int*)pArg;
}

/* What the statements were that a connection began to run. */
static int trace(unsigned mTrace, void *pArg, void *pStmt, void *pSql){
  (void)mTrace; (void)pStmt;
  sqlite3_str_appendf((sqlite3_str*)pArg, "%s;", (const char*)pSql);
  return 0;
}

/* Those who look at what a statement does: it is one, whatever it has to do. */
static void testTrace(void){
  static const char zAlter[] = "ALTER TABLE t ALTER COLUMN a /* x */ TO a INT";
  sqlite3 *db = openDb(":memory:");
  sqlite3_str *pStr = sqlite3_str_new(db);
  sqlite3_stmt *pStmt;
  char *z;
  sqlRun(db, "CREATE TABLE t(a TEXT, s AS (a) STORED); CREATE TABLE x(a);"
             "INSERT INTO t VALUES('1'),('2'); INSERT INTO x(oid) VALUES(77);"
             "PRAGMA alter_column_validate=ON");
  pStmt = sqlPrepare(db, zAlter);
  z = sqlite3_expanded_sql(pStmt);
  CHECK_TEXT("expanded", z, zAlter);
  sqlite3_free(z);
#ifdef SQLITE_ENABLE_NORMALIZE
  CHECK_TEXT("normalized", sqlite3_normalized_sql(pStmt),
             "ALTER TABLE t ALTER COLUMN a TO a int;");
#endif
  sqlite3_trace_v2(db, SQLITE_TRACE_STMT, trace, pStr);
  CHECK_INT("done", sqlite3_step(pStmt), SQLITE_DONE);
  sqlite3_finalize(pStmt);
  sqlRun(db, "UPDATE x SET a=1");
  sqlite3_trace_v2(db, 0, 0, 0);
  z = sqlite3_str_finish(pStr);
  CHECK_TEXT("traced", z, "ALTER TABLE t ALTER COLUMN a /* x */ TO a INT;"
                          "UPDATE x SET a=1;");
  sqlite3_free(z);
  CHECK_INT("no row inserted", sqlite3_last_insert_rowid(db), 77);
  CHECK_SQL(db, "SELECT typeof(a), typeof(s) FROM t", "integer|integer integer|integer");
  CHECK_INT("complete", sqlite3_complete("ALTER TABLE t ALTER a TO a CHECK(a<>';');"),
            1);
  CHECK_INT("not complete", sqlite3_complete("ALTER TABLE t ALTER a TO a CHECK(a<>';"),
            0);
  closeDb(db);
}

/* Others that look: the authorizer, other statements and connections. */
static void testOthers(void){
  sqlite3 *db, *db2;
  sqlite3_stmt *pStmt, *pAlter;
  int eAuth = SQLITE_DENY;
  removeDb("others.db");
  db = openDb("others.db");
  db2 = openDb("others.db");
  sqlRun(db, "CREATE TABLE t(a TEXT); INSERT INTO t VALUES('1'),('2');"
          "CREATE VIEW v AS SELECT a FROM t");
  CHECK_SQL(db2, "SELECT * FROM v", "1 2");
  sqlite3_set_authorizer(db, authorize, &eAuth);
  CHECK_SQL(db, "ALTER TABLE t ALTER a TO a INT", "23 not authorized");
  eAuth = SQLITE_OK;
  CHECK_INT("prepared", sqlite3_prepare_v2(db, "ALTER TABLE t ALTER a TO a INT",
            -1, &pAlter, 0), SQLITE_OK);
  sqlite3_set_authorizer(db, 0, 0);
  CHECK_SQL(db, "SELECT typeof(a) FROM t", "text text");
  sqlite3_prepare_v2(db, "SELECT typeof(a) FROM t", -1, &pStmt, 0);
  CHECK_INT("a row", sqlite3_step(pStmt), SQLITE_ROW);
  sqlite3_reset(pStmt);
  sqlRun(db, "EXPLAIN ALTER TABLE t ALTER a TO a INT;"
          "EXPLAIN QUERY PLAN ALTER TABLE t ALTER a TO a INT");
  CHECK_SQL(db, "SELECT sql FROM sqlite_schema WHERE name='t'",
            "CREATE TABLE t(a TEXT)");
  CHECK_INT("done", sqlite3_step(pAlter), SQLITE_DONE);
  CHECK_TEXT("its text", sqlite3_sql(pAlter), "ALTER TABLE t ALTER a TO a INT");
  sqlite3_finalize(pAlter);
  CHECK_INT("a row", sqlite3_step(pStmt), SQLITE_ROW);
  CHECK_TEXT("prepared again", (const char*)sqlite3_column_text(pStmt, 0),
             "integer");
  sqlite3_finalize(pStmt);
  CHECK_SQL(db2, "SELECT typeof(a) FROM v", "integer integer");
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, 0);
  CHECK_SQL(db, "ALTER TABLE t ALTER a TO a TEXT", "");
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, 0);

  /* A statement that is in the middle of the table. */
  sqlRun(db, "CREATE TABLE m(a TEXT, b); CREATE INDEX ma ON m(a);"
          "INSERT INTO m VALUES('3',1),('20',2),('100',3)");
  sqlite3_prepare_v2(db, "SELECT b FROM m ORDER BY a", -1, &pStmt, 0);
  CHECK_INT("a row", sqlite3_step(pStmt), SQLITE_ROW);
  CHECK_INT("by text", sqlite3_column_int(pStmt, 0), 3);
  CHECK_SQL(db, "ALTER TABLE m ALTER a TO a INT; SELECT b FROM m ORDER BY a",
            "1 2 3");
  CHECK("goes on or stops", sqlite3_step(pStmt)!=SQLITE_CORRUPT);
  sqlite3_finalize(pStmt);
  CHECK_SQL(db, "PRAGMA integrity_check", "ok");

  /* What would no longer parse. */
  sqlRun(db, "CREATE TABLE t2(a, b); CREATE VIEW bad AS SELECT nope FROM t2");
  CHECK_SQL(db, "ALTER TABLE t2 ALTER a TO a INT",
            "1 error in view bad: no such column: nope");
  sqlRun(db, "PRAGMA legacy_alter_table=ON");
  CHECK_SQL(db, "ALTER TABLE t2 ALTER a TO a INT", "");
  closeDb(db2);
  closeDb(db);
}

/* Stock's own forms. */
static void testStock(void){
  sqlite3 *db = openDb(":memory:");
  sqlRun(db, "CREATE TABLE t(a, b); INSERT INTO t VALUES(1,2);"
          "ALTER TABLE t ALTER a SET NOT NULL; ALTER TABLE t ALTER COLUMN b"
          " SET NOT NULL ON CONFLICT IGNORE; ALTER TABLE t ALTER a DROP NOT NULL;"
          "ALTER TABLE t ADD CONSTRAINT k CHECK(a>0);"
          "ALTER TABLE t RENAME a TO \"to\"; ALTER TABLE t DROP CONSTRAINT k;"
          "ALTER TABLE t ADD COLUMN c; ALTER TABLE t DROP COLUMN c");
  CHECK_SQL(db, "SELECT sql FROM sqlite_schema",
            "CREATE TABLE t(\"to\", b NOT NULL ON CONFLICT IGNORE)");
  CHECK_SQL(db, "ALTER TABLE t ALTER b SET DEFAULT 1",
            "1 near \"DEFAULT\": syntax error");
  CHECK_SQL(db, "ALTER TABLE t ALTER TO x", "1 near \"TO\": syntax error");
  closeDb(db);
}

int main(void){
  testText();
  testRefused();
  testSettled();
  testRebuilt();
  testConflict();
  testDefault();
  testDefaultWrites();
  testTempTriggers();
  testKeys();
  testReplaced();
  testEverywhere("UTF-8");
  testEverywhere("UTF-16le");
  testEverywhere("UTF-16be");
  testStrict();
  testConstraints();
  testTrace();
  testOthers();
  testStock();
  return finish();
}
