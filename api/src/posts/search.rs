//! What readers look for in the feed, and making old posts be found.

use crate::app::App;
use crate::due;
use crate::problem::{Problem, ProblemKind};
use crate::text::Text;
use entity::{Due, DueWork, SearchTerms, StoreError};

/// The longest text that is looked for, in characters, and the most words of it.
const LONGEST: usize = 100;
const MOST_WORDS: usize = 8;

/// Posts made to be found in one transaction.
const AT_ONCE: u64 = 100;

/// Words that posts are to have, all of them.
pub struct LookedFor {
    /// As they were typed.
    pub text: String,
    /// As they are compared.
    pub terms: SearchTerms,
}

impl LookedFor {
    /// Checks the parameter; nothing is looked for in an empty one.
    ///
    /// # Errors
    /// 400 when it is too long, has too many words, or none.
    pub fn of(q: Option<String>) -> Result<Option<Self>, Problem> {
        let Some(text) = q.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()) else { return Ok(None) };
        let refused =
            |de: String, en: String| Err(Problem::with_fault(ProblemKind::InvalidParameter, "q", Text::new(de, en)));
        if text.chars().count() > LONGEST {
            return refused(
                format!("ist länger als {LONGEST} Zeichen"),
                format!("is longer than {LONGEST} characters"),
            );
        }
        let terms = SearchTerms::of(&text);
        if terms.is_empty() {
            return refused(
                "enthält weder Buchstaben noch Ziffern".to_owned(),
                "has no letter and no digit".to_owned(),
            );
        }
        if terms.len() > MOST_WORDS {
            return refused(format!("hat mehr als {MOST_WORDS} Wörter"), format!("has more than {MOST_WORDS} words"));
        }
        Ok(Some(Self { text, terms }))
    }
}

/// Makes posts be found that were public before there was a search; whether there were any.
///
/// # Errors
/// When the database fails. What was done is done.
pub async fn once(app: &App) -> Result<bool, StoreError> {
    due::each(app, DueWork::Index, |due| index(app, due)).await
}

/// Small transactions, so that nobody who writes waits for long.
async fn index(app: &App, due: Due) -> Result<(), StoreError> {
    let mut after = None;
    loop {
        let tx = app.database.village(due.village).begin().await?;
        after = tx.posts().index_some(after, AT_ONCE).await?;
        tx.commit().await?;
        if after.is_none() {
            tracing::info!(village = %due.village, "all public posts are found by their words");
            return Ok(());
        }
    }
}
