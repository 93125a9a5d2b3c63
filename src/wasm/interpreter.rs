//! [`Runtime`] by `wasmi`: small, written in Rust, and with fuel.

use std::rc::Rc;
use std::sync::OnceLock;

use libc::c_int;
use wasmi::errors::ErrorKind;
use wasmi::{
    CompilationMode, Config, Engine, Error, Extern, ExternType, Func, FuncType, Global, Instance, Memory, Module,
    ResumableCall, Store, TrapCode, TypedFunc, Val, ValType,
};

use super::body;
use super::effects::Effects;
use super::memory::{self, Region};
use super::runtime::{Entry, Fault, Fuel, Limits, MALLOC, MEMORY, Runtime, Signature, TABLE_ELEMENTS, Type, Value};

/// Fuel that is burnt before somebody is asked whether to go on: a millisecond or two.
const SLICE: u64 = 125_000;

/// Bytes of initial memory that are kept for a module. With more, each call gets an instance of its own.
const IMAGE: usize = 256 << 10;

/// Bytes of stack for each call that may be open.
const FRAME: usize = 1024;

/// Bytes of stack at least: the default of wasmi.
const STACK_MIN: usize = 1_000_000;

pub(crate) struct Wasmi;

pub(crate) struct WasmiInstance {
    store: Store<Guard>,
    function: Func,
    /// The same, if it takes one number and returns one: its types need not be looked up at each call then.
    numeric: Option<Numeric>,
    malloc: Option<Func>,
    memory: Option<Memory>,
    /// The globals that calls write to, if these and the memory are all.
    globals: Option<Vec<Global>>,
    /// What the memory lies in. It goes behind the store.
    region: Option<Rc<Region>>,
}

/// A module, and how to get an instance back into its initial state.
pub(crate) struct WasmiModule {
    module: Module,
    /// The memory is the host's: see [`body::host`].
    hosted: bool,
    /// See [`Effects::globals`]. They are exported.
    globals: Option<Vec<u32>>,
    /// The state of the first instance when it was new. All are the same: there is nothing that they could import.
    initial: OnceLock<Option<Initial>>,
}

/// What an instance holds before its first call.
struct Initial {
    /// Bytes of memory, and what is in it from the first byte that is not zero to the last one.
    size: usize,
    first: usize,
    bytes: Box<[u8]>,
    globals: Vec<Val>,
}

impl Initial {
    fn of(memory: Option<Memory>, globals: &[Global], store: &Store<Guard>) -> Option<Self> {
        let memory = memory.map_or(&[][..], |memory| memory.data(store));
        let (first, end) = memory::written(memory);
        (end - first <= IMAGE).then(|| Initial {
            size: memory.len(),
            first,
            bytes: memory[first..end].into(),
            globals: globals.iter().map(|global| global.get(store)).collect(),
        })
    }

    /// Write the initial memory over the one of an instance that has not grown. It begins this region.
    fn write(&self, memory: &mut [u8], region: &Region) {
        let image = self.first..self.first + self.bytes.len();
        region.clear(memory, image.clone());
        memory[image].copy_from_slice(&self.bytes);
    }
}

#[derive(Clone, Copy)]
enum Numeric {
    IntToInt(TypedFunc<i64, i64>),
    IntToReal(TypedFunc<i64, f64>),
    RealToInt(TypedFunc<f64, i64>),
    RealToReal(TypedFunc<f64, f64>),
}

impl Numeric {
    fn new(function: Func, store: &Store<Guard>) -> Option<Self> {
        let kind = function.ty(store);
        Some(match (kind.params(), kind.results()) {
            ([ValType::I64], [ValType::I64]) => Numeric::IntToInt(function.typed(store).ok()?),
            ([ValType::I64], [ValType::F64]) => Numeric::IntToReal(function.typed(store).ok()?),
            ([ValType::F64], [ValType::I64]) => Numeric::RealToInt(function.typed(store).ok()?),
            ([ValType::F64], [ValType::F64]) => Numeric::RealToReal(function.typed(store).ok()?),
            _ => return None,
        })
    }

    fn call(self, store: &mut Store<Guard>, argument: Value) -> Option<Value> {
        match (self, argument) {
            (Numeric::IntToInt(function), Value::I64(value)) => function.call(store, value).map(Value::I64).ok(),
            (Numeric::IntToReal(function), Value::I64(value)) => function.call(store, value).map(Value::F64).ok(),
            (Numeric::RealToInt(function), Value::F64(value)) => function.call(store, value).map(Value::I64).ok(),
            (Numeric::RealToReal(function), Value::F64(value)) => function.call(store, value).map(Value::F64).ok(),
            _ => None,
        }
    }
}

/// Says no when a module asks for too much, and remembers what it was.
struct Guard {
    /// What the memory lies in, if there is one.
    region: Option<Rc<Region>>,
    memory_max: usize,
    elements: usize,
    exceeded: Option<Fault>,
    /// [`Fuel::poll`] while code of the module runs.
    poll: Option<Poll>,
}

type Poll = *mut (dyn FnMut() -> c_int + 'static);

impl Guard {
    /// What the module is to be stopped with, or 0.
    fn ask(&mut self) -> c_int {
        match self.poll {
            // SAFETY: whoever has put it there takes it away before it goes, and does not use it meanwhile.
            Some(poll) => unsafe { (*poll)() },
            None => 0,
        }
    }
}

impl wasmi::ResourceLimiter for Guard {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> Result<bool, wasmi_core::LimiterError> {
        if desired > self.memory_max {
            self.exceeded = Some(Fault::Memory);
            return Err(wasmi_core::LimiterError::ResourceLimiterDeniedAllocation);
        }
        let stop = match self.region.clone() {
            Some(region) => region.touch(current..desired, &mut || self.ask()),
            None => 0,
        };
        if stop != 0 {
            self.exceeded = Some(Fault::Stopped(stop));
            return Err(wasmi_core::LimiterError::ResourceLimiterDeniedAllocation);
        }
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> Result<bool, wasmi_core::LimiterError> {
        self.elements = self.elements.saturating_add(desired.saturating_sub(current));
        if self.elements > TABLE_ELEMENTS {
            self.exceeded = Some(Fault::Failed(format!("its tables have more than {TABLE_ELEMENTS} elements")));
            return Err(wasmi_core::LimiterError::ResourceLimiterDeniedAllocation);
        }
        Ok(true)
    }

    fn instances(&self) -> usize {
        1
    }

    fn tables(&self) -> usize {
        100
    }

    /// The one that there is counts again as an import.
    fn memories(&self) -> usize {
        2
    }
}

/// What [`Guard::poll`] is until it is taken away again.
fn borrowed(poll: &mut dyn FnMut() -> c_int) -> Option<Poll> {
    let pointer: *mut (dyn FnMut() -> c_int + '_) = poll;
    // SAFETY: only the lifetime changes.
    Some(unsafe { std::mem::transmute::<*mut (dyn FnMut() -> c_int + '_), Poll>(pointer) })
}

/// Run a function of a module, slice by slice.
fn run(
    store: &mut Store<Guard>,
    function: Func,
    arguments: &[Val],
    results: &mut [Val],
    fuel: &mut Fuel<'_>,
) -> Result<(), Fault> {
    store.data_mut().poll = borrowed(fuel.poll);
    let ran = run_sliced(store, function, arguments, results, &mut fuel.left);
    store.data_mut().poll = None;
    ran
}

fn run_sliced(
    store: &mut Store<Guard>,
    function: Func,
    arguments: &[Val],
    results: &mut [Val],
    left: &mut u64,
) -> Result<(), Fault> {
    let mut slice = Slice::give(store, *left, 0)?;
    let mut state = function.call_resumable(&mut *store, arguments, results);
    loop {
        match state {
            Err(error) => return Err(fault(&error, store.data_mut())),
            Ok(ResumableCall::Finished) => break,
            Ok(ResumableCall::HostTrap(_)) => return Err(Fault::failed("a function of the host trapped")),
            Ok(ResumableCall::OutOfFuel(call)) => {
                slice.take(store, left);
                let stop = store.data_mut().ask();
                if stop != 0 {
                    return Err(Fault::Stopped(stop));
                }
                slice = Slice::give(store, *left, call.required_fuel())?;
                state = call.resume(&mut *store, results);
            }
        }
    }
    slice.take(store, left);
    Ok(())
}

fn types(list: &[ValType]) -> Vec<Option<Type>> {
    let one = |kind: &ValType| match kind {
        ValType::I32 => Some(Type::I32),
        ValType::I64 => Some(Type::I64),
        ValType::F64 => Some(Type::F64),
        _ => None,
    };
    list.iter().map(one).collect()
}

fn to_wasmi(value: Value) -> Val {
    match value {
        Value::I32(value) => Val::I32(value),
        Value::I64(value) => Val::I64(value),
        Value::F64(value) => Val::F64(value.into()),
    }
}

fn from_wasmi(value: &Val) -> Result<Value, Fault> {
    match value {
        Val::I32(value) => Ok(Value::I32(*value)),
        Val::I64(value) => Ok(Value::I64(*value)),
        Val::F64(value) => Ok(Value::F64((*value).into())),
        _ => Err(Fault::failed("its result is of a type that SQL does not have")),
    }
}

/// What an error of wasmi means.
fn fault(error: &Error, guard: &mut Guard) -> Fault {
    if let Some(fault) = guard.exceeded.take() {
        return fault;
    }
    match error.as_trap_code() {
        Some(TrapCode::OutOfFuel) => Fault::Fuel,
        Some(TrapCode::StackOverflow) => Fault::Stack,
        Some(TrapCode::OutOfSystemMemory) => Fault::NoMemory,
        _ => match error.kind() {
            ErrorKind::Memory(wasmi::errors::MemoryError::OutOfSystemMemory) => Fault::NoMemory,
            _ => Fault::Failed(error.to_string()),
        },
    }
}

impl Runtime for Wasmi {
    type Module = WasmiModule;
    type Instance = WasmiInstance;

    fn compile(wasm: &[u8], stack: u32, effects: &Effects) -> Result<WasmiModule, String> {
        let mut config = Config::default();
        let stack = stack as usize;
        config
            // What is left to the first call is paid with its fuel.
            .compilation_mode(CompilationMode::Eager)
            .consume_fuel(true)
            .ignore_custom_sections(true)
            .wasm_multi_memory(false)
            .set_max_recursion_depth(stack)
            .set_max_stack_height(STACK_MIN.max(stack * FRAME));
        let engine = Engine::new(&config);
        let compile = |wasm: &[u8]| Module::new(&engine, wasm).map_err(|error| error.to_string());
        if body::exports_reserved(wasm) {
            return Err("it exports a name that begins with \"seawall.\", which is reserved".to_owned());
        }
        let initial = OnceLock::new();
        let globals = effects.globals.clone();
        if let Some(host) = body::host(wasm, globals.as_deref().unwrap_or_default())
            && let Ok(module) = compile(&host)
        {
            return Ok(WasmiModule { module, hosted: true, globals, initial });
        }
        // The error is about the module as it was written.
        Ok(WasmiModule { module: compile(wasm)?, hosted: false, globals: None, initial })
    }

    fn imports(module: &WasmiModule) -> Vec<String> {
        let wanted = module.module.imports().filter(|import| !(module.hosted && import.module() == body::HOST));
        wanted.map(|import| format!("{}.{}", import.module(), import.name())).collect()
    }

    fn signature(module: &WasmiModule, name: &str) -> Option<Signature> {
        match module.module.get_export(name)? {
            ExternType::Func(kind) => {
                Some(Signature { params: types(FuncType::params(&kind)), results: types(FuncType::results(&kind)) })
            }
            _ => None,
        }
    }

    fn has_memory(module: &WasmiModule) -> bool {
        matches!(module.module.get_export(MEMORY), Some(ExternType::Memory(_)))
    }

    fn instantiate(
        module: &WasmiModule,
        name: &str,
        limits: &Limits,
        poll: &mut dyn FnMut() -> c_int,
    ) -> Result<WasmiInstance, Fault> {
        let memory_max = usize::try_from(limits.memory).unwrap_or(usize::MAX);
        let memory_type = module.module.imports().find_map(|import| match import.ty() {
            ExternType::Memory(kind) => Some(*kind),
            _ => None,
        });
        let region = match memory_type {
            Some(_) => Some(Rc::new(Region::new(memory_max).ok_or(Fault::NoMemory)?)),
            None => None,
        };
        let guard = Guard { region: region.clone(), memory_max, elements: 0, exceeded: None, poll: borrowed(poll) };
        let mut store = Store::new(module.module.engine(), guard);
        store.limiter(|guard| guard);
        let told = |error: Error, store: &mut Store<Guard>| fault(&error, store.data_mut());
        let memory = match (memory_type, &region) {
            (Some(kind), Some(region)) => {
                // SAFETY: this is the only time, and the instance holds the region behind the store.
                let bytes = unsafe { region.bytes() };
                Some(Memory::new_static(&mut store, kind, bytes).map_err(|error| told(error, &mut store))?)
            }
            _ => None,
        };
        let imports: Vec<Extern> = memory.into_iter().map(Extern::Memory).collect();
        let instance = Instance::new(&mut store, &module.module, &imports).map_err(|error| told(error, &mut store))?;
        // All of a large memory has been written to, and all of it is read below: somebody may have become impatient.
        let stop = store.data_mut().ask();
        store.data_mut().poll = None;
        if stop != 0 {
            return Err(Fault::Stopped(stop));
        }
        let function = |name| match instance.get_export(&store, name) {
            Some(Extern::Func(function)) => Some(function),
            _ => None,
        };
        let (function, malloc, start) = (function(name), function(MALLOC), function(body::HOST_START));
        let function = function.ok_or_else(|| Fault::failed("the module does not export it"))?;
        if let Some(start) = start {
            run(&mut store, start, &[], &mut [], &mut Fuel { left: limits.fuel, poll })?;
        }
        let numeric = Numeric::new(function, &store);
        let global = |index: &u32| instance.get_global(&store, &format!("{}{index}", body::HOST_GLOBAL));
        let globals = module.globals.as_ref().map(|globals| globals.iter().filter_map(global).collect::<Vec<_>>());
        if let Some(globals) = &globals {
            module.initial.get_or_init(|| Initial::of(memory, globals, &store));
        }
        let stop = poll();
        if stop != 0 {
            return Err(Fault::Stopped(stop));
        }
        Ok(WasmiInstance { store, function, numeric, malloc, memory, globals, region })
    }

    fn call(
        instance: &mut WasmiInstance,
        entry: Entry,
        arguments: &[Value],
        fuel: &mut Fuel<'_>,
    ) -> Result<Value, Fault> {
        let function = match entry {
            Entry::Function => instance.function,
            Entry::Malloc => {
                instance.malloc.ok_or_else(|| Fault::failed(format!("the module does not export {MALLOC}")))?
            }
        };
        let arguments: Vec<Val> = arguments.iter().copied().map(to_wasmi).collect();
        let mut result = [Val::I32(0)];
        run(&mut instance.store, function, &arguments, &mut result, fuel)?;
        from_wasmi(&result[0])
    }

    fn quick_call(instance: &mut WasmiInstance, argument: Value, fuel: u64) -> Option<Value> {
        let numeric = instance.numeric?;
        instance.store.set_fuel(fuel.min(SLICE)).ok()?;
        numeric.call(&mut instance.store, argument)
    }

    fn reset(module: &WasmiModule, instance: &mut WasmiInstance) -> bool {
        let (Some(globals), Some(Some(initial))) = (&instance.globals, module.initial.get()) else { return false };
        let memory = instance.memory.map_or(&mut [][..], |memory| memory.data_mut(&mut instance.store));
        if memory.len() != initial.size {
            return false;
        }
        if let Some(region) = &instance.region {
            initial.write(memory, region);
        }
        let mut set = globals.iter().zip(&initial.globals);
        set.all(|(global, value)| global.set(&mut instance.store, value.clone()).is_ok())
    }

    fn memory(instance: &mut WasmiInstance) -> &mut [u8] {
        match instance.memory {
            Some(memory) => memory.data_mut(&mut instance.store),
            None => &mut [],
        }
    }
}

/// Fuel that a store has been given.
struct Slice(u64);

impl Slice {
    /// Put fuel into the store: a slice, or what is needed for the next step if that is more.
    fn give(store: &mut Store<Guard>, left: u64, required: u64) -> Result<Self, Fault> {
        let amount = SLICE.max(required).min(left);
        if amount == 0 || amount < required {
            return Err(Fault::Fuel);
        }
        store.set_fuel(amount).map_err(|error| Fault::Failed(error.to_string()))?;
        Ok(Slice(amount))
    }

    /// Account for what the store has burnt.
    fn take(self, store: &Store<Guard>, left: &mut u64) {
        let unused = store.get_fuel().unwrap_or(0);
        *left = left.saturating_sub(self.0.saturating_sub(unused));
    }
}
