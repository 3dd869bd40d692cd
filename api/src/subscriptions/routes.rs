//! Subscriptions over HTTP.

use super::Confirmed;
use super::export_view::{ConsentText, SubscriptionExport};
use super::pages::{Matter, Only, page};
use super::view::{ConfirmBody, Confirmation, SubscribeBody, Subscribed, SubscriptionChangeBody, SubscriptionView};
use crate::app::App;
use crate::authority::{InVillage, SubscriptionHolder};
use crate::contract::Group;
use crate::http::{Answer, Body, ClientAddress, ConditionalIfGiven, Empty, Form, HtmlPage, Item};
use crate::links::{self, Purpose};
use crate::outbound::PushHosts;
use crate::problem::Problem;
use crate::text::Language;
use entity::{Holder, SubscriptionId};
use poem::web::Data;
use poem_openapi::OpenApi;
use poem_openapi::param::Query;

/// The operations on subscriptions.
pub struct SubscriptionRoutes {
    app: App,
    hosts: PushHosts,
}

impl SubscriptionRoutes {
    /// The operations, for one installation.
    pub fn new(app: App) -> Self {
        let hosts = PushHosts::new(&app.settings.push.allowed_hosts);
        Self { app, hosts }
    }

    fn token(&self, here: &InVillage, purpose: Purpose, token: &str) -> Result<SubscriptionId, Problem> {
        let now = self.app.clock.now();
        let id = links::read(&self.app.secrets, purpose, here.village.id, token, now);
        Ok(id.ok_or_else(Problem::not_found)?.into())
    }
}

#[OpenApi(tag = "Group::Resident")]
impl SubscriptionRoutes {
    /// Subscribe
    ///
    /// By web push with what the browser's `PushSubscription` gives, at once; or by e-mail, after the mailbox's owner has
    /// confirmed by the link in the mail that follows, which tells what was asked for. The secret of a mailbox reads and changes what waits
    /// to be confirmed, and no more once it is: then only the mailbox's owner gets a new one. Subscribing the same browser or mailbox again replaces the
    /// subscription before; the answer does not tell whether there was one.
    #[oai(path = "/v1/villages/:village/subscriptions", method = "post", operation_id = "subscribe")]
    async fn subscribe(
        &self,
        #[oai(name = "village")] here: InVillage,
        client: ClientAddress,
        body: Body<SubscribeBody>,
    ) -> Result<Answer<201, Subscribed>, Problem> {
        self.app.limits.subscription(client.0)?;
        let wanted = body.value.checked(&self.app, &here, &self.hosts)?;
        if matches!(wanted.holder, Holder::Email(_)) {
            self.app.limits.question(client.0)?;
        }
        let (held, secret) = super::subscribe(&self.app, &here, wanted).await?;
        let location = format!("/v1/villages/{}/subscriptions/{}", here.village.slug, held.id());
        let alerts = held.alerts();
        let subscribed = Subscribed { id: held.id(), secret: secret.text, state: held.state(), alerts };
        Ok(Answer::of(&subscribed).at(location))
    }

    /// Read a subscription
    #[oai(
        path = "/v1/villages/:village/subscriptions/:subscription",
        method = "get",
        operation_id = "get_subscription"
    )]
    async fn get_subscription(
        &self,
        #[oai(name = "village")] holder: SubscriptionHolder,
        #[oai(name = "subscription")] _id: Item<String>,
    ) -> Result<Answer<200, SubscriptionView>, Problem> {
        let held = super::held(holder).await?;
        Ok(Answer::of(&(&held).into()).version(held.version()))
    }

    /// Take out everything that is stored about a subscription
    ///
    /// The subscription with its address, what was agreed to and when, and what was sent. Nothing else is stored.
    #[oai(
        path = "/v1/villages/:village/subscriptions/:subscription/export",
        method = "get",
        operation_id = "export_subscription"
    )]
    async fn export_subscription(
        &self,
        #[oai(name = "village")] holder: SubscriptionHolder,
        #[oai(name = "subscription")] _id: Item<String>,
    ) -> Result<Answer<200, SubscriptionExport>, Problem> {
        Ok(Answer::of(&(&super::export(holder).await?).into()))
    }

    /// Read what one agrees to by subscribing
    ///
    /// To be shown before subscribing. The version is written down with the consent.
    #[oai(
        path = "/v1/villages/:village/consent",
        method = "get",
        operation_id = "get_consent_text",
        tag = "Group::Public"
    )]
    async fn get_consent_text(
        &self,
        #[oai(name = "village")] _here: InVillage,
        language: Data<&Language>,
    ) -> Result<Answer<200, ConsentText>, Problem> {
        Ok(Answer::of(&ConsentText::in_language(*language.0)))
    }

    /// Change a subscription
    ///
    /// What it follows, the waste districts and events it is reminded of, or its language. With `If-Match`, only if it is still the version read before.
    #[oai(
        path = "/v1/villages/:village/subscriptions/:subscription",
        method = "patch",
        operation_id = "change_subscription"
    )]
    async fn change_subscription(
        &self,
        #[oai(name = "village")] holder: SubscriptionHolder,
        #[oai(name = "subscription")] _id: Item<String>,
        #[oai(name = "If-Match")] condition: ConditionalIfGiven,
        body: Body<SubscriptionChangeBody>,
    ) -> Result<Answer<200, SubscriptionView>, Problem> {
        let held = if body.is_empty {
            condition.check(holder.subscription.version)?;
            super::held(holder).await?
        } else {
            super::change(&self.app, &holder, &condition, body.value.checked()?).await?
        };
        Ok(Answer::of(&(&held).into()).version(held.version()))
    }

    /// End a subscription
    ///
    /// Nothing more is sent, and everything personal is deleted at once.
    #[oai(
        path = "/v1/villages/:village/subscriptions/:subscription",
        method = "delete",
        operation_id = "end_subscription"
    )]
    async fn end_subscription(
        &self,
        #[oai(name = "village")] holder: SubscriptionHolder,
        #[oai(name = "subscription")] _id: Item<String>,
    ) -> Result<Empty, Problem> {
        super::end(&self.app, &holder.here, holder.subscription.id).await?;
        Ok(Empty)
    }

    /// Confirm a mailbox
    ///
    /// For apps; the link in the mail leads to a page that does the same. Gives a new secret, once, to whoever has the mail: the one
    /// from before the confirmation is worth nothing any more.
    #[oai(path = "/v1/villages/:village/subscriptions/confirm", method = "post", operation_id = "confirm_subscription")]
    async fn confirm_subscription(
        &self,
        #[oai(name = "village")] here: InVillage,
        client: ClientAddress,
        body: Body<ConfirmBody>,
    ) -> Result<Answer<200, Confirmation>, Problem> {
        self.app.limits.subscription(client.0)?;
        let id = self.token(&here, Purpose::Confirm, &body.value.token)?;
        let secret = self.app.secrets.token();
        let secret = match super::confirm(&self.app, &here, id, &secret).await? {
            Confirmed::Now => Some(secret.text),
            Confirmed::Before => None,
            Confirmed::Nothing => return Err(Problem::not_found()),
        };
        Ok(Answer::of(&Confirmation { id: id.0, secret }))
    }

    /// The page behind the link in the confirmation mail
    ///
    /// Confirms nothing by itself: mail scanners follow links.
    #[oai(
        path = "/v1/villages/:village/subscriptions/confirm/:token",
        method = "get",
        operation_id = "show_confirmation_page"
    )]
    async fn show_confirmation_page(
        &self,
        #[oai(name = "village")] here: InVillage,
        token: Item<String>,
        language: Data<&Language>,
    ) -> Result<HtmlPage, Problem> {
        let matter = match self.token(&here, Purpose::Confirm, &token.0) {
            Ok(id) => super::question(&here, id).await?,
            Err(_) => Matter::Expired,
        };
        page(matter, &here.village.name, *language.0)
    }

    /// Confirm a mailbox on that page
    #[oai(
        path = "/v1/villages/:village/subscriptions/confirm/:token",
        method = "post",
        operation_id = "confirm_on_page"
    )]
    async fn confirm_on_page(
        &self,
        #[oai(name = "village")] here: InVillage,
        token: Item<String>,
        client: ClientAddress,
        language: Data<&Language>,
        _form: Form,
    ) -> Result<HtmlPage, Problem> {
        self.app.limits.subscription(client.0)?;
        let id = self.token(&here, Purpose::Confirm, &token.0)?;
        let secret = self.app.secrets.token_to_type();
        let matter = match super::confirm(&self.app, &here, id, &secret).await? {
            Confirmed::Now => Matter::Confirmed(secret.text),
            Confirmed::Before => Matter::ConfirmedBefore,
            Confirmed::Nothing => Matter::Expired,
        };
        page(matter, &here.village.name, *language.0)
    }

    /// The page behind the unsubscribe link
    ///
    /// Ends nothing by itself: mail scanners follow links.
    #[oai(path = "/v1/villages/:village/unsubscribe/:token", method = "get", operation_id = "show_unsubscribe_page")]
    async fn show_unsubscribe_page(
        &self,
        #[oai(name = "village")] here: InVillage,
        token: Item<String>,
        language: Data<&Language>,
    ) -> Result<HtmlPage, Problem> {
        self.token(&here, Purpose::Unsubscribe, &token.0)?;
        page(Matter::Leave, &here.village.name, *language.0)
    }

    /// Unsubscribe
    ///
    /// In one step (RFC 8058): mail clients post here, and so do the buttons of the page. Doing it again does no harm.
    #[oai(path = "/v1/villages/:village/unsubscribe/:token", method = "post", operation_id = "unsubscribe")]
    async fn unsubscribe(
        &self,
        #[oai(name = "village")] here: InVillage,
        token: Item<String>,
        /// What to be told of no more; without, the subscription ends.
        only: Query<Option<Only>>,
        client: ClientAddress,
        language: Data<&Language>,
        _form: Form,
    ) -> Result<HtmlPage, Problem> {
        self.app.limits.unsubscription(client.0)?;
        let id = self.token(&here, Purpose::Unsubscribe, &token.0)?;
        let (done, after) = match only.0 {
            None => (super::leave(&self.app, &here, id).await?, Matter::Left),
            Some(Only::Alerts) => (super::leave_alerts(&here, id).await?, Matter::WithoutAlerts),
        };
        page(if done { after } else { Matter::Gone }, &here.village.name, *language.0)
    }
}
