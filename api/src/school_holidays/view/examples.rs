//! Examples, for the contract.

use super::{HolidayView, LandHolidaysBody, LandHolidaysView};
use crate::holidays::HolidayName;
use poem_openapi::types::Example;

impl Example for HolidayView {
    fn example() -> Self {
        Self { name: HolidayName::Summer, first: "2027-07-19".to_owned(), last: "2027-08-31".to_owned() }
    }
}

impl Example for LandHolidaysBody {
    fn example() -> Self {
        Self { periods: vec![HolidayView::example()] }
    }
}

impl Example for LandHolidaysView {
    fn example() -> Self {
        Self { land: Some("DE-NW".to_owned()), periods: vec![HolidayView::example()], version: 1 }
    }
}
