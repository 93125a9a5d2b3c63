use seawall_upstream::locate::{Network, Package, ask_cargo};
use seawall_upstream::{Pin, Queue, Source, Version};

use crate::Failure;
use crate::args::Args;
use crate::queue::{report, write_renumbered};
use crate::workspace::{cargo, output, read, root, scratch, write};

/// How many releases of the package are looked at for a SQLite version.
const RELEASES_MAX: usize = 12;

/// `cargo xtask upgrade VERSION [--dry-run]`
pub fn run(mut args: Args) -> Result<(), Failure> {
    let dry = args.flag("--dry-run");
    let version = args.word("VERSION")?.to_string_lossy().into_owned();
    args.end()?;
    let pin = Pin::load(root())?;
    let (package, source) = fetch(&pin, &version)?;
    pin.accept(source.version)?;
    println!("{} {} holds SQLite {} ({})", pin.package, package.version, source.version, source.source_id);

    let queue = Queue::load(root())?;
    let fit = queue.fit(&source.c);
    let report = report(&queue, &fit);
    let hunks: usize = queue.patches.iter().map(|patch| patch.hunks.len()).sum();
    print!("{}", report.text);
    println!(
        "{hunks} hunks: {} fit as they are, {} at other lines, {} nowhere",
        hunks - report.shifted - report.lost,
        report.shifted,
        report.lost
    );

    if !dry {
        rewrite_pin(&pin, &package, &source)?;
        if report.lost == 0 {
            write_renumbered(&queue, &fit)?;
        }
    }
    match (report.lost, dry) {
        (0, true) => println!("every hunk holds{}", rusqlite_too(&pin, &package)),
        (lost, true) => return Err(format!("{lost} hunks do not hold on SQLite {}", source.version).into()),
        (0, false) => {
            resolve(&pin, &package)?;
            println!("pinned, and the patches renumbered; next: cargo xtask configs, cargo test");
        }
        (lost, false) => {
            return Err(format!(
                "SQLite {} is pinned, but {lost} hunks do not hold: mend them, then run `cargo xtask queue --renumber`{}",
                source.version,
                rusqlite_too(&pin, &package)
            )
            .into());
        }
    }
    Ok(())
}

/// What else must change, if the package does: `rusqlite` is tied to one minor release of it.
fn rusqlite_too(pin: &Pin, package: &Package) -> String {
    if package.version == pin.package_version {
        return String::new();
    }
    format!(" (first make rusqlite in Cargo.toml the release that uses {} {})", pin.package, package.version)
}

/// The package of that version, or else the one that carries that version of SQLite.
fn fetch(pin: &Pin, version: &str) -> Result<(Package, Source), Failure> {
    let scratch = scratch("upgrade")?;
    let get = |requirement: &str| -> Result<(Package, Source), Failure> {
        let package = ask_cargo(&pin.package, requirement, root(), &scratch, Network::Online)?;
        let source = Source::read_any(&package.dir)?;
        Ok((package, source))
    };
    let Some(wanted) = version.parse::<Version>().ok().filter(|v| v.is_sqlite()) else {
        return get(&format!("={version}"));
    };
    if wanted == pin.sqlite {
        return get(&format!("={}", pin.package_version));
    }
    // Newer packages carry newer versions of SQLite: from the newest down.
    let mut requirement = "*".to_owned();
    for _ in 0..RELEASES_MAX {
        let (package, source) = get(&requirement)?;
        if source.version == wanted {
            return Ok((package, source));
        }
        if source.version < wanted {
            break;
        }
        requirement = format!("<{}", package.version);
    }
    Err(format!("no release of {} carries SQLite {wanted}; give the version of a release of that package", pin.package)
        .into())
}

fn rewrite_pin(pin: &Pin, package: &Package, source: &Source) -> Result<(), Failure> {
    let new = Pin {
        package_version: package.version.clone(),
        sqlite: source.version,
        source_id: source.source_id.clone(),
        sha256: source.sha256.clone(),
        ..pin.clone()
    };
    let path = Pin::path(root());
    write(&path, new.rewrite(&read(&path)?))?;
    let manifest = root().join("Cargo.toml");
    let dependency = |version: &str| format!("{} = {{ version = \"={version}\"", pin.package);
    let text = read(&manifest)?;
    let (old, new) = (dependency(&pin.package_version), dependency(&package.version));
    if !text.contains(&old) {
        return Err(format!("Cargo.toml lacks `{old}`; write `{new}` yourself").into());
    }
    write(&manifest, text.replace(&old, &new))
}

/// Brings Cargo.lock in step.
fn resolve(pin: &Pin, package: &Package) -> Result<(), Failure> {
    let resolved = output(cargo().args(["metadata", "--format-version=1", "--quiet"])).map(drop);
    resolved.map_err(|e| {
        let Package { version, .. } = package;
        format!("{} {version} is pinned, but cargo does not find versions that agree: make rusqlite in Cargo.toml the release that uses it ({e})", pin.package).into()
    })
}
