//! Media: the images and documents that posts and logos show, from upload to removal.
//!
//! A file is received into a nameless one (`http/upload.rs`), recognised by its content and made anew (`processing.rs`),
//! announced in the database, stored (`media_store.rs`), and only then said to be there. `notifications/housekeeping.rs`
//! removes what was given up on the way and what nothing shows any more.

mod file_name;
mod foreign;
mod image;
mod jpeg;
mod pdf;
mod processing;
mod routes;
mod view;
mod whole;

pub use routes::MediaRoutes;

use crate::app::App;
use crate::authority::{Author, InVillage};
use crate::http::{Answer, AskedFile, Conditional, FileAnswer, FileHead, Keeping, Showing, Spooled};
use crate::idempotency;
use crate::media_links::{self, MediaName, MediaSize};
use crate::media_store::MediaStoreError;
use crate::problem::{Fault, Problem, ProblemKind};
use crate::text::Text;
use bytes::Bytes;
use entity::{AccountId, Deed, Media, MediaFormat, MediaId, MediaWords, NewMedia, Trust, VillageTx};
use processing::{Content, Processed};
use view::{MediaChangeBody, MediaView};

/// Takes a file that has arrived: checks it, makes it anew, stores it.
async fn take(
    app: &App,
    author: &Author,
    mut spooled: Spooled,
    name: &str,
    words: MediaWords,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let content = Content::of(&mut spooled.file)?;
    if content != Content::Pdf && words.alt.is_empty() {
        return Err(Problem::unprocessable(vec![Fault {
            pointer: "alt".to_owned(),
            detail: Text::new(
                "fehlt: sagen Sie, was auf dem Bild zu sehen ist",
                "is missing: say what is seen on the image",
            ),
        }]));
    }
    if let Some(answer) = answered(app, author, request.as_ref()).await? {
        return Ok(answer);
    }
    // Held until the files are stored: so many are in memory at once, and no more.
    let seat = app.benches.media.seat(author.here.village.id).await?;
    let settings = app.settings.media.clone();
    let work = seat.does(move || processing::process(spooled.file, content, &settings)).await;
    let (processed, _seat) = work.map_err(|error| {
        tracing::warn!(%error, "an upload could not be processed");
        processing::of_the_file(Text::new("die Datei ist beschädigt", "the file is damaged"))
    })?;
    let Processed { format, size, files } = processed?;
    let new = NewMedia {
        id: MediaId::generate(),
        uploaded_by: author.session.account,
        format,
        key: app.secrets.file_key(),
        file_name: file_name::harmless(name, format),
        bytes: files.first().map_or(0, |(_, file)| file.len() as u64),
        stored_bytes: files.iter().map(|(_, file)| file.len() as u64).sum(),
        size,
        words,
    };
    let id = new.id;
    store(app, author, new, files).await?;
    finish(app, author, id, request).await
}

/// Whose uploads somebody works with: everybody's for editors, their own for others.
fn only_of(author: &Author) -> Option<AccountId> {
    (!author.standing.is_editor()).then_some(author.session.account)
}

/// A file that this author may see.
fn seen(author: &Author, media: Option<Media>) -> Result<Media, Problem> {
    let theirs = |media: &Media| only_of(author).is_none_or(|account| media.uploaded_by == account);
    media.filter(theirs).ok_or_else(Problem::not_found)
}

/// Refuses to touch what others review or see already, unless whoever asks publishes by themselves.
async fn check_unseen(tx: &VillageTx, author: &Author, id: MediaId) -> Result<(), Problem> {
    if author.standing.is_editor() {
        return Ok(());
    }
    let trusted = |club| author.standing.in_club(club).is_some_and(|role| role.trust == Trust::Trusted);
    if tx.media().uses(id).await?.into_iter().all(|shown| shown.club.is_some_and(trusted)) {
        return Ok(());
    }
    Err(Problem::explained(
        ProblemKind::Forbidden,
        Text::new(
            "Ein Beitrag, der geprüft wird oder wurde, zeigt diese Datei. Nehmen Sie ihn zurück oder bitten Sie die Redaktion.",
            "A post that is or was reviewed shows this file. Take it back, or ask the desk.",
        ),
    ))
}

/// The answer that was kept for this request, if it was answered before.
async fn answered(
    app: &App,
    author: &Author,
    request: Option<&entity::Request>,
) -> Result<Option<entity::Answer>, Problem> {
    if request.is_none() {
        return Ok(None);
    }
    // Not committed: the key is claimed with the change, at the end.
    let tx = author.here.scope.begin().await?;
    idempotency::claim(&tx, request, app.clock.now()).await
}

/// Announces a file and writes it.
async fn store(app: &App, author: &Author, new: NewMedia, files: Vec<(MediaSize, Vec<u8>)>) -> Result<(), Problem> {
    let (id, key) = (new.id, new.key.clone());
    let tx = author.here.scope.begin().await?;
    let room = app.settings.media.max_village_mib.saturating_mul(1024 * 1024);
    if tx.media().stored_bytes().await?.saturating_add(new.stored_bytes) > room {
        return Err(Problem::conflict(Text::new(
            "Der Speicherplatz des Dorfes ist aufgebraucht. Löschen Sie Dateien, die niemand mehr braucht.",
            "The village's storage is used up. Delete files that nobody needs any more.",
        )));
    }
    tx.media().announce(new, app.clock.now()).await?;
    tx.commit().await?;
    let village = author.here.village.id;
    for (size, file) in files {
        if let Err(error) = app.media_store.put(village, &key, size, Bytes::from(file)).await {
            give_up(author, id).await;
            return Err(error.into());
        }
    }
    Ok(())
}

/// Leaves it to housekeeping to remove what was written. If even that cannot be said, it is found by its age.
async fn give_up(author: &Author, id: MediaId) {
    let doom = async {
        let tx = author.here.scope.begin().await?;
        tx.media().doom(id).await?;
        tx.commit().await
    };
    if let Err(error) = doom.await {
        tracing::warn!(%error, media = %id, "a file that was given up could not be marked");
    }
}

/// Says that a file is there.
async fn finish(
    app: &App,
    author: &Author,
    id: MediaId,
    request: Option<entity::Request>,
) -> Result<entity::Answer, Problem> {
    let now = app.clock.now();
    let here = &author.here;
    let tx = here.scope.begin().await?;
    if let Some(answer) = idempotency::claim(&tx, request.as_ref(), now).await? {
        drop(tx);
        give_up(author, id).await;
        return Ok(answer);
    }
    let media = tx.media().finish(id, now).await?.ok_or_else(|| Problem::new(ProblemKind::Unavailable))?;
    let slug = &here.village.slug;
    let answer = Answer::<201, MediaView>::of(&MediaView::new(&media, slug))
        .version(media.version)
        .at(format!("/v1/admin/villages/{slug}/media/{id}"))
        .to_keep();
    let deed = Deed::new(author.session.account, "media.uploaded", id).versions(None, Some(media.version));
    tx.audit().record(deed, now).await?;
    idempotency::keep(&tx, request.as_ref(), answer.clone()).await?;
    tx.commit().await?;
    tracing::info!(village = %here.village.id, media = %id, by = %author.session.account, "a file was uploaded");
    Ok(answer)
}

/// Says something else of a file.
async fn change(
    app: &App,
    author: &Author,
    id: MediaId,
    condition: &Conditional,
    body: MediaChangeBody,
) -> Result<Media, Problem> {
    let tx = author.here.scope.begin().await?;
    let media = seen(author, tx.media().find_for_change(id).await?)?;
    condition.check(media.version)?;
    check_unseen(&tx, author, id).await?;
    let before = media.version;
    tx.media().describe(id, body.checked(&media)?).await?;
    let media = tx.media().find(id).await?.ok_or_else(Problem::not_found)?;
    let deed = Deed::new(author.session.account, "media.described", id).versions(Some(before), Some(media.version));
    tx.audit().record(deed, app.clock.now()).await?;
    tx.commit().await?;
    app.villages.invalidate(&author.here.village.slug).await;
    tracing::info!(village = %author.here.village.id, media = %id, by = %author.session.account, "a file was described");
    Ok(media)
}

/// Removes a file for good, from every post and logo that shows it.
async fn delete(app: &App, author: &Author, id: MediaId, condition: &Conditional) -> Result<(), Problem> {
    let here = &author.here;
    let tx = here.scope.begin().await?;
    let media = seen(author, tx.media().find_for_change(id).await?)?;
    condition.check(media.version)?;
    check_unseen(&tx, author, id).await?;
    tx.media().doom(id).await?;
    let deed = Deed::new(author.session.account, "media.deleted", id).versions(Some(media.version), None);
    tx.audit().record(deed, app.clock.now()).await?;
    tx.commit().await?;
    app.villages.invalidate(&here.village.slug).await;
    tracing::info!(village = %here.village.id, media = %id, by = %author.session.account, "a file was deleted");
    // At once, where the store lets us; else housekeeping does it.
    if app.media_store.remove(here.village.id, &media.key).await.is_ok() {
        let tx = here.scope.begin().await?;
        tx.media().forget(&[id]).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// A file as everybody gets it: while a public post or the logo shows it.
async fn public_file(app: &App, here: &InVillage, name: &MediaName, asked: &AskedFile) -> Result<FileAnswer, Problem> {
    let found = here.scope.read().await?.media().find_public(&name.key, app.clock.now()).await?;
    let media = found.filter(|media| media.format == name.format).ok_or_else(Problem::not_found)?;
    serve(app, here, &media, name.size, asked, Keeping::Briefly).await
}

async fn serve(
    app: &App,
    here: &InVillage,
    media: &Media,
    size: MediaSize,
    asked: &AskedFile,
    keeping: Keeping,
) -> Result<FileAnswer, Problem> {
    let tag = format!("{}.{}", media.key, size.word());
    if asked.has(&tag) {
        return Ok(FileAnswer::unchanged(&tag, keeping));
    }
    let village = here.village.id;
    let lost = |error: MediaStoreError| {
        if error == MediaStoreError::Missing {
            tracing::error!(%village, media = %media.id, "a file is missing in the media store");
        }
        Problem::from(error)
    };
    let part = if asked.wants_part(&tag) {
        asked.part(app.media_store.length(village, &media.key, size).await.map_err(lost)?)?
    } else {
        None
    };
    let stored = app.media_store.get(village, &media.key, size, part.clone()).await.map_err(lost)?;
    let showing = if media.format == MediaFormat::Pdf { Showing::Saved(&media.file_name) } else { Showing::InPlace };
    let head = FileHead { tag: &tag, content_type: media_links::content_type(media.format), showing, keeping };
    Ok(FileAnswer::of(head, stored.length, part, stored.bytes))
}
