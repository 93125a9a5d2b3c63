use crate::Failure;
use crate::args::Args;

/// `cargo xtask bindings [--check]`
#[cfg(not(feature = "bindings"))]
pub fn run(mut args: Args) -> Result<(), Failure> {
    // bindgen is big and needs libclang: only this command pays for it.
    let check = args.flag("--check");
    args.end()?;
    let mut cargo = crate::workspace::cargo();
    cargo.args(["run", "--quiet", "--package", "xtask", "--features", "bindings", "--", "bindings"]);
    if check {
        cargo.arg("--check");
    }
    crate::workspace::succeed(&mut cargo)
}

/// `cargo xtask bindings [--check]`
#[cfg(feature = "bindings")]
pub fn run(mut args: Args) -> Result<(), Failure> {
    use crate::workspace::{read, root, write};

    let check = args.flag("--check");
    args.end()?;
    let path = root().join("src/ffi/bindings.rs");
    let text = generate()?;
    if !check {
        return write(&path, text);
    }
    if read(&path)? != text {
        return Err("src/ffi/bindings.rs is not what the headers in include/ give; run `cargo xtask bindings`".into());
    }
    Ok(())
}

/// The functions of SQLite that the crate calls. Libsqlite3-sys declares them as well, but never with a prefix.
#[cfg(feature = "bindings")]
const CALLED: &str = "sqlite3_(backup_(finish|init|step)|bind_int64|bind_text|close_v2|column_blob|column_bytes|column_int64|\
                      column_text|column_type|context_db_handle|create_module_v2|db_filename|db_mutex|db_readonly|declare_vtab|\
                      errmsg|extended_errcode|file_control|filename_wal|finalize|free|get_auxdata|get_clientdata|\
                      is_interrupted|limit|log|malloc64|mutex_enter|mutex_leave|open_v2|prepare_v2|\
                      result_(blob64|error|error_code|error_nomem|int|int64|null|text64)|set_auxdata|set_clientdata|set_errmsg|\
                      step|uri_parameter|value_(bytes|int|int64|text|type))";

/// The Rust declarations of what include/libsql.h and include/seawall.h declare, and of the functions of SQLite that the
/// crate calls; the rest of SQLite's own come from libsqlite3-sys.
#[cfg(feature = "bindings")]
fn generate() -> Result<String, Failure> {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use crate::workspace::{root, scratch};
    use seawall_upstream::{Pin, locate};

    let pristine = locate::find(&Pin::load(root())?, root(), &scratch("bindings")?)?;
    let raw = bindgen::builder()
        .header(root().join("include/seawall.h").to_string_lossy())
        .clang_arg(format!("-I{}", pristine.display()))
        .allowlist_file(r".*/(libsql|seawall)\.h")
        .allowlist_function(CALLED)
        .allowlist_recursively(false)
        .default_macro_constant_type(bindgen::MacroTypeVariation::Signed)
        .disable_nested_struct_naming()
        .generate_comments(false)
        .generate_cstr(true)
        .use_core()
        .rust_target(bindgen::RustTarget::stable(88, 0).map_err(|e| e.to_string())?)
        .rust_edition(bindgen::RustEdition::Edition2024)
        .parse_callbacks(Box::new(SqliteTypes))
        .formatter(bindgen::Formatter::None)
        .raw_line("// What include/libsql.h and include/seawall.h declare, and the functions of SQLite that this crate calls;")
        .raw_line("// written by `cargo xtask bindings`.")
        .raw_line("pub use libsqlite3_sys::*;")
        .generate()?
        .to_string()
        // The layouts are those of platforms with 64-bit pointers.
        .replace("const _ : () =", "#[cfg(target_pointer_width = \"64\")] const _: () =");
    let mut rustfmt = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout", "--config-path"])
        .arg(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| format!("rustfmt cannot be run: {e}"))?;
    rustfmt.stdin.take().ok_or("rustfmt has no input")?.write_all(raw.as_bytes())?;
    let output = rustfmt.wait_with_output()?;
    if !output.status.success() {
        return Err("rustfmt does not accept what bindgen wrote".into());
    }
    Ok(with_prefix(&String::from_utf8(output.stdout)?))
}

/// Functions and variables get the names that the C code has under the cargo feature `prefixed`.
#[cfg(feature = "bindings")]
fn with_prefix(text: &str) -> String {
    use seawall_upstream::prefix::PREFIX;

    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let declared = line.strip_prefix("    pub fn ").or(line.strip_prefix("    pub static "));
        if let Some(name) = declared.and_then(|rest| rest.split(['(', ':']).next()) {
            out += &format!("    #[cfg_attr(feature = \"prefixed\", link_name = \"{PREFIX}{name}\")]\n");
        }
        out += line;
    }
    out
}

/// What bindgen cannot know of the types that it does not see.
#[cfg(feature = "bindings")]
#[derive(Debug)]
struct SqliteTypes;

#[cfg(feature = "bindings")]
impl bindgen::callbacks::ParseCallbacks for SqliteTypes {
    /// Ours hold SQLite's types behind pointers only.
    fn blocklisted_type_implements_trait(
        &self,
        _name: &str,
        _trait: bindgen::callbacks::DeriveTrait,
    ) -> Option<bindgen::callbacks::ImplementsTrait> {
        Some(bindgen::callbacks::ImplementsTrait::Yes)
    }
}
