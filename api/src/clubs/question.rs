//! The yearly question: is the club still there? Asked a month before the year is over; a club whose managers do not answer rests,
//! with what it had planned and its coming dates, until one of them does.

use super::{dates, must, tell_managers};
use crate::app::App;
use crate::authority::ClubManager;
use crate::due;
use crate::problem::Problem;
use chrono::{DateTime, TimeDelta, Utc};
use entity::{ClubLetterKind, ClubState, Deed, Due, DueWork, StoreError};

/// After how long without a word a club is asked.
const ASKED_AFTER: TimeDelta = TimeDelta::days(335);

/// For how long its managers may answer.
const PATIENCE: TimeDelta = TimeDelta::days(30);

/// When a club that said so `then` is asked whether it is still there.
pub fn ask_after(then: DateTime<Utc>) -> DateTime<Utc> {
    then + ASKED_AFTER
}

/// A manager says that the club is still there. It takes part again if it rested.
pub async fn confirm(app: &App, manager: &ClubManager) -> Result<(), Problem> {
    let now = app.clock.now();
    let tx = manager.here.scope.begin().await?;
    let club = tx.clubs().find_for_change(manager.club.id).await?.ok_or_else(Problem::not_found)?;
    must(matches!(club.state, ClubState::Active | ClubState::Paused))?;
    if club.state == ClubState::Paused {
        tx.clubs().move_to(club.id, ClubState::Active, "").await?;
        dates::bring_back(&tx, club.id, now).await?;
    }
    tx.clubs().confirm(club.id, now, ask_after(now)).await?;
    tx.audit().record(Deed::new(manager.session.account, "club.confirmed", club.id), now).await?;
    Ok(tx.commit().await?)
}

/// Asks clubs, and lets those rest that were asked and did not answer; whether there was anything to do.
///
/// # Errors
/// When the database fails. What could be done is done all the same.
pub async fn keep_asking(app: &App) -> Result<bool, StoreError> {
    due::each(app, DueWork::ClubQuestion, |due| ask(app, due)).await
}

async fn ask(app: &App, due: Due) -> Result<(), StoreError> {
    let now = app.clock.now();
    let tx = app.database.village(due.village).begin().await?;
    let Some(club) = tx.clubs().find_due(due.subject.into(), now).await? else {
        return tx.commit().await;
    };
    let language = tx.villages().find(due.village).await?.map_or_else(|| "de".to_owned(), |village| village.language);
    if club.asked_at.is_some() {
        tx.clubs().move_to(club.id, ClubState::Paused, "").await?;
        dates::take_away(&tx, club.id, now).await?;
        tell_managers(&tx, &club, ClubLetterKind::Paused, "", &language, now).await?;
        tx.audit().record(Deed::by_itself("club.paused", club.id), now).await?;
    } else {
        tx.clubs().note_asked(club.id, now, now + PATIENCE).await?;
        tell_managers(&tx, &club, ClubLetterKind::StillThere, "", &language, now).await?;
        tx.audit().record(Deed::by_itself("club.asked", club.id), now).await?;
    }
    tx.commit().await?;
    tracing::info!(village = %due.village, club = %club.id, "the yearly question");
    Ok(())
}
