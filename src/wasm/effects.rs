//! What does a call do to an instance, and can that be undone? An instance that is as it was at first serves the next call.

use wasmparser::{ExternalKind, Operator, Parser, Payload, TypeRef};

/// What calls of a function do to an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Effects {
    /// Nothing.
    pub(crate) none: bool,
    /// The indexes of the mutable globals, if these and the memory are all that code of the module writes to.
    pub(crate) globals: Option<Vec<u32>>,
    /// The largest number of locals of a function.
    pub(crate) locals: u64,
}

/// Mutable globals of a module that are looked after.
const GLOBALS: usize = 64;

/// What one function of a module does.
#[derive(Default)]
struct Code {
    /// It changes the instance, or calls what is not known before it runs.
    changes: bool,
    calls: Vec<u32>,
}

/// What calls of the exported function `name` do. The module is valid.
pub(crate) fn effects(wasm: &[u8], name: &str) -> Effects {
    scan(wasm, name).unwrap_or(Effects { none: false, globals: None, locals: 0 })
}

fn scan(wasm: &[u8], name: &str) -> Result<Effects, wasmparser::BinaryReaderError> {
    let mut start = None;
    let mut codes = Vec::new();
    let mut globals = Vec::new();
    let (mut global, mut imported) = (0u32, 0u32);
    let mut other = false;
    let mut locals = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    other = true;
                }
            }
            Payload::GlobalSection(section) => {
                for one in section {
                    let kind = one?.ty;
                    if kind.mutable {
                        other |= kind.content_type.is_reference_type();
                        globals.push(global);
                    }
                    global += 1;
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    if export.name == name && export.kind == ExternalKind::Func {
                        start = Some(export.index);
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                let mut code = Code::default();
                let mut own = 0;
                for group in body.get_locals_reader()? {
                    own += u64::from(group?.0);
                }
                locals = locals.max(own);
                for operator in body.get_operators_reader()? {
                    match operator? {
                        Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                            code.calls.push(function_index);
                        }
                        operator => {
                            let otherwise = changes_otherwise(&operator);
                            code.changes |= otherwise || writes(&operator);
                            other |= otherwise;
                        }
                    }
                }
                codes.push(code);
            }
            _ => (),
        }
    }
    Ok(Effects {
        none: start.is_some_and(|start| leaves_all(&codes, start, imported)),
        globals: (!other && globals.len() <= GLOBALS).then_some(globals),
        locals,
    })
}

/// Whether no code that can be reached from the function `start` changes anything.
fn leaves_all(codes: &[Code], start: u32, imported: u32) -> bool {
    let mut seen = vec![false; codes.len()];
    let mut open = vec![start];
    while let Some(index) = open.pop() {
        let Some(index) = index.checked_sub(imported).map(|index| index as usize) else { return false };
        let Some(code) = codes.get(index).filter(|code| !code.changes) else { return false };
        if !std::mem::replace(&mut seen[index], true) {
            open.extend_from_slice(&code.calls);
        }
    }
    true
}

/// Whether an operator writes to memory or to a global, or calls what is not known. This and [`changes_otherwise`] are
/// all of the language as far as the runtime takes it: no threads, no exceptions, no garbage collection, no vectors.
fn writes(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::I32Store { .. }
            | O::I64Store { .. }
            | O::F32Store { .. }
            | O::F64Store { .. }
            | O::I32Store8 { .. }
            | O::I32Store16 { .. }
            | O::I64Store8 { .. }
            | O::I64Store16 { .. }
            | O::I64Store32 { .. }
            | O::MemoryGrow { .. }
            | O::MemoryFill { .. }
            | O::MemoryCopy { .. }
            | O::MemoryInit { .. }
            | O::GlobalSet { .. }
            | O::CallIndirect { .. }
            | O::ReturnCallIndirect { .. }
            | O::CallRef { .. }
            | O::ReturnCallRef { .. }
    )
}

/// Whether an operator changes a table, or a segment that others use.
fn changes_otherwise(operator: &Operator<'_>) -> bool {
    use Operator as O;
    matches!(
        operator,
        O::DataDrop { .. }
            | O::ElemDrop { .. }
            | O::TableSet { .. }
            | O::TableGrow { .. }
            | O::TableFill { .. }
            | O::TableCopy { .. }
            | O::TableInit { .. }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Effects {
        effects(&wat::parse_str(text).unwrap(), "f")
    }

    #[test]
    fn arithmetic_and_loads_change_nothing() {
        assert!(
            of(r#"(module (memory 1) (func $g (result i32) i32.const 0 i32.load)
               (func (export "f") (result i32) call $g call $g i32.add))"#)
            .none
        );
    }

    #[test]
    fn a_store_that_is_reached_counts_and_one_that_is_not_does_not() {
        let module = |calls| {
            format!(
                r#"(module (memory 1) (global i32 i32.const 0) (global (mut i64) i64.const 0)
                   (func $g i32.const 0 i32.const 1 i32.store) (func $h call $g) (func (export "f") {calls}))"#
            )
        };
        let globals = Some(vec![1]);
        assert_eq!(of(&module("call $h")), Effects { none: false, globals: globals.clone(), locals: 0 });
        assert_eq!(of(&module("")), Effects { none: true, globals, locals: 0 });
        assert_eq!(of(r#"(module (func (export "f")))"#).globals, Some(Vec::new()));
    }

    #[test]
    fn everything_that_changes_an_instance_is_known() {
        let module = |body| {
            format!(
                r#"(module (memory 1) (global (mut i32) i32.const 0) (table 1 funcref) (data $d "x") (elem $e func)
                   (func (export "f") {body}))"#
            )
        };
        for body in [
            "i32.const 1 global.set 0",
            "i32.const 1 memory.grow drop",
            "i32.const 0 i32.const 0 i32.const 1 memory.fill",
            "i32.const 0 i32.const 0 i32.const 1 memory.copy",
            "i32.const 0 i32.const 0 i32.const 1 memory.init $d",
            "i32.const 0 call_indirect",
        ] {
            let globals = Some(vec![0]);
            assert_eq!(of(&module(body)), Effects { none: false, globals, locals: 0 }, "{body}");
        }
        for body in [
            "i32.const 0 ref.null func table.set 0",
            "ref.null func i32.const 1 table.grow 0 drop",
            "i32.const 0 ref.null func i32.const 1 table.fill 0",
            "i32.const 0 i32.const 0 i32.const 1 table.copy",
            "i32.const 0 i32.const 0 i32.const 0 table.init $e",
            "data.drop $d",
            "elem.drop $e",
        ] {
            assert_eq!(of(&module(body)), Effects { none: false, globals: None, locals: 0 }, "{body}");
        }
    }
}
