//! `make drill-NAME`: runs one drill; `drill list` names them.

use std::process::ExitCode;

use tests::drills::{DRILLS, Size, line_of};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let size = if words.iter().any(|word| word == "--short") { Size::Short } else { Size::Full };
    match words.first().map(String::as_str) {
        None | Some("list") => {
            for drill in DRILLS {
                println!("make drill-{:<14} {}", drill.name, drill.line);
            }
            ExitCode::SUCCESS
        }
        Some(name) => match DRILLS.iter().find(|drill| drill.name == name) {
            None => {
                eprintln!("there is no drill {name}; `make drills` lists them");
                ExitCode::FAILURE
            }
            Some(drill) => match actix_web::rt::System::new().block_on((drill.run)(size)) {
                Ok(outcome) => {
                    println!("{}", line_of(&outcome.figures));
                    if outcome.passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
                }
                Err(error) => {
                    eprintln!("drill {name}: {error:#}");
                    ExitCode::FAILURE
                }
            },
        },
    }
}
