//! A lane: everything that goes out on one channel. Claims what is due, sends many at once, settles in batches.
//!
//! A lane holds at most a window of claimed deliveries, so that an alert never waits behind more than that. It takes the most
//! urgent first and serves villages in turn. No transaction is open while anything is sent. What is withdrawn, or whose
//! subscription ends, between claim and sending does not go out.
//!
//! A seat is taken before a sending begins and given back when its end is settled, not before: so what a crash can repeat is
//! never more than the seats there are.

use super::email::Email;
use super::told_once::{self, Telling};
use super::turns::{interleaved, to_claim};
use super::web_push::{Prepared, WebPush};
use crate::app::App;
use crate::message::Matter;
use chrono::TimeDelta;
use entity::{
    Channel, Claim, Claimed, Due, DueWork, Generation, NotificationId, Outcome, Reason, Settlement, StoreError,
    VillageId,
};
use futures_util::future::maybe_done;
use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::watch;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinSet, unconstrained};
use tokio_util::sync::CancellationToken;

/// How long an ended attempt may wait for others to be settled with it.
const SETTLE_WITHIN: Duration = Duration::from_millis(100);

/// How a channel sends.
pub enum Sender {
    /// By web push.
    WebPush(WebPush),
    /// By e-mail.
    Email(Email),
}

/// One channel's way out.
#[derive(Clone)]
pub struct Lane {
    app: App,
    channel: Channel,
    sender: Arc<Sender>,
    seats: Arc<Semaphore>,
    window: usize,
    /// So many ended sendings are settled at once, while the other half of the seats is in use.
    settled_at_once: usize,
}

/// Which notification of which village.
type Group = (VillageId, NotificationId);

/// What is on its way, and what has ended and is not yet settled.
#[derive(Default)]
struct Work {
    sending: JoinSet<Option<Ended>>,
    ended: HashMap<Group, Vec<Ended>>,
    waiting: usize,
    /// How often was claimed: each time other villages begin.
    round: usize,
    stop: CancellationToken,
}

/// A sending that has ended, and the seat it holds until that is settled.
struct Ended {
    group: Group,
    settlement: Settlement,
    _seat: Option<OwnedSemaphorePermit>,
}

/// What all recipients of a notification share.
struct Shared {
    group: Group,
    matter: Matter,
    prepared: Option<Prepared>,
    /// The village's generation when they were claimed: while it lasts, nothing was withdrawn and nobody has left.
    generation: Option<Generation>,
    /// When it is too late to begin.
    deadline: tokio::time::Instant,
}

/// What a sending must hold: a seat of the lane, and a place at the push service.
struct Seats {
    seat: OwnedSemaphorePermit,
    _place: Option<OwnedSemaphorePermit>,
}

/// A claimed delivery with what is needed to send it.
type Ready = (Arc<Shared>, Claimed);

impl Lane {
    /// A lane with so many seats.
    pub fn new(app: App, channel: Channel, sender: Sender, seats: usize) -> Self {
        let window = (seats * 2).max(app.settings.notifications.batch as usize);
        let settled_at_once = seats.div_ceil(2);
        Self { app, channel, sender: Arc::new(sender), seats: Arc::new(Semaphore::new(seats)), window, settled_at_once }
    }

    /// Sends whatever falls due, until `stop`; then lets what is on its way come to an end.
    pub async fn run(&self, mut changes: watch::Receiver<()>, stop: CancellationToken) {
        let mut work = Work { stop: stop.clone(), ..Work::default() };
        let mut poll = tokio::time::interval(Duration::from_secs(self.app.settings.notifications.poll_s.max(1)));
        let mut settle = tokio::time::interval(SETTLE_WITHIN);
        poll.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        settle.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let mut hungry = false;
            tokio::select! {
                () = stop.cancelled() => break,
                Some(ended) = work.sending.join_next() => {
                    work.note(ended);
                    hungry = work.sending.len() <= self.window / 2 && work.sending.len().is_multiple_of(16);
                }
                _ = settle.tick(), if work.waiting > 0 => self.settle(&mut work).await,
                _ = poll.tick() => hungry = true,
                _ = changes.changed() => hungry = true,
            }
            if work.waiting >= self.settled_at_once {
                self.settle(&mut work).await;
            }
            if hungry && !stop.is_cancelled() {
                self.claim_logged(&mut work).await;
            }
        }
        self.finish(&mut work).await;
    }

    /// Sends what is due now and settles it; whether there was anything.
    pub async fn drain(&self) -> Result<bool, StoreError> {
        let mut work = Work::default();
        let mut any = false;
        loop {
            let claimed = self.claim(&mut work).await?;
            any |= claimed;
            if !claimed && work.sending.is_empty() {
                return Ok(any);
            }
            self.finish(&mut work).await;
        }
    }

    /// Ends what holds a connection open.
    pub async fn close(&self) {
        if let Sender::Email(email) = self.sender.as_ref() {
            email.close().await;
        }
    }

    /// Lets what is on its way come to an end. What has ended does not wait for what is slow.
    async fn finish(&self, work: &mut Work) {
        let mut settle = tokio::time::interval(SETTLE_WITHIN);
        loop {
            tokio::select! {
                ended = work.sending.join_next() => match ended {
                    Some(ended) => work.note(ended),
                    None => break,
                },
                _ = settle.tick(), if work.waiting > 0 => self.settle(work).await,
            }
            if work.waiting >= self.settled_at_once {
                self.settle(work).await;
            }
        }
        self.settle(work).await;
    }

    async fn claim_logged(&self, work: &mut Work) {
        if let Err(error) = self.claim(work).await {
            tracing::error!(%error, channel = ?self.channel, "due deliveries could not be claimed");
        }
    }

    /// Fills the window: the most urgent first, villages in turn. Whether anything was claimed or ended.
    async fn claim(&self, work: &mut Work) -> Result<bool, StoreError> {
        let now = self.app.clock.now();
        let registry = self.app.database.registry().await?;
        let due = registry.due_works().due(DueWork::Deliver(self.channel), now, 256).await?;
        drop(registry);
        let mut room = self.window.saturating_sub(work.sending.len());
        let mut ready: HashMap<VillageId, Vec<Ready>> = HashMap::new();
        work.round = work.round.wrapping_add(1);
        let mut outcome = Ok(false);
        for (due, share) in to_claim(&due, room, work.round) {
            if room == 0 {
                break;
            }
            match self.claim_of(due, share.min(room)).await {
                Ok(Some(claimed)) => {
                    room = room.saturating_sub(claimed.len());
                    ready.entry(due.village).or_default().extend(claimed);
                    outcome = outcome.map(|_| true);
                }
                Ok(None) => {}
                // The other villages' turns come all the same.
                Err(error) => outcome = Err(error),
            }
        }
        for ready in interleaved(ready.into_values()) {
            self.start(ready, work).await;
        }
        outcome
    }

    /// Starts to send. It queues for its seats here and not in its task, since tasks begin in no particular order.
    async fn start(&self, (shared, delivery): Ready, work: &mut Work) {
        let mut seats = Box::pin(maybe_done(unconstrained(self.seats_for(&delivery))));
        let _ = poll_fn(|context| Poll::Ready(seats.as_mut().poll(context))).await;
        let seats = async move {
            seats.as_mut().await;
            seats.as_mut().take_output()?
        };
        let lane = self.clone();
        let stop = work.stop.clone();
        work.sending.spawn(async move { lane.send_when_seated(&shared, delivery, seats, stop).await });
    }

    /// Claims deliveries of one notification: those to send, or an empty list when they were ended instead. Nothing when
    /// there was nothing.
    async fn claim_of(&self, due: Due, limit: usize) -> Result<Option<Vec<Ready>>, StoreError> {
        let now = self.app.clock.now();
        let notification: NotificationId = due.subject.into();
        let generation = self.app.database.generation(due.village);
        let tx = self.app.database.village(due.village).begin().await?;
        let Some(found) = tx.notifications().find(notification).await? else {
            tx.deliveries().forget_work(notification, self.channel).await?;
            tx.commit().await?;
            return Ok(None);
        };
        let Some(village) = tx.villages().find(due.village).await? else {
            return Ok(None);
        };
        let matter = Matter::find(&tx, village, found).await?;
        // Withdrawing cancels by itself; this holds whatever else happens before it is sent.
        if !matter.is_current(now) {
            tx.deliveries().expire(notification, self.channel, now).await?;
            tx.commit().await?;
            return Ok(Some(Vec::new()));
        }
        let lease = TimeDelta::seconds(self.app.settings.notifications.lease_s.into());
        let claim = Claim {
            notification,
            channel: self.channel,
            limit: u32::try_from(limit).unwrap_or(1),
            now,
            lease_until: now + lease,
        };
        let mut claimed = tx.deliveries().claim(claim).await?;
        let any = !claimed.is_empty();
        if let Some(telling) = Telling::of(&matter).filter(|_| any) {
            claimed = told_once::keep(&self.app, &tx, (&telling, self.channel), claimed, now).await?;
        }
        tx.commit().await?;
        if claimed.is_empty() {
            return Ok(any.then(Vec::new));
        }
        let prepared = match self.sender.as_ref() {
            Sender::WebPush(web_push) => Some(web_push.prepare(&matter, now)),
            Sender::Email(_) => None,
        };
        let deadline = tokio::time::Instant::now() + self.latest_start();
        let group = (due.village, notification);
        let shared = Arc::new(Shared { group, matter, prepared, generation, deadline });
        Ok(Some(claimed.into_iter().map(|delivery| (shared.clone(), delivery)).collect()))
    }

    /// Sends one delivery as soon as there is a seat, unless the program stops or the delivery is cancelled before. One that
    /// had to wait too long is left for the next claim.
    async fn send_when_seated(
        &self,
        shared: &Shared,
        delivery: Claimed,
        seats: impl Future<Output = Option<Seats>>,
        stop: CancellationToken,
    ) -> Option<Ended> {
        let Seats { seat, _place } = tokio::select! {
            biased;
            seats = tokio::time::timeout_at(shared.deadline, seats) => seats.ok()??,
            () = stop.cancelled() => return self.put_back(shared.group, &delivery),
        };
        if stop.is_cancelled() {
            return self.put_back(shared.group, &delivery);
        }
        if !self.is_still_wanted(shared, &delivery).await {
            return self.put_back(shared.group, &delivery);
        }
        self.send(shared, delivery, seat).await
    }

    /// The push service's own seat first, then one of the lane's: whoever waits for a slow one keeps nobody else waiting.
    fn seats_for(&self, to: &Claimed) -> impl Future<Output = Option<Seats>> + use<> {
        let places = match self.sender.as_ref() {
            Sender::WebPush(web_push) => web_push.places(to),
            Sender::Email(_) => None,
        };
        let seats = self.seats.clone();
        async move {
            let place = match places {
                Some(places) => places.acquire_owned().await.ok(),
                None => None,
            };
            Some(Seats { seat: seats.acquire_owned().await.ok()?, _place: place })
        }
    }

    /// Whether a claimed delivery has not been cancelled meanwhile. Asks the database only when something has changed in the
    /// village; when that cannot answer, the delivery is not begun.
    async fn is_still_wanted(&self, shared: &Shared, delivery: &Claimed) -> bool {
        let (village, _) = shared.group;
        if shared.generation.is_some() && shared.generation == self.app.database.generation(village) {
            return true;
        }
        let wanted = async {
            let reader = self.app.database.village(village).read().await?;
            reader.deliveries().is_wanted(delivery.id, delivery.attempt).await
        };
        wanted.await.unwrap_or_else(|error: StoreError| {
            tracing::error!(%error, "whether a delivery is still wanted could not be asked");
            false
        })
    }

    /// How long after its claim a sending may begin, so that it ends within the lease.
    fn latest_start(&self) -> Duration {
        let longest = match self.channel {
            Channel::WebPush => self.app.settings.push.timeout_s,
            Channel::Email => self.app.settings.mail.timeout_s,
        };
        Duration::from_secs(u64::from(self.app.settings.notifications.lease_s).saturating_sub(longest))
    }

    /// Gives a delivery back that was claimed and not begun: unless it was cancelled it is due again at once, for whoever comes next.
    fn put_back(&self, group: Group, delivery: &Claimed) -> Option<Ended> {
        let at = self.app.clock.now();
        let outcome = Outcome::Later { at, why: Reason::None, counts: false };
        Some(Ended { group, settlement: settlement(delivery, outcome), _seat: None })
    }

    /// Sends one delivery.
    async fn send(&self, shared: &Shared, delivery: Claimed, seat: OwnedSemaphorePermit) -> Option<Ended> {
        let group = shared.group;
        let outcome = match (self.sender.as_ref(), &shared.prepared) {
            (Sender::WebPush(web_push), Some(prepared)) => web_push.send(group.0, prepared, &delivery).await,
            (Sender::WebPush(_), None) => return None,
            (Sender::Email(email), _) => email.send(&shared.matter, &delivery).await,
        };
        if !matches!(outcome, Outcome::Sent) {
            tracing::info!(village = %group.0, delivery = %delivery.id, attempt = delivery.attempt, ?outcome, "not delivered");
        }
        Some(Ended { group, settlement: settlement(&delivery, outcome), _seat: Some(seat) })
    }

    /// Settles what has ended. What cannot be settled now stays and is tried again; if that takes longer than the lease,
    /// it is sent once more.
    async fn settle(&self, work: &mut Work) {
        for (group, ended) in std::mem::take(&mut work.ended) {
            let settlements: Vec<Settlement> = ended.iter().map(|ended| ended.settlement).collect();
            if let Err(error) = self.settle_group(group, &settlements).await {
                tracing::error!(%error, count = settlements.len(), "ended deliveries could not be settled");
                work.ended.entry(group).or_default().extend(ended);
            }
        }
        work.waiting = work.ended.values().map(Vec::len).sum();
    }

    async fn settle_group(&self, (village, notification): Group, settlements: &[Settlement]) -> Result<(), StoreError> {
        for batch in settlements.chunks(1000) {
            let tx = self.app.database.village(village).begin().await?;
            tx.deliveries().settle(notification, self.channel, batch, self.app.clock.now()).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}

impl Work {
    fn note(&mut self, ended: Result<Option<Ended>, tokio::task::JoinError>) {
        match ended {
            Ok(Some(ended)) => {
                self.ended.entry(ended.group).or_default().push(ended);
                self.waiting += 1;
            }
            Ok(None) => {}
            // Its lease runs out and it is tried again.
            Err(error) => tracing::error!(%error, "a sending panicked"),
        }
    }
}

fn settlement(delivery: &Claimed, outcome: Outcome) -> Settlement {
    Settlement { id: delivery.id, attempt: delivery.attempt, subscription: delivery.subscription, outcome }
}
