//! Secrets: hashing, sealing and finding again what must not lie open in a table.
//!
//! The algorithms are the national ones (SM3, SM4; GB/T 32905, GB/T 32907), kept behind three ideas: [`sm3`] for hashes anybody may
//! recompute, [`KeyRing::seal`] for values that only this platform may read, [`KeyRing::index`] for finding a sealed value without opening it.
//!
//! Promises: a sealed value opens only in the place it was sealed for (tenant, column, row), so a value copied to another row is refused
//! like a forged one; keys for different purposes are derived apart and never shared; nothing here prints a key or a plain text.
//!
//! Deliberately absent: changing the data key. Every sealed value names its key, so a ring with several keys can be added without
//! touching a row. Signatures (SM2) belong to the issuing of documents.

mod gcm;

use hmac::{Hmac, KeyInit, Mac};
use sm3::{Digest, Sm3};
use subtle::ConstantTimeEq;

use crate::config::Secrets;
use gcm::{GCM_OVERHEAD_BYTES, SM4_KEY_BYTES};

/// First byte of every sealed value; another layout would get another number.
const SEAL_VERSION: u8 = 1;

/// Version byte and key id in front of nonce, cipher text and tag.
const SEAL_HEADER_BYTES: usize = 1 + 4;

/// How many bytes a sealed value is longer than the plain one.
pub const SEAL_OVERHEAD_BYTES: usize = SEAL_HEADER_BYTES + GCM_OVERHEAD_BYTES;

/// Letters of secrets that people copy from paper: without 0 and O, 1 and I and L.
const SECRET_ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/// Why something did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// Not something that [`KeyRing::seal`] made.
    #[error("not a sealed value of a known version")]
    Malformed,
    /// Sealed under a data key that this process does not have.
    #[error("sealed under the key {key_id:08x}, which this process does not hold")]
    UnknownKey { key_id: u32 },
    /// Altered, or moved from the place it was sealed for; the two cannot be told apart.
    #[error("altered, or sealed for another place")]
    Refused,
}

/// Where a sealed value lives. It is not stored with the value but has to be named again to open it.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The tenant that owns the row; 0 for platform tables.
    pub tenant_id: i64,
    /// Table and column, as in `applicants.identity_number`.
    pub column: &'static str,
    /// The primary key of the row within the tenant, in bytes.
    pub row: &'a [u8],
}

/// The keys of this process, all derived from the one data key of the configuration.
#[derive(Clone)]
pub struct KeyRing {
    key_id: u32,
    sealing_root: [u8; 32],
    index_key: [u8; 32],
    purpose_root: [u8; 32],
}

impl KeyRing {
    /// Derives the keys. The same data key gives the same ring on every replica.
    pub fn new(secrets: &Secrets) -> KeyRing {
        let derive = |purpose: &str| hmac_sm3(&secrets.data_key, &[b"zhengtong/1/", purpose.as_bytes()]);
        let id = derive("key-id");
        KeyRing {
            key_id: u32::from_be_bytes([id[0], id[1], id[2], id[3]]),
            sealing_root: derive("sealing"),
            index_key: derive("index"),
            purpose_root: derive("purpose"),
        }
    }

    /// A fingerprint of the data key; it stands in every sealed value and says nothing about the key.
    pub fn key_id(&self) -> u32 {
        self.key_id
    }

    /// Seals `plain` for `place` with SM4-GCM: version, key id, nonce, cipher text, tag. Sealing twice gives two different values.
    pub fn seal(&self, place: &Place<'_>, plain: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(SEAL_OVERHEAD_BYTES + plain.len());
        sealed.push(SEAL_VERSION);
        sealed.extend_from_slice(&self.key_id.to_be_bytes());
        let associated = associated_data(&sealed, place);
        gcm::encrypt_onto(&mut sealed, &self.sealing_key(place.tenant_id), &rand::random(), &associated, plain);
        sealed
    }

    /// Opens what [`KeyRing::seal`] made for the same place.
    pub fn open(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
        if sealed.len() < SEAL_OVERHEAD_BYTES || sealed[0] != SEAL_VERSION {
            return Err(CryptoError::Malformed);
        }
        let (header, body) = sealed.split_at(SEAL_HEADER_BYTES);
        let key_id = u32::from_be_bytes([header[1], header[2], header[3], header[4]]);
        if key_id != self.key_id {
            return Err(CryptoError::UnknownKey { key_id });
        }
        gcm::decrypt(&self.sealing_key(place.tenant_id), &associated_data(header, place), body).ok_or(CryptoError::Refused)
    }

    /// The keyed fingerprint under which a sealed value is found again. The same value under two labels gives two fingerprints. The caller
    /// brings the value into its one spelling first (trimmed, capital X in identity numbers).
    pub fn index(&self, label: &str, value: &str) -> [u8; 32] {
        hmac_sm3(&self.index_key, &[&(label.len() as u64).to_be_bytes(), label.as_bytes(), value.as_bytes()])
    }

    /// A key of its own for one purpose outside the database (`csrf`, `limits`, …).
    pub fn key_for(&self, purpose: &str) -> [u8; 32] {
        hmac_sm3(&self.purpose_root, &[purpose.as_bytes()])
    }

    /// Each tenant's values have a key of their own: random nonces are safe for about 2^32 values per key (NIST SP 800-38D, 8.3), which
    /// a province with one key for everything could reach.
    fn sealing_key(&self, tenant_id: i64) -> [u8; SM4_KEY_BYTES] {
        let derived = hmac_sm3(&self.sealing_root, &[&tenant_id.to_be_bytes()]);
        let mut key = [0; SM4_KEY_BYTES];
        key.copy_from_slice(&derived[..SM4_KEY_BYTES]);
        key
    }
}

/// Prints the fingerprint only.
impl std::fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "KeyRing({:08x})", self.key_id)
    }
}

/// SM3 (GB/T 32905) of the parts one after the other, with nothing between them: `sm3(&[a, b])` is the hash of `a‖b`. Where the border
/// between two parts matters, the caller writes lengths into them.
pub fn sm3(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sm3::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// HMAC-SM3 (GB/T 15852.2) over the parts one after the other.
pub fn hmac_sm3(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sm3>::new_from_slice(key).expect("HMAC takes a key of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// What a hash chain carries in place of personal data: SM3(salt‖bytes). Whoever destroys the salt has erased the data from the chain,
/// and the chain still verifies.
pub fn commitment(salt: &[u8; 16], bytes: &[u8]) -> [u8; 32] {
    sm3(&[salt, bytes])
}

/// A secret of `chars` letters for receipts and codes on paper, about 4.95 bits each; 12 letters withstand every guessing over the network.
pub fn random_secret(chars: usize) -> String {
    (0..chars).map(|_| char::from(SECRET_ALPHABET[rand::random_range(..SECRET_ALPHABET.len())])).collect()
}

/// A secret of `chars` letters (at most 32) that follows from a keyed digest: the same digest gives the same secret.
pub fn secret_of_digest(digest: &[u8; 32], chars: usize) -> String {
    // 256 is no multiple of 31, so the first eight letters come a little more often; that costs less than a hundredth of a bit each.
    digest.iter().take(chars).map(|byte| char::from(SECRET_ALPHABET[usize::from(*byte) % SECRET_ALPHABET.len()])).collect()
}

/// Whether two secrets are equal, in a time that depends on their lengths only.
pub fn equal_in_constant_time(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

/// Header and place, with the lengths written out so that no two places give the same bytes.
fn associated_data(header: &[u8], place: &Place<'_>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(header.len() + 16 + place.column.len() + place.row.len());
    bytes.extend_from_slice(header);
    bytes.extend_from_slice(&place.tenant_id.to_be_bytes());
    bytes.extend_from_slice(&(place.column.len() as u64).to_be_bytes());
    bytes.extend_from_slice(place.column.as_bytes());
    bytes.extend_from_slice(place.row);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place<'static> = Place { tenant_id: 370522102000, column: "applicants.identity_number", row: b"row-1" };
    const PLAIN: &[u8] = b"370522196509140027";

    fn ring(byte: u8) -> KeyRing {
        KeyRing::new(&Secrets { data_key: [byte; 32] })
    }

    #[test]
    fn sm3_answers_the_standard_examples() {
        // GB/T 32905-2016, annex A.
        let short = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0";
        let long = "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732";
        assert_eq!(hex::encode(sm3(&[b"abc"])), short);
        assert_eq!(hex::encode(sm3(&[b"a", b"", b"bc"])), short);
        assert_eq!(hex::encode(sm3(&[&b"abcd".repeat(16)])), long);
    }

    #[test]
    fn hmac_is_the_construction_of_rfc_2104() {
        let key = [0x42; 32];
        let pad = |byte: u8| -> Vec<u8> { (0..64).map(|at| if at < 32 { key[at] ^ byte } else { byte }).collect() };
        let inner = sm3(&[&pad(0x36), b"message"]);
        assert_eq!(hmac_sm3(&key, &[b"mess", b"age"]), sm3(&[&pad(0x5c), &inner]));
    }

    #[test]
    fn what_was_sealed_opens_in_its_place() {
        let ring = ring(1);
        for plain in [PLAIN, b"", "前梁村".as_bytes(), &[7; 5_000]] {
            let sealed = ring.seal(&PLACE, plain);
            assert_eq!(sealed.len(), plain.len() + SEAL_OVERHEAD_BYTES);
            assert_eq!(ring.open(&PLACE, &sealed).as_deref(), Ok(plain));
        }
        assert_ne!(ring.seal(&PLACE, PLAIN), ring.seal(&PLACE, PLAIN));
    }

    #[test]
    fn another_place_is_refused() {
        let ring = ring(1);
        let sealed = ring.seal(&PLACE, PLAIN);
        let elsewhere = [
            Place { tenant_id: 370522103000, ..PLACE },
            Place { column: "applicants.telephone", ..PLACE },
            Place { row: b"row-2", ..PLACE },
            Place { column: "applicants.identity_numberr", row: b"ow-1", ..PLACE },
        ];
        for place in elsewhere {
            assert_eq!(ring.open(&place, &sealed), Err(CryptoError::Refused), "{place:?}");
        }
    }

    #[test]
    fn every_altered_byte_is_noticed() {
        let ring = ring(1);
        let sealed = ring.seal(&PLACE, PLAIN);
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(ring.open(&PLACE, &altered).is_err(), "byte {at}");
        }
        for length in 0..sealed.len() {
            assert!(ring.open(&PLACE, &sealed[..length]).is_err(), "length {length}");
        }
    }

    #[test]
    fn another_key_is_named_not_guessed() {
        let sealed = ring(1).seal(&PLACE, PLAIN);
        assert_eq!(ring(2).open(&PLACE, &sealed), Err(CryptoError::UnknownKey { key_id: ring(1).key_id() }));
        assert_eq!(ring(1).open(&PLACE, b""), Err(CryptoError::Malformed));
    }

    #[test]
    fn an_index_depends_on_key_label_and_value() {
        let fingerprint = ring(1).index("identity_number", "370522196509140027");
        assert_eq!(fingerprint, ring(1).index("identity_number", "370522196509140027"));
        assert_ne!(fingerprint, ring(2).index("identity_number", "370522196509140027"));
        assert_ne!(fingerprint, ring(1).index("identity_number", "370522196509140028"));
        assert_ne!(ring(1).index("ab", "c"), ring(1).index("a", "bc"));
        assert_ne!(ring(1).key_for("csrf"), ring(1).key_for("limits"));
    }

    #[test]
    fn a_commitment_hides_behind_its_salt() {
        assert_eq!(commitment(&[1; 16], b"name"), sm3(&[&[1; 16], b"name"]));
        assert_ne!(commitment(&[1; 16], b"name"), commitment(&[2; 16], b"name"));
    }

    #[test]
    fn a_secret_can_be_read_aloud() {
        let secret = random_secret(400);
        assert_eq!(secret.len(), 400);
        assert!(secret.chars().all(|letter| letter.is_ascii_alphanumeric() && !"0O1IL".contains(letter)));
        assert_ne!(random_secret(12), random_secret(12));
    }

    #[test]
    fn nothing_prints_a_key() {
        assert_eq!(format!("{:?}", ring(1)), format!("KeyRing({:08x})", ring(1).key_id()));
    }
}
