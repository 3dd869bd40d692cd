//! Invitations to the staff, and links to a second factor.

use super::things::link_in_mail;
use serde_json::{Value, json};
use tests::kit::{PASSWORD, VillageKit, authenticator};

/// What waits in mails to people who are to belong to the staff, or have lost something. Made for each call that needs it.
#[derive(Default)]
pub struct StaffLinks {
    /// An invitation to the village's staff, and the token of its link.
    pub invitation: String,
    pub invitation_link: String,
    /// One to edit for the municipality.
    pub municipality_invitation: String,
    pub municipality_invitation_link: String,
    /// The token of a link to a second factor.
    pub factor_link: String,
}

/// Invitations to the staff, and a link to a second factor.
pub async fn staff_links(village: &VillageKit<'_>, n: usize) -> StaffLinks {
    let guest = format!("gast{n}@{}.example", village.slug);
    let ask = village.staff("POST", "/editors").bearer(&village.admin).json(&json!({"email": guest}));
    let invitation = ask.send().await.expect(201).str("invitation");
    let (municipality_invitation, municipal_guest) = invited_to_municipality(village, n).await;
    let robbed = robbed_of_second_factor(village, n).await;
    village.dorf.work_off().await;
    StaffLinks {
        invitation,
        invitation_link: link_in_mail(village.dorf, &guest),
        municipality_invitation,
        municipality_invitation_link: link_in_mail(village.dorf, &municipal_guest),
        factor_link: link_in_mail(village.dorf, &robbed),
    }
}

/// An invitation to edit for the municipality, and its address. There is one municipality: elsewhere it is one that nobody made.
async fn invited_to_municipality(village: &VillageKit<'_>, n: usize) -> (String, String) {
    let dorf = village.dorf;
    let address = format!("gast{n}-{}@kalletal.example", village.slug);
    let path = format!("/v1/operator/municipalities/{}/editors", dorf.municipality().await);
    let ask = dorf.ask("POST", &path).bearer(dorf.operator().await).json(&json!({"email": address}));
    let invitation = ask.send().await.expect(201).str("invitation");
    let invitation = if village.slug == "here" { invitation } else { uuid::Uuid::now_v7().to_string() };
    (invitation, address)
}

/// The address of somebody whose second factor was taken away.
async fn robbed_of_second_factor(village: &VillageKit<'_>, n: usize) -> String {
    let dorf = village.dorf;
    let name = format!("ohne{n}");
    let (account, token) = village.staffed(&name, json!({})).await;
    let post = async |path: &str, body: Value| {
        dorf.ask("POST", &format!("/v1/admin/me/second-factor{path}")).bearer(&token).json(&body).send().await
    };
    let secret = post("", json!({"password": PASSWORD})).await.expect(201).str("secret");
    let code = authenticator::code(&secret, dorf.clock.now());
    post("/confirm", json!({"code": code})).await.expect(200);
    let path = format!("/v1/operator/accounts/{account}/second-factor");
    dorf.ask("DELETE", &path).bearer(dorf.operator().await).send().await.expect(204);
    format!("{name}@{}.example", village.slug)
}
