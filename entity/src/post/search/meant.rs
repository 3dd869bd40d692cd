//! A term that nothing has may be mistyped, or written together where texts write it apart.

use super::Posts;
use super::wanted::{NamedClub, Wanted};
use crate::error::StoreError;
use crate::scope::InVillage;
use crate::search_word::{self, PART, SearchTerm};
use crate::sql::Sql;
use chrono::DateTime;
use sea_orm::FromQueryResult;

/// The most words of a village that are looked through for those that may have been meant.
const LOOKED_THROUGH: usize = 5_000;

/// The most words that are taken for what may have been meant.
const MEANT: usize = 30;

#[derive(FromQueryResult)]
struct Word {
    word: String,
}

impl<S: InVillage> Posts<'_, S> {
    /// What may have been meant by a term that nothing has, each with how many posts have it: words that are one error of typing
    /// from it, or else two words that are written together. Nothing where that is not to be had either.
    pub(super) async fn meant(
        &self,
        term: &SearchTerm,
        clubs: &[NamedClub],
        most: u64,
    ) -> Result<Option<Vec<(Wanted, i64)>>, StoreError> {
        if let Some(mistyped) = self.mistyped(term, clubs, most).await? {
            return Ok(Some(vec![mistyped]));
        }
        for halves in term.halves() {
            let mut both = Vec::with_capacity(2);
            for half in &halves {
                both.push(self.counted(Wanted::of(half, clubs, DateTime::UNIX_EPOCH), most).await?);
            }
            if both.iter().all(|(_, count)| *count > 0) {
                return Ok(Some(both));
            }
        }
        Ok(None)
    }

    /// What was meant, if it was mistyped: an error in the first letters is looked for when there is none in the others.
    async fn mistyped(
        &self,
        term: &SearchTerm,
        clubs: &[NamedClub],
        most: u64,
    ) -> Result<Option<(Wanted, i64)>, StoreError> {
        if !term.may_be_mistyped() {
            return Ok(None);
        }
        let is_near = |club: &&NamedClub| club.rows.iter().any(|row| search_word::is_near(row, &term.word));
        let clubs: Vec<_> = clubs.iter().filter(is_near).map(|club| club.id).collect();
        for letters in [2, 1] {
            let words = self.near(term, letters).await?;
            if !words.is_empty() || !clubs.is_empty() {
                return self.counted(Wanted { words, clubs, ..Wanted::default() }, most).await.map(Some);
            }
        }
        let others = search_word::with_other_beginnings(&term.word);
        let words = others.iter().map(|word| format!("{PART}{word}")).chain(others.iter().cloned()).collect();
        let wanted = self.counted(Wanted { words, ..Wanted::default() }, most).await?;
        Ok(Some(wanted).filter(|(_, count)| *count > 0))
    }

    async fn counted(&self, wanted: Wanted, most: u64) -> Result<(Wanted, i64), StoreError> {
        let count = self.count(&wanted, most).await?;
        Ok((wanted, count))
    }

    /// Words with the same first letters that are one error from what was typed, and parts of words.
    async fn near(&self, term: &SearchTerm, letters: usize) -> Result<Vec<String>, StoreError> {
        let beginning: String = term.word.chars().take(letters).collect();
        let mut near = self.words_with(&beginning).await?;
        near.extend(self.words_with(&format!("{PART}{beginning}")).await?);
        near.retain(|row| search_word::is_near(row, &term.word));
        near.truncate(MEANT);
        Ok(near)
    }

    /// The different words of the village that begin like this, from each to the next by the index, however many posts have them.
    async fn words_with(&self, beginning: &str) -> Result<Vec<String>, StoreError> {
        let sql = format!(
            "WITH RECURSIVE seen (word) AS (
               SELECT (SELECT MIN(w.word) FROM search_word w WHERE w.village_id = $1 AND w.word >= $2 AND w.word < $3)
               UNION ALL
               SELECT (SELECT MIN(w.word) FROM search_word w WHERE w.village_id = $1 AND w.word > seen.word AND w.word < $3)
               FROM seen WHERE seen.word IS NOT NULL)
             SELECT word FROM seen WHERE word IS NOT NULL LIMIT {LOOKED_THROUGH}"
        );
        let values = vec![self.0.village_id().into(), beginning.into(), format!("{beginning}\u{10ffff}").into()];
        Ok(self.0.connection().rows::<Word>(&sql, values).await?.into_iter().map(|row| row.word).collect())
    }
}
