//! demo
pub mod device;
/// demo
pub async fn run(_settings: crate::config::Settings, _once: bool) -> anyhow::Result<()> {
    Ok(())
}
