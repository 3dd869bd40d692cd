//! Every story is told twice: on SQLite and, where there is a server, on PostgreSQL.

/// Declares stories: `async fn name(on: Backend) { … }`, each of which becomes a test in `sqlite` and one in `postgres`.
#[macro_export]
macro_rules! stories {
    ($($(#[doc = $doc:literal])* async fn $name:ident($on:ident: $backend:ty) $body:block)*) => {
        $($(#[doc = $doc])* async fn $name($on: $backend) $body)*

        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name($crate::kit::Backend::Sqlite).await;
            })*
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if $crate::kit::Backend::has_postgres() {
                    super::$name($crate::kit::Backend::Postgres).await;
                }
            })*
        }
    };
}
