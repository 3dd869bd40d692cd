//! Joint posts over HTTP.

use super::view::{JointBody, JointChangeBody, JointPostList, JointPostView};
use super::{Slugs, Wish};
use crate::app::App;
use crate::authority::MunicipalityEditor;
use crate::contract::Group;
use crate::http::{Answer, Body, BodyIfGiven, Conditional, Cursors, Empty, Idempotent, Item, Limit};
use crate::posts::desk_view::{AllClearBody, WithdrawBody};
use crate::problem::Problem;
use entity::JointPostId;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use uuid::Uuid;

/// The operations on joint posts.
pub struct JointRoutes(pub App);

#[OpenApi(tag = "Group::Staff")]
impl JointRoutes {
    /// List the joint posts of a municipality
    ///
    /// The last created first.
    #[oai(
        path = "/v1/admin/municipalities/:municipality/joint-posts",
        method = "get",
        operation_id = "list_joint_posts"
    )]
    async fn list_joint_posts(
        &self,
        #[oai(name = "municipality")] editor: MunicipalityEditor,
        /// Where the list goes on: `next_cursor` of the page before.
        cursor: Query<Option<String>>,
        /// At most this many, 1 to 100; 20 unless given.
        limit: Query<Option<u32>>,
    ) -> Result<Answer<200, JointPostList>, Problem> {
        let limit = Limit::of(limit.0)?;
        let municipality = editor.municipality.id;
        let cursors = Cursors::of(&self.0.secrets, format!("joint posts {municipality}"));
        let before = cursors.read(cursor.0.as_deref(), |place| Uuid::from_slice(place).ok().map(Into::into))?;
        let registry = self.0.database.registry().await?;
        let mut joints = registry.joint_posts().list(municipality, before, limit + 1).await?;
        let slugs: Slugs = registry.municipality_roles().villages(municipality).await?.into_iter().collect();
        let more = joints.len() as u64 > limit;
        joints.truncate(limit as usize);
        let next_cursor = joints.last().filter(|_| more).map(|last| cursors.write(last.id.0.as_bytes()));
        let next = next_cursor
            .as_ref()
            .map(|cursor| format!("/v1/admin/municipalities/{municipality}/joint-posts?cursor={cursor}&limit={limit}"));
        let items = joints.iter().map(|joint| JointPostView::new(joint, &slugs)).collect();
        Ok(Answer::of(&JointPostList { items, next_cursor }).next(next))
    }

    /// Save a joint post as a draft
    ///
    /// For all villages of the municipality, or for some of them. No village has it before it is published.
    #[oai(
        path = "/v1/admin/municipalities/:municipality/joint-posts",
        method = "post",
        operation_id = "create_joint_post"
    )]
    async fn create_joint_post(
        &self,
        #[oai(name = "municipality")] editor: MunicipalityEditor,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: Body<JointBody>,
    ) -> Result<Answer<201, JointPostView>, Problem> {
        let request = key.request(editor.session.account, &body.hash)?;
        let draft = body.value.checked(&super::place(&self.0, &editor).await?)?;
        Ok(Answer::kept(super::create(&self.0, &editor, draft, request).await?))
    }

    /// Read a joint post, and what became of it in each village
    #[oai(
        path = "/v1/admin/municipalities/:municipality/joint-posts/:joint_post",
        method = "get",
        operation_id = "get_joint_post"
    )]
    async fn get_joint_post(
        &self,
        #[oai(name = "municipality")] editor: MunicipalityEditor,
        joint_post: Item<JointPostId>,
    ) -> Result<Answer<200, JointPostView>, Problem> {
        let joint = super::find(&self.0, &editor, joint_post.0).await?;
        let registry = self.0.database.registry().await?;
        let slugs: Slugs = registry.municipality_roles().villages(joint.municipality).await?.into_iter().collect();
        drop(registry);
        let mut view = JointPostView::new(&joint, &slugs);
        view.results = Some(super::results(&self.0, &joint, &slugs).await?);
        Ok(Answer::of(&view).version(joint.version))
    }

    /// Change a joint post
    ///
    /// Once it is published, the change follows to every village. Unless `notify` says whether to, followers are told exactly when
    /// coming dates of an event are cancelled, postponed or moved.
    #[oai(
        path = "/v1/admin/municipalities/:municipality/joint-posts/:joint_post",
        method = "patch",
        operation_id = "change_joint_post"
    )]
    async fn change_joint_post(
        &self,
        #[oai(name = "municipality")] editor: MunicipalityEditor,
        joint_post: Item<JointPostId>,
        #[oai(name = "If-Match")] condition: Conditional,
        body: Body<JointChangeBody>,
    ) -> Result<Answer<200, JointPostView>, Problem> {
        let place = super::place(&self.0, &editor).await?;
        let changed = |joint: &entity::JointPost| body.value.checked(joint, &place);
        Ok(Answer::kept(super::change(&self.0, &editor, joint_post.0, &condition, changed).await?))
    }

    /// Delete a joint post that was never published
    #[oai(
        path = "/v1/admin/municipalities/:municipality/joint-posts/:joint_post",
        method = "delete",
        operation_id = "delete_joint_post"
    )]
    async fn delete_joint_post(
        &self,
        #[oai(name = "municipality")] editor: MunicipalityEditor,
        joint_post: Item<JointPostId>,
        #[oai(name = "If-Match")] condition: Conditional,
    ) -> Result<Empty, Problem> {
        super::delete(&self.0, &editor, joint_post.0, &condition).await?;
        Ok(Empty)
    }

    /// Publish a joint post in its villages
    ///
    /// Each village gets a post of its own and tells its followers; a device or mailbox that is subscribed in several of them is
    /// told once. What fails in one village is tried again there, and nobody is told again elsewhere.
    #[oai(
        path = "/v1/admin/municipalities/:municipality/joint-posts/:joint_post/publish",
        method = "post",
        operation_id = "publish_joint_post"
    )]
    async fn publish_joint_post(
        &self,
        #[oai(name = "municipality")] editor: MunicipalityEditor,
        joint_post: Item<JointPostId>,
        #[oai(name = "If-Match")] condition: Conditional,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
    ) -> Result<Answer<200, JointPostView>, Problem> {
        let request = key.request(editor.session.account, &[])?;
        let done = super::take(&self.0, &editor, joint_post.0, (&condition, request), Wish::Publish).await?;
        Ok(Answer::kept(done))
    }

    /// Withdraw a joint post in all its villages
    ///
    /// It shows no more, and what has not been sent yet will not be. In each village exactly those who were told of it are told that
    /// it was taken back, each of them once, with the reason if you give one.
    #[oai(
        path = "/v1/admin/municipalities/:municipality/joint-posts/:joint_post/withdraw",
        method = "post",
        operation_id = "withdraw_joint_post"
    )]
    async fn withdraw_joint_post(
        &self,
        #[oai(name = "municipality")] editor: MunicipalityEditor,
        joint_post: Item<JointPostId>,
        #[oai(name = "If-Match")] condition: Conditional,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: BodyIfGiven<WithdrawBody>,
    ) -> Result<Answer<200, JointPostView>, Problem> {
        let request = key.request(editor.session.account, &body.hash)?;
        let wish = Wish::Withdraw(WithdrawBody::checked(body.value)?);
        let done = super::take(&self.0, &editor, joint_post.0, (&condition, request), wish).await?;
        Ok(Answer::kept(done))
    }

    /// Give the all-clear after a joint alert, in all its villages
    ///
    /// In each village exactly those who were told of the alert are told, urgently and once, that the danger is over. Needs the right
    /// to send alerts in one of them.
    #[oai(
        path = "/v1/admin/municipalities/:municipality/joint-posts/:joint_post/all-clear",
        method = "post",
        operation_id = "give_joint_all_clear"
    )]
    async fn give_joint_all_clear(
        &self,
        #[oai(name = "municipality")] editor: MunicipalityEditor,
        joint_post: Item<JointPostId>,
        #[oai(name = "If-Match")] condition: Conditional,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        body: BodyIfGiven<AllClearBody>,
    ) -> Result<Answer<200, JointPostView>, Problem> {
        let request = key.request(editor.session.account, &body.hash)?;
        let wish = Wish::AllClear(AllClearBody::checked(body.value)?);
        let done = super::take(&self.0, &editor, joint_post.0, (&condition, request), wish).await?;
        Ok(Answer::kept(done))
    }
}
