//! Health: whether the process lives, and whether it can do its work.

mod routes;

pub use routes::HealthRoutes;
