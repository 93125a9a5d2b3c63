//! SQL functions that the shell brings.

mod common;

use common::{Said, Shell};

#[test]
fn files_are_read_as_blobs() {
    let sh = Shell::new();
    sh.write("a.txt", "héllo\n");
    sh.write("empty", "");
    let script = "SELECT typeof(readfile('a.txt')), hex(readfile('a.txt')), quote(readfile('empty'));\n\
                  SELECT readfile('none') IS NULL, readfile('.') IS NULL, readfile(NULL) IS NULL;\n";
    assert_eq!(sh.script(script), "blob|68C3A96C6C6F0A|X''\n1|1|1\n");
    sh.write("long", &"x".repeat(31));
    let said = sh.run(&[":memory:"], ".limit length 30\nSELECT readfile('long');\n");
    assert!(said.err.contains("string or blob too big"), "{said:?}");
}

#[test]
fn files_directories_and_links_are_written() {
    let sh = Shell::new();
    std::os::unix::fs::symlink("old", sh.dir().join("l")).expect("a link");
    let script = "SELECT writefile('a.txt', 'text'), writefile('d/e/b.bin', x'00ff', 33152, 1000000000), writefile('none', NULL);\n\
                  SELECT writefile('f', '', 16877), writefile('f', '', 16877), writefile('l', 'a.txt', 40960);\n\
                  SELECT hex(readfile('l')), hex(readfile('d/e/b.bin')), quote(readfile('none'));\n";
    assert_eq!(sh.script(script), "4|2|0\n0|0|0\n74657874|00FF|X''\n");
    let file = std::fs::metadata(sh.dir().join("d/e/b.bin")).expect("the file");
    assert!(sh.dir().join("f").is_dir() && sh.dir().join("l").is_symlink());
    let modified = file.modified().expect("a time").duration_since(std::time::UNIX_EPOCH).expect("after 1970");
    assert_eq!(modified.as_secs(), 1_000_000_000);
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&file.permissions()) & 0o777, 0o600);
}

#[test]
fn what_cannot_be_written_is_an_error() {
    let sh = Shell::new();
    sh.write("a.txt", "");
    for (sql, error) in [
        ("writefile('a.txt/b', 'x')", "failed to write file: a.txt/b"),
        ("writefile('a.txt', '', 16877)", "failed to create directory: a.txt"),
        ("writefile('a.txt/b', 'x', 40960)", "failed to create symlink: a.txt/b"),
        ("writefile('a.txt')", "wrong number of arguments to function writefile()"),
    ] {
        assert!(sh.failing(&format!("SELECT {sql};\n")).contains(error), "{sql}");
    }
    let said = sh.run(&["-safe", ":memory:"], "SELECT writefile('b.txt', 'x');\n");
    assert_eq!(said, Said::failed("line 1: cannot use the writefile() function in safe mode\n"));
    let script = "CREATE TABLE t(a); INSERT INTO t VALUES('b.txt');\n\
                  CREATE VIEW v AS SELECT writefile(a, 'x') FROM t;\nSELECT * FROM v;\n";
    assert!(sh.failing(script).contains("unsafe use of writefile()"));
    assert!(!sh.dir().join("b.txt").exists());
}

#[test]
fn a_series_has_a_start_an_end_and_a_step() {
    let sh = Shell::new();
    let list = |from: &str| sh.script(&format!("SELECT group_concat(value, ' ') FROM {from};\n"));
    assert_eq!(list("generate_series(1,4)"), "1 2 3 4\n");
    assert_eq!(list("generate_series(1,10,4)"), "1 5 9\n");
    assert_eq!(list("generate_series(10,1,-4)"), "10 6 2\n");
    assert_eq!(list("generate_series(3,1)"), "\n");
    assert_eq!(list("generate_series(1,3,0)"), "1 2 3\n");
    assert_eq!(list("generate_series(1,NULL)"), "\n");
    assert_eq!(list("(SELECT value FROM generate_series(1,10,4) ORDER BY value DESC)"), "9 5 1\n");
    assert_eq!(list("(SELECT value FROM generate_series(10,1,-4) ORDER BY value)"), "2 6 10\n");
    assert_eq!(list("(SELECT value FROM generate_series(5) LIMIT 3)"), "5 6 7\n");
    assert_eq!(
        list("generate_series(-9223372036854775808, 9223372036854775807, 9223372036854775807)"),
        "-9223372036854775808 -1 9223372036854775806\n"
    );
    let script = "CREATE TABLE t(a, b); INSERT INTO t VALUES(1,2),(5,6);\n\
                  SELECT a, value, start, stop, step, g.rowid FROM t, generate_series(a,b) AS g;\n";
    assert_eq!(sh.script(script), "1|1|1|2|1|1\n1|2|1|2|1|2\n5|5|5|6|1|1\n5|6|5|6|1|2\n");
    assert!(sh.failing("SELECT * FROM generate_series;\n").contains("first argument to \"generate_series()\" missing"));
}

#[test]
fn regular_expressions_are_found_in_text() {
    let sh = Shell::new();
    let script = "SELECT 'Hello, wörld' REGEXP 'w.rld$', 'abc' REGEXP '^b', 'ABC' REGEXP 'b', regexpi('b', 'ABC'), 'x' REGEXP NULL;\n\
                  SELECT 12 REGEXP '\\d{2}', 'a.b' REGEXP 'a\\.b', x'61ff62' REGEXP 'a.b';\n\
                  SELECT group_concat(value) FROM generate_series(1,30) WHERE value REGEXP '^(1|2)[05]$';\n";
    assert_eq!(sh.script(script), "1|0|0|1|\n1|1|0\n10,15,20,25\n");
    assert!(sh.failing("SELECT 'x' REGEXP 'a(';\n").contains("a(: error: unclosed group"));
    assert!(sh.failing("SELECT 'x' REGEXP '(((a{1000}){1000}){1000})';\n").contains("size"));
}

#[test]
fn hashes_are_those_of_sha_3() {
    let sh = Shell::new();
    // The first two are FIPS 202's examples for no bits.
    let script = "SELECT lower(hex(sha3('',224))), lower(hex(sha3('')));\nSELECT hex(sha3('abc'))=hex(sha3(x'616263')), length(sha3('x',384)), length(sha3('x',512)), sha3(NULL) IS NULL;\n\
                  SELECT sha3_query('SELECT 1')=sha3('S8:SELECT 1R'||char(73,0,0,0,0,0,0,0,1)), length(sha3_query('VALUES(1.5,NULL,''x'',x''00'');SELECT 2',224));\n";
    assert_eq!(
        sh.script(script),
        "6b4e03423667dbb73b6e15454f0eb1abd4597f9a1b078e3f5b5a6bc7|\
         a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a\n1|48|64|1\n1|28\n"
    );
    assert!(sh.failing("SELECT sha3('x', 100);\n").contains("SHA3 size should be one of: 224 256 384 512"));
    assert!(sh.failing("SELECT sha3_query('CREATE TABLE t(a)');\n").contains("non-query: [CREATE TABLE t(a)]"));
    assert!(sh.failing("SELECT sha3_query('SELECT no');\n").contains("no such column: no"));
}

#[test]
fn floating_point_values_come_apart_and_together() {
    let sh = Shell::new();
    let script = "SELECT ieee754(47.49), ieee754(-4.0), ieee754(0.0), ieee754(4.9e-324), ieee754(9e999);\n\
                  SELECT ieee754_mantissa(0.1), ieee754_exponent(0.1), ieee754(6683623321994527,-47), ieee754(1,5000), ieee754(NULL) IS NULL;\n\
                  SELECT hex(ieee754_to_blob(1.0)), ieee754_from_blob(x'3ff0000000000000'), ieee754(x'4000000000000000'), ieee754_from_blob('x') IS NULL;\n";
    assert_eq!(
        sh.script(script),
        "ieee754(6683623321994527,-47)|ieee754(-4,0)|ieee754(0,0)|ieee754(1,-1074)|ieee754(1,1024)\n\
         3602879701896397|-55|47.49|Inf|1\n3FF0000000000000|1.0|ieee754(2,0)|1\n"
    );
}

#[test]
fn blobs_become_text_and_come_back() {
    let sh = Shell::new();
    let script = "SELECT quote(base64(x'')), base64(x'66'), base64(CAST('foobar' AS BLOB)), CAST(base64('Zm9v YmE=') AS TEXT);\n\
                  SELECT count(*) FROM generate_series(0, 300) WHERE base64(base64(zeroblob(value))) IS NOT zeroblob(value);\n";
    assert_eq!(sh.script(script), "''|Zg==\n|Zm9vYmFy\n|fooba\n0\n");
    let script = "WITH b(x) AS MATERIALIZED (SELECT randomblob(value) FROM generate_series(0, 300)) SELECT count(*), sum(base64(base64(x))=x), sum(base85(base85(x))=x),\n\
                  sum(length(base85(x)) <= 1 + length(x) + length(x)/4 + 1 + length(x)/64) FROM b;\n";
    assert_eq!(sh.script(script), "301|301|301|301\n");
    assert_eq!(
        sh.script(
            "SELECT max(length(value)) FROM json_each('[\"'||replace(base64(zeroblob(500)),char(10),'\",\"')||'\"]');\n"
        ),
        "72\n"
    );
    assert!(sh.failing("SELECT base64(1);\n").contains("base64 accepts only blob or text"));
    assert!(sh.failing("SELECT base85(zeroblob(2000000000));\n").contains("too big"));
}

#[test]
fn decimal_numbers_are_of_any_length() {
    let sh = Shell::new();
    let script = "SELECT decimal('+0001.0'), decimal('-0000.0'), decimal('1.0e22'), decimal('1.0e-12'), decimal('-123e-4'), decimal('x1.2.3y'), decimal('');\n\
                  SELECT decimal(0.1), decimal(-1.5), decimal(x'3ff8000000000000'), decimal(9e999) IS NULL, decimal(x'00') IS NULL, decimal(NULL) IS NULL;\n\
                  SELECT decimal('899999999999999',14), decimal('999.999',3), decimal('0.0999',1), decimal_exp('+123e+4'), decimal_exp('1000.00',5), decimal_exp('-0.00120'), decimal_exp(0);\n\
                  SELECT decimal_add('9999999999999999999', 1), decimal_add('1.50','-0.25'), decimal_sub(1, '1.0000000000000000000001'), decimal_sub('0.5', -2);\n\
                  SELECT decimal_mul('1234.00','2.0000'), decimal_mul('12345678901234567890','-98765432109876543210'), decimal_mul('0.5','0.5');\n\
                  SELECT decimal_pow2(10), decimal_pow2(-3), decimal_pow2(1.5) IS NULL, length(decimal('1e9999998'));\n\
                  SELECT decimal_add(NULL, 1) IS NULL, decimal_sub(1, NULL) IS NULL, decimal_mul(1, NULL) IS NULL, decimal_cmp(NULL, 1) IS NULL;\n";
    let expected = "1.0|0.0|10000000000000000000000|0.0000000000010|-0.0123|12.3|0\n\
                    0.1000000000000000055511151231257827021181583404541015625|-1.5|1.5|1|1|1\n\
                    900000000000000|1000.000|0.1000|+1.23e+06|+1.0000e+03|-1.2e-03|+0.0e+00\n\
                    10000000000000000000|1.25|-0.0000000000000000000001|2.5\n\
                    2468.00|-1219326311370217952237463801111263526900|0.25\n\
                    +1.024e+03|+1.25e-01|1|9999999\n1|1|1|1\n";
    assert_eq!(sh.script(script), expected);
    for sql in [
        "decimal('1e1000000000')",
        "decimal('1e-99999999999999999999')",
        "decimal_pow2(20001)",
        "decimal_mul('1e6000000', '1e6000000')",
    ] {
        assert!(sh.failing(&format!("SELECT {sql};\n")).contains("string or blob too big"), "{sql}");
    }
}

#[test]
fn decimal_numbers_have_an_order_and_a_sum() {
    let sh = Shell::new();
    let script = "CREATE TABLE t(v TEXT); INSERT INTO t VALUES('99e+9'),('1'),('-1'),('-9999e9'),('1.00000000000000001'),('0'),('1e-9'),('-0.5e-3');\n\
                  SELECT group_concat(v,' ') FROM (SELECT v FROM t ORDER BY v COLLATE decimal);\n\
                  SELECT decimal_cmp('0.05','5e-2'), decimal_cmp('-00.0','0'), decimal_cmp('-2','1'), decimal_cmp(10,'9.99'), decimal_cmp('-10',-9);\n\
                  SELECT decimal_sum(v) FROM t; SELECT decimal_sum(v) FROM t WHERE 0; SELECT decimal_sum(NULL);\n\
                  SELECT group_concat(s,' ') FROM (SELECT decimal_sum(column1) OVER (ROWS 1 PRECEDING) AS s FROM (VALUES('1.5'),(NULL),('2.25'),(-3),('0.75')));\n";
    let expected = "-9999e9 -1 -0.5e-3 0 1e-9 1 1.00000000000000001 99e+9\n0|0|-1|1|-1\n\
                    -9899999999999.00049999899999999\n\n0\n1.5 1.5 2.25 -0.75 -2.25\n";
    assert_eq!(sh.script(script), expected);
}

#[test]
fn numbers_within_text_have_an_order() {
    let sh = Shell::new();
    let script = "SELECT group_concat(v,' ') FROM (SELECT column1 AS v FROM (VALUES('x10'),('x9y'),('x009'),('a'),('x10a'),('9'),('08'),('x99999999999999999999'),('xa')) ORDER BY v COLLATE uint);\n\
                  SELECT 'a0010' COLLATE uint = 'a10', 'a10' COLLATE uint = 'a100';\n";
    assert_eq!(sh.script(script), "08 9 a x009 x9y x10 x10a x99999999999999999999 xa\n1|0\n");
}

#[test]
fn statistics_know_the_middle() {
    let sh = Shell::new();
    let script = "SELECT median(column1), percentile(column1, 25), percentile_cont(column1, 0.75), percentile_disc(column1, 0.5) FROM (VALUES(1),(2),(4),(9));\n";
    assert_eq!(sh.script(script), "3.0|1.75|5.25|2.0\n");
}

#[test]
fn scripts_that_test_have_functions_of_their_own() {
    let sh = Shell::new();
    let script = "SELECT strdup(x'6162') || strdup(12), strdup(NULL) IS NULL, strtod('1.5e3x'), dtostr(0.1), dtostr(1e300, 3), usleep(1000), shell_putsnl('said');\n\
                  CREATE TABLE t AS SELECT stmtrand(7) AS r FROM generate_series(1,5);\n\
                  SELECT group_concat(r)=(SELECT group_concat(stmtrand(7)) FROM generate_series(1,5)), min(r)>=0, count(DISTINCT r) FROM t;\n";
    assert_eq!(
        sh.script(script),
        "said\nab12|1|1500.0|+1.00000000000000005551115123e-01|+1.000e+300|1000|said\n1|1|5\n"
    );
}

#[test]
fn values_are_changed_in_an_editor() {
    let sh = Shell::new();
    let mut command = sh.command(&[":memory:"]);
    command.env("TMPDIR", sh.dir()).env("VISUAL", "sed -i s/b/x/").env("EDITOR", "false");
    let script = "SELECT edit('abc'), edit('a' || char(13,10) || 'b' || char(13,10)), quote(edit(x'00ff', 'printf 1 >>')), edit(NULL) IS NULL, edit('', 'true');\n\
                  SELECT edit('abc', 'false');\n";
    let said = sh.run_command(command, script);
    assert_eq!(said.out, "axc|a\r\nx\r\n|X'00FF31'|1|\n");
    assert!(said.err.contains("EDITOR returned non-zero"), "{said:?}");
    assert_eq!(std::fs::read_dir(sh.dir()).expect("a directory").count(), 0, "no file is left");

    let mut command = sh.command(&[":memory:"]);
    command.env_remove("VISUAL").env_remove("EDITOR");
    assert!(sh.run_command(command, "SELECT edit('abc');\n").err.contains("no editor for edit()"));
    let said = sh.run(&["-safe", ":memory:"], "SELECT edit('abc', 'true');\n");
    assert_eq!(said, Said::failed("line 1: cannot use the edit() function in safe mode\n"));
}

#[test]
fn an_unfinished_word_has_candidates() {
    let sh = Shell::new();
    let schema = "CREATE TABLE \"my table\"(\"my col\", other);\nCREATE VIEW broken AS SELECT * FROM none;\n\
                  CREATE VIEW v AS SELECT other AS my_view_col FROM \"my table\";\nATTACH ':memory:' AS mydb;\n";
    let list =
        |from: &str| sh.script(&format!("{schema}SELECT group_concat(candidate || ' ' || phase, ',') FROM {from};\n"));
    assert_eq!(list("completion('MY')"), "mydb 7,my table 8,my col 9,my_view_col 9\n");
    assert_eq!(list("completion('selec')"), "SELECT 1\n");
    assert_eq!(list("completion(NULL, 'SELECT x FRO')"), "FROM 1\n");
    assert_eq!(list("completion('', 'SELECT \"my t')"), "my table 8\n");
    assert_eq!(list("completion('wal_checkp')"), "wal_checkpoint 2\n");
    assert_eq!(list("completion('group_conc')"), "group_concat 3\n");
    assert_eq!(list("completion('rtri') WHERE phase=4"), "RTRIM 4\n");
    assert_eq!(list("completion('generate_s')"), "generate_series 10\n");
    assert_eq!(sh.script("SELECT prefix, wholeline FROM completion('selec','x');\n"), "selec|x\n");
    assert_eq!(sh.script("SELECT count(*) > 200, count(DISTINCT phase) FROM completion;\n"), "1|6\n");
}

#[test]
fn sha_1_is_known_as_well() {
    let sh = Shell::new();
    // The first is an example of FIPS 180.
    let script = "SELECT sha1('abc'), sha1(x'616263')=sha1('abc'), lower(hex(sha1b('abc')))=sha1('abc'), sha1(NULL) IS NULL, length(sha1b(''));\n\
                  SELECT sha1_query('SELECT 1')=sha1('S8:SELECT 1R'||char(73,0,0,0,0,0,0,0,1));\n";
    assert_eq!(sh.script(script), "a9993e364706816aba3e25717850c26c9cd0d89d|1|1|1|20\n1\n");
    assert!(sh.failing("SELECT sha1_query('CREATE TABLE t(a)');\n").contains("non-query: [CREATE TABLE t(a)]"));
}

#[test]
fn decimals_are_rounded_to_any_number_of_digits() {
    let sh = Shell::new();
    assert_eq!(sh.script("SELECT decimal('0.001', 2147483647), decimal('0.0126', 2);\n"), "0.001|0.0130\n");
}

#[test]
fn queries_that_hash_themselves_end() {
    let sh = Shell::new();
    let script =
        "CREATE TABLE q(s); INSERT INTO q VALUES('SELECT sha3_query(s) FROM q');\nSELECT sha3_query(s) FROM q;\n";
    let said = sh.failing(script);
    assert!(said.contains("nested more than 25 deep"), "{said}");
    assert_eq!(sh.script("SELECT length(sha3_query('SELECT sha1_query(''SELECT 1'')'));\n"), "32\n");
}

#[test]
fn an_editor_gets_the_name_of_the_file_whatever_is_in_it() {
    let sh = Shell::new();
    let dir = sh.dir().join("a $(echo b) \"c");
    std::fs::create_dir(&dir).expect("a directory");
    let mut command = sh.command(&[":memory:"]);
    command.env("TMPDIR", &dir).env("SQLITE_TMPDIR", &dir);
    let said = sh.run_command(command, "SELECT edit('abc', 'printf def >');\n");
    assert_eq!(said, Said::ok("def\n"));
}
