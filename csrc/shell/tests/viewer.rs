//! `.excel`, `.www` and `.once -e`: results in other programs.

mod common;

use std::os::unix::fs::PermissionsExt;

use common::{Said, Shell};

/// Runs a script with an `xdg-open` that appends to `opened` what it is given: the end of the
/// name, the permissions, and the contents.
fn run(sh: &Shell, input: &str) -> Said {
    let opener = "#!/bin/sh\n{ echo \"${1##*.}\"; stat -c %a \"$1\"; cat \"$1\"; } >> opened\n";
    sh.write("xdg-open", opener);
    let file = sh.dir().join("xdg-open");
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o700)).expect("it can be executed");
    let mut command = sh.command(&[":memory:"]);
    let path = std::env::var("PATH").expect("there is a PATH");
    command.env("PATH", format!("{}:{path}", sh.dir().display())).env("TMPDIR", sh.dir());
    sh.run_command(command, input)
}

#[test]
fn the_environment_says_where_files_go() {
    let sh = Shell::new();
    let said = |set: &[&str]| {
        let mut command = sh.command(&[":memory:"]);
        command.env_remove("TMPDIR").env_remove("SQLITE_TMPDIR").env("PATH", "");
        for name in set {
            command.env(name, sh.dir());
        }
        let err = sh.run_command(command, ".excel\nSELECT 1;\n").err;
        let (_, file) = err.split_once("Failed: [xdg-open ").expect("the file");
        file.rsplit_once("/sqlite3-").expect("its name").0.to_owned()
    };
    let dir = sh.dir().display().to_string();
    assert_eq!(said(&["TMPDIR"]), dir);
    assert_eq!(said(&["SQLITE_TMPDIR"]), dir);
    assert_eq!(said(&[]), "/tmp");
}

#[test]
fn a_spreadsheet_gets_one_result_as_csv() {
    let sh = Shell::new();
    assert_eq!(run(&sh, ".excel\nSELECT 1, 'a,b';\nSELECT 2;\n"), Said::ok("2\n"));
    assert_eq!(sh.read("opened"), "csv\n600\n1,\"a,b\"\r\n");
}

#[test]
fn a_browser_gets_tables_or_plain_text() {
    let sh = Shell::new();
    let script = ".www\nSELECT '<b>' AS t;\n.www --bom --plain\nSELECT 'p<q';\n";
    assert_eq!(run(&sh, script), Said::ok(""));
    assert_eq!(
        sh.read("opened"),
        "html\n600\n<!DOCTYPE html>\n<HTML><BODY><PRE>\n</PRE>\n<TABLE border='1' cellspacing='0' cellpadding='2'>\n\
         <TR>\n<TH>t\n</TR>\n<TR>\n<TD>&lt;b&gt;\n</TR>\n</TABLE>\n<PRE>\n\
         html\n600\n\u{feff}<!DOCTYPE html>\n<BODY>\n<PLAINTEXT>\np<q\n"
    );
}

#[test]
fn an_editor_gets_everything_up_to_the_next_redirection() {
    let sh = Shell::new();
    let script =
        ".output -e\nSELECT 1;\n.print two\n.output\nSELECT 3;\n.once -x --bom\nSELECT 4;\n.output -x\nSELECT 5;\n";
    assert_eq!(run(&sh, script), Said::ok("3\n"));
    assert_eq!(sh.read("opened"), "txt\n600\n1\ntwo\ncsv\n600\n\u{feff}4\r\ncsv\n600\n5\r\n");
}

#[test]
fn what_cannot_be_opened_is_said() {
    let sh = Shell::new();
    let mut command = sh.command(&[":memory:"]);
    command.env("TMPDIR", sh.dir().join("none"));
    let said = sh.run_command(command, ".excel\nSELECT 1;\n");
    let error = "Error: cannot create a temporary .csv file; set TMPDIR to a directory for it\n";
    assert_eq!((said.out.as_str(), said.err.as_str()), ("1\n", error));

    let mut command = sh.command(&[":memory:"]);
    command.env("TMPDIR", sh.dir()).env("PATH", "");
    let said = sh.run_command(command, ".www\nSELECT 1;\n");
    assert!(said.err.contains("Failed: [xdg-open ") && said.out.is_empty(), "{said:?}");
    assert_eq!(std::fs::read_dir(sh.dir()).expect("a directory").count(), 0, "no file is left");

    assert!(sh.failing(".once -e -x\n").contains("incompatible with prior options"));
    assert!(sh.failing(".once -e file\n").contains("surplus argument"));
    assert!(sh.failing(".www -x\n").contains("unknown option"));
    for command in ["excel", "www", "once -e", "output -w"] {
        let said = sh.run(&["-safe", ":memory:"], &format!(".{command}\n"));
        let name = command.split(' ').next().expect("a word");
        assert_eq!(said, Said::failed(&format!("line 1: cannot run .{name} in safe mode\n")));
    }
}
