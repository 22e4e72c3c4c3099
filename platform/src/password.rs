//! Passwords of accounts: argon2id, stored as a PHC string.
//!
//! Promises: two accounts with the same password have different hashes; checking a wrong password, and checking a password for an account
//! that does not exist ([`verify_nothing`]), take the same time, so that sign-in does not tell which names exist.
//!
//! Each call costs about 20 ms of processor and 19 MiB, on purpose. Handlers therefore call these functions inside
//! `actix_web::web::block` (or `tokio::task::spawn_blocking`), never directly, and only after [`crate::limit`] has let the attempt pass: the limit
//! is what bounds the memory that strangers can make the process use.

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2::{Algorithm, Argon2, Params, Version};

/// Longer passwords are refused; without a limit the hash of the input itself becomes a burden.
pub const PASSWORD_MAX_BYTES: usize = 1_024;

/// Memory, passes and lanes as the OWASP password storage cheat sheet recommends for argon2id.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Salt of the hash that [`verify_nothing`] computes and throws away.
const NO_ACCOUNT_SALT: &[u8; 16] = b"no such account!";

/// Why a password could not be hashed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    #[error("a password has at most {PASSWORD_MAX_BYTES} bytes")]
    TooLong,
    #[error("hashing failed: {0}")]
    Hashing(argon2::password_hash::Error),
}

/// The PHC string to store for `password`.
pub fn hash(password: &str) -> Result<String, PasswordError> {
    if password.len() > PASSWORD_MAX_BYTES {
        return Err(PasswordError::TooLong);
    }
    let salt: [u8; 16] = rand::random();
    hash_with_salt(password, &salt).map_err(PasswordError::Hashing)
}

/// Whether `password` belongs to `stored_hash`. A stored hash that cannot be read counts as a wrong password.
pub fn verify(password: &str, stored_hash: &str) -> bool {
    if password.len() > PASSWORD_MAX_BYTES {
        return false;
    }
    let Ok(stored) = PasswordHash::new(stored_hash) else {
        tracing::error!("a stored password hash is unreadable");
        return false;
    };
    argon2id().verify_password(password.as_bytes(), &stored).is_ok()
}

/// Does the work of [`verify`] for an account that does not exist.
pub fn verify_nothing(password: &str) {
    if password.len() <= PASSWORD_MAX_BYTES {
        std::hint::black_box(hash_with_salt(password, NO_ACCOUNT_SALT).is_ok());
    }
}

fn hash_with_salt(password: &str, salt: &[u8; 16]) -> argon2::password_hash::Result<String> {
    let hash: PasswordHash = argon2id().hash_password_with_salt(password.as_bytes(), salt)?;
    Ok(hash.to_string())
}

fn argon2id() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the recommended parameters are within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_password_passes_and_no_other() {
        let stored = hash("晨光-2026-利津").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(verify("晨光-2026-利津", &stored));
        assert!(!verify("晨光-2026-利津 ", &stored));
        assert!(!verify("", &stored));
        assert_ne!(stored, hash("晨光-2026-利津").unwrap());
    }

    #[test]
    fn an_unreadable_hash_lets_nobody_in() {
        for stored in ["", "x", "$argon2id$v=19$m=19456,t=2,p=1$", "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA"] {
            assert!(!verify("password", stored), "{stored}");
        }
    }

    #[test]
    fn a_password_without_end_is_refused() {
        assert!(matches!(hash(&"x".repeat(PASSWORD_MAX_BYTES + 1)), Err(PasswordError::TooLong)));
        assert!(!verify(&"x".repeat(PASSWORD_MAX_BYTES + 1), "x"));
        verify_nothing("anything");
    }
}
