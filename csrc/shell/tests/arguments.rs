//! What does the command line mean?

mod common;

use common::{Said, Shell};

#[test]
fn sql_arguments_run_in_place_of_stdin() {
    let sh = Shell::new();
    assert_eq!(sh.run(&[":memory:", "SELECT 1+2", "SELECT 'x';SELECT 'y'"], "SELECT 'stdin';"), Said::ok("3\nx\ny\n"));
}

#[test]
fn dot_commands_can_be_arguments() {
    let sh = Shell::new();
    assert_eq!(sh.run(&[":memory:", ".print a b", ".mode csv", "SELECT 1,'b c'"], ""), Said::ok("a b\n1,\"b c\"\r\n"));
}

#[test]
fn a_failing_argument_ends_the_run_and_tells_its_position() {
    let sh = Shell::new();
    assert_eq!(
        sh.run(&[":memory:", "CREATE TABLE", "SELECT 1"], ""),
        Said::failed("Parse error in 3rd command line argument: incomplete input\n")
    );
}

#[test]
fn an_unknown_option_is_refused() {
    let sh = Shell::new();
    for option in ["-bad", "--bad"] {
        let said = sh.run(&["x.db", option], "");
        assert_eq!(said.code, 1);
        assert!(
            said.err.ends_with(": Error: unknown option: -bad\nUse -help for a list of options.\n"),
            "{}",
            said.err
        );
    }
    assert!(!sh.dir().join("x.db").exists());
}

#[test]
fn an_option_needs_its_argument() {
    let sh = Shell::new();
    let said = sh.run(&["-separator"], "");
    assert_eq!(said.code, 1);
    assert!(said.err.ends_with(": Error: missing argument to -separator\n"), "{}", said.err);
}

#[test]
fn version_is_that_of_the_library() {
    let sh = Shell::new();
    let library = sh.script("SELECT sqlite_version()||' '||sqlite_source_id();");
    assert_eq!(sh.run(&["--version"], ""), Said::ok(&format!("{} (64-bit)\n", library.trim_end())));
}

#[test]
fn help_goes_to_stderr() {
    let sh = Shell::new();
    let said = sh.run(&["-help"], "");
    assert_eq!((said.code, said.out.as_str()), (0, ""));
    for text in ["Usage: ", "[OPTIONS] [FILENAME [SQL...]]", "-init FILE", "-version"] {
        assert!(said.err.contains(text), "{text} is not in {}", said.err);
    }
}

#[test]
fn modes_headers_and_separators_are_options() {
    let sh = Shell::new();
    let query = "SELECT 1 AS a, NULL AS b, 'x y' AS c;";
    let run = |args: &[&str]| {
        let mut all = vec![":memory:"];
        all.extend_from_slice(args);
        let said = sh.run(&all, query);
        assert_eq!((said.code, said.err.as_str()), (0, ""));
        said.out
    };
    assert_eq!(run(&[]), "1||x y\n");
    assert_eq!(run(&["-header"]), "a|b|c\n1||x y\n");
    assert_eq!(run(&["-csv", "--header"]), "a,b,c\r\n1,,\"x y\"\r\n");
    assert_eq!(run(&["-column"]), "a  b   c\n-  -  ---\n1     x y\n");
    assert_eq!(run(&["-column", "-noheader"]), "1    x y\n");
    assert_eq!(run(&["-separator", "; ", "-newline", "!\n", "-nullvalue", "nil"]), "1; nil; x y!\n");
    assert_eq!(run(&["-line"]), "a: 1\nb: \nc: x y\n");
    assert_eq!(run(&["-json"]), "[{\"a\":1,\"b\":null,\"c\":\"x y\"}]\n");
    assert_eq!(run(&["-quote"]), "1,NULL,'x y'\n");
    assert_eq!(run(&["-tabs"]), "1\t\t\"x y\"\n");
}

#[test]
fn cmd_runs_before_everything_else() {
    let sh = Shell::new();
    assert_eq!(sh.run(&["-cmd", "CREATE TABLE t(a)", "-cmd", ".headers on", ":memory:"], ".tables"), Said::ok("t\n"));
    assert_eq!(sh.run(&["-cmd", ".quit", ":memory:"], "SELECT 1;"), Said::ok(""));
}

#[test]
fn init_runs_a_script_first() {
    let sh = Shell::new();
    sh.write("start", ".headers on\nSELECT 'started' AS s;\n");
    assert_eq!(sh.run(&["-init", "start", ":memory:"], "SELECT 1 AS x;"), Said::ok("s\nstarted\nx\n1\n"));
    let missing = sh.run(&["-init", "nowhere", ":memory:"], "SELECT 1;");
    assert_eq!(missing, Said { code: 0, out: "1\n".into(), err: "cannot open: \"nowhere\"\n".into() });
    assert_eq!(sh.run(&["-bail", "-init", "nowhere", ":memory:"], "SELECT 1;").code, 1);
}

#[test]
fn bail_stops_a_script_at_the_first_error() {
    let sh = Shell::new();
    let script = "SELECT 1;\nSELECT nope;\nSELECT 2;\n";
    let error = "Parse error near line 2: no such column: nope\n  SELECT nope;\n         ^--- error here\n";
    assert_eq!(sh.run(&[":memory:"], script), Said { code: 1, out: "1\n2\n".into(), err: error.into() });
    assert_eq!(sh.run(&["-bail", ":memory:"], script), Said { code: 1, out: "1\n".into(), err: error.into() });
}

#[test]
fn echo_repeats_each_input() {
    let sh = Shell::new();
    assert_eq!(sh.run(&["-echo", ":memory:"], "SELECT\n 1;\n.print x\n"), Said::ok("SELECT\n 1;\n1\n.print x\nx\n"));
}

#[test]
fn readonly_does_not_write() {
    let sh = Shell::new();
    assert_eq!(sh.run(&["x.db", "CREATE TABLE t(a)"], ""), Said::ok(""));
    let said = sh.run(&["-readonly", "x.db"], "INSERT INTO t VALUES(1);");
    assert_eq!(said, Said::failed("Error near line 1: attempt to write a readonly database\n"));
    let missing = sh.run(&["-readonly", "y.db", "SELECT 1"], "");
    assert_eq!(missing, Said::failed("Error: unable to open database \"y.db\": unable to open database file\n"));
}

#[test]
fn no_file_is_created_before_it_is_needed() {
    let sh = Shell::new();
    assert_eq!(sh.run(&["typo.db"], ".print nothing\n"), Said::ok("nothing\n"));
    assert!(!sh.dir().join("typo.db").exists());
}

#[test]
fn what_follows_two_dashes_is_no_option() {
    let sh = Shell::new();
    assert_eq!(sh.run(&["--", "--db", "CREATE TABLE t(a)"], ""), Said::ok(""));
    assert!(sh.dir().join("--db").exists());
    assert_eq!(sh.run(&["--", "--db", ".tables"], ""), Said::ok("t\n"));
}

#[test]
fn a_script_file_can_be_an_argument() {
    let sh = Shell::new();
    sh.write("s.sql", "SELECT 'from s.sql';\n");
    assert_eq!(sh.run(&["s.sql"], ""), Said::ok("from s.sql\n"));
    assert_eq!(sh.run(&[":memory:", "SELECT 1", "s.sql"], ""), Said::ok("1\nfrom s.sql\n"));
}

#[test]
fn a_uri_is_a_file_name() {
    let sh = Shell::new();
    assert_eq!(sh.run(&["x.db", "CREATE TABLE t(a)"], ""), Said::ok(""));
    let said = sh.run(&["file:x.db?mode=ro"], "SELECT count(*) FROM t; INSERT INTO t VALUES(1);");
    assert_eq!((said.code, said.out.as_str()), (1, "0\n"));
    assert_eq!(said.err, "Error near line 1: attempt to write a readonly database\n");
}

#[test]
fn interactive_shows_a_banner_even_without_a_terminal() {
    let sh = Shell::new();
    let said = sh.run(&["-interactive", ":memory:"], ".quit\n");
    assert_eq!(said.code, 0);
    assert!(said.out.starts_with("SQLite version 3."), "{}", said.out);
    assert!(said.out.contains("\nEnter \".help\" for usage hints.\n"), "{}", said.out);
}

#[test]
fn safe_mode_refuses_to_reach_outside() {
    let sh = Shell::new();
    let safe = |input: &str| sh.run(&["-safe", ":memory:"], input);
    assert_eq!(safe(".read x\n"), Said::failed("line 1: cannot run .read in safe mode\n"));
    assert_eq!(safe("\nATTACH 'x.db' AS x;\n"), Said::failed("line 2: cannot run ATTACH in safe mode\n"));
    assert_eq!(safe(".output x\n"), Said::failed("line 1: cannot run .output in safe mode\n"));
    assert_eq!(safe(".open x.db\n"), Said::failed("line 1: cannot open disk-based database files in safe mode\n"));
}

#[test]
fn an_unknown_vfs_is_refused() {
    let sh = Shell::new();
    assert_eq!(sh.run(&["-vfs", "nope", ":memory:"], ""), Said::failed("no such VFS: \"nope\"\n"));
}

#[test]
fn statistics_can_be_on_from_the_start() {
    let sh = Shell::new();
    let said = sh.run(&["-stats", ":memory:"], ".show\n").out;
    assert!(said.contains("       stats: on\n"), "{said}");
}

#[test]
fn calls_of_the_vfs_are_shown_among_the_results() {
    let sh = Shell::new();
    let said = sh.run(&["-vfstrace", "a.db", "CREATE TABLE t(a); INSERT INTO t VALUES(1);", ".vfsname"], "");
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert!(said.out.starts_with("trace.enabled_for(\"unix\")\n"), "{said:?}");
    for line in [
        "trace.xOpen(a.db,flags=0x106) -> SQLITE_OK, outFlags=0x106",
        "trace.xRead(a.db,n=100,ofst=0) -> SQLITE_IOERR_SHORT_READ",
        "trace.xLock(a.db,RESERVED) -> SQLITE_OK",
        "trace.xWrite(a.db,n=4096,ofst=4096) -> SQLITE_OK",
        "trace.xSync(a.db,NORMAL) -> 0",
        "trace.xFileControl(a.db,VFSNAME) -> SQLITE_OK, vfstrace.trace/unix",
        "vfstrace.trace/unix",
        "trace.xClose(a.db) -> SQLITE_OK",
    ] {
        assert!(said.out.lines().any(|l| l == line), "{line} is not in {}", said.out);
    }
    let pragma = "PRAGMA vfstrace('-all,+Lock,xUnlock'); SELECT a FROM t; PRAGMA vfstrace(0);";
    let said = sh.run(&["-vfstrace", "a.db", pragma], "");
    let behind = said.out.split("PRAGMA,[vfstrace,").nth(1).expect("the pragma is shown");
    let lines: Vec<&str> = behind.lines().skip(1).collect();
    let query = ["trace.xLock(a.db,SHARED) -> SQLITE_OK", "1", "trace.xUnlock(a.db,NONE) -> SQLITE_OK"];
    assert!(lines.windows(3).any(|l| l == query), "{said:?}");
    assert!(!lines.last().expect("a line").contains("xClose"), "{said:?}");
}

#[test]
fn memory_and_page_cache_are_traced() {
    let sh = Shell::new();
    let said = sh.run(&[":memory:", "-memtrace", "SELECT zeroblob(40000) IS NULL;"], "");
    assert_eq!(said.out, "0\n");
    assert!(
        said.err.lines().all(|l| l.starts_with("MEMTRACE: ")) && said.err.contains("MEMTRACE: allocate "),
        "{said:?}"
    );
    let said = sh.run(&["-pcachetrace", ":memory:", "CREATE TABLE t(a);"], "");
    assert!(said.err.lines().all(|l| l.starts_with("PCACHETRACE: x")), "{said:?}");
    assert!(said.err.contains("PCACHETRACE: xFetch(") && said.err.contains("PCACHETRACE: xDestroy("), "{said:?}");
}

#[test]
fn sqlite_is_configured_wherever_the_option_stands() {
    let sh = Shell::new();
    let count = |label: &str, args: &[&str]| {
        let said = sh.run(&[&["a.db"], args, &["SELECT 1;", ".stats"]].concat(), "");
        let line = said.out.lines().find(|l| l.starts_with(label)).expect("a counter").to_owned();
        line[label.len()..].trim().split(' ').next().expect("a number").parse::<i64>().expect("a number")
    };
    assert!(count("Successful lookaside attempts:", &[]) > 0);
    assert_eq!(count("Successful lookaside attempts:", &["-lookaside", "0", "0"]), 0);
    let said = sh.run(&["a.db", "-pagecache", "4096", "20", "SELECT 1;"], "");
    assert!(said.out.starts_with("Page cache size increased to ") && said.out.ends_with("1\n"), "{said:?}");
    for mode in ["0", "1", "2"] {
        assert_eq!(sh.run(&["a.db", "-threadsafe", mode, "SELECT 2;"], ""), Said::ok("2\n"));
    }
    let ignored = ["-heap", "1000", "-utf8", "-no-utf8", "-scanstats", "a.db", "SELECT 3;"];
    assert_eq!(sh.run(&ignored, ""), Said::ok("3\n"));
    assert!(sh.run(&["-lookaside", "100"], "").err.ends_with("Error: missing argument to -lookaside\n"));
    let view = "CREATE VIEW v AS SELECT 1 AS a; SELECT rowid FROM v;";
    assert!(sh.run(&["-no-rowid-in-view", ":memory:", view], "").err.contains("no such column: rowid"));
}

#[test]
fn plans_come_first_and_testing_is_unsafe_on_demand() {
    let sh = Shell::new();
    assert_eq!(sh.run(&["-eqp", ":memory:", "SELECT 1;"], ""), Said::ok("QUERY PLAN\n`--SCAN CONSTANT ROW\n1\n"));
    assert!(sh.run(&["-eqpfull", ":memory:", "SELECT 1;"], "").out.contains("Halt"));
    let sql = "CREATE TABLE t(a); PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql='CREATE TABLE t(b)';";
    assert!(sh.run(&[":memory:", sql], "").err.contains("may not be modified"));
    assert_eq!(sh.run(&["-unsafe-testing", ":memory:", sql], ""), Said::ok(""));
}
