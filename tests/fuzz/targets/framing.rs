#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| age_rt_fuzz::targets::framing(data));
