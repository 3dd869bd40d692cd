//! What each address offers, as the contract has it: a 405 must name the methods (RFC 9110, section 15.5.6), and the log names
//! the operation of a request that was refused before it began.

use serde_json::Value;

/// The operations of every path of the contract.
#[derive(Default)]
pub struct Offers(Vec<Offer>);

/// One path, and its operations as pairs of method and identifier.
struct Offer {
    template: Vec<String>,
    operations: Vec<(String, String)>,
}

impl Offers {
    /// Reads them from the contract's JSON.
    pub fn of(contract: &str) -> Self {
        let contract: Value = serde_json::from_str(contract).unwrap_or_default();
        let paths = contract["paths"].as_object().into_iter().flatten();
        let mut offers: Vec<Offer> = paths
            .map(|(path, operations)| Offer {
                template: path.split('/').map(str::to_owned).collect(),
                operations: operations
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(method, operation)| {
                        (method.to_uppercase(), operation["operationId"].as_str().unwrap_or("-").to_owned())
                    })
                    .collect(),
            })
            .collect();
        // A path that says a part goes before one that takes any, as in routing.
        offers.sort_by_key(|offer| offer.template.iter().filter(|part| part.starts_with('{')).count());
        Self(offers)
    }

    /// The methods offered at a path, as the `Allow` header lists them.
    pub fn at(&self, path: &str) -> Option<String> {
        let methods: Vec<&str> =
            self.fitting(path).flat_map(|offer| &offer.operations).map(|(method, _)| method.as_str()).collect();
        (!methods.is_empty()).then(|| methods.join(", "))
    }

    /// The operation that a request is for.
    pub fn operation(&self, method: &str, path: &str) -> Option<&str> {
        let mut operations = self.fitting(path).flat_map(|offer| &offer.operations);
        operations.find(|(offered, _)| offered == method).map(|(_, operation)| operation.as_str())
    }

    fn fitting(&self, path: &str) -> impl Iterator<Item = &Offer> {
        let asked: Vec<&str> = path.split('/').collect();
        self.0.iter().filter(move |offer| {
            let parts = offer.template.iter().zip(&asked);
            offer.template.len() == asked.len()
                && parts.into_iter().all(|(part, asked)| part.starts_with('{') || part == asked)
        })
    }
}
