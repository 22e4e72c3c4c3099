//! The program itself, as an operator meets it. Having this test, cargo also builds the program whenever the workspace is tested, which the drills
//! start as child processes.

use std::process::{Command, Output};

fn zhengtong(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zhengtong")).args(arguments).env_clear().output().expect("the program starts")
}

#[test]
fn it_prints_its_interface() {
    let output = zhengtong(&["openapi"]);
    assert!(output.status.success());
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON on standard output");
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/api/v1/cases/{case_id}/actions/accept"].is_object());
}

#[test]
fn without_settings_it_names_each_that_is_missing() {
    let output = zhengtong(&["verify"]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    for name in ["ZT_DATABASE_URL", "ZT_REDIS_URL", "ZT_S3_ENDPOINT", "ZT_DATA_KEY"] {
        assert!(said.contains(name), "{name} is not named in: {said}");
    }
}
