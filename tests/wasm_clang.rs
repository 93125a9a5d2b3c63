//! Does a function that clang compiles from C for wasm32 do what the same C does?

use std::process::Command;

use rusqlite::Connection;
use rusqlite::types::Value;
use seawall as _;

#[path = "common/modules.rs"]
mod modules;

use modules::create_binary;

const SOURCE: &str = r#"
extern unsigned char __heap_base;
static unsigned next;

/* Room for an argument.  An instance serves one call at a time, so nothing is ever freed. */
void *libsql_malloc(unsigned n){
  unsigned p = next ? next : (unsigned)&__heap_base;
  next = p + n;
  return (void*)p;
}

/* The text from its end to its beginning, in capitals; the length of a blob as a text; NULL for NULL. */
char *reversed(const unsigned char *p){
  unsigned n = 0, i;
  char *out;
  if( p[0]==5 ) return (char*)p;
  if( p[0]==4 ){
    n = ((unsigned)p[1]<<24) | p[2]<<16 | p[3]<<8 | p[4];
    out = libsql_malloc(12);
    for(i=10; n || i==10; n/=10) out[i--] = '0' + n%10;
    out[11] = 0;
    out[i] = 3;
    return &out[i];
  }
  while( p[1+n] ) n++;
  out = libsql_malloc(n+2);
  out[0] = 3;
  for(i=0; i<n; i++){
    char c = p[n-i];
    out[1+i] = c>='a' && c<='z' ? c - 32 : c;
  }
  out[1+n] = 0;
  return out;
}

long long gcd(long long a, long long b){
  return b ? gcd(b, a%b) : a;
}

double hypotenuse(double a, double b){
  return __builtin_sqrt(a*a + b*b);
}
"#;

/// The module, or why there is none.
fn compiled() -> Result<Vec<u8>, String> {
    let dir = tempfile::tempdir().unwrap();
    let (source, module) = (dir.path().join("f.c"), dir.path().join("f.wasm"));
    std::fs::write(&source, SOURCE).unwrap();
    let mut clang = Command::new(std::env::var_os("CLANG").unwrap_or_else(|| "clang".into()));
    clang.args(["--target=wasm32", "-O2", "-nostdlib", "-Wl,--no-entry", "-Wl,-z,stack-size=8192"]);
    for name in ["libsql_malloc", "reversed", "gcd", "hypotenuse"] {
        clang.arg(format!("-Wl,--export={name}"));
    }
    let ran = clang.arg("-o").arg(&module).arg(&source).output().map_err(|error| format!("clang: {error}"))?;
    if !ran.status.success() {
        return Err(String::from_utf8_lossy(&ran.stderr).into_owned());
    }
    Ok(std::fs::read(module).unwrap())
}

#[test]
fn what_clang_compiles_runs() {
    let wasm = match compiled() {
        Ok(wasm) => wasm,
        Err(reason) => return println!("skipped: clang does not compile for wasm32 here: {reason}"),
    };
    let db = Connection::open_in_memory().unwrap();
    for name in ["reversed", "gcd", "hypotenuse"] {
        db.execute_batch(&create_binary(name, "DETERMINISTIC TRUSTED", &wasm)).unwrap();
    }
    let call = |sql: &str| -> Value { db.query_row(sql, [], |row| row.get(0)).unwrap() };
    assert_eq!(call("SELECT reversed('Grus 42')"), Value::Text("24 SURG".into()));
    assert_eq!(call("SELECT reversed('')"), Value::Text("".into()));
    assert_eq!(call("SELECT reversed(zeroblob(1234))"), Value::Text("1234".into()));
    assert_eq!(call("SELECT reversed(x'')"), Value::Text("0".into()));
    assert_eq!(call("SELECT reversed(NULL)"), Value::Null);
    assert_eq!(call("SELECT gcd(2147483648*6, 2147483648*9)"), Value::Integer(2_147_483_648 * 3));
    assert_eq!(call("SELECT hypotenuse(3, 4.0)"), Value::Real(5.0));
    let rows = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM c WHERE i<500)";
    assert_eq!(
        call(&format!("{rows} SELECT count(*) FROM c WHERE reversed(reversed('N'||i))='N'||i AND gcd(i*7,i*11)=i")),
        Value::Integer(500)
    );
    db.execute_batch("CREATE TABLE t(a, r AS (reversed(a)) STORED); CREATE INDEX i ON t(reversed(a))").unwrap();
    db.execute_batch("INSERT INTO t VALUES('abc'),('xyz')").unwrap();
    assert_eq!(call("SELECT r FROM t INDEXED BY i WHERE reversed(a)='ZYX'"), Value::Text("ZYX".into()));
}
