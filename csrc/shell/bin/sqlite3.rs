//! The shell, under the name that scripts know.

fn main() {
    seawall_shell::main()
}
