//! What `std` would otherwise provide: a panic handler and an allocator. The handler of `std`
//! formats messages that nobody could read, and is a tenth of the module.

/// A panic is a bug of ours. The trap reaches JavaScript as a `RuntimeError`, which gives up the
/// instance.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
