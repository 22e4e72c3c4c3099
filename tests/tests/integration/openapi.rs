//! The OpenAPI document: served, of version 3.1, and the same as the program prints.

use std::collections::BTreeSet;

use serde_json::Value;
use tests::house::House;

/// Every operation of a document, as `GET /path`.
pub fn operations(document: &Value) -> Vec<(String, Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().cloned().unwrap_or_default();
            methods.into_iter().map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), operation))
        })
        .collect()
}

pub fn document() -> Value {
    serde_json::to_value(tenants::app::http::api_document()).expect("the document is JSON")
}

#[tokio::test]
async fn the_document_is_served_to_everybody() {
    let house = House::new().await;
    let served = house.anybody().get("/api/v1/openapi.json").await.expect(200);
    assert_eq!(served, document());
}

#[test]
fn the_document_is_of_version_3_1() {
    assert!(document()["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")), "{}", document()["openapi"]);
}

#[test]
fn every_operation_has_a_name_of_its_own() {
    let document = document();
    let operations = operations(&document);
    let names: BTreeSet<&str> = operations.iter().filter_map(|(_, operation)| operation["operationId"].as_str()).collect();
    assert_eq!(names.len(), operations.len());
    assert!(operations.len() > 25, "{}", operations.len());
    for (route, operation) in &operations {
        let responses = operation["responses"].as_object().cloned().unwrap_or_default();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{route} says nothing of success");
    }
}

/// Every `$ref` of the document leads somewhere in it.
#[test]
fn every_reference_leads_somewhere() {
    let document = document();
    let mut open = vec![&document];
    let mut followed = 0;
    while let Some(value) = open.pop() {
        match value {
            Value::Object(fields) => {
                if let Some(target) = fields.get("$ref").and_then(Value::as_str) {
                    followed += 1;
                    let pointer = target.trim_start_matches('#');
                    assert!(document.pointer(pointer).is_some(), "{target} leads nowhere");
                }
                open.extend(fields.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    assert!(followed > 20, "{followed}");
}
