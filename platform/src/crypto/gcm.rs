//! SM4 in Galois/counter mode (RFC 8998), the one cipher of this crate.
//!
//! The mode is the one that `aes-gcm` implements over any block cipher of 16 bytes; the published test vector below is what makes sure
//! that the combination is the standard one.

use aes_gcm::AesGcm;
use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{AeadInOut, KeyInit};
use sm4::Sm4;

/// Length of an SM4 key.
pub(super) const SM4_KEY_BYTES: usize = 16;

const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// Nonce in front, tag behind.
pub(super) const GCM_OVERHEAD_BYTES: usize = NONCE_BYTES + TAG_BYTES;

type Sm4Gcm = AesGcm<Sm4, U12>;

/// Writes nonce, cipher text and tag behind what `out` already holds.
pub(super) fn encrypt_onto(out: &mut Vec<u8>, key: &[u8; SM4_KEY_BYTES], nonce: &[u8; NONCE_BYTES], associated: &[u8], plain: &[u8]) {
    out.extend_from_slice(nonce);
    let start = out.len();
    out.extend_from_slice(plain);
    let tag = Sm4Gcm::new(key.into())
        .encrypt_inout_detached(nonce.into(), associated, (&mut out[start..]).into())
        .expect("a value in memory is far below the 64 GiB that the mode allows");
    out.extend_from_slice(&tag);
}

/// The plain text of nonce, cipher text and tag; `None` when anything was altered.
pub(super) fn decrypt(key: &[u8; SM4_KEY_BYTES], associated: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, rest) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    let (cipher_text, tag) = rest.split_last_chunk::<TAG_BYTES>()?;
    let mut plain = cipher_text.to_vec();
    Sm4Gcm::new(key.into()).decrypt_inout_detached(nonce.into(), associated, plain.as_mut_slice().into(), tag.into()).ok()?;
    Some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_of_rfc_8998_comes_out() {
        // RFC 8998, appendix A.1 (SM4-GCM).
        let key: [u8; 16] = hex::decode("0123456789abcdeffedcba9876543210").unwrap().try_into().unwrap();
        let nonce: [u8; 12] = hex::decode("00001234567800000000abcd").unwrap().try_into().unwrap();
        let associated = hex::decode("feedfacedeadbeeffeedfacedeadbeefabaddad2").unwrap();
        let plain = hex::decode(concat!(
            "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd",
            "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
        ))
        .unwrap();
        let cipher_text = concat!(
            "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735",
            "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d",
        );
        let tag = "83de3541e4c2b58177e065a9bf7b62ec";
        let mut sealed = Vec::new();
        encrypt_onto(&mut sealed, &key, &nonce, &associated, &plain);
        assert_eq!(hex::encode(&sealed), format!("00001234567800000000abcd{cipher_text}{tag}"));
        assert_eq!(decrypt(&key, &associated, &sealed), Some(plain));
    }
}
