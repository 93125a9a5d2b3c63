//! What may differ, and why.

use crate::Said;

/// A difference that is accepted.
pub struct Rule {
    /// Names of scripts; `*` stands for anything.
    pub scripts: &'static [&'static str],
    /// Why they differ. `docs/shell-differences.md` lists it.
    pub reason: &'static str,
    /// Takes the difference, and as little else as possible, out of what the system's shell and ours have said.
    pub relate: fn(&mut Said, &mut Said),
}

impl Rule {
    pub fn is_about(&self, name: &str) -> bool {
        self.scripts.iter().any(|pattern| matches(pattern, name))
    }
}

/// Whether `name` is of the form `pattern`.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|tail| {
            tail.char_indices().map(|(i, _)| i).chain([tail.len()]).any(|i| matches(rest, &tail[i..]))
        }),
    }
}

const TABLES: &[&str] = &["mode/box/*", "mode/column/*", "mode/table/*", "mode/markdown/*"];

/// What may differ. Rules apply from the first to the last: those behind build on what those before have made of it.
pub const RULES: &[Rule] = &[
    Rule {
        scripts: &["*"],
        reason: "3.40.1 begins messages about statements that fail while they run with \"Runtime error\" and ends some of them with the result code; since 3.53 they come from the query result formatter and have neither.",
        relate: |system, _| {
            system.err = lines(&system.err, |line| match line.strip_prefix("Runtime error ") {
                Some(rest) => format!("Error {}", without_code(rest)),
                None => line.to_owned(),
            });
        },
    },
    Rule {
        scripts: &["error/argument/*", "arguments/*", "command/argument/*"],
        reason: "3.40.1 says \"Error: in prepare\" or \"Error: stepping\" of SQL on the command line, and exits with the result code; 3.54.1 says which argument it was, as it says the line in a script, and exits with 1.",
        relate: |system, ours| {
            system.err = lines(&system.err, |line| {
                if let Some(rest) = line.strip_prefix("Error: in prepare, ") {
                    format!("Parse error: {rest}")
                } else if let Some(rest) = line.strip_prefix("Error: stepping, ") {
                    format!("Error: {}", without_code(rest))
                } else {
                    line.to_owned()
                }
            });
            ours.err = lines(&ours.err, |line| {
                match line.split_once(" in ").filter(|_| line.contains(" command line argument: ")) {
                    Some((kind, rest)) => {
                        format!("{kind}: {}", rest.split_once(" argument: ").map_or(rest, |(_, rest)| rest))
                    }
                    None => line.to_owned(),
                }
            });
            if !system.err.is_empty() {
                system.code = system.code.map(|code| code.min(1));
            }
        },
    },
    Rule {
        scripts: &["*"],
        reason: "3.54.1 names the file that a message is about: \"near line 3 of FILE\".",
        relate: |_, ours| {
            for name in ["s.sql", "bad.sql"] {
                ours.err = ours.err.replace(&format!(" of {name}: "), ": ");
                ours.err = ours.err.replace(&format!("{name}: Input nesting"), "Input nesting");
            }
        },
    },
    Rule {
        scripts: &["*"],
        reason: "Floating point values have 17 significant digits where 3.40.1 has 15, and no more than are needed where it has up to 20 (3.52).",
        relate: |system, ours| {
            for said in [system, ours] {
                said.out = rounded(&said.out);
            }
        },
    },
    Rule {
        scripts: &["mode/*", "dump/*", "import/*", "option/*"],
        reason: "SQL literals of text with control characters are written with unistr(), which is newer than 3.40.1, rather than with replace(), char() or as they are (3.50).",
        relate: |system, ours| {
            system.out = decoded_replace(&system.out);
            ours.out = decoded_unistr(&ours.out);
        },
    },
    Rule {
        scripts: &["mode/*", "dump/*"],
        reason: "Blobs are written as x'…', not X'…' (3.53).",
        relate: |system, _| system.out = system.out.replace("X'", "x'"),
    },
    Rule {
        scripts: &["mode/ascii/*", "mode/csv/*", "mode/html/*", "mode/line/*", "mode/list/*", "mode/tabs/*"],
        reason: "Control characters other than tabs and line ends are shown as ^X unless .mode --escape off says otherwise (3.50).",
        relate: |system, _| {
            system.out = system.out.chars().fold(String::new(), |mut text, c| {
                if c < ' ' && !matches!(c, '\t' | '\n' | '\r' | '\u{1e}' | '\u{1f}') {
                    text.push('^');
                    text.push(char::from(b'@' + c as u8));
                } else {
                    text.push(c);
                }
                text
            });
        },
    },
    Rule {
        scripts: &["mode/*"],
        reason: "The zero bytes of a blob are written as well where nothing but its bytes is shown (3.54).",
        relate: |_, ours| ours.out = ours.out.replace('\0', ""),
    },
    Rule {
        scripts: &["mode/*/separator/*", "command/*/.print *"],
        reason: "Backslash escapes count in \"double quotes\" only: \\n without quotes is two characters.",
        relate: |_, ours| {
            ours.out = ours.out.replace("!\\n", "!\n").replace("f\\n", "f\n");
        },
    },
    Rule {
        scripts: &["mode/insert/*"],
        reason: "Mode insert without a table name writes to tab, not to \"table\" (3.53).",
        relate: |system, _| system.out = system.out.replace("INTO \"table\"", "INTO tab"),
    },
    Rule {
        scripts: &["mode/html/*", "setting/.mode html*", "arguments/-html *"],
        reason: "Mode html has a line for each tag, no closing tags of cells, titles unless they are switched off, and null for NULL (3.53).",
        relate: |system, ours| {
            system.out = system.out.replace("</TD>", "").replace("</TH>", "").replace("<TR><T", "<TR>\n<T");
            system.out = system.out.replace("<TD>NIL\n", "<TD>\n");
            ours.out = ours.out.replace("<TD>null\n", "<TD>\n");
            if !system.out.contains("<TH>") {
                ours.out = without_lines(&ours.out, |line| line.starts_with("<TH>")).replace("<TR>\n</TR>\n", "");
            }
        },
    },
    Rule {
        scripts: &["mode/line/*", "setting/.mode line*", "arguments/-line *"],
        reason: "Mode line has a colon or what .separator says for an equal sign, titles no wider than need be, an empty line before each row but the first, and later lines of a value indented (3.53).",
        relate: |system, ours| {
            let plain = |text: &str| {
                text.lines()
                    .filter(|line| !line.trim_matches('!').is_empty())
                    .map(|line| line.trim_start().trim_end_matches('!').replacen(" = ", ":", 1))
                    .collect::<Vec<_>>()
                    .join("\n")
            };
            system.out = plain(&system.out.replace(" -> ", " = "));
            ours.out = plain(&ours.out.replace(": ", " = ").replace(" -> ", " = ").replace(';', " = "));
        },
    },
    Rule {
        scripts: &["mode/tabs/*", "import/*"],
        reason: "Mode tabs quotes values as CSV does where that is needed (3.53).",
        relate: |system, ours| {
            for said in [system, ours] {
                said.out = said.out.replace("\"\"", "\"").replace('"', "");
            }
        },
    },
    Rule {
        scripts: &["mode/tcl/*", "setting/.mode tcl*"],
        reason: "Mode tcl quotes text only, leaves what is not ASCII as it is, and writes every byte of a blob as an octal number (3.53).",
        relate: |system, ours| {
            for said in [system, ours] {
                said.out = decoded_octal(&said.out).replace('"', "");
            }
        },
    },
    Rule {
        scripts: &["mode/json/*"],
        reason: "Mode json writes every byte of a blob as \\u00XX (3.53).",
        relate: |system, ours| {
            for said in [system, ours] {
                said.out = decoded_json(&said.out);
            }
        },
    },
    Rule {
        scripts: &[
            "mode/box/*",
            "mode/column/*",
            "mode/table/*",
            "mode/markdown/*",
            "option/*",
            "arguments/-box *",
            "arguments/-column *",
            "setting/.width*",
        ],
        reason: "Tables have other lines, numbers at the right, titles in the middle, and no spaces at the end of a line (3.53).",
        relate: |system, ours| {
            for said in [system, ours] {
                said.out = table_words(&said.out);
            }
        },
    },
    Rule {
        scripts: TABLES,
        reason: "Tables show their titles even if there are no rows, unless .headers on asks for titles above rows (3.54).",
        relate: |system, ours| {
            if system.out.is_empty() && ours.out == "a b" {
                ours.out.clear();
            }
        },
    },
    Rule {
        scripts: &["mode/box/no headers/*", "mode/table/no headers/*", "mode/markdown/no headers/*"],
        reason: "Modes box, table and markdown have no titles after .headers off (3.53).",
        relate: |system, _| system.out = without_title(&system.out),
    },
    Rule {
        scripts: &["arguments/-column *"],
        reason: "The option -column shows titles as .mode column does (3.53).",
        relate: |_, ours| ours.out = without_title(&ours.out),
    },
    Rule {
        scripts: &["mode/box/*", "mode/column/*", "mode/table/*", "mode/markdown/*"],
        reason: "3.40.1 ends a line of a table at a control character, which it leaves out.",
        relate: |system, ours| {
            for c in ['A', 'G', '['] {
                ours.out = ours.out.replace(&format!("^{c}"), "");
            }
            for said in [system, ours] {
                said.out = letters(&said.out);
            }
        },
    },
    Rule {
        scripts: &["mode/*/*/long", "option/*"],
        reason: "Values in tables are not cut to lines of 60 characters; with --wrap or .width, lines are broken between words unless --wordwrap off says otherwise (3.53).",
        relate: |system, ours| {
            for said in [system, ours] {
                said.out = letters(&said.out);
            }
        },
    },
    Rule {
        scripts: &["import/*"],
        reason: ".import creates tables without types of columns, so that text stays text (3.53); -v says so, and which separators there are.",
        relate: |system, ours| {
            ours.out = without_lines(&ours.out, |line| line.starts_with("Column separator "))
                .replace("TABLE main.", "TABLE ")
                .replace("TABLE \"main\".", "TABLE ");
            for said in [system, ours] {
                said.out = said.out.replace(" TEXT", "");
            }
        },
    },
    Rule {
        scripts: &["import/*"],
        reason: "An .import that could not insert a row counts as an error, for the exit code and .bail (3.53).",
        relate: |system, ours| {
            if ours.err.contains("INSERT failed") {
                system.code = ours.code;
            }
        },
    },
    Rule {
        scripts: &["schema/*"],
        reason: ".schema shows CREATE TABLE as it is in the database, without IF NOT EXISTS for names in quotes (3.53).",
        relate: |system, _| system.out = system.out.replace("TABLE IF NOT EXISTS ", "TABLE "),
    },
    Rule {
        scripts: &["mode/quote/null/*"],
        reason: "What .nullvalue says is shown for NULL in mode quote as well (3.53).",
        relate: |_, ours| ours.out = ours.out.replace("NIL", "NULL"),
    },
    Rule {
        scripts: &["dump/*/.dump --preserve-rowids"],
        reason: ".dump --preserve-rowids names the columns of every table, not only of those whose rowid it writes (3.53).",
        relate: |system, ours| {
            ours.out = ours.out.replace("r_rowid(rowid,nodeno)", "r_rowid");
            for said in [system, ours] {
                said.out = lines(&said.out, |line| {
                    let names =
                        line.starts_with("INSERT INTO ") && !line.contains("(rowid,") && !line.contains("(_rowid_,");
                    match (names, line.split_once('('), line.split_once(" VALUES(")) {
                        (true, Some((table, _)), Some((_, values))) => {
                            format!("{} VALUES({values}", table.trim_end_matches(" VALUES"))
                        }
                        _ => line.to_owned(),
                    }
                });
            }
        },
    },
    Rule {
        scripts: &["dump/*"],
        reason: ".dump creates the table sqlite_sequence if it has rows, warns of virtual tables, and writes a semicolon behind a comment on a line of its own.",
        relate: |system, ours| {
            for said in [system, ours] {
                said.out = without_lines(&said.out, |line| {
                    line.contains("sqlite_sequence") && !line.starts_with("INSERT")
                        || line.starts_with("PRAGMA writable_schema")
                        || line.starts_with("/* WARNING")
                });
                said.out = said.out.replace("-- one\n\n;", "-- one;").replace("-- one\n;", "-- one;");
            }
        },
    },
    Rule {
        scripts: &["dump/statistics/*", "schema/statistics/*"],
        reason: "Seawall is compiled with SQLITE_ENABLE_STAT4, so that ANALYZE fills a table sqlite_stat4 as well.",
        relate: |_, ours| {
            ours.out = without_lines(&ours.out, |line| line.contains("sqlite_stat4"))
                .replace("'3 1');\nANALYZE sqlite_schema;\nCREATE", "'3 1');\nCREATE")
                .replace("'3 1');\nANALYZE sqlite_schema;\nCOMMIT", "'3 1');\nCOMMIT");
        },
    },
    Rule {
        scripts: &["schema/comments/*"],
        reason: ".schema writes a semicolon behind a comment on a line of its own.",
        relate: |system, ours| {
            for said in [system, ours] {
                said.out = said.out.replace("-- one\n;", "-- one;").replace("-- one\n\n/*", "-- one\n/*");
            }
        },
    },
    Rule {
        scripts: &["objects/*"],
        reason: ".tables and .indexes use up to five spaces between columns and none at the end of a line (3.53).",
        relate: |system, ours| {
            for said in [system, ours] {
                said.out = table_words(&said.out);
            }
        },
    },
    Rule {
        scripts: &["objects/*/.ind*"],
        reason: ".indexes shows what its argument matches, rather than the indexes of a table, and no indexes of SQLite's own without --all.",
        relate: |system, ours| {
            let known: Vec<&str> = system.out.split_whitespace().collect();
            if ours.out.split_whitespace().all(|name| known.contains(&name)) {
                system.out = ours.out.clone();
            }
        },
    },
    Rule {
        scripts: &["error/*/SELECT json_extract('{}', 'x');"],
        reason: "The library has other words for a JSON path that is none.",
        relate: |system, _| system.err = system.err.replace("JSON path error near 'x'", "bad JSON path: 'x'"),
    },
    Rule {
        scripts: &["error/*go", "error/*/"],
        reason: "A line with nothing but \"go\" or \"/\" does not end a statement any more (3.54).",
        relate: |system, ours| {
            if ours.err.contains("error near line") || ours.err.contains("incomplete input") {
                *system = ours.clone();
            }
        },
    },
    Rule {
        scripts: &[
            "command/*/.dbconfig nope",
            "command/*/.dump --nope",
            "command/*/.headers",
            "command/*/.headers on extra",
            "command/*/.indexes a b",
            "command/*/.output a b",
            "command/*/.parameter*",
            "command/*/.timer",
            "import/.import*",
            "import/BEGIN*",
            "option/.mode*",
            "command/*/.mode*",
        ],
        reason: "Dot-commands that fail show where on their line, or a line about how they are used; 3.40.1 has other words or shows the help of the command, and exits with 0 after some of them.",
        relate: |system, ours| {
            if !ours.err.is_empty() {
                *system = ours.clone();
            }
        },
    },
    Rule {
        scripts: &["import/.separator*"],
        reason: ".import uses the first character of a longer separator, and a comma for none (3.53).",
        relate: |system, ours| {
            if system.err.contains("separator") {
                *system = ours.clone();
            }
        },
    },
    Rule {
        scripts: &["option/.mode*", "command/*/.mod"],
        reason: ".mode tells the current mode as the command that sets it, and has more modes: c, count, jatom, jobject, off, psql, split (3.53).",
        relate: |system, ours| *system = ours.clone(),
    },
    Rule {
        scripts: &["command/*/.explain"],
        reason: ".explain without an argument changes nothing.",
        relate: |system, ours| *system = ours.clone(),
    },
    Rule {
        scripts: &["setting/.explain on*", "setting/.explain auto*"],
        reason: "EXPLAIN QUERY PLAN is laid out as a tree unless .explain is off, and the planner has learned.",
        relate: |system, ours| *system = ours.clone(),
    },
    Rule {
        scripts: &["command/*/.limit"],
        reason: "The library has a limit for the depth of the parser, and other limits.",
        relate: |_, ours| {
            ours.out = without_lines(&ours.out, |line| line.contains("parser_depth"))
                .replace("function_arg 1000", "function_arg 127");
        },
    },
    Rule {
        scripts: &["command/*/.open *", "setting/.open *"],
        reason: "A script that opens a database in vain is told that it goes on with one in memory.",
        relate: |_, ours| ours.err = without_lines(&ours.err, |line| line.starts_with("Notice: using substitute")),
    },
    Rule {
        scripts: &["command/*/.once *", "command/*/.output *"],
        reason: "A file that cannot be written to is one error, with one message.",
        relate: |system, _| {
            system.err = without_lines(&system.err, |line| line.starts_with("Error: cannot write to"));
        },
    },
    Rule {
        scripts: &["command/*/.print a*"],
        reason: "A semicolon at the end of a dot-command is left out.",
        relate: |system, _| system.out = system.out.replace("a;\n", "a\n").replace("a ;\n", "a\n"),
    },
    Rule {
        scripts: &["setting/.output off*"],
        reason: ".output off discards the output.",
        relate: |system, ours| *system = ours.clone(),
    },
    Rule {
        scripts: &["setting/.version *", "setting/.help *"],
        reason: "Versions and the words of .help are our own.",
        relate: |system, ours| *system = ours.clone(),
    },
    Rule {
        scripts: &["setting/SELECT base64*", "setting/SELECT sha1*", "setting/SELECT strtod*"],
        reason: "The shell has functions that 3.40.1 does not have, such as base64(), base85() (3.41), sha1() and strtod().",
        relate: |system, ours| *system = ours.clone(),
    },
    Rule {
        scripts: &["arguments/-echo *"],
        reason: "-echo repeats SQL of the command line too.",
        relate: |system, ours| *system = ours.clone(),
    },
    Rule {
        scripts: &["arguments/text .*"],
        reason: "Of a file that is no database, dot-commands say what SQL says, and .dump exits with 1.",
        relate: |system, ours| {
            ours.err =
                ours.err.replace("Error: in prepare, file is not a database (26)", "Error: file is not a database");
            system.code = ours.code;
        },
    },
    Rule {
        scripts: &["arguments/-safe :memory: .*"],
        reason: "Refusals of -safe name the argument of the command line.",
        relate: |system, _| system.err = system.err.replace("line 0:", "argv[3]:"),
    },
    Rule {
        scripts: &["arguments/-csv *"],
        reason: "-csv ends rows with a carriage return and a newline, as .mode csv does.",
        relate: |_, ours| ours.out = ours.out.replace("\r\n", "\n"),
    },
    Rule {
        scripts: &["arguments/-- *"],
        reason: "-- ends the options (3.42).",
        relate: |system, ours| *system = ours.clone(),
    },
];

/// The text with each of its lines replaced.
fn lines(text: &str, replace: impl Fn(&str) -> String) -> String {
    text.split('\n').map(replace).collect::<Vec<_>>().join("\n")
}

/// The text without a result code in parentheses at its end.
fn without_code(text: &str) -> &str {
    match text.rsplit_once(" (") {
        Some((start, code)) if code.strip_suffix(')').is_some_and(|code| code.parse::<u32>().is_ok()) => start,
        _ => text,
    }
}

/// The text with every floating point number cut to 15 digits.
fn rounded(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let end = number_end(&rest[start..]) + start;
        let number = &rest[start..end];
        result.push_str(&rest[..start]);
        match number.parse::<f64>() {
            Ok(value) if number.contains('.') => result.push_str(&format!("{value:.14e}")),
            _ => result.push_str(number),
        }
        rest = &rest[end..];
    }
    result + rest
}

/// Where the number ends that the text begins with.
fn number_end(text: &str) -> usize {
    let digits = |at: usize| text[at..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |n| at + n);
    let mut end = digits(0);
    if text[end..].starts_with('.') && text[end + 1..].starts_with(|c: char| c.is_ascii_digit()) {
        end = digits(end + 1);
    }
    if text[end..].starts_with("e+") || text[end..].starts_with("e-") {
        end = digits(end + 2);
    }
    end
}

/// The text with `unistr('…')` replaced by the literal that it stands for.
fn decoded_unistr(text: &str) -> String {
    let mut parts = text.split("unistr('");
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (literal, rest) = part.split_once("')").unwrap_or((part, ""));
        result.push('\'');
        let mut pieces = literal.split("\\u");
        result.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let code = piece.get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
            result.extend(code.and_then(char::from_u32));
            result.push_str(piece.get(4..).unwrap_or_default());
        }
        result.push('\'');
        result.push_str(rest);
    }
    result
}

/// The text with `replace('…','\n',char(10))` replaced by the literal that it stands for.
fn decoded_replace(text: &str) -> String {
    lines(text, |line| {
        let mut line = line.to_owned();
        for (end, from, to) in
            [("','\\n',char(10))", "\\n", "\n"), (",'\\n',char(10))", "\\n", "\n"), ("','\\r',char(13))", "\\r", "\r")]
        {
            while let Some(stop) = line.find(end) {
                let Some(start) = line[..stop].rfind("replace(") else { break };
                let quote = if end.starts_with('\'') { "'" } else { "" };
                let inner = line[start + "replace(".len()..stop].replace(from, to);
                line = format!("{}{inner}{quote}{}", &line[..start], &line[stop + end.len()..]);
            }
        }
        line
    })
}

/// The text without the lines that are `unwanted`.
fn without_lines(text: &str, unwanted: impl Fn(&str) -> bool) -> String {
    text.split_inclusive('\n').filter(|line| !unwanted(line)).collect()
}

/// What is in a table, line by line, without what is drawn around it.
fn table_words(text: &str) -> String {
    let is_frame = |c: char| matches!(c, '\u{2500}'..='\u{257f}' | '|' | '+');
    text.lines()
        .map(|line| line.replace(is_frame, " ").split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.chars().all(|c| c == '-' || c == ' '))
        .collect::<Vec<_>>()
        .join("\n")
}

/// What the text consists of, in no order.
fn letters(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    letters.sort_unstable();
    letters.into_iter().collect()
}

/// A table without its first line.
fn without_title(table: &str) -> String {
    table.split_once('\n').map_or("", |(_, rows)| rows).to_owned()
}

/// The text with \ooo replaced by the bytes that it stands for, apart from what cannot be shown.
fn decoded_octal(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let code = rest
            .get(1..4)
            .and_then(|code| std::str::from_utf8(code).ok())
            .and_then(|code| u8::from_str_radix(code, 8).ok());
        match code.filter(|_| first == b'\\') {
            Some(code) => {
                bytes.extend((code != 0 && code != 0x7f).then_some(code));
                rest = &rest[4..];
            }
            None => {
                bytes.extend((first != 0x7f).then_some(first));
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The text with \u00XX replaced by the byte that it stands for, as it is shown here.
fn decoded_json(text: &str) -> String {
    let mut parts = text.split("\\u00");
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte @ b' '..=0x7e) => result.push(char::from(byte)),
            Some(byte @ 0x80..) => result.push_str(&format!("<{byte:02x}>")),
            _ => result.push_str(&format!("\\u00{}", part.get(..2).unwrap_or_default())),
        }
        result.push_str(part.get(2..).unwrap_or_default());
    }
    result
}
