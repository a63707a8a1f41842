//! `Agreement`: a JSON Schema and the reader of the same format take the same documents.

use serde_json::Value;

/// A JSON Schema, and the reader of the same format.
pub(crate) struct Agreement {
    /// The text of the schema.
    pub(crate) schema: &'static str,
    /// Reads a document, and says why it is refused.
    pub(crate) read: fn(&[u8]) -> Result<(), String>,
    /// What a refusal of the reader begins with.
    pub(crate) begins: &'static str,
}

/// In a table of breakages: the value is taken away.
pub(crate) const MISSING: &str = "MISSING";

impl Agreement {
    /// The schema.
    pub(crate) fn schema(&self) -> Value {
        serde_json::from_str(self.schema).unwrap()
    }

    /// What the schema says against a document, and what the reader does.
    pub(crate) fn refusals(&self, document: &Value) -> (Vec<String>, Option<String>) {
        let validator = jsonschema::draft202012::new(&self.schema()).unwrap();
        let by_schema = validator.iter_errors(document).map(|error| error.to_string()).collect();
        (by_schema, (self.read)(document.to_string().as_bytes()).err())
    }

    /// That both take a document.
    #[track_caller]
    pub(crate) fn assert_valid(&self, document: &Value, what: &str) {
        assert_eq!(self.refusals(document), (Vec::new(), None), "{what}");
    }

    /// That both refuse a valid document in which one value, by its JSON pointer, is another one or is [`MISSING`].
    #[track_caller]
    pub(crate) fn assert_broken(&self, valid: &Value, pointer: &str, value: &Value) {
        let mut broken = valid.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        if value == MISSING {
            broken.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name).unwrap();
        } else {
            *broken.pointer_mut(pointer).unwrap() = value.clone();
        }
        let (by_schema, by_reader) = self.refusals(&broken);
        assert!(
            !by_schema.is_empty(),
            "{pointer} {value}: the schema takes it; the reader says {by_reader:?}"
        );
        let by_reader = by_reader.unwrap_or_else(|| panic!("{pointer} {value}: the reader takes it"));
        assert!(by_reader.starts_with(self.begins), "{by_reader}");
    }

    /// That every property of a document that was written is in the schema.
    #[track_caller]
    pub(crate) fn assert_known(&self, written: &Value) {
        let schema = self.schema();
        known("document", written, &schema, &schema);
    }
}

#[track_caller]
fn known(at: &str, written: &Value, schema: &Value, root: &Value) {
    let schema = match (schema["$ref"].as_str(), schema["anyOf"][0]["$ref"].as_str()) {
        (Some(name), _) | (_, Some(name)) => root.pointer(&name[1..]).unwrap(),
        _ => schema,
    };
    for (name, value) in written.as_object().into_iter().flatten() {
        let property = &schema["properties"][name];
        let property = if property.is_null() { &schema["additionalProperties"] } else { property };
        assert!(!property.is_null(), "{at}.{name} is not in the schema");
        known(&format!("{at}.{name}"), value, property, root);
    }
    for value in written.as_array().into_iter().flatten() {
        known(&format!("{at}[]"), value, &schema["items"], root);
    }
}
