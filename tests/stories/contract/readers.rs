//! Who reads the contract, and what is held against it: readers of YAML 1.1, of JSON, and the kit, for every answer that it sees.

use crate::contract::operations;
use reqwest::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use tests::kit::{Backend, Dorf, Reply, Shapes, contract, contract_faults, contract_text};
use tests::stories;

/// The plain scalars of a YAML text: what stands unquoted on a line, as a name or as a value. Texts over several lines are left out.
fn plain_scalars(yaml: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut text_below = None;
    for line in yaml.lines() {
        let indent = line.len() - line.trim_start().len();
        if text_below.is_some_and(|above| line.trim().is_empty() || indent > above) {
            continue;
        }
        text_below = None;
        let mut line = line.trim_start();
        while let Some(item) = line.strip_prefix("- ") {
            line = item;
        }
        if line.starts_with(['\'', '"', '#']) && !line.contains("': ") {
            continue;
        }
        let (name, value) =
            line.split_once(": ").or(line.strip_suffix(':').map(|name| (name, ""))).unwrap_or(("", line));
        if value.starts_with(['|', '>']) {
            text_below = Some(indent);
            found.push(name);
        } else {
            found.extend(
                [name, value].into_iter().filter(|scalar| !scalar.is_empty() && !scalar.starts_with(['\'', '"'])),
            );
        }
    }
    found
}

/// Whether YAML 1.1 takes a plain scalar for a boolean, a number or a time (yaml.org/type).
fn is_no_text_in_yaml_1_1(scalar: &str) -> bool {
    let booleans = ["y", "n", "yes", "no", "on", "off", "true", "false"];
    let digits = scalar.trim_start_matches(['+', '-']);
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || matches!(c, '_' | ':' | '.'));
    let day = scalar.get(..10).is_some_and(|day| {
        day.len() == 10
            && day
                .bytes()
                .enumerate()
                .all(|(at, byte)| if [4, 7].contains(&at) { byte == b'-' } else { byte.is_ascii_digit() })
    });
    booleans.iter().any(|boolean| scalar.eq_ignore_ascii_case(boolean))
        || ["~", "null"].contains(&scalar)
        || numeric
        || day && scalar[10..].chars().all(|c| c.is_ascii_digit() || " tTzZ:.+-".contains(c))
}

#[test]
fn readers_of_yaml_1_1_read_in_the_contract_what_others_read() {
    for (scalar, misread) in [("off", true), ("No", true), ("18:30", true), ("2026-12-06", true), ("offen", false)] {
        assert_eq!(is_no_text_in_yaml_1_1(scalar), misread, "{scalar}");
    }
    let yaml = contract_text();
    let scalars = plain_scalars(&yaml);
    assert!(scalars.len() > 10_000 && scalars.contains(&"get_feed"), "{} scalars", scalars.len());
    let misread = scalars.into_iter().filter(|scalar| is_no_text_in_yaml_1_1(scalar)).filter(|scalar| {
        let read: Value = serde_yaml_ng::from_str(scalar).expect("a scalar");
        read.is_string()
    });
    assert_eq!(misread.collect::<Vec<_>>(), [""; 0], "to be quoted");
    assert!(yaml.contains("- 'off'\n"), "a club that is switched off");
}

#[test]
fn a_body_says_that_it_holds_nothing_else_and_declares_no_defaults() {
    let contract = contract();
    let shapes = Shapes::of(contract);
    let mut loose = Vec::new();
    for (name, operation) in operations(contract) {
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        let mut asked = parts(&shapes, &name, body);
        loose.extend(
            asked
                .iter()
                .filter(|(_, about)| !about["default"].is_null())
                .map(|(place, _)| format!("{place}: a default")),
        );
        let parameters = operation["parameters"].as_array().into_iter().flatten().map(|it| shapes.resolve(it));
        for parameter in parameters.filter(|parameter| parameter["in"] == "query") {
            asked.extend(parts(&shapes, &format!("{name}?{}", parameter["name"]), &parameter["schema"]));
        }
        loose.extend(
            asked.iter().filter(|(_, about)| is_loose(about)).map(|(place, about)| format!("{place}: {about}")),
        );
    }
    assert_eq!(loose, [""; 0]);
}

/// Everything that a schema is made of, itself first, each with its place below `place`.
fn parts<'a>(shapes: &Shapes<'a>, place: &str, schema: &'a Value) -> Vec<(String, &'a Value)> {
    let schema = shapes.resolve(schema);
    let mut found = vec![(place.to_owned(), schema)];
    let below = |place: String, part: &'a Value| parts(shapes, &place, part);
    for part in ["allOf", "oneOf", "anyOf"].iter().filter_map(|name| schema[name].as_array()).flatten() {
        found.extend(below(place.to_owned(), part));
    }
    for (field, about) in schema["properties"].as_object().into_iter().flatten() {
        found.extend(below(format!("{place}/{field}"), about));
    }
    if let Some(items) = schema.get("items") {
        found.extend(below(format!("{place}/*"), items));
    }
    found
}

/// Whether a body may be of any size by this schema, or hold what nobody reads.
fn is_loose(about: &Value) -> bool {
    let one_of_some = !about["enum"].is_null() || !about["x-extensible-enum"].is_null();
    match about["type"].as_str() {
        Some("string") => !one_of_some && about["format"].is_null() && about["maxLength"].is_null(),
        Some("integer" | "number") => !one_of_some && about["minimum"].is_null(),
        Some("array") => about["maxItems"].is_null(),
        Some("object") => about["additionalProperties"] != false,
        _ => false,
    }
}

#[test]
fn what_answers_may_say_one_day_is_left_open() {
    let contract = contract();
    let shapes = Shapes::of(contract);
    let state = &contract["components"]["schemas"]["ClubState"];
    assert_eq!(state["type"], "string");
    assert!(state["enum"].is_null(), "{state}");
    assert!(state["x-extensible-enum"].as_array().expect("values").contains(&json!("off")), "{state}");
    assert_eq!(shapes.faults("", state, &json!("gone")).len(), 1, "the kit knows what is said today");
    let description = contract["info"]["description"].as_str().expect("a description");
    assert!(description.contains("x-extensible-enum") && description.contains("PATCH"), "{description}");
}

#[test]
fn conditions_languages_and_parts_are_declared_where_they_are_understood() {
    let contract = contract();
    let shapes = Shapes::of(contract);
    for (name, operation) in operations(contract) {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let taken: Vec<&str> = parameters.filter_map(|it| shapes.resolve(it)["name"].as_str()).collect();
        let answers = |status: &str| !operation["responses"][status].is_null();
        assert_eq!(taken.contains(&"If-None-Match"), answers("304"), "{name}");
        assert_eq!(taken.contains(&"Range"), answers("206"), "{name}");
        assert_eq!(taken.contains(&"Accept-Language"), name.contains(" /v1/"), "{name}");
    }
}

/// An answer that nobody sent.
fn reply(status: u16, headers: &[(&'static str, &str)], body: &Value) -> Reply {
    let headers = headers
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a value")));
    Reply { status, headers: headers.collect(), body: body.to_string().into_bytes() }
}

stories! {
    async fn the_kit_sees_every_answer_that_the_contract_does_not_know(on: Backend) {
        let dorf = Dorf::start(on).await;
        let village = dorf.village("luedenhausen").await;
        let path = "/v1/villages/luedenhausen";
        let true_one = dorf.ask("GET", path).send().await.expect(200).json();
        assert_eq!(village.slug, true_one["slug"]);
        let json = ("content-type", "application/json");
        assert_eq!(contract_faults("GET", path, &reply(200, &[json], &true_one)).await, [""; 0]);
        let mut without = true_one.clone();
        without.as_object_mut().expect("an object").remove("name");
        let mut with = true_one.clone();
        with["mayor"] = json!("Anna");
        let mut with_number = true_one.clone();
        with_number["name"] = json!(7);
        let faults = [
            (reply(200, &[json], &without), "/name: is missing"),
            (reply(200, &[json], &with), "/mayor: is not of it"),
            (reply(200, &[json], &with_number), "/name: 7 is no text"),
            (reply(418, &[json], &true_one), "the media type application/json"),
            (reply(201, &[json], &true_one), "the status"),
            (reply(200, &[("content-type", "text/plain")], &true_one), "the media type text/plain"),
            (reply(200, &[json, ("location", "/")], &true_one), "header location: /"),
        ];
        for (reply, fault) in faults {
            assert_eq!(contract_faults("GET", path, &reply).await, [fault]);
        }
        let refused = reply(404, &[("content-type", "text/plain")], &json!("nothing here"));
        assert_eq!(contract_faults("GET", "/nowhere", &refused).await, ["the media type text/plain"]);
    }

    async fn the_contract_is_served_packed_with_a_tag_and_as_json_too(on: Backend) {
        let dorf = Dorf::start(on).await;
        let json = dorf.ask("GET", "/openapi.json").send().await.expect(200);
        assert_eq!(json.header("content-type"), "application/json");
        assert!(json.json() == *contract(), "the same contract in both spellings");
        let yaml = dorf.ask("GET", "/openapi.yaml").send().await.expect(200);
        assert_eq!(yaml.header("content-type"), "application/yaml");
        for path in ["/openapi.json", "/openapi.yaml", "/docs"] {
            let plain = dorf.ask("GET", path).send().await.expect(200);
            let packed = dorf.ask("GET", path).header("accept-encoding", "br").send().await.expect(200);
            assert_eq!(packed.header("content-encoding"), "br", "{path}");
            assert!(packed.body.len() * 3 < plain.body.len(), "{path}: {} of {}", packed.body.len(), plain.body.len());
            let again = dorf.ask("GET", path).header("if-none-match", &plain.header("etag")).send().await;
            assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
        }
        let policy = dorf.ask("GET", "/docs").send().await.expect(200).header("content-security-policy");
        assert!(policy.contains("script-src 'unsafe-inline'"), "{policy}");
    }
}
