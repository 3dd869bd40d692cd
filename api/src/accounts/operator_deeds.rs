//! What an operator does to an account is seen in every village where the account belongs to the staff.

use crate::app::App;
use crate::authority::{self, Operator};
use crate::problem::Problem;
use entity::AccountId;

/// Refuses an operator without a second factor who acts on somebody of a village that asks its staff for one: whoever decides about
/// them must not come by a weaker door. Operators without one are there for trying out only.
///
/// # Errors
/// 403 then.
pub async fn must_be_strong_enough(app: &App, operator: &Operator, account: AccountId) -> Result<(), Problem> {
    if operator.session.second_factor {
        return Ok(());
    }
    let villages = app.database.registry().await?.villages_of_staff(account).await?;
    for village in villages {
        if app.database.village(village).read().await?.second_factor_rule().holds().await? {
            return Err(authority::without_second_factor());
        }
    }
    Ok(())
}
