//! Media over HTTP.

use super::foreign;
use super::view::{MediaChangeBody, MediaList, MediaView, Said, Size};
use crate::app::App;
use crate::authority::{Author, InVillage};
use crate::contract::Group;
use crate::http::{
    Answer, AskedFile, Body, Conditional, Cursors, Empty, FileAnswer, Idempotent, Item, Keeping, Limit, Upload,
    UploadLimits,
};
use crate::media_links::{MediaName, MediaSize};
use crate::problem::Problem;
use entity::{Media, MediaId};
use poem_openapi::OpenApi;
use poem_openapi::param::Query;
use std::time::Duration;
use uuid::Uuid;

/// The operations on media.
pub struct MediaRoutes(pub App);

#[OpenApi]
impl MediaRoutes {
    /// Load an image or a document
    ///
    /// By the name in the `url` of a post's media or of a logo. There while a public post or the logo shows it. What a name
    /// stands for never changes, but it may be taken back: it is kept for five minutes, then asked for by its `ETag`. Documents
    /// come as downloads.
    #[oai(
        path = "/v1/villages/:village/media/:file",
        method = "get",
        operation_id = "get_media_file",
        tag = "Group::Public"
    )]
    async fn get_media_file(
        &self,
        #[oai(name = "village")] here: InVillage,
        file: Item<MediaName>,
        asked: AskedFile,
    ) -> Result<FileAnswer, Problem> {
        super::public_file(&self.0, &here, &file.0, &asked).await
    }

    /// Upload an image or a document
    ///
    /// The body is the file itself: JPEG, PNG, WebP or PDF, recognised by its content. Images are turned upright, freed of
    /// everything but their pixels (the place where they were taken, too) and written anew in three sizes. HEIC and AVIF are
    /// refused with a sentence for whoever took the photograph; a page in a browser that shows them can draw them on a canvas and
    /// send that as JPEG. PDF files that do something when they are opened, with scripts, embedded files, dynamic forms or a
    /// password are refused.
    #[oai(
        path = "/v1/admin/villages/:village/media",
        method = "post",
        operation_id = "upload_media",
        tag = "Group::Staff"
    )]
    #[allow(clippy::too_many_arguments, reason = "what is said of the file is in the query: the body is the file")]
    async fn upload_media(
        &self,
        #[oai(name = "village")] author: Author,
        #[oai(name = "Idempotency-Key")] key: Idempotent,
        /// What is seen on it, for those who do not see it: up to 500 characters. Needed for images.
        alt: Query<Option<String>>,
        /// Who made it, up to 200 characters.
        credit: Query<Option<String>>,
        /// Under which terms it may be used, up to 200 characters, such as `CC BY 4.0`.
        licence: Query<Option<String>>,
        /// The name it has on the device. It is only used to name downloads, after cleaning.
        #[oai(validator(max_length = 3072))]
        file_name: Query<Option<String>>,
        body: Upload,
    ) -> Result<Answer<201, MediaView>, Problem> {
        foreign::check_declared(&body.declared)?;
        let said = Said { file_name: file_name.0, alt: alt.0, credit: credit.0, licence: licence.0 };
        let words = said.checked()?;
        let settings = &self.0.settings.media;
        let limits =
            UploadLimits { bytes: settings.max_file_kib * 1024, time: Duration::from_secs(settings.upload_timeout_s) };
        let spooled = body.spool(&self.0.settings.data_dir, limits).await?;
        let request = key.request(author.session.account, &spooled.hash)?;
        let name = said.file_name.unwrap_or_default();
        Ok(Answer::kept(super::take(&self.0, &author, spooled, &name, words, request).await?))
    }

    /// List images and documents
    ///
    /// The last uploaded first. Editors see all, others what they uploaded themselves.
    #[oai(
        path = "/v1/admin/villages/:village/media",
        method = "get",
        operation_id = "list_media",
        tag = "Group::Staff"
    )]
    async fn list_media(
        &self,
        #[oai(name = "village")] author: Author,
        /// Where the list goes on: `next_cursor` of the page before.
        cursor: Query<Option<String>>,
        /// At most this many, 1 to 100; 20 unless given.
        limit: Query<Option<u32>>,
    ) -> Result<Answer<200, MediaList>, Problem> {
        let limit = Limit::of(limit.0)?;
        let village = &author.here.village;
        let cursors = Cursors::of(&self.0.secrets, format!("media {}", village.id));
        let after = cursors.read(cursor.0.as_deref(), |place| Uuid::from_slice(place).ok().map(Into::into))?;
        let mut found = author.here.scope.read().await?.media().list(super::only_of(&author), after, limit + 1).await?;
        let more = found.len() as u64 > limit;
        found.truncate(limit as usize);
        let next_cursor = found.last().filter(|_| more).map(|last| cursors.write(last.id.0.as_bytes()));
        let next = next_cursor
            .as_ref()
            .map(|cursor| format!("/v1/admin/villages/{}/media?cursor={cursor}&limit={limit}", village.slug));
        let items = found.iter().map(|media| MediaView::new(media, &village.slug)).collect();
        Ok(Answer::of(&MediaList { items, next_cursor }).next(next))
    }

    /// Read what is known of an image or document
    #[oai(
        path = "/v1/admin/villages/:village/media/:media",
        method = "get",
        operation_id = "get_media",
        tag = "Group::Staff"
    )]
    async fn get_media(
        &self,
        #[oai(name = "village")] author: Author,
        media: Item<MediaId>,
    ) -> Result<Answer<200, MediaView>, Problem> {
        Ok(shown(&find(&author, media.0).await?, &author))
    }

    /// Load an image or document, whatever shows it
    #[oai(
        path = "/v1/admin/villages/:village/media/:media/content",
        method = "get",
        operation_id = "get_media_content",
        tag = "Group::Staff"
    )]
    async fn get_media_content(
        &self,
        #[oai(name = "village")] author: Author,
        media: Item<MediaId>,
        /// In which size; in full unless given. Documents have no other.
        size: Query<Option<Size>>,
        asked: AskedFile,
    ) -> Result<FileAnswer, Problem> {
        let media = find(&author, media.0).await?;
        let size = size.0.map_or(MediaSize::Full, Into::into);
        if !MediaSize::of(media.format).contains(&size) {
            return Err(Problem::not_found());
        }
        super::serve(&self.0, &author.here, &media, size, &asked, Keeping::Nobody).await
    }

    /// Say something else of an image or document
    ///
    /// Needs `If-Match` with the `ETag` of the version that is changed.
    #[oai(
        path = "/v1/admin/villages/:village/media/:media",
        method = "patch",
        operation_id = "change_media",
        tag = "Group::Staff"
    )]
    async fn change_media(
        &self,
        #[oai(name = "village")] author: Author,
        media: Item<MediaId>,
        #[oai(name = "If-Match")] condition: Conditional,
        body: Body<MediaChangeBody>,
    ) -> Result<Answer<200, MediaView>, Problem> {
        let media = super::change(&self.0, &author, media.0, &condition, body.value).await?;
        Ok(shown(&media, &author))
    }

    /// Delete an image or document
    ///
    /// For good, and from every post and logo that shows it, withdrawn ones included: what must not be shown any more is gone
    /// with one call. Needs `If-Match`.
    #[oai(
        path = "/v1/admin/villages/:village/media/:media",
        method = "delete",
        operation_id = "delete_media",
        tag = "Group::Staff"
    )]
    async fn delete_media(
        &self,
        #[oai(name = "village")] author: Author,
        media: Item<MediaId>,
        #[oai(name = "If-Match")] condition: Conditional,
    ) -> Result<Empty, Problem> {
        super::delete(&self.0, &author, media.0, &condition).await?;
        Ok(Empty)
    }
}

async fn find(author: &Author, id: MediaId) -> Result<Media, Problem> {
    super::seen(author, author.here.scope.read().await?.media().find(id).await?)
}

fn shown(media: &Media, author: &Author) -> Answer<200, MediaView> {
    Answer::of(&MediaView::new(media, &author.here.village.slug)).version(media.version)
}
