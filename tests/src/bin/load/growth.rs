//! Reading the feed, cold, as data grows: each page is asked for once, so that it comes from the database.

use crate::Plan;
use crate::feed::{Installation, install};
use crate::report::{Goal, Report, median};
use crate::rows::slug;
use crate::wire::{Wire, get};
use serde_json::json;
use std::time::Instant;

/// Cold pages of one database.
struct Pages {
    wire: Wire,
    requests: std::vec::IntoIter<Vec<u8>>,
    took_us: Vec<f64>,
}

impl Pages {
    /// Walks through the feed of one village, `step` posts at a time, and keeps where it was: the pages of 20 that begin
    /// there have not been asked for yet.
    fn of(installation: &Installation, village: u32, step: u32, count: usize) -> Self {
        let mut wire = Wire::open(&installation.server.address);
        let path = format!("/v1/villages/{}/feed", slug(village));
        let mut requests = Vec::new();
        let mut next = String::new();
        while requests.len() < count {
            let page = wire.ask(&get(&format!("{path}?limit={step}{next}"), "identity")).json();
            let cursor = page["next_cursor"].as_str().expect("enough posts");
            next = format!("&cursor={cursor}");
            requests.push(get(&format!("{path}?limit=20{next}"), "identity"));
        }
        Self { wire, requests: requests.into_iter(), took_us: Vec::new() }
    }

    fn ask(&mut self) {
        if let Some(request) = self.requests.next() {
            let begin = Instant::now();
            let reply = self.wire.ask(&request);
            self.took_us.push(begin.elapsed().as_secs_f64() * 1e6);
            debug_assert!(reply.body.len() > 1000);
        }
    }
}

/// Holds larger databases against a small one.
pub fn measure(plan: &Plan, wide: &Installation, report: &mut Report) {
    let small = install(plan, 1, |rows| rows.posts(0, plan.posts));
    let many = install(plan, 1, |rows| rows.posts(0, plan.many_posts));
    let step = (plan.many_posts / plan.posts).min(100);
    let mut pages = [
        Pages::of(&small, 0, 1, plan.pages),
        Pages::of(&many, 0, step, plan.pages),
        Pages::of(wide, plan.villages / 2, 1, plan.pages),
    ];
    // In turn, so that whatever else the machine does meanwhile is shared.
    for _ in 0..plan.pages {
        pages.iter_mut().for_each(Pages::ask);
    }
    let [small, many, wide] = pages.map(|pages| median(pages.took_us));
    report.compare("growth: cold page µs, many posts", many, small, many / small, Goal::AtMost(1.1));
    report.compare("growth: cold page µs, many villages", wide, small, wide / small, Goal::AtMost(1.1));
    report.note("growth", json!({
        "small_posts": plan.posts, "many_posts": plan.many_posts, "many_villages": plan.villages, "pages": plan.pages,
        "small_us": small, "many_posts_us": many, "many_villages_us": wide,
    }));
}
