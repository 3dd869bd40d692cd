//! The words that public posts are found by: a row per word and post, there exactly while the post is public.
//!
//! Plain rows and not an index of the database's own for texts: they are the same on both databases, every index begins with the
//! village, and row-level security lets PostgreSQL use them (docs/decisions/0045).

mod normal;

pub(crate) use normal::SearchTerm;
pub use normal::SearchTerms;

use crate::error::StoreError;
use crate::ids::PostId;
use crate::post::Post;
use crate::scope::{Connected, InVillage, VillageTx};
use crate::sql::Sql;
use sea_orm::Value;
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
    let words: Vec<String> = normal::found_by(&[&post.title, place, &post.body_markdown]).into_iter().collect();
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

impl SearchTerm {
    /// The identifiers of the posts that have it, some of them more than once. Adds its values to those of the statement.
    pub fn hits(&self, values: &mut Vec<Value>) -> String {
        let by =
            |condition: String| format!("SELECT w.post_id FROM search_word w WHERE w.village_id = $1 AND {condition}");
        let mut sql = by(self.range("w.word", values));
        if let Some(stem) = &self.stem {
            values.push(stem.clone().into());
            sql.push_str(&format!(" UNION ALL {}", by(format!("w.word = ${}", values.len()))));
        }
        sql
    }

    /// The condition that the post with the identifier `id` has it. Asked of one post after the other: `|| ''` keeps a database
    /// without statistics from looking through all posts that have the word instead, once for each.
    pub fn is_had_by(&self, id: &str, values: &mut Vec<Value>) -> String {
        let mut words = self.range("w.word || ''", values);
        if let Some(stem) = &self.stem {
            values.push(stem.clone().into());
            words = format!("(({words}) OR w.word || '' = ${})", values.len());
        }
        format!(
            "(SELECT 1 FROM search_word w WHERE w.village_id = $1 AND w.post_id = {id} AND {words} LIMIT 1) IS NOT NULL"
        )
    }

    /// Words are ordered by their bytes, and none has the last character there is.
    fn range(&self, word: &str, values: &mut Vec<Value>) -> String {
        values.push(self.prefix.clone().into());
        values.push(format!("{}\u{10ffff}", self.prefix).into());
        format!("{word} >= ${} AND {word} < ${}", values.len() - 1, values.len())
    }
}
