//! Reports: what residents say against posts, and what the town hall decided. The reporter is nobody to us but the holder
//! of a secret, with which the decision can be read.

use crate::error::StoreError;
use crate::ids::{PostId, ReportId};
use crate::instant::{instant, millis};
use crate::scope::{Connected, InVillage, Village, VillageTx, store};
use crate::sql::{Count, Sql};
use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{FromQueryResult, IntoActiveModel};

pub(crate) mod row {
    use super::{ReportReason, ReportState};
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "report")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub village_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub post_id: Uuid,
        pub reason: ReportReason,
        #[sea_orm(column_type = "Text")]
        pub explanation: String,
        #[sea_orm(column_type = "Blob")]
        pub secret_hash: Vec<u8>,
        pub state: ReportState,
        #[sea_orm(column_type = "Text")]
        pub decision: String,
        pub created_at: i64,
        pub decided_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What is said against a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum ReportReason {
    /// It is against the law.
    #[sea_orm(num_value = 0)]
    Illegal,
    /// It shows or tells of somebody who did not agree.
    #[sea_orm(num_value = 1)]
    Privacy,
    /// It insults or incites.
    #[sea_orm(num_value = 2)]
    Offensive,
    /// What it says is wrong.
    #[sea_orm(num_value = 3)]
    Wrong,
    /// It does not belong here.
    #[sea_orm(num_value = 4)]
    OffTopic,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i16", db_type = "SmallInteger")]
pub enum ReportState {
    /// Nobody has decided yet.
    #[sea_orm(num_value = 0)]
    Open,
    /// The post stays.
    #[sea_orm(num_value = 1)]
    Kept,
    /// The post was withdrawn.
    #[sea_orm(num_value = 2)]
    Withdrawn,
    /// Nobody has decided yet, and so many say the same that it is counted only. It is decided with the next of its post.
    #[sea_orm(num_value = 3)]
    Counted,
}

/// A report.
#[derive(Clone, Debug)]
pub struct Report {
    /// Its identifier.
    pub id: ReportId,
    /// Of which post.
    pub post: PostId,
    /// The title the post has now.
    pub post_title: String,
    /// What is said against it.
    pub reason: ReportReason,
    /// The same in the reporter's words; may be empty.
    pub explanation: String,
    /// SHA-256 of the reporter's secret.
    pub secret_hash: Vec<u8>,
    /// What became of it.
    pub state: ReportState,
    /// Why; empty while it is open.
    pub decision: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// How many further reports of the same post are counted only.
    pub further: i64,
}

/// A report to be made.
#[derive(Clone, Debug)]
pub struct NewReport {
    /// Of which post.
    pub post: PostId,
    /// What is said against it.
    pub reason: ReportReason,
    /// The same in the reporter's words.
    pub explanation: String,
    /// SHA-256 of the reporter's secret.
    pub secret_hash: Vec<u8>,
}

store!(
    /// The reports of the village.
    Reports as reports in Village, VillageTx
);

#[derive(FromQueryResult)]
struct Joined {
    id: Uuid,
    post_id: Uuid,
    title: String,
    reason: ReportReason,
    explanation: String,
    secret_hash: Vec<u8>,
    state: ReportState,
    decision: String,
    created_at: i64,
    decided_at: Option<i64>,
    further: i64,
}

const SELECT: &str = "SELECT r.*, p.title,
                             (SELECT COUNT(*) FROM report c
                              WHERE c.village_id = r.village_id AND c.post_id = r.post_id AND c.state = 3) AS further
                      FROM report r JOIN post p ON p.village_id = r.village_id AND p.id = r.post_id
                      WHERE r.village_id = $1";

impl<S: InVillage> Reports<'_, S> {
    /// A report.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn find(&self, id: ReportId) -> Result<Option<Report>, StoreError> {
        let sql = format!("{SELECT} AND r.id = $2");
        let row = self.0.connection().row::<Joined>(&sql, vec![self.0.village_id().into(), id.into()]).await?;
        Ok(row.map(Into::into))
    }

    /// Reports in a state, the oldest first, after `after`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(
        &self,
        state: ReportState,
        after: Option<ReportId>,
        limit: u64,
    ) -> Result<Vec<Report>, StoreError> {
        let sql = format!("{SELECT} AND r.state = $2 AND r.id > $3 ORDER BY r.id LIMIT $4");
        let after = after.map_or(Uuid::nil(), |after| after.0);
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let values = vec![self.0.village_id().into(), (state as i16).into(), after.into(), limit.into()];
        Ok(self.0.connection().rows::<Joined>(&sql, values).await?.into_iter().map(Into::into).collect())
    }

    /// What was decided about a post, the latest first. A post has a handful.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn decided_of(&self, post: PostId) -> Result<Vec<Report>, StoreError> {
        let sql = format!("{SELECT} AND r.post_id = $2 AND r.state IN (1, 2) ORDER BY r.id DESC LIMIT 100");
        let values = vec![self.0.village_id().into(), post.into()];
        Ok(self.0.connection().rows::<Joined>(&sql, values).await?.into_iter().map(Into::into).collect())
    }

    /// How many reports of a post nobody has decided yet, not those that are counted only.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_of(&self, post: PostId) -> Result<i64, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM report WHERE village_id = $1 AND post_id = $2 AND state = 0";
        let values = vec![self.0.village_id().into(), post.into()];
        Ok(self.0.connection().row::<Count>(sql, values).await?.map_or(0, |count| count.n))
    }
}

impl Reports<'_, VillageTx> {
    /// Makes a report, which is open or counted.
    ///
    /// # Errors
    /// [`StoreError::Referenced`] when there is no such post.
    pub async fn create(
        &self,
        report: NewReport,
        state: ReportState,
        now: DateTime<Utc>,
    ) -> Result<ReportId, StoreError> {
        let id = ReportId::generate();
        let row = row::Model {
            village_id: self.0.village_id().0,
            id: id.0,
            post_id: report.post.0,
            reason: report.reason,
            explanation: report.explanation,
            secret_hash: report.secret_hash,
            state,
            decision: String::new(),
            created_at: millis(now),
            decided_at: None,
        };
        row.into_active_model().insert(self.0.connection()).await?;
        Ok(id)
    }

    /// Decides an open report with those of its post that are counted only, and with a withdrawal every open one of it. Whether it
    /// was open.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn decide(
        &self,
        report: &Report,
        state: ReportState,
        decision: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let set = "UPDATE report SET state = $3, decision = $4, decided_at = $5 WHERE village_id = $1";
        let decided = |subject: Uuid| {
            let (village, state) = (self.0.village_id(), state as i16);
            vec![village.into(), subject.into(), state.into(), decision.into(), millis(now).into()]
        };
        let itself = format!("{set} AND id = $2 AND state = 0");
        if self.0.connection().run(&itself, decided(report.id.0)).await? == 0 {
            return Ok(false);
        }
        let alike = if state == ReportState::Withdrawn { "(0, 3)" } else { "(3)" };
        let others = format!("{set} AND post_id = $2 AND state IN {alike}");
        self.0.connection().run(&others, decided(report.post.0)).await?;
        Ok(true)
    }

    /// Forgets reports decided before `then`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget_decided_before(&self, then: DateTime<Utc>) -> Result<u64, StoreError> {
        let sql = "DELETE FROM report WHERE village_id = $1 AND decided_at < $2";
        self.0.connection().run(sql, vec![self.0.village_id().into(), millis(then).into()]).await
    }
}

impl From<Joined> for Report {
    fn from(row: Joined) -> Self {
        Self {
            id: row.id.into(),
            post: row.post_id.into(),
            post_title: row.title,
            reason: row.reason,
            explanation: row.explanation,
            secret_hash: row.secret_hash,
            state: row.state,
            decision: row.decision,
            created_at: instant(row.created_at),
            decided_at: row.decided_at.map(instant),
            further: row.further,
        }
    }
}
