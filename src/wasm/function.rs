//! One function of SQL: a module, the name of what it exports, and how it is called.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use libc::c_int;

use super::body;
use super::cache::{self, Compiled, Hash, R};
use super::layout::Stored;
use super::runtime::{Entry, Fault, Fuel, Limits, MALLOC, MEMORY, Runtime, Signature, Type, Value};

/// What a function is given by SQL, or gives back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Sql<'a> {
    Integer(i64),
    Real(f64),
    Stored(Stored<'a>),
}

impl Sql<'_> {
    fn kind(self) -> &'static str {
        match self {
            Sql::Integer(_) => "INTEGER",
            Sql::Real(_) => "REAL",
            Sql::Stored(Stored::Text(_)) => "TEXT",
            Sql::Stored(Stored::Blob(_)) => "BLOB",
            Sql::Stored(Stored::Null) => "NULL",
        }
    }
}

/// An instance that a statement keeps for its next call of the function.
pub(crate) struct Pooled {
    /// The slot of the function.
    owner: c_int,
    /// What it was made for.
    memory: u64,
    compiled: Arc<Compiled>,
    instance: <R as Runtime>::Instance,
}

impl Pooled {
    fn fits(&self, function: &Function, limits: &Limits) -> bool {
        self.owner == function.slot && self.compiled.stack == limits.stack && self.memory == limits.memory
    }
}

/// A function as a connection has it.
pub(crate) struct Function {
    name: String,
    hash: Hash,
    flags: u8,
    params: Vec<Type>,
    /// For the limit of the stack at the last call. Used by one thread at a time: whoever holds the connection.
    compiled: RefCell<Arc<Compiled>>,
    /// What [`Pooled`] is kept under.
    slot: c_int,
}

/// A negative number for each function: SQLite keeps what is set under it for as long as the statement runs.
fn new_slot() -> c_int {
    static NEXT: AtomicI32 = AtomicI32::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed) | c_int::MIN
}

fn compile(name: &str, stored: &[u8], hash: &Hash, stack: u32) -> Result<Arc<Compiled>, String> {
    cache::compiled(hash, name, stack, || Ok(body::binary(stored)?.into()))
}

impl Function {
    /// Whether a body is a module that can be run.
    pub(crate) fn check(stored: &[u8], stack: u32) -> Result<(), String> {
        check_imports(&*compile("", stored, &cache::hash(stored), stack)?)
    }

    /// The function that a body holds under a name.
    pub(crate) fn new(name: &str, stored: &[u8], stack: u32) -> Result<Self, String> {
        let hash = cache::hash(stored);
        let name = name.to_owned();
        let compiled = compile(&name, stored, &hash, stack)?;
        let params = check(&compiled, &name)?;
        Ok(Function {
            name,
            hash,
            flags: body::flags(stored),
            params,
            compiled: RefCell::new(compiled),
            slot: new_slot(),
        })
    }

    /// The name of what is exported.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn arguments(&self) -> usize {
        self.params.len()
    }

    /// What it was declared to be.
    pub(crate) fn flags(&self) -> u8 {
        self.flags
    }

    pub(crate) fn slot(&self) -> c_int {
        self.slot
    }

    /// Whether two functions are the same.
    pub(crate) fn is(&self, other: &Function) -> bool {
        self.hash == other.hash && self.name == other.name
    }

    /// An instance in its initial state: that of an earlier call if the statement has kept it.
    fn instance<'a>(
        &self,
        limits: &Limits,
        poll: &mut dyn FnMut() -> c_int,
        pool: &'a mut Option<Pooled>,
    ) -> Result<&'a mut Pooled, Fault> {
        if !pool.as_ref().is_some_and(|kept| kept.fits(self, limits)) {
            let compiled = self.compiled(limits.stack)?;
            let instance = R::instantiate(&compiled.module, &self.name, limits, poll)?;
            *pool = Some(Pooled { owner: self.slot, memory: limits.memory, compiled, instance });
        }
        pool.as_mut().ok_or(Fault::NoMemory)
    }

    /// The module for a limit of the stack.
    fn compiled(&self, stack: u32) -> Result<Arc<Compiled>, Fault> {
        let now = Arc::clone(&self.compiled.borrow());
        if now.stack == stack {
            return Ok(now);
        }
        let new = cache::compiled(&self.hash, &self.name, stack, || Ok(Arc::clone(&now.wasm)));
        let new = new.map_err(Fault::Failed)?;
        *self.compiled.borrow_mut() = Arc::clone(&new);
        Ok(new)
    }

    /// Call it. `argument` gives an argument by its index. `pool` is what the statement has kept of an earlier call, and what
    /// it is to keep of this one. The result is given to `returns` before the memory that it lies in goes.
    pub(crate) fn call<'a, T>(
        &self,
        argument: impl Fn(usize) -> Result<Sql<'a>, Fault>,
        limits: &Limits,
        poll: &mut dyn FnMut() -> c_int,
        pool: &mut Option<Pooled>,
        returns: impl FnOnce(Sql<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let Pooled { compiled, instance, .. } = self.instance(limits, poll, pool)?;
        let mut fuel = Fuel { left: limits.fuel, poll };
        let (one, many);
        let called = match self.params[..] {
            [kind] => {
                one = argument(0).and_then(|value| self.pass(0, kind, value, instance, &mut fuel));
                one.and_then(|one| R::call(instance, Entry::Function, &[one], &mut fuel))
            }
            _ => {
                let mut pass = |(i, kind): (usize, &Type)| self.pass(i, *kind, argument(i)?, instance, &mut fuel);
                many = self.params.iter().enumerate().map(&mut pass).collect::<Result<Vec<_>, _>>();
                many.and_then(|many| R::call(instance, Entry::Function, &many, &mut fuel))
            }
        };
        let result = called.and_then(|value| match value {
            Value::I64(value) => returns(Sql::Integer(value)),
            Value::F64(value) => returns(Sql::Real(value)),
            Value::I32(address) => returns(Sql::Stored(Stored::read(R::memory(instance), address)?)),
        });
        if result.is_err() || !(self.unchanged(compiled) || R::reset(&compiled.module, instance)) {
            *pool = None;
        }
        result
    }

    /// Whether a call leaves an instance as it was: arguments that lie in memory are written there.
    fn unchanged(&self, compiled: &Compiled) -> bool {
        compiled.effects.none && !self.params.contains(&Type::I32)
    }

    /// The result of a call with one number, if the statement has kept an instance that no call changes, and if all goes
    /// well. Whatever does not is for [`Function::call`].
    pub(crate) fn quick_call(&self, argument: Sql<'_>, limits: &Limits, pooled: &mut Pooled) -> Option<Sql<'static>> {
        let argument = match (&self.params[..], argument) {
            ([Type::I64], Sql::Integer(value)) => Value::I64(value),
            ([Type::F64], Sql::Real(value)) => Value::F64(value),
            _ => return None,
        };
        if !pooled.compiled.effects.none || !pooled.fits(self, limits) {
            return None;
        }
        match R::quick_call(&mut pooled.instance, argument, limits.fuel)? {
            Value::I64(value) => Some(Sql::Integer(value)),
            Value::F64(value) => Some(Sql::Real(value)),
            Value::I32(_) => None,
        }
    }

    /// An argument as the module takes it.
    fn pass(
        &self,
        index: usize,
        kind: Type,
        argument: Sql<'_>,
        instance: &mut <R as Runtime>::Instance,
        fuel: &mut Fuel<'_>,
    ) -> Result<Value, Fault> {
        match (kind, argument) {
            (Type::I64, Sql::Integer(value)) => Ok(Value::I64(value)),
            (Type::F64, Sql::Real(value)) => Ok(Value::F64(value)),
            (Type::F64, Sql::Integer(value)) => Ok(Value::F64(value as f64)),
            (Type::I32, Sql::Stored(value)) => self.store(instance, value, index, fuel).map(Value::I32),
            _ => Err(mismatch(index, kind, argument)),
        }
    }

    /// Put an argument into the memory of the module.
    fn store(
        &self,
        instance: &mut <R as Runtime>::Instance,
        value: Stored<'_>,
        index: usize,
        fuel: &mut Fuel<'_>,
    ) -> Result<i32, Fault> {
        if matches!(value, Stored::Text(text) if text.contains(&0)) {
            return Err(Fault::failed(format!("argument {} is a text with a NUL in it", index + 1)));
        }
        let size = i32::try_from(value.size())
            .map_err(|_| Fault::failed(format!("argument {} has more than 2147483647 bytes", index + 1)))?;
        match R::call(instance, Entry::Malloc, &[Value::I32(size)], fuel)? {
            Value::I32(address) => value.write(R::memory(instance), address).map(|()| address),
            _ => Err(Fault::failed(format!("{MALLOC} does not return an i32"))),
        }
    }
}

fn mismatch(index: usize, kind: Type, argument: Sql<'_>) -> Fault {
    let takes = match kind {
        Type::I32 => "a TEXT, a BLOB or NULL",
        Type::I64 => "an INTEGER",
        Type::F64 => "a number",
    };
    Fault::failed(format!("argument {} is {}, and the module takes {takes} ({kind})", index + 1, argument.kind()))
}

/// There is nothing that a module can import.
fn check_imports(compiled: &Compiled) -> Result<(), String> {
    let imports = R::imports(&compiled.module);
    if !imports.is_empty() {
        return Err(format!("the module imports {}, and there is nothing that it can import", imports.join(", ")));
    }
    Ok(())
}

/// What a module must be like, to have a function of SQL in it. Returns the types of its parameters.
fn check(compiled: &Compiled, name: &str) -> Result<Vec<Type>, String> {
    check_imports(compiled)?;
    let signature = R::signature(&compiled.module, name)
        .ok_or_else(|| format!("Function {name} not found in Wasm module: it must export one of just this name"))?;
    let Signature { params, results } = signature;
    let params: Option<Vec<Type>> = params.into_iter().collect();
    let params = params.ok_or_else(|| format!("{name} must take i64, f64 and i32 (an address) only"))?;
    let result = match results[..] {
        [Some(result)] => result,
        _ => return Err(format!("{name} must return one i64, f64 or i32 (an address)")),
    };
    if (params.contains(&Type::I32) || result == Type::I32) && !R::has_memory(&compiled.module) {
        return Err(format!("Memory {MEMORY:?} not found in wasm module: {name} takes or returns addresses in it"));
    }
    let malloc = Signature { params: vec![Some(Type::I32)], results: vec![Some(Type::I32)] };
    if params.contains(&Type::I32) && R::signature(&compiled.module, MALLOC) != Some(malloc) {
        return Err(format!(
            "{name} takes an address, so the module must export {MALLOC}, which takes and returns an i32"
        ));
    }
    Ok(params)
}
