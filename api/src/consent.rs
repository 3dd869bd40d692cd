//! What residents agree to when they subscribe, word by word. `docs/consent.md` keeps every version there ever was; a test
//! compares it with this one.

use crate::text::Text;

/// The version of [`text`]: the day it began to be shown. Words that change get a new one.
pub const VERSION: &str = "2026-11-28";

/// The words of the consent.
pub fn text() -> Text {
    Text::new(
        "Ich möchte Nachrichten aus diesem Dorf erhalten und willige ein, dass die Gemeinde dafür meine E-Mail-Adresse oder die \
         Push-Adresse meines Geräts speichert. Niemand sonst erhält sie, und was ich lese, wird nicht gespeichert. Vor \
         Gefahren werde ich gewarnt, was auch immer ich bestelle; diese Warnungen kann ich eigens abbestellen. Ich kann diese \
         Einwilligung jederzeit widerrufen; dann werden die Daten sofort gelöscht.",
        "I want to receive news of this village, and I agree that the municipality stores my e-mail address or the push address of \
         my device for that. Nobody else receives it, and what I read is not recorded. I am warned of danger whatever I follow; \
         these alerts I can switch off by themselves. I can withdraw this consent at any time; the data is then deleted at once.",
    )
}
