//! `make bench-NAME`: runs one benchmark in release mode; `bench list` names them.

use std::process::ExitCode;

use tests::benches::{accept, case};
use tests::drills::{Outcome, Size, line_of};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let size = if words.iter().any(|word| word == "--short") { Size::Short } else { Size::Full };
    let system = actix_web::rt::System::new();
    let outcome: anyhow::Result<Outcome> = match words.first().map(String::as_str) {
        Some("accept") => system.block_on(accept::run(size)),
        Some("case") => system.block_on(case::run(size)),
        _ => {
            println!("make bench-accept   accepting a case against pgbench with the same statements");
            println!("make bench-case     processor time of a case from filing to completion");
            return ExitCode::SUCCESS;
        }
    };
    match outcome {
        Ok(outcome) => {
            println!("{}", line_of(&outcome.figures));
            if outcome.passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}
