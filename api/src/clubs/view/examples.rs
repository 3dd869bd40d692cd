//! Examples, for the contract.

use super::{Category, ClubApplicationBody, ClubList, ClubLogoView, ClubTokenBody, ClubView};
use poem_openapi::types::Example;

impl Example for ClubView {
    fn example() -> Self {
        Self {
            slug: "gesangverein".to_owned(),
            name: "Gesangverein Lüdenhausen".to_owned(),
            category: Category::Culture,
            description_markdown: "Wir singen **vierstimmig**.".to_owned(),
            description_html: "<p>Wir singen <strong>vierstimmig</strong>.</p>\n".to_owned(),
            meeting_times: Some("Donnerstags um 19:30 Uhr im Dorfgemeinschaftshaus".to_owned()),
            contact_name: Some("Clara Beispiel".to_owned()),
            contact_email: Some("vorstand@gesangverein.example".to_owned()),
            contact_phone: Some("05264 12345".to_owned()),
            website: Some("https://gesangverein.example/".to_owned()),
            logo: Some(ClubLogoView::example()),
        }
    }
}

impl Example for ClubLogoView {
    fn example() -> Self {
        let name = "/v1/villages/luedenhausen/media/5c1e0f7a9b3d42688e17a4c05d92f6b3";
        Self {
            url: format!("{name}.full.png"),
            thumbnail_url: format!("{name}.thumbnail.png"),
            alt: "Eine Lyra auf grünem Grund".to_owned(),
        }
    }
}

impl Example for ClubList {
    fn example() -> Self {
        Self { items: vec![ClubView::example()], next_cursor: None }
    }
}

impl Example for ClubApplicationBody {
    fn example() -> Self {
        Self {
            name: "Heimatverein Lüdenhausen".to_owned(),
            category: Category::Heritage,
            description_markdown: "Wir pflegen die Wege und das Backhaus.".to_owned(),
            contact_name: "Dieter Beispiel".to_owned(),
            contact_email: "dieter@heimatverein.example".to_owned(),
        }
    }
}

impl Example for ClubTokenBody {
    fn example() -> Self {
        Self { token: "AZqxCtJcfJCh2Gs_BcTieR8hYpZ0wN6d".to_owned() }
    }
}
