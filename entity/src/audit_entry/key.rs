//! The key of the audit logs.

use super::row;
use crate::ids::VillageId;
use ring::hmac;

/// The key that chains the audit logs. Whoever has the database without it cannot forge a line.
#[derive(Clone)]
pub struct AuditKey(hmac::Key);

impl AuditKey {
    /// A key of 32 bytes.
    pub fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The hash that ties a line to the one before. Every part is preceded by its length, so that no two lines read alike.
    pub(super) fn chain(&self, before: &[u8], row: &row::Model) -> Vec<u8> {
        let version = |version: Option<i32>| version.map_or(Vec::new(), |version| version.to_be_bytes().to_vec());
        self.mac(&[
            b"line",
            before,
            row.village_id.as_bytes(),
            row.id.as_bytes(),
            &row.number.to_be_bytes(),
            &row.at.to_be_bytes(),
            row.account_id.as_ref().map_or(&[], |account| account.as_bytes().as_slice()),
            row.action.as_bytes(),
            row.subject_id.as_bytes(),
            &version(row.from_version),
            &version(row.to_version),
            row.detail.as_bytes(),
        ])
    }

    pub(super) fn seal(&self, village: VillageId, number: i64, chain: &[u8]) -> Vec<u8> {
        self.mac(&[b"head", village.0.as_bytes(), &number.to_be_bytes(), chain])
    }

    fn mac(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        context.sign().as_ref().to_vec()
    }
}

impl std::fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AuditKey")
    }
}
