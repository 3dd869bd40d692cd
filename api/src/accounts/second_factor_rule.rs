//! Whether a village's staff must have a second factor.

use crate::app::App;
use crate::authority::VillageAdmin;
use crate::problem::Problem;
use crate::text::Text;
use entity::Deed;

/// What a village asks of its staff.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A second factor.
    Required,
    /// A password.
    Optional,
}

impl From<bool> for Rule {
    fn from(required: bool) -> Self {
        if required { Self::Required } else { Self::Optional }
    }
}

/// Makes or lifts the rule. What changes nothing leaves no trace.
pub async fn set(app: &App, admin: &VillageAdmin, rule: Rule) -> Result<(), Problem> {
    if rule == Rule::Required && !admin.session.second_factor {
        return Err(Problem::conflict(Text::new(
            "Schalten Sie zuerst Ihren eigenen zweiten Faktor ein, sonst schließen Sie sich selbst aus.",
            "Switch on your own second factor first, or you would shut yourself out.",
        )));
    }
    let now = app.clock.now();
    let tx = admin.here.scope.begin().await?;
    let (changed, action) = match rule {
        Rule::Required => (tx.second_factor_rule().make(now).await?, "second_factor_rule.made"),
        Rule::Optional => (tx.second_factor_rule().lift().await?, "second_factor_rule.lifted"),
    };
    if changed {
        tx.audit().record(Deed::new(admin.session.account, action, admin.here.village.id.0), now).await?;
    }
    Ok(tx.commit().await?)
}
