//! Which methods each address offers, as the contract has it: a 405 must say so (RFC 9110, section 15.5.6).

use serde_json::Value;

/// The methods of every path of the contract.
#[derive(Default)]
pub struct Offers(Vec<(Vec<String>, String)>);

impl Offers {
    /// Reads them from the contract's JSON.
    pub fn of(contract: &str) -> Self {
        let contract: Value = serde_json::from_str(contract).unwrap_or_default();
        let paths = contract["paths"].as_object().into_iter().flatten();
        let offers = paths.map(|(path, operations)| {
            let methods = operations.as_object().into_iter().flatten().map(|(method, _)| method.to_uppercase());
            (path.split('/').map(str::to_owned).collect(), methods.collect::<Vec<_>>().join(", "))
        });
        Self(offers.collect())
    }

    /// The methods offered at a path, as the `Allow` header lists them.
    pub fn at(&self, path: &str) -> Option<String> {
        let asked: Vec<&str> = path.split('/').collect();
        let fits = |template: &[String]| {
            template.len() == asked.len()
                && template.iter().zip(&asked).all(|(part, asked)| part.starts_with('{') || part == asked)
        };
        let offers: Vec<&str> =
            self.0.iter().filter(|(template, _)| fits(template)).map(|(_, methods)| methods.as_str()).collect();
        (!offers.is_empty()).then(|| offers.join(", "))
    }
}
