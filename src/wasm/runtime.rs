//! What the standard library would bring along. Its panic handler formats messages that nobody could read, at a tenth of the module's size.

/// A panic is a bug of ours. The trap reaches JavaScript as a `RuntimeError`, which gives up the instance.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
