//! The shell under a name of its own, beside the system's `sqlite3`.

fn main() {
    seawall_shell::main()
}
