//! The Verifier as the page has it, in an interpreter instead of a browser.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use wasmi::{Engine, Linker, Memory, Module, Store, TypedFunc};

use crate::built::verifier_in;

pub(crate) struct Wasm {
    store: Store<()>,
    instance: wasmi::Instance,
    memory: Memory,
}

impl Wasm {
    /// Out of the page that is handed on.
    pub(crate) fn of(page: &Path) -> Self {
        let page = std::fs::read_to_string(page).unwrap();
        let bytes = STANDARD.decode(verifier_in(&page)).unwrap();
        let engine = Engine::default();
        let module = Module::new(&engine, &bytes[..]).unwrap();
        let imports: Vec<_> = module.imports().map(|import| import.name().to_owned()).collect();
        assert!(imports.is_empty(), "it can ask nobody for anything, not for time and not for randomness: {imports:?}");
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).unwrap();
        let memory = instance.get_memory(&store, "memory").unwrap();
        Self { store, instance, memory }
    }

    /// As the page calls it. A trap is a panic.
    pub(crate) fn call(&mut self, name: &str, request: &[u8]) -> String {
        let place = self.place_of(request.len());
        assert_ne!(place, 0, "{} bytes are too many", request.len());
        self.memory.write(&mut self.store, place, request).unwrap();
        let function: TypedFunc<(), u32> = self.instance.get_typed_func(&self.store, name).unwrap();
        let length = function.call(&mut self.store, ()).unwrap_or_else(|trap| panic!("{name}: {trap}"));
        let answer: TypedFunc<(), u32> = self.instance.get_typed_func(&self.store, "sealroom_answer").unwrap();
        let place = answer.call(&mut self.store, ()).unwrap();
        let mut text = vec![0; usize::try_from(length).unwrap()];
        self.memory.read(&self.store, usize::try_from(place).unwrap(), &mut text).unwrap();
        String::from_utf8(text).unwrap()
    }

    /// Where it has room for so many bytes; 0 where it has not.
    pub(crate) fn place_of(&mut self, length: usize) -> usize {
        let room: TypedFunc<u32, u32> = self.instance.get_typed_func(&self.store, "sealroom_request").unwrap();
        let place = room.call(&mut self.store, u32::try_from(length).unwrap()).unwrap();
        usize::try_from(place).unwrap()
    }

    /// Bytes of memory that it has taken so far; it gives none back.
    pub(crate) fn memory(&self) -> usize {
        self.memory.data_size(&self.store)
    }
}
