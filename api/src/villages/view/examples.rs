//! Examples, for the contract.

use super::{
    LogoBody, LogoView, MunicipalityBody, MunicipalityList, MunicipalityView, PositionView, VillageBody, VillageList,
    VillageView,
};
use poem_openapi::types::Example;
use uuid::uuid;

const KALLETAL: &str = "05766036";

impl Example for VillageView {
    fn example() -> Self {
        Self {
            slug: "luedenhausen".to_owned(),
            name: "Lüdenhausen".to_owned(),
            ags: KALLETAL.to_owned(),
            zone: "Europe/Berlin".to_owned(),
            language: "de".to_owned(),
            position: Some(PositionView::example()),
            logo: Some(LogoView::example()),
        }
    }
}

impl Example for LogoView {
    fn example() -> Self {
        let url = |rest: &str| format!("/v1/villages/luedenhausen/media/0b7d54e1c8f24a90b36e1f2d85a9c047{rest}");
        Self { url: url(".png"), thumbnail_url: url(".thumbnail.png"), alt: "Wappen von Lüdenhausen".to_owned() }
    }
}

impl Example for LogoBody {
    fn example() -> Self {
        Self { media: uuid!("019ab0ed-27c4-7f08-93b1-d5a60e74c182") }
    }
}

impl Example for PositionView {
    fn example() -> Self {
        Self { latitude: 52.0694, longitude: 8.9936 }
    }
}

impl Example for VillageList {
    fn example() -> Self {
        Self { items: vec![VillageView::example()], next_cursor: None }
    }
}

impl Example for MunicipalityView {
    fn example() -> Self {
        Self {
            id: uuid!("019ab0c8-11f0-7d43-b0a5-2e97c6d1f584"),
            name: "Kalletal".to_owned(),
            ags: KALLETAL.to_owned(),
        }
    }
}

impl Example for MunicipalityList {
    fn example() -> Self {
        Self { items: vec![MunicipalityView::example()], next_cursor: None }
    }
}

impl Example for MunicipalityBody {
    fn example() -> Self {
        Self { name: "Kalletal".to_owned(), ags: KALLETAL.to_owned() }
    }
}

impl Example for VillageBody {
    fn example() -> Self {
        Self {
            municipality: MunicipalityView::example().id,
            slug: "luedenhausen".to_owned(),
            name: "Lüdenhausen".to_owned(),
            ags: Some(KALLETAL.to_owned()),
            zone: Some("Europe/Berlin".to_owned()),
            language: Some("de".to_owned()),
            position: Some(PositionView::example()),
            sender_name: "Gemeinde Kalletal – Lüdenhausen".to_owned(),
            sender_address: "rathaus@kalletal.example".to_owned(),
        }
    }
}
