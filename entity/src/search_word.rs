//! What public posts are found by: a row per word, part of a word and date of a post, there exactly while the post is public.
//!
//! Plain rows and not an index of the database's own for texts: they are the same on both databases, every index begins with the
//! village, and row-level security lets PostgreSQL use them (docs/decisions/0045, 0076). `normal` says how words are compared,
//! `stem` and `parts` what they have in common, `terms` what is looked for, `typing` what may have been meant.

mod normal;
mod parts;
mod small_words;
mod stem;
mod terms;
mod typing;
mod written_date;

pub(crate) use parts::PART;
pub(crate) use terms::SearchTerm;
pub use terms::SearchTerms;
pub(crate) use typing::{is_near, with_other_beginnings};

use crate::error::StoreError;
use crate::ids::PostId;
use crate::post::Post;
use crate::scope::{Connected, InVillage, VillageTx};
use crate::sql::Sql;
use sea_orm::Value;
use std::collections::BTreeSet;
use uuid::Uuid;

pub(crate) mod row {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "search_word")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub post_id: Uuid,
        #[sea_orm(column_type = "Text")]
        pub word: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Words written by one statement.
const AT_ONCE: usize = 400;

/// Makes these the words that a public post is found by: those of its title, its text and its place.
pub(crate) async fn set(tx: &VillageTx, post: &Post) -> Result<(), StoreError> {
    remove(tx, post.id).await?;
    let place = post.event.as_ref().and_then(|event| event.place.as_deref()).unwrap_or_default();
    let words: Vec<String> = found_by(&[&post.title, place, &post.body_markdown]).into_iter().collect();
    for words in words.chunks(AT_ONCE) {
        let mut values: Vec<Value> = vec![tx.village_id().into(), post.id.into()];
        let mut rows = Vec::with_capacity(words.len());
        for word in words {
            values.push(Uuid::now_v7().into());
            values.push(word.clone().into());
            rows.push(format!("($1, ${}, $2, ${})", values.len() - 1, values.len()));
        }
        let sql = format!("INSERT INTO search_word (village_id, id, post_id, word) VALUES {}", rows.join(", "));
        tx.connection().run(&sql, values).await?;
    }
    Ok(())
}

/// Makes a post be found no longer.
pub(crate) async fn remove(tx: &VillageTx, post: PostId) -> Result<(), StoreError> {
    let sql = "DELETE FROM search_word WHERE village_id = $1 AND post_id = $2";
    tx.connection().run(sql, vec![tx.village_id().into(), post.into()]).await.map(drop)
}

/// What texts are found by.
pub(crate) fn found_by(texts: &[&str]) -> BTreeSet<String> {
    normal::found_by(texts)
}
