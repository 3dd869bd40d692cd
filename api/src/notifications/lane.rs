//! A lane: everything that goes out on one channel. Claims what is due, sends many at once, settles in batches.
//!
//! A lane holds at most a window of claimed deliveries, and as many of alerts beside it. It takes the most urgent first and serves
//! villages in turn; none has all of the window, of the seats, or of the places at the other side. No transaction is open while
//! anything is sent. What is withdrawn, or whose subscription ends, between claim and sending does not go out.
//! A seat is given back when its sending is settled, not before: a crash never repeats more than the seats there are. Only who is kept
//! waiting by the other side makes room for others before that, and keeps no more than the place there.

mod work;

pub use work::Ending;

use super::email::Email;
use super::told_once::{self, Telling};
use super::turns::{interleaved, to_claim};
use super::web_push::{Prepared, WebPush};
use crate::app::App;
use crate::message::Matter;
use crate::places::{Party, Place, Places};
use chrono::TimeDelta;
use entity::{
    Channel, Claim, Claimed, Due, DueWork, Generation, NotificationId, Outcome, Reason, Settlement, StoreError,
    Urgency, VillageId,
};
use futures_util::future::maybe_done;
use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::unconstrained;
use work::{Ended, Group, Seats, Work, settlement};

/// How long an ended attempt may wait for others to be settled with it, and what is due for the room that it leaves.
const SETTLE_WITHIN: Duration = Duration::from_millis(25);

/// How long the other side may keep a sending waiting before that makes room for others.
const PUSH_ANSWERED_WITHIN: Duration = Duration::from_millis(100);
pub const MAIL_TAKEN_WITHIN: Duration = Duration::from_secs(2);

/// What is due is found so many pieces at a time.
const FOUND_AT_ONCE: u64 = 256;

/// How a channel sends.
pub enum Sender {
    /// By web push.
    WebPush(WebPush),
    /// By e-mail.
    Email(Arc<Email>),
}

/// One channel's way out.
#[derive(Clone)]
pub struct Lane {
    app: App,
    channel: Channel,
    sender: Arc<Sender>,
    seats: Places,
    window: usize,
}

/// What all recipients of a notification share.
struct Shared {
    group: Group,
    matter: Matter,
    prepared: Option<Prepared>,
    /// The village's generation when they were claimed: while it lasts, nothing was withdrawn and nobody has left.
    generation: Option<Generation>,
    urgency: Urgency,
    /// When it is too late to begin.
    deadline: tokio::time::Instant,
}

/// A claimed delivery with what is needed to send it, and its place in the window.
type Ready = (Arc<Shared>, Claimed, Option<Place>);

impl Lane {
    /// A lane with so many seats.
    pub fn new(app: App, channel: Channel, sender: Sender, seats: usize) -> Self {
        let window = (seats * 2).max(app.settings.notifications.batch as usize);
        Self { app, channel, sender: Arc::new(sender), seats: Places::new(seats), window }
    }

    /// Sends whatever falls due, until it is to stop; then lets what is on its way come to an end, until that is cut off.
    pub async fn run(&self, mut changes: watch::Receiver<()>, ending: Ending) {
        let mut work = Work::new(self.window, ending.clone());
        let mut poll = tokio::time::interval(Duration::from_secs(self.app.settings.notifications.poll_s.max(1)));
        let mut settle = tokio::time::interval(SETTLE_WITHIN);
        poll.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        settle.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let hungry = tokio::select! {
                () = ending.stop.cancelled() => break,
                Some(ended) = work.sending.join_next() => {
                    work.note(ended);
                    work.freed >= self.window / 4
                }
                _ = settle.tick(), if work.waiting + work.freed > 0 => {
                    self.settle(&mut work).await;
                    work.freed > 0
                }
                _ = poll.tick() => true,
                _ = changes.changed() => true,
            };
            if work.is_to_settle(&self.seats) {
                self.settle(&mut work).await;
            }
            if hungry && !ending.stop.is_cancelled() {
                self.claim_logged(&mut work).await;
            }
        }
        self.finish(&mut work).await;
    }

    /// Sends what is due now and settles it; whether there was anything.
    pub async fn drain(&self) -> Result<bool, StoreError> {
        let mut work = Work::new(self.window, Ending::default());
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
            if work.is_to_settle(&self.seats) {
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
        let due = registry.due_works().due(DueWork::Deliver(self.channel), now, FOUND_AT_ONCE).await?;
        drop(registry);
        (work.round, work.freed) = (work.round.wrapping_add(1), 0);
        let mut outcome = Ok(false);
        for urgency in [Urgency::High, Urgency::Normal] {
            let due: Vec<Due> = due.iter().filter(|due| due.urgency == urgency).copied().collect();
            let claimed = self.claim_class(&due, urgency, work).await;
            // The other villages' turns come all the same.
            outcome = outcome.and_then(|any| claimed.map(|more| any | more));
        }
        outcome
    }

    /// Claims and starts what there is room for of what is equally urgent.
    async fn claim_class(&self, due: &[Due], urgency: Urgency, work: &mut Work) -> Result<bool, StoreError> {
        let in_hand = work.in_hand(urgency).clone();
        let mut ready: HashMap<VillageId, Vec<Ready>> = HashMap::new();
        let mut outcome = Ok(false);
        for (due, share) in to_claim(due, self.window, work.round) {
            let party = (Some(due.village), urgency);
            let room = in_hand.room(party);
            if room == 0 {
                continue;
            }
            match self.claim_of(due, share.min(room)).await {
                Ok(Some(claimed)) => {
                    let held = claimed.into_iter().map(|(shared, to)| (shared, to, in_hand.try_take(party)));
                    ready.entry(due.village).or_default().extend(held);
                    outcome = outcome.map(|_| true);
                }
                Ok(None) => {}
                Err(error) => outcome = Err(error),
            }
        }
        for ready in interleaved(ready.into_values()) {
            self.start(ready, work).await;
        }
        outcome
    }

    /// Starts to send. It queues for its seats here and not in its task, since tasks begin in no particular order.
    async fn start(&self, (shared, delivery, in_hand): Ready, work: &mut Work) {
        let mut seats = Box::pin(maybe_done(unconstrained(self.seats_for(shared.party(), &delivery))));
        let _ = poll_fn(|context| Poll::Ready(seats.as_mut().poll(context))).await;
        let seats = async move {
            seats.as_mut().await;
            seats.as_mut().take_output()?
        };
        let lane = self.clone();
        let ending = work.ending.clone();
        work.sending.spawn(async move {
            let ended = lane.send_when_seated(&shared, delivery, seats, ending).await;
            drop(in_hand);
            ended
        });
    }

    /// Claims deliveries of one notification: those to send, or an empty list when they were ended instead. Nothing when
    /// there was nothing.
    async fn claim_of(&self, due: Due, limit: usize) -> Result<Option<Vec<(Arc<Shared>, Claimed)>>, StoreError> {
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
        let shared = Arc::new(Shared { group, matter, prepared, generation, urgency: due.urgency, deadline });
        Ok(Some(claimed.into_iter().map(|delivery| (shared.clone(), delivery)).collect()))
    }

    /// Sends one delivery as soon as there is a seat, unless the program stops or the delivery is cancelled before. One that
    /// had to wait too long is put back: waiting uses up no attempt.
    async fn send_when_seated(
        &self,
        shared: &Shared,
        delivery: Claimed,
        seats: impl Future<Output = Option<Seats>>,
        ending: Ending,
    ) -> Option<Ended> {
        let seats = tokio::select! {
            biased;
            seats = tokio::time::timeout_at(shared.deadline, seats) => seats.ok().flatten(),
            () = ending.stop.cancelled() => None,
        };
        let Some(seats) = seats.filter(|_| !ending.stop.is_cancelled()) else {
            return self.put_back(shared.group, &delivery);
        };
        if !self.is_still_wanted(shared, &delivery).await {
            return self.put_back(shared.group, &delivery);
        }
        tokio::select! {
            ended = self.send(shared, &delivery, seats) => ended,
            // Whether it was taken over is not known: it goes out again, with the same identity.
            () = ending.cut.cancelled() => self.put_back(shared.group, &delivery),
        }
    }

    /// The other side's place first, then a seat of the lane: whoever waits for a slow one keeps nobody else waiting.
    fn seats_for(&self, party: Party, to: &Claimed) -> impl Future<Output = Option<Seats>> + use<> {
        let places = match self.sender.as_ref() {
            Sender::WebPush(web_push) => web_push.places(to),
            Sender::Email(email) => Some(email.places()),
        };
        let place = places.map(|places| places.take(party));
        let seats = self.seats.clone();
        async move {
            let place = match place {
                Some(place) => Some(place.await?),
                None => None,
            };
            Some(Seats { _place: place, seat: Some(seats.take(party).await?) })
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
        Some(Ended { group, settlement: settlement(delivery, outcome), _seats: None })
    }

    /// Sends one delivery, and makes room for others when it takes long.
    async fn send(&self, shared: &Shared, delivery: &Claimed, mut seats: Seats) -> Option<Ended> {
        let group = shared.group;
        let answered_within = match self.channel {
            Channel::WebPush => PUSH_ANSWERED_WITHIN,
            Channel::Email => MAIL_TAKEN_WITHIN,
        };
        let sending = async {
            match (self.sender.as_ref(), &shared.prepared) {
                (Sender::WebPush(web_push), Some(prepared)) => Some(web_push.send(group.0, prepared, delivery).await),
                (Sender::WebPush(_), None) => None,
                (Sender::Email(email), _) => Some(email.send(&shared.matter, delivery).await),
            }
        };
        tokio::pin!(sending);
        let outcome = match tokio::time::timeout(answered_within, &mut sending).await {
            Ok(outcome) => outcome,
            Err(_) => {
                seats.seat = None;
                sending.await
            }
        }?;
        if !matches!(outcome, Outcome::Sent) {
            tracing::info!(village = %group.0, delivery = %delivery.id, attempt = delivery.attempt, ?outcome, "not delivered");
        }
        Some(Ended { group, settlement: settlement(delivery, outcome), _seats: Some(seats) })
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

impl Shared {
    /// Who its sendings are counted with.
    fn party(&self) -> Party {
        (Some(self.group.0), self.urgency)
    }
}
