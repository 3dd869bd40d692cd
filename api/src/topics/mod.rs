//! Topics: what posts of a village are about and what its residents can follow.

mod routes;
mod view;

pub use routes::TopicRoutes;

use crate::app::App;
use crate::authority::VillageAdmin;
use crate::http::Answer;
use crate::idempotency;
use crate::problem::Problem;
use crate::text::Text;
use entity::{Deed, StoreError, Topic};
use view::TopicView;

/// Adds a topic.
async fn create(
    app: &App,
    admin: &VillageAdmin,
    topic: Topic,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let now = app.clock.now();
    let tx = admin.here.scope.begin().await?;
    if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
        return Ok(answer);
    }
    let topic = tx.topics().create(topic, now).await.map_err(|error| match error {
        StoreError::Taken => Problem::conflict(Text::new(
            "Eine Rubrik mit diesem slug gibt es schon.",
            "There is a topic with this slug already.",
        )),
        other => other.into(),
    })?;
    tx.audit().record(Deed::new(admin.session.account, "topic.created", topic.id), now).await?;
    let answer = Answer::<201, TopicView>::of(&topic.into()).to_keep();
    idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Gives a topic another name, if one is given.
async fn rename(app: &App, admin: &VillageAdmin, slug: &str, name: Option<&str>) -> Result<Topic, Problem> {
    let Some(name) = name else {
        let topics = admin.here.scope.read().await?.topics().list().await?;
        return topics.into_iter().find(|topic| topic.slug == slug).ok_or_else(Problem::not_found);
    };
    let tx = admin.here.scope.begin().await?;
    let topic = tx.topics().rename(slug, name).await?.ok_or_else(Problem::not_found)?;
    tx.audit().record(Deed::new(admin.session.account, "topic.renamed", topic.id), app.clock.now()).await?;
    tx.commit().await?;
    Ok(topic)
}

/// Removes a topic that no post is about.
async fn delete(app: &App, admin: &VillageAdmin, slug: &str) -> Result<(), Problem> {
    let tx = admin.here.scope.begin().await?;
    let topic = tx.topics().by_slug(slug).await?.ok_or_else(Problem::not_found)?;
    tx.topics().delete(slug).await.map_err(|error| match error {
        StoreError::Referenced => {
            Problem::conflict(Text::new("Es gibt Beiträge zu dieser Rubrik.", "There are posts about this topic."))
        }
        other => other.into(),
    })?;
    tx.audit().record(Deed::new(admin.session.account, "topic.deleted", topic.id), app.clock.now()).await?;
    Ok(tx.commit().await?)
}
