//! The program; everything it does is in the library.

fn main() -> std::process::ExitCode {
    tenants::app::cli::main()
}
