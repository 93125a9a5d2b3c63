//! What runs a module: one trait, so that the rest of this folder does not know which interpreter it is.

use std::fmt;

use libc::c_int;

use super::effects::Effects;

/// A value of WebAssembly, as far as functions of SQL have them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value {
    /// An address in the memory of the module.
    I32(i32),
    I64(i64),
    F64(f64),
}

/// The type of a [`Value`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    I32,
    I64,
    F64,
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Type::I32 => "i32",
            Type::I64 => "i64",
            Type::F64 => "f64",
        })
    }
}

/// What a function takes and returns. Types that SQL has nothing for are `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signature {
    pub(crate) params: Vec<Option<Type>>,
    pub(crate) results: Vec<Option<Type>>,
}

/// What one call may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Instructions, roughly.
    pub(crate) fuel: u64,
    /// Bytes of memory.
    pub(crate) memory: u64,
    /// Calls that have not returned.
    pub(crate) stack: u32,
}

/// Elements that all tables of a module may have together: each is 16 bytes.
pub(crate) const TABLE_ELEMENTS: usize = 1 << 16;

/// Why a call ended without a result.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It trapped, or did what SQL cannot make sense of.
    Failed(String),
    /// It needs more than [`Limits::fuel`].
    Fuel,
    /// It needs more than [`Limits::memory`].
    Memory,
    /// It needs more than [`Limits::stack`].
    Stack,
    /// Somebody wants it to stop; the code is the result of the statement.
    Stopped(c_int),
    /// There is no more memory.
    NoMemory,
}

impl Fault {
    pub(crate) fn failed(reason: impl Into<String>) -> Self {
        Fault::Failed(reason.into())
    }
}

/// The fuel of a call, which may enter a module more than once.
pub(crate) struct Fuel<'a> {
    /// What is left.
    pub(crate) left: u64,
    /// Asked every few milliseconds; anything but `SQLITE_OK` stops the call.
    pub(crate) poll: &'a mut dyn FnMut() -> c_int,
}

/// A function that the host calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// The function itself.
    Function,
    /// `libsql_malloc`, which finds room for an argument.
    Malloc,
}

/// The name under which a module exports [`Entry::Malloc`].
pub(crate) const MALLOC: &str = "libsql_malloc";

/// The name under which a module exports its memory.
pub(crate) const MEMORY: &str = "memory";

/// An interpreter or a compiler of WebAssembly.
pub(crate) trait Runtime: 'static {
    /// A module that has been validated and compiled.
    type Module: Send + Sync;
    /// A module with memory, globals and tables of its own.
    type Instance;

    /// Compile a binary module. Code of it will not have more than `stack` calls open at a time. The effects are those of
    /// the function that is going to be called, if the module is valid.
    fn compile(wasm: &[u8], stack: u32, effects: &Effects) -> Result<Self::Module, String>;
    /// What the module imports, as `module.name`.
    fn imports(module: &Self::Module) -> Vec<String>;
    /// The signature of an exported function.
    fn signature(module: &Self::Module, name: &str) -> Option<Signature>;
    /// Whether the module exports its memory under [`MEMORY`].
    fn has_memory(module: &Self::Module) -> bool;
    /// A new instance in its initial state. `name` is the name of [`Entry::Function`], and `poll` is [`Fuel::poll`].
    fn instantiate(
        module: &Self::Module,
        name: &str,
        limits: &Limits,
        poll: &mut dyn FnMut() -> c_int,
    ) -> Result<Self::Instance, Fault>;
    /// Call a function of the module, with arguments of the right types.
    fn call(
        instance: &mut Self::Instance,
        entry: Entry,
        arguments: &[Value],
        fuel: &mut Fuel<'_>,
    ) -> Result<Value, Fault>;
    /// The same for a function that takes one number, if that is done soon and without an error. It is left to [`call`]
    /// otherwise, so the function must change nothing.
    ///
    /// [`call`]: Runtime::call
    fn quick_call(instance: &mut Self::Instance, argument: Value, fuel: u64) -> Option<Value>;
    /// Put the instance back into its initial state. `false` if that cannot be done.
    fn reset(module: &Self::Module, instance: &mut Self::Instance) -> bool;
    /// The memory; empty if there is none.
    fn memory(instance: &mut Self::Instance) -> &mut [u8];
}
