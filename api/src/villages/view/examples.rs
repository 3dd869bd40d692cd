//! Examples, for the contract.

use super::{
    MunicipalityBody, MunicipalityList, MunicipalityView, PositionView, VillageBody, VillageList, VillageView,
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
        }
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
