//! The codes are one list on both sides: a number of WebAssembly is a place in the array of
//! TypeScript.

use std::{fs, path::Path};

use age_rt::error::Code;

fn typescript_codes() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("js/src/errors.ts");
    let source = fs::read_to_string(path).expect("js/src/errors.ts");
    let (_, list) = source
        .split_once("export const ERROR_CODES = [")
        .expect("the array");
    let (list, _) = list.split_once("] as const").expect("its end");
    list.split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_numbers_mean_the_same_in_typescript() {
    let rust: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(rust, typescript_codes());
}

#[test]
fn a_code_is_its_place_in_the_list() {
    for (place, &code) in Code::ALL.iter().enumerate() {
        assert_eq!(code as usize, place);
    }
}
