//! Subscriptions: how residents are reached, without an account.
//!
//! Whoever subscribes gets an identifier and a secret, whatever was there before; nothing in the answer tells. A push
//! endpoint that comes again with the same keys is the same browser and keeps its subscription; with other keys it replaces
//! the one before. A mailbox is asked by mail each time, at most a few times a day, and its answer replaces the one before; with it
//! the secret goes to the mailbox's owner.

mod export_view;
mod pages;
mod reminder_view;
mod routes;
mod view;
mod waste_view;

pub use routes::SubscriptionRoutes;

use crate::app::App;
use crate::authority::{InVillage, SubscriptionHolder};
use crate::consent;
use crate::http::ConditionalIfGiven;
use crate::mail_address;
use crate::problem::{Fault, Problem, ProblemKind};
use crate::secrets::Token;
use crate::text::Text;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    ClubId, Consent, ConsentAct, DeliveryRecord, Follow, Holder, Mailbox, NewNotification, NewSubscription,
    NotificationKind, PushEndpoint, Subscription, SubscriptionId, SubscriptionState, SubscriptionWishes, TopicId,
    Urgency, Village, VillageTx, WasteFollow,
};
use pages::Matter;
use std::collections::HashMap;
use view::{Change, FollowView, Wanted};

/// A subscription as its holder sees it.
pub struct Held {
    subscription: Subscription,
    follows: Vec<Follow>,
    waste: Vec<WasteFollow>,
    leads: Vec<i32>,
}

/// Everything that is stored about a subscription.
pub struct Export {
    held: Held,
    consents: Vec<Consent>,
    deliveries: Vec<DeliveryRecord>,
}

/// Subscribes. Two first subscriptions of one browser at once: the slower one finds the faster one's and goes on from there.
async fn subscribe(app: &App, here: &InVillage, wanted: Wanted) -> Result<(Held, Token), Problem> {
    let first = try_to_subscribe(app, here, wanted.clone()).await;
    match first {
        Err(problem) if problem.kind == ProblemKind::Conflict => try_to_subscribe(app, here, wanted).await,
        other => other,
    }
}

async fn try_to_subscribe(app: &App, here: &InVillage, wanted: Wanted) -> Result<(Held, Token), Problem> {
    let now = app.clock.now();
    // Counted before the village's transaction begins: SQLite has one writer.
    let may_ask = match &wanted.holder {
        Holder::Email(mailbox) => may_ask(app, mailbox, now).await?,
        _ => true,
    };
    let secret = app.secrets.token();
    let tx = here.scope.begin().await?;
    let follows = follows_of(&tx, wanted.follows).await?;
    let waste = waste_view::with_districts(&tx.waste_districts().list().await?, &wanted.waste)?;
    let before = match &wanted.holder {
        Holder::WebPush(push) => tx.subscriptions().by_endpoint(&push.endpoint_hash).await?,
        _ => None,
    };
    let new = NewSubscription {
        holder: wanted.holder,
        secret_hash: secret.hash.clone(),
        language: wanted.language.unwrap_or_else(|| here.village.language.clone()),
        alerts: wanted.alerts.or(before.as_ref().map(|before| before.alerts)).unwrap_or(true),
        follows,
    };
    let id = match &new.holder {
        Holder::WebPush(push) => subscribe_push(app, here, &tx, before, push.clone(), new, now).await?,
        _ => subscribe_mailbox(app, &tx, new, may_ask, now).await?,
    };
    tx.subscriptions().follow_waste(id, &waste, now).await?;
    tx.subscriptions().remind_before(id, &wanted.leads, now).await?;
    let held = held_in(&tx, id).await?;
    tx.commit().await?;
    Ok((held, secret))
}

async fn subscribe_push(
    app: &App,
    here: &InVillage,
    tx: &VillageTx,
    before: Option<Subscription>,
    push: PushEndpoint,
    new: NewSubscription,
    now: DateTime<Utc>,
) -> Result<SubscriptionId, Problem> {
    let Some(before) = before else {
        let id = tx.subscriptions().create(new, now).await?;
        return agreed(tx, id, ConsentAct::Given, now).await;
    };
    let auth = |push: &PushEndpoint| app.secrets.unseal_push_auth(here.village.id, push);
    let same_browser = match &before.holder {
        Holder::WebPush(known) => known.p256dh == push.p256dh && auth(known) == auth(&push),
        _ => false,
    };
    if same_browser {
        let wishes = SubscriptionWishes { follows: &new.follows, alerts: new.alerts, language: &new.language };
        tx.subscriptions().change(before.id, wishes).await?;
        tx.subscriptions().renew_secret(before.id, &new.secret_hash).await?;
        return agreed(tx, before.id, ConsentAct::Given, now).await;
    }
    tx.subscriptions().end(&[before.id], now).await?;
    let id = tx.subscriptions().create(new, now).await?;
    agreed(tx, id, ConsentAct::Given, now).await
}

/// Writes down what was asked or agreed to, and by which words.
async fn agreed(
    tx: &VillageTx,
    id: SubscriptionId,
    act: ConsentAct,
    now: DateTime<Utc>,
) -> Result<SubscriptionId, Problem> {
    tx.consents().record(id, Consent { act, text_version: consent::VERSION.to_owned(), at: now }).await?;
    Ok(id)
}

async fn subscribe_mailbox(
    app: &App,
    tx: &VillageTx,
    new: NewSubscription,
    may_ask: bool,
    now: DateTime<Utc>,
) -> Result<SubscriptionId, Problem> {
    let id = tx.subscriptions().create(new, now).await?;
    if may_ask {
        let question = NewNotification {
            kind: NotificationKind::Confirmation,
            post: None,
            subscription: Some(id),
            urgency: Urgency::High,
            expires_at: now + TimeDelta::hours(app.settings.retention.unconfirmed_h.into()),
        };
        tx.notifications().announce(question, now).await?;
        agreed(tx, id, ConsentAct::Asked, now).await?;
    }
    Ok(id)
}

/// Whether a mailbox may be asked once more today. Counted over all villages, by a keyed hash of whose it is.
async fn may_ask(app: &App, mailbox: &Mailbox, now: DateTime<Utc>) -> Result<bool, Problem> {
    let key = app.secrets.hash("confirmation", mail_address::person(&mailbox.key).as_bytes());
    let tx = app.database.registry_tx().await?;
    let hits = tx.throttles().hit(&key, TimeDelta::days(1), now).await?;
    tx.commit().await?;
    Ok(hits <= i64::from(app.settings.limits.confirmations_per_mailbox))
}

/// What a subscription's holder sees of it.
async fn held(holder: SubscriptionHolder) -> Result<Held, Problem> {
    let reader: Village = holder.here.scope.read().await?;
    let follows = reader.subscriptions().follows(holder.subscription.id).await?;
    let waste = reader.subscriptions().waste_follows(holder.subscription.id).await?;
    let leads = reader.subscriptions().reminder_leads(holder.subscription.id).await?;
    Ok(Held { subscription: holder.subscription, follows, waste, leads })
}

/// Everything that is stored about a subscription.
async fn export(holder: SubscriptionHolder) -> Result<Export, Problem> {
    let reader: Village = holder.here.scope.read().await?;
    let id = holder.subscription.id;
    let consents = reader.consents().of(id).await?;
    let deliveries = reader.deliveries().to_subscription(id).await?;
    let follows = reader.subscriptions().follows(id).await?;
    let waste = reader.subscriptions().waste_follows(id).await?;
    let leads = reader.subscriptions().reminder_leads(id).await?;
    Ok(Export { held: Held { subscription: holder.subscription, follows, waste, leads }, consents, deliveries })
}

/// Changes what a subscription follows and is reminded of, or its language.
async fn change(
    app: &App,
    holder: &SubscriptionHolder,
    condition: &ConditionalIfGiven,
    change: Change,
) -> Result<Held, Problem> {
    let id = holder.subscription.id;
    let tx = holder.here.scope.begin().await?;
    let current = tx.subscriptions().find_for_change(id).await?.ok_or_else(Problem::not_found)?;
    condition.check(current.version)?;
    let follows = match change.follows {
        Some(follows) => follows_of(&tx, follows).await?,
        None => tx.subscriptions().follows(id).await?,
    };
    if let Some(waste) = change.waste {
        let waste = waste_view::with_districts(&tx.waste_districts().list().await?, &waste)?;
        tx.subscriptions().follow_waste(id, &waste, app.clock.now()).await?;
    }
    if let Some(leads) = change.leads {
        tx.subscriptions().remind_before(id, &leads, app.clock.now()).await?;
    }
    let alerts = change.alerts.unwrap_or(current.alerts);
    let language = change.language.unwrap_or(current.language);
    tx.subscriptions().change(id, SubscriptionWishes { follows: &follows, alerts, language: &language }).await?;
    let held = held_in(&tx, id).await?;
    tx.commit().await?;
    Ok(held)
}

/// Ends a subscription: nothing more is sent, nothing personal is kept.
async fn end(app: &App, here: &InVillage, id: SubscriptionId) -> Result<(), Problem> {
    let tx = here.scope.begin().await?;
    tx.subscriptions().end(&[id], app.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// Ends the subscription of an unsubscribe link, or the one with which the mailbox has replaced it. Whether one was still
/// there.
async fn leave(app: &App, here: &InVillage, id: SubscriptionId) -> Result<bool, Problem> {
    let tx = here.scope.begin().await?;
    let Some(living) = tx.subscriptions().find_or_successor(id).await? else {
        return Ok(false);
    };
    tx.subscriptions().end(&[living.id], app.clock.now()).await?;
    tx.commit().await?;
    Ok(true)
}

/// Tells the subscription of an unsubscribe link, or the one with which the mailbox has replaced it, of alerts no more; all else stays.
/// Whether one was still there.
async fn leave_alerts(here: &InVillage, id: SubscriptionId) -> Result<bool, Problem> {
    let tx = here.scope.begin().await?;
    let Some(living) = tx.subscriptions().find_or_successor(id).await? else {
        return Ok(false);
    };
    let follows = tx.subscriptions().follows(living.id).await?;
    let wishes = SubscriptionWishes { follows: &follows, alerts: false, language: &living.language };
    tx.subscriptions().change(living.id, wishes).await?;
    tx.commit().await?;
    Ok(true)
}

/// What came of confirming a mailbox.
enum Confirmed {
    /// It is confirmed, and its owner has the only secret.
    Now,
    /// It was confirmed before.
    Before,
    /// There is nothing to confirm.
    Nothing,
}

/// Confirms a mailbox. The secret that was given to whoever subscribed it is worth nothing from now on: only who read the mail gets the
/// new one.
async fn confirm(app: &App, here: &InVillage, id: SubscriptionId, secret: &Token) -> Result<Confirmed, Problem> {
    let now = app.clock.now();
    let tx = here.scope.begin().await?;
    match tx.subscriptions().find(id).await?.map(|found| found.state) {
        Some(SubscriptionState::Active) => return Ok(Confirmed::Before),
        Some(SubscriptionState::Pending) if tx.subscriptions().confirm(id, now).await? => {}
        _ => return Ok(Confirmed::Nothing),
    }
    tx.subscriptions().renew_secret(id, &secret.hash).await?;
    agreed(&tx, id, ConsentAct::Given, now).await?;
    tx.commit().await?;
    Ok(Confirmed::Now)
}

/// What is to be confirmed, before it is.
async fn question(here: &InVillage, id: SubscriptionId) -> Result<Matter, Problem> {
    let reader: Village = here.scope.read().await?;
    Ok(match reader.subscriptions().find(id).await?.map(|found| found.state) {
        Some(SubscriptionState::Pending) => Matter::Confirm(reader.subscriptions().asked_for(id).await?),
        Some(SubscriptionState::Active) => Matter::ConfirmedBefore,
        _ => Matter::Expired,
    })
}

async fn held_in(tx: &VillageTx, id: SubscriptionId) -> Result<Held, Problem> {
    let subscription = tx.subscriptions().find(id).await?.ok_or_else(Problem::not_found)?;
    let follows = tx.subscriptions().follows(id).await?;
    let waste = tx.subscriptions().waste_follows(id).await?;
    let leads = tx.subscriptions().reminder_leads(id).await?;
    Ok(Held { subscription, follows, waste, leads })
}

/// Finds the topics and clubs that follows name.
async fn follows_of(tx: &VillageTx, follows: Vec<FollowView>) -> Result<Vec<Follow>, Problem> {
    let topics: HashMap<String, TopicId> =
        tx.topics().list().await?.into_iter().map(|topic| (topic.slug, topic.id)).collect();
    // PostgreSQL cannot even be asked about a text with NUL.
    let slugs = follows.iter().filter_map(|follow| follow.club.clone()).filter(|slug| !slug.contains('\0'));
    let slugs: Vec<String> = slugs.collect();
    let clubs: HashMap<String, ClubId> = match slugs.is_empty() {
        true => HashMap::new(),
        false => tx.clubs().active_by_slug(&slugs).await?.into_iter().collect(),
    };
    let mut faults = Vec::new();
    let mut missing = |n: usize, what: &str, de: &'static str, en: &'static str| {
        faults.push(Fault { pointer: format!("/follows/{n}/{what}"), detail: Text::new(de, en) });
    };
    let mut found = Vec::with_capacity(follows.len());
    for (n, follow) in follows.into_iter().enumerate() {
        let topic = follow.topic.as_ref().map(|slug| topics.get(slug).copied());
        if topic == Some(None) {
            missing(n, "topic", "ist keine Rubrik dieses Dorfes", "is not a topic of this village");
        }
        let club = follow.club.as_ref().map(|slug| clubs.get(slug).copied());
        if club == Some(None) {
            missing(n, "club", "ist kein Verein dieses Dorfes", "is not a club of this village");
        }
        let kind = follow.kind.map(Into::into);
        found.push(Follow { topic: topic.flatten(), topic_slug: None, kind, club: club.flatten(), club_slug: None });
    }
    if faults.is_empty() { Ok(found) } else { Err(Problem::unprocessable(faults)) }
}
